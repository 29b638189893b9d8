package import FoundationEssentials
package import PSACore
package import PSAEngine
import Sodium
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// The local copy of a connection: how it stands, its control, its changes and its records.
    var syncRoutes: [Route] {
        let root = "\(Self.root)/connections/{id}"
        return [
            Route(.get, root + "/sync", .viewer, for: .readConnections) { context in
                try context.allowQuery([])
                return .json(try await syncJSON(try await stored(context.parameter("id")), context))
            },
            Route(.post, root + "/sync", .admin) { try await controlSync($0) },
            Route(.get, root + "/changes", .viewer, for: .readData) { try await changes($0) },
            Route(.get, root + "/tickets/{ticket}", .viewer, for: .readData) { try await ticket($0) },
        ]
            + Self.listedResources.map { resource in
                Route(.get, "\(root)/\(resource.rawValue)", .viewer, for: .readData) { try await records($0, of: resource) }
            }
    }

    /// The resources with a list of their own.
    package static let listedResources: [SyncResource] = [.companies, .contacts, .tickets, .agreements, .recurringInvoices]

    private static let defaultLimit = 50

    // MARK: Status and control

    private func syncJSON(_ connection: StoredConnection, _ context: RequestContext) async throws -> JSONValue {
        let statuses = try await services.sync.statuses(of: connection.id)
        let resources = statuses.map { $0.json(at: context.now, services.sync.policy) }
        return [
            "connection": .string(connection.id.rawValue), "syncing": .bool(services.isSyncing), "resources": .array(resources),
        ]
    }

    private func controlSync(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await stored(context.parameter("id"))
        var body = try APIBody(context.request)
        let resources = body.resources("resources")
        let isFull = body.optionalFlag("full") ?? false
        let acceptsMissing = body.optionalFlag("acceptMissing") ?? false
        let isPaused = body.optionalFlag("paused")
        if isPaused == true, isFull || acceptsMissing { body.note("paused", .invalid("What is paused is not read.")) }
        try body.finish()
        if let isPaused { try await services.connections.setSyncPaused(isPaused, resources, of: connection, by: context.origin) }
        if isPaused == nil || isFull || acceptsMissing {
            let request: SyncRequest = acceptsMissing ? .acceptMissing : isFull ? .full : .now
            try await services.connections.requestSync(request, resources, of: connection, by: context.origin)
        }
        return .json(try await syncJSON(connection, context), status: 202)
    }

    // MARK: Records

    private func changes(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await stored(context.parameter("id"))
        var query = try APIQuery(context, ["resource", "after", "limit", "native"])
        let resource = query.choice("resource", SyncResource.self)
        let place = query.integer("after", in: 0...Int.max) ?? 0
        let limit = query.integer("limit", in: 1...SyncLimits.page) ?? Self.defaultLimit
        let isNative = query.flag("native")
        try query.finish()
        guard let resource else { throw APIError([BodyError("resource", .missing)]) }
        let after = ChangeSequence(rawValue: Int64(place))
        let found = try await services.sync.changes(of: resource, in: connection.id, after: after, limit: limit)
        let next = found.last?.sequence ?? after
        var isMore = false
        if found.count == limit {
            isMore = try await !services.sync.changes(of: resource, in: connection.id, after: next, limit: 1).isEmpty
        }
        return .json([
            "changes": .array(found.map { $0.json(native: isNative) }), "next": .integer(Int(next.rawValue)), "isMore": .bool(isMore),
        ])
    }

    private func records(_ context: RequestContext, of resource: SyncResource) async throws -> WebResponse {
        let connection = try await stored(context.parameter("id"))
        var query = try APIQuery(context, ["search", "company", "state", "order", "cursor", "limit", "native"])
        var wanted = SyncQuery(resource)
        wanted.text = query.text("search", upTo: 200) ?? ""
        wanted.company = query.id("company")
        if let states = query.states("state") { wanted.states = states }
        wanted.order = query.order("order") ?? (resource == .tickets ? .latestChange : .name)
        wanted.limit = query.integer("limit", in: 1...SyncLimits.page) ?? Self.defaultLimit
        wanted.after = query.place("cursor", for: wanted.order)
        let isNative = query.flag("native")
        try query.finish()
        let page = try await services.sync.records(wanted, in: connection.id)
        return .json(
            .init(present: [
                ("records", .array(page.records.map { $0.json(native: isNative) })),
                ("next", page.next.map { .string(APIQuery.cursor($0)) }),
            ]))
    }

    private func ticket(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await stored(context.parameter("id"))
        var query = try APIQuery(context, ["native"])
        let isNative = query.flag("native")
        try query.finish()
        guard let id = Ticket.ID(context.parameter("ticket")), let key = SyncRecord.ID(id.rawValue),
            let ticket = try await services.sync.record(key, of: .tickets, in: connection.id)
        else { throw WebError(.notFound, "The local copy has no ticket with this id.") }
        var notes = SyncQuery(.notes)
        notes.ticket = id
        notes.states = []
        notes.order = .latestChange
        notes.limit = SyncLimits.page
        let page = try await services.sync.records(notes, in: connection.id)
        return .json([
            "ticket": ticket.json(native: isNative), "notes": .array(page.records.map { $0.json(native: isNative) }),
            "hasMoreNotes": .bool(page.next != nil),
        ])
    }
}

