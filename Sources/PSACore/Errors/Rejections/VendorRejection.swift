/// What a vendor's English sentence says is wrong, read out of whole sentences of known forms.
///
/// Vendors answer writes they refuse with a sentence and no code. A single word proves nothing: “Impact must be set before a Priority can be
/// determined” is not about the priority. So a sentence counts only if all of it has one of the forms here, and whatever has none stays
/// unread; the caller then quotes it.
public struct VendorRejection: Sendable, Hashable {
    /// What is wrong.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let rawValue: String
        /// Names a kind.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        /// The name.
        public var description: String { rawValue }

        /// A value is missing; the subject is the field.
        public static let required = Kind("required")
        /// A value is none the vendor takes; the subject is the field.
        public static let invalid = Kind("invalid")
        /// There is no such record; the subject is what was named.
        public static let notFound = Kind("not_found")
        /// The record takes nothing at present; the subject is what was named.
        public static let inactive = Kind("inactive")
        /// The value exists, but not here or not now; the subject is the field.
        public static let notAllowed = Kind("not_allowed")
        /// The value may not change; the subject is the field.
        public static let fixed = Kind("fixed")
        /// Whoever asks may not do it; the subject is what was tried.
        public static let notPermitted = Kind("not_permitted")
        /// The ticket is closed.
        public static let closed = Kind("closed")
        /// Another user holds the ticket.
        public static let locked = Kind("locked")
        /// The ticket went into another.
        public static let merged = Kind("merged")
        /// The ticket is gone.
        public static let deleted = Kind("deleted")
        /// A value does not have the form that its field takes; the subject is the field.
        public static let malformed = Kind("malformed")
        /// A text is longer than the vendor stores; the subject is the field, if it is named.
        public static let tooLong = Kind("too_long")
        /// The value exists, but not for the customer; the subject is the field.
        public static let notForCustomer = Kind("not_for_customer")
        /// Something else has to be done before.
        public static let demands = Kind("demands")
        /// A value must differ from all others; the subject is the field.
        public static let exists = Kind("exists")
        /// The record was changed meanwhile.
        public static let changed = Kind("changed")
        /// The vendor's own configuration lacks something; the subject is what.
        public static let notConfigured = Kind("not_configured")
        /// There is no recipient.
        public static let noRecipient = Kind("no_recipient")
        /// The address that asks is not on a list of those that may.
        public static let addressNotAllowed = Kind("address_not_allowed")
        /// The licence does not cover it.
        public static let license = Kind("license")
        /// The file is larger than the vendor takes; the subject is what was measured.
        public static let tooLarge = Kind("too_large")
        /// The vendor's database was busy and undid the request; the same one may succeed later.
        public static let busy = Kind("busy")
        /// The vendor's program or database failed.
        public static let fault = Kind("fault")
    }

    /// What is wrong.
    public let kind: Kind
    /// What it is about, in the vendor's words; nil where the kind says all.
    public let subject: String?

    /// States a refusal.
    public init(_ kind: Kind, subject: String? = nil) {
        self.kind = kind
        self.subject = subject
    }

    /// Reads a vendor's text: the first of its sentences that has a known form.
    ///
    /// - Returns: Nil if none has.
    public init?(_ text: String) {
        let sentences = VendorSentence.all(in: text).map(Self.words)
        // “Access denied” alone says less than the sentence beside it.
        let telling = sentences.filter { !Self.bare.contains($0.map(\.plain).joined(separator: " ")) }
        for words in telling.isEmpty ? sentences : telling {
            guard let found = Self.read(words[...]) else { continue }
            self = found
            return
        }
        return nil
    }

    /// What a sentence says; behind “because” stands the reason, which is a sentence of its own and says more.
    private static func read(_ words: ArraySlice<Word>) -> VendorRejection? {
        guard let reason = reason(in: words) else { return whole(words) }
        if let found = read(reason) { return found }
        // A value that is refused for a reason of its own, and none of the workflow, is not at fault.
        let found = whole(words)
        return (found?.kind == .notAllowed || found?.kind == .fixed) && !reason.contains { workflows.contains($0.plain) } ? nil : found
    }

    private static func whole(_ words: ArraySlice<Word>) -> VendorRejection? {
        let plain = words.map(\.plain)
        for (kind, pattern) in patterns {
            guard let range = pattern.match(plain[...]) else { continue }
            let subject = subject(Array(words)[range])
            // “The given key was not present” is about no field that anyone could fill in.
            if let subject, !RejectionSubject(subject).canBe(kind, isOnHold: plain.last == "hold") { continue }
            return VendorRejection(kind, subject: subject)
        }
        return nil
    }

    /// The words behind “because”, or behind an “as” or “since” that begins a sentence about a record.
    private static func reason(in words: ArraySlice<Word>) -> ArraySlice<Word>? {
        let place = words.indices.dropFirst(2).first { index in
            let next = words.index(after: index)
            guard next < words.endIndex else { return false }
            switch words[index].plain {
            case "because": return words[next].plain != "of"
            case "as", "since": return reasons.contains(words[next].plain)
            default: return false
            }
        }
        return place.map { words[words.index(after: $0)...] }
    }

    private struct Word {
        var plain: String
        var original: String
        /// Whether a comma follows: “Impact, Urgency”.
        var isListed = false
    }

    private static func words(_ sentence: VendorSentence) -> [Word] {
        var words: [Word] = []
        var isOwn = false
        for piece in sentence.pieces.prefix(60) {
            if piece.isQuoted {
                words.append(Word(plain: piece.plain, original: piece.text, isListed: piece.isListed))
                continue
            }
            let text = piece.text.trimming(Self.marks)
            let plain = text.lowercased().replacing("’", with: "'")
            if text.isEmpty { continue }
            defer { isOwn = plain == "your" }
            if let spelled = Self.contractions[plain] {
                words += spelled.map { Word(plain: $0, original: text) }
            } else if plain == "account", isOwn {
                // It is that of whoever asks, and no customer's.
                words.append(Word(plain: plain, original: "Your account"))
            } else if !Self.articles.contains(plain) {
                words.append(Word(plain: plain, original: text, isListed: piece.isListed))
            }
            joinVerbs(&words)
        }
        return Array(words.prefix(40))
    }

    /// Two words that mean one: “can not”, “has to”, “may not”.
    private static func joinVerbs(_ words: inout [Word]) {
        guard words.count >= 2 else { return }
        let pair = words[words.count - 2].plain + " " + words[words.count - 1].plain
        guard let one = Self.pairs[pair] else { return }
        words.removeLast()
        words[words.count - 1].plain = one
    }

    /// The captured words without what only points at them.
    private static func subject(_ words: ArraySlice<Word>) -> String? {
        var words = words[...]
        while let first = words.first, Self.pointers.contains(first.plain) { words = words.dropFirst() }
        while let last = words.last, words.count > 1, Self.tails.contains(last.plain) { words = words.dropLast() }
        let last = words.endIndex - 1
        let text = words.indices.map { words[$0].original + (words[$0].isListed && $0 < last ? "," : "") }.joined(separator: " ")
        return text.isEmpty ? nil : String(text.prefix(60))
    }

    private static let bare: Set<String> = [
        "", "access denied", "access is denied", "permission denied", "forbidden", "unauthorized", "unauthorised", "not authorized",
        "not authorised", "not allowed", "error",
    ]
    private static let marks: Set<Character> = ["\"", "'", "“", "”", "‘", "’", ",", ".", ":", ";", "!", "?", "(", ")", "[", "]", "*"]
    private static let articles: Set<String> = ["the", "a", "an", "your", "this", "that", "please", "sorry"]
    private static let pointers: Set<String> = [
        "selected", "specified", "chosen", "given", "supplied", "provided", "requested", "following", "fields", "valid", "new", "value",
        "field",
        "for",
        "of", "in",
    ]
    private static let tails: Set<String> = ["field", "value", "id"]
    private static let reasons: Set<String> = [
        "it", "there", "you", "ticket", "request", "client", "customer", "company", "account", "agent", "contract", "agreement",
        "user", "contact", "recipient",
    ]
    private static let workflows: Set<String> = ["workflow", "step", "stage", "process"]
    private static let contractions: [String: [String]] = [
        "can't": ["cannot"], "doesn't": ["does", "not"], "don't": ["do", "not"], "isn't": ["is", "not"], "hasn't": ["has", "not"],
        "aren't": ["are", "not"], "wasn't": ["was", "not"], "haven't": ["have", "not"], "mustn't": ["cannot"], "couldn't": ["cannot"],
    ]
    private static let pairs: [String: String] = [
        "can not": "cannot", "could not": "cannot", "may not": "cannot", "must not": "cannot", "should not": "cannot", "has to": "must",
        "have to": "must", "needs to": "must", "need to": "must", "should be": "must be",
    ]
}

