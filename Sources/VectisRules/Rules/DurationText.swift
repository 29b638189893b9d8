import PSACore

/// Durations in whole minutes as people write them: “2 days”, “90 minutes”, “1 hour 30 minutes”.
package enum DurationText {
    /// A unit of time.
    package enum Unit: Int, Sendable, CaseIterable {
        case minute = 1
        case hour = 60
        case day = 1_440
        case week = 10_080

        /// The words for it, in English and German.
        fileprivate var words: Set<String> {
            switch self {
            case .minute: ["m", "min", "mins", "minute", "minutes", "minuten"]
            case .hour: ["h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"]
            case .day: ["d", "day", "days", "tag", "tage", "tagen"]
            case .week: ["w", "week", "weeks", "woche", "wochen"]
            }
        }
    }

    /// The longest text that is read.
    package static let maxLength = 60
    /// Longer durations are none.
    private static let maxMinutes = 10_000_000

    /// The number and the unit in which a duration is a whole number: the largest of days, hours and minutes.
    package static func parts(_ minutes: Int) -> (count: Int, unit: Unit) {
        let unit = [Unit.day, .hour].first { minutes != 0 && minutes % $0.rawValue == 0 } ?? .minute
        return (minutes / unit.rawValue, unit)
    }

    /// The duration in English.
    package static func text(_ minutes: Int) -> String {
        let (count, unit) = parts(minutes)
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }

    /// The minutes of a duration; nil if the text is none.
    ///
    /// A number without a unit is minutes. Several numbers with units are added, such as “1 day 4 hours”.
    package static func minutes(_ text: String) -> Int? {
        let text = text.trimmingSpaces.lowercased()
        guard !text.isEmpty, text.count <= maxLength else { return nil }
        if let number = number(text) { return number }
        var rest = text[...]
        var total = 0
        var used: Set<Unit> = []
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count).drop { $0 == " " || $0 == "\u{A0}" }
            let word = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(word.count).drop { $0 == " " || $0 == "\u{A0}" || $0 == "," || $0 == "." }
            guard let count = number(String(digits)), let unit = Unit.allCases.first(where: { $0.words.contains(String(word)) }),
                used.insert(unit).inserted
            else { return nil }
            total += count * unit.rawValue
            guard total <= maxMinutes else { return nil }
        }
        return total
    }

    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.count <= 7, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
