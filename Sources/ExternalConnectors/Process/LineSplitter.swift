/// Splits a stream of bytes into lines of limited length.
struct LineSplitter {
    /// A line is longer than is accepted.
    struct LineTooLong: Error {}

    private let limit: Int
    private var pending: [UInt8] = []

    /// - Parameter limit: The longest line in bytes, its end not counted.
    init(limit: Int) { self.limit = limit }

    /// The lines that are complete now, without their ends; empty ones are left out.
    ///
    /// Lines before one that is too long are delivered first.
    mutating func lines(_ bytes: ArraySlice<UInt8>, deliver: ([UInt8]) throws -> Void) throws {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            try append(rest[..<end])
            rest = rest[(end + 1)...]
            var line = pending
            pending = []
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if !line.isEmpty { try deliver(line) }
        }
        try append(rest)
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws(LineTooLong) {
        guard pending.count + bytes.count <= limit else { throw LineTooLong() }
        pending += bytes
    }
}
