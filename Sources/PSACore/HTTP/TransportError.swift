public import FoundationEssentials

/// Why a request got no answer.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a person needs to tell apart, because each has another remedy.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        case nameNotFound
        case addressForbidden
        case connectionRefused
        case timedOut
        case interrupted
        case certificateUntrusted
        case certificateExpired
        case certificateNameMismatch
        case certificateSelfSigned
        case certificateNotYetValid
        /// The other side answers the start of an encrypted connection with something else.
        case tlsNotSpoken
        /// A proxy on the way wants a sign-in before it lets a connection through.
        case proxyAuthenticationRequired
        /// A proxy on the way lets no connection to that host through.
        case proxyRefused
        case responseTooLarge
        case invalidResponse
        case unusableRequest
        /// This side held it back: the tenant's request budget is spent for longer than the caller has patience.
        case rateLimitExceeded
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
    /// What the server's certificate says, if it was the certificate that failed.
    public var certificate: CertificateFacts?
    /// The time by the clock of a server that was not trusted; a hint, and no more.
    public var serverTime: Date?

    /// States a failure.
    public init(_ kind: Kind, delivery: Delivery, note: String = "") {
        self.kind = kind
        self.delivery = delivery
        self.note = note
    }

    /// Kind and note.
    public var description: String { note.isEmpty ? kind.rawValue : "\(kind.rawValue): \(note)" }
}
