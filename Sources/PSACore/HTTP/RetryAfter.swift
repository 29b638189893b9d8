public import FoundationEssentials

/// Reads a `Retry-After` header: seconds, or an HTTP date.
public enum RetryAfter {
    /// The wait a server asked for, at least one second, or nil if the header is missing or makes no sense.
    public static func wait(_ header: String?, now: Date) -> Duration? {
        guard let text = header.map({ $0.trimmingInvisible }), !text.isEmpty else { return nil }
        if let seconds = Int(text) {
            return seconds < 0 ? nil : .seconds(max(1, min(seconds, 86_400)))
        }
        guard let date = HTTPDate.moment(header: String(text)) else { return nil }
        return .seconds(max(1, min(Int(date.timeIntervalSince(now).rounded(.up)), 86_400)))
    }
}
