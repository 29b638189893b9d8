import FoundationEssentials
import PSACore
import PSAEngine
import VectisRules

/// Why an account was not changed.
package enum AccountChangeError: Error, Sendable, Equatable {
    /// Values that are not valid, all at once, with a message for each.
    case invalid([AccountService.Field: String])
    /// An account of this name exists already.
    case taken(String)
    case notFound
    /// An account can't change its own role or remove itself.
    case own

    package static let notFoundSentence = "There is no account of this name."
    package static let ownSentence = "You can’t change your own role or remove your own account. Another administrator can."
}

/// The operations on accounts, shared by pages and the JSON API so that both apply the same rules.
package struct AccountService: Sendable {
    let storage: any Storage
    private let signIn: SignInService

    /// The values of an account that are validated.
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case name
        case password
        case role
        case current
        case new
        case language
        case timeZone
    }

    package init(storage: any Storage, signIn: SignInService) {
        self.storage = storage
        self.signIn = signIn
    }

    /// Makes an account.
    ///
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func create(name: String, password: String, role: String, by origin: RequestOrigin) async throws -> Account {
        let (accountName, accountRole) = (AccountName(name), Role(rawValue: role))
        var issues: [Field: String] = [:]
        if accountName == nil { issues[.name] = "A name has 1 to 64 letters, digits or . _ - @." }
        if accountRole == nil { issues[.role] = Self.roles }
        if let issue = signIn.passwords.issue(with: password, for: accountName) { issues[.password] = issue }
        guard let accountName, let accountRole, issues.isEmpty else { throw AccountChangeError.invalid(issues) }
        let account = Account(
            name: accountName, role: accountRole, passwordHash: try await signIn.hash(password), createdAt: origin.at)
        do {
            let audit = origin.audit(.accountCreated, accountName.rawValue, .done, "Role: \(accountRole.rawValue).")
            try await storage.add(account, audit: audit)
        } catch AccountError.duplicateAccount {
            throw AccountChangeError.taken("An account of this name exists already.")
        }
        return account
    }

    /// Gives an account another role; its sessions end.
    ///
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func changeRole(of name: String, to role: String, by origin: RequestOrigin) async throws -> Account {
        var account = try await other(name, origin)
        guard let role = Role(rawValue: role) else { throw AccountChangeError.invalid([.role: Self.roles]) }
        account.role = role
        let audit = origin.audit(.accountChanged, account.name.rawValue, .done, "Role: \(role.rawValue).")
        try await storage.setRole(of: account.name, to: role, audit: audit)
        return account
    }

    /// Removes an account; its sessions end.
    ///
    /// - Throws: ``AccountChangeError``, or an error of the storage.
    package func remove(_ name: String, by origin: RequestOrigin) async throws {
        let account = try await other(name, origin)
        try await storage.removeAccount(account.name, audit: origin.audit(.accountRemoved, account.name.rawValue))
    }

    /// Changes the password of the signed-in account; its other sessions end.
    ///
    /// - Throws: ``AccountChangeError``, ``SignInError``, or an error of the storage.
    package func changePassword(
        of user: Account, keeping session: SignInSession, from current: String, to new: String, by origin: RequestOrigin
    ) async throws {
        var issues: [Field: String] = [:]
        let notCurrent = "This is not your current password."
        if !(try await signIn.isPassword(current, of: user, from: origin)) { issues[.current] = notCurrent }
        issues[.new] = signIn.passwords.issue(with: new, for: user.name)
        guard issues.isEmpty else { throw AccountChangeError.invalid(issues) }
        do {
            try await storage.setPassword(
                of: user.name, from: user.passwordHash, to: try await signIn.hash(new), keeping: session,
                audit: origin.audit(.passwordChanged, user.name.rawValue))
        } catch StoreError.stale {
            // It was changed while this one was checked and hashed.
            throw AccountChangeError.invalid([.current: notCurrent])
        }
    }

    private static let roles = "A role is “admin”, “operator” or “viewer”."

    private func other(_ name: String, _ origin: RequestOrigin) async throws -> Account {
        guard let name = AccountName(name), let account = try await storage.account(name) else { throw AccountChangeError.notFound }
        guard name != origin.account else { throw AccountChangeError.own }
        return account
    }
}
