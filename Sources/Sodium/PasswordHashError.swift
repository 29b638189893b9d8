/// Why a password can't be hashed or checked.
public enum PasswordHashError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no password.
    case emptyPassword
    /// The password has more than 1,024 bytes.
    case tooLong
    /// What was stored is no argon2id hash.
    case damaged
    /// The cost is below or above what argon2id takes.
    case impossibleCost

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .emptyPassword: "The password is empty. Choose one."
        case .tooLong: "The password has more than \(PasswordHash.maximumPasswordBytes) bytes. Choose a shorter one."
        case .damaged: "The stored password hash is damaged. Set a new password."
        case .impossibleCost: "The cost of hashing is out of range: at least 1 pass over 8,192 bytes."
        }
    }
}
