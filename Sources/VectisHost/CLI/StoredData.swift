import Glibc

/// The data folder that a command works on.
enum StoredData {
    static let usualFolder = "vectis-data"

    /// Opens what is stored there.
    ///
    /// - Parameters:
    ///   - command: The command line, which names the folder.
    ///   - alone: Whether nothing else may work on the folder meanwhile; then it is locked until the storage is let go.
    /// - Returns: The folder, and what is stored in it.
    /// - Throws: ``PSAError`` if there is nothing, or it can't be used; a command never makes a new, empty folder.
    static func open(_ command: ParsedCommand, alone: Bool) async throws -> (folder: DataFolder, storage: any Storage) {
        let folder = DataFolder(path: command[.data] ?? usualFolder, keyFile: command[.keyFile])
        guard access(folder.database, F_OK) == 0 else {
            throw UsageError.invalid(CommandOption.data.rawValue, .unusableFile("There is no database \(folder.database)."))
        }
        do {
            let health = StorageHealth(lock: alone ? try DataFolderLock.take(folder) : nil)
            let storage = try await SQLiteStorage.open(folder.database, health: health)
            health.lock?.guardDatabase()
            return (folder, storage)
        } catch let error as DataFolderLockError {
            throw error.guided
        } catch let error as StorageFileError {
            throw UsageError.invalid(CommandOption.data.rawValue, .unusableFile(error.description))
        }
    }
}
