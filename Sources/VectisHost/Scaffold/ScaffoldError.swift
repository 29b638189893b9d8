import PSACore

/// Why no connector was written.
enum ScaffoldError: LocalizedMessage, Hashable {
    case malformedName(String)
    case malformedDisplayName(String)
    case reservedName(String)
    case takenName(String, place: String)
    case takenID(String, owner: String)
    case wordOfTheCore(String, place: String)
    case notThePackage(String)
    case notUnderGit(String)
    case noGit
    case uncommitted([String])
    case unexpectedShape(String, missing: String)
    case notWritten(String)
    case notUndone(String, left: [String])

    var values: [String: MessageValue] {
        switch self {
        case .malformedName(let name), .malformedDisplayName(let name), .reservedName(let name): ["name": .verbatim(name)]
        case .takenName(let name, let place), .wordOfTheCore(let name, let place): ["name": .verbatim(name), "place": .verbatim(place)]
        case .takenID(let name, let owner): ["name": .verbatim(name), "owner": .verbatim(owner)]
        case .notThePackage(let folder), .notUnderGit(let folder): ["place": .verbatim(folder)]
        case .noGit: [:]
        case .uncommitted(let paths): ["paths": .list(paths.map(MessageValue.verbatim))]
        case .unexpectedShape(let path, let missing): ["place": .verbatim(path), "missing": .verbatim(missing)]
        case .notWritten(let path): ["place": .verbatim(path)]
        case .notUndone(let path, let left): ["place": .verbatim(path), "paths": .list(left.map(MessageValue.verbatim))]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension PSAError {
    /// The error of a connector that was not written.
    init(scaffold problem: ScaffoldError) { self.init(.usageInvalid, values: [.message: .phrase(problem)]) }
}
