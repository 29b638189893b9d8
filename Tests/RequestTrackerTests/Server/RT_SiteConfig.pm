# A Request Tracker of its own for the live tests: nothing of an installation on the same machine is read or written.
my $folder = $ENV{RT_TEST_FOLDER} or die "RT_TEST_FOLDER says where the test keeps its data";
my $port   = $ENV{RT_TEST_PORT}   or die "RT_TEST_PORT says where it listens";

Set($rtname, 'test.example');
Set($Organization, 'test.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, $port);
Set($WebPath, '');
Set($WebBaseURL, "http://127.0.0.1:$port");
Set($Timezone, 'Europe/Vienna');

Set($DatabaseType, 'SQLite');
Set($DatabaseName, "$folder/rt.sqlite");
$MasonDataDir    = "$folder/mason";
$MasonSessionDir = "$folder/session";

# Mail is made as always, and kept in a file of the folder.
Set($MailCommand, 'mbox');
$VarPath = $folder;
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');

# A second lifecycle, with a blank in the name of a status, as sites have them.
Set(%Lifecycles,
    projects => {
        initial         => ['planned'],
        active          => ['in progress', 'on hold'],
        inactive        => ['done', 'deleted'],
        defaults        => { on_create => 'planned' },
        transitions     => {
            ''            => ['planned', 'in progress'],
            'planned'     => ['in progress', 'deleted'],
            'in progress' => ['on hold', 'done', 'deleted'],
            'on hold'     => ['in progress', 'deleted'],
            'done'        => ['in progress'],
            'deleted'     => ['planned'],
        },
        rights => { '* -> deleted' => 'DeleteTicket', '* -> *' => 'ModifyTicket' },
    },
    __maps__ => {},
);
1;
