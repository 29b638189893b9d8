package import FoundationEssentials
import PSACore
import PSAEngine
import Sodium
import Synchronization
import VectisRules

/// What counts as one client where strangers are limited: an IPv4 address, or the /64 network of an IPv6 address.
///
/// A provider gives each customer a /64 network at least, so that its addresses cost nothing.
package struct ClientNetwork: Sendable, Hashable, CustomStringConvertible {
    /// The address, or the network with its length.
    package let description: String

    /// The network of a numeric address; another text stands for itself.
    package init(_ address: String) {
        switch IPAddress(address)?.unwrapped {
        case .v4(let value): description = IPAddress.v4(value).description
        case .v6(let high, _): description = IPAddress.v6(high: high, low: 0).description + "/64"
        case nil: description = String(address.prefix(64))
        }
    }
}

/// A sign-in that failed.
package struct FailedSignIn: Sendable, Equatable {
    package let at: Date
    package let network: ClientNetwork
    /// The account it counts for; nil if there is none of the name, or a known device failed.
    package let account: AccountName?
    /// The digest of the known device it counts for.
    package let device: [UInt8]?

    /// Creates a ``FailedSignIn``.
    package init(at: Date, network: ClientNetwork, account: AccountName?, device: [UInt8]?) {
        self.at = at
        self.network = network
        self.account = account
        self.device = device
    }
}

/// A browser that has signed in to an account before, by the digest of its token; the token is stored nowhere.
package struct KnownDevice: Sendable, Equatable {
    /// How many an account has; the one that was not used for longest gives way.
    package static let maxPerAccount = 10
    /// How long one is known without being used.
    package static let lifetime: TimeInterval = 90 * 86_400

    package let digest: [UInt8]
    package let account: AccountName
    package let lastUsedAt: Date

    /// Creates a ``KnownDevice``.
    package init(digest: [UInt8], account: AccountName, lastUsedAt: Date) {
        self.digest = digest
        self.account = account
        self.lastUsedAt = lastUsedAt
    }
}

/// What decides whether a password is checked.
package struct SignInFacts: Sendable {
    /// The account of the name; nil if there is none.
    package var account: Account?
    package var failuresOfNetwork = 0
    /// Failures of the account since its last success, without those of known devices.
    package var failuresOfAccount = 0
    /// Whether the device has signed in to the account before.
    package var isKnownDevice = false
    package var failuresOfDevice = 0

    /// Creates facts without failures.
    package init() {}

    /// Whether the device is known and has tries left.
    package var isTrustedDevice: Bool { isKnownDevice && failuresOfDevice < SignInService.tries }

    /// Whether there were too many failures.
    package var isBlocked: Bool {
        !isTrustedDevice && (failuresOfNetwork >= SignInService.tries || failuresOfAccount >= SignInService.tries)
    }

    /// The failure of a try with these facts.
    ///
    /// Failures of a device that is known count for it, and not for the account: they keep no other device out.
    package func failure(at time: Date, _ network: ClientNetwork, device: [UInt8]?) -> FailedSignIn {
        FailedSignIn(
            at: time, network: network, account: isTrustedDevice ? nil : account?.name, device: isTrustedDevice ? device : nil)
    }
}

/// A try to sign in that counts as a failure until it is taken back.
package struct SignInTry: Sendable, Equatable {
    /// The row of the failure.
    package let place: Int64
    package let failure: FailedSignIn

    /// Creates a ``SignInTry``.
    package init(place: Int64, failure: FailedSignIn) {
        self.place = place
        self.failure = failure
    }
}

