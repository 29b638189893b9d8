import FoundationEssentials
import PSACore
import Sodium

/// What lets a program send events; it opens nothing else.
struct APIToken: Sendable, Equatable {
    /// By which it is listed and revoked; not the token itself.
    let id: String
    /// What people call it, such as the program that holds it.
    var name: String
    /// What the token is recognised by; the token itself is stored nowhere.
    let digest: [UInt8]
    let createdAt: Date
    /// When it was last used, to about a minute; nil if never.
    var lastUsedAt: Date?
    /// When it was revoked; nil while it is good.
    var revokedAt: Date?
    /// The namespace that it shares with others; nil for one of its own.
    var sharedNamespace: EventNamespace.Name?
    /// Whether it is older than namespaces: it may send what came before them once more.
    var isOlderThanNamespaces = false

    /// Within which the ids of its events are told apart.
    var namespace: EventNamespace { sharedNamespace.map(EventNamespace.shared) ?? .own(id) }

    /// The most characters its name may have.
    static let maxNameLength = 80
    /// What every token starts with, so that scanners for leaked secrets can find it.
    static let prefix = "vectis_"

    /// Draws a new one.
    ///
    /// - Returns: The text to hand out once, and what is stored of it.
    /// - Throws: What the system throws that has no randomness to give.
    static func make(
        name: String, namespace: EventNamespace.Name? = nil, at moment: Date
    ) throws -> (text: Secret, token: APIToken) {
        let text = prefix + (try RandomBytes.token())
        let token = APIToken(
            id: CorrelationID().rawValue, name: name, digest: digest(of: text), createdAt: moment, lastUsedAt: nil, revokedAt: nil,
            sharedNamespace: namespace)
        return (Secret(text), token)
    }

    /// What a token's text is recognised by.
    static func digest(of text: String) -> [UInt8] { Digest(of: Array(text.utf8)).bytes }
}
