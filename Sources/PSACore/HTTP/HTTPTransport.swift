#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Carries one request to a server and brings back its answer.
///
/// `PSACurl` ships `CurlTransport`. Another client needs one method; its obligations are:
/// - any status is an answer, not an error, and redirects are **not** followed (an answer of 302 is returned as such);
/// - a request that got no answer throws ``TransportError`` with the kind that fits best;
/// - `timeout`, `connectTimeout` and `maximumResponseBytes` of the request are kept;
/// - `addressPolicy` is asked with the resolved address before connecting;
/// - cancelling the task ends the exchange and throws `CancellationError`; for a request whose `isRepeatable` is false it throws
///   ``TransportError`` instead, to say whether it had left, because after `CancellationError` the outcome counts as unknown;
/// - nothing of the request's headers, query or body is logged or put into an error.
public protocol HTTPTransport: Sendable {
    /// Performs the request once.
    ///
    /// - Throws: ``TransportError`` or `CancellationError`.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// Why a request got no answer.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a person needs to tell apart, because each has another remedy.
    @nonexhaustive
    public enum Kind: String, Sendable, CaseIterable {
        /// The host's name has no address; it is often mistyped.
        case nameNotFound
        /// The name leads to an address that the ``AddressPolicy`` forbids, such as one of a private network.
        case addressForbidden
        /// No connection came about: the server refused it, or no way leads to its address.
        case connectionRefused
        /// The time allowed for the connection or for the whole answer ran out.
        case timedOut
        /// The connection broke off before the answer was complete, or the transport was shut down.
        case interrupted
        /// No authority that this machine trusts stands at the end of the certificate's chain, or a part of the chain is missing.
        case certificateUntrusted
        /// The certificate was valid until a time in the past, by this machine's clock.
        case certificateExpired
        /// The certificate is valid, but for other host names.
        case certificateNameMismatch
        /// The certificate has signed itself, so no authority vouches for it.
        case certificateSelfSigned
        /// The certificate is valid from a time in the future, by this machine's clock, which may be wrong.
        case certificateNotYetValid
        /// The other side answers the start of an encrypted connection with something else.
        case tlsNotSpoken
        /// The other side ended the start of an encrypted connection with an alert, and will do so each time.
        case tlsHandshakeRefused
        /// A proxy on the way wants a sign-in before it lets a connection through.
        case proxyAuthenticationRequired
        /// A proxy on the way lets no connection to that host through, or can't be reached itself.
        case proxyRefused
        /// The answer is larger than the request's `maximumResponseBytes`, or other large answers take the memory.
        case responseTooLarge
        /// What came back is not valid HTTP, or its body can't be decompressed.
        case invalidResponse
        /// The client could not make the request, for example because a header field contains a line break.
        case unusableRequest
        /// It was not sent: the tenant's rate limit would have delayed it beyond the retry time limit.
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
    /// Why the handshake ended, if it was ``Kind/tlsHandshakeRefused``.
    public var handshakeRefusal: HandshakeRefusal?
    /// The proxy that it did not get past.
    public var proxy: ProxyFault?
    /// How long until the share of the request's owner has room again, if it was not sent because of that.
    public var retryAfter: Duration?
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

extension TransportError {
    /// Why a handshake ended, as far as the alert or the TLS library names it.
    @nonexhaustive
    public enum HandshakeRefusal: String, Sendable, CaseIterable {
        /// The two sides have no version of TLS in common.
        case version = "protocol_version"
        /// The two sides agree on no way to encrypt; servers that demand a client certificate answer so too.
        case noAgreement = "handshake_failure"
        /// The server demands a certificate of the client.
        case clientCertificate = "certificate_required"
        /// The server has no site of that name.
        case unknownName = "unrecognized_name"
        /// The server, or a device on the way, does not let this client in.
        case accessDenied = "access_denied"
        /// Another alert, which says less.
        case other
    }

    /// What the certificate, the handshake, the proxy and the clocks say about the causes of a failure.
    ///
    /// - Parameters:
    ///   - code: The code of the failure.
    ///   - now: The time by this machine's clock.
    /// - Returns: The findings, none for a failure that none of them concerns.
    public func findings(for code: ErrorCode, now: Date) -> [CauseEvidence] {
        (certificate.map { Self.findings(of: $0, for: code) } ?? []) + (proxy?.findings(for: code) ?? [])
            + (code == .tlsHandshakeRefused ? handshakeFindings : []) + clockFindings(for: code, now: now)
    }

