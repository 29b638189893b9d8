/// Where a database lives.
public enum DatabaseLocation: Sendable, Hashable, CustomStringConvertible {
    /// A file at a path; it is made, readable by its owner only, if it is missing. Its folder must be there.
    case file(String)
    /// The memory of this process, gone with the queue.
    case memory

    /// The path, or the word memory.
    public var description: String {
        switch self {
        case .file(let path): path
        case .memory: "memory"
        }
    }
}
