#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a server's certificate says about itself, whether or not it is trusted.
///
/// The names come from the other side: they are cut, and hold no control characters.
public struct CertificateFacts: Sendable, Hashable {
    /// Whom it is for.
    public let subject: String?
    /// Who signed it.
    public let issuer: String?
    /// From when on it is valid.
    public let validFrom: Date?
    /// Until when it is valid.
    public let validUntil: Date?
    /// The product that opens encrypted connections on the way and signs certificates like this one, if the signer's name tells.
    public let inspector: String?

    /// States what a certificate says.
    ///
    /// - Parameters:
    ///   - subject: Whom it is for, as a list of names such as `C = US, O = Acme, CN = acme.example.com`.
    ///   - issuer: Who signed it, in the same form.
    ///   - validFrom: From when on it is valid.
    ///   - validUntil: Until when it is valid.
    public init(subject: String, issuer: String, validFrom: Date?, validUntil: Date?) {
        self.subject = Self.name(["CN", "O"], in: subject)
        let (organisation, name) = (Self.name(["O"], in: issuer), Self.name(["CN", "OU"], in: issuer))
        self.issuer = name.map { name in organisation.map { "\(name) (\($0))" } ?? name } ?? organisation
        self.validFrom = validFrom
        self.validUntil = validUntil
        inspector = Self.inspectors.first { issuer.lowercased().contains($0.mark) }?.name
    }

    /// The value of the first of some kinds of name.
    private static func name(_ kinds: [String], in list: String) -> String? {
        let parts = list.prefix(2_000).split { $0 == "," || $0 == ";" || $0 == "/" || $0 == "\n" }.map { part in
            part.split(separator: "=", maxSplits: 1).map { $0.trimmingInvisible }
        }
        for kind in kinds {
            guard let value = parts.first(where: { $0.count == 2 && $0[0] == kind })?[1], !value.isEmpty else { continue }
            return Redactor([]).clean(String(value), maximumLength: 80)
        }
        return nil
    }

    /// How products that open encrypted connections sign: by words in their authority's name.
    private static let inspectors: [(mark: String, name: String)] = [
        ("zscaler", "Zscaler"), ("netskope", "Netskope"), ("goskope", "Netskope"), ("fortinet", "Fortinet"), ("fortigate", "Fortinet"),
        ("palo alto", "Palo Alto Networks"), ("cisco umbrella", "Cisco Umbrella"), ("opendns", "Cisco Umbrella"),
        ("gateway ca - cloudflare", "Cloudflare Gateway"), ("cloudflare for teams", "Cloudflare Gateway"), ("sophos", "Sophos"),
        ("barracuda", "Barracuda"), ("check point", "Check Point"), ("checkpoint", "Check Point"), ("blue coat", "Symantec ProxySG"),
        ("bluecoat", "Symantec ProxySG"), ("mcafee", "McAfee"), ("skyhigh", "Skyhigh"), ("forcepoint", "Forcepoint"),
        ("websense", "Forcepoint"),
        ("iboss", "iboss"), ("watchguard", "WatchGuard"), ("sonicwall", "SonicWall"), ("kaspersky", "Kaspersky"), ("eset ssl", "ESET"),
        ("bitdefender", "Bitdefender"), ("avast", "Avast"), ("avg web", "AVG"), ("avira", "Avira"), ("untangle", "Untangle"),
        ("smoothwall", "Smoothwall"),
        ("lightspeed", "Lightspeed"), ("cato networks", "Cato Networks"), ("menlo security", "Menlo Security"), ("securly", "Securly"),
        ("dnsfilter", "DNSFilter"), ("squid", "Squid"), ("mitmproxy", "mitmproxy"), ("charles proxy", "Charles"), ("fiddler", "Fiddler"),
        ("burp", "Burp Suite"), ("portswigger", "Burp Suite"),
    ]
}
