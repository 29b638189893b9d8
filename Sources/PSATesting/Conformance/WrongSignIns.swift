import PSACore
import Synchronization

/// The sign-ins with wrong credentials that reach the tenant in one run: vendors lock an account after a few of them.
///
/// What the vendor refuses the first one with is played in the place of its answers to the others.
final class WrongSignIns: Sendable {
    /// How many there may be.
    static let limit = 2

    private struct State {
        var sent = 0
        var refusals: [SettingKey: TransportResponse] = [:]
        var lockedWith: Int?
    }

    private let state = Mutex(State())

    /// How many there were.
    var sent: Int { state.withLock { $0.sent } }

    /// The status with which right credentials were answered after wrong ones; nil while the account is not locked.
    var lockedWith: Int? {
        get { state.withLock { $0.lockedWith } }
        set { state.withLock { $0.lockedWith = newValue } }
    }

    /// Whether another one may be sent; it is counted.
    fileprivate func takes() -> Bool {
        state.withLock { state in
            guard state.sent < Self.limit else { return false }
            state.sent += 1
            return true
        }
    }

    /// What a wrong value of a setting was refused with.
    fileprivate func refusal(of key: SettingKey) -> TransportResponse? { state.withLock { $0.refusals[key] } }

    /// Any refusal, for a setting whose own was not seen.
    fileprivate var anyRefusal: TransportResponse { state.withLock { $0.refusals.values.first } ?? .json(401, [:]) }

    fileprivate func keep(_ refusal: TransportResponse, of key: SettingKey) { state.withLock { $0.refusals[key] = refusal } }
}

/// Why a run ends: the tenant does not take right credentials any more.
struct AccountLockedError: Error, CustomStringConvertible {
    let status: Int

    var description: String {
        """
        The account is locked: after a sign-in with wrong credentials the tenant answers \(status) to right ones, which worked before. The run \
        ends here. Wait until the vendor unlocks the account, as a rule some minutes, and run the suite with an account made for tests.
        """
    }

    /// What is said of the rules behind it.
    static let afterwards = "The run ended before: the account is locked."
}

extension ConformanceSubject {
    /// Runs a check with a wrong value in each secret setting in turn.
    ///
    /// - Parameter check: The check, with the setting and a stage whose requests carry the wrong value.
    /// - Returns: What fell short.
    /// - Throws: ``AccountLockedError`` if right credentials do not work any more afterwards; what the check throws.
    func withEachSecretWrong(
        _ check: (SettingField, ConformanceStage) async throws -> [Violation]
    ) async throws -> [Violation] {
        var violations: [Violation] = []
        for field in descriptor.settings.fields where field.isSecret && settings[field.key] != nil {
            let wrong = Secret("wrong-\(field.example)")
            var (guarded, settings) = (self, settings)
            guarded.transport = WrongSignInTransport(inner: transport, wrong: wrong, key: field.key, signIns: run.signIns)
            settings[field.key] = wrong
            let before = run.signIns.sent
            let mayBeSent = before < WrongSignIns.limit && run.signIns.refusal(of: field.key) == nil
            let worked = mayBeSent ? try await ConformanceStage(self).session().testConnection().isConnected : false
            let found = try await check(field, ConformanceStage(guarded, settings: settings))
            if worked, run.signIns.sent > before { try await requireSignIn() }
            violations += found
        }
        return violations
    }

    /// Signs in with right credentials, which worked before.
    private func requireSignIn() async throws {
        let report = try await ConformanceStage(self).session().testConnection()
        guard !report.isConnected, let status = report.failure?.vendor?.status, [401, 403, 423, 429].contains(status) else { return }
        run.signIns.lockedWith = status
        throw AccountLockedError(status: status)
    }
}

/// Lets few requests with a wrong secret through, and none after the vendor has refused one.
private struct WrongSignInTransport: HTTPTransport {
    let inner: any HTTPTransport
    let wrong: Secret
    let key: SettingKey
    let signIns: WrongSignIns

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        if let refusal = signIns.refusal(of: key) { return refusal }
        let isSignIn = request.carries([wrong])
        guard !isSignIn || signIns.takes() else { return signIns.anyRefusal }
        let response = try await inner.send(request)
        // A secret that is sent as a signature shows by its refusal only.
        let isRefusal = [401, 403].contains(response.status) || isSignIn && [400, 422].contains(response.status)
        guard isRefusal else { return response }
        if !isSignIn { _ = signIns.takes() }
        signIns.keep(response, of: key)
        return response
    }
}
