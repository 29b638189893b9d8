package import FoundationEssentials
package import PSACore
import PSAEngine
import Sodium
import VectisRules

/// Why a sign-in or a password was rejected.
package enum SignInError: Error, Sendable, Equatable {
    /// Name or password is wrong; which of them is not revealed.
    case wrong
    /// Too many failures; how many minutes until the next try counts.
    case blocked(minutes: Int)
    /// Too many passwords wait to be checked; in how many seconds to try again.
    case busy(seconds: Int)
}

/// A browser that has signed in, and what it keeps.
package struct SignedIn: Sendable {
    /// For the cookie of the session.
    package let token: SessionToken
    package let session: SignInSession
    /// For the cookie of the known device.
    package let device: SessionToken
}

/// Signs people in and out.
///
/// Failures are limited by ``ClientNetwork`` first, and by account. A device that has signed in to the account before has a limit of its
/// own, so that guesses from elsewhere do not keep its owner out. One password is checked at a time, see ``PasswordQueue``: each check
/// takes 64 MiB and a tenth of a second. A try counts as a failure before its password is checked, so that tries that arrive together, also
/// at several processes, do not outrun the count.
package struct SignInService: Sendable {
    /// After this many failures an account, a client network or a known device has to wait.
    ///
    /// The same number for all, so that the response does not reveal which names exist.
    package static let tries = 5
    /// How long a failure counts.
    package static let window: TimeInterval = 15 * 60
    /// How long a session lives without being used.
    package static let idleLimit: TimeInterval = 8 * 3600
    /// How long a session lives at most.
    package static let absoluteLimit: TimeInterval = 7 * 86_400

    private let storage: any Storage
    private let time: TimeSource
    package let passwords: PasswordPolicy
    /// Verified where there is no account, so that the response time does not reveal which names exist.
    private let decoy: String
    let queue: PasswordQueue
    private let refusals: RefusedSignInLog

    /// Creates the service of a host.
    ///
    /// - Parameters:
    ///   - storage: Where accounts, failures and sessions are.
    ///   - time: The clock.
    ///   - passwords: The rules for passwords.
    ///   - queueLength: How many passwords of unknown devices may wait to be checked.
    /// - Throws: The system's error if it has no random bytes.
    package init(
        storage: any Storage, time: TimeSource, passwords: PasswordPolicy, queueLength: Int = PasswordQueue.defaultLength
    ) throws {
        self.storage = storage
        self.time = time
        self.passwords = passwords
        decoy = try passwords.hash("no account has this password")
        queue = PasswordQueue(length: queueLength)
        refusals = RefusedSignInLog(storage: storage)
    }

    /// Checks name and password and opens a session.
    ///
    /// - Parameters:
    ///   - name: The name as it was typed.
    ///   - password: The password.
    ///   - device: The token of the browser's device cookie, if it sent one.
    ///   - origin: Where the request came from.
    /// - Returns: The tokens for the cookies, and the session.
    /// - Throws: ``SignInError``, or an error of the storage.
    package func signIn(
        name: String, password: String, device: SessionToken? = nil, from origin: RequestOrigin
    ) async throws -> SignedIn {
        let attempt = Attempt(
            name: AccountName(name), typedName: name, network: ClientNetwork(origin.address), device: device, origin: origin)
        do {
            // Who is blocked takes no place in the queue.
            let facts = try await self.facts(of: attempt)
            guard !facts.isBlocked else { throw Self.blocked }
            let place = facts.isTrustedDevice ? PasswordQueue.Place.known : .unknown(attempt.network)
            return try await queue.run(place) { try await checked(attempt, password) }
        } catch let error as SignInError {
            try await refusals.record(error, attempt.network, name: attempt.typedName, account: attempt.name, origin)
            throw error
        }
    }

    private struct Attempt: Sendable {
        let name: AccountName?
        let typedName: String
        let network: ClientNetwork
        let device: SessionToken?
        let origin: RequestOrigin
    }

    private func facts(of attempt: Attempt) async throws -> SignInFacts {
        let now = time.now()
        return try await storage.signInFacts(
            name: attempt.name, network: attempt.network, device: attempt.device?.digest,
            failuresIn: now.addingTimeInterval(-Self.window)...now)
    }

    private static let blocked = SignInError.blocked(minutes: Int(window / 60))

    private func checked(_ attempt: Attempt, _ password: String) async throws -> SignedIn {
        let (origin, now) = (attempt.origin, time.now())
        let (facts, counted) = try await storage.countTry(
            name: attempt.name, network: attempt.network, device: attempt.device?.digest, at: origin.at,
            failuresIn: now.addingTimeInterval(-Self.window)...now)
        guard let counted else { throw Self.blocked }
        guard passwords.verify(password, against: facts.account?.passwordHash ?? decoy), let account = facts.account else {
            throw SignInError.wrong
        }
        let token = try SessionToken()
        let device = facts.isTrustedDevice ? attempt.device : nil
        let deviceToken = try device ?? SessionToken()
        let session = SignInSession(tokenDigest: token.digest, account: account.name, createdAt: origin.at, lastSeenAt: origin.at)
        try await storage.add(
            session, from: KnownDevice(digest: deviceToken.digest, account: account.name, lastUsedAt: origin.at), takingBack: counted,
            forgettingThoseSeenBefore: origin.at.addingTimeInterval(-Self.idleLimit),
            audit: origin.audit(.signedIn, account.name.rawValue, .done, "", actor: .account(account.name)))
        return SignedIn(token: token, session: session, device: deviceToken)
    }

    /// Whether a password is that of a signed-in account, for changing it; failures have a limit that others can't use up.
    ///
    /// - Throws: ``SignInError/blocked(minutes:)``, ``SignInError/busy(seconds:)``, or an error of the storage.
    package func isPassword(_ password: String, of account: Account, from origin: RequestOrigin) async throws -> Bool {
        let key = Digest(of: Array("password change of \(account.name.rawValue)".utf8)).bytes
        return try await queue.run(.known) {
            let now = time.now()
            let failure = FailedSignIn(at: origin.at, network: ClientNetwork(origin.address), account: nil, device: key)
            let counted = try await storage.countTry(
                failure, ofDevice: key, failuresIn: now.addingTimeInterval(-Self.window)...now)
            guard let counted else { throw Self.blocked }
            if passwords.verify(password, against: account.passwordHash) {
                try await storage.takeBack(counted)
                return true
            }
            try await storage.append(
                origin.audit(.signInFailed, account.name.rawValue, .refused, "The current password was wrong when changing it."))
            return false
        }
    }

    /// The text to store for a new password.
    ///
    /// - Throws: ``SignInError/busy(seconds:)``, or the system's error if it has no memory.
    package func hash(_ password: String) async throws -> String { try await queue.run(.known) { try passwords.hash(password) } }

    /// The session of a cookie's token, if it has not ended.
    ///
    /// A session that begins in the future was made while the clock was wrong, and has ended.
    package func signedInUser(token: SessionToken, now: Date) async throws -> (session: SignInSession, account: Account)? {
        guard let found = try await storage.session(tokenDigest: token.digest) else { return nil }
        let age = now.timeIntervalSince(found.session.createdAt)
        let idle = now.timeIntervalSince(found.session.lastSeenAt)
        guard age >= -WrongClock.tolerance, age < Self.absoluteLimit else { return nil }
        // A use in the future counts as none since the sign-in.
        guard (idle >= -WrongClock.tolerance ? idle : age) < Self.idleLimit else { return nil }
        // Once a minute is exact enough, and spares a write on each request.
        if idle >= 60 || idle < -WrongClock.tolerance {
            do {
                try await storage.touchSession(tokenDigest: token.digest, at: now)
            } catch is StorageFailure {
                // A full disk must not lock out a signed-in user, who has to see the pages that report it.
            }
        }
        return found
    }

    /// Writes the counts of refused sign-ins to the audit log whenever a window ends, until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            guard (try? await time.sleep(.seconds(60))) != nil else { return }
            // What can't be written now is written with the next round.
            try? await refusals.closeWindow(endedAt: time.now())
        }
    }

    /// Writes the counts of the current window, when the host stops.
    package func finish() async { try? await refusals.closeWindow(endedAt: nil) }
}
