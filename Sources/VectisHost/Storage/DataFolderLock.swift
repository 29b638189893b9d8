import Glibc
import PSACore
import Synchronization

/// The right to be the only program that works on a data folder, until it is let go or the process ends, however it ends.
///
/// It is a lock of the system on a file in the folder, so that it counts for every way to the folder: relative, through links, or mounted
/// elsewhere. It also notices when another folder or database has taken the place of the one that was opened.
final class DataFolderLock: Sendable {
    /// The file in the folder.
    static let fileName = "vectis.lock"

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
    static func take(_ folder: DataFolder) throws -> DataFolderLock {
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
    func guardDatabase() { state.withLock { $0.database = FileIdentity(of: folder.database) } }

    /// Whether the path of the folder still leads to the database that was opened, and nobody else has the lock.
    ///
    /// Asked before each write: two questions to the system, no reading.
    var isIntact: Bool {
        state.withLock { state in
            if let database = state.database, FileIdentity(of: folder.database) != database { return false }
            if FileIdentity(of: path) == state.file { return true }
            // Somebody has removed the file. While nobody holds the new one, the folder is still ours.
            guard state.database != nil, let (descriptor, file) = try? Self.lock(path) else { return false }
            state.descriptors.append(descriptor)
            state.file = file
            return true
        }
    }

    /// How many bytes this user can still write where the database is; nil if the system does not tell.
    var freeBytes: UInt64? {
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
            // Between the two calls the file may have been removed; then the lock is worth nothing.
            if let file = FileIdentity(of: descriptor), file == FileIdentity(of: path) {
                tellHolder(descriptor)
                return (descriptor, file)
            }
            close(descriptor)
        }
        throw DataFolderLockError.unusable(path, reason: "it is removed again and again")
    }

    /// Writes down which process to look for.
    ///
    /// It is for people only: a full disk does not take it, which does not matter.
    private static func tellHolder(_ descriptor: Int32) {
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

/// Why a data folder can't be had.
enum DataFolderLockError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another program works on it.
    case taken(String, process: Int32?)
    /// The file can't be made or locked.
    case unusable(String, reason: String)
}

/// Which file a path or descriptor leads to, whatever it is called.
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
