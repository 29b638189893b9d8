import FoundationEssentials
import Glibc
package import PSACore
package import PSAEngine
package import Sodium
import VectisRules

/// Encrypts what must not be readable in the database, and authenticates what the host itself issued earlier.
///
/// Secrets are bound to their place: a sealed secret that is copied to another connection or setting does not open there.
package struct Vault: SecretSealer {
    private let keys: KeyRing
    private let now: @Sendable () -> Date

    package init(_ keys: KeyRing, time: TimeSource) {
        self.keys = keys
        now = time.now
    }

    /// Seals a secret for its place.
    package func seal(_ secret: Secret, of connection: ConnectionID, _ key: SettingKey) throws -> SealedSecret {
        SealedSecret(bytes: try keys.seal(Array(secret.reveal().utf8), for: Self.place(connection, key)))
    }

    /// Opens a secret at its place.
    ///
    /// - Throws: ``KeyRingError`` if none of the keys fits or it was damaged.
    package func open(_ sealed: SealedSecret, of connection: ConnectionID, _ key: SettingKey) throws -> Secret {
        Secret(String(decoding: try keys.open(sealed.bytes, for: Self.place(connection, key)), as: UTF8.self))
    }

    fileprivate static func place(_ connection: ConnectionID, _ key: SettingKey) -> String { "connection/\(connection)/\(key)" }

    /// Encrypts a secret that was typed into a form, so that it may be part of the page that is returned.
    ///
    /// It opens in the same browser session only, for as long as a test counts.
    package func sealForForm(_ secret: Secret, of session: SignInSession, _ key: SettingKey) throws -> String {
        let until = Int(now().timeIntervalSince1970 + TestProof.lifetime)
        let content = Array("\(until) ".utf8) + Array(secret.reveal().utf8)
        return Base64URL.encode(try keys.seal(content, for: Self.place(session, key)))
    }

    /// The typed secret, or nil if it belongs to another session, is too old or was damaged.
    package func openFromForm(_ text: String, of session: SignInSession, _ key: SettingKey) -> Secret? {
        guard let bytes = Base64URL.decode(text), let content = try? keys.open(bytes, for: Self.place(session, key)) else { return nil }
        // Bytes, because a secret that starts with a combining mark would form one character with the space.
        let parts = content.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let until = TimeInterval(String(decoding: parts[0], as: UTF8.self)),
            case let rest = until - now().timeIntervalSince1970, rest > 0, rest <= TestProof.lifetime + WrongClock.tolerance
        else { return nil }
        return Secret(String(decoding: parts[1], as: UTF8.self))
    }

    private static func place(_ session: SignInSession, _ key: SettingKey) -> String {
        "form/\(Base64URL.encode(session.tokenDigest))/\(key)"
    }

    /// Proves that the settings of a draft were just tested, and with which status.
    package func proof(for draft: ConnectionDraft, _ status: ConnectionStatus) throws -> TestProof {
        TestProof(rawValue: Base64URL.encode(try keys.seal(status.json.encoded, for: Self.place(draft))))
    }

    /// What the test of exactly these settings found, or nil if this is no proof of one, or too old.
    package func status(provenBy proof: TestProof, for draft: ConnectionDraft) -> ConnectionStatus? {
        guard let bytes = Base64URL.decode(proof.rawValue), let content = try? keys.open(bytes, for: Self.place(draft)),
            let status = ConnectionStatus(json: content),
            (-WrongClock.tolerance..<TestProof.lifetime).contains(now().timeIntervalSince(status.checkedAt))
        else { return nil }
        return status
    }

    private static func place(_ draft: ConnectionDraft) -> String {
        "receipt/" + Base64URL.encode(Digest(of: draft.canonicalBytes).bytes)
    }

    /// The token that forms of a session have to send; it can't be guessed.
    package func formToken(for token: SessionToken) -> String { keys.proof(of: "form-token/" + token.cookieValue) }
}

extension ConnectionStatus {
    /// The status as JSON, for a test proof.
    fileprivate var json: JSONValue {
        .init(present: [
            ("outcome", .string(outcome.rawValue)), ("headline", .string(headline)), ("code", code.map { .string($0.rawValue) }),
            ("correlationID", correlationID.map(JSONValue.string)), ("checkedAt", .double(checkedAt.timeIntervalSince1970)),
        ])
    }

