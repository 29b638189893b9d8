import PSACore

/// Why a job was not accepted: one of its texts is missing, too long or not usable.
///
/// Nothing was stored. The error names the field and its limit, and never holds the text itself.
public struct EnqueueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A text of a job.
    ///
    /// New fields may be added.
    public struct Field: Sendable, Hashable, CustomStringConvertible {
        /// The name of the field, as in ``TicketJob/Payload`` and ``NewJob``.
        public let rawValue: String

        /// Creates a field name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// ``TicketJob/Payload/summary``.
        public static let summary = Field(rawValue: "summary")
        /// ``TicketJob/Payload/details``.
        public static let details = Field(rawValue: "details")
        /// ``TicketJob/Payload/company``.
        public static let company = Field(rawValue: "company")
        /// ``TicketJob/Payload/companyID``.
        public static let companyID = Field(rawValue: "companyID")
        /// ``TicketJob/Payload/device``.
        public static let device = Field(rawValue: "device")
        /// ``TicketJob/Payload/type``.
        public static let type = Field(rawValue: "type")
        /// ``TicketJob/Payload/status``.
        public static let status = Field(rawValue: "status")
        /// ``TicketJob/Payload/priority``.
        public static let priority = Field(rawValue: "priority")
        /// ``TicketJob/Payload/origin``.
        public static let origin = Field(rawValue: "origin")
        /// ``NewJob/source``.
        public static let source = Field(rawValue: "source")
        /// The data of a job in the state ``TicketJob/State/checking(_:)``.
        public static let precondition = Field(rawValue: "precondition")

        /// The name of the field.
        public var description: String { rawValue }
    }

    /// What is wrong with the field.
    public enum Reason: Sendable, Hashable {
        /// The operation needs it, and it is empty.
        case empty
        /// It is longer than the limit; both in bytes of UTF-8.
        case tooLong(bytes: Int, maxBytes: Int)
        /// It is not an id that a connector can have given out.
        case invalid
    }

    /// The field.
    public let field: Field
    /// What is wrong with it.
    public let reason: Reason

    /// Creates an ``EnqueueError``.
    public init(_ field: Field, _ reason: Reason) {
        self.field = field
        self.reason = reason
    }

    /// The field and what is wrong with it, in one sentence.
    public var description: String {
        switch reason {
        case .empty: "The field “\(field)” is empty."
        case .tooLong(let bytes, let maxBytes): "The field “\(field)” has \(bytes) bytes; at most \(maxBytes) are allowed."
        case .invalid: "The field “\(field)” is not a usable id."
        }
    }
}

extension TicketJob.Payload {
    /// The longest summary, in bytes of UTF-8.
    public static let maxSummaryBytes = 8_000
    /// The longest first message, note or reply, in bytes of UTF-8.
    public static let maxDetailsBytes = 256 * 1_024
    /// The longest company, device, id or origin, in bytes of UTF-8.
    public static let maxNameBytes = 4_000

    /// Checks that no text exceeds its limit.
    ///
    /// - Throws: ``EnqueueError`` for the first field that does.
    public func validateSizes() throws(EnqueueError) {
        try EnqueueError.check(.summary, summary, maxBytes: Self.maxSummaryBytes)
        try EnqueueError.check(.details, details, maxBytes: Self.maxDetailsBytes)
        let names: [(EnqueueError.Field, String)] = [
            (.company, company), (.companyID, companyID), (.device, device), (.type, type), (.status, status), (.priority, priority),
            (.origin, origin),
        ]
        for (field, text) in names { try EnqueueError.check(field, text, maxBytes: Self.maxNameBytes) }
    }

    /// Checks that the operation has the texts that it needs, and that no text exceeds its limit.
    ///
    /// - Throws: ``EnqueueError`` for the first field that is missing, too long or not usable.
    public func validate() throws(EnqueueError) {
        try validateSizes()
        switch operation {
        case .createTicket: if summary.isEmpty { throw EnqueueError(.summary, .empty) }
        case .addNote, .reply: if details.isEmpty { throw EnqueueError(.details, .empty) }
        case .changeStatus: if TicketStatus.ID(status) == nil { throw EnqueueError(.status, status.isEmpty ? .empty : .invalid) }
        }
    }
}

extension NewJob {
    /// The longest name of a source, in bytes of UTF-8.
    public static let maxSourceBytes = 1_000
    /// The longest precondition, in bytes of UTF-8.
    public static let maxPreconditionBytes = 64 * 1_024

    /// Checks that no text exceeds its limit; every store does so before it adds a job.
    ///
    /// - Throws: ``EnqueueError`` for the first field that does.
    public func validateSizes() throws(EnqueueError) {
        try payload.validateSizes()
        try EnqueueError.check(.source, source?.rawValue ?? "", maxBytes: Self.maxSourceBytes)
        try EnqueueError.check(.precondition, state.precondition?.rawValue ?? "", maxBytes: Self.maxPreconditionBytes)
    }
}

extension EnqueueError {
    fileprivate static func check(_ field: Field, _ text: String, maxBytes: Int) throws(EnqueueError) {
        guard text.utf8.count <= maxBytes else { throw EnqueueError(field, .tooLong(bytes: text.utf8.count, maxBytes: maxBytes)) }
    }
}
