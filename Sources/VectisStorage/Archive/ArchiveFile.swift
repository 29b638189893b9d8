import FoundationEssentials
import Glibc
import Gzip
import PSACore
import Sodium
import VectisCore

/// The lines of an archive: a head, an entry a line, and an end.
///
/// The hash of a line is the SHA-256 hash of the hash before it and of the bytes of its entry. The head names the last hash of the file
/// before, so that no entry and no file can be changed, removed or exchanged unnoticed.
enum ArchiveLine {
    /// What is before the first entry of all.
    static let noHash = [UInt8](repeating: 0, count: SHA256.size)

    static func head(_ number: Int, first: Int64, previous: [UInt8]) -> [UInt8] {
        line(["archive": 1, "number": .integer(number), "first": .integer(Int(first)), "previous": .string(hex(previous))])
    }

    static func end(count: Int, last: [UInt8]) -> [UInt8] {
        line(["end": true, "entries": .integer(count), "last": .string(hex(last))])
    }

    private static let prefix = Array("{\"hash\":\"".utf8)
    private static let middle = Array("\",\"entry\":".utf8)

    static func entry(_ entry: [UInt8], hash: [UInt8]) -> [UInt8] {
        prefix + Array(hex(hash).utf8) + middle + entry + Array("}\n".utf8)
    }

    /// The hash and the entry in a line; nil for another line.
    static func parse(_ line: [UInt8]) -> (hash: [UInt8], entry: [UInt8])? {
        let start = prefix.count + 2 * SHA256.size
        guard line.starts(with: prefix), line.count > start + middle.count, line.last == UInt8(ascii: "}"),
            line[start..<(start + middle.count)].elementsEqual(middle), let hash = bytes(hex: line[prefix.count..<start])
        else { return nil }
        return (hash, Array(line[(start + middle.count)..<(line.count - 1)]))
    }

    static func hash(after previous: [UInt8], _ entry: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(previous)
        hash.update(entry)
        return hash.hash()
    }

    private static func line(_ json: JSONValue) -> [UInt8] { json.encoded + [UInt8(ascii: "\n")] }

    /// Hexadecimal digits, as other tools print hashes.
    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func bytes(hex: some Collection<UInt8>) -> [UInt8]? {
        guard hex.count.isMultiple(of: 2) else { return nil }
        let values = hex.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard values.count == hex.count else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}

/// What an archive holds, as reading the whole file has shown.
struct ArchiveContent: Equatable {
    var number = 0
    var first: Int64 = 0
    var previousHash: [UInt8] = []
    var count = 0
    var firstAt: Int64 = 0
    var lastAt: Int64 = 0
    var lastHash: [UInt8] = []
    var digest: [UInt8] = []
    var byteCount = 0

    var last: Int64 { first + Int64(count) - 1 }

    /// Reads a file to its end, and checks each hash, the places and the end.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - each: Called with each entry, in order.
    /// - Throws: ``AuditArchiveError``, or what the closure throws.
    init(reading path: String, _ each: (_ entry: JSONObject) throws -> Void = { _ in }) throws {
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        func damaged(_ reason: String) -> AuditArchiveError { .damaged(file: name, reason: reason) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw AuditArchiveError.unreadable(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw AuditArchiveError.unreadable(path) }
        guard let decoder = try? GzipDecoder() else { throw AuditArchiveError.unreadable(path) }
        var file = SHA256()
        var reader = LineReader()
        var buffer = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw AuditArchiveError.unreadable(path) }
            if count == 0 { break }
            let part = Array(buffer[..<count])
            file.update(part)
            byteCount += count
            do {
                try decoder.update(part) { expanded in
                    try reader.add(expanded) { line in
                        guard try take(line, each) else { throw damaged("a line is damaged, or its hash is not that of its content") }
                    }
                }
            } catch is GzipError {
                throw damaged("it can't be expanded; it was changed")
            } catch is LineReader.TooLong {
                throw damaged("a line is too long")
            }
        }
        guard decoder.hasEnded, reader.isEmpty, hasEnded else { throw damaged("its end is missing") }
        digest = file.hash()
    }

    private var hasHead = false
    private var hasEnded = false

