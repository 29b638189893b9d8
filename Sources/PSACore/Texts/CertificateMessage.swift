#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What was seen of a certificate, and of the clocks at its two ends.
@nonexhaustive
public enum CertificateMessage: LocalizedMessage, Hashable {
    /// Who signed the certificate, by the name of the issuer.
    case signedBy(String)
    /// The name that the certificate is for, out of its subject.
    case isFor(String)
    /// The first day on which the certificate is valid.
    case validFrom(Date)
    /// The last day on which the certificate was valid.
    case validUntil(Date)
    /// By how many minutes this machine's clock is ahead of the server's.
    case clockAhead(Int)
    /// By how many minutes this machine's clock is behind the server's.
    case clockBehind(Int)
    /// The alert with which the start of an encrypted connection ended, by its name in the standard.
    case handshakeEnded(alert: String)
    /// Both clocks agree, so the certificate itself is at fault and not this machine's clock.
    case clocksAgree

    /// The values of the case.
    public var values: [String: MessageValue] {
        switch self {
        case .signedBy(let name), .isFor(let name): ["name": .verbatim(name)]
        case .validFrom(let date), .validUntil(let date): ["day": .verbatim(Self.day(date))]
        case .clockAhead(let minutes), .clockBehind(let minutes): ["minutes": .verbatim(String(minutes))]
        case .handshakeEnded(let alert): ["alert": .verbatim(alert)]
        case .clocksAgree: [:]
        }
    }

    /// The pattern of the case.
    public func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .signedBy: "The certificate names “{name}” as its signer."
        case .isFor: "The certificate is for “{name}”."
        case .validFrom: "The certificate is valid from {day} (UTC) on."
        case .validUntil: "The certificate was valid until {day} (UTC)."
        case .clockAhead: "This machine's clock is {minutes} minutes ahead of the server's."
        case .clockBehind: "This machine's clock is {minutes} minutes behind the server's."
        case .handshakeEnded: "The encrypted connection ended at its start, with the TLS alert “{alert}”."
        case .clocksAgree: "This machine's clock and the server's agree."
        }
    }

    private var german: String {
        switch self {
        case .handshakeEnded: "Die verschlüsselte Verbindung endete an ihrem Anfang mit der TLS-Meldung „{alert}“."
        case .signedBy: "Als Aussteller nennt das Zertifikat „{name}“."
        case .isFor: "Das Zertifikat gilt für „{name}“."
        case .validFrom: "Das Zertifikat gilt ab {day} (UTC)."
        case .validUntil: "Das Zertifikat galt bis {day} (UTC)."
        case .clockAhead: "Die Uhr dieses Rechners geht gegenüber der des Servers {minutes} Minuten vor."
        case .clockBehind: "Die Uhr dieses Rechners geht gegenüber der des Servers {minutes} Minuten nach."
        case .clocksAgree: "Die Uhren dieses Rechners und des Servers stimmen überein."
        }
    }

    private static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}
