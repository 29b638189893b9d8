import FoundationEssentials
import PSACore

/// Dates as HaloPSA writes them: 0 to 7 fraction digits, with or without a zone, and years before 1980 for “none”.
///
/// Without a zone they are UTC (three clients agree). `1900-01-01`, `1899-12-30` and `1901-01-01` stand for unset fields.
enum HaloDate {
    /// Reads a date, or returns nil for none, a sentinel or something else.
    static func parse(_ text: String?) -> Date? {
        guard let text else { return nil }
        var bytes = Array(text.utf8)[...]
        guard let year = number(&bytes, 4), skip(&bytes, "-"), let month = number(&bytes, 2), skip(&bytes, "-"),
            let day = number(&bytes, 2), year >= 1980
        else { return nil }
        guard !bytes.isEmpty else { return CalendarDate.instant(year: year, month: month, day: day) }
        guard skip(&bytes, "T") || skip(&bytes, " "), let hour = number(&bytes, 2), skip(&bytes, ":"),
            let minute = number(&bytes, 2), skip(&bytes, ":"), let second = number(&bytes, 2),
            let nanosecond = fraction(&bytes), let offset = zone(&bytes), bytes.isEmpty
        else { return nil }
        return CalendarDate.instant(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanosecond: nanosecond)?
            .addingTimeInterval(Double(-offset))
    }

    /// Writes a date as filters take it: UTC, whole seconds, no zone.
    static func filter(_ date: Date) -> String {
        let whole = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        return String(whole.formatted(.iso8601).dropLast())
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
        guard let minutes = bytes.isEmpty ? 0 : number(&bytes, 2) else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
