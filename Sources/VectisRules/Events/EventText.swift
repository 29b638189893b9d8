package import FoundationEssentials
import PSACore
import PSAEngine

/// Decides what a sender may give as a company's id in the PSA.
package enum CompanyIDText {
    /// The largest whole number that JSON numbers hold exactly in every language.
    package static let largestNumber = 9_007_199_254_740_991

    /// The id of a JSON number as it is written; nil unless it is a whole number from 1 to ``largestNumber``, written in digits alone.
    package static func id(number: String) -> String? {
        guard let whole = digits(number), whole <= largestNumber else { return nil }
        return number
    }

    /// The id in a string, ignoring surrounding spaces; nil if it is not an id.
    ///
    /// A numeric id must be a whole number from 1, in digits alone, that fits into 64 bits. Any other id is accepted as it is, because some
    /// PSAs have ids that are not numbers; no id contains control characters or white space other than the plain space.
    package static func id(text: String) -> String? {
        if isNumber(text) { return digits(text) == nil ? nil : text }
        return Company.ID(text)?.rawValue
    }

    private static func digits(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.first != 0x30 else { return nil }
        return Int(text)
    }

    /// Whether it is meant as a number: signs, digits of any script, separators and an exponent, and nothing else.
    private static func isNumber(_ text: String) -> Bool {
        var rest = text.unicodeScalars[...]
        func take(_ isTaken: (Unicode.Scalar) -> Bool) -> Int {
            let taken = rest.prefix(while: isTaken).count
            rest = rest.dropFirst(taken)
            return taken
        }
        func isSign(_ scalar: Unicode.Scalar) -> Bool {
            "+-\u{2010}\u{2011}\u{2012}\u{2013}\u{2212}\u{FE63}\u{FF0B}\u{FF0D}".unicodeScalars.contains(scalar)
        }
        func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }
        func isSeparator(_ scalar: Unicode.Scalar) -> Bool { ".,'’ \u{66B}\u{66C}\u{FF0E}".unicodeScalars.contains(scalar) }
        _ = take { isSign($0) || $0 == " " }
        var digits = 0
        while !rest.isEmpty {
            let more = take(isDigit)
            guard more + take(isSeparator) > 0 else { break }
            digits += more
        }
        guard digits > 0 else { return false }
        if take({ $0 == "e" || $0 == "E" }) == 1 {
            _ = take(isSign)
            guard take(isDigit) > 0 else { return false }
        }
        return rest.isEmpty
    }
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
