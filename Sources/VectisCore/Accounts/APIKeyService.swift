package import FoundationEssentials
package import PSACore
import PSAEngine
import VectisRules

/// What can be done with API keys, for pages and the JSON API.
package struct APIKeyService: Sendable {
    private let storage: any Storage
    private let events: EventService

    /// Creates an ``APIKeyService``.
    package init(storage: any Storage, events: EventService) {
        self.storage = storage
        self.events = events
    }

    /// The source of test events.
    package static let testSource = "vectis-test"

    /// The key of an id.
    ///
    /// - Throws: ``StoreError/notFound``, or an error of the storage.
    package func key(_ id: String) async throws -> APIToken {
        guard let key = try await storage.token(id: id) else { throw StoreError.notFound }
        return key
    }

    /// Makes a key.
    ///
    /// - Returns: The text of the key, to be shown once, and what is stored of it.
    /// - Throws: An error of the storage.
    package func create(
        name: String, namespace: EventNamespace.Name?, scopes: Set<APIScope>, expiresAt: Date?, by origin: RequestOrigin
    ) async throws -> (text: Secret, key: APIToken) {
        let (text, key) = try APIToken.make(name: name, namespace: namespace, scopes: scopes, expiresAt: expiresAt, at: origin.at)
        try await storage.add(key, audit: origin.audit(.tokenCreated, name, .done, key.sentence))
        return (text, key)
    }

    /// Changes what a key is good for.
    ///
    /// - Returns: The key as it is now.
    /// - Throws: ``StoreError/notFound`` if there is none or it is revoked, or an error of the storage.
    package func change(
        _ id: String, namespace: EventNamespace.Name?, scopes: Set<APIScope>, expiresAt: Date?, by origin: RequestOrigin
    ) async throws -> APIToken {
        var key = try await key(id)
        (key.sharedNamespace, key.scopes, key.expiresAt) = (namespace, scopes, expiresAt)
        try await storage.change(key, audit: origin.audit(.tokenChanged, key.name, .done, key.sentence))
        return key
    }

    /// Revokes a key.
    ///
    /// - Throws: ``StoreError/notFound`` if there is none or it is revoked, or an error of the storage.
    package func revoke(_ id: String, by origin: RequestOrigin) async throws {
        let key = try await key(id)
        try await storage.revokeToken(id, at: origin.at, audit: origin.audit(.tokenRevoked, key.name))
    }

    /// Sends an event as the program of a key would.
    ///
    /// - Throws: ``StoreError/notFound``, ``UnknownToken`` if the key has ended or may not send events, or an error of the storage.
    package func sendTestEvent(_ id: String, by origin: RequestOrigin) async throws -> Acceptance {
        let key = try await key(id)
        let event = HostEvent(
            source: Self.testSource, senderID: origin.correlationID.rawValue, type: "vectis.test", severity: .info, company: "",
            companyID: "", device: "", text: "A test event of the API key “\(key.name)”.", at: origin.at, receivedAt: origin.at,
            isTimed: true, attachments: [])
        return try await events.accept(event, from: key)
    }
}

extension APIToken {
    package static let nameRule = "A name has 1 to \(maxNameLength) characters."

    /// Whether a key may have this name.
    package static func isUsable(name: String) -> Bool {
        (1...maxNameLength).contains(name.count) && !name.unicodeScalars.contains(where: HostEvent.isControl)
    }

    /// What it is good for, in the audit log.
    fileprivate var sentence: String {
        let space = sharedNamespace.map { "Namespace “\($0.rawValue)”." } ?? "A namespace of its own."
        let end = expiresAt.map { " Until \($0.formatted(.iso8601))." } ?? ""
        return "Scopes: \(scopes.text). \(space)\(end)"
    }
}