    /// Takes a line; false if it does not fit the ones before.
    private mutating func take(_ line: [UInt8], _ each: (JSONObject) throws -> Void) throws -> Bool {
        guard !hasEnded else { return false }
        guard hasHead else { return takeHead(line) }
        guard let (hash, entry) = ArchiveLine.parse(line) else { return takeEnd(line) }
        guard ArchiveLine.hash(after: lastHash, entry) == hash, let object = JSONObject(entry), object.place == first + Int64(count) else {
            return false
        }
        if count == 0 { firstAt = object.at }
        lastAt = object.at
        lastHash = hash
        count += 1
        try each(object)
        return true
    }

    private mutating func takeHead(_ line: [UInt8]) -> Bool {
        guard let root = try? JSONDocument(line).root, root["archive"]?.integer == 1, let number = root["number"]?.integer,
            let first = root["first"]?.integer, (1...1 << 53).contains(first),
            let previous = root["previous"]?.string.flatMap({ ArchiveLine.bytes(hex: $0.utf8) }),
            previous.count == SHA256.size
        else { return false }
        (self.number, self.first, previousHash, lastHash, hasHead) = (number, Int64(first), previous, previous, true)
        return true
    }

    private mutating func takeEnd(_ line: [UInt8]) -> Bool {
        guard let root = try? JSONDocument(line).root, root["end"]?.bool == true, root["entries"]?.integer == count, count > 0,
            root["last"]?.string == ArchiveLine.hex(lastHash)
        else { return false }
        hasEnded = true
        return true
    }

    /// An entry in an archive.
    struct JSONObject: Equatable {
        let bytes: [UInt8]
        let place: Int64
        let at: Int64

        init?(_ bytes: [UInt8]) {
            guard let root = try? JSONDocument(bytes).root, let place = root["place"]?.integer, let at = root["milliseconds"]?.integer
            else {
                return nil
            }
            (self.bytes, self.place, self.at) = (bytes, Int64(place), Int64(at))
        }
    }

    /// Divides bytes into lines.
    private struct LineReader {
        struct TooLong: Error {}
        private var rest: [UInt8] = []

        var isEmpty: Bool { rest.isEmpty }

        mutating func add(_ bytes: [UInt8], _ each: ([UInt8]) throws -> Void) throws {
            var start = bytes.startIndex
            while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try each(rest + bytes[start..<end])
                rest = []
                start = end + 1
            }
            rest += bytes[start...]
            guard rest.count <= AuditArchiveLimits.lineBytes else { throw TooLong() }
        }
    }
}

/// Writes an archive beside its place; it is moved there once it is complete and on the disk.
final class ArchiveWriter {
    private let path: String
    private let descriptor: Int32
    private let encoder: GzipEncoder
    private var isClosed = false
    private(set) var lastHash: [UInt8]
    private(set) var count = 0

    /// Creates the file, for its owner only; what a process that was killed has left is replaced.
    ///
    /// - Throws: ``AuditArchiveError/notWritable(_:)``.
    init(_ path: String, number: Int, first: Int64, previous: [UInt8]) throws {
        self.path = path
        lastHash = previous
        unlink(path)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, let encoder = try? GzipEncoder() else {
            if descriptor >= 0 { close(descriptor) }
            throw AuditArchiveError.notWritable(path)
        }
        self.encoder = encoder
        try write(encoder.update(ArchiveLine.head(number, first: first, previous: previous)))
    }

    deinit { if !isClosed { close(descriptor) } }

    /// Adds an entry.
    func add(_ entry: [UInt8]) throws {
        lastHash = ArchiveLine.hash(after: lastHash, entry)
        count += 1
        try write(encoder.update(ArchiveLine.entry(entry, hash: lastHash)))
    }

    /// Writes the end, and waits until the file is on the disk.
    func finish() throws {
        try write(encoder.update(ArchiveLine.end(count: count, last: lastHash)) + encoder.finish())
        let isOnDisk = fsync(descriptor) == 0
        isClosed = true
        guard close(descriptor) == 0, isOnDisk else { throw AuditArchiveError.notWritable(path) }
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw AuditArchiveError.notWritable(path) }
            rest = rest.dropFirst(count)
        }
    }
}
