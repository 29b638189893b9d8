public import PSACore

/// A file of a job, as lists show it; its content is in the store until the job can't be sent any more.
public struct JobAttachment: Sendable, Hashable {
    /// The name that people see.
    public var name: String
    /// The media type, such as `application/pdf`.
    public var mediaType: String
    /// The number of bytes.
    public var byteCount: Int

    /// Creates a ``JobAttachment``.
    public init(name: String, mediaType: String, byteCount: Int) {
        self.name = name
        self.mediaType = mediaType
        self.byteCount = byteCount
    }

    /// Describes a file.
    public init(_ file: AttachmentFile) {
        self.init(name: file.name, mediaType: file.mediaType, byteCount: file.bytes.count)
    }
}

extension TicketJob.State {
    /// Whether a job in this state is sent, or can be released by a person; the content of its files is kept as long.
    public var mayBeSent: Bool { name.mayBeSent }
}

extension TicketJob.State.Name {
    /// As ``TicketJob/State/mayBeSent``.
    public var mayBeSent: Bool {
        switch self {
        case .checking, .waiting, .sending, .unknown, .failed, .needsReview: true
        case .wouldCreate, .created, .appended, .replied, .statusChanged, .skipped, .dropped: false
        }
    }
}
