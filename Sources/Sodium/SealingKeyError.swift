/// Why something is not a key; it tells nothing about the text or bytes themselves but their number.
public enum SealingKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It stands for another number of bytes than a key has.
    case wrongSize(Int)
    /// The text is not base64.
    case notBase64

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .wrongSize(let size):
            "The key has \(size) bytes; it must have 32. Check that it was copied as a whole."
        case .notBase64: "The key is not base64 text of 44 characters. Check that it was copied as a whole."
        }
    }
}
