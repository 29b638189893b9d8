/// What pages and the JSON API do with accounts; the rules are here, so that both keep the same.
struct AccountService: Sendable {
    private let storage: any Storage
    private let signIn: SignInService

    /// The values of an account that can be wrong.
    enum Field: String, Sendable, Hashable, CaseIterable {
        case name
        case password
        case role
        case current
        case new
    }

    enum Refusal: Error, Sendable, Equatable {
        /// What was typed can't be taken; a sentence by value, for all of them at once.
        case invalid([Field: String])
        /// An account of this name exists already.
        case taken(String)
        case notFound
        /// Nobody changes their own role or removes their own account.
        case own

        static let notFoundSentence = "There is no account of this name."
        static let ownSentence = "You can’t change your own role or remove your own account. Another administrator can."
    }

    init(storage: any Storage, signIn: SignInService) {
        self.storage = storage
        self.signIn = signIn
    }

    /// Makes an account.
    ///
    /// - Throws: ``Refusal``, or an error of the storage.
    func create(name: String, password: String, role: String, in context: RequestContext) async throws -> Account {
        let (accountName, accountRole) = (AccountName(name), Role(rawValue: role))
        var problems: [Field: String] = [:]
        if accountName == nil { problems[.name] = "A name has 1 to 64 letters, digits or . _ - @." }
        if accountRole == nil { problems[.role] = Self.roles }
        if let problem = signIn.passwords.problem(with: password, for: accountName) { problems[.password] = problem }
        guard let accountName, let accountRole, problems.isEmpty else { throw Refusal.invalid(problems) }
        let account = Account(
            name: accountName, role: accountRole, passwordHash: try await signIn.hash(password), createdAt: context.now)
        do {
            let audit = context.audit(.accountCreated, accountName.rawValue, .done, "Role: \(accountRole.rawValue).")
            try await storage.add(account, audit: audit)
        } catch AccountError.duplicateAccount {
            throw Refusal.taken("An account of this name exists already.")
        }
        return account
    }

    /// Gives an account another role; its sessions end.
    ///
    /// - Throws: ``Refusal``, or an error of the storage.
    func changeRole(of name: String, to role: String, in context: RequestContext) async throws -> Account {
        var account = try await other(name, context)
        guard let role = Role(rawValue: role) else { throw Refusal.invalid([.role: Self.roles]) }
        account.role = role
        let audit = context.audit(.accountChanged, account.name.rawValue, .done, "Role: \(role.rawValue).")
        try await storage.replace(account, keeping: nil, audit: audit)
        return account
    }

    /// Removes an account; its sessions end.
    ///
    /// - Throws: ``Refusal``, or an error of the storage.
    func remove(_ name: String, in context: RequestContext) async throws {
        let account = try await other(name, context)
        try await storage.removeAccount(account.name, audit: context.audit(.accountRemoved, account.name.rawValue))
    }

    /// Changes the password of whoever asks; their other sessions end.
    ///
    /// - Throws: ``Refusal``, ``SignInService/Refusal``, or an error of the storage.
    func changePassword(of user: SignedInUser, from current: String, to new: String, in context: RequestContext) async throws {
        var problems: [Field: String] = [:]
        if !(try await signIn.isPassword(current, of: user.account, from: context)) {
            problems[.current] = "This is not your current password."
        }
        problems[.new] = signIn.passwords.problem(with: new, for: user.account.name)
        guard problems.isEmpty else { throw Refusal.invalid(problems) }
        var account = user.account
        account.passwordHash = try await signIn.hash(new)
        try await storage.replace(account, keeping: user.session, audit: context.audit(.passwordChanged, account.name.rawValue))
    }

    private static let roles = "A role is “admin” or “viewer”."

    private func other(_ name: String, _ context: RequestContext) async throws -> Account {
        guard let name = AccountName(name), let account = try await storage.account(name) else { throw Refusal.notFound }
        guard name != context.user?.account.name else { throw Refusal.own }
        return account
    }
}