/// The part of the storage that counts failed sign-ins and knows devices; it keeps a limited number of rows.
package protocol SignInStore: Sendable {
    /// What is known about an attempt to sign in; failures outside the range do not count.
    func signInFacts(
        name: AccountName?, network: ClientNetwork, device: [UInt8]?, failuresIn range: ClosedRange<Date>
    ) async throws -> SignInFacts

    /// Counts a try as a failure before its password is checked, unless there were too many: tries that arrive together, also at several
    /// processes, can't outrun the count.
    ///
    /// - Parameters:
    ///   - name: The account.
    ///   - network: Where the try comes from.
    ///   - device: The device.
    ///   - time: When it was made.
    ///   - range: Failures outside of it do not count; those before it are forgotten.
    /// - Returns: What was known before, and the try; no try if ``SignInFacts/isBlocked``.
    /// - Throws: Errors of the storage.
    func countTry(
        name: AccountName?, network: ClientNetwork, device: [UInt8]?, at time: Date, failuresIn range: ClosedRange<Date>
    ) async throws -> (facts: SignInFacts, counted: SignInTry?)

    /// Counts a try of a device as a failure before the password is checked.
    ///
    /// - Returns: Nil if the device has as many failures as ``SignInService/tries`` already.
    func countTry(_ failure: FailedSignIn, ofDevice device: [UInt8], failuresIn range: ClosedRange<Date>) async throws -> SignInTry?

    /// Takes back a try whose password was right.
    func takeBack(_ counted: SignInTry) async throws

    /// Counts a failure, and forgets those before a time, those in the future, and the oldest beyond ``SignInLimits/maxFailures``.
    func add(_ failure: FailedSignIn, forgettingThoseBefore timestamp: Date) async throws

    /// Stores a sign-in that waits for the code of the second factor, takes back the try, and deletes those that waited before a time.
    ///
    /// Failures of the account stay: who knows the password gets no more tries for the code by it.
    ///
    /// - Throws: ``StoreError/stale`` if the account has another password hash than the one that was checked.
    func addPending(
        _ session: SignInSession, password: String, takingBack counted: SignInTry, forgettingThoseBefore timestamp: Date
    ) async throws

    /// Stores a new session and its device, takes back the try, resets the failures of the account and the device, and deletes sessions last used before a time.
    ///
    /// The sign-in that waited for a code is deleted, sessions of the future, and devices beyond their number or lifetime.
    ///
    /// - Throws: ``StoreError/stale`` if the account has another password hash than the one that was checked; nil stands for any.
    func add(
        _ session: SignInSession, from device: KnownDevice, password: String?, takingBack counted: SignInTry?,
        replacing pending: SignInSession?,
        forgettingThoseSeenBefore timestamp: Date, audit: AuditEntry
    ) async throws
}

extension SignInStore {
    /// Stores a new session without a try.
    package func add(
        _ session: SignInSession, from device: KnownDevice, forgettingThoseSeenBefore timestamp: Date, audit: AuditEntry
    ) async throws {
        try await add(
            session, from: device, password: nil, takingBack: nil, replacing: nil, forgettingThoseSeenBefore: timestamp, audit: audit)
    }
}

/// The limits of what strangers leave behind.
package enum SignInLimits {
    /// How many failures are stored; the oldest give way.
    package static let maxFailures = 10_000
    /// How many client networks have entries of their own in a window of the audit log; the others share one.
    package static let maxNetworks = 50
    /// How many different names, or other networks, are counted.
    package static let maxDistinct = 1_000
}

/// Checks one password at a time, in a queue of limited length.
///
/// Each client network has one place in it at most, so that many tries from one do not delay others, and known devices go first. When
/// there is no place, the caller is refused at once.
package final class PasswordQueue: Sendable {
    /// Whose password it is.
    package enum Place: Sendable {
        /// Of a known device or a signed-in person.
        case known
        case unknown(ClientNetwork)
    }

    private struct Waiter {
        let id: Int
        let network: ClientNetwork?
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var isBusy = false
        var nextID = 0
        var known: [Waiter] = []
        var unknown: [Waiter] = []
    }

    /// How many passwords of unknown devices may wait, about two seconds of work; as many of known ones may wait besides.
    package static let defaultLength = 16

    private let length: Int
    private let state = Mutex(State())

    /// Creates an empty queue.
    package init(length: Int) { self.length = length }

    /// How many callers wait.
    package var waitingCount: Int { state.withLock { $0.known.count + $0.unknown.count } }

    /// Runs a closure when it is the caller's turn.
    ///
    /// - Throws: ``SignInError/busy(seconds:)`` if there is no place, `CancellationError` while waiting, or what the closure throws.
    package func run<Value: Sendable>(_ place: Place, _ work: () async throws -> Value) async throws -> Value {
        try await enter(place)
        defer { leave() }
        return try await work()
    }

    private func enter(_ place: Place) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    guard state.isBusy else {
                        state.isBusy = true
                        return .success(())
                    }
                    switch place {
                    case .known:
                        guard state.known.count < length else { return .failure(Self.full) }
                        state.known.append(Waiter(id: id, network: nil, continuation: continuation))
                    case .unknown(let network):
                        guard state.unknown.count < length, !state.unknown.contains(where: { $0.network == network }) else {
                            return .failure(Self.full)
                        }
                        state.unknown.append(Waiter(id: id, network: network, continuation: continuation))
                    }
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                if let place = state.known.firstIndex(where: { $0.id == id }) { return state.known.remove(at: place) }
                if let place = state.unknown.firstIndex(where: { $0.id == id }) { return state.unknown.remove(at: place) }
                return nil
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    private static let full = SignInError.busy(seconds: 2)

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            if !state.known.isEmpty { return state.known.removeFirst() }
            if !state.unknown.isEmpty { return state.unknown.removeFirst() }
            state.isBusy = false
            return nil
        }
        next?.continuation.resume()
    }
}
