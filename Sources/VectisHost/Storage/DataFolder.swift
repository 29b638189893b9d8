import FoundationEssentials

/// Where the host keeps what it must not forget.
struct DataFolder: Sendable {
    let path: String
    /// The file with the keys; inside the folder unless it was put elsewhere.
    let keyFile: KeyFile

    init(path: String, keyFile: String? = nil) {
        self.path = path
        self.keyFile = KeyFile(path: keyFile ?? path + "/vectis.key")
    }

    /// The file with everything else.
    var database: String { path + "/vectis.db" }

    /// The keys; made together with the database, never for one that is there.
    ///
    /// - Throws: ``KeyRingError``.
    func openKeys() throws -> KeyRing { try keyFile.open(isNeeded: FileManager.default.fileExists(atPath: database)) }

    /// Makes the folder, for its owner only, if it is not there.
    ///
    /// - Throws: What the file system throws.
    func prepare() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}
