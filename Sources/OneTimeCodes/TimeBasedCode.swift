/// One-time codes that follow from a secret and the time (TOTP, RFC 6238), with HMAC-SHA1 and steps of 30 seconds.
public struct TimeBasedCode: Sendable {
    /// The seconds for which a code is the current one.
    public static let period: Int64 = 30
    /// The digits of a code.
    public static let digits = 6
    /// The bytes of a new secret: 160 bits, as RFC 4226 recommends.
    public static let secretSize = 20
    /// How many steps the clock of a phone may be off.
    public static let tolerance: Int64 = 1

    private let secret: [UInt8]

    /// Creates the codes of a secret.
    ///
    /// - Parameter secret: The bytes that host and authenticator app share.
    public init(secret: [UInt8]) { self.secret = secret }

    /// The number of the step in which a time lies.
    ///
    /// - Parameter seconds: The seconds since 1970.
    /// - Returns: The step.
    public static func step(at seconds: Int64) -> Int64 { seconds / period - (seconds % period < 0 ? 1 : 0) }

    /// The code of a step.
    ///
    /// - Parameters:
    ///   - step: The number of the step.
    ///   - digits: The number of digits, up to nine.
    /// - Returns: The digits.
    public func code(at step: Int64, digits: Int = digits) -> String {
        let message = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let digest = HMACSHA1.code(of: message, key: secret)
        let offset = Int(digest[HMACSHA1.size - 1] & 0x0F)
        let number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step whose code was typed, if it is the current one or beside it, and later than the last one that was accepted.
    ///
    /// - Parameters:
    ///   - typed: The digits that were typed.
    ///   - seconds: The time, in seconds since 1970.
    ///   - last: The last step whose code was accepted.
    ///   - areEqual: Compares in constant time.
    /// - Returns: The step; nil if the code is of none of them.
    public func matchingStep(
        of typed: String, at seconds: Int64, after last: Int64, comparing areEqual: ([UInt8], [UInt8]) -> Bool
    ) -> Int64? {
        let now = Self.step(at: seconds)
        let steps = (now - Self.tolerance)...(now + Self.tolerance)
        // Each is compared, whichever fits, so that the time that it takes says nothing.
        let matching = steps.filter { areEqual(Array(code(at: $0).utf8), Array(typed.utf8)) }
        return matching.last { $0 > last }
    }
}
