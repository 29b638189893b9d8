import Foundation
import FoundationEssentials
import Glibc
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The folder of this package's source, as far as the scaffold reads it.
struct PackageFolder: Sendable {
    static let manifest = "Package.swift"

    let path: String

    /// Opens a folder that contains this package.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for any other folder.
    init(_ path: String) throws {
        self.path = path
        guard text(of: Self.manifest)?.contains("name: \"psa-connectors\"") == true else {
            throw PSAError(scaffold: .notThePackage(path))
        }
    }

    /// The text of a file, or nil if it can't be read.
    func text(of file: String) -> String? { try? String(contentsOfFile: path + "/" + file, encoding: .utf8) }

    /// The paths of the Swift files in a folder and the folders in it.
    func sources(in folder: String) -> [String] {
        let names = try? FileManager.default.subpathsOfDirectory(atPath: path + "/" + folder)
        return (names ?? []).filter { $0.hasSuffix(".swift") }.map { folder + "/" + $0 }.sorted()
    }

    /// Rejects a name that exists in the package already, compared case-insensitively.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which says where the name is.
    func checkIsFree(_ name: ConnectorName) throws {
        for file in [name.folder, name.testFolder, name.guide] {
            let parts = file.split(separator: "/")
            let siblings = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + parts[0])) ?? []
            if let taken = siblings.first(where: { $0.lowercased() == parts[1].lowercased() }) {
                throw PSAError(scaffold: .takenName(name.module, place: "\(parts[0])/\(taken)"))
            }
        }
        let manifest = text(of: Self.manifest) ?? ""
        let wanted = Set(name.declarations.map { $0.lowercased() })
        for quoted in manifest.matches(of: /"(\w+)"/) where wanted.contains(quoted.1.lowercased()) {
            throw PSAError(scaffold: .takenName(String(quoted.1), place: Self.manifest))
        }
        for file in ["Sources", "Plugins"].flatMap(sources) {
            for type in (text(of: file) ?? "").matches(of: /\b(?:struct|class|enum|actor|protocol|typealias) (\w+)/)
            where name.declarations.contains(String(type.1)) {
                throw PSAError(scaffold: .takenName(String(type.1), place: file))
            }
        }
    }

    /// Rejects a name that is a word of the core: the check that the core names no vendor could not distinguish the two.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which says where the word is.
    func checkIsNoWordOfTheCore(_ name: ConnectorName) throws {
        for file in sources(in: "Sources/PSACore") {
            let code = (text(of: file) ?? "").split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            if code.contains(where: { $0.lowercased().contains(name.vendorWord) }) {
                throw PSAError(scaffold: .wordOfTheCore(name.vendorWord, place: file))
            }
        }
    }
}

/// A list in a source file with one entry on each line, kept in alphabetical order.
struct SourceList: Sendable {
    /// The line before the first entry.
    let opening: String
    /// What each entry begins with; other lines after them are left unchanged.
    let prefix: String
    /// The line that ends the list.
    let closing: String

    /// The text with one more entry, or nil if the list is not there, or not in the expected form.
    func inserting(_ entry: String, into text: String) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: opening),
            let end = lines[start...].firstIndex(of: closing),
            case let entries = lines[(start + 1)..<end].prefix(while: { $0.hasPrefix(prefix) }), !entries.isEmpty,
            entries.allSatisfy({ $0.hasSuffix(",") })
        else { return nil }
        let line = prefix + entry + ","
        lines.insert(line, at: entries.firstIndex { $0 > line } ?? entries.endIndex)
        return lines.joined(separator: "\n")
    }
}

/// The imports at the beginning of a source file, in alphabetical order of the modules.
enum ImportList {
    /// The text with one more import, or nil if it does not begin with imports.
    static func inserting(_ module: String, into text: String) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let imports = lines.prefix { $0.firstMatch(of: /^(public )?import \w+$/) != nil }
        guard !imports.isEmpty else { return nil }
        let following = imports.firstIndex { ($0.split(separator: " ").last ?? "") > module }
        lines.insert("import " + module, at: following ?? imports.endIndex)
        return lines.joined(separator: "\n")
    }
}

/// The state of a folder under git.
enum WorkingTree {
    /// Rejects a folder with uncommitted changes, so that what is written next can be distinguished and reverted.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for a folder that is not under git or has changes.
    static func checkIsClean(_ folder: String) throws {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-C", folder, "status", "--porcelain", "--untracked-files=all", "--", "."]
        // A status must not hold a lock that another git waits for.
        git.environment = ProcessInfo.processInfo.environment.merging(["GIT_OPTIONAL_LOCKS": "0"]) { $1 }
        let output = Pipe()
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { throw PSAError(scaffold: .noGit) }
        let listing = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        // It has ended, or closed its output and ends now. A run loop, as waitUntilExit() uses, needs another thread of the pool.
        while git.isRunning { usleep(1_000) }
        // The exit status of env if there is no such program.
        guard git.terminationStatus != 127 else { throw PSAError(scaffold: .noGit) }
        guard git.terminationStatus == 0 else { throw PSAError(scaffold: .notUnderGit(folder)) }
        let changes = String(decoding: listing, as: UTF8.self).split(separator: "\n").map { String($0.dropFirst(3)) }
        guard changes.isEmpty else {
            throw PSAError(scaffold: .uncommitted(changes.prefix(5) + (changes.count > 5 ? ["…"] : [])))
        }
    }
}

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
        // A file of that name may belong to the user: it is not replaced, and not removed.
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

    /// Reverts everything, and returns what could not be reverted.
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
