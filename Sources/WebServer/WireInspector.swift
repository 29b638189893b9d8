/// Follows the bytes of a connection as they are received, and finds the heads that must not be interpreted.
///
/// libmicrohttpd joins folded fields, ends a line at a bare LF and a value at a zero byte, and keeps no copy of the bytes. This
/// finds the end of each request by itself: a head counts only if both agree on its length. It is used on the library's thread.
struct WireInspector {
    private enum Part {
        /// Before a request; empty lines are skipped.
        case start
        /// In a line of the head, the request line included.
        case head
        case body(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        /// The line end after the bytes of a chunk.
        case chunkEnd
        case trailers
        /// After bytes that end the connection.
        case malformed
    }

    /// The maximum length of a line with a chunk's size, and of all trailers together.
    static let maximumChunkLine = 4 * 1024

    private var part = Part.start
    /// The current line without its end.
    private var line: [UInt8] = []
    private var length = 0
    private var lineCount = 0
    private var lengths: [[UInt8]] = []
    private var encodings: [[UInt8]] = []
    private var trailerLength = 0
    /// The lengths of the heads that were received in full and not taken yet, the oldest first.
    private var heads: [Int] = []
    private var isBodyMalformed = false

    /// Takes the next bytes of the connection.
    mutating func received(_ bytes: UnsafeRawBufferPointer) {
        var place = 0
        while place < bytes.count {
            switch part {
            case .malformed:
                return
            case .body(let remaining):
                let count = min(remaining, bytes.count - place)
                place += count
                part = count == remaining ? .start : .body(remaining: remaining - count)
            case .chunk(let remaining):
                let count = min(remaining, bytes.count - place)
                place += count
                part = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
            case .start, .head, .chunkSize, .chunkEnd, .trailers:
                take(bytes[place])
                place += 1
            }
        }
    }

    /// Removes the next head and returns its length; nil if it is malformed or was not received.
    mutating func takeHead() -> Int? { heads.isEmpty ? nil : heads.removeFirst() }

    /// Whether the body of the request whose head was taken last is malformed.
    var hasMalformedBody: Bool { isBodyMalformed && heads.isEmpty }

    /// Takes a byte of a line.
    private mutating func take(_ byte: UInt8) {
        if case .head = part { length += 1 }
        if case .start = part { length += 1 }
        if line.last == UInt8(ascii: "\r") {
            guard byte == UInt8(ascii: "\n") else { return reject() }
            line.removeLast()
            endLine()
            line.removeAll(keepingCapacity: true)
            return
        }
        // A line of the head may contain tabs; CR must be followed by LF, and LF must follow CR.
        guard byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") else { return reject() }
        line.append(byte)
        if case .start = part, byte != UInt8(ascii: "\r") { part = .head }
        if case .chunkSize = part, line.count > Self.maximumChunkLine { reject() }
        if case .chunkEnd = part, byte != UInt8(ascii: "\r") { reject() }
        if case .trailers = part {
            trailerLength += 1
            if trailerLength > Self.maximumChunkLine { reject() }
        }
    }

    private mutating func reject() {
        switch part {
        case .chunkSize, .chunkEnd, .trailers: isBodyMalformed = true
        case .start, .head, .body, .chunk, .malformed: break
        }
        part = .malformed
        line = []
    }

    private mutating func endLine() {
        switch part {
        case .start: length = 0
        case .head where line.isEmpty: endHead()
        case .head: endHeadLine()
        case .chunkSize: endChunkSize()
        case .chunkEnd: part = .chunkSize
        case .trailers: endTrailer()
        case .body, .chunk, .malformed: break
        }
    }

    private mutating func endHeadLine() {
        lineCount += 1
        // The request line is checked when the request is read.
        guard lineCount > 1 else {
            // A request line without a version is HTTP/0.9, which has no fields.
            if line.contains(UInt8(ascii: "\t")) { reject() }
            return
        }
        guard let field = field else { return reject() }
        if Self.isSameName(field.name, "content-length") { lengths.append(Array(field.value)) }
        if Self.isSameName(field.name, "transfer-encoding") { encodings.append(Array(field.value)) }
    }

    /// The current line as a field; nil if it is none, such as the continuation of a folded one.
    private var field: (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        let name = line[..<colon]
        guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return (name, value)
    }

    private mutating func endHead() {
        heads.append(length)
        defer { (length, lineCount, lengths, encodings, trailerLength) = (0, 0, [], [], 0) }
        if lengths.isEmpty, encodings.isEmpty {
            part = .start
        } else if encodings.isEmpty, lengths.count == 1, let count = Self.number(lengths[0][...], radix: 10) {
            part = count == 0 ? .start : .body(remaining: count)
        } else if lengths.isEmpty, encodings.count == 1, Self.isSameName(encodings[0][...], "chunked") {
            part = .chunkSize
        } else {
            // The request is rejected because of these fields, and the connection is closed after it.
            part = .malformed
        }
    }

    private mutating func endChunkSize() {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard let count = Self.number(digits, radix: 16) else { return reject() }
        part = count == 0 ? .trailers : .chunk(remaining: count)
    }

    private mutating func endTrailer() {
        if line.isEmpty {
            part = .start
        } else if field == nil {
            reject()
        }
    }

    /// The value of a text of digits alone; nil for another text and one that overflows.
    private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> Int? {
        guard !digits.isEmpty, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-") else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: radix)
    }

    private static func isSameName(_ text: ArraySlice<UInt8>, _ lowercased: StaticString) -> Bool {
        lowercased.withUTF8Buffer { name in
            text.count == name.count
                && zip(text, name).allSatisfy { byte, expected in
                    byte == expected || (0x41...0x5A).contains(byte) && byte | 0x20 == expected
                }
        }
    }
}
