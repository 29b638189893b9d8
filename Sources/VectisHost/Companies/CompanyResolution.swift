import PSACore

/// Which company of the PSA an event is about.
enum CompanyResolution: Sendable, Equatable {
    /// The event names no company.
    case notNamed
    /// The one company that is meant.
    case resolved(Company.ID)
    /// A company is named, and nobody but a person can say which one it is in the PSA.
    case unresolved(UnresolvedReason)
}

/// Why a company that is named can't be told.
enum UnresolvedReason: String, Sendable, Equatable, CaseIterable {
    /// The PSA has no company of this id or name.
    case notFound = "not_found"
    /// Several companies of the PSA have the name.
    case ambiguous
    /// The connection may not read companies.
    case unreadable
    /// The list of companies came with gaps, and what came has no such company.
    case incomplete
}

/// A company as a sender named it.
struct SentCompany: Sendable, Equatable {
    /// The id that the sender gave, without spaces around it; empty if none.
    let id: String
    /// The name that the sender gave, as it came; empty if none.
    let name: String

    init(id: String, name: String) {
        self.id = id.trimmingSpaces
        self.name = name
    }

    /// Whether nothing that can be seen was given.
    var isEmpty: Bool { id.isEmpty && CompanyName.key(of: name).isEmpty }

    /// What is the same for all spellings of it.
    ///
    /// The id is part of it: some senders use one id, such as 0, for all companies.
    var key: CompanyKey { CompanyKey(rawValue: id + "\u{1F}" + CompanyName.key(of: name)) }

    /// The same without the id.
    var named: SentCompany { SentCompany(id: "", name: name) }
}

/// By which companies that senders name are told apart.
struct CompanyKey: Sendable, Hashable {
    let rawValue: String
}
