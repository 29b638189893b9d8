/// Why a server could not start.
public struct WebServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for a caller that decides by it.
    public enum Kind: Sendable, Equatable {
        /// Another socket listens on that address and port.
        case addressInUse
        /// The configured address is no numeric IPv4 or IPv6 address.
        case invalidAddress
        /// The system refuses the address or port: not of this machine, or reserved for a privileged user.
        case cannotBind
        /// The system lacks memory, threads or file descriptors.
        case cannotStart
    }

    /// What went wrong.
    public var kind: Kind
    /// One sentence for an administrator, with the address and port.
    public var message: String

    /// The sentence of ``message``.
    public var description: String { message }
}
