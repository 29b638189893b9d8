package import FoundationEssentials
package import PSACore
package import PSAEngine
import Sodium
import Synchronization
package import VectisRules

/// Takes events in, and decides on each before it is accepted.
package struct EventService: Sendable {
    package let storage: any Storage
    package let time: TimeSource
    /// Notifies the engine that a job may be due.
    package let wake: @Sendable () -> Void
    /// Called at each step of a write; a test may end the process there.
    package let reached: @Sendable (WriteStep) async -> Void
    /// Whether a connection's connector attaches files to tickets; where it does not, tickets are created without them.
    package let attachesFiles: @Sendable (StoredConnection) -> Bool
    private let senders = SenderTokens()

    /// Creates an ``EventService``.
    package init(
        storage: any Storage, time: TimeSource, wake: @escaping @Sendable () -> Void,
        attachesFiles: @escaping @Sendable (StoredConnection) -> Bool = { _ in true },
        reached: @escaping @Sendable (WriteStep) async -> Void
    ) {
        self.storage = storage
        self.time = time
        self.wake = wake
        self.reached = reached
        self.attachesFiles = attachesFiles
    }

    /// Stores an event and the jobs that rules create from it; when this returns, both survive a crash.
    ///
    /// Events that are accepted at the same time share a transaction; an event that fails does not affect the others.
    ///
    /// - Throws: ``OtherContent`` if the token's namespace has another event under its source and id, ``UnknownToken`` if the token is not
    ///   good any more, or an error of the storage.
    package func accept(_ event: HostEvent, from token: APIToken? = nil) async throws -> Acceptance {
        try storage.health.requireSpace()
        await reached(.beforeDecision)
        let acceptance: Acceptance
        do {
            acceptance = try await storage.accept(event, from: token) { [attachesFiles] event, rules, facts in
                try RuleEngine.decide(event, rules, facts) { try facts.connection($0).map(attachesFiles) ?? false }
            }
        } catch let error as UnknownToken {
            if let token { senders.forget(token) }
            throw error
        }
        await reached(.afterDecision)
        if acceptance.jobs > 0 { wake() }
        return acceptance
    }

    /// Stores the event of a detector and the jobs that rules create from it; when this returns, both survive a crash.
    ///
    /// - Parameters:
    ///   - event: The event; it names the connection in whose copy it was found.
    ///   - namespace: The namespace of the connection's detectors; under a source and id that it has already, nothing is stored.
    /// - Returns: What came of it.
    /// - Throws: An error of the storage.
    package func accept(_ event: HostEvent, in namespace: EventNamespace) async throws -> Acceptance {
        try storage.health.requireSpace()
        await reached(.beforeDecision)
        let acceptance = try await storage.accept(event, in: namespace) { event, rules, facts in
            try RuleEngine.decide(event, rules, facts) { _ in false }
        }
        await reached(.afterDecision)
        if acceptance.jobs > 0 { wake() }
        return acceptance
    }

    /// The token that a request shows, if it was good when it was last read.
    ///
    /// A token that was read before is not read again, because ``accept(_:from:)`` checks it in the transaction of the event. A request that
    /// leads to no event needs ``isGood(_:)``.
    ///
    /// - Throws: An error of the storage.
    package func token(_ text: String) async throws -> APIToken? {
        guard text.hasPrefix(APIToken.prefix), text.utf8.count < 200 else { return nil }
        let digest = APIToken.digest(of: text)
        if let token = senders.token(digest) { return token }
        return try await token(digest: digest)
    }

    /// The API key that a request shows, if it is good now; its use is noted.
    ///
    /// - Throws: An error of the storage.
    package func key(_ text: String) async throws -> APIToken? {
        guard text.hasPrefix(APIToken.prefix), text.utf8.count < 200 else { return nil }
        return try await token(digest: APIToken.digest(of: text))
    }

    /// Whether a token is still good; its use is noted.
    ///
    /// - Throws: An error of the storage.
    package func isGood(_ token: APIToken) async throws -> Bool { try await self.token(digest: token.digest) != nil }

    private func token(digest: [UInt8]) async throws -> APIToken? {
        let now = time.now()
        guard let token = try await storage.token(digest: digest), token.isGood(at: now) else { return nil }
        if token.isToBeTouched(at: now) { try await storage.touchToken(token.id, at: now) }
        senders.keep(token)
        return token
    }
}

