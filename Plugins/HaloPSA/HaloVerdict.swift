import PSACore

/// Which write a refusal is about; the same sentence means something else at each.
enum HaloOperation: Sendable {
    case create, note, reply, status, upload, other

    init(_ object: HaloMessage?) {
        switch object {
        case .newTicket: self = .create
        case .privateNote: self = .note
        case .reply: self = .reply
        case .statusOf: self = .status
        case .newAttachment: self = .upload
        default: self = .other
        }
    }

    /// Whether it is about a ticket that exists already.
    var namesTicket: Bool {
        switch self {
        case .note, .reply, .status: true
        case .create, .upload, .other: false
        }
    }

    /// The setting that chooses the action, for what goes through one.
    var outcome: SettingKey? {
        switch self {
        case .note: .privateNoteOutcome
        case .reply: .replyOutcome
        default: nil
        }
    }
}

/// What HaloPSA's sentence about a refused request comes to: the code, the field, and the cause it speaks for.
struct HaloVerdict {
    var code: ErrorCode
    var cause: CauseID
    var probe = Probe.vendorWords
    var concerned: [SettingKey] = []
    /// What the vendor calls the fields.
    var fields: [String] = []

    /// Judges a request that HaloPSA refused with a sentence; a success status with one in place of the data is a refusal too.
    ///
    /// It is nil if the status says all there is to say. A field whose member was sent is not missing, whatever the sentence says.
    /// What could not be converted was sent, even if the complaint spells its member otherwise.
    init?(
        _ refusal: VendorRejection?, fields: [String], status: Int, stage: RequestStage, operation: HaloOperation, sent: Set<String> = [],
        namesConversion: Bool = false
    ) {
        if let refusal, let verdict = Self.accessVerdict(refusal, status, stage) {
            self = verdict
            return
        }
        // A 404 with words about a record is about that, and not about the address.
        let isNamed = stage == .write && status == 404 && refusal?.kind == .notFound
        guard isNamed || status == 400 || status == 409 || status == 422 else { return nil }
        if stage == .read {
            // A list has no value that could be wrong, but the database behind it can fail.
            guard let refusal, let verdict = Self.faultVerdict(refusal) else { return nil }
            self = verdict
            return
        }
        guard stage == .write else { return nil }
        // A map of complaints names fields of the body; a sentence in it may name the value alone.
        let isAboutValue = [.invalid, .notFound].contains(refusal?.kind) || namesConversion
        if refusal == nil || isAboutValue, operation != .upload,
            let verdict = Self.verdict(on: fields, operation, isAboutValue ? [] : sent)
        {
            self = verdict
            return
        }
        guard let refusal, let verdict = Self.verdict(refusal, operation, sent) else { return nil }
        self = verdict
    }

    private static func faultVerdict(_ refusal: VendorRejection) -> HaloVerdict? {
        switch refusal.kind {
        // The database has undone it; the same request may succeed later.
        case .busy: HaloVerdict(code: .vendorUnavailable, cause: "fault")
        case .fault: HaloVerdict(code: .requestRejected, cause: "vendor_fault")
        default: nil
        }
    }

    private init(
        code: ErrorCode, cause: CauseID, probe: Probe = .vendorWords, concerned: [SettingKey] = [], field: String? = nil
    ) {
        (self.code, self.cause, self.probe, self.concerned, fields) = (code, cause, probe, concerned, field.map(Self.listed) ?? [])
    }

    /// The fields of a list: “Impact, Urgency”.
    private static func listed(_ fields: String) -> [String] {
        fields.split(separator: ",").map { $0.trimmingSpaces }.filter { !$0.isEmpty }
    }

    /// What a map from fields of the body to complaints comes to; nil if it names none.
    private static func verdict(on fields: [String], _ operation: HaloOperation, _ sent: Set<String>) -> HaloVerdict? {
        var names: [String] = []
        for name in fields where name.contains(where: \.isLetter) && !names.contains(name) { names.append(name) }
        guard !names.isEmpty else { return nil }
        // What was not sent has no value that could be wrong.
        let members = Set(sent.map { $0.lowercased() })
        if !members.isEmpty, names.allSatisfy({ !members.contains($0.lowercased()) }) {
            return required(names.joined(separator: ", "), operation, sent)
        }
        let defaults = operation == .create ? names.compactMap(HaloSubject.ticketDefault) : []
        if defaults.count == names.count { return HaloVerdict(code: .ticketDefaultInvalid, cause: "no_such_id", concerned: defaults) }
        if names == ["client_id"] { return HaloVerdict(code: .requestCompanyUnusable, cause: "wrong_id") }
        var verdict = HaloVerdict(code: .ticketFieldInvalid, cause: "wrong_form")
        verdict.fields = names
        return verdict
    }

