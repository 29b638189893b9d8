package import FoundationEssentials
import PSACore

/// A part of the day, from one time on and before another; past midnight where the second is earlier.
package struct DayTimes: Sendable, Hashable {
    /// Minutes since midnight.
    package let from: Int
    /// Minutes since midnight; 1,440 is the end of the day.
    package let to: Int

    /// Reads two times such as `18:30-07:00`, or two hours such as `18-7`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.minutes(String($0).trimmingSpaces) }
        guard parts.count == 2, let from = parts[0], let to = parts[1], from != to else { return nil }
        self.from = from
        self.to = to
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
            (1...2).contains(part.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard (1...2).contains(parts.count), let hour = parts[0], let minute = parts.count == 2 ? parts[1] : 0, hour <= 24, minute < 60
        else { return nil }
        let minutes = hour * 60 + minute
        return minutes <= 1_440 ? minutes : nil
    }

    /// A time as clocks show it.
    package static func clock(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// The range as ``init(_:)`` reads it.
    package var text: String { "\(Self.clock(from))-\(Self.clock(to))" }

    /// Whether a timestamp is in it by the clocks of a time zone; nil for UTC.
    package func contains(_ timestamp: Date, in zone: TimeZone?) -> Bool {
        let seconds = timestamp.timeIntervalSince1970 + Double(zone?.secondsFromGMT(for: timestamp) ?? 0)
        let secondsOfDay = seconds - (seconds / 86_400).rounded(.down) * 86_400
        let minute = Int(secondsOfDay / 60)
        return from < to ? (from..<to).contains(minute) : minute >= from || minute < to
    }
}