extension APIBody {
    /// Names of resources; nil where there are none.
    fileprivate mutating func resources(_ name: String) -> Set<SyncResource>? {
        guard let view = view(name) else { return nil }
        guard view.isArray else {
            note(name, .wrongType(.array))
            return nil
        }
        var resources: Set<SyncResource> = []
        for (place, element) in view.elements.prefix(SyncResource.allCases.count * 2).enumerated() {
            guard let resource = element.string.flatMap(SyncResource.init(rawValue:)) else {
                note("\(name)[\(place)]", .noChoice(known: SyncResource.allCases.map(\.rawValue).joined(separator: ", ")))
                continue
            }
            resources.insert(resource)
        }
        if resources.isEmpty, !hasProblem(name) { note(name, .missing) }
        return resources
    }
}

/// Reads the fields of a query, and collects all issues.
struct APIQuery {
    private let request: WebRequest
    private var problems: [BodyError] = []

    /// Begins reading the query of a request.
    ///
    /// - Throws: ``APIError`` for unknown fields and for those that are given twice.
    init(_ context: RequestContext, _ known: [String]) throws {
        try context.allowQuery(known)
        request = context.request
    }

    /// Adds the issues that a reader of filters found.
    mutating func note(_ issues: [FilterIssue]) {
        problems += issues.map { BodyError($0.field, .invalid($0.sentence)) }
    }

    /// Ends the reading.
    ///
    /// - Throws: ``APIError`` with all issues.
    func finish() throws {
        guard problems.isEmpty else { throw APIError(problems) }
    }

    /// A text; nil where it is missing.
    mutating func text(_ name: String, upTo limit: Int) -> String? {
        guard let text = request.queryValue(name) else { return nil }
        guard text.utf8.count <= limit else { return problem(name, .tooLong(limit: limit)) }
        return text
    }

    /// A whole number within bounds; nil where it is missing.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = request.queryValue(name) else { return nil }
        guard let number = Int(text), range.contains(number) else { return problem(name, .outOfRange(range)) }
        return number
    }

    /// `true` or `false`; false where it is missing.
    mutating func flag(_ name: String) -> Bool {
        guard let text = request.queryValue(name) else { return false }
        guard let flag = Bool(text) else { return problem(name, .wrongType(.flag)) ?? false }
        return flag
    }

    /// A value out of a closed set; nil where it is missing.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) -> Choice? {
        guard let text = request.queryValue(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            return problem(name, .noChoice(known: Choice.allCases.map(\.rawValue).joined(separator: ", ")))
        }
        return choice
    }

    /// An id; nil where it is missing.
    mutating func id<Entity>(_ name: String) -> RecordID<Entity>? {
        guard let text = request.queryValue(name) else { return nil }
        guard let id = RecordID<Entity>(text) else { return problem(name, .noCompanyID) }
        return id
    }

    /// States of records, with commas between; `all` for any, nil where they are missing.
    fileprivate mutating func states(_ name: String) -> Set<SyncRecord.State>? {
        guard let text = request.queryValue(name) else { return nil }
        guard text != "all" else { return [] }
        var states: Set<SyncRecord.State> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let state = SyncRecord.State(rawValue: String(word)) else {
                return problem(name, .noChoice(known: (SyncRecord.State.allCases.map(\.rawValue) + ["all"]).joined(separator: ", ")))
            }
            states.insert(state)
        }
        return states
    }

    /// The order of records; nil where it is missing.
    fileprivate mutating func order(_ name: String) -> SyncQuery.Order? {
        switch request.queryValue(name) {
        case nil: nil
        case "name": .name
        case "latest-change": .latestChange
        default: problem(name, .noChoice(known: "name, latest-change"))
        }
    }

    /// The place after which a page begins, as ``cursor(_:)`` has made it for the same order; nil where it is missing.
    fileprivate mutating func place(_ name: String, for order: SyncQuery.Order) -> SyncRecordPage.Place? {
        guard let text = request.queryValue(name) else { return nil }
        let decoded = Base64URL.decode(text).flatMap { String(validating: $0, as: UTF8.self) }
        guard let decoded, order == .latestChange ? Int64(decoded) != nil : decoded.contains("\n") else {
            return problem(name, .invalid("“\(name)” has to be the “next” of the page before, with the same search."))
        }
        return SyncRecordPage.Place(rawValue: decoded)
    }

    /// A place as a word of an address.
    static func cursor(_ place: SyncRecordPage.Place) -> String { Base64URL.encode(Array(place.rawValue.utf8)) }

    private mutating func problem<Value>(_ name: String, _ issue: BodyError.Issue) -> Value? {
        problems.append(BodyError(name, issue))
        return nil
    }
}

