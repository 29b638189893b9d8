import Foundation
import PSACore

/// What git knows about a folder.
enum WorkingTree {
    /// Refuses a folder in which something is not committed, so that what is written next can be told apart and taken back.
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
        let told = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        git.waitUntilExit()
        // What env answers where there is no such program.
        guard git.terminationStatus != 127 else { throw PSAError(scaffold: .noGit) }
        guard git.terminationStatus == 0 else { throw PSAError(scaffold: .notUnderGit(folder)) }
        let changes = String(decoding: told, as: UTF8.self).split(separator: "\n").map { String($0.dropFirst(3)) }
        guard changes.isEmpty else {
            throw PSAError(scaffold: .uncommitted(changes.prefix(5) + (changes.count > 5 ? ["…"] : [])))
        }
    }
}