/// The tokens that were good when they were last read.
///
/// They only decide whether a request's body is read; whether its token is good is decided in the transaction that accepts the event.
private final class SenderTokens: Sendable {
    /// An administrator creates tokens one at a time, so that more are rare.
    private static let limit = 1_000

    private let tokens = Mutex<[[UInt8]: APIToken]>([:])

    func token(_ digest: [UInt8]) -> APIToken? { tokens.withLock { $0[digest] } }

    func keep(_ token: APIToken) {
        tokens.withLock { tokens in
            if tokens.count >= Self.limit { tokens = [:] }
            tokens[token.digest] = token
        }
    }

    func forget(_ token: APIToken) { tokens.withLock { $0[token.digest] = nil } }
}

/// A file that an event came with, without its content.
package struct EventFile: Sendable, Hashable {
    package let name: String
    package let mediaType: String
    package let byteCount: Int

    /// Creates an ``EventFile``.
    package init(name: String, mediaType: String, byteCount: Int) {
        self.name = name
        self.mediaType = mediaType
        self.byteCount = byteCount
    }
}

/// What came of an event that was sent.
package struct Acceptance: Sendable, Equatable {
    package let event: HostEvent.ID
    /// Whether it was stored already; then no rule was evaluated again.
    package let isRepeat: Bool
    /// How many rules fired.
    package let jobs: Int

    /// Creates an ``Acceptance``.
    package init(event: HostEvent.ID, isRepeat: Bool, jobs: Int) {
        self.event = event
        self.isRepeat = isRepeat
        self.jobs = jobs
    }

}

/// Under an event's source and id the namespace has one with other content: nothing was kept.
package struct OtherContent: Error, Equatable {
    /// The one that is there.
    package let event: HostEvent.ID

    /// Creates an ``OtherContent``.
    package init(event: HostEvent.ID) {
        self.event = event
    }

}

/// The token of an event was revoked: nothing was kept.
package struct UnknownToken: Error {
    /// Creates an ``UnknownToken``.
    package init() {}
}

/// What a decision on an event reads besides the rules, in the transaction that decides.
package protocol DecisionFacts: TicketJobCounts {
    /// A connection, or nil if there is none.
    func connection(_ id: ConnectionID) throws -> StoredConnection?
}