extension SyncStatus {
    /// The status for programs.
    ///
    /// - Parameters:
    ///   - now: The time for the age.
    ///   - policy: The policy that says what is stale.
    /// - Returns: A JSON object.
    package func json(at now: Date, _ policy: SyncPolicy) -> JSONValue {
        let counts = SyncRecord.State.allCases.map { ($0.rawValue, JSONValue.integer(self.counts[$0] ?? 0)) }
        return .init(present: [
            ("resource", .string(resource.rawValue)), ("rows", .integer(rows)), ("counts", .init(present: counts)),
            ("freshAt", progress.freshAt.map { .string($0.formatted(.iso8601)) }),
            ("ageSeconds", age(at: now).map { .integer(Int($0.components.seconds)) }), ("stale", .bool(isStale(at: now, policy))),
            ("readsChanges", progress.filter.map { .bool($0.works) }), ("paused", .bool(isPaused)),
            ("requested", request.map { .string($0.rawValue) }), ("nextRunAt", .string(nextRunAt.formatted(.iso8601))),
            ("lastFullAt", progress.lastFullAt.map { .string($0.formatted(.iso8601)) }), ("lastRun", progress.lastRun?.json),
            ("run", progress.run?.json), ("failure", progress.failure?.json), ("guard", progress.missing?.json),
            ("unreadable", progress.unreadable.isEmpty ? nil : .array(progress.unreadable.map(\.json))),
        ])
    }
}

extension SyncRunSummary {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "startedAt": .string(startedAt.formatted(.iso8601)),
            "endedAt": .string(endedAt.formatted(.iso8601)), "pages": .integer(pages), "rows": .integer(rows), "added": .integer(added),
            "changed": .integer(changed), "missing": .integer(missing), "unreadable": .integer(unreadable), "hasGap": .bool(hasGap),
        ]
    }
}

extension SyncRun {
    fileprivate var json: JSONValue {
        .init(present: [
            ("kind", .string(kind.rawValue)), ("startedAt", .string(startedAt.formatted(.iso8601))), ("phase", .string(phase.rawValue)),
            ("pages", .integer(pages)), ("rows", .integer(rows)), ("total", total.map { .integer($0) }),
        ])
    }
}

extension SyncFailure {
    fileprivate var json: JSONValue {
        let problem = TranslatedJSON.read(problem).map { JSONValue($0) }
        return .init(present: [
            ("code", .string(code.rawValue)), ("at", .string(at.formatted(.iso8601))), ("count", .integer(count)), ("problem", problem),
        ])
    }
}

extension SyncMissing {
    fileprivate var json: JSONValue {
        ["missing": .integer(missing), "rows": .integer(rows), "at": .string(at.formatted(.iso8601))]
    }
}

extension SyncUnreadableRow {
    fileprivate var json: JSONValue { ["page": .integer(page), "position": .integer(position), "member": .string(member)] }
}
