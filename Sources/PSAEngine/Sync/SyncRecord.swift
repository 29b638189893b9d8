#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// The place of a change in the order of all changes of a store; it never goes back, across restarts and processes.
public struct ChangeSequence: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int64

    /// Takes a number from a store or a caller.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// The place before all changes.
    public static let beginning = ChangeSequence(rawValue: 0)

    /// The number before the first change of an empty store: the microseconds since 1970.
    ///
    /// A store that replaces a removed one so goes on behind the numbers of that one, as long as the clock has not gone back: no store has a
    /// million changes a second. The number is held below 2^52, so that readers that take numbers for floating-point ones read it exactly.
    package static func origin(at time: Date) -> Int64 {
        Int64(min(max(time.timeIntervalSince1970 * 1_000_000, 0), Double(Int64(1) << 52)))
    }

    /// The number as text.
    public var description: String { String(rawValue) }

    /// Whether a change came before another.
    public static func < (lhs: ChangeSequence, rhs: ChangeSequence) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A record of a local copy.
public struct SyncRecord: Sendable, Equatable, Identifiable {
    /// The vendor's id; for ticket priorities, whose ids repeat, with the scope before a slash.
    public typealias ID = RecordID<SyncRecord>

    /// What is known about the record at the PSA.
    public enum State: String, Sendable, CaseIterable, Codable {
        /// It is there.
        case present
        /// It is a ticket that is closed.
        case closed
        /// It is a ticket that was merged into another.
        case merged
        /// The PSA says that it is deleted.
        case deleted
        /// The PSA does not list it any more, and does not say why: it was deleted, archived, or may not be seen any more.
        case unreachable

        /// Whether the PSA still shows the record.
        public var isListed: Bool { self == .present || self == .closed }

        /// Whether the PSA has said that the record is gone for good.
        public var isGone: Bool { self == .deleted || self == .merged }
    }

    /// The list it belongs to.
    public var resource: SyncResource
    /// The id.
    public var id: ID
    /// The place of its latest change.
    public var sequence: ChangeSequence
    /// What is known about it at the PSA.
    public var state: State
    /// The values that searches use.
    public var facts: SyncFacts
    /// The neutral record, as ``/PSACore/Ticket/json`` and its siblings write it.
    public var content: JSONValue
    /// The vendor's row; nil if it was larger than ``SyncLimits/nativeBytes``.
    public var native: [UInt8]?
    /// When it was first seen.
    public var firstSeenAt: Date
    /// When a change was last seen.
    public var changedAt: Date

    /// Creates a ``SyncRecord``; stores do.
    public init(
        resource: SyncResource, id: ID, sequence: ChangeSequence, state: State, facts: SyncFacts, content: JSONValue, native: [UInt8]?,
        firstSeenAt: Date, changedAt: Date
    ) {
        self.resource = resource
        self.id = id
        self.sequence = sequence
        self.state = state
        self.facts = facts
        self.content = content
        self.native = native
        self.firstSeenAt = firstSeenAt
        self.changedAt = changedAt
    }

    /// The record as programs get it: `sequence`, `deleted`, `state`, `id`, then the neutral record.
    ///
    /// - Parameter withNative: Whether the vendor's row is added as `native`.
    /// - Returns: A JSON object.
    public func json(native withNative: Bool = false) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "sequence", value: .integer(Int(sequence.rawValue))), .init(name: "deleted", value: .bool(state == .deleted)),
            .init(name: "state", value: .string(state.rawValue)), .init(name: "id", value: .string(id.rawValue)),
        ]
        if case .object(let own) = content { members += own.filter { !["id", "deleted"].contains($0.name) } }
        if withNative, let native, let document = try? JSONDocument(native) {
            members.append(.init(name: "native", value: JSONValue(document.root)))
        }
        return .object(members)
    }
}

/// The values of a record that searches use.
public struct SyncFacts: Sendable, Equatable {
    /// The name of a company, contact, agent, agreement or choice; the summary of a ticket; the reference of a recurring invoice.
    public var name: String
    /// The company it belongs to; for a company itself, its own id.
    public var company: Company.ID?
    /// The ticket that a note belongs to.
    public var ticket: Ticket.ID?
    /// Whether it is in use; nil if the vendor did not say.
    public var isActive: Bool?
    /// When it last changed, by the vendor's clock.
    public var updatedAt: Date?
    /// When something last happened on it, by the vendor's clock: for a ticket a change or an entry in its history.
    public var lastActivityAt: Date?
    /// When an agreement ends.
    public var endsAt: Date?

