/// A value that is shown nowhere: not printed, not interpolated, not encoded, not mirrored by a debugger.
///
/// There is one way to it, ``reveal()``, so that a search for that word finds every place where a secret leaves its wrapping.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Wraps a value.
    public init(_ value: String) { self.value = value }

    /// The value in clear, for the one place that sends it to the vendor.
    public func reveal() -> String { value }

    /// Whether there is nothing to hide.
    public var isEmpty: Bool { value.isEmpty }

    /// A placeholder of fixed length.
    public var description: String { "•••••" }
    /// The same placeholder.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
