#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Reads the dates that servers and certificates state.
public enum HTTPDate {
    /// A header's `Sun, 06 Nov 1994 08:49:37 GMT`, the one form RFC 9110 lets servers send; nil for anything else.
    public static func date(header: String?) -> Date? {
        guard let header else { return nil }
        let words = header.trimmingInvisible.split(separator: " ")
        guard words.count == 6, words[5] == "GMT" else { return nil }
        return date(day: words[1], month: words[2], year: words[3], clock: words[4])
    }

    /// A certificate's `Nov 6 08:49:37 1994 GMT`, as OpenSSL writes it; nil for anything else.
    public static func date(certificate text: String) -> Date? {
        let words = text.trimmingInvisible.split(separator: " ")
        guard words.count == 5, words[4] == "GMT" else { return nil }
        return date(day: words[1], month: words[0], year: words[3], clock: words[2])
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func date(day: Substring, month: Substring, year: Substring, clock: Substring) -> Date? {
        let parts = clock.split(separator: ":")
        let numbers = parts.compactMap { Int($0) }
        guard let month = months.firstIndex(of: String(month)), let day = Int(day), let year = Int(year), parts.count == 3,
            numbers.count == 3
        else { return nil }
        return GregorianUTC.instant(year: year, month: month + 1, day: day, hour: numbers[0], minute: numbers[1], second: numbers[2])
    }
}

/// Reads a `Retry-After` header: seconds, or an HTTP date.
public enum RetryAfter {
    /// The wait a server asked for, at least one second, or nil if the header is missing or makes no sense.
    public static func wait(_ header: String?, now: Date) -> Duration? {
        guard let text = header.map({ $0.trimmingInvisible }), !text.isEmpty else { return nil }
        if let seconds = Int(text) {
            return seconds < 0 ? nil : .seconds(max(1, min(seconds, 86_400)))
        }
        guard let date = HTTPDate.date(header: String(text)) else { return nil }
        return .seconds(max(1, min(Int(date.timeIntervalSince(now).rounded(.up)), 86_400)))
    }
}
