import FoundationEssentials

/// A UTC timestamp in the vendor's resolution of 100 nanoseconds.
struct HaloTime: Sendable, Hashable, Comparable {
    /// Ticks of 100 ns since 1970.
    var ticks: Int64

    static let ticksPerSecond: Int64 = 10_000_000

    /// HaloPSA fact: `1900-01-01T00:00:00` means "not set".
    static let unset = HaloTime(ticks: -2_208_988_800 * ticksPerSecond)

    init(ticks: Int64) { self.ticks = ticks }

    init(_ date: Date) { ticks = Int64((date.timeIntervalSince1970 * 1_000_000).rounded()) * 10 }

    static func < (lhs: HaloTime, rhs: HaloTime) -> Bool { lhs.ticks < rhs.ticks }

    func adding(seconds: Int) -> HaloTime { HaloTime(ticks: ticks + Int64(seconds) * Self.ticksPerSecond) }

    /// The text format of a timestamp.
    ///
    /// HaloPSA fact: 0 to 7 fraction digits, with or without `Z`, always UTC.
    struct Style: Sendable, Hashable {
        var fractionDigits: Int
        var zone: Bool

        /// HaloPSA fact: replies to POST have seven digits and `Z`.
        static let saved = Style(fractionDigits: 7, zone: true)
        static let plain = Style(fractionDigits: 0, zone: false)

        /// A style that differs between rows and is always the same for one row.
        static func varied(_ key: Int) -> Style {
            let key = Int(key.magnitude)
            return Style(fractionDigits: key % 8, zone: key / 8 % 2 == 1)
        }
    }

    func append(to bytes: inout [UInt8], style: Style) {
        let seconds = ticks.floorDivided(by: Self.ticksPerSecond)
        let days = seconds.floorDivided(by: 86_400)
        let (year, month, day) = Self.civil(days: Int(days))
        let inDay = Int(seconds - days * 86_400)
        Self.digits(year, 4, &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.digits(month, 2, &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.digits(day, 2, &bytes)
        bytes.append(UInt8(ascii: "T"))
        Self.digits(inDay / 3600, 2, &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.digits(inDay / 60 % 60, 2, &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.digits(inDay % 60, 2, &bytes)
        if style.fractionDigits > 0 {
            bytes.append(UInt8(ascii: "."))
            var fraction = Int(ticks - seconds * Self.ticksPerSecond)
            for _ in 0..<(7 - style.fractionDigits) { fraction /= 10 }
            Self.digits(fraction, style.fractionDigits, &bytes)
        }
        if style.zone { bytes.append(UInt8(ascii: "Z")) }
    }

    func text(_ style: Style = .plain) -> String {
        var bytes: [UInt8] = []
        append(to: &bytes, style: style)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digits(_ value: Int, _ width: Int, _ bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// Converts days since 1970 to a Gregorian date; years start in March so that the leap day is the last day.
    static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension HaloTime {
    /// Parses `2026-08-01`, `2026-08-01T06:30:00`, up to seven fraction digits and `Z` or an offset; without a zone it is UTC.
    init?(text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = Self.number(&rest, 4), Self.skip(&rest, "-"), let month = Self.number(&rest, 2), Self.skip(&rest, "-"),
            let day = Self.number(&rest, 2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = Int64(Self.days(year: year, month: month, day: day)) * 86_400
        var fraction: Int64 = 0
        if Self.skip(&rest, "T") || Self.skip(&rest, " ") {
            guard let hour = Self.number(&rest, 2), Self.skip(&rest, ":"), let minute = Self.number(&rest, 2), hour < 24, minute < 60 else {
                return nil
            }
            seconds += Int64(hour * 3600 + minute * 60)
            if Self.skip(&rest, ":") {
                guard let second = Self.number(&rest, 2), second < 60 else { return nil }
                seconds += Int64(second)
                guard let parsed = Self.fraction(&rest) else { return nil }
                fraction = parsed
            }
        }
        guard let offset = Self.offset(&rest), rest.isEmpty else { return nil }
        self.init(ticks: (seconds - Int64(offset)) * Self.ticksPerSecond + fraction)
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ width: Int) -> Int? {
        guard rest.count >= width else { return nil }
        var value = 0
        for byte in rest.prefix(width) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        rest.removeFirst(width)
        return value
    }

    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard skip(&rest, ".") else { return 0 }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        var value: Int64 = 0
        for position in 0..<7 {
            let index = digits.startIndex + position
            value = value * 10 + (index < digits.endIndex ? Int64(digits[index] - 0x30) : 0)
        }
        return value
    }

    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
        if rest.isEmpty || skip(&rest, "Z") || skip(&rest, "z") { return 0 }
        let sign = skip(&rest, "+") ? 1 : skip(&rest, "-") ? -1 : 0
        guard sign != 0, let hours = number(&rest, 2) else { return nil }
        _ = skip(&rest, ":")
        guard let minutes = number(&rest, 2) else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
