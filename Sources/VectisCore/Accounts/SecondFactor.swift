package import FoundationEssentials
import OneTimeCodes
package import PSACore
package import PSAEngine
import Sodium
import VectisRules

/// The second factor of an account: the secret that it shares with an authenticator app.
package struct SecondFactor: Sendable, Equatable {
    package let account: AccountName
    /// By which the secret is sealed; not the secret.
    package let id: ConnectionID
    package let secret: SealedSecret
    package let createdAt: Date
    /// When a code proved that the app has the secret; nil while it is being set up, and signing in does not ask for it.
    package var confirmedAt: Date?
    /// The last time step whose code was accepted: each counts once.
    package var lastStep: Int64

    /// Creates a ``SecondFactor``.
    package init(
        account: AccountName, id: ConnectionID, secret: SealedSecret, createdAt: Date, confirmedAt: Date? = nil, lastStep: Int64 = 0
    ) {
        self.account = account
        self.id = id
        self.secret = secret
        self.createdAt = createdAt
        self.confirmedAt = confirmedAt
        self.lastStep = lastStep
    }

    /// Whether signing in asks for a code.
    package var isOn: Bool { confirmedAt != nil }

    /// The place of the secret in the vault.
    package static var secretKey: SettingKey { "one-time-code" }
}

/// What the page of a second factor shows.
package struct SecondFactorStatus: Sendable, Equatable {
    /// When it was turned on; nil while it is off.
    package let confirmedAt: Date?
    /// How many recovery codes are left.
    package let recoveryCodes: Int

    /// Creates a ``SecondFactorStatus``.
    package init(confirmedAt: Date?, recoveryCodes: Int) {
        self.confirmedAt = confirmedAt
        self.recoveryCodes = recoveryCodes
    }
}

/// The secret of a second factor that is being set up, as an authenticator app takes it.
package struct SecondFactorSetup: Sendable {
    /// The secret in Base32.
    package let secret: Secret
    /// The address that apps read from a QR code; it holds the secret.
    package let address: Secret

    /// The secret in groups of four characters, for typing.
    package var groups: Secret {
        let characters = Array(secret.reveal())
        return Secret(
            stride(from: 0, to: characters.count, by: 4).map { String(characters[$0..<min($0 + 4, characters.count)]) }.joined(
                separator: " "))
    }
}

/// The part of the storage that keeps second factors.
package protocol SecondFactorStore: Sendable {
    /// The second factor of an account; nil if there is none.
    func secondFactor(of account: AccountName) async throws -> SecondFactor?

    /// The accounts that have a second factor which is on.
    func accountsWithSecondFactor() async throws -> Set<AccountName>

    /// Keeps a new secret that is not confirmed yet, in place of an earlier one.
    ///
    /// - Throws: ``StoreError/stale`` if the account has a confirmed one, ``StoreError/notFound`` if there is no such account.
    func begin(_ factor: SecondFactor) async throws

    /// Turns a second factor on, and ends the other sessions of the account.
    ///
    /// - Parameters:
    ///   - factor: The factor, with the time of its confirmation and the step of the code.
    ///   - codes: The digests of the recovery codes.
    ///   - session: The session that stays.
    ///   - audit: The audit entry.
    /// - Throws: ``StoreError/stale`` if it was changed meanwhile.
    func confirm(_ factor: SecondFactor, recoveryCodes codes: [[UInt8]], keeping session: SignInSession, audit: AuditEntry) async throws

    /// Notes that the code of a step was accepted.
    ///
    /// - Returns: Whether neither it nor the code of a later one was accepted before.
    /// - Throws: Errors of the storage.
    func acceptStep(_ step: Int64, of factor: SecondFactor) async throws -> Bool

    /// Uses up a recovery code.
    ///
    /// - Returns: How many are left; nil if there is no such code.
    /// - Throws: Errors of the storage.
    func useRecoveryCode(_ digest: [UInt8], of factor: SecondFactor) async throws -> Int?

    /// How many recovery codes of an account are left.
    func recoveryCodeCount(of account: AccountName) async throws -> Int

    /// Removes the second factor of an account, with its recovery codes.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - endsSessions: Whether its sessions end, those that wait for a code included.
    ///   - audit: The audit entry; it is written only if there was one.
    /// - Returns: Whether there was one.
    /// - Throws: Errors of the storage.
    func removeSecondFactor(of account: AccountName, endsSessions: Bool, audit: AuditEntry) async throws -> Bool
}