    fileprivate init?(json: [UInt8]) {
        guard let root = try? JSONDocument(json).root, let outcome = root["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
            let headline = root["headline"]?.string, let checkedAt = root["checkedAt"]?.double
        else { return nil }
        self.init(
            outcome: outcome, headline: headline, code: root["code"]?.string.flatMap(ErrorCode.init(rawValue:)),
            correlationID: root["correlationID"]?.string, checkedAt: Date(timeIntervalSince1970: checkedAt))
    }
}

/// Why decryption failed, or a key file could not be used.
package enum KeyRingError: Error, Sendable, Equatable, CustomStringConvertible {
    case noFittingKey
    /// Another process has sealed the secrets of the database with another key while this one ran.
    case replaced
    case missing(String)
    case unreadable(String)
    /// A folder, a pipe or a device.
    case notAFile(String)
    case malformed(String)
    case tooOpen(String)
    case notWritable(String)

    package var description: String {
        switch self {
        case .noFittingKey: "A stored secret can't be opened: the key file is not the one it was sealed with, or the secret was damaged."
        case .replaced:
            "The secrets of this database were sealed with another key while this process ran, so no secret can be stored. Start every process "
                + "again with the new key file."
        case .missing(let path):
            "The key file \(path) is missing, and the database beside it was made with it. Put the file back. If it is lost for good, make a "
                + "new one and enter the secrets of all connections again: (umask 077; openssl rand -base64 32 > \(path))"
        case .unreadable(let path): "The key file \(path) can't be read. Give this account the right to read it, or put the file back."
        case .notAFile(let path): "The key file \(path) is no regular file. Name one with --key-file."
        case .malformed(let path): "The key file \(path) is damaged. Put the file back that belongs to this data folder."
        case .tooOpen(let path): "The key file \(path) can be read by others. Run: chmod 600 \(path)"
        case .notWritable(let path): "The key file \(path) can't be written. Check the folder's rights and the free space."
        }
    }
}

extension KeyRingError {
    /// The error of a command that needs the keys.
    ///
    /// - Parameter keyFile: The path of the key file, for an error that names none.
    /// - Returns: The error with its guidance.
    package func guided(keyFile: String) -> PSAError {
        switch self {
        case .noFittingKey, .replaced: PSAError(.keyMismatch, name: keyFile)
        case .missing(let path): PSAError(.keyMissing, name: path)
        case .unreadable(let path):
            // A link that leads nowhere is there.
            PSAError(SmallFile.exists(path) ? .keyUnreadable : .keyMissing, name: path)
        case .notAFile(let path): PSAError(.keyNotAFile, name: path)
        case .malformed(let path): PSAError(.keyDamaged, name: path)
        case .tooOpen(let path): PSAError(.keyExposed, name: path)
        case .notWritable(let path): PSAError(.keyNotWritable, name: path)
        }
    }
}

/// The keys secrets are sealed with: the newest seals, all of them open, so that a key can be exchanged while the host runs on.
package struct KeyRing: Sendable {
    /// The newest first; never empty.
    private let keys: [SealingKey]

    /// - Throws: ``KeyRingError/noFittingKey`` without any key.
    package init(_ keys: [SealingKey]) throws {
        guard !keys.isEmpty else { throw KeyRingError.noFittingKey }
        self.keys = keys
    }

    /// How many keys there are.
    package var count: Int { keys.count }

    /// The ring with a new key in front, which seals from now on.
    package func addingNewest(_ key: SealingKey) throws -> KeyRing { try KeyRing([key] + keys) }

    /// The ring with the newest key alone.
    package func newestOnly() throws -> KeyRing { try KeyRing(Array(keys.prefix(1))) }

    package func seal(_ bytes: [UInt8], for place: String) throws -> [UInt8] {
        guard let newest = keys.first else { throw KeyRingError.noFittingKey }
        return try SealedBox.seal(bytes, associatedData: Array(place.utf8), with: newest)
    }

    package func open(_ sealed: [UInt8], for place: String) throws -> [UInt8] {
        for key in keys {
            if let opened = try? SealedBox.open(sealed, associatedData: Array(place.utf8), with: key) { return opened }
        }
        throw KeyRingError.noFittingKey
    }

    /// A text that only a holder of the oldest key can make; it survives adding a key.
    package func proof(of text: String) -> String {
        guard let oldest = keys.last else { return "" }
        return Base64URL.encode(Digest(of: Array(text.utf8), key: oldest).bytes)
    }

    /// By which a database recognizes each key, the newest first; no key can be derived from it.
    package var checks: [[UInt8]] { keys.map { Digest(of: Array("vectis key check".utf8), key: $0).bytes } }

    /// Whether one of the keys opens a secret at its place.
    package func opens(_ secret: StoredSecret) -> Bool {
        (try? open(secret.sealed.bytes, for: Vault.place(secret.id, secret.key))) != nil
    }

    /// The keys in the form in which the file holds them.
    package var texts: [String] { keys.map { $0.reveal() } }
}

/// The file that holds the host's keys: base64, one a line, the newest first; readable by its owner only.
///
/// It is outside the database, so that a copy of the database alone reveals no secret.
package struct KeyFile: Sendable {
    package let path: String

    /// Creates a ``KeyFile``.
    package init(path: String) {
        self.path = path
    }

    /// The keys in the file; a new file with a new key if there is none and there may be none.
    ///
    /// - Parameter isNeeded: Whether something may be sealed already, so that a new key would be of no use.
    /// - Returns: The keys.
    /// - Throws: ``KeyRingError``; a file that is there and can't be used is never replaced.
    package func open(isNeeded: Bool) throws -> KeyRing {
        guard try isMissing() else { return try read() }
        guard !isNeeded else { throw KeyRingError.missing(path) }
        let ring = try KeyRing([try SealingKey.random()])
        try write(ring)
        return ring
    }

    /// Whether nothing has this name; a link that leads nowhere is something, because what it leads to may come back.
    func isMissing() throws -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return false }
        guard errno == ENOENT else { throw KeyRingError.unreadable(path) }
        return true
    }

    /// The keys in the file.
    package func read() throws -> KeyRing {
        var status = stat()
        guard stat(path, &status) == 0 else { throw KeyRingError.unreadable(path) }
        // Opening a pipe would wait for a program that writes into it.
        guard status.st_mode & S_IFMT == S_IFREG else { throw KeyRingError.notAFile(path) }
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

    /// Replaces the file atomically: after a crash it holds either the old keys or the new ones.
    package func write(_ ring: KeyRing) throws {
        let text =
            "# Keys of Vectis. Keep a copy apart from the database; without it no stored secret can be read.\n"
            + ring.texts.joined(separator: "\n") + "\n"
        guard SmallFile.replace(path, with: text) else { throw KeyRingError.notWritable(path) }
    }
}

/// Files of a few lines, read whole and replaced whole.
package enum SmallFile {
    private static let limit = 64 << 10

    /// The content, or nil if it can't be read, is too large or is not UTF-8.
    package static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(validating: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
        return nil
    }

    /// Whether something has this name, a link that leads nowhere included.
    package static func exists(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }

    /// The first bytes of a file, or fewer if it is shorter or can't be read.
    package static func readStart(_ path: String, count: Int) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = pread(descriptor, &bytes, count, 0)
        return Array(bytes.prefix(max(0, read)))
    }

    /// Moves a file into place and forces the folder to the disk; false if that did not work.
    package static func move(_ path: String, to place: String) -> Bool {
        rename(path, place) == 0 && synchroniseFolder(of: place)
    }

    /// Writes beside it, forces it to the disk and moves it into place; readable by its owner only.
    ///
    /// False if that did not work.
    package static func replace(_ path: String, with text: String) -> Bool {
        let beside = path + ".new"
        unlink(beside)
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWritten = rest.isEmpty && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(beside, path) == 0 else {
            unlink(beside)
            return false
        }
        return synchroniseFolder(of: path)
    }

    /// A moved file survives a power cut only once its folder is flushed to the disk.
    package static func synchroniseFolder(of path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
