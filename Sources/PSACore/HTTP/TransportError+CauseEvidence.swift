public import FoundationEssentials

extension TransportError {
    /// What the certificate and the clocks say about the causes of a failure.
    ///
    /// - Parameters:
    ///   - code: The code of the failure.
    ///   - now: The time by this machine's clock.
    /// - Returns: The findings, none for a failure that neither concerns.
    public func findings(for code: ErrorCode, now: Date) -> [CauseEvidence] {
        (certificate.map { Self.findings(of: $0, for: code) } ?? []) + clockFindings(for: code, now: now)
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
    public static func finding(_ headers: HTTPHeaders, now: Date) -> CauseEvidence? {
        HTTPDate.moment(header: headers["Date"]).flatMap { finding(server: $0, now: now) }
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