/// Codes that let a person in who has lost the authenticator app; each counts once.
package enum RecoveryCode {
    /// How many an account gets.
    package static let count = 10

    /// Draws a new one: 80 random bits, in groups.
    ///
    /// - Returns: The text.
    /// - Throws: The system's error if it has no random bytes.
    package static func make() throws -> Secret {
        let characters = Array(Base32.encode(try RandomBytes.make(10)).lowercased())
        return Secret(stride(from: 0, to: characters.count, by: 4).map { String(characters[$0..<$0 + 4]) }.joined(separator: "-"))
    }

    /// What a code is recognized by; nil for a text that can be none.
    package static func digest(of typed: String, account: AccountName) -> [UInt8]? {
        let code = typed.lowercased().filter { $0 != "-" && $0 != " " }
        guard code.utf8.count == 16, Base32.decode(code) != nil else { return nil }
        return Digest(of: Array("recovery code of \(account.rawValue): \(code)".utf8)).bytes
    }
}

/// Why a second factor was not changed.
package enum SecondFactorError: Error, Sendable, Equatable {
    /// The code is wrong, or was used before.
    case wrongCode
    /// The password is wrong.
    case wrongPassword
    /// It is on already.
    case alreadyOn
    /// It is not being set up, or not on.
    case off

    /// What is wrong and what to do.
    package var sentence: String {
        switch self {
        case .wrongCode: "This is not the current code. Wait for the next one in the app, and check that the clock of the phone is right."
        case .wrongPassword: "This is not your current password."
        case .alreadyOn: "The second factor is on already. Turn it off first."
        case .off: "There is no second factor that could be changed. Begin again."
        }
    }
}

