import Glibc

/// The data folder that a command works on while no host does.
enum StoredData {
    static let usualFolder = "vectis-data"

    /// Opens what is stored there.
    ///
    /// - Throws: ``PSAError`` if there is nothing, or it can't be used; a command never makes a new, empty folder.
    static func open(_ command: ParsedCommand) async throws -> (folder: DataFolder, storage: any Storage) {
        let folder = DataFolder(path: command[.data] ?? usualFolder, keyFile: command[.keyFile])
        guard access(folder.database, F_OK) == 0 else {
            throw UsageError.invalid(CommandOption.data.rawValue, .unusableFile("There is no database \(folder.database)."))
        }
        do {
            return (folder, try await SQLiteStorage.open(folder.database))
        } catch let error as StorageFileError {
            throw UsageError.invalid(CommandOption.data.rawValue, .unusableFile(error.description))
        }
    }
}
