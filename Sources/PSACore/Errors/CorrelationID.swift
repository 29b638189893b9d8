/// A short random name for one failure, by which screen, log and support find each other.
public struct CorrelationID: Sendable, Hashable, CustomStringConvertible {
    /// Twelve characters that can't be mistaken for one another when read aloud.
    public let rawValue: String

    /// Draws a new one.
    public init(using generator: inout some RandomNumberGenerator) {
        let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")
        rawValue = String((0..<12).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// Draws a new one from the system's randomness.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// The characters.
    public var description: String { rawValue }
}
