/// A bearer token with what is known about it.
public struct AccessToken: Sendable, Hashable {
    /// The token itself.
    public let value: Secret
    /// When the vendor stops accepting it, on the monotonic clock of the time source it was received by.
    public let expiresAt: MonotonicInstant
    /// How long it lasts from when it was received.
    public let lifetime: Duration
    /// How long before that it is no longer used.
    public let margin: Duration
    /// The permissions granted, which may be fewer than asked for; nil if the vendor did not say.
    public let grantedScope: GrantedScope?

    /// Makes a token from what a vendor said about its lifetime.
    ///
    /// Vendors are known to send nonsense there: the lifetime is held between 30 seconds and 24 hours, and a missing one counts as 5 minutes.
    /// The margin is a minute, or a fifth of a short lifetime.
    public init(_ value: Secret, lifetimeSeconds: Int?, grantedScope: GrantedScope?, receivedAt: MonotonicInstant) {
        let seconds = min(max(lifetimeSeconds ?? 300, 30), 86_400)
        self.value = value
        self.grantedScope = grantedScope
        lifetime = .seconds(seconds)
        expiresAt = receivedAt + lifetime
        margin = .seconds(min(60, seconds / 5))
    }

    /// Whether it can still be used.
    public func isFresh(at instant: MonotonicInstant) -> Bool { instant < expiresAt - margin }
}

/// The permissions that came with a token.
public struct GrantedScope: Sendable, Hashable, CustomStringConvertible {
    /// The single permissions.
    public let names: Set<String>

    /// Splits the space-separated list of RFC 6749.
    public init(_ text: String) { names = Set(text.split(separator: " ").map(String.init)) }

    /// Whether a permission is among them.
    public func contains(_ name: String) -> Bool { names.contains(name) }

    /// The list in alphabetical order.
    public var description: String { names.sorted().joined(separator: " ") }
}
