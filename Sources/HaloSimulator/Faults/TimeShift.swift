/// By how much a clock is off: `-26h`, `+90m`, `+30s`.
enum TimeShift {
    static let hint = "±HOURSh"

    /// The shift in seconds; nil for what is none.
    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["h": 3600, "m": 60, "s": 1]
        guard let last = text.last, let unit = units[last], let number = Int32(text.dropLast()), abs(Int(number)) <= 10_000 else {
            return nil
        }
        return Int(number) * unit
    }

    static func problem(with text: String?) -> String? {
        guard let text else { return "needs a time behind a colon, such as -26h or +90m" }
        return seconds(text) == nil ? "takes a time such as -26h or +90m, not '\(text)'" : nil
    }
}

extension HaloTime {
    /// The moment as the header `Date` spells it.
    var headerText: String {
        let seconds = Int(ticks / Self.ticksPerSecond)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let inDay = seconds - days * 86_400
        let (year, month, day) = Self.civil(days: days)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = [inDay / 3600, inDay / 60 % 60, inDay % 60].map(two).joined(separator: ":")
        return "\(weekdays[((days % 7) + 7) % 7]), \(two(day)) \(months[month - 1]) \(year) \(clock) GMT"
    }
}
