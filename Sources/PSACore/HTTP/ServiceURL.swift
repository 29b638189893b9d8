/// The scheme, host and port of a vendor's server: what is left of an address once a person's typing has been tidied up.
///
/// It has no query and no user name, and a path only where the product can be installed under one; so nothing in it is secret and all of it
/// may be shown.
public struct ServiceURL: Sendable, Hashable, CustomStringConvertible {
    /// `https`, or `http` where the address policy allows it.
    public let scheme: String
    /// Lower-case host name or address literal, IPv6 in brackets.
    public let host: String
    /// The port, or nil for the scheme's own.
    public let port: Int?
    /// The path under which the product is installed, such as `/ITSM`; empty for none.
    public let path: String

    /// Scheme, host, port and the path of the installation, without a trailing slash.
    ///
    /// It is kept because each row of a list may become an address under it.
    public let text: String

    /// Host, port and the path of the installation: what tells one server from another.
    public var location: String { authority + path }

    /// Host and port, as people say it: `acme.halopsa.com`.
    public var authority: String { Self.authority(host, port) }

    /// Same as ``text``.
    public var description: String { text }

    /// Reads what a person typed or pasted and keeps the server's part of it.
    ///
    /// Whitespace around it, a missing `https://`, upper case, a trailing dot or slash, a path such as `/api` or a pasted login page, a query and
    /// a fragment are tidied away. A user name, another scheme, an impossible host or port, and an address the policy forbids are errors.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - policy: Which addresses are allowed.
    ///   - installation: Which part of a path to keep; nil keeps none.
    /// - Throws: ``ServiceURL/Problem``.
    public init(
        typed text: String, policy: AddressPolicy = .publicOnly, installation: InstallationPath? = nil
    ) throws(Problem) {
        let parts = try Self.split(text)
        host = try Self.checkedHost(parts.host, policy)
        path = installation?.kept(of: parts.path, host: host) ?? ""
        port = try Self.checkedPort(parts.port, scheme: parts.scheme)
        scheme = parts.scheme
        self.text = Self.text(scheme, host, port, path)
        if let address = IPAddress(host.trimmedBrackets), !policy.allows(address) {
            throw .forbiddenAddress(address.unwrapped.description)
        }
        if host == "localhost" || host.hasSuffix(".localhost"), !policy.allowsLoopback { throw .forbiddenAddress(host) }
        if host.hasSuffix(".internal"), !policy.allowsLocalNames { throw .forbiddenAddress(host) }
        if scheme == "http", !policy.allowsPlainHTTP(host: host) { throw .insecure }
    }

    /// The addresses that lie above this one: without the last folder of its path, without the last two, and so on.
    public var parents: [ServiceURL] {
        guard let slash = path.lastIndex(of: "/") else { return [] }
        let parent = ServiceURL(scheme: scheme, host: host, port: port, path: String(path[..<slash]))
        return [parent] + parent.parents
    }

    private init(scheme: String, host: String, port: Int?, path: String) {
        (self.scheme, self.host, self.port, self.path) = (scheme, host, port, path)
        text = Self.text(scheme, host, port, path)
    }

    private static func text(_ scheme: String, _ host: String, _ port: Int?, _ path: String) -> String {
        scheme + "://" + authority(host, port) + path
    }

    private static func authority(_ host: String, _ port: Int?) -> String { port.map { "\(host):\($0)" } ?? host }

    private typealias Parts = (scheme: String, host: Substring, port: Substring?, path: Substring)

    private static func split(_ text: String) throws(Problem) -> Parts {
        var rest = Substring(text.trimmingInvisible)
        guard !rest.isEmpty else { throw .malformed(.empty) }
        guard rest.utf8.count <= 2048 else { throw .malformed(.tooLong) }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x5C }) else {
            throw .malformed(.forbiddenCharacter)
        }
        var scheme = "https"
        // A “://” further behind belongs to the query of a pasted page, and what precedes it may be a password.
        if let colon = rest.firstRange(of: "://"), rest[..<colon.lowerBound].utf8.allSatisfy(isSchemeByte) {
            scheme = rest[..<colon.lowerBound].lowercased()
            rest = rest[colon.upperBound...]
        }
        guard scheme == "https" || scheme == "http" else {
            throw .malformed(.otherScheme(String(scheme.prefix(20))))
        }
        // Scalars, because a separator and a combining character are one character.
        let scalars = rest.unicodeScalars
        let path = Substring(scalars.drop { $0 != "/" && $0 != "?" && $0 != "#" }.prefix { $0 != "?" && $0 != "#" })
        rest = Substring(scalars.prefix { $0 != "/" && $0 != "?" && $0 != "#" })
        guard !rest.utf8.contains(UInt8(ascii: "@")) else { throw .credentials }
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw .malformed(.openBracket) }
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .malformed(.textAfterBracket) }
            return (scheme, rest[...end], after.isEmpty ? nil : after.dropFirst(), path)
        }
        let pieces = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (scheme, pieces[0], pieces.count == 2 ? pieces[1] : nil, path)
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E].contains(byte)
    }

    private static func checkedHost(_ typed: Substring, _ policy: AddressPolicy) throws(Problem) -> String {
        let host = typed.hasSuffix(".") ? typed.dropLast().lowercased() : typed.lowercased()
        guard !host.isEmpty else { throw .malformed(.noHost) }
        if host.hasPrefix("[") {
            guard case .v6? = IPAddress(host.trimmedBrackets), !host.contains("%") else {
                throw .malformed(
                    host.maySecretBeIn && host.contains { "ghijklmnopqrstuvwxyz-".contains($0) }
                        ? .notAHostName : .notAnIPv6Address(String(host.prefix(80))))
            }
            return host
        }
        guard host.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw .malformed(.foreignLetters)
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F }
        }
        guard isName, host.utf8.count <= 253 else { throw .malformed(.notAHostName) }
        guard labels.count > 1 || host == "localhost" || IPAddress(host) != nil || !policy.networks.isEmpty else {
            throw .malformed(.noDomain)
        }
        return host
    }

    private static func checkedPort(_ typed: Substring?, scheme: String) throws(Problem) -> Int? {
        guard let typed, !typed.isEmpty else { return nil }
        guard typed.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(typed), (1...65535).contains(port) else {
            // Not repeated: before an “@” behind a slash it is a password.
            throw .malformed(.badPort)
        }
        return port == (scheme == "https" ? 443 : 80) ? nil : port
    }
}

