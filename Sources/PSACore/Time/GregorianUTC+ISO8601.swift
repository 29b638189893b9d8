public import FoundationEssentials

extension GregorianUTC {
    /// Reads an ISO 8601 date, or date and time with up to nine fraction digits, strictly and to its end; without a zone it is UTC.
    public static func instant(iso8601 text: String) -> Date? {
        var bytes = Array(text.utf8)[...]
        guard let year = number(&bytes, 4), skip(&bytes, "-"), let month = number(&bytes, 2), skip(&bytes, "-"),
            let day = number(&bytes, 2)
        else { return nil }
        guard !bytes.isEmpty else { return instant(year: year, month: month, day: day) }
        guard skip(&bytes, "T") || skip(&bytes, " "), let hour = number(&bytes, 2), skip(&bytes, ":"),
            let minute = number(&bytes, 2), skip(&bytes, ":"), let second = number(&bytes, 2),
            let nanosecond = fraction(&bytes), let offset = zone(&bytes), bytes.isEmpty
        else { return nil }
        return instant(year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanosecond: nanosecond)?
            .addingTimeInterval(Double(-offset))
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>, _ digits: Int) -> Int? {
        guard bytes.count >= digits, bytes.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        defer { bytes = bytes.dropFirst(digits) }
        return bytes.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func skip(_ bytes: inout ArraySlice<UInt8>, _ character: Character) -> Bool {
        guard let first = bytes.first, first == character.asciiValue else { return false }
        bytes = bytes.dropFirst()
        return true
    }

    private static func fraction(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard skip(&bytes, ".") else { return 0 }
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        bytes = bytes.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } * (0..<9 - digits.count).reduce(1) { power, _ in power * 10 }
    }

    /// Seconds east of UTC.
    private static func zone(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        if bytes.isEmpty || skip(&bytes, "Z") { return 0 }
        let sign = skip(&bytes, "+") ? 1 : skip(&bytes, "-") ? -1 : 0
        guard sign != 0, let hours = number(&bytes, 2) else { return nil }
        _ = skip(&bytes, ":")
        guard let minutes = bytes.isEmpty ? 0 : number(&bytes, 2), hours <= 23, minutes <= 59 else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
