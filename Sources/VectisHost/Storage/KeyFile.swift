import Glibc
import Sodium

/// The file that holds the host's keys: base64, one a line, the newest first; readable by its owner only.
///
/// It lies outside the database, so that a copy of the database alone gives no secret away.
struct KeyFile: Sendable {
    let path: String

    /// The keys in the file; a new file with a new key if there is none.
    ///
    /// - Throws: ``KeyRingError``; a file that is there and can't be used is never replaced.
    func open() throws -> KeyRing {
        if access(path, F_OK) != 0 {
            let ring = try KeyRing([try SealingKey.random()])
            try write(ring)
            return ring
        }
        return try read()
    }

    /// The keys in the file.
    func read() throws -> KeyRing {
        var status = stat()
        guard stat(path, &status) == 0 else { throw KeyRingError.unreadable(path) }
        guard status.st_mode & 0o077 == 0 else { throw KeyRingError.tooOpen(path) }
        guard let text = SmallFile.read(path) else { throw KeyRingError.unreadable(path) }
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
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
