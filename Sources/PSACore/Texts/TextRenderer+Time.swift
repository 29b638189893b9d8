import FoundationEssentials

extension TextRenderer {
    /// A point in time: the hour, and the day unless it is the same.
    func words(for moment: Date, now: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let at = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: moment)
        let clock = "\(Self.two(at.hour)):\(Self.two(at.minute)) \(zoneName(at: moment))"
        if calendar.isDate(moment, inSameDayAs: now) {
            return switch language {
            case .english: clock + " today"
            case .german: "heute, " + clock
            }
        }
        return switch language {
        case .english: "\(at.year ?? 0)-\(Self.two(at.month))-\(Self.two(at.day)), \(clock)"
        case .german: "\(Self.two(at.day)).\(Self.two(at.month)).\(at.year ?? 0), \(clock)"
        }
    }

    private func zoneName(at moment: Date) -> String {
        let seconds = timeZone.secondsFromGMT(for: moment)
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        return "UTC\(seconds < 0 ? "−" : "+")\(minutes / 60)" + (minutes % 60 == 0 ? "" : ":\(Self.two(minutes % 60))")
    }

    private static func two(_ number: Int?) -> String {
        let text = String(number ?? 0)
        return text.count < 2 ? "0" + text : text
    }
}
