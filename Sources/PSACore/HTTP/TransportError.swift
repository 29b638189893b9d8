/// Why a request got no answer.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a person needs to tell apart, because each has another remedy.
    public enum Kind: String, Sendable, CaseIterable {
        case nameNotFound
        case addressForbidden
        case connectionRefused
        case timedOut
        case interrupted
        case certificateUntrusted
        case certificateExpired
        case certificateNameMismatch
        case responseTooLarge
        case invalidResponse
        case unusableRequest
    }

    /// Whether the other side may have acted on the request.
    public enum Delivery: Sendable, Equatable {
        /// Proven: no byte of the request left, so repeating it is safe even for a write.
        case notSent
        /// The request or a part of it left; a write may have been executed.
        case maybeSent
    }

    /// Which of the kinds it was.
    public var kind: Kind
    /// Whether the request may have been acted on.
    public var delivery: Delivery
    /// A short technical note for logs, free of anything from the request but its host.
    public var note: String

    /// States a failure.
    public init(_ kind: Kind, delivery: Delivery, note: String = "") {
        self.kind = kind
        self.delivery = delivery
        self.note = note
    }

    /// Kind and note.
    public var description: String { note.isEmpty ? kind.rawValue : "\(kind.rawValue): \(note)" }
}

extension TransportError.Kind {
    /// The kind in words, completing “No answer came: …”.
    public var explanation: String {
        switch self {
        case .nameNotFound: "the host name could not be resolved"
        case .addressForbidden: "the host's address is not allowed here"
        case .connectionRefused: "the connection was refused"
        case .timedOut: "the time allowed ran out"
        case .interrupted: "the connection broke off"
        case .certificateUntrusted: "the certificate is not trusted"
        case .certificateExpired: "the certificate has expired"
        case .certificateNameMismatch: "the certificate is for another name"
        case .responseTooLarge: "the answer was larger than allowed"
        case .invalidResponse: "the answer was not valid HTTP"
        case .unusableRequest: "the request could not be made"
        }
    }
}