    /// Creates a ``SyncFacts``.
    public init(
        name: String, company: Company.ID? = nil, ticket: Ticket.ID? = nil, isActive: Bool? = nil, updatedAt: Date? = nil,
        lastActivityAt: Date? = nil, endsAt: Date? = nil
    ) {
        self.name = name
        self.company = company
        self.ticket = ticket
        self.isActive = isActive
        self.updatedAt = updatedAt
        self.lastActivityAt = lastActivityAt
        self.endsAt = endsAt
    }
}

/// The bounds of a local copy.
public enum SyncLimits {
    /// The largest vendor's row that is kept, in bytes; of a larger one only the neutral record is.
    public static let nativeBytes = 256 * 1024
    /// The largest neutral record that is kept, in bytes; a larger one counts as unreadable.
    public static let contentBytes = 1024 * 1024
    /// The most tickets of a connection that wait to be read one by one; further hints are dropped.
    public static let rereads = 20_000
    /// The most unreadable rows that are listed per resource; all are counted.
    public static let unreadableRows = 100
    /// The most records that one call returns.
    public static let page = 1_000
}

/// A row that was read, for the store.
public struct SyncRow: Sendable, Equatable {
    /// The id.
    public var id: SyncRecord.ID
    /// What the row says about the record.
    public var state: SyncRecord.State
    /// The values that searches use.
    public var facts: SyncFacts
    /// The neutral record as JSON, without ``details``.
    public var content: [UInt8]
    /// Members of the neutral record that only some readings have, such as a ticket's custom fields; one that is missing here keeps its value.
    public var details: [JSONValue.Member]
    /// Whether the row has everything that the vendor states about the record: ``details`` that it lacks are removed.
    public var isWhole = false
    /// When the vendor's row was fetched.
    public var fetchedAt: Date
    /// The vendor's row; nil if it is too large.
    public var native: [UInt8]?

    /// Creates a row of a neutral record; nil if it is larger than ``SyncLimits/contentBytes``.
    ///
    /// - Parameters:
    ///   - id: The id.
    ///   - state: What the row says about the record.
    ///   - facts: The values that searches use.
    ///   - content: The neutral record.
    ///   - details: The names of members that only some readings have.
    ///   - native: The vendor's row.
    public init?(
        id: SyncRecord.ID, state: SyncRecord.State = .present, facts: SyncFacts, content: JSONValue, details: Set<String> = [],
        native: NativeRecord
    ) {
        var members: [JSONValue.Member] = []
        if case .object(let all) = content { members = all }
        let bytes = JSONValue.object(members.filter { !details.contains($0.name) }).encoded
        guard bytes.count <= SyncLimits.contentBytes else { return nil }
        self.id = id
        self.state = state
        self.facts = facts
        self.content = bytes
        self.details = members.filter { details.contains($0.name) }
        self.native = native.bytes.count <= SyncLimits.nativeBytes ? native.bytes : nil
        fetchedAt = native.fetchedAt
        guard JSONValue.object(self.details).encoded.count <= SyncLimits.contentBytes else { return nil }
    }

    /// Compares the row with what the copy has of the record.
    ///
    /// Pages are read ahead, and a ticket is read on its own meanwhile. The dates alone do not decide, because a vendor may correct one; seconds
    /// are compared, because not every answer of a vendor has fractions.
    ///
    /// - Parameters:
    ///   - updatedAt: When the record changed as the copy has it, by the vendor's clock.
    ///   - changedAt: When the copy was changed.
    /// - Returns: Whether the row is older: it was fetched before the copy was changed, and it is dated before that change.
    public func precedes(updatedAt: Date?, changedAt: Date) -> Bool {
        guard !isWhole, fetchedAt < changedAt, let own = facts.updatedAt, let updatedAt else { return false }
        return own.timeIntervalSince1970.rounded(.down) < updatedAt.timeIntervalSince1970.rounded(.down)
    }

    /// The details after this row, from those that are stored.
    public func details(after stored: [JSONValue.Member]) -> [JSONValue.Member] { (isWhole ? [] : stored).merged(with: details) }
}
