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
