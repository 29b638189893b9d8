import PSACore

/// An e-mail address in the form `local@domain`, checked so that it can stand in a header and in a command of SMTP as it is.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The longest address, in bytes.
    package static let maxLength = 254

    /// The part before the sign @.
    package let local: String
    /// The domain in lower case, or an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    package let domain: String

    /// Takes an address as it was typed; nil unless it is one of ASCII, without quotes, comments, spaces and line ends.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maxLength, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let at = text.lastIndex(of: "@")
        else { return nil }
        local = String(text[..<at])
        domain = text[text.index(after: at)...].lowercased()
        let atoms = local.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...64).contains(local.utf8.count), atoms.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isAtomByte) }),
            Self.isDomain(domain)
        else { return nil }
    }

    package var description: String { "\(local)@\(domain)" }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    private static func isDomain(_ domain: String) -> Bool {
        guard domain.hasPrefix("[") else {
            let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
            return labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            }
        }
        guard domain.hasSuffix("]") else { return false }
        let literal = String(domain.dropFirst().dropLast())
        if literal.hasPrefix("ipv6:") { return IPAddress(String(literal.dropFirst(5))).map { $0.description.contains(":") } ?? false }
        // IPAddress takes short and octal forms as browsers do; a literal has four decimal numbers.
        return IPAddress(literal)?.description == literal
    }
}
