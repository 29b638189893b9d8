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
    /// - Returns: Nil if the status says all there is to say.
    init?(_ refusal: VendorRejection?, fields: [String], status: Int, stage: RequestStage, operation: HaloOperation) {
        if let refusal, let verdict = Self.accessVerdict(refusal, status, stage) {
            self = verdict
            return
        }
        guard stage == .write, status == 400 || status == 409 || status == 422 else { return nil }
        // A map of complaints names fields of the body; a sentence in it may name the value alone.
        if [nil, .invalid, .notFound].contains(refusal?.kind), operation != .upload, let verdict = Self.verdict(on: fields, operation) {
            self = verdict
            return
        }
        guard let refusal, let verdict = Self.verdict(refusal, operation) else { return nil }
        self = verdict
    }

    private init(
        code: ErrorCode, cause: CauseID, probe: Probe = .vendorWords, concerned: [SettingKey] = [], field: String? = nil
    ) {
        (self.code, self.cause, self.probe, self.concerned, fields) = (code, cause, probe, concerned, field.map { [$0] } ?? [])
    }

    /// What a map from fields of the body to complaints comes to; nil if it names none.
    private static func verdict(on fields: [String], _ operation: HaloOperation) -> HaloVerdict? {
        var names: [String] = []
        for name in fields where name.contains(where: \.isLetter) && !names.contains(name) { names.append(name) }
        guard !names.isEmpty else { return nil }
        let defaults = operation == .create ? names.compactMap(ticketDefault) : []
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
        case .notPermitted where isRefusal && stage == .read: return HaloVerdict(code: .permissionRoleDenied, cause: "role")
        default: return nil
        }
    }

    /// Whether a sentence is about the agent that the application logs in as: “The agent associated with this application”.
    static func isAgent(_ subject: String?) -> Bool {
        let first = subject?.lowercased().split(separator: " ").first { !["api", "login", "your", "associated", "linked"].contains($0) }
        return first.map { ["agent", "user", "account"].contains($0) } ?? false
    }

    private static func verdict(_ refusal: VendorRejection, _ operation: HaloOperation) -> HaloVerdict? {
        switch refusal.kind {
        // The database has undone it; the same request may succeed later.
        case .busy: HaloVerdict(code: .vendorUnavailable, cause: "fault")
        case .tooLarge where operation == .upload: HaloVerdict(code: .requestRejected, cause: "file_size")
        case .notAllowed where operation == .upload, .invalid where operation == .upload:
            isFileType(refusal.subject) ? HaloVerdict(code: .requestRejected, cause: "file_type") : nil
        case .fault: HaloVerdict(code: .requestRejected, cause: "vendor_fault")
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
        case .required: required(refusal.subject, operation)
        case .invalid, .notFound, .inactive: unusable(refusal, operation)
        case .notAllowed: notAllowed(refusal.subject, operation)
        default: nil
        }
    }

    private static func notPermitted(_ what: String, _ operation: HaloOperation) -> HaloVerdict {
        if operation == .create, what.hasSuffix("ticket type") || what.hasSuffix("request type") {
            return HaloVerdict(code: .ticketDefaultInvalid, cause: "not_creatable", concerned: [.ticketTypeID])
        }
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

    private static func required(_ field: String?, _ operation: HaloOperation) -> HaloVerdict {
        switch operation {
        // An outcome is always sent, so HaloPSA asks for one only if it has none by that id any more.
        case .note where isOutcome(field), .reply where isOutcome(field):
            HaloVerdict(code: .configInvalidField, cause: "no_such_outcome", concerned: operation.outcome.map { [$0] } ?? [])
        case .note, .reply:
            HaloVerdict(
                code: .ticketActionIncomplete, cause: "action_demands", concerned: operation.outcome.map { [$0] } ?? [], field: field)
        case .status: HaloVerdict(code: .ticketFieldRequired, cause: "closure", probe: .operation, field: field)
        case .create, .upload, .other:
            // A type is always sent, so HaloPSA asks for one only if it knows none by that id.
            if ticketDefault(field ?? "") == .ticketTypeID {
                HaloVerdict(code: .ticketDefaultInvalid, cause: "no_such_id", concerned: [.ticketTypeID])
            } else {
                HaloVerdict(code: .ticketFieldRequired, cause: "mandatory", field: field)
            }
        }
    }

    private static func unusable(_ refusal: VendorRejection, _ operation: HaloOperation) -> HaloVerdict {
        let subject = refusal.subject ?? ""
        if companies.contains(subject.lowercased()) {
            return HaloVerdict(code: .requestCompanyUnusable, cause: refusal.kind == .inactive ? "inactive" : "wrong_id")
        }
        if refusal.kind == .notFound || operation.namesTicket && refusal.kind == .invalid, tickets.contains(subject.lowercased()) {
            return HaloVerdict(code: .requestNotFound, cause: "gone")
        }
        if operation == .create, let key = ticketDefault(subject) {
            return HaloVerdict(code: .ticketDefaultInvalid, cause: "no_such_id", concerned: [key])
        }
        return HaloVerdict(code: .ticketFieldInvalid, cause: "no_such_value", field: refusal.subject)
    }

    private static func notAllowed(_ subject: String?, _ operation: HaloOperation) -> HaloVerdict? {
        let key = ticketDefault(subject ?? "")
        if operation == .create, let key { return HaloVerdict(code: .ticketDefaultInvalid, cause: "not_for_type", concerned: [key]) }
        if operation == .status || key == .ticketStatusID { return HaloVerdict(code: .ticketStatusNotAllowed, cause: "workflow") }
        if operation.outcome != nil, isOutcome(subject) { return HaloVerdict(code: .permissionActionDenied, cause: "workflow") }
        return HaloVerdict(code: .ticketFieldInvalid, cause: "no_such_value", field: subject)
    }

    /// The setting behind a field's name, as HaloPSA's sentences and its body spell it.
    private static func ticketDefault(_ name: String) -> SettingKey? {
        switch name.lowercased() {
        case "ticket type", "tickettype", "request type", "tickettype_id": .ticketTypeID
        case "status", "ticket status", "status_id": .ticketStatusID
        case "priority", "ticket priority", "priority_id": .ticketPriorityID
        default: nil
        }
    }

    private static let companies: Set<String> = ["client", "customer", "company", "account", "organisation", "organization"]
    private static let tickets: Set<String> = ["ticket", "request"]
}
