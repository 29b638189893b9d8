#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Proleptic Gregorian dates in UTC, without a calendar object: list pages hold thousands of them.
public enum GregorianUTC {
    /// The moment of a date and time, or nil if a part is out of range.
    public static func instant(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, nanosecond: Int = 0
    ) -> Date? {
        guard (1...9999).contains(year), (1...12).contains(month), (1...daysIn(month: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second), (0...999_999_999).contains(nanosecond)
        else { return nil }
        let seconds = days(year: year, month: month, day: day) * 86_400 + hour * 3_600 + minute * 60 + second
        return Date(timeIntervalSince1970: Double(seconds) + Double(nanosecond) / 1_000_000_000)
    }

    /// Days since 1970-01-01, by counting years from March so that the leap day comes last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension GregorianUTC {
    /// Reads an ISO 8601 date, or date and time with up to nine fraction digits, strictly and to its end; without a zone it is UTC.
    public static func instant(iso8601 text: String) -> Date? {
        var text = text
        return text.withUTF8 { instant(iso8601: $0) }
    }

    /// Reads the same from UTF-8, without a copy.
    package static func instant(iso8601 text: UnsafeBufferPointer<UInt8>) -> Date? {
        var text = DateText(bytes: text)
        guard let year = text.number(4), text.skip("-"), let month = text.number(2), text.skip("-"), let day = text.number(2) else {
            return nil
        }
        guard !text.isAtEnd else { return instant(year: year, month: month, day: day) }
        guard text.skip("T") || text.skip(" "), let hour = text.number(2), text.skip(":"), let minute = text.number(2), text.skip(":"),
            let second = text.number(2), let nanosecond = text.fraction(), let offset = text.zone(), text.isAtEnd
        else { return nil }
        return instant(year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanosecond: nanosecond)?
            .addingTimeInterval(Double(-offset))
    }

    /// Appends a moment as `2026-11-29T06:38:47Z`, without the fraction of a second, as Foundation's ISO 8601 style does.
    package static func append(iso8601 date: Date, to bytes: inout [UInt8]) {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        // Before 1583 Foundation writes dates of the Julian calendar; those and years beyond four digits are left to it.
        guard seconds >= -12_212_553_600, seconds < 253_402_300_800 else {
            bytes += date.formatted(.iso8601).utf8
            return
        }
        let whole = Int(seconds)
        let days = (whole - (whole < 0 ? 86_399 : 0)) / 86_400
        let second = whole - days * 86_400
        let (year, month, day) = Self.date(daysSince1970: days)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { text in
            // The digits and marks below fill exactly these twenty bytes.
            var end = 0
            func write(_ number: Int, _ count: Int, _ mark: UInt8) {
                var rest = number
                for place in (end..<end + count).reversed() {
                    text.initializeElement(at: place, to: UInt8(truncatingIfNeeded: 0x30 + rest % 10))
                    rest /= 10
                }
                text.initializeElement(at: end + count, to: mark)
                end += count + 1
            }
            write(year, 4, UInt8(ascii: "-"))
            write(month, 2, UInt8(ascii: "-"))
            write(day, 2, UInt8(ascii: "T"))
            write(second / 3_600, 2, UInt8(ascii: ":"))
            write(second / 60 % 60, 2, UInt8(ascii: ":"))
            write(second % 60, 2, UInt8(ascii: "Z"))
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<end]))
        }
    }

    /// The opposite of ``days(year:month:day:)``.
    private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

/// Reads the parts of a date from UTF-8; each reading checks what is left before it touches a byte.
private struct DateText {
    let bytes: UnsafeBufferPointer<UInt8>
    var at = 0

    var isAtEnd: Bool { at == bytes.count }

    mutating func number(_ digits: Int) -> Int? {
        guard bytes.count - at >= digits else { return nil }
        var value = 0
        for place in at..<at + digits {
            let digit = bytes[place] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        at += digits
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, UInt32(bytes[at]) == character.value else { return false }
        at += 1
        return true
    }

    /// Up to nine digits after a point, in nanoseconds.
    mutating func fraction() -> Int? {
        guard skip(".") else { return 0 }
        var value = 0
        var digits = 0
        while at < bytes.count, bytes[at] &- 0x30 < 10 {
            guard digits < 9 else { return nil }
            value = value * 10 + Int(bytes[at] &- 0x30)
            digits += 1
            at += 1
        }
        guard digits > 0 else { return nil }
        while digits < 9 {
            value *= 10
            digits += 1
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func zone() -> Int? {
        if isAtEnd || skip("Z") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(2) else { return nil }
        _ = skip(":")
        guard let minutes = isAtEnd ? 0 : number(2), hours <= 23, minutes <= 59 else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
