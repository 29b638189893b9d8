#!/usr/bin/perl
# Fills a fresh Request Tracker through its own library and prints the token of the user that the connector acts as.
use strict;
use warnings;
use lib '/usr/local/share/request-tracker5/lib', '/usr/share/request-tracker5/lib';
use RT -init;
use RT::Date;

my $tickets = shift // 260;
$| = 1;

# The methods of RT answer with a value and a sentence; a seed that half worked would prove nothing.
sub made {
    my ($object, $what, @arguments) = @_;
    my ($ok, @sentences) = $object->Create(@arguments);
    die "$what: @sentences\n" unless $ok;
    return $object;
}
sub done {
    my ($what, $ok, $sentence) = @_;
    die "$what: " . ($sentence // 'failed') . "\n" unless $ok;
}
my $system = RT->SystemUser;

# Nothing is lost that could not be made again, so the disk need not be waited for.
$RT::Handle->dbh->do('PRAGMA synchronous = OFF');
$RT::Handle->BeginTransaction;

# Queues: two with the default lifecycle, one with another, one that is out of use.
my @queues = map { made(RT::Queue->new($system), "queue $_->[0]", Name => $_->[0], Lifecycle => $_->[1]) }
    (['Support', 'default'], ['On-site visits', 'default'], ['Projects', 'projects']);
my $closed = made(RT::Queue->new($system), 'queue Closed', Name => 'Closed desk');
done('disabling a queue', $closed->SetDisabled(1));

# The customer a ticket is for, and the reference of another system.
my $customer = made(
    RT::CustomField->new($system), 'field Customer', Name => 'Customer', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket');
done('applying Customer', $customer->AddToObject(RT::Queue->new($system)));
my @companies = ('Miller & Sons', "O'Neil Dental", 'Bäckerei Groß', map { sprintf 'Customer %03d', $_ } 1 .. 117);
for my $company (@companies) { done("customer $company", $customer->AddValue(Name => $company)) }
my $reference = made(
    RT::CustomField->new($system), 'field PSA reference', Name => 'PSA reference', Type => 'FreeformSingle',
    LookupType => 'RT::Queue-RT::Ticket');
done('applying PSA reference', $reference->AddToObject(RT::Queue->new($system)));

# A queue that demands more: fields of each kind of RT, one of them mandatory by its pattern.
my $service = made(RT::Queue->new($system), 'queue Service requests', Name => 'Service requests', Lifecycle => 'default');
for my $field (
    { Name => 'Cause', Type => 'FreeformSingle', Pattern => '(?#Mandatory).', EntryHint => 'What it is about' },
    { Name => 'Device', Type => 'SelectSingle', values => ['Laptop', 'Drucker & Scanner', '<b>Phone</b>'] },
    { Name => 'Areas', Type => 'SelectMultiple', values => ['Office', 'Küche', 'Lager'] },
    { Name => 'Needed by', Type => 'DateSingle' },
    { Name => 'Outage since', Type => 'DateTimeSingle' },
    { Name => 'Remarks', Type => 'TextSingle' },
    { Name => 'Guide', Type => 'WikitextSingle' },
    { Name => 'Room', Type => 'ComboboxSingle', values => ['101', '102'] },
    { Name => 'Vendor', Type => 'AutocompleteSingle', values => ['Acme', 'Globex'] },
    { Name => 'Inventory number', Type => 'FreeformSingle', Pattern => '^$|^INV-[0-9]+$', queue => $queues[2] },
    { Name => 'Photo', Type => 'ImageSingle' },
) {
    my $values = delete $field->{values} // [];
    my $queue = delete $field->{queue} // $service;
    my $made = made(RT::CustomField->new($system), "field $field->{Name}", %$field, LookupType => 'RT::Queue-RT::Ticket');
    done("applying $field->{Name}", $made->AddToObject($queue));
    for my $value (@$values) { done("value $value", $made->AddValue(Name => $value)) }
}

# People: customers' staff, who may not log in, and our own.
my @people;
for my $number (1 .. 230) {
    push @people, made(
        RT::User->new($system), "user $number", Name => "person$number\@example.com", EmailAddress => "person$number\@example.com",
        RealName => $number == 1 ? 'Jörg Müller' : "Person $number", Organization => $companies[$number % @companies],
        WorkPhone => "+43 1 555 $number", Privileged => 0);
}
done('disabling a person', $people[4]->SetDisabled(1));
my @agents = map {
    made(
        RT::User->new($system), "agent $_", Name => lc $_, EmailAddress => lc($_) . '@provider.example', RealName => "$_ Provider",
        Privileged => 1)
} qw(Anna Bert);

# The group of the connector's user has what the connector needs and no more; see the README beside the connector.
my $group = RT::Group->new($system);
done('group', $group->CreateUserDefinedGroup(Name => 'PSA connector'));
my $user = made(
    RT::User->new($system), 'user psa-connector', Name => 'psa-connector', EmailAddress => 'psa@provider.example', Privileged => 1);
done('membership', $group->AddMember($user->PrincipalId));
done("right AdminUsers", $group->PrincipalObj->GrantRight(Right => 'AdminUsers', Object => RT->System));
done("right $_", $group->PrincipalObj->GrantRight(Right => $_, Object => RT->System))
    for qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ReplyToTicket ModifyTicket SeeCustomField ModifyCustomField SeeGroup);
# For the agents to be made owners.
my $privileged = RT::Group->new($system);
$privileged->LoadSystemInternalGroup('Privileged');
done("right OwnTicket", $privileged->PrincipalObj->GrantRight(Right => "OwnTicket", Object => RT->System));

# A user with no rights at all.
my $stranger = made(
    RT::User->new($system), 'user stranger', Name => 'stranger', EmailAddress => 'stranger@provider.example', Privileged => 1);

# RT's own group of staff is not shown by REST 2.0; this one has the same members.
my $staff = RT::Group->new($system);
done('group', $staff->CreateUserDefinedGroup(Name => 'Staff'));
my $members = $privileged->UserMembersObj(Recursively => 0);
while (my $member = $members->Next) { done('member ' . $member->Name, $staff->AddMember($member->PrincipalId)) }

for my $number (1 .. $tickets) {
    my $queue = $queues[$number % @queues];
    my $ticket = made(
        RT::Ticket->new($system), "ticket $number", Queue => $queue->id, Subject => $number == 1 ? 'Drucker brennt – dringend' : "Ticket $number",
        Requestor => [$people[$number % @people]->id], Owner => $number % 4 ? RT->Nobody->id : $agents[$number / 4 % @agents]->id,
        Priority => $number % 101, 'CustomField-' . $customer->id => $companies[$number % @companies],
        $number % 50 ? () : (Due => '2026-12-24 12:00:00'),
        # Scrips, with their mail, are what takes long; one ticket with a history is enough.
        _RecordTransaction => $number == 1);
    if ($number % 40 == 0 and $queue->Lifecycle eq 'default') { done('closing', $ticket->SetStatus('resolved')) }
    print STDERR "seed: $number of $tickets tickets\n" if $number % 50 == 0;
}
$RT::Handle->Commit;

sub token {
    my ($owner) = @_;
    my $token = RT::AuthToken->new($system);
    my ($ok, $message, $text) = $token->Create(Owner => $owner->id, Description => 'live test');
    die "token: $message\n" unless $ok;
    return $text;
}
print 'RT_TOKEN=', token($user), "\n";
print 'RT_POWERLESS_TOKEN=', token($stranger), "\n";
