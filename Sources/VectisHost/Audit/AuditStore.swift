import FoundationEssentials

/// The part of the storage that keeps the audit log; it has no way to change or remove an entry.
protocol AuditStore: Sendable {
    /// Keeps an entry for something that changed nothing here: a refused sign-in, a test, an export.
    func append(_ entry: AuditEntry) async throws

    /// Entries that match, the newest first.
    ///
    /// - Parameters:
    ///   - filter: Which entries.
    ///   - place: Only those older than this place; nil for the newest.
    ///   - limit: At most so many.
    /// - Returns: The entries with their places.
    /// - Throws: What the storage throws.
    func audit(_ filter: AuditFilter, before place: AuditPlace?, limit: Int) async throws -> [StoredAuditEntry]

    /// How many sign-ins of an account failed since a moment, and since it last succeeded.
    func failedSignIns(of account: AccountName, since moment: Date) async throws -> Int

    /// How many sign-ins from an address failed since a moment, whatever the account.
    func failedSignIns(from address: String, since moment: Date) async throws -> Int
}

/// Where an entry stands in the log; later entries stand higher.
struct AuditPlace: Sendable, Hashable, Comparable {
    let rawValue: Int64
    static func < (lhs: AuditPlace, rhs: AuditPlace) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// An entry with its place.
struct StoredAuditEntry: Sendable, Equatable {
    let place: AuditPlace
    let entry: AuditEntry
}

/// Which entries are wanted; nil means any.
struct AuditFilter: Sendable, Equatable {
    var action: AuditAction?
    /// The actor's text, whole.
    var actor: String?
    /// A part of the target, whatever the case of its ASCII letters.
    var target: String?
    /// From this moment on.
    var from: Date?
    /// Before this moment.
    var until: Date?
}
