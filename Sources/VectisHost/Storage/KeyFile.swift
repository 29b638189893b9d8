import Glibc
import Sodium

/// The file that holds the host's keys: base64, one a line, the newest first; readable by its owner only.
///
/// It lies outside the database, so that a copy of the database alone gives no secret away.
struct KeyFile: Sendable {
    let path: String

    /// The keys in the file; a new file with a new key if there is none and there may be none.
    ///
    /// - Parameter isNeeded: Whether something may be sealed already, so that a new key would be of no use.
    /// - Returns: The keys.
    /// - Throws: ``KeyRingError``; a file that is there and can't be used is never replaced.
    func open(isNeeded: Bool) throws -> KeyRing {
        guard try isMissing() else { return try read() }
        guard !isNeeded else { throw KeyRingError.missing(path) }
        let ring = try KeyRing([try SealingKey.random()])
        try write(ring)
        return ring
    }

    /// Whether nothing has this name; a link that leads nowhere is something, because what it leads to may come back.
    private func isMissing() throws -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return false }
        guard errno == ENOENT else { throw KeyRingError.unreadable(path) }
        return true
    }

    /// The keys in the file.
    func read() throws -> KeyRing {
        var status = stat()
        guard stat(path, &status) == 0 else { throw KeyRingError.unreadable(path) }
        guard status.st_mode & 0o077 == 0 else { throw KeyRingError.tooOpen(path) }
        guard let text = SmallFile.read(path) else { throw KeyRingError.unreadable(path) }
        // An editor may have put "\r\n" at the ends, which is one character.
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        do {
            return try KeyRing(try lines.map { try SealingKey(base64: String($0)) })
        } catch {
            throw KeyRingError.malformed(path)
        }
    }

    /// Replaces the file as a whole: whatever happens, the old keys or the new ones are there.
    func write(_ ring: KeyRing) throws {
        let text =
            "# Keys of Vectis. Keep a copy apart from the database; without it no stored secret can be read.\n"
            + ring.texts.joined(separator: "\n") + "\n"
        guard SmallFile.replace(path, with: text) else { throw KeyRingError.notWritable(path) }
    }
}