/// Sets up, checks and removes second factors, for pages and the JSON API.
package struct SecondFactorService: Sendable {
    private let storage: any Storage
    private let vault: Vault
    private let time: TimeSource

    /// Creates a ``SecondFactorService``.
    package init(storage: any Storage, vault: Vault, time: TimeSource) {
        self.storage = storage
        self.vault = vault
        self.time = time
    }

    /// What an account has.
    package func status(of account: AccountName) async throws -> SecondFactorStatus {
        let factor = try await storage.secondFactor(of: account)
        let codes = factor?.isOn == true ? try await storage.recoveryCodeCount(of: account) : 0
        return SecondFactorStatus(confirmedAt: factor?.confirmedAt, recoveryCodes: codes)
    }

    /// Draws a secret for the app; signing in does not ask for it until it is confirmed.
    ///
    /// - Throws: ``SecondFactorError``, ``SignInError`` after too many wrong passwords, or an error of the storage.
    package func begin(
        for user: Account, password: String, signIn: SignInService, by origin: RequestOrigin
    ) async throws -> SecondFactorSetup {
        guard try await storage.secondFactor(of: user.name)?.isOn != true else { throw SecondFactorError.alreadyOn }
        guard try await signIn.isPassword(password, of: user, from: origin) else { throw SecondFactorError.wrongPassword }
        let id = ConnectionID()
        let secret = Secret(Base32.encode(try RandomBytes.make(TimeBasedCode.secretSize)))
        let factor = SecondFactor(
            account: user.name, id: id, secret: try vault.seal(secret, of: id, SecondFactor.secretKey), createdAt: origin.at)
        do {
            try await storage.begin(factor)
        } catch StoreError.stale {
            throw SecondFactorError.alreadyOn
        }
        return setup(secret, user.name)
    }

    /// The secret that is being set up; nil if there is none, or it does not open with the present keys.
    package func setup(of account: AccountName) async throws -> SecondFactorSetup? {
        guard let factor = try await storage.secondFactor(of: account), !factor.isOn, let secret = secret(of: factor) else { return nil }
        return setup(secret, account)
    }

    /// Turns the second factor on, once a code shows that the app has the secret.
    ///
    /// - Returns: The recovery codes, to be shown once.
    /// - Throws: ``SecondFactorError``, ``SignInError`` after too many wrong codes, or an error of the storage.
    package func confirm(
        _ code: String, for user: Account, keeping session: SignInSession, signIn: SignInService, by origin: RequestOrigin
    ) async throws -> [Secret] {
        guard var factor = try await storage.secondFactor(of: user.name) else { throw SecondFactorError.off }
        guard !factor.isOn else { throw SecondFactorError.alreadyOn }
        guard secret(of: factor) != nil else { throw SecondFactorError.off }
        let step = try await signIn.limited("second factor of \(user.name.rawValue)", origin) { try matchingStep(of: code, factor) }
        guard let step else { throw SecondFactorError.wrongCode }
        let codes = try (0..<RecoveryCode.count).map { _ in try RecoveryCode.make() }
        factor.confirmedAt = origin.at
        factor.lastStep = step
        do {
            try await storage.confirm(
                factor, recoveryCodes: codes.compactMap { RecoveryCode.digest(of: $0.reveal(), account: user.name) }, keeping: session,
                audit: origin.audit(.secondFactorEnabled, user.name.rawValue))
        } catch StoreError.stale {
            throw SecondFactorError.off
        }
        return codes
    }

    /// Turns the own second factor off, with password and code.
    ///
    /// - Throws: ``SecondFactorError``, ``SignInError`` after too many failures, or an error of the storage.
    package func turnOff(
        for user: Account, password: String, code: String, signIn: SignInService, by origin: RequestOrigin
    ) async throws {
        guard let factor = try await storage.secondFactor(of: user.name), factor.isOn else { throw SecondFactorError.off }
        guard try await signIn.isPassword(password, of: user, from: origin) else { throw SecondFactorError.wrongPassword }
        let isRight = try await signIn.limited("second factor of \(user.name.rawValue)", origin) {
            try await accept(code, of: factor, by: origin) ? true : nil
        }
        guard isRight == true else { throw SecondFactorError.wrongCode }
        _ = try await storage.removeSecondFactor(
            of: user.name, endsSessions: false, audit: origin.audit(.secondFactorDisabled, user.name.rawValue))
    }

    /// Removes the second factor of another account, whose owner has lost the app and the recovery codes; its sessions end.
    ///
    /// - Throws: ``AccountChangeError``, ``SecondFactorError/off`` if there is none, or an error of the storage.
    package func reset(_ name: String, by origin: RequestOrigin) async throws {
        guard let name = AccountName(name), let account = try await storage.account(name) else { throw AccountChangeError.notFound }
        guard name != origin.account else { throw AccountChangeError.own }
        let wasOn = try await storage.removeSecondFactor(
            of: account.name, endsSessions: true, audit: origin.audit(.secondFactorReset, account.name.rawValue))
        guard wasOn else { throw SecondFactorError.off }
    }

    /// Whether a code of the app or a recovery code lets the person in; it counts once, also at several processes.
    ///
    /// - Throws: ``SignInError/secretUnreadable`` for a code of the app that can't be checked, or an error of the storage.
    package func accept(_ code: String, of factor: SecondFactor, by origin: RequestOrigin) async throws -> Bool {
        if let step = try matchingStep(of: code, factor) { return try await storage.acceptStep(step, of: factor) }
        guard let digest = RecoveryCode.digest(of: code, account: factor.account),
            let rest = try await storage.useRecoveryCode(digest, of: factor)
        else { return false }
        try await storage.append(
            origin.audit(
                .recoveryCodeUsed, factor.account.rawValue, .done, "\(rest) recovery codes are left.", actor: .account(factor.account)))
        return true
    }

    private func matchingStep(of typed: String, _ factor: SecondFactor) throws -> Int64? {
        let code = typed.filter { $0 != " " }
        guard code.utf8.count == TimeBasedCode.digits else { return nil }
        guard let stored = secret(of: factor) else { throw SignInError.secretUnreadable }
        guard let secret = Base32.decode(stored.reveal()) else { return nil }
        let seconds = Int64(time.now().timeIntervalSince1970.rounded(.down))
        return TimeBasedCode(secret: secret).matchingStep(
            of: code, at: seconds, after: factor.lastStep, comparing: ConstantTime.areEqual)
    }

    /// The secret; nil if none of the present keys opens it.
    private func secret(of factor: SecondFactor) -> Secret? {
        try? vault.open(factor.secret, of: factor.id, SecondFactor.secretKey)
    }

    private func setup(_ secret: Secret, _ account: AccountName) -> SecondFactorSetup {
        let label = PercentEncoding.component("Vectis:\(account.rawValue)")
        return SecondFactorSetup(
            secret: secret, address: Secret("otpauth://totp/\(label)?secret=\(secret.reveal())&issuer=Vectis"))
    }
}
