public import PSACore

/// Why a job was not accepted: one of its texts, fields or files is missing, too large or not usable.
///
/// Nothing was stored. The error names the field and its limit, and never holds the text itself.
public struct EnqueueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A text of a job.
    ///
    /// New fields may be added.
    public struct Field: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
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
        /// ``TicketJob/Payload/fields`` together.
        public static let fields = Field(rawValue: "fields")
        /// ``TicketJob/Payload/note``.
        public static let note = Field(rawValue: "note")
        /// ``NewJob/attachments``.
        public static let attachments = Field(rawValue: "attachments")
        /// ``TicketJob/Payload/origin``.
        public static let origin = Field(rawValue: "origin")
        /// ``NewJob/source``.
        public static let source = Field(rawValue: "source")
        /// The data of a job in the state ``TicketJob/State/checking(_:)``.
        public static let precondition = Field(rawValue: "precondition")

        /// One of ``TicketJob/Payload/fields``.
        public static func ticketField(_ id: TicketField.ID) -> Field { Field(rawValue: "fields." + id.rawValue) }

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
        /// There are more of them than the limit.
        case tooMany(Int, limit: Int)
        /// The operation takes none.
        case notAllowed
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
        case .tooLong(let bytes, let maxBytes) where field == .attachments:
            "The attachments have \(bytes) bytes together; enqueue at most \(maxBytes) in one job, and the others as notes on its ticket."
        case .tooLong(let bytes, let maxBytes): "The field “\(field)” has \(bytes) bytes; at most \(maxBytes) are allowed."
        case .invalid: "The field “\(field)” is not a usable id."
        case .tooMany(let count, let limit): "The field “\(field)” has \(count) entries; enqueue at most \(limit) in one job."
        case .notAllowed: "The operation takes no “\(field)”; add a note or reply that has them."
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
    /// The most values of further fields.
    public static let maxFieldCount = 100
    /// The longest value of a further field, in bytes of UTF-8: 64 KiB.
    public static let maxFieldBytes = 64 * 1_024
    /// The longest values of all further fields together, in bytes of UTF-8: 512 KiB.
    public static let maxFieldsBytes = 512 * 1_024

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
        try EnqueueError.check(.note, note, maxBytes: Self.maxDetailsBytes)
        guard fields.count <= Self.maxFieldCount else { throw EnqueueError(.fields, .tooMany(fields.count, limit: Self.maxFieldCount)) }
        for (id, value) in fields.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try EnqueueError.check(.ticketField(id), value.text, maxBytes: Self.maxFieldBytes)
        }
        let bytes = fields.values.reduce(0) { $0 + $1.text.utf8.count }
        guard bytes <= Self.maxFieldsBytes else { throw EnqueueError(.fields, .tooLong(bytes: bytes, maxBytes: Self.maxFieldsBytes)) }
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
    /// The most bytes of all files together: 25 MiB.
    ///
    /// There are at most ``/PSACore/AttachmentFile/maxCount`` files.
    public static let maxAttachmentBytes = 25 * 1_024 * 1_024

    /// Checks that no text and no file exceeds its limit; every store does so before it adds a job.
    ///
    /// - Throws: ``EnqueueError`` for the first field that does.
    public func validateSizes() throws(EnqueueError) {
        try payload.validateSizes()
        if case .changeStatus = payload.operation, !attachments.isEmpty { throw EnqueueError(.attachments, .notAllowed) }
        guard attachments.count <= AttachmentFile.maxCount else {
            throw EnqueueError(.attachments, .tooMany(attachments.count, limit: AttachmentFile.maxCount))
        }
        let bytes = attachments.reduce(0) { $0 + $1.bytes.count }
        guard bytes <= Self.maxAttachmentBytes else {
            throw EnqueueError(.attachments, .tooLong(bytes: bytes, maxBytes: Self.maxAttachmentBytes))
        }
        try EnqueueError.check(.source, source?.rawValue ?? "", maxBytes: Self.maxSourceBytes)
        try EnqueueError.check(.precondition, state.precondition?.rawValue ?? "", maxBytes: Self.maxPreconditionBytes)
    }
}

extension EnqueueError {
    fileprivate static func check(_ field: Field, _ text: String, maxBytes: Int) throws(EnqueueError) {
        guard text.utf8.count <= maxBytes else { throw EnqueueError(field, .tooLong(bytes: text.utf8.count, maxBytes: maxBytes)) }
    }
}