    /// What a sentence says about whoever asks, at any request: the licence, the agent, where it asks from, its rights.
    private static func accessVerdict(_ refusal: VendorRejection, _ status: Int, _ stage: RequestStage) -> HaloVerdict? {
        let isSuccess = (200...299).contains(status)
        // A write that was answered with success may have been executed, whatever the sentence says.
        guard (400...403).contains(status) || isSuccess && stage == .read else { return nil }
        let isRefusal = status == 401 || status == 403 || isSuccess
        switch refusal.kind {
        case .license: return HaloVerdict(code: .vendorLicense, cause: "licence")
        case .addressNotAllowed: return HaloVerdict(code: .permissionRoleDenied, cause: "address_not_listed")
        case .inactive where isRefusal && isAgent(refusal.subject): return HaloVerdict(code: .permissionRoleDenied, cause: "agent_disabled")
        case .notPermitted where isRefusal && isEndUser(refusal.subject):
            return HaloVerdict(code: .permissionRoleDenied, cause: "login_type")
        case .notPermitted where isRefusal && stage == .read:
            return HaloVerdict(code: .permissionRoleDenied, cause: isRestriction(refusal.subject) ? "restricted" : "role")
        default: return nil
        }
    }

    /// Whether a sentence is about the agent that the application logs in as: “The agent associated with this application”.
    static func isAgent(_ subject: String?) -> Bool {
        let first = subject?.lowercased().split(separator: " ").first { !["api", "login", "your", "associated", "linked"].contains($0) }
        return first.map { ["agent", "user", "account"].contains($0) } ?? false
    }

    /// Whether a sentence about rights is about which teams and customers the agent has; no role gives those.
    private static func isRestriction(_ subject: String?) -> Bool {
        let words = subject?.lowercased().split(separator: " ").map(String.init) ?? []
        return words.last.map { restrictions.contains($0) || restrictions.contains(String($0.dropLast())) } ?? false
    }

    private static func isEndUser(_ subject: String?) -> Bool {
        ["end user", "end users", "end-users", "endusers"].contains(subject?.lowercased())
    }

    private static func verdict(_ refusal: VendorRejection, _ operation: HaloOperation, _ sent: Set<String>) -> HaloVerdict? {
        if let verdict = faultVerdict(refusal) { return verdict }
        return switch refusal.kind {
        case .tooLarge where operation == .upload: HaloVerdict(code: .requestRejected, cause: "file_size")
        case .notAllowed where operation == .upload, .invalid where operation == .upload, .inactive where operation == .upload:
            isFileType(refusal.subject) ? HaloVerdict(code: .requestRejected, cause: "file_type") : nil
        case .notPermitted: notPermitted(refusal.subject?.lowercased() ?? "", operation)
        case .closed, .locked, .merged, .deleted: HaloVerdict(code: .ticketNotWritable, cause: CauseID(refusal.kind.rawValue))
        case .demands: HaloVerdict(code: operation == .status ? .ticketStatusNotAllowed : .requestRejected, cause: "demands")
        case .notConfigured:
            HaloVerdict(
                code: operation.outcome == nil ? .requestRejected : .ticketActionIncomplete, cause: "not_configured", field: refusal.subject
            )
        case .noRecipient: operation == .reply ? HaloVerdict(code: .ticketActionIncomplete, cause: "no_recipient") : nil
        case .exists: HaloVerdict(code: .requestConflict, cause: "exists")
        case .changed: HaloVerdict(code: .requestConflict, cause: "changed")
        // What a file must be like is said of no field of the ticket.
        case _ where operation == .upload: nil
        case .required: required(refusal.subject, operation, sent)
        case .malformed: refusal.subject.map { HaloVerdict(code: .ticketFieldInvalid, cause: "wrong_form", field: $0) }
        case .tooLong:
            refusal.subject.map { HaloVerdict(code: .ticketFieldInvalid, cause: "wrong_form", field: $0) }
                ?? HaloVerdict(code: .requestRejected, cause: "too_long")
        case .inactive: inactive(HaloSubject(refusal.subject ?? ""), operation)
        case .invalid, .notFound: unusable(refusal, operation)
        case .notForCustomer where operation == .create && HaloSubject(refusal.subject ?? "").ticketDefault == .ticketTypeID:
            HaloVerdict(code: .ticketDefaultInvalid, cause: "not_for_customer", concerned: [.ticketTypeID])
        // Why a value may not change, and whether another one would be taken, only a status says: its workflow decides.
        case .fixed:
            operation == .status || HaloSubject(refusal.subject ?? "").ticketDefault == .ticketStatusID
                ? HaloVerdict(code: .ticketStatusNotAllowed, cause: "workflow") : nil
        case .notAllowed, .notForCustomer: notAllowed(HaloSubject(refusal.subject ?? ""), operation)
        default: nil
        }
    }

