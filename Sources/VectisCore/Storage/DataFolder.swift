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

    /// The file with the local copies of what connections can read; it can be deleted while no process uses it, and is then read again.
    package var localCopy: String { path + "/copy.db" }

    /// The keys; made together with the database, never for one that is there.
    ///
    /// - Throws: ``KeyRingError``.
    package func openKeys() throws -> KeyRing { try keyFile.open(isNeeded: FileManager.default.fileExists(atPath: database)) }

    /// Makes the folder, for its owner only, if it is not there.
    ///
    /// - Throws: What the file system throws.
    package func prepare() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
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

    /// How many bytes this user can still write on the volume of the database; nil if the system does not report it.
    package var freeBytes: UInt64? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0, facts.f_blocks > 0 else { return nil }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
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
    package var guided: PSAError { guided(by: template()) }

    /// The error of a command that keeps the local copies of the folder, as a host on it does by itself.
    package var guidedForSync: PSAError {
        guard case .taken = self else { return guided }
        return guided(
            by: template(
                CauseTemplate(
                    "host_syncs", .likely, "A host that runs on the folder keeps its local copies in sync by itself.",
                    german: "Ein Host, der auf dem Ordner läuft, hält dessen lokale Kopien selbst aktuell.",
                    steps: [
                        .init(
                            "Leave it to the host: “vectis data” shows its copies while it runs.",
                            german: "Es dem Host überlassen: „vectis data“ zeigt dessen Kopien, während er läuft."),
                        .init(
                            "If the host was started with --no-sync, start it without.",
                            german: "Wurde der Host mit --no-sync gestartet, ihn ohne diese Option starten."),
                    ], responsibleParty: .you)))
    }

    private func guided(by template: GuidanceTemplate) -> PSAError {
        let catalogue = GuidanceCatalogue(vendorName: "Vectis", overrides: [.usageInvalid: template])
        return PSAError(.usageInvalid, catalogue: catalogue, values: [.message: .phrase(self)])
    }

    private func template(_ first: CauseTemplate? = nil) -> GuidanceTemplate {
        switch self {
        case .taken:
            GuidanceTemplate(
                title: .init("Another Vectis works on this data folder", german: "Ein anderes Vectis arbeitet mit diesem Datenordner"),
                detail: .init("{message}", german: "{message}"),
                causes: (first.map { [$0] } ?? []) + [
                    CauseTemplate(
                        "running", .likely, "A host, or another command, runs on the folder; the lock ends with its process.",
                        german: "Ein Host oder ein anderer Befehl läuft auf dem Ordner; die Sperre endet mit seinem Prozess.",
                        steps: [
                            .init("Stop that process.", german: "Diesen Prozess beenden."),
                            .init(
                                "If another folder was meant, name it with --data.",
                                german: "War ein anderer Ordner gemeint, ihn mit --data angeben."),
                            .tryAgain,
                        ], responsibleParty: .you)
                ])
        case .unusable:
            GuidanceTemplate(
                title: .init("The data folder can't be locked", german: "Der Datenordner lässt sich nicht sperren"),
                detail: .init("{message}", german: "{message}"),
                causes: [
                    CauseTemplate(
                        "not_writable", .likely, "This user may not write in the folder, or its disk is full.",
                        german: "Dieser Benutzer darf in dem Ordner nicht schreiben, oder der Datenträger ist voll.",
                        steps: [
                            .init(
                                "Check the rights of the folder and the free space.",
                                german: "Die Rechte des Ordners und den freien Platz prüfen."),
                            .tryAgain,
                        ], responsibleParty: .you),
                    CauseTemplate(
                        "no_locks", .possible, "The file system of the folder has no locks.",
                        german: "Das Dateisystem des Ordners kennt keine Sperren.",
                        steps: [
                            .init(
                                "Name a folder on a local disk with --data.",
                                german: "Mit --data einen Ordner auf einem lokalen Datenträger angeben."), .tryAgain,
                        ], responsibleParty: .you),
                ])
        }
    }
}
