extension VendorRejection {
    /// The forms, the narrow ones before the wide ones.
    static let patterns: [(Kind, SentencePattern)] = forms.flatMap { kind, texts in texts.map { (kind, SentencePattern($0)) } }

    private static let entered =
        "set|entered|selected|specified|provided|chosen|completed|filled|given|supplied|populated|included|added|"
        + "assigned|picked|present|attached"
    private static let enter = "select|enter|choose|specify|provide|supply|complete|fill|pick|add|give|set|include|assign"
    private static let before = "before|for|when|on|if|prior|in|to|as"
    private static let record = "ticket|request|record|case|incident|call|opportunity|project|it"
    private static let right = "permission|permissions|right|rights|access|privilege|privileges|authority|authorisation|authorization"
    private static let permitted = "allowed|permitted|authorised|authorized|able"
    private static let who = "you|agent|user|application"
    private static let licence = "licence|license|licences|licenses|subscription|trial"
    private static let empty = "empty|blank|null|missing|omitted|zero"

    private static let forms: [(Kind, [String])] = [
        (
            .fault,
            [
                "database error *", "<f> database error *", "unexpected error *", "object reference not set *", "internal server error *",
                "timeout expired *", "execution timeout expired *", "cannot insert value *", "string or binary data *",
                "conversion failed *",
                "value cannot be null *", "sequence contains *", "index was out *", "nullable object must *", "unable to cast *",
                "transaction *", "violation of *", "insert statement conflicted *", "update statement conflicted *", "has occurred",
                "has occured",
                "unhandled exception *", "deadlock *",
            ]
        ),
        (
            .license,
            [
                "[you|there] [have|are|is] no|insufficient [valid|remaining|available|more] \(licence) *",
                "\(licence) [period|key] has|is|was|have|are [been|now] [no] [longer] expired|ended|invalid|suspended|exceeded|lapsed|revoked|valid *",
                "\(licence) [period|key] is|has not *",
                "<f> \(licence) [period|key] has|is|was|have [been|now] expired|ended|invalid|suspended|exceeded|lapsed|revoked *",
                "<f> \(licence) [period|key] is|has not *", "\(licence) expired *", "<f> \(licence) expired *",
                "<f> is|are not licensed|licenced *", "not licensed|licenced *", "you are not licensed|licenced *",
                "<f> is|are not included|covered in|by|with \(licence) *", "<f> is|are not included|covered in|by|with <f> \(licence) *",
                "\(licence) does|do not *", "<f> \(licence) does|do not *", "maximum number of licensed|licenced *",
                "\(licence) limit|count has|is *", "<f> \(licence) limit|count has|is *",
            ]
        ),
        (
            .notPermitted,
            [
                "\(who) [agent|user|account] do|does not have [sufficient|enough|necessary|required|correct|any] \(right) [to|for] <f>",
                "\(who) [agent|user|account] do|does not have [sufficient|enough|necessary|required|correct|any] \(right) *",
                "\(who) have|has no \(right) [to|for] <f>", "\(who) have|has insufficient \(right) *",
                "\(who) are|is not \(permitted) to <f>", "\(who) are|is not \(permitted) to *",
                "\(who) cannot log|create|raise|add|edit|update|use|change|view|delete|close <f>",
                "insufficient|inadequate \(right) [to|for] <f>", "insufficient|inadequate \(right) *",
                "\(right) [has|is|was] [been] denied *", "access|permission to <f> is|was|has [been] denied *", "access denied *",
                "not \(permitted) to <f>",
            ]
        ),
        (
            .merged,
            [
                "\(record) # has|is|was [already] [been] [already] merged *", "\(record) # merged *",
                "merged \(record)|tickets|requests *", "cannot edit|update|change|reply|add|modify [to] [on] merged *",
            ]
        ),
        (
            .closed,
            [
                "\(record) # is|has|was [already] [been] [already|now|currently] closed|completed|cancelled|canceled|resolved *",
                "closed|completed|cancelled|resolved \(record)|tickets|requests cannot *",
                "cannot edit|update|change|reply|add|modify [to] [on] closed|completed|cancelled|resolved *",
                "cannot add|make <f> to closed|completed|cancelled|resolved *",
            ]
        ),
        (
            .deleted,
            [
                "\(record) # is|has|was [already] [been] [already] deleted|removed|archived|purged *",
                "deleted|archived \(record)|tickets|requests cannot *",
                "cannot edit|update|change|reply|modify [to] [on] deleted|archived *",
            ]
        ),
        (
            .changed,
            [
                "\(record) # has|was [been] changed|updated|modified|edited by|since|while|elsewhere|meanwhile *",
                "\(record) # has changed since *",
            ]
        ),
        (
            .locked,
            [
                "\(record) # is|has [been] [currently|already|now] locked *",
                "\(record) # is [currently|already] [being] edited|updated|opened|open|used|viewed|modified|worked by|on *",
                "\(record) # is [currently|already] in use *", "\(record) # is [currently|already] checked out *",
                "locked \(record)|tickets cannot *", "another agent|user is [currently] editing|updating|working|using *",
            ]
        ),
        (
            .demands,
            [
                "[all] [open|outstanding] child|linked|related|sub|open|outstanding tickets|requests|tasks|actions|appointments|approvals|items must *",
                "all <f> must be closed|completed|finished|approved|resolved *",
                "there are [still] open|outstanding|unfinished|incomplete *",
                "\(record) # has [still] open|outstanding|unfinished|incomplete *", "\(record) # must be approved|assigned *",
            ]
        ),
        (
            .notConfigured,
            [
                "no <f> has|have|is|are|was [been] configured|defined|available|enabled *", "no <f> has|have|is|are|was [been] set up *",
                "<f> is|has|are|have not [been] configured|enabled *", "<f> is|has|are|have not [been] set up *",
            ]
        ),
        (
            .noRecipient,
            [
                "no|missing e-mail|email|recipient|recipients [address] *", "<f> has|have no e-mail|email *",
                "<f> does|do not have e-mail|email *",
            ]
        ),
        (
            .exists,
            [
                "<f> must be unique *", "<f> already exists *", "<f> with|of <f> already exists *", "duplicate <f>",
                "<f> is already in use *", "<f> is already taken|used *",
            ]
        ),
        (
            .required,
            [
                "<f> must be \(entered) *", "\(enter) [in|out] [at] [least] [one] <f> \(before) *",
                "\(enter) [in|out] [at] [least] [one] <f>",
                "you must \(enter) [in|out] [at] [least] [one] <f> \(before) *", "you must \(enter) [in|out] [at] [least] [one] <f>",
                "<f> is|are [a] [now] required|mandatory|missing|compulsory|needed|empty|blank *",
                "<f> is|are [required|mandatory] required|mandatory field *",
                "<f> cannot be [left] \(empty) *", "<f> cannot be left *",
                "missing [required|mandatory] [field|value|parameter|property] <f>",
                "required|mandatory [field|value|parameter] [is|was] missing <f>",
                "required|mandatory field|fields|value|parameter|parameters <f> is|was|are|were missing|not *",
                "value is required for <f>", "value for <f> is required|missing|mandatory *", "value must be \(entered) for <f>",
                "<f> was|were|is|has|have not [been] \(entered) *", "no <f> was|were|is|has|have [been] \(entered) *",
                "ticket|request|type|status|action|outcome|closure [type] requires|needs <f>", "<f> requires value *",
                "<f> cannot be closed|saved|logged|created|completed|updated without <f>",
            ]
        ),
        (
            .inactive,
            [
                "<f> is|was|has|are [been] [currently|now|already] inactive|disabled|deactivated|archived|suspended|blocked|stopped|obsolete|retired *",
                "<f> is|are [currently] not active *", "<f> is|are no longer active|available|in *",
                "<f> is|has [been] [currently] [put] on [credit] stop|hold *",
            ]
        ),
        (
            .notFound,
            [
                "<f> # does|do|did not exist *", "<f> # no longer exists|exist *", "<f> # cannot be found|located *",
                "<f> # was|were|is not found *",
                "<f> # not found *", "cannot find <f> with|for|by *", "cannot find <f> #", "there is no [such] <f> with *", "no such <f>",
                "no <f> found *",
                "no <f> exists|found with|for *",
            ]
        ),
        (
            .notAllowed,
            [
                "<f> is|are not allowed|permitted|supported|available *",
                "<f> # cannot be set|changed|used|selected|applied|moved|updated *",
                "cannot change|set|move|update <f> to|from|while|because|until *", "cannot change|set <f>",
                "<f> is|are not valid|allowed for|in|at *",
            ]
        ),
        (
            .invalid,
            [
                "invalid|unknown|unrecognised|unrecognized|incorrect|nonexistent [value] [for|in|of] <f> # [specified|selected|supplied|provided|given]",
                "<f> # is|was|are [an] invalid|incorrect|unknown|unrecognised|unrecognized|out *",
                "<f> # is|was|are not [valid|recognised|recognized|known|one|correct] *",
                "value of|for <f> is|was [not] [invalid|valid|incorrect|one] *",
                "value <f> is|was not valid|allowed for <f>",
            ]
        ),
    ]
}
