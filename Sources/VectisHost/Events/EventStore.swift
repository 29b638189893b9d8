import PSAEngine
import FoundationEssentials

/// What came of an event that was sent.
struct Acceptance: Sendable, Equatable {
    let event: HostEvent.ID
    /// Whether it was known already; then nothing was decided anew.
    let isRepeat: Bool
    /// How many rules fired.
    let jobs: Int
}

/// Under an event's source and id the namespace has one with other content: nothing was kept.
struct OtherContent: Error, Equatable {
    /// The one that is there.
    let event: HostEvent.ID
}

/// The part of the storage that keeps events and the tokens that let programs send them.
protocol EventStore: Sendable {
    /// Keeps an event together with what is decided on it, or nothing of both.
    ///
    /// An event with the source and sender's id of an earlier one in the token's namespace changes nothing; the closure runs inside the
    /// transaction. To a shared namespace belongs what its tokens sent before they shared it. What came before there were namespaces is
    /// repeated by tokens of that time, if its content is the same, and stands in nobody's way otherwise.
    ///
    /// - Throws: ``OtherContent``.
    func accept(
        _ event: HostEvent, from token: APIToken?,
        deciding decide: @escaping @Sendable (HostEvent, [Rule], any TicketJobCounts) throws -> [Decision]
    ) async throws -> Acceptance

    /// The latest events, the newest first.
    func events(before place: HostEvent.ID?, limit: Int) async throws -> [StoredEvent]

    /// One event, or nil if there is none.
    func event(_ id: HostEvent.ID) async throws -> StoredEvent?

    /// All tokens, revoked ones too, by name.
    func tokens() async throws -> [APIToken]

    /// The token of a digest, or nil.
    func token(digest: [UInt8]) async throws -> APIToken?

    /// Keeps a new token.
    func add(_ token: APIToken, audit: AuditEntry) async throws

    /// Gives a good token another namespace, or with nil its own.
    ///
    /// - Throws: ``StoreError/notFound``.
    func setNamespace(_ name: EventNamespace.Name?, ofToken id: String, audit: AuditEntry) async throws

    /// Makes a token useless.
    ///
    /// - Throws: ``StoreError/notFound``.
    func revokeToken(_ id: String, at moment: Date, audit: AuditEntry) async throws

    /// Notes that a token was used.
    func touchToken(_ id: String, at moment: Date) async throws
}
