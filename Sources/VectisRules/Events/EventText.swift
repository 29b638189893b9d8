package import FoundationEssentials
import PSACore
import PSAEngine

/// Decides what a sender may give as a company's id in the PSA.
///
/// Whether the PSA can have such an id is for its connector to say, when the company is looked for.
package enum CompanyIDText {
    /// The largest whole number that JSON numbers hold exactly in every language.
    package static let largestNumber = 9_007_199_254_740_991

    /// The id of a JSON number as it is written; nil unless it is a whole number in its usual spelling, without exponent or decimals, that every
    /// language holds exactly.
    package static func id(number: String) -> String? {
        guard let whole = Int(number), String(whole) == number, whole.magnitude <= largestNumber else { return nil }
        return number
    }

    /// The id in a string, unchanged; nil if it is not a ``/PSACore/RecordID``.
    package static func id(text: String) -> String? { Company.ID(text)?.rawValue }
}

/// Parses RFC 3339 timestamps to the millisecond; everything else is rejected, never guessed.
package enum InternetTime {
    /// The accepted timestamps: clocks that were reset report 1900 or 1970, and years have four digits.
    package static let range = Date(timeIntervalSince1970: -2_208_988_800)..<Date(timeIntervalSince1970: 253_402_300_800)

    /// Parses a timestamp such as `2026-11-24T03:00:00.250+01:00`; nil if it is malformed or outside ``range``.
    ///
    /// The zone is required. A leap second reads as the second after it; leap seconds exist at the end of June and December only.
    package static func timestamp(_ text: String) -> Date? {
        var rest = text.utf8[...]
        guard let year = digits(4, &rest), skip("-", &rest) != nil, let month = digits(2, &rest), skip("-", &rest) != nil,
            let day = digits(2, &rest), skip("Tt", &rest) != nil, let hour = digits(2, &rest), skip(":", &rest) != nil,
            let minute = digits(2, &rest), skip(":", &rest) != nil, let second = digits(2, &rest),
            let milliseconds = milliseconds(&rest), let offset = offset(&rest), rest.isEmpty,
            let start = GregorianUTC.instant(year: year, month: month, day: day, hour: hour, minute: minute, second: min(second, 59))
        else { return nil }
        let before = Int(start.timeIntervalSince1970) - offset
        guard second < 60 || second == 60 && isBeforeLeapSecond(before) else { return nil }
        let whole = second == 60 ? before + 1 : before
        let timestamp = Date(timeIntervalSince1970: Double(whole * 1_000 + milliseconds) / 1_000)
        return range.contains(timestamp) ? timestamp : nil
    }

    private static func isBeforeLeapSecond(_ seconds: Int) -> Bool {
        let next = Date(timeIntervalSince1970: Double(seconds + 1)).formatted(.iso8601)
        return next.hasSuffix("-01-01T00:00:00Z") || next.hasSuffix("-07-01T00:00:00Z")
    }

    private static func digits(_ count: Int, _ rest: inout Substring.UTF8View) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Consumes one of the given characters, and returns it.
    private static func skip(_ signs: String, _ rest: inout Substring.UTF8View) -> UInt8? {
        guard let first = rest.first, signs.utf8.contains(first) else { return nil }
        rest = rest.dropFirst()
        return first
    }

    /// The fraction of the second; what is shorter than a millisecond is left out.
    private static func milliseconds(_ rest: inout Substring.UTF8View) -> Int? {
        guard skip(".", &rest) != nil else { return 0 }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        return (Array(digits.prefix(3)) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Seconds east of UTC.
    private static func offset(_ rest: inout Substring.UTF8View) -> Int? {
        guard let sign = skip("Zz+-", &rest) else { return nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return 0 }
        guard let hours = digits(2, &rest), skip(":", &rest) != nil, let minutes = digits(2, &rest), hours <= 23, minutes <= 59 else {
            return nil
        }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }
}
