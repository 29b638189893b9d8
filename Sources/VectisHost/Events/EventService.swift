import FoundationEssentials
import PSACore
import PSAEngine

/// Takes events in, and decides on each before it is accepted.
struct EventService: Sendable {
    let storage: any Storage
    let time: TimeSource
    /// Tells the engine that there may be something to do.
    let wake: @Sendable () -> Void
    /// Told each step; a test may end the process there.
    let reached: @Sendable (WriteStep) async -> Void

    /// Keeps an event and what the rules make of it; when this returns, both survive whatever happens.
    ///
    /// - Throws: ``OtherContent`` if the token's namespace has another event under its source and id, or an error of the storage.
    func accept(_ event: HostEvent, from token: APIToken? = nil) async throws -> Acceptance {
        await reached(.beforeDecision)
        let acceptance = try await storage.accept(event, from: token) { event, rules, counts in try RuleEngine.decide(event, rules, counts)
        }
        await reached(.afterDecision)
        if acceptance.jobs > 0 { wake() }
        return acceptance
    }

    /// The token that a request shows, if it is good.
    func token(_ text: String) async throws -> APIToken? {
        guard text.hasPrefix(APIToken.prefix), text.utf8.count < 200 else { return nil }
        guard let token = try await storage.token(digest: APIToken.digest(of: text)), token.revokedAt == nil else { return nil }
        let now = time.now()
        if token.lastUsedAt.map({ now.timeIntervalSince($0) >= 60 }) ?? true { try await storage.touchToken(token.id, at: now) }
        return token
    }
}
