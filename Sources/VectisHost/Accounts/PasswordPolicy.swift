import PSACore
import Sodium

/// How passwords are stored, and which are accepted.
struct PasswordPolicy: Sendable {
    /// What an attempt costs; tests choose less.
    let cost: PasswordHash.Cost

    static let shortest = 12
    static let longest = 256

    init(cost: PasswordHash.Cost = .interactive) { self.cost = cost }

    /// What is wrong with a new password, or nil; the account is nil while its name is not valid.
    func problem(with password: String, for account: AccountName?) -> String? {
        if password.count < Self.shortest { return "A password needs at least \(Self.shortest) characters." }
        if password.utf8.count > Self.longest { return "A password can have at most \(Self.longest) characters." }
        if Set(password).count < 5 { return "This password repeats too few characters." }
        if let name = account?.rawValue, name.count > 3, password.lowercased().contains(name) {
            return "The password must not contain the name."
        }
        return nil
    }

    /// The text to store for a password.
    func hash(_ password: String) throws -> String { try PasswordHash(password, cost: cost).stored }

    /// Whether a password is the one a text was made for; no password is that of a damaged text.
    func verify(_ password: String, against stored: String) -> Bool {
        (try? PasswordHash(stored: stored).matches(password)) ?? false
    }
}
