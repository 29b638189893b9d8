import FoundationEssentials
import PSACore
import PSAEngine
import Synchronization
import VectisRules

/// Writes refused sign-ins to the audit log, in a number that strangers can't raise.
///
/// An entry is never deleted, so a client network gets two in a window of fifteen minutes at most: its first refusal at once, and
/// the count when the window ends. ``SignInLimits/maxNetworks`` networks have entries of their own; the others share one count. Counts
/// are in memory until then: a host that is killed loses those of the current window, not the first entries.
final class RefusedSignInLog: Sendable {
    private struct Count {
        var wrong = 0
        var wrongCode = 0
        var blocked = 0
        var busy = 0
        var first: Date
        var last: Date
        var names = DistinctCount()

        var total: Int { wrong + wrongCode + blocked + busy }

        init(at time: Date) { (first, last) = (time, time) }

        mutating func add(_ error: SignInError, _ name: String, at time: Date) {
            switch error {
            case .wrong, .codeNeeded, .expired, .secretUnreadable: wrong += 1
            case .wrongCode: wrongCode += 1
            case .blocked: blocked += 1
            case .busy: busy += 1
            }
            (first, last) = (min(first, time), max(last, time))
            names.insert(name)
        }

        /// One sentence for the audit log.
        func detail(from origin: String) -> String {
            let reasons = [
                (wrong, "for a wrong name or password"), (wrongCode, "for a wrong code"), (blocked, "because of too many failures"),
                (busy, "because too many passwords waited"),
            ]
            let parts = reasons.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            return """
                \(total) sign-ins from \(origin) were refused between \(first.formatted(.iso8601)) and \(last.formatted(.iso8601)), \
                \(parts); names tried: \(names).
                """
        }
    }

    private struct State {
        /// The number of the window since 1970; nil before the first refusal.
        var window: Int?
        var networks: [ClientNetwork: Count] = [:]
        var others: Count?
        var otherNetworks = DistinctCount()
        /// Counts of windows that have ended, until they are written.
        var ended: [AuditEntry] = []

        /// Turns the counts of the current window into entries.
        mutating func end() {
            func entry(_ count: Count, _ origin: String, _ address: String?) -> AuditEntry {
                AuditEntry(
                    at: count.last, actor: .unknown, action: .refusedSignInsCounted, target: "", outcome: .refused,
                    detail: count.detail(from: origin), correlationID: CorrelationID().rawValue, address: address)
            }
            let own = networks.filter { $0.value.total > 1 }.sorted { $0.key.description < $1.key.description }
            ended += own.map { entry($0.value, $0.key.description, $0.key.description) }
            if let others { ended.append(entry(others, "\(otherNetworks) other addresses", nil)) }
            (window, networks, others, otherNetworks) = (nil, [:], nil, DistinctCount())
            // While nothing can be written, the latest windows are kept.
            ended = ended.suffix(2 * (SignInLimits.maxNetworks + 1))
        }
    }

    private let storage: any Storage
    private let state = Mutex(State())

    init(storage: any Storage) { self.storage = storage }

    private static func window(of time: Date) -> Int { Int((time.timeIntervalSince1970 / SignInService.window).rounded(.down)) }

    /// Counts a refusal, and writes an entry if it is the first of its network in the window.
    ///
    /// - Throws: An error of the storage.
    func record(
        _ error: SignInError, _ network: ClientNetwork, name: String, account: AccountName?, _ origin: RequestOrigin
    ) async throws {
        let isFirst = state.withLock { state in
            let window = Self.window(of: origin.at)
            if let current = state.window, current != window { state.end() }
            state.window = window
            let isNew = state.networks[network] == nil
            if isNew, state.networks.count >= SignInLimits.maxNetworks {
                state.others = state.others ?? Count(at: origin.at)
                state.others?.add(error, name, at: origin.at)
                state.otherNetworks.insert(network.description)
                return false
            }
            state.networks[network, default: Count(at: origin.at)].add(error, name, at: origin.at)
            return isNew
        }
        if isFirst { try await storage.append(try await entry(error, account, origin)) }
        try await writeEnded()
    }

    /// The entry of one refusal; the name is stored only if there is such an account, because it may be a password.
    private func entry(_ error: SignInError, _ name: AccountName?, _ origin: RequestOrigin) async throws -> AuditEntry {
        let account = if let name { try await storage.account(name)?.name } else { AccountName?.none }
        let (action, detail): (AuditAction, String) =
            switch error {
            case .wrong, .codeNeeded, .expired, .secretUnreadable: (.signInFailed, "Name or password was wrong.")
            case .wrongCode: (.signInFailed, "The code of the second factor was wrong.")
            case .blocked: (.signInBlocked, "Too many failed tries.")
            case .busy: (.signInBlocked, "Too many passwords waited to be checked.")
            }
        return origin.audit(
            action, account?.rawValue ?? "", .refused, detail, actor: account.map { .account($0) } ?? .unknown)
    }

    /// Ends the window if it lies before a time, or anyway, and writes its counts.
    ///
    /// - Throws: An error of the storage; the counts are kept then.
    func closeWindow(endedAt time: Date?) async throws {
        state.withLock { state in
            guard let window = state.window, time.map({ Self.window(of: $0) != window }) ?? true else { return }
            state.end()
        }
        try await writeEnded()
    }

    private func writeEnded() async throws {
        while let next = state.withLock({ $0.ended.isEmpty ? nil : $0.ended.removeFirst() }) {
            do {
                try await storage.append(next)
            } catch {
                state.withLock { $0.ended.insert(next, at: 0) }
                throw error
            }
        }
    }
}

/// The number of different texts, up to a limit, without keeping the texts.
struct DistinctCount: CustomStringConvertible {
    private var hashes: Set<Int> = []
    private var isMore = false

    mutating func insert(_ text: String) {
        guard !hashes.contains(text.hashValue) else { return }
        if hashes.count < SignInLimits.maxDistinct { hashes.insert(text.hashValue) } else { isMore = true }
    }

    var description: String { isMore ? "more than \(hashes.count)" : "\(hashes.count)" }
}
