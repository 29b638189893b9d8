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
    /// Name and password are right, and the account has a second factor.
    case codeNeeded
    /// The code of the second factor is wrong, or was used before.
    case wrongCode
    /// The sign-in waited too long for its code.
    case expired
    /// The secret of the second factor does not open with the present keys, so that no code of the app can be checked; the try does not count.
    case secretUnreadable

    /// What is wrong and what to do where the secret of a second factor does not open.
    package static let secretUnreadableSentence = """
        Codes of the app can’t be checked: the key file of this host is not the one that your second factor was set up with. Use a \
        recovery code, or let an administrator reset your second factor.
        """
}

/// What comes after the password.
package enum SignInStep: Sendable {
    case signedIn(SignedIn)
    /// The account has a second factor; the token stands for the sign-in until the code is there.
    case codeNeeded(SessionToken)
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
    /// How long a sign-in waits for the code of the second factor.
    package static let codeLimit: TimeInterval = 10 * 60

    private let storage: any Storage
    private let time: TimeSource
    package let passwords: PasswordPolicy
    /// Verified where there is no account, so that the response time does not reveal which names exist.
    private let decoy: String
    let queue: PasswordQueue
    private let refusals: RefusedSignInLog
    private let factors: SecondFactorService

    /// Creates the service of a host.
    ///
    /// - Parameters:
    ///   - storage: Where accounts, failures and sessions are.
    ///   - vault: What opens the secrets of second factors.
    ///   - time: The clock.
    ///   - passwords: The rules for passwords.
    ///   - queueLength: How many passwords of unknown devices may wait to be checked.
    /// - Throws: The system's error if it has no random bytes.
    package init(
        storage: any Storage, vault: Vault, time: TimeSource, passwords: PasswordPolicy, queueLength: Int = PasswordQueue.defaultLength
    ) throws {
        self.storage = storage
        self.time = time
        self.passwords = passwords
        decoy = try passwords.hash("no account has this password")
        queue = PasswordQueue(length: queueLength)
        refusals = RefusedSignInLog(storage: storage)
        factors = SecondFactorService(storage: storage, vault: vault, time: time)
    }

    /// Checks name, password and, if the account has a second factor, its code, and opens a session.
    ///
    /// - Parameters:
    ///   - name: The name as it was typed.
    ///   - password: The password.
    ///   - code: The code of the second factor; nil if none was sent.
    ///   - device: The token of the browser's device cookie, if it sent one.
    ///   - userAgent: What the browser says it is.
    ///   - origin: Where the request came from.
    /// - Returns: The tokens for the cookies, and the session.
    /// - Throws: ``SignInError``, or an error of the storage.
    package func signIn(
        name: String, password: String, code: String? = nil, device: SessionToken? = nil, userAgent: String = "",
        from origin: RequestOrigin
    ) async throws -> SignedIn {
        let attempt = Attempt(
            name: AccountName(name), typedName: name, network: ClientNetwork(origin.address), device: device,
            userAgent: UserAgent(userAgent).words, origin: origin)
        switch try await step(attempt, password, code, waits: false) {
        case .signedIn(let signedIn): return signedIn
        case .codeNeeded: throw SignInError.codeNeeded
        }
    }

    /// Checks name and password; opens a session, or waits for the code of the second factor.
    ///
    /// - Parameters:
    ///   - name: The name as it was typed.
    ///   - password: The password.
    ///   - device: The token of the browser's device cookie, if it sent one.
    ///   - userAgent: What the browser says it is.
    ///   - origin: Where the request came from.
    /// - Returns: The session, or the token of the sign-in that waits.
    /// - Throws: ``SignInError``, or an error of the storage.
    package func begin(
        name: String, password: String, device: SessionToken?, userAgent: String, from origin: RequestOrigin
    ) async throws -> SignInStep {
        let attempt = Attempt(
            name: AccountName(name), typedName: name, network: ClientNetwork(origin.address), device: device,
            userAgent: UserAgent(userAgent).words, origin: origin)
        return try await step(attempt, password, nil, waits: true)
    }

    /// The sign-in that waits for its code; nil if there is none, or it has waited too long.
    private func waiting(_ token: SessionToken) async throws -> (session: SignInSession, account: Account)? {
        guard let found = try await storage.pendingSignIn(tokenDigest: token.digest) else { return nil }
        let age = time.now().timeIntervalSince(found.session.createdAt)
        return (-WrongClock.tolerance..<Self.codeLimit).contains(age) ? found : nil
    }

    /// Checks the code of a sign-in that waits for it, and opens a session.
    ///
    /// - Parameters:
    ///   - token: The token of the sign-in.
    ///   - code: The code of the app, or a recovery code.
    ///   - device: The token of the browser's device cookie, if it sent one.
    ///   - origin: Where the request came from.
    /// - Returns: The tokens for the cookies, and the session.
    /// - Throws: ``SignInError``, or an error of the storage.
    package func finish(
        _ token: SessionToken, code: String, device: SessionToken?, from origin: RequestOrigin
    ) async throws -> SignedIn {
        guard let (pending, account) = try await waiting(token) else { throw SignInError.expired }
        let attempt = Attempt(
            name: account.name, typedName: account.name.rawValue, network: ClientNetwork(origin.address), device: device,
            userAgent: pending.device, origin: origin)
        do {
            let now = time.now()
            // The try counts before its code is checked, as with passwords.
            let (facts, counted) = try await storage.countTry(
                name: attempt.name, network: attempt.network, device: device?.digest, at: origin.at,
                failuresIn: now.addingTimeInterval(-Self.window)...now)
            guard let counted else { throw Self.blocked }
            guard let factor = try await storage.secondFactor(of: account.name), factor.isOn else { throw SignInError.expired }
            try await require(code, of: factor, counted, by: origin)
            return try await open(attempt, account, facts, counted, replacing: pending)
        } catch let error as SignInError {
            if error != .expired, error != .secretUnreadable {
                try await refusals.record(error, attempt.network, name: attempt.typedName, account: attempt.name, origin)
            }
            throw error
        }
    }

    /// Checks a code; a try that the person can't win, because the secret does not open, is taken back.
    private func require(_ code: String, of factor: SecondFactor, _ counted: SignInTry, by origin: RequestOrigin) async throws {
        do {
            guard try await factors.accept(code, of: factor, by: origin) else { throw SignInError.wrongCode }
        } catch SignInError.secretUnreadable {
            try await storage.takeBack(counted)
            throw SignInError.secretUnreadable
        }
    }

    private func step(_ attempt: Attempt, _ password: String, _ code: String?, waits: Bool) async throws -> SignInStep {
        do {
            // Who is blocked takes no place in the queue.
            let facts = try await self.facts(of: attempt)
            guard !facts.isBlocked else { throw Self.blocked }
            let place = facts.isTrustedDevice ? PasswordQueue.Place.known : .unknown(attempt.network)
            return try await queue.run(place) { try await checked(attempt, password, code, waits: waits) }
        } catch let error as SignInError {
            if error != .codeNeeded, error != .secretUnreadable {
                try await refusals.record(error, attempt.network, name: attempt.typedName, account: attempt.name, attempt.origin)
            }
            throw error
        }
    }

    private struct Attempt: Sendable {
        let name: AccountName?
        let typedName: String
        let network: ClientNetwork
        let device: SessionToken?
        /// The browser in words.
        let userAgent: String
        let origin: RequestOrigin
    }

    private func facts(of attempt: Attempt) async throws -> SignInFacts {
        let now = time.now()
        return try await storage.signInFacts(
            name: attempt.name, network: attempt.network, device: attempt.device?.digest,
            failuresIn: now.addingTimeInterval(-Self.window)...now)
    }

    private static let blocked = SignInError.blocked(minutes: Int(window / 60))

    private func checked(_ attempt: Attempt, _ password: String, _ code: String?, waits: Bool) async throws -> SignInStep {
        let (origin, now) = (attempt.origin, time.now())
        let (facts, counted) = try await storage.countTry(
            name: attempt.name, network: attempt.network, device: attempt.device?.digest, at: origin.at,
            failuresIn: now.addingTimeInterval(-Self.window)...now)
        guard let counted else { throw Self.blocked }
        guard passwords.verify(password, against: facts.account?.passwordHash ?? decoy), let account = facts.account else {
            throw SignInError.wrong
        }
        if let factor = try await storage.secondFactor(of: account.name), factor.isOn {
            guard let code else {
                guard waits else {
                    try await storage.takeBack(counted)
                    throw SignInError.codeNeeded
                }
                let token = try SessionToken()
                let session = SignInSession(
                    tokenDigest: token.digest, account: account.name, createdAt: origin.at, lastSeenAt: origin.at,
                    device: attempt.userAgent, address: origin.address)
                do {
                    try await storage.addPending(
                        session, password: account.passwordHash, takingBack: counted,
                        forgettingThoseBefore: origin.at.addingTimeInterval(-Self.codeLimit))
                } catch StoreError.stale {
                    throw SignInError.wrong
                }
                return .codeNeeded(token)
            }
            try await require(code, of: factor, counted, by: origin)
        }
        return .signedIn(try await open(attempt, account, facts, counted, replacing: nil))
    }

    private func open(
        _ attempt: Attempt, _ account: Account, _ facts: SignInFacts, _ counted: SignInTry, replacing pending: SignInSession?
    ) async throws -> SignedIn {
        let origin = attempt.origin
        let token = try SessionToken()
        let device = facts.isTrustedDevice ? attempt.device : nil
        let deviceToken = try device ?? SessionToken()
        let session = SignInSession(
            tokenDigest: token.digest, account: account.name, createdAt: origin.at, lastSeenAt: origin.at, device: attempt.userAgent,
            address: origin.address)
        do {
            try await storage.add(
                session, from: KnownDevice(digest: deviceToken.digest, account: account.name, lastUsedAt: origin.at),
                password: account.passwordHash, takingBack: counted, replacing: pending,
                forgettingThoseSeenBefore: origin.at.addingTimeInterval(-Self.idleLimit),
                audit: origin.audit(.signedIn, account.name.rawValue, .done, "", actor: .account(account.name)))
        } catch StoreError.stale {
            // The password was changed while it was checked.
            throw SignInError.wrong
        }
        return SignedIn(token: token, session: session, device: deviceToken)
    }

    /// Whether a password is that of a signed-in account, for changing it; failures have a limit that others can't use up.
    ///
    /// - Throws: ``SignInError/blocked(minutes:)``, ``SignInError/busy(seconds:)``, or an error of the storage.
    package func isPassword(_ password: String, of account: Account, from origin: RequestOrigin) async throws -> Bool {
        try await queue.run(.known) {
            let isRight = try await limited("password change of \(account.name.rawValue)", origin) {
                passwords.verify(password, against: account.passwordHash) ? true : nil
            }
            guard isRight == nil else { return true }
            try await storage.append(
                origin.audit(.signInFailed, account.name.rawValue, .refused, "The current password was wrong."))
            return false
        }
    }

    /// Checks something that a signed-in person typed, with a limit of failures that others can't use up.
    ///
    /// - Parameters:
    ///   - purpose: What is limited.
    ///   - origin: Where the request came from.
    ///   - check: The check; it returns nil for a failure.
    /// - Returns: What the check returns.
    /// - Throws: ``SignInError/blocked(minutes:)``, an error of the storage, or what the check throws.
    func limited<Value: Sendable>(_ purpose: String, _ origin: RequestOrigin, _ check: () async throws -> Value?) async throws -> Value? {
        let key = Digest(of: Array(purpose.utf8)).bytes
        let now = time.now()
        let failure = FailedSignIn(at: origin.at, network: ClientNetwork(origin.address), account: nil, device: key)
        let counted = try await storage.countTry(failure, ofDevice: key, failuresIn: now.addingTimeInterval(-Self.window)...now)
        guard let counted else { throw Self.blocked }
        let value: Value?
        do {
            value = try await check()
        } catch SignInError.secretUnreadable {
            try await storage.takeBack(counted)
            throw SignInError.secretUnreadable
        }
        guard let value else { return nil }
        try await storage.takeBack(counted)
        return value
    }

    /// The sessions of an account that have not ended, the latest used first.
    ///
    /// - Throws: An error of the storage.
    package func sessions(of account: AccountName, now: Date) async throws -> [SignInSession] {
        try await storage.sessions(of: account, limit: Self.maxListedSessions).filter { isAlive($0, now: now) }
    }

    /// How many sessions of an account are listed.
    package static let maxListedSessions = 100

    /// Whether a session has not ended.
    ///
    /// A session that begins in the future was made while the clock was wrong, and has ended.
    private func isAlive(_ session: SignInSession, now: Date) -> Bool {
        let age = now.timeIntervalSince(session.createdAt)
        let idle = now.timeIntervalSince(session.lastSeenAt)
        guard age >= -WrongClock.tolerance, age < Self.absoluteLimit else { return false }
        // A use in the future counts as none since the sign-in.
        return (idle >= -WrongClock.tolerance ? idle : age) < Self.idleLimit
    }

    /// The text to store for a new password.
    ///
    /// - Throws: ``SignInError/busy(seconds:)``, or the system's error if it has no memory.
    package func hash(_ password: String) async throws -> String { try await queue.run(.known) { try passwords.hash(password) } }

    /// The session of a cookie's token, if it has not ended.
    package func signedInUser(token: SessionToken, now: Date) async throws -> (session: SignInSession, account: Account)? {
        guard let found = try await storage.session(tokenDigest: token.digest) else { return nil }
        guard isAlive(found.session, now: now) else { return nil }
        let idle = now.timeIntervalSince(found.session.lastSeenAt)
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