extension ServiceURL {
    /// What is wrong with a typed address.
    @nonexhaustive
    public enum Problem: Error, Sendable, Hashable, Codable {
        /// It can't be read.
        case malformed(Reason)
        /// It is http, and the policy wants https.
        case insecure
        /// It points at an address the policy forbids.
        case forbiddenAddress(String)
        /// It carries a user name or password.
        case credentials

        /// Why an address can't be read.
        ///
        /// What was typed is repeated only where it can't be a password.
        @nonexhaustive
        public enum Reason: Sendable, Hashable, Codable {
            /// Nothing but spaces and invisible characters was typed.
            case empty
            /// It has more than 2,048 bytes of UTF-8.
            case tooLong
            /// It contains a space, a backslash or a control character.
            case forbiddenCharacter
            /// It starts with another scheme than https or http; the scheme, at most 20 characters.
            case otherScheme(String)
            /// It starts an IPv6 address with `[` and has no `]`.
            case openBracket
            /// Something other than a port follows the `]` of an IPv6 address.
            case textAfterBracket
            /// Nothing stands between the scheme and the path.
            case noHost
            /// What stands in brackets is not an IPv6 address, or has a zone; the text, at most 80 characters.
            case notAnIPv6Address(String)
            /// The host has letters outside ASCII; its `xn--` form is accepted.
            case foreignLetters
            /// The host has a part that is empty, longer than 63 bytes or not of letters, digits and inner hyphens.
            case notAHostName
            /// The host is a single word, which leads nowhere outside a private network.
            case noDomain
            /// The port is not a number from 1 to 65535; it is not repeated, because it may be a password.
            case badPort
        }

        /// The error code that stands for the problem.
        public var code: ErrorCode {
            switch self {
            case .malformed, .credentials: .urlMalformed
            case .insecure: .urlInsecure
            case .forbiddenAddress: .urlForbiddenAddress
            }
        }

        /// The problem in one sentence.
        public var explanation: String { TextRenderer().text(SettingMessage.url(self)) }
    }
}

/// Which part of a typed path belongs to the server's address, for a product that can be installed under a path.
///
/// People paste what their browser shows: `https://halo.example.com/ITSM/tickets?id=5` is the page “tickets” of the installation under
/// `/ITSM`. Everything from the product's first own page on is cut, and so is whatever can't be the name of a folder.
public struct InstallationPath: Sendable, Hashable {
    /// The first words of the product's own paths, in lower case: its pages, its API, its sign-in.
    public let pages: Set<String>
    /// The domains of the vendor's own hosting, where nothing lies under a path.
    public let hostedDomains: [String]

    /// States what the product's own paths look like.
    public init(pages: Set<String>, hostedDomains: [String] = []) {
        self.pages = pages
        self.hostedDomains = hostedDomains
    }

    /// The part of a typed path that belongs to the address, with a slash in front and none behind; empty for none.
    func kept(of typed: Substring, host: String) -> String {
        if hostedDomains.contains(where: { host == $0 || host.hasSuffix("." + $0) }) { return "" }
        let folders = typed.split(separator: "/").prefix { isFolder($0) }
        return folders.count <= Self.maximumDepth ? folders.map { "/" + $0 }.joined() : ""
    }

    private static let maximumDepth = 4

    private func isFolder(_ name: Substring) -> Bool {
        guard (1...32).contains(name.utf8.count), !pages.contains(name.lowercased()), name.first != "." else { return false }
        // Long names with digits in them are what keys and one-time links look like, and an address is shown.
        guard name.utf8.count <= 12 || !name.contains(where: \.isNumber) else { return false }
        guard name.utf8.allSatisfy(Self.isNameByte) else { return false }
        return !Self.pageEndings.contains { name.lowercased().hasSuffix($0) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    private static let pageEndings = [".html", ".htm", ".aspx", ".asp", ".php", ".jsp", ".cgi"]
}
