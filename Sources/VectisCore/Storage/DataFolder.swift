import FoundationEssentials
import Glibc
package import PSACore
import PSAEngine
import Synchronization
import VectisRules

/// The data directory of the host.
package struct DataFolder: Sendable {
    package let path: String
    /// The file with the keys; inside the folder unless configured elsewhere.
    package let keyFile: KeyFile

    package init(path: String, keyFile: String? = nil) {
        self.path = path
        self.keyFile = KeyFile(path: keyFile ?? path + "/vectis.key")
    }

    /// The file with everything else.
    package var database: String { path + "/vectis.db" }

    /// The folder of archived audit entries.
    package var auditArchives: String { path + "/audit" }

    /// The file with the local copies of what connections can read; it can be deleted while no process uses it, and is then read again.
    package var localCopy: String { path + "/copy.db" }

    /// The keys; new ones only for a new database.
    ///
    /// New keys are in a file of their own until ``confirmKeys()``, so that an interrupted first start is distinguished from a lost
    /// database: keys without a database are never taken for a first start.
    ///
    /// - Parameters:
    ///   - createsDatabase: Whether a key file that is there may be used for a new database.
    ///   - content: What the database contains; nil for the file in the folder.
    ///   - name: What messages call the database; nil for the file in the folder.
    /// - Returns: The keys.
    /// - Throws: ``KeyRingError``, or ``DataFolderError`` if the database is missing or empty beside its keys.
    package func openKeys(createsDatabase: Bool = false, _ content: DatabaseContent? = nil, name: String? = nil) throws -> KeyRing {
        let (content, database) = (content ?? databaseContent, name ?? database)
        if try keyFile.isMissing() {
            if try !newKeys.isMissing() { return try newKeys.read() }
            if content == .empty, !createsDatabase { throw DataFolderError.databaseEmpty(database) }
            guard content != .rows else { throw KeyRingError.missing(keyFile.path) }
            return try newKeys.open(isNeeded: false)
        }
        switch content {
        case .rows: break
        case .missing where !createsDatabase: throw DataFolderError.databaseMissing(database, keyFile: keyFile.path)
        case .empty where !createsDatabase: throw DataFolderError.databaseEmpty(database)
        case .missing, .empty: break
        }
        return try keyFile.read()
    }

    /// Keeps other processes from making the same key file, until the lock is released.
    ///
    /// A key file that is there needs none. Whoever waited finds the file of the first.
    ///
    /// - Returns: The lock; nil if the file is there, or nothing can be written beside its place.
    /// - Throws: ``KeyRingError``, or the error of a task that is cancelled.
    package func lockMissingKeys() async throws -> KeyFileLock? {
        while try keyFile.isMissing() {
            let lock = KeyFileLock(beside: keyFile)
            guard let lock else { return nil }
            if lock.isTaken { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// Puts new keys in their place; to be called once the database is open, and before anything is sealed.
    ///
    /// A key file that is there stays: it was put back after a start that had made new keys.
    ///
    /// - Throws: ``KeyRingError/notWritable(_:)``.
    package func confirmKeys() throws {
        guard try !newKeys.isMissing() else { return }
        guard try keyFile.isMissing() else {
            unlink(newKeys.path)
            return
        }
        guard SmallFile.move(newKeys.path, to: keyFile.path) else { throw KeyRingError.notWritable(keyFile.path) }
    }

    /// Where new keys are until the database is there.
    private var newKeys: KeyFile { KeyFile(path: keyFile.path + ".first") }

    /// What the database of the folder contains.
    package var databaseContent: DatabaseContent {
        var facts = stat()
        guard stat(database, &facts) == 0 else { return errno == ENOENT ? .missing : .rows }
        guard facts.st_size > 0 else { return .empty }
        // What was written last may still be in the log alone.
        var log = stat()
        if stat(database + "-wal", &log) == 0, log.st_size > 0 { return .rows }
        let head = SmallFile.readStart(database, count: 72)
        // Bytes 68 to 71 of the file are SQLite’s application id (https://www.sqlite.org/fileformat2.html#database_header).
        return head.starts(with: "SQLite format 3\0".utf8) && head.dropFirst(68).allSatisfy { $0 == 0 } && facts.st_size <= 4_096
            ? .empty : .rows
    }

    /// Makes the folder, for its owner only, if it is not there.
    ///
    /// - Throws: What the file system throws.
    package func prepare() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}

/// What a database contains before a host opens it.
package enum DatabaseContent: Sendable {
    /// There is no database.
    case missing
    /// No byte, or an SQLite file that no program has claimed.
    case empty
    /// A database of some program.
    case rows
}

/// The lock on making a key file, held until it is released or the process ends.
///
/// Processes with data directories of their own may share a key file, so that the lock of the directory does not keep them apart.
package final class KeyFileLock: Sendable {
    private let descriptor: Int32
    private let file: KeyFile
    /// Whether this process has the lock; another has it otherwise.
    fileprivate let isTaken: Bool

    /// Tries to take it; nil if nothing can be written beside the file.
    fileprivate init?(beside file: KeyFile) {
        descriptor = open(file.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        self.file = file
        isTaken = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    deinit {
        // Where the file is made, there is nothing left to lock.
        if isTaken, SmallFile.exists(file.path) { unlink(file.path + ".lock") }
        close(descriptor)
    }
}

/// The exclusive lock of a data directory, held until it is released or the process ends.
///
/// It is a lock of the system on a file in the folder, so that it counts for every way to the folder: relative, through links, or mounted
/// elsewhere. It also notices when another folder or database has taken the place of the one that was opened.
package final class DataFolderLock: Sendable {
    /// The file in the folder.
    package static let fileName = "vectis.lock"

    private struct State {
        var descriptors: [Int32]
        var file: FileIdentity
        var database: FileIdentity?
    }

    private let folder: DataFolder
    private let path: String
    private let state: Mutex<State>

    /// Takes it.
    ///
    /// - Throws: ``DataFolderLockError``.
    package static func take(_ folder: DataFolder) throws -> DataFolderLock {
        let path = lockPath(folder)
        let (descriptor, file) = try lock(path)
        return DataFolderLock(folder, path, State(descriptors: [descriptor], file: file, database: nil))
    }

    private init(_ folder: DataFolder, _ path: String, _ state: sending State) {
        self.folder = folder
        self.path = path
        self.state = Mutex(state)
    }

    deinit { state.withLock { $0.descriptors.forEach { _ = close($0) } } }

    /// Remembers which file the database is; to be called once it is open.
    package func guardDatabase() { state.withLock { $0.database = FileIdentity(of: folder.database) } }

    /// Whether the path of the folder still leads to the database that was opened, and no other process has the lock.
    ///
    /// Called before each write: two system calls, no reading.
    package var isIntact: Bool {
        state.withLock { state in
            if let database = state.database, FileIdentity(of: folder.database) != database { return false }
            if FileIdentity(of: path) == state.file { return true }
            // The file was removed. While no other process locks the new one, this process still owns the folder.
            guard state.database != nil, let (descriptor, file) = try? Self.lock(path) else { return false }
            state.descriptors.append(descriptor)
            state.file = file
            return true
        }
    }

    /// The space on the volume of the database; nil if the system does not report it.
    package var space: VolumeSpace? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0, facts.f_blocks > 0 else { return nil }
        return VolumeSpace(
            free: UInt64(facts.f_bavail) * UInt64(facts.f_frsize), total: UInt64(facts.f_blocks) * UInt64(facts.f_frsize))
    }

    /// Beside the database itself, if its name in the folder is a link.
    private static func lockPath(_ folder: DataFolder) -> String {
        guard let real = realpath(folder.database, nil) else { return folder.path + "/" + fileName }
        defer { free(real) }
        let database = String(cString: real)
        return (database.lastIndex(of: "/").map { String(database[..<$0]) } ?? ".") + "/" + fileName
    }

    private static func lock(_ path: String) throws -> (descriptor: Int32, file: FileIdentity) {
        for _ in 0..<10 {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw DataFolderLockError.unusable(path, reason: String(cString: strerror(errno))) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno
                defer { close(descriptor) }
                guard reason == EWOULDBLOCK || reason == EINTR else {
                    throw DataFolderLockError.unusable(path, reason: String(cString: strerror(reason)))
                }
                if reason == EINTR { continue }
                throw DataFolderLockError.taken(path, process: holder(descriptor))
            }
            // Between the two calls the file may have been removed; then the lock protects nothing.
            if let file = FileIdentity(of: descriptor), file == FileIdentity(of: path) {
                writeProcessID(descriptor)
                return (descriptor, file)
            }
            close(descriptor)
        }
        throw DataFolderLockError.unusable(path, reason: "it is removed repeatedly")
    }

    /// Stores the id of the process that holds the lock.
    ///
    /// It is informational: a failure to write it is ignored.
    private static func writeProcessID(_ descriptor: Int32) {
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes.prefix(count), as: UTF8.self).trimmingSpaces)
    }
}

/// The space on a volume, in bytes.
package struct VolumeSpace: Sendable, Equatable {
    /// How much this user can still write.
    package let free: UInt64
    /// How much the volume holds.
    package let total: UInt64

    /// Creates a ``VolumeSpace``.
    package init(free: UInt64, total: UInt64) {
        self.free = free
        self.total = total
    }

    /// What is kept free for the results of work that has begun: 64 MiB, or a tenth of a smaller volume.
    package var reserve: UInt64 { min(64 << 20, total / 10) }
}

/// Why a data directory can't be locked.
package enum DataFolderLockError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another program works on it.
    case taken(String, process: Int32?)
    /// The file can't be made or locked.
    case unusable(String, reason: String)
}

