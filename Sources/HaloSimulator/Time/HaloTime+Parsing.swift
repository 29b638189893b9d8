extension HaloTime {
    /// Reads `2026-08-01`, `2026-08-01T06:30:00`, up to seven fraction digits and `Z` or an offset; no zone means UTC.
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
