import FoundationEssentials
import Glibc
import PSACore

/// Writes several files: all of them, or none.
///
/// Every text is written beside its place first, so that a full disk is found before anything is moved. A kill between two moves is not
/// undone; git then shows what is there.
struct FileTransaction {
    private let root: String
    /// Written beside their places and not moved yet.
    private var drafts: Set<String> = []
    private var written: [ScaffoldPlan.Change] = []
    private var folders: [String] = []

    /// Writes the changes of a plan.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which names the file that can't be written; everything is as before then, or the error
    ///   says what is not.
    static func apply(_ changes: [ScaffoldPlan.Change], to root: String) throws {
        var transaction = FileTransaction(root: root)
        for change in changes {
            guard transaction.makeFolder(of: change.path), transaction.stage(change.after, for: change.path) else {
                throw transaction.failure(at: change.path)
            }
        }
        for change in changes {
            guard transaction.move(change.path) else { throw transaction.failure(at: change.path) }
            transaction.written.append(change)
        }
    }

    private init(root: String) { self.root = root }

    private func staged(_ path: String) -> String { "\(root)/\(path).new" }

    private mutating func makeFolder(of path: String) -> Bool {
        let parts = path.split(separator: "/").dropLast()
        for count in parts.indices {
            let folder = parts.prefix(count + 1).joined(separator: "/")
            if mkdir("\(root)/\(folder)", 0o777) == 0 { folders.append(folder) } else if errno != EEXIST { return false }
        }
        return true
    }

    private mutating func stage(_ text: String, for path: String) -> Bool {
        // A file of that name may be a person's: it is not replaced, and not removed.
        guard access(staged(path), F_OK) != 0 else { return false }
        drafts.insert(path)
        guard (try? Data(text.utf8).write(to: URL(filePath: staged(path)), options: .withoutOverwriting)) != nil else { return false }
        var place = stat()
        let isThere = stat("\(root)/\(path)", &place) == 0
        return !isThere || chmod(staged(path), place.st_mode & 0o7777) == 0
    }

    private mutating func move(_ path: String) -> Bool {
        guard rename(staged(path), "\(root)/\(path)") == 0 else { return false }
        drafts.remove(path)
        return true
    }

    /// Takes everything back, and says what went wrong.
    private mutating func failure(at path: String) -> PSAError {
        for draft in drafts { unlink(staged(draft)) }
        var left: [String] = []
        for change in written.reversed() where !restore(change) { left.append(change.path) }
        for folder in folders.reversed() { rmdir("\(root)/\(folder)") }
        return PSAError(scaffold: left.isEmpty ? .notWritten(path) : .notUndone(path, left: left))
    }

    private mutating func restore(_ change: ScaffoldPlan.Change) -> Bool {
        guard let before = change.before else { return unlink("\(root)/\(change.path)") == 0 }
        return stage(before, for: change.path) && move(change.path)
    }
}
