package import FoundationEssentials
import Glibc
import PSACore
import PSAEngineSQL
import SQL
package import VectisCore

/// Moves audit entries from the database to compressed files beside it.
///
/// In this order, so that a kill at any point loses no entry and has none in two files: the file is written beside its place, forced to the
/// disk, read back and verified; it is moved to its place; it is recorded in the database; the manifest is written; the entries are removed.
/// A file in its place that is not recorded is recorded if its entries are those of the database, and otherwise put aside.
package struct SQLiteAuditArchiver: AuditArchiver {
    /// A step of the archiving, for tests that end it there.
    package enum Step: String, Sendable, CaseIterable {
        case written, verified, moved, recorded, manifestWritten, removed
    }

    private let storage: DatabaseStorage
    package let folder: String
    private let batch: Int
    private let maxEntries: Int
    private let reached: @Sendable (Step) throws -> Void

    /// Creates a ``SQLiteAuditArchiver``.
    ///
    /// - Parameters:
    ///   - storage: The storage whose log is archived.
    ///   - folder: The folder of the files; it is made with the first one.
    ///   - batch: The entries read at a time.
    ///   - maxEntries: The most entries of a file.
    ///   - reached: Called after each step; a test may throw or end the process there.
    package init(
        _ storage: DatabaseStorage, folder: String, batch: Int = 500, maxEntries: Int = AuditArchiveLimits.entries,
        reached: @escaping @Sendable (Step) throws -> Void = { _ in }
    ) {
        self.storage = storage
        self.folder = folder
        self.batch = batch
        self.maxEntries = maxEntries
        self.reached = reached
    }

    /// The name of the file with a number.
    package static func fileName(_ number: Int) -> String {
        "audit-" + String(repeating: "0", count: max(0, 6 - String(number).count)) + "\(number).jsonl.gz"
    }

    /// The name of the list of files.
    package static let manifestName = "manifest.json"

    package func archiveNext(
        before time: Date, now: Date, pause: @Sendable () async throws -> Void
    ) async throws -> AuditArchive? {
        try storage.queue.health.requireFolder()
        let archives = try await storage.auditArchives()
        let before = archives.last
        let number = (before?.number ?? 0) + 1
        if let found = try await adopt(number, after: before, at: now, pause) {
            try writeManifest(archives + [found])
            return found
        }
        guard let part = try await part(after: before, before: time, now: now) else {
            // A manifest that a kill has prevented, or that was removed or changed.
            if !archives.isEmpty,
                FileManager.default.contents(atPath: folder + "/" + Self.manifestName) != Data(Self.manifest(archives).utf8)
            {
                try writeManifest(archives)
            }
            return nil
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/" + Self.fileName(number)
        let content = try await write(part, number, before?.lastHash ?? ArchiveLine.noHash, to: path + ".new", pause)
        guard rename(path + ".new", path) == 0, SmallFile.synchroniseFolder(of: path) else { throw AuditArchiveError.notWritable(path) }
        try reached(.moved)
        let archive = try await record(content, at: now)
        try writeManifest(archives + [archive])
        try reached(.manifestWritten)
        return archive
    }

    package func removeArchived(limit: Int) async throws -> Int {
        let count = try await storage.write(nil) { database in
            guard let last = try database.auditArchives().last?.last.rawValue else { return 0 }
            return try database.run(
                "DELETE FROM audit_entry WHERE place IN (SELECT place FROM audit_entry WHERE place <= ? ORDER BY place LIMIT ?)",
                [.integer(last), .integer(Int64(limit))])
        }
        if count > 0 { try reached(.removed) }
        return count
    }

    // MARK: Choosing

    /// The places of the entries of a file.
    private struct Part: Sendable {
        let first: Int64
        let last: Int64
    }

    /// The entries of the next file; nil if there are too few of them.
    private func part(after before: AuditArchive?, before time: Date, now: Date) async throws -> Part? {
        let maxEntries = Int64(maxEntries)
        return try await storage.queue.read { database -> Part? in
            let oldest = try database.first(
                "SELECT place, at FROM audit_entry WHERE place > ? ORDER BY place LIMIT 1", [.integer(before?.last.rawValue ?? 0)])
            guard let oldest, let newest = try database.first("SELECT MAX(place) AS place FROM audit_entry")?.integer("place") else {
                return nil
            }
            let (first, at) = (try oldest.integer("place"), Date(storedMilliseconds: try oldest.integer("at")))
            // An entry from the future, by a clock that was wrong, is as old as the ones around it.
            let isDue = at > now || time.timeIntervalSince(at) >= AuditArchiveLimits.span
            guard at < time || at > now, isDue || newest - first + 1 >= maxEntries else { return nil }
            // The log is in the order of its entries: the file ends before the first one that is too young.
            let part = try database.first(
                """
                SELECT MAX(place) AS last, MIN(CASE WHEN at >= ?3 AND at <= ?4 THEN place END) AS young
                FROM (SELECT place, at FROM audit_entry WHERE place >= ?1 ORDER BY place LIMIT ?2) AS entries
                """, [.integer(first), .integer(maxEntries), time.storedMilliseconds, now.storedMilliseconds])
            let end = try part?.optionalInteger("young").map { $0 - 1 } ?? part?.integer("last")
            guard let end, end >= first, isDue || end - first + 1 >= maxEntries else { return nil }
            return Part(first: first, last: end)
        }
    }

    // MARK: Writing

    private func write(
        _ part: Part, _ number: Int, _ previous: [UInt8], to path: String, _ pause: @Sendable () async throws -> Void
    ) async throws -> ArchiveContent {
        let writer = try ArchiveWriter(path, number: number, first: part.first, previous: previous)
        try await forEachEntry(of: part, pause) { try writer.add($0) }
        try writer.finish()
        try reached(.written)
        let content = try ArchiveContent(reading: path)
        guard content.number == number, content.first == part.first, content.last == part.last, content.previousHash == previous,
            content.lastHash == writer.lastHash
        else { throw AuditArchiveError.damaged(file: path, reason: "it is not what was written") }
        try reached(.verified)
        return content
    }

    /// Passes on the entries of the database as an archive holds them.
    private func forEachEntry(
        of part: Part, _ pause: @Sendable () async throws -> Void, _ body: ([UInt8]) throws -> Void
    ) async throws {
        var next = part.first
        while next <= part.last {
            let entries = try await storage.queue.read { [batch, next] database in
                try database.query(
                    "SELECT * FROM audit_entry WHERE place >= ? AND place <= ? ORDER BY place LIMIT ?",
                    [.integer(next), .integer(part.last), .integer(Int64(batch))]
                ).map { (place: try $0.integer("place"), bytes: try $0.archivedEntry()) }
            }
            guard !entries.isEmpty else { throw AuditArchiveError.damaged(file: "audit_entry", reason: "the entry \(next) is missing") }
            for entry in entries {
                guard entry.place == next else {
                    throw AuditArchiveError.damaged(file: "audit_entry", reason: "the entry \(next) is missing")
                }
                try body(entry.bytes)
                next += 1
            }
            if next <= part.last { try await pause() }
        }
    }

    /// Records a file that is in its place, so that its entries may be removed.
    private func record(_ content: ArchiveContent, at now: Date) async throws -> AuditArchive {
        let archive = AuditArchive(
            number: content.number, file: Self.fileName(content.number), first: AuditPosition(rawValue: content.first),
            last: AuditPosition(rawValue: content.last), firstAt: Date(storedMilliseconds: content.firstAt),
            lastAt: Date(storedMilliseconds: content.lastAt), previousHash: content.previousHash, lastHash: content.lastHash,
            digest: content.digest, byteCount: content.byteCount, archivedAt: now)
        try await storage.write(nil) { database in
            _ = try database.run(
                """
                INSERT INTO audit_archive (number, file, first_place, last_place, first_at, last_at, previous_hash, last_hash, digest,
                    byte_count, archived_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(Int64(archive.number)), .text(archive.file), .integer(content.first), .integer(content.last),
                    .integer(content.firstAt), .integer(content.lastAt), .blob(archive.previousHash), .blob(archive.lastHash),
                    .blob(archive.digest), .integer(Int64(archive.byteCount)), now.storedMilliseconds,
                ])
        }
        try reached(.recorded)
        return archive
    }

    // MARK: Going on after a kill

    /// Records a file that a process had moved to its place before it was killed; another file with that name is put aside.
    private func adopt(
        _ number: Int, after before: AuditArchive?, at now: Date, _ pause: @Sendable () async throws -> Void
    ) async throws -> AuditArchive? {
        let path = folder + "/" + Self.fileName(number)
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        if let content = try? ArchiveContent(reading: path), try await isOfThisLog(content, number, after: before, pause) {
            return try await record(content, at: now)
        }
        // Such as one from after the backup that the database was restored from.
        for count in 1...1_000 {
            let aside = path + ".not-recorded-\(count)"
            if lstat(aside, &status) == 0 { continue }
            guard rename(path, aside) == 0, SmallFile.synchroniseFolder(of: path) else { throw AuditArchiveError.notWritable(path) }
            return nil
        }
        throw AuditArchiveError.notWritable(path)
    }

    private func isOfThisLog(
        _ content: ArchiveContent, _ number: Int, after before: AuditArchive?, _ pause: @Sendable () async throws -> Void
    ) async throws -> Bool {
        guard content.number == number, content.previousHash == before?.lastHash ?? ArchiveLine.noHash,
            before.map({ $0.last.rawValue + 1 == content.first }) ?? true
        else { return false }
        var hash = content.previousHash
        do {
            try await forEachEntry(of: Part(first: content.first, last: content.last), pause) { hash = ArchiveLine.hash(after: hash, $0) }
        } catch is AuditArchiveError {
            return false
        }
        return hash == content.lastHash
    }

    // MARK: The manifest

    /// Writes the list of files, so that they can be checked without the database.
    private func writeManifest(_ archives: [AuditArchive]) throws {
        let path = folder + "/" + Self.manifestName
        guard SmallFile.replace(path, with: Self.manifest(archives)) else { throw AuditArchiveError.notWritable(path) }
    }

    /// The list of files, a file a line.
    static func manifest(_ archives: [AuditArchive]) -> String {
        archives.map { archive in
            let line: JSONValue = [
                "number": .integer(archive.number), "file": .string(archive.file), "first": .integer(Int(archive.first.rawValue)),
                "last": .integer(Int(archive.last.rawValue)), "from": .string(archive.firstAt.formatted(.iso8601)),
                "to": .string(archive.lastAt.formatted(.iso8601)), "previous": .string(ArchiveLine.hex(archive.previousHash)),
                "lastHash": .string(ArchiveLine.hex(archive.lastHash)), "sha256": .string(ArchiveLine.hex(archive.digest)),
                "bytes": .integer(archive.byteCount), "archivedAt": .string(archive.archivedAt.formatted(.iso8601)),
            ]
            return line.encodedText + "\n"
        }.joined()
    }
}

extension Row {
    /// The entry as an archive holds it: what is stored, without an interpretation that a later version might not share.
    fileprivate func archivedEntry() throws -> [UInt8] {
        let milliseconds = try integer("at")
        return JSONValue(
            present: [
                ("place", .integer(Int(try integer("place")))), ("milliseconds", .integer(Int(milliseconds))),
                (
                    "at",
                    .string(
                        Date(storedMilliseconds: milliseconds).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
                ),
                ("user", .string(try text("actor"))), ("action", .string(try text("action"))), ("target", .string(try text("target"))),
                ("outcome", .string(try text("outcome"))), ("detail", .string(try text("detail"))),
                ("code", try optionalText("code").map(JSONValue.string)), ("correlationID", .string(try text("correlation_id"))),
                ("address", try optionalText("address").map(JSONValue.string)),
            ]
        ).encoded
    }
}
