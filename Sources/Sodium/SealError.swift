/// Why a sealed box does not open.
public enum SealError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key or the associated data is another than when it was sealed, or the box was changed.
    case wrongKeyOrDamaged
    /// It is too short to be a box.
    case malformed
    /// A newer version of the program sealed it, or it is no box.
    case unknownVersion(UInt8)

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .wrongKeyOrDamaged:
            "A stored secret can't be opened: the key is not the one it was sealed with, or it was changed. Put the right key back, "
                + "or enter the secret again."
        case .malformed: "A stored secret is cut off. Enter it again."
        case .unknownVersion(let version):
            "A stored secret has format \(version), which this program does not know. Start the version that stored it, or enter it again."
        }
    }
}