/// The part of the storage that keeps events and the tokens that let programs send them.
package protocol EventStore: Sendable {
    /// Keeps an event together with what is decided on it, or nothing of both.
    ///
    /// An event with the source and sender's id of an earlier one in the token's namespace changes nothing. The closure runs inside the
    /// transaction, possibly twice, and must not have other effects; its rules are those that the transaction reads. The token is read in the
    /// transaction too, and its use is noted once a minute. To a shared namespace belongs what its tokens sent before they shared it. What
    /// came before there were namespaces is repeated by tokens of that time, if its content is the same, and blocks no other event.
    ///
    /// - Throws: ``OtherContent``, or ``UnknownToken`` if the token is revoked.
    func accept(
        _ event: HostEvent, from token: APIToken?,
        deciding decide: @escaping @Sendable (HostEvent, RuleIndex, any DecisionFacts) throws -> [Decision]
    ) async throws -> Acceptance

    /// Keeps an event of a detector together with what is decided on it, or nothing of both.
    ///
    /// Under a source and sender's id that the namespace has already nothing changes, whatever the content: a finding is found again with
    /// other words, such as fewer days left.
    func accept(
        _ event: HostEvent, in namespace: EventNamespace,
        deciding decide: @escaping @Sendable (HostEvent, RuleIndex, any DecisionFacts) throws -> [Decision]
    ) async throws -> Acceptance

    /// Those of the given sender's ids under which a namespace has an event of a source.
    func senderIDs(_ ids: [String], of source: String, in namespace: EventNamespace) async throws -> Set<String>

    /// The latest events, the newest first.
    func events(before place: HostEvent.ID?, limit: Int) async throws -> [StoredEvent]

    /// A part of the events that match, the newest first.
    ///
    /// Where no index finds the events that match, at most ``EventFilter/searchWindow`` are looked at; the page says where to go on.
    func eventPage(_ filter: EventFilter, before place: HostEvent.ID?, limit: Int) async throws -> EventPage

    /// One event, or nil if there is none.
    func event(_ id: HostEvent.ID) async throws -> StoredEvent?

    /// The files that events came with, without their content, by event.
    func files(of events: Set<HostEvent.ID>) async throws -> [HostEvent.ID: [EventFile]]

    /// All tokens, revoked ones too, by name.
    func tokens() async throws -> [APIToken]

    /// The token of a digest, or nil.
    func token(digest: [UInt8]) async throws -> APIToken?

    /// Keeps a new token.
    func add(_ token: APIToken, audit: AuditEntry) async throws

    /// Gives a good token another namespace, or with nil its own, other scopes and another end.
    ///
    /// - Throws: ``StoreError/notFound``.
    func change(_ token: APIToken, audit: AuditEntry) async throws

    /// The token of an id, or nil.
    func token(id: String) async throws -> APIToken?

    /// How many events a namespace has, up to a number, and the latest of them.
    func eventCount(in namespace: EventNamespace, limit: Int) async throws -> (count: Int, latest: HostEvent.ID?)

    /// Makes a token useless.
    ///
    /// - Throws: ``StoreError/notFound``.
    func revokeToken(_ id: String, at timestamp: Date, audit: AuditEntry) async throws

    /// Notes that a token was used.
    func touchToken(_ id: String, at timestamp: Date) async throws
}

