public import FoundationEssentials

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
        var bytes = Array(text.utf8)[...]
        guard let year = number(&bytes, 4), skip(&bytes, "-"), let month = number(&bytes, 2), skip(&bytes, "-"),
            let day = number(&bytes, 2)
        else { return nil }
        guard !bytes.isEmpty else { return instant(year: year, month: month, day: day) }
        guard skip(&bytes, "T") || skip(&bytes, " "), let hour = number(&bytes, 2), skip(&bytes, ":"),
            let minute = number(&bytes, 2), skip(&bytes, ":"), let second = number(&bytes, 2),
            let nanosecond = fraction(&bytes), let offset = zone(&bytes), bytes.isEmpty
        else { return nil }
        return instant(year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanosecond: nanosecond)?
            .addingTimeInterval(Double(-offset))
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>, _ digits: Int) -> Int? {
        guard bytes.count >= digits, bytes.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        defer { bytes = bytes.dropFirst(digits) }
        return bytes.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func skip(_ bytes: inout ArraySlice<UInt8>, _ character: Character) -> Bool {
        guard let first = bytes.first, first == character.asciiValue else { return false }
        bytes = bytes.dropFirst()
        return true
    }

    private static func fraction(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard skip(&bytes, ".") else { return 0 }
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        bytes = bytes.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } * (0..<9 - digits.count).reduce(1) { power, _ in power * 10 }
    }

    /// Seconds east of UTC.
    private static func zone(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        if bytes.isEmpty || skip(&bytes, "Z") { return 0 }
        let sign = skip(&bytes, "+") ? 1 : skip(&bytes, "-") ? -1 : 0
        guard sign != 0, let hours = number(&bytes, 2) else { return nil }
        _ = skip(&bytes, ":")
        guard let minutes = bytes.isEmpty ? 0 : number(&bytes, 2), hours <= 23, minutes <= 59 else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