    private static func notPermitted(_ what: String, _ operation: HaloOperation) -> HaloVerdict {
        if operation == .create, what.hasSuffix("ticket type") || what.hasSuffix("request type") {
            return HaloVerdict(code: .ticketDefaultInvalid, cause: "not_creatable", concerned: [.ticketTypeID])
        }
        if isRestriction(what) { return HaloVerdict(code: .permissionActionDenied, cause: "restricted") }
        guard isAction(what) else { return HaloVerdict(code: .permissionActionDenied, cause: "ticket_right") }
        return HaloVerdict(code: .permissionActionDenied, cause: "action", concerned: operation.outcome.map { [$0] } ?? [])
    }

    /// Whether a sentence is about the action, or outcome, that a note or a change goes through.
    private static func isAction(_ subject: String) -> Bool {
        subject.lowercased().split(separator: " ").contains { $0 == "action" || $0 == "outcome" }
    }

    /// Whether a field is the outcome itself, and not one of the action such as its date.
    private static func isOutcome(_ field: String?) -> Bool {
        field.map { ["outcome", "action", "action outcome"].contains($0.lowercased()) } ?? false
    }

    /// Whether a sentence about a file is about its type.
    private static func isFileType(_ subject: String?) -> Bool {
        let words = subject?.lowercased().split(separator: " ") ?? []
        return words.contains { ["type", "types", "extension", "extensions"].contains($0) }
    }

    private static func required(_ field: String?, _ operation: HaloOperation, _ sent: Set<String>) -> HaloVerdict? {
        switch operation {
        // An outcome is always sent, so HaloPSA asks for one only if it has none by that id any more.
        case .note where isOutcome(field), .reply where isOutcome(field):
            HaloVerdict(code: .configInvalidField, cause: "no_such_outcome", concerned: operation.outcome.map { [$0] } ?? [])
        case _ where operation != .create && isSent(field, sent): nil
        case .note, .reply:
            HaloVerdict(
                code: .ticketActionIncomplete, cause: "action_demands", concerned: operation.outcome.map { [$0] } ?? [], field: field)
        case .status: HaloVerdict(code: .ticketFieldRequired, cause: "closure", probe: .operation, field: field)
        case .create, .upload, .other:
            // A type is always sent, so HaloPSA asks for one only if it knows none by that id.
            if HaloSubject.ticketDefault(field ?? "") == .ticketTypeID {
                HaloVerdict(code: .ticketDefaultInvalid, cause: "no_such_id", concerned: [.ticketTypeID])
            } else if isSent(field, sent) {
                nil
            } else {
                HaloVerdict(code: .ticketFieldRequired, cause: "mandatory", field: field)
            }
        }
    }

    /// Whether a value for the field that a sentence names was sent: HaloPSA then misses it for a reason that it does not say.
    private static func isSent(_ field: String?, _ sent: Set<String>) -> Bool {
        guard let members = field.flatMap({ members[$0.lowercased()] }) else { return false }
        return !sent.isDisjoint(with: members)
    }

