/// Why a database file does not fit this program.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
    /// The file belongs to another application, as its SQLite application id says.
    case otherApplication(location: DatabaseLocation, found: Int32, expected: Int32)
    /// A newer version of the program has changed the file.
    case newerFile(location: DatabaseLocation, unknown: [String])
    /// The program's list of steps disagrees with the file about the order.
    case otherOrder(location: DatabaseLocation, name: String)
    /// The program's application id is 0, which every new file has.
    case noApplicationID
    /// Two steps of the program have the same name.
    case duplicateName(String)
    /// A step failed; the file is as it was before that step.
    case failed(location: DatabaseLocation, name: String, reason: any Error)
    /// A step left rows that refer to nothing in these tables; the file is as it was before that step.
    case danglingReferences(tables: [String])

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .otherApplication(let location, let found, let expected):
            "\(location) is a database of another application (id \(found), not \(expected)). Choose another file."
        case .newerFile(let location, let unknown):
            "\(location) was changed by a newer version of this program (\(unknown.joined(separator: ", "))). Start that version."
        case .otherOrder(let location, let name):
            "\(location) has the migration \"\(name)\" at another place than this program. Start the version that wrote the file."
        case .noApplicationID:
            "The application id is 0. Choose another number and never change it."
        case .duplicateName(let name):
            "Two migrations are named \"\(name)\". Rename the newer one."
        case .failed(let location, let name, let reason):
            "\(location) could not be brought up to date: migration \"\(name)\" failed and was undone. \(reason)"
        case .danglingReferences(let tables):
            "Rows refer to rows that are not there, in: \(tables.joined(separator: ", "))."
        }
    }
}
