/// A short random name for one failure, by which screen, log and support find each other.
public struct CorrelationID: Sendable, Hashable, CustomStringConvertible {
    /// Twelve characters that can't be mistaken for one another when read aloud.
    public let rawValue: String

    /// Letters and digits of which none looks like another one.
    package static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

    /// Draws a new one.
    public init(using generator: inout some RandomNumberGenerator) {
        rawValue = String((0..<12).map { _ in Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)] })
    }

    /// Draws a new one from the system's randomness.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// The characters.
    public var description: String { rawValue }
}