    /// The members of the body behind the names that HaloPSA's sentences give them.
    private static let members: [String: Set<String>] = [
        "summary": ["summary"], "subject": ["summary", "emailsubject"], "details": ["details"], "description": ["details"],
        "note": ["note_html"], "notes": ["note_html"], "email body": ["emailbody_html"], "message": ["note_html", "details"],
        "to address": ["emailto"], "email address": ["emailto"], "e-mail address": ["emailto"], "recipient": ["emailto"],
        "email subject": ["emailsubject"], "client": ["client_id"], "customer": ["client_id"], "company": ["client_id"],
        "site": ["site_id"],
        "user": ["user_id"], "end user": ["user_id"], "contact": ["user_id"], "status": ["status_id", "new_status"],
        "priority": ["priority_id"], "ticket": ["ticket_id", "id"],
    ]

    /// A record that is there and not in use; only of the records that a ticket names it is known that another one can be chosen.
    private static func inactive(_ subject: HaloSubject, _ operation: HaloOperation) -> HaloVerdict? {
        switch subject.kind {
        case .company?: HaloVerdict(code: .requestCompanyUnusable, cause: "inactive")
        case .ticketDefault(let key)? where operation == .create:
            HaloVerdict(code: .ticketDefaultInvalid, cause: "inactive", concerned: [key])
        case .ticketDefault(.ticketStatusID)? where operation == .status:
            HaloVerdict(code: .ticketFieldInvalid, cause: "inactive", field: subject.field)
        case .outcome?: operation.outcome.map { HaloVerdict(code: .configInvalidField, cause: "no_such_outcome", concerned: [$0]) }
        // A note and a reply name no user of their own.
        case .record? where operation == .create: HaloVerdict(code: .ticketFieldInvalid, cause: "inactive", field: subject.field)
        default: nil
        }
    }

    private static func unusable(_ refusal: VendorRejection, _ operation: HaloOperation) -> HaloVerdict? {
        let subject = HaloSubject(refusal.subject ?? "")
        if subject.kind == .company { return HaloVerdict(code: .requestCompanyUnusable, cause: "wrong_id") }
        if tickets.contains(subject.text.lowercased()) {
            let isGone = refusal.kind == .notFound || operation.namesTicket && refusal.kind == .invalid
            return isGone ? HaloVerdict(code: .requestNotFound, cause: "gone") : nil
        }
        if operation == .create, let key = subject.ticketDefault {
            return HaloVerdict(code: .ticketDefaultInvalid, cause: "no_such_id", concerned: [key])
        }
        if let outcome = operation.outcome, subject.kind == .outcome {
            return HaloVerdict(code: .configInvalidField, cause: "no_such_outcome", concerned: [outcome])
        }
        if subject.hasForm { return HaloVerdict(code: .ticketFieldInvalid, cause: "wrong_form", field: refusal.subject) }
        // What is not found may be anything that HaloPSA looks for; what is invalid is a value.
        guard refusal.kind == .invalid || subject.kind != nil else { return nil }
        return HaloVerdict(code: .ticketFieldInvalid, cause: "no_such_value", field: subject.field)
    }

    private static func notAllowed(_ subject: HaloSubject, _ operation: HaloOperation) -> HaloVerdict? {
        let key = subject.ticketDefault
        // Whether a type is not there, or not for the agent or the customer, such a sentence does not say.
        if operation == .create, key == .ticketTypeID { return nil }
        if operation == .create, let key { return HaloVerdict(code: .ticketDefaultInvalid, cause: "not_for_type", concerned: [key]) }
        if operation == .status || key == .ticketStatusID { return HaloVerdict(code: .ticketStatusNotAllowed, cause: "workflow") }
        // Without a subject, a sentence is about the action itself.
        if let outcome = operation.outcome, subject.kind == .outcome || subject.text.isEmpty {
            return HaloVerdict(code: .permissionActionDenied, cause: "workflow", concerned: [outcome])
        }
        guard subject.kind != nil else { return nil }
        return HaloVerdict(code: .ticketFieldInvalid, cause: "no_such_value", field: subject.field)
    }

    private static let restrictions: Set<String> = [
        "team", "department", "client", "customer", "site", "area", "compan", "companie", "company", "organisation", "organization",
    ]
    private static let tickets: Set<String> = ["ticket", "request"]
}
