import PSACore

/// Within which source and id name one event: that of a single token, or one that several tokens share.
struct EventNamespace: Sendable, Hashable {
    /// As it is stored; the two kinds can't be mistaken for one another.
    let rawValue: String

    /// That of events which came before there were namespaces; nobody knows with which token.
    static let none = EventNamespace(rawValue: "")

    /// That of one token.
    static func own(_ token: String) -> EventNamespace { EventNamespace(rawValue: "token/" + token) }

    /// That of all tokens which an administrator gave this name.
    static func shared(_ name: Name) -> EventNamespace { EventNamespace(rawValue: "name/" + name.rawValue) }

    /// A name that an administrator gave: 1 to 60 of `a-z`, `0-9`, `.`, `_` and `-`.
    struct Name: Sendable, Hashable {
        let rawValue: String

        /// Takes what was typed; capitals are small letters, so that no two names differ in them alone.
        init?(_ text: String) {
            let name = text.trimmingSpaces.lowercased()
            let isUsable =
                (1...60).contains(name.utf8.count)
                && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || ".-_".utf8.contains($0) }
            guard isUsable else { return nil }
            rawValue = name
        }

        /// What is wrong with one that can't be taken.
        static let rule = "A namespace has 1 to 60 of a-z, 0-9, dot, hyphen and underscore."
    }
}
