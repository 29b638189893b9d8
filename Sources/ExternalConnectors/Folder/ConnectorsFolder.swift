import FoundationEssentials
import Glibc
public import PSACore

/// The folder whose programs a host uses as connectors.
///
/// Write access to it decides what runs with the host's rights. So the folder and each program must belong to the host's user (a program
/// may also belong to root), and no other user may write to them, nor to any folder or link on the way to them: whoever may write in a
/// folder can put another program in the place of the one in it.
public struct ConnectorsFolder: Sendable {
    /// Why a folder is not used at all.
    public struct UnsafeFolderError: Error, Sendable, CustomStringConvertible {
        /// The folder.
        public let path: String
        /// What is wrong and what to do.
        public let reason: any LocalizedMessage

        /// Folder and reason, in English.
        public var description: String { "The connectors folder \(path) is not used. \(TextRenderer().text(reason))" }
    }

    /// Its absolute path.
    public let path: String

    /// Names a folder; a relative path counts from the working directory.
    public init(path: String) {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        self.path = absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
    }

    /// The programs in it that may be run, in alphabetical order, and those that may not.
    ///
    /// Files that can't be executed, folders and hidden files are ignored. A missing folder counts as empty.
    ///
    /// - Throws: ``UnsafeFolderError`` if another user could have put a program there.
    func programs() throws -> (usable: [String], unusable: [UnusableConnector]) {
        guard let folder = FileFacts(path) else { return ([], []) }
        guard folder.owner == geteuid() else { throw UnsafeFolderError(path: path, reason: UnusableConnectorMessage.ownedByOthers) }
        guard !folder.isWritableByOthers else {
            throw UnsafeFolderError(path: path, reason: UnusableConnectorMessage.writableByOthers(path: path))
        }
        if let place = PathTrust.untrustedPlace(on: path) {
            throw UnsafeFolderError(path: path, reason: UnusableConnectorMessage.replaceable(path: place))
        }
        var usable: [String] = []
        var unusable: [UnusableConnector] = []
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? [] where !name.hasPrefix(".") {
            let program = path + "/" + name
            guard let file = FileFacts(program), file.isProgram else { continue }
            if file.owner != geteuid(), file.owner != 0 {
                unusable.append(UnusableConnector(path: program, UnusableConnectorMessage.ownedByOthers))
            } else if file.isWritableByOthers {
                unusable.append(UnusableConnector(path: program, UnusableConnectorMessage.writableByOthers(path: program)))
            } else if let place = PathTrust.untrustedPlace(on: program) {
                unusable.append(UnusableConnector(path: program, UnusableConnectorMessage.replaceable(path: place)))
            } else {
                usable.append(program)
            }
        }
        return (usable, unusable)
    }
}

/// The facts that decide whether a file may be run; for a link, those of its target.
private struct FileFacts {
    let owner: uid_t
    let isWritableByOthers: Bool
    let isProgram: Bool

    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        owner = facts.st_uid
        isWritableByOthers = facts.st_mode & 0o022 != 0
        isProgram = facts.st_mode & S_IFMT == S_IFREG && facts.st_mode & 0o111 != 0
    }
}

/// Which other users can change what a path leads to.
enum PathTrust {
    /// The first folder or link on the way that lets another user change what is at the end of it; nil if there is none.
    ///
    /// Links are followed as the system does, up to 40. A folder that all may write to is trusted if it is sticky, as `/tmp` is: there, only
    /// the owner of an entry can replace it. Folders of root may be writable for their group.
    ///
    /// - Parameter path: An absolute path.
    /// - Returns: The place.
    static func untrustedPlace(on path: String) -> String? {
        var rest = parts(of: path)
        var place = ""
        var links = 0
        if let untrusted = untrustedFolder("/") { return untrusted }
        while let part = rest.first {
            rest.removeFirst()
            if part == ".." {
                place = place.lastIndex(of: "/").map { String(place[..<$0]) } ?? ""
                continue
            }
            let entry = place + "/" + part
            var facts = stat()
            guard lstat(entry, &facts) == 0 else { return nil }
            guard facts.st_uid == 0 || facts.st_uid == geteuid() else { return entry }
            if facts.st_mode & S_IFMT == S_IFLNK {
                links += 1
                guard links <= 40, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: entry) else { return entry }
                if target.hasPrefix("/") { place = "" }
                rest = parts(of: target) + rest
            } else {
                if facts.st_mode & S_IFMT == S_IFDIR, let untrusted = untrustedFolder(entry) { return untrusted }
                place = entry
            }
        }
        return nil
    }

    private static func parts(of path: String) -> [String] { path.split(separator: "/").map(String.init).filter { $0 != "." } }

    private static func untrustedFolder(_ path: String) -> String? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return path }
        if facts.st_mode & UInt32(S_ISVTX) != 0 { return nil }
        let writers: mode_t = facts.st_uid == 0 ? 0o002 : 0o022
        return facts.st_mode & writers == 0 ? nil : path
    }
}
