public import FoundationEssentials

/// Reads a `Retry-After` header: seconds, or an HTTP date.
public enum RetryAfter {
    /// The wait a server asked for, at least one second, or nil if the header is missing or makes no sense.
    public static func wait(_ header: String?, now: Date) -> Duration? {
        guard let text = header.map({ Substring($0).trimmingBlanks() }), !text.isEmpty else { return nil }
        if let seconds = Int(text) {
            return seconds < 0 ? nil : .seconds(max(1, min(seconds, 86_400)))
        }
        guard let date = date(text) else { return nil }
        return .seconds(max(1, min(Int(date.timeIntervalSince(now).rounded(.up)), 86_400)))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form RFC 9110 lets servers send.
    private static func date(_ text: Substring) -> Date? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else { return nil }
        let parts = words[4].split(separator: ":")
        let clock = parts.compactMap { Int($0) }
        guard let day = Int(words[1]), let year = Int(words[3]), parts.count == 3, clock.count == 3 else { return nil }
        return CalendarDate.instant(year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2])
    }
}
