import Sodium

/// Why something sealed could not be opened, or a key file not be used.
enum KeyRingError: Error, Sendable, Equatable, CustomStringConvertible {
    case noFittingKey
    case missing(String)
    case unreadable(String)
    case malformed(String)
    case tooOpen(String)
    case notWritable(String)

    var description: String {
        switch self {
        case .noFittingKey: "A stored secret can't be opened: the key file is not the one it was sealed with, or the secret was damaged."
        case .missing(let path):
            "The key file \(path) is missing, and the database beside it was made with it. Put the file back. If it is lost for good, make a "
                + "new one and enter the secrets of all connections again: (umask 077; openssl rand -base64 32 > \(path))"
        case .unreadable(let path): "The key file \(path) can't be read. Give this account the right to read it, or put the file back."
        case .malformed(let path): "The key file \(path) is damaged. Put the file back that belongs to this data folder."
        case .tooOpen(let path): "The key file \(path) can be read by others. Run: chmod 600 \(path)"
        case .notWritable(let path): "The key file \(path) can't be written. Check the folder's rights and the free space."
        }
    }
}

/// The keys secrets are sealed with: the newest seals, all of them open, so that a key can be exchanged while the host runs on.
struct KeyRing: Sendable {
    /// The newest first; never empty.
    private let keys: [SealingKey]

    /// - Throws: ``KeyRingError/noFittingKey`` without any key.
    init(_ keys: [SealingKey]) throws {
        guard !keys.isEmpty else { throw KeyRingError.noFittingKey }
        self.keys = keys
    }

    /// How many keys there are.
    var count: Int { keys.count }

    /// The ring with a new key in front, which seals from now on.
    func addingNewest(_ key: SealingKey) throws -> KeyRing { try KeyRing([key] + keys) }

    /// The ring with the newest key alone.
    func newestOnly() throws -> KeyRing { try KeyRing(Array(keys.prefix(1))) }

    func seal(_ bytes: [UInt8], for place: String) throws -> [UInt8] {
        guard let newest = keys.first else { throw KeyRingError.noFittingKey }
        return try SealedBox.seal(bytes, associatedData: Array(place.utf8), with: newest)
    }

    func open(_ sealed: [UInt8], for place: String) throws -> [UInt8] {
        for key in keys {
            if let opened = try? SealedBox.open(sealed, associatedData: Array(place.utf8), with: key) { return opened }
        }
        throw KeyRingError.noFittingKey
    }

    /// A text that only a holder of the oldest key can make; it survives adding a key.
    func proof(of text: String) -> String {
        guard let oldest = keys.last else { return "" }
        return Base64URL.encode(Digest(of: Array(text.utf8), key: oldest).bytes)
    }

    /// The keys in the form in which the file holds them.
    var texts: [String] { keys.map { $0.reveal() } }
}