/// The identity of the file of a path or descriptor, independent of its name.
private struct FileIdentity: Equatable {
    let device: dev_t
    let node: ino_t

    init?(of path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        (device, node) = (facts.st_dev, facts.st_ino)
    }

    init?(of descriptor: Int32) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return nil }
        (device, node) = (facts.st_dev, facts.st_ino)
    }
}

extension DataFolderLockError: LocalizedMessage {
    package var values: [String: MessageValue] {
        switch self {
        case .taken(let path, let process): ["path": .verbatim(path), "process": .verbatim(process.map { String($0) } ?? "")]
        case .unusable(let path, let reason): ["path": .verbatim(path), "reason": .verbatim(reason)]
        }
    }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.taken(_, nil), .english): "The data folder is in use: another process has locked {path}. One process at a time works in it."
        case (.taken(_, nil), .german):
            "Der Datenordner ist in Gebrauch: Ein anderer Prozess hat {path} gesperrt. Darin arbeitet immer nur einer."
        case (.taken, .english): "The data folder is in use: process {process} has locked {path}. One process at a time works in it."
        case (.taken, .german): "Der Datenordner ist in Gebrauch: Prozess {process} hat {path} gesperrt. Darin arbeitet immer nur einer."
        case (.unusable, .english): "{path} can't be created or locked: {reason}."
        case (.unusable, .german): "{path} lässt sich nicht anlegen oder sperren: {reason}."
        }
    }

    /// What is wrong, in English.
    package var description: String { TextRenderer().text(self) }

    /// The error of a command that can't lock its data directory.
    package var guided: PSAError {
        switch self {
        case .taken(let path, _): PSAError(.folderInUse, name: path, reason: self)
        case .unusable(let path, let reason): PSAError(.folderUnusable, name: path, reason: SystemReason(reason))
        }
    }

    /// The error of a command that keeps the local copies of the folder, as a host on it does by itself.
    package var guidedForSync: PSAError {
        guard case .taken = self else { return guided }
        let template = HostErrorCode.folderInUse.template
        let hostSyncs = CauseTemplate(
            "host_syncs", .likely, english: "A host that runs on the folder keeps its local copies in sync by itself.",
            german: "Ein Host, der auf dem Ordner läuft, hält dessen lokale Kopien selbst aktuell.",
            steps: [
                .init(
                    "Leave it to the host: “vectis data” shows its copies while it runs.",
                    german: "Es dem Host überlassen: „vectis data“ zeigt dessen Kopien, während er läuft."),
                .init(
                    "If the host was started with --no-sync, start it without.",
                    german: "Wurde der Host mit --no-sync gestartet, ihn ohne diese Option starten."),
                .tryAgain,
            ], responsibleParty: .you)
        let catalogue = GuidanceCatalogue(
            vendorName: "Vectis",
            overrides: [
                HostErrorCode.folderInUse.code: GuidanceTemplate(
                    title: template.title, detail: template.detail, causes: [hostSyncs] + template.causes)
            ])
        return PSAError(HostErrorCode.folderInUse.code, catalogue: catalogue, values: [.message: .phrase(self)])
    }
}

/// Why a data folder is not used: its database is not there, although its keys are.
package enum DataFolderError: Error, Sendable, Hashable {
    case databaseMissing(String, keyFile: String)
    case databaseEmpty(String)

    /// The error with its guidance.
    package var guided: PSAError {
        switch self {
        case .databaseMissing(let path, let keyFile): PSAError(.databaseMissing, name: path, reason: KeysRemain(keyFile: keyFile))
        case .databaseEmpty(let path): PSAError(.databaseEmpty, name: path)
        }
    }
}

/// Why a missing database is not replaced.
private struct KeysRemain: LocalizedMessage, Hashable {
    let keyFile: String

    var values: [String: MessageValue] { ["keys": .verbatim(keyFile)] }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "The key file {keys} is there, so that a database was there, too."
        case .german: "Die Schlüsseldatei {keys} ist da, also gab es auch eine Datenbank."
        }
    }
}
