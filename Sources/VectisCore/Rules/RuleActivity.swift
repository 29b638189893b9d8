package import FoundationEssentials

/// How often a rule has fired in each hour.
package struct RuleActivity: Sendable, Equatable {
    /// The numbers by hour since 1970; hours without any are left out.
    package var counts: [Int: Int]

    /// Creates a ``RuleActivity``.
    package init(counts: [Int: Int] = [:]) { self.counts = counts }

    /// For how many hours the numbers are kept: a week, and the day that has begun.
    package static let keptHours = 192

    /// The hour of a timestamp, since 1970.
    package static func hour(of timestamp: Date) -> Int { Int((timestamp.timeIntervalSince1970 / 3_600).rounded(.down)) }

    /// The numbers of the last hours up to a time, one for each hour, the earliest first.
    package func hours(_ count: Int, until end: Date) -> [Int] {
        let last = Self.hour(of: end)
        return ((last - count + 1)...last).map { counts[$0] ?? 0 }
    }

    /// When each of the last hours began.
    package static func beginnings(_ count: Int, until end: Date) -> [Date] {
        let last = hour(of: end)
        return ((last - count + 1)...last).map { Date(timeIntervalSince1970: Double($0) * 3_600) }
    }
}
