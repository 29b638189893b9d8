#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// A problem of a connection, recorded once per error code with its number of occurrences.
public struct ConnectionIssue: Sendable, Equatable {
    /// The connection.
    public let connection: ConnectionID
    /// The error code.
    public let code: ErrorCode
    /// When it first occurred since it was last resolved.
    public var firstSeenAt: Date
    /// When it last occurred.
    public var lastSeenAt: Date
    /// The number of occurrences since it was last resolved.
    public var count: Int
    /// When it was resolved; nil while it is open.
    public var resolvedAt: Date?
    /// The guidance of the last occurrence as problem JSON, of at most ``maxProblemBytes``; nil if it is not known.
    public var problem: String?

    /// The maximum size of the stored guidance, in bytes.
    public static let maxProblemBytes = 16_384

    /// Creates a ``ConnectionIssue``.
    public init(
        connection: ConnectionID, code: ErrorCode, firstSeenAt: Date, lastSeenAt: Date, count: Int, resolvedAt: Date? = nil,
        problem: String? = nil
    ) {
        self.connection = connection
        self.code = code
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
        self.count = count
        self.resolvedAt = resolvedAt
        self.problem = problem
    }

    /// Problem JSON as a store keeps it: texts and lists are shortened until it is small enough; nil for text that is not JSON.
    ///
    /// - Parameter problem: The guidance of an occurrence.
    /// - Returns: The guidance to store.
    public static func stored(_ problem: String?) -> String? {
        guard let problem, problem.utf8.count > maxProblemBytes else { return problem }
        return (try? JSONDocument(Array(problem.utf8))).flatMap { JSONValue($0.root).shortened(toBytes: maxProblemBytes)?.encodedText }
    }
}

/// Which issues of a connection are resolved, by the areas of their codes.
public enum IssueAreas: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// Those of some areas.
    case only(Set<ErrorCode.Area>)
    /// Those of all areas but some.
    case allExcept(Set<ErrorCode.Area>)

    /// Those of some areas.
    public init(arrayLiteral areas: ErrorCode.Area...) { self = .only(Set(areas)) }

    /// All.
    public static let all = IssueAreas.allExcept([])
    /// What a write resolves: all but the issues of the local copy, because a write does not show that it can be read, and those that
    /// only a person resolves.
    public static let resolvedByWrite = IssueAreas.allExcept([localCopy])

    /// The area of the issues that only a ``SyncEngine`` records and resolves.
    public static let localCopy = ErrorCode.Area.sync

    /// Whether the issues of a code are among them.
    ///
    /// ``/PSACore/ErrorCode/ticketOtherCompany`` is only in ``all``: no later success shows that a person has moved the ticket.
    public func contains(_ code: ErrorCode) -> Bool {
        guard code != .ticketOtherCompany || self == .all else { return false }
        switch self {
        case .only(let areas): return areas.contains(code.area)
        case .allExcept(let areas): return !areas.contains(code.area)
        }
    }
}

extension JSONValue {
    /// The value with texts and lists shortened until its JSON has at most so many bytes.
    ///
    /// - Parameter limit: The maximum size in bytes.
    /// - Returns: The value; nil if even the shortest form is too large.
    package func shortened(toBytes limit: Int) -> JSONValue? {
        guard encoded.count > limit else { return self }
        return [(2_000, 40), (600, 20), (200, 10), (60, 5)].lazy.map { shortened(texts: $0.0, lists: $0.1) }.first {
            $0.encoded.count <= limit
        }
    }

    private func shortened(texts: Int, lists: Int) -> JSONValue {
        switch self {
        case .string(let text): .string(text.count <= texts ? text : text.prefix(texts) + "…")
        case .array(let elements): .array(elements.prefix(lists).map { $0.shortened(texts: texts, lists: lists) })
        case .object(let members):
            .object(members.prefix(40).map { Member(name: $0.name, value: $0.value.shortened(texts: texts, lists: lists)) })
        case .null, .bool, .integer, .double: self
        }
    }
}