    private var handshakeFindings: [CauseEvidence] {
        guard let handshakeRefusal, handshakeRefusal != .other else { return [] }
        let evidence = CertificateMessage.handshakeEnded(alert: handshakeRefusal.rawValue)
        func found(_ cause: CauseID, _ confidence: Confidence = .likely) -> CauseEvidence {
            CauseEvidence(cause, confidence, by: .transport, evidence: evidence)
        }
        return switch handshakeRefusal {
        case .version: [found("old_version")]
        case .noAgreement: [found("no_agreement"), found("client_certificate", .possible)]
        case .clientCertificate: [found("client_certificate")]
        case .unknownName: [found("unknown_name")]
        case .accessDenied: [found("not_let_in")]
        case .other: []
        }
    }

    private static func findings(of certificate: CertificateFacts, for code: ErrorCode) -> [CauseEvidence] {
        let signer = certificate.issuer.map { CertificateMessage.signedBy($0) }
        func found(_ cause: CauseID, _ confidence: Confidence? = nil, _ evidence: CertificateMessage?) -> [CauseEvidence] {
            [CauseEvidence(cause, confidence, by: .certificate, evidence: evidence)]
        }
        switch code {
        case .tlsUntrusted, .tlsSelfSigned:
            if certificate.inspector != nil { return found("inspected", nil, signer) }
            if code == .tlsSelfSigned { return found("self_signed", .likely, signer) }
            return found(certificate.isFromPublicAuthority ? "incomplete_chain" : "own_authority", .likely, signer)
        case .tlsExpired: return found("not_renewed", .likely, certificate.validUntil.map { .validUntil($0) })
        case .tlsNotYetValid:
            return [
                CauseEvidence("clock", .likely, by: .certificate, evidence: certificate.validFrom.map { CertificateMessage.validFrom($0) })
            ]
        case .tlsNameMismatch: return found("alias", .likely, certificate.subject.map { .isFor($0) })
        default: return []
        }
    }

    private func clockFindings(for code: ErrorCode, now: Date) -> [CauseEvidence] {
        guard [.tlsExpired, .tlsNotYetValid].contains(code), let serverTime else { return [] }
        if let skew = ClockSkew.finding(server: serverTime, now: now) { return [skew] }
        // Two clocks that agree are hardly both wrong.
        let agreement = CauseEvidence("clock", .possible, by: .clock)
        return code == .tlsNotYetValid
            ? [CauseEvidence("issued_early", .likely, by: .clock, evidence: CertificateMessage.clocksAgree)] : [agreement]
    }
}

/// How far this machine's clock is from a server's.
public enum ClockSkew {
    /// What an answer's `Date` says about this machine's clock: nil up to five minutes.
    public static func finding(_ headers: TransportHeaders, now: Date) -> CauseEvidence? {
        HTTPDate.date(header: headers["Date"]).flatMap { finding(server: $0, now: now) }
    }

    static func finding(server: Date, now: Date) -> CauseEvidence? {
        let minutes = Int((now.timeIntervalSince(server) / 60).rounded())
        guard abs(minutes) > 5 else { return nil }
        return CauseEvidence(
            "clock", by: .clock, evidence: minutes > 0 ? CertificateMessage.clockAhead(minutes) : CertificateMessage.clockBehind(-minutes))
    }
}

extension CertificateFacts {
    /// Whether one of the authorities that browsers trust has signed it, by its name.
    fileprivate var isFromPublicAuthority: Bool {
        let marks = [
            "let's encrypt", "isrg", "digicert", "sectigo", "comodo", "globalsign", "godaddy", "amazon", "google trust", "entrust",
            "zerossl",
            "identrust", "geotrust", "rapidssl", "thawte", "microsoft", "starfield", "buypass", "certum", "swisssign", "quovadis",
            "telesec",
        ]
        let signer = issuer?.lowercased() ?? ""
        return marks.contains { signer.contains($0) }
    }
}