extension String {
    fileprivate func trimming(_ marks: Set<Character>) -> String {
        guard let first = firstIndex(where: { !marks.contains($0) }), let last = lastIndex(where: { !marks.contains($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}

extension VendorRejection {
    /// The forms, the narrow ones before the wide ones.
    static let patterns: [(Kind, SentencePattern)] = forms.flatMap { kind, texts in texts.map { (kind, SentencePattern($0)) } }

    private static let entered =
        "set|entered|selected|specified|provided|chosen|completed|filled|given|supplied|populated|included|added|"
        + "assigned|picked|present|attached"
    private static let enter = "select|enter|choose|specify|provide|supply|fill|pick|include"
    private static let before = "before|for|when|on|if|prior|to|as"
    private static let record = "ticket|request|record|case|incident|call|opportunity|project|it"
    private static let right = "permission|permissions|right|rights|privilege|privileges|authority|authorisation|authorization"
    private static let permitted = "allowed|permitted|authorised|authorized|able"
    private static let who = "you|agent|user|application"
    private static let contention = "timeout|execution|deadlock|lock"
    private static let listed = "allowed|permitted|whitelisted|authorised|authorized|listed"
    private static let onList = "in|on|within [allowed|permitted|approved|trusted|safe|ip] list|lists|range|ranges|whitelist|allowlist"
    private static let licence = "licence|license|licences|licenses|subscription|trial"
    private static let empty = "empty|blank|null|missing|omitted|zero"

    private static let ready = "before|for|when|on|if|prior|first|at|so|against|and"
    private static let unique = "name|reference|number|id|address|email|e-mail|code|tag"
    private static let party = "client|customer|company|organisation|organization|account"
    private static let done = "closed|resolved|completed|cancelled|canceled"

    private static let forms: [(Kind, [String])] = [
        (
            .tooLong,
            [
                // 2628 and 8152 are SQL Server's numbers for a text that its column has no room for.
                "database error [has] [occurred|occured] 2628|8152 *", "<f> database error [has] [occurred|occured] 2628|8152 *",
                "string or binary data would be truncated *",
                "<f> exceeds|exceed # characters|letters *", "<f> exceeds|exceed [maximum|allowed] length *",
                "<f> is|are too long *", "<f> cannot be longer|more than # characters|letters *",
                "<f> cannot exceed # characters|letters *",
                "<f> must be # characters or|and less|fewer|shorter *", "<f> must be less|fewer|shorter than # characters *",
                "maximum length of|for <f> is|has|was *",
            ]
        ),
        (
            .busy,
            [
                // 1205 and 1222 are SQL Server's numbers for a deadlock and a lock that was not released in time, -2 that of its clients
                // for a time-out.
                "database error [has] [occurred|occured] 1205|1222|-2 *", "<f> database error [has] [occurred|occured] 1205|1222|-2 *",
                "database error [has] [occurred|occured] # [-] \(contention) *",
                "transaction <f> was deadlocked *", "deadlock *", "rerun transaction *", "lock request time|timeout *",
                "lock wait timeout exceeded *", "timeout expired *", "execution timeout expired *",
            ]
        ),
        (
            .fault,
            [
                "database error *", "<f> database error *", "unexpected error *", "object reference not set *", "internal server error *",
                "cannot insert value *", "conversion failed *", "input string was not in *", "key was not present in dictionary *",
                "given key was not present *", "given key # was not present *", "<f> was either too large or too small *",
                "cannot perform runtime binding *", "access to path *", "cannot find part of path *", "cannot find file *",
                "cannot find stored procedure *", "cannot load file or assembly *", "process cannot access file *",
                "there is not enough space on disk", "there is not enough memory *", "insufficient system memory *",
                "specified argument was out *", "specified cast is not valid *", "collection was modified *",
                "attempted to divide *", "divide by zero *", "arithmetic operation resulted *", "arithmetic overflow *",
                "string was not recognized *", "<f> was not recognized as valid datetime|boolean|guid *", "unrecognized guid *",
                "invalid column name *", "invalid object name *", "incorrect syntax near *", "must declare scalar *",
                "subquery returned *", "error converting data *", "multi-part identifier *", "login failed for user *",
                "cannot open database *", "query processor ran out *", "column <f> does not belong to table *",
                "network-related or instance-specific *", "exception of type *", "unknown|unhandled error|exception *",
                "method not found *", "parameter count mismatch *", "operation is not valid due *",
                "value cannot be null *", "sequence contains *", "index was out *", "nullable object must *", "unable to cast *",
                "transaction *", "violation of *", "insert statement conflicted *", "update statement conflicted *", "has occurred",
                "has occured",
                "unhandled exception *",
            ]
        ),
        (
            .license,
            [
                "[you|there] [have|are|is] no|insufficient [valid|remaining|available|more|free] [agent|user|api] \(licence) *",
                "\(who) do|does not have|hold [valid|active|assigned|any|sufficient|enough] [api] \(licence) *",
                "\(who) associated|linked with|to <f> does not have|hold [valid|active|assigned] [api] \(licence) *",
                "\(who) have|has no [valid|active|assigned] \(licence) *",
                "\(who) is|are|has not [been] assigned \(licence) *",
                "\(licence) [period|key] has|is|was|have|are [been|now] [no] [longer] expired|ended|invalid|suspended|exceeded|lapsed|revoked|valid *",
                "\(licence) [period|key] is|has not [been] active|activated|valid|paid|renewed *",
                "<f> \(licence) [period|key] has|is|was|have [been|now] expired|ended|invalid|suspended|exceeded|lapsed|revoked *",
                "<f> \(licence) [period|key] is|has not [been] active|activated|valid|paid|renewed *", "\(licence) expired *",
                "<f> \(licence) expired *",
                "<f> is|are not licensed|licenced *", "not licensed|licenced *", "you are not licensed|licenced *",
                "<f> is|are not included|covered in|by|with \(licence) *", "<f> is|are not included|covered in|by|with <f> \(licence) *",
                "\(licence) does|do not *", "<f> \(licence) does|do not *", "maximum number of licensed|licenced *",
                "\(licence) limit|count has|is *", "<f> \(licence) limit|count has|is *",
            ]
        ),
        (
            .addressNotAllowed,
            [
                "ip [address|addresses] is|was|are|has not [been] \(listed) *", "ip [address|addresses] is|was|are not \(onList) *",
                "ip [address|addresses] <f> is|was|are|has not [been] \(listed) *", "ip [address|addresses] <f> is|was|are not \(onList) *",
                "<f> ip [address] is|was not [been] \(listed) *", "<f> ip [address] is|was not \(onList) *",
                "ip [address] <f> is|was|has [been] blocked|denied|rejected|restricted *",
                "ip [address] is|was|has [been] blocked|denied|rejected|restricted *",
                "access|login|logins|requests [denied|blocked|refused] [is|are] [not] [allowed|permitted] from ip *",
                "access denied for ip *",
            ]
        ),
        (
            .merged,
            [
                "\(record) # has|is|was [already] [been] [already] merged *", "\(record) # merged *",
                "merged \(record)|tickets|requests *", "[\(who)] cannot edit|update|change|reply|add|modify [to] [on] merged *",
                "[\(who)] cannot add|make|log|post <f> to|on|for merged *",
            ]
        ),
        (
            .closed,
            [
                "\(record) # is|has|was [already] [been] [already|now|currently] closed|completed|cancelled|canceled|resolved *",
                "closed|completed|cancelled|resolved \(record)|tickets|requests cannot *",
                "[\(who)] cannot edit|update|change|reply|add|modify [to] [on] closed|completed|cancelled|resolved *",
                "[\(who)] cannot add|make|log|post <f> to|on|for closed|completed|cancelled|resolved *",
            ]
        ),
        (
            .deleted,
            [
                "\(record) # is|has|was [already] [been] [already] deleted|removed|archived|purged *",
                "deleted|archived \(record)|tickets|requests cannot *",
                "[\(who)] cannot edit|update|change|reply|add|modify [to] [on] deleted|archived *",
                "[\(who)] cannot add|make|log|post <f> to|on|for deleted|archived *",
            ]
        ),
        (
            .notPermitted,
            [
                // Of a user HaloPSA says also that a contact has no access to a site; whose right is missing is then not known.
                "you|agent|application [agent|user|account] do|does not have [sufficient|enough|necessary|required|correct|any] access [to|for] <f>",
                "you|agent|application [agent|user|account] do|does not have [sufficient|enough|necessary|required|correct|any] access *",
                "you|agent|application have|has no access [to|for] <f>",
                "access is|was denied|forbidden to|for <f>", "access is not \(permitted) to|for <f>", "access denied to|for <f>",
                "\(who) [agent|user|account] do|does not have [sufficient|enough|necessary|required|correct|any] \(right) [to|for] <f>",
                "\(who) [agent|user|account] do|does not have [sufficient|enough|necessary|required|correct|any] \(right) *",
                "\(who) have|has no \(right) [to|for] <f>", "\(who) have|has insufficient \(right) *",
                "\(who) are|is not \(permitted) to <f>", "\(who) are|is not \(permitted) to *",
                "\(who) cannot log|create|raise|add|edit|update|use|change|view|delete|close <f>",
                "insufficient|inadequate \(right)|access [to|for] <f>", "insufficient|inadequate \(right)|access *",
                "\(right)|access [has|is|was] [been] denied *", "access|permission to <f> is|was|has [been] denied *", "access denied *",
                "not \(permitted) to <f>",
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
                "[\(who)] cannot close|resolve|complete|cancel \(record)|tickets|requests with|while|until|unless|before *",
                "\(record)|tickets|requests|incidents|problems|changes|projects # cannot be \(done) while|until|unless|before|with *",
                "<f> must be logged|recorded|submitted|\(done) [against|on|for|in] [\(record)] [first] before \(record) can be \(done) *",
                "[ticket] status # [of|for|on] [\(record)] cannot be set|changed|updated while|until|unless|before *",
                "\(record) # is [currently|still|now] pending|awaiting [for] [an|its|manager] approval *",
                "\(record) # is [currently|still|now] waiting for|on [an|its] approval *",
                "\(record) # requires|needs approval before|first|to *", "\(record) # has|is not [yet] [been] approved *",
                "there are [still] open|outstanding|unfinished|incomplete *",
                "\(record) # has [still] open|outstanding|unfinished|incomplete *", "\(record) # must be approved|assigned *",
                "ticket|request|type|status|action|outcome [type] requires|needs <f> to be started|approved|completed|closed|finished|done *",
            ]
        ),
        (
            .notConfigured,
            [
                "no <f> has|have|is|are|was [been] \(entered) for|on|against|to [selected|specified] \(party)|site|user|contact|agent|action|mailbox *",
                "no <f> has|have|is|are|was [been] \(entered) for|on|against|to [selected|specified] ticket|request type *",
                "no <f> has|have|is|are|was [been] configured|defined|available|enabled *", "no <f> has|have|is|are|was [been] set up *",
                "<f> is|has|are|have not [been] configured|enabled *", "<f> is|has|are|have not [been] set up *",
            ]
        ),
        (
            .noRecipient,
            [
                "there is no e-mail|email address|addresses for|on|of|found *", "no|missing e-mail|email address|addresses",
                "no|missing e-mail|email address|addresses for|on|of|found *",
                "no|missing recipient|recipients [address|addresses]", "no|missing recipient|recipients for|on|of|found *",
                "no|missing recipient|recipients [has|have|was|were] [been] \(entered) *",
                "[end] user|contact|recipient|requester|customer|client has|have no e-mail|email [address|addresses]",
                "[end] user|contact|recipient|requester|customer|client <f> has|have no e-mail|email [address|addresses]",
                "[end] user|contact|recipient|requester|customer|client does|do not have e-mail|email [address|addresses]",
                "[end] user|contact|recipient|requester|customer|client has|have no e-mail|email address \(entered)|on|in *",
            ]
        ),
        (
            .exists,
            [
                "<f> must be unique *", "<f> already exists *", "<f> with|of <f> already exists *", "duplicate <f>",
                "\(unique) is already in|taken|used *", "<f> \(unique) is already in|taken|used *",
            ]
        ),
        (
            .tooLarge,
            [
                "file|files|attachment|attachments|upload|uploads [size] must be smaller|less|under|below|lower *",
                "file|files|attachment|attachments|upload|uploads [size] cannot be larger|bigger|greater|more *",
            ]
        ),
        (
            .malformed,
            [
                "<f> is|was|are not in [correct|right|valid|required|expected|proper] format|form *",
                "<f> has|have invalid|incorrect|wrong format|form *", "<f> contains|contain invalid|illegal|unsupported characters *",
                "<f> must be [valid|positive|whole] number|integer|date|time|decimal|e-mail|email|url|guid *",
                "<f> must be greater|less|more|fewer|higher|lower|smaller|larger|later|earlier than *", "<f> must be between *",
                "<f> must be in future|past|format|form *", "<f> cannot be in future|past *", "<f> must be positive|negative|numeric *",
                "\(enter) <f> in format|form *", "format of <f> is|was invalid|incorrect|wrong|not *",
            ]
        ),
        (
            .invalid,
            [
                "value <f> is|was not [valid] option|value|choice|entry for|of [field] <f>",
                "\(enter) valid|correct <f>", "\(enter) valid|correct <f> \(before) *", "you must \(enter) valid|correct <f>",
            ]
        ),
        (
            .required,
            [
                "required|mandatory|following field|fields is|are|was|were required|mandatory|missing|compulsory|empty|blank <f>",
                "complete|fill [in|out] [all] [of] required|mandatory field|fields <f>",
                "<f> must be \(entered)", "<f> must be \(entered) \(ready) *", "<f> must be \(entered) in order *",
                "\(enter) [in|out] [at] [least] [one] <f> \(before) *",
                "\(enter) [in|out] [at] [least] [one] <f>",
                "you must \(enter) [in|out] [at] [least] [one] <f> \(before) *", "you must \(enter) [in|out] [at] [least] [one] <f>",
                "<f> is|are [a] [now] required|mandatory|missing|compulsory|needed|empty|blank *",
                "<f> is|are [required|mandatory] required|mandatory field *",
                "<f> cannot be [left] \(empty) *", "<f> cannot be left *",
                "missing [required|mandatory] [field|value|parameter|property] <f>",
                "required|mandatory [field|value|parameter] [is|was] missing <f>",
                "required|mandatory field|fields|value|parameter|parameters <f> is|was|are|were missing|not *",
                "value is required for <f>", "value for <f> is required|missing|mandatory *", "value must be \(entered) for <f>",
                "<f> was|were|is|has|have not [been] \(entered)", "<f> was|were|is|has|have not [been] \(entered) \(ready) *",
                "no <f> was|were|is|has|have [been] \(entered) *",
                "ticket|request|type|status|action|outcome|closure [type] requires|needs <f>", "<f> requires value *",
                "<f> cannot be closed|saved|logged|created|completed|updated without <f>",
            ]
        ),
        (
            .inactive,
            [
                "<f> is|was|has|are [been] [currently|now|already] [set|marked] [as|to] inactive|disabled|deactivated|archived|suspended|blocked|stopped|obsolete|retired *",
                "<f> associated|linked with|to application|client|integration is|was|has|are [been] [currently|now|already] inactive|disabled|deactivated|suspended|blocked *",
                "<f> is|are [currently] not active *", "<f> is|are no longer active|available|used|in *",
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
            .tooLarge,
            [
                "<f> exceeds|exceed # mb|kb|gb|mib|megabytes *", "<f> is|was|are too large|big *",
                "<f> exceeds|exceed|exceeded maximum|allowed|permitted|limit|size|upload *",
                "maximum [request|file|upload|attachment] length|size exceeded *",
            ]
        ),
        (
            .notForCustomer,
            [
                "<f> is|are not allowed|permitted|supported|available|valid|enabled for|to|at [selected|specified|chosen] \(party)|site *",
                "<f> cannot be used|selected for|with|by [selected|specified|chosen] \(party)|site *",
            ]
        ),
        (
            .notAllowed,
            [
                "<f> is|are not allowed|permitted|supported|available *", "action is not available at|in|for [current] workflow *",
                "<f> # cannot be set|used|selected|applied|moved *", "cannot set <f> to|from|while|because|until *", "cannot set <f>",
                "<f> is|are not valid|allowed for|in|at *",
            ]
        ),
        (
            .fixed,
            [
                "<f> # cannot be changed|updated *", "cannot change|move|update <f> to|from|while|because|until *",
                "cannot change <f>",
            ]
        ),
        (
            .invalid,
            [
                "invalid|unknown|unrecognised|unrecognized|incorrect|nonexistent [value] [for|in|of] <f> # [specified|selected|supplied|provided|given]",
                "<f> # is|was|are [an] invalid|incorrect|unknown|unrecognised|unrecognized *", "<f> # is|was|are out of range *",
                "<f> # is|was|are not valid|recognised|recognized|known|correct *",
                "value of|for <f> is|was [not] [invalid|valid|incorrect|one] *",
                "value <f> is|was not valid|allowed for <f>",
            ]
        ),
    ]
}

/// The form of a whole sentence: words, alternatives, and one part that is of interest.
///
/// A pattern is written as words: `a|b` is one of several, `[a]` may be left out, `<f>` is one to eight words that are captured, `#` a number
/// that may be left out, and `*` whatever follows. It matches from the first word to the last, never a word somewhere in the sentence.
struct SentencePattern: Sendable {
    private enum Part: Sendable {
        case word(Set<String>, isOptional: Bool)
        case captured
        case number
        case rest
    }

    private let parts: [Part]

    init(_ text: String) {
        parts = text.split(separator: " ").map { piece in
            switch piece {
            case "<f>": return .captured
            case "#": return .number
            case "*": return .rest
            default:
                let isOptional = piece.hasPrefix("[")
                let words = (isOptional ? piece.dropFirst().dropLast() : piece).split(separator: "|")
                return .word(Set(words.map(String.init)), isOptional: isOptional)
            }
        }
    }

    /// What was captured; nil if the sentence has another form, empty if the pattern captures nothing.
    func match(_ words: ArraySlice<String>) -> Range<Int>? { match(words, parts[...], captured: 0..<0) }

    private func match(_ words: ArraySlice<String>, _ parts: ArraySlice<Part>, captured: Range<Int>) -> Range<Int>? {
        guard let part = parts.first else { return words.isEmpty ? captured : nil }
        let rest = parts.dropFirst()
        switch part {
        case .rest: return captured
        case .number:
            if let first = words.first, first.contains(where: \.isNumber), first.allSatisfy({ $0.isNumber || $0 == "#" || $0 == "-" }),
                let found = match(words.dropFirst(), rest, captured: captured)
            {
                return found
            }
            return match(words, rest, captured: captured)
        case .word(let known, let isOptional):
            if let first = words.first, known.contains(first), let found = match(words.dropFirst(), rest, captured: captured) {
                return found
            }
            return isOptional ? match(words, rest, captured: captured) : nil
        case .captured:
            for count in 1...8 where count <= words.count {
                // A verb never belongs to the name of a field.
                if Self.verbs.contains(words[words.startIndex + count - 1]) { return nil }
                let range = words.startIndex..<words.startIndex + count
                if let found = match(words.dropFirst(count), rest, captured: range) { return found }
            }
            return nil
        }
    }

    /// Verbs, and what joins or denies: none of them belongs to the name of a field.
    private static let verbs: Set<String> = [
        "must", "is", "are", "was", "were", "cannot", "has", "have", "had", "does", "do", "did", "be", "been", "can", "will", "would",
        "should",
        "requires", "require", "needs", "need", "contains", "exceeds", "expects", "belongs", "says", "said", "failed", "allows", "prevents",
        "prevented", "until", "while", "because", "unless", "if", "when", "which", "who", "whose", "than", "but", "though", "although",
        "since", "after", "before", "not", "no", "never", "nothing", "none", "neither", "nor", "only", "without", "there", "it", "they",
        "we",
        "i", "with", "by", "detected", "rejected", "fewer", "less", "more", "another", "different", "again", "later", "least",
        "select", "choose", "specify",
    ]
}
