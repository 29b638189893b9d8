import FoundationEssentials
import PSACore

/// Dates as HaloPSA writes them: 0 to 7 fraction digits, with or without a zone, and years before 1980 for “none”.
///
/// Without a zone they are UTC (three clients agree). `1900-01-01`, `1899-12-30` and `1901-01-01` stand for unset fields.
enum HaloDate {
    /// Reads a date, or returns nil for none, a sentinel or something else.
    static func parse(_ text: String?) -> Date? {
        guard let text, let date = GregorianUTC.instant(iso8601: text), date >= earliest else { return nil }
        return date
    }

    /// Writes a date as filters take it: UTC, whole seconds, no zone.
    static func filter(_ date: Date) -> String {
        let whole = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        return String(whole.formatted(.iso8601).dropLast())
    }

    /// 1980-01-01: everything before stands for "not set".
    private static let earliest = Date(timeIntervalSince1970: 315_532_800)
}
