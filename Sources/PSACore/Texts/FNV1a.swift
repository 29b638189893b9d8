/// The FNV-1a hash of 64 bits, the same on every machine and in every version.
struct FNV1a {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Adds a text and a mark behind it.
    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0)
    }

    /// Adds how many texts there are, and each.
    mutating func add(list: [String]) {
        add(String(list.count))
        for text in list { add(text) }
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
}
