public import FoundationEssentials

/// What a host knows about how a connection, or one operation of it, went before.
public struct ConnectionHistory: Sendable, Hashable {
    /// When it worked last with the same settings; nil if it never did, as far as is known.
    public var lastSuccess: Date?

    /// States a history.
    public init(lastSuccess: Date?) { self.lastSuccess = lastSuccess }
}

extension PSAError {
    /// Takes what worked before as evidence: where it did, something was changed since, and causes of that kind come first.
    ///
    /// - Parameters:
    ///   - history: How it went before.
    ///   - now: The present.
    public mutating func learn(from history: ConnectionHistory, now: Date) {
        guard let lastSuccess = history.lastSuccess, lastSuccess <= now, !findings.contains(where: { $0.probe == .history }) else { return }
        findings.append(CauseEvidence(by: .history, evidence: CoreMessage.workedUntil(lastSuccess, now: now)))
    }
}