/// An API key: what lets a program use the routes of its scopes, and nothing else.
package struct APIToken: Sendable, Equatable {
    /// By which it is listed and revoked; not the token itself.
    package let id: String
    /// What people call it, such as the program that holds it.
    package var name: String
    /// What the token is recognised by; the token itself is stored nowhere.
    package let digest: [UInt8]
    package let createdAt: Date
    /// When it was last used, to about a minute; nil if never.
    package var lastUsedAt: Date?
    /// When it was revoked; nil while it is good.
    package var revokedAt: Date?
    /// The namespace that it shares with others; nil for one of its own.
    package var sharedNamespace: EventNamespace.Name?
    /// Whether it is older than namespaces: it may send what came before them once more.
    package var isOlderThanNamespaces = false
    /// What it opens.
    package var scopes: Set<APIScope>
    /// When it ends by itself; nil for never.
    package var expiresAt: Date?

    /// Creates an ``APIToken``.
    package init(
        id: String, name: String, digest: [UInt8], createdAt: Date, lastUsedAt: Date? = nil, revokedAt: Date? = nil,
        sharedNamespace: EventNamespace.Name? = nil, isOlderThanNamespaces: Bool = false, scopes: Set<APIScope> = [.sendEvents],
        expiresAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.digest = digest
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
        self.sharedNamespace = sharedNamespace
        self.isOlderThanNamespaces = isOlderThanNamespaces
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    /// Whether it opens anything at a time.
    package func isGood(at now: Date) -> Bool { revokedAt == nil && !isExpired(at: now) }

    /// Whether it has ended by itself.
    package func isExpired(at now: Date) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// Whether a use now is to be noted: at most once a minute.
    package func isToBeTouched(at now: Date) -> Bool { lastUsedAt.map { !(0..<60).contains(now.timeIntervalSince($0)) } ?? true }

    /// The namespace within which the ids of its events are unique.
    package var namespace: EventNamespace { sharedNamespace.map(EventNamespace.shared) ?? .own(id) }

    /// The most characters its name may have.
    package static let maxNameLength = 80
    /// What every token starts with, so that scanners for leaked secrets can find it.
    package static let prefix = "vectis_"

    /// Draws a new one.
    ///
    /// - Returns: The token's text, to be shown once, and the stored form.
    /// - Throws: The system's error if it has no random bytes.
    package static func make(
        name: String, namespace: EventNamespace.Name? = nil, scopes: Set<APIScope> = [.sendEvents], expiresAt: Date? = nil,
        at timestamp: Date
    ) throws -> (text: Secret, token: APIToken) {
        let text = prefix + (try RandomBytes.token())
        let token = APIToken(
            id: CorrelationID().rawValue, name: name, digest: digest(of: text), createdAt: timestamp, lastUsedAt: nil, revokedAt: nil,
            sharedNamespace: namespace, scopes: scopes, expiresAt: expiresAt)
        return (Secret(text), token)
    }

    /// What a token's text is recognised by.
    package static func digest(of text: String) -> [UInt8] { Digest(of: Array(text.utf8)).bytes }
}

/// The namespace within which source and id identify one event: that of a single token, or one that several tokens share.
package struct EventNamespace: Sendable, Hashable {
    /// As it is stored; the two kinds can't be mistaken for one another.
    package let rawValue: String

    /// Creates an ``EventNamespace``.
    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The namespace of events from before namespaces existed; their tokens are unknown.
    package static let none = EventNamespace(rawValue: "")

    /// That of one token.
    package static func own(_ token: String) -> EventNamespace { EventNamespace(rawValue: "token/" + token) }

    /// That of all tokens which an administrator gave this name.
    package static func shared(_ name: Name) -> EventNamespace { EventNamespace(rawValue: "name/" + name.rawValue) }

    /// That of the detectors of a connection, as long as it leads to this tenant; no token has it.
    package static func detectors(of connection: ConnectionID, tenant: TenantIdentity) -> EventNamespace {
        EventNamespace(rawValue: "\(detectorPrefix)\(connection)/\(tenant.rawValue)")
    }

    /// What the namespaces of detectors begin with, and the origins of their jobs.
    package static let detectorPrefix = "detector/"

    /// Where events of a source in it were reported, as jobs keep it.
    package func origin(of source: String) -> String { rawValue + "/" + source }

    /// The connection whose detectors have it; nil for a namespace of programs.
    package var detectedConnection: ConnectionID? {
        let parts = rawValue.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "detector" ? ConnectionID(String(parts[1])) : nil
    }

    /// A name that an administrator gave: 1 to 60 of `a-z`, `0-9`, `.`, `_` and `-`.
    package struct Name: Sendable, Hashable {
        package let rawValue: String

        /// Parses typed text; capitals become lower case, so that names are compared case-insensitively.
        package init?(_ text: String) {
            let name = text.trimmingSpaces.lowercased()
            let isUsable =
                (1...60).contains(name.utf8.count)
                && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || ".-_".utf8.contains($0) }
            guard isUsable else { return nil }
            rawValue = name
        }

        /// The message for an invalid name.
        package static let rule = "A namespace has 1 to 60 of a-z, 0-9, dot, hyphen and underscore."
    }
}

extension HostEvent {
    /// Distinguishes a repeat from other content under the same id: everything that was sent except source, id and time.
    package var contentDigest: [UInt8] {
        var members = [type, severity.rawValue, Self.oneLine(company), companyID.trimmingSpaces, Self.oneLine(device), text]
        for file in attachments { members += [file.name, file.mediaType, Base64URL.encode(Digest(of: file.bytes).bytes)] }
        return Digest(of: JSONValue.array(members.map(JSONValue.string)).encoded).bytes
    }
}

/// How long the members of an event may be, in bytes of UTF-8.
package enum EventLimits {
    package static let source = 200
    package static let senderID = 500
    package static let type = 200
    package static let name = 1_000
    /// An id of a PSA has 200 characters at most; no character of an id is longer than four bytes.
    package static let companyID = 800
    /// Independent of the PSA's limits: what is too long for it is truncated when the ticket's text is built.
    package static let text = 256 * 1_024
    /// The most files of an event.
    package static let files = 5
    /// The most bytes of all files of an event together, decoded.
    package static let fileBytes = 256 * 1_024
    /// A body with a text of that length, even if it escapes each character beyond ASCII, and with the files in Base64.
    package static let body = 1_024 * 1_024 + 384 * 1_024
}
