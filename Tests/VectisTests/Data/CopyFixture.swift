import Foundation
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import VectisCore
@testable import VectisWeb

extension WebFixture {
    private static let process = ProcessID(rawValue: "copytest0001")

    /// Prepares a copy of a connection with a company, a ticket and its notes; nothing is due.
    func addCopy(of connection: StoredConnection) async throws {
        try await prepareCopy(of: connection)
        try await store([try .company("1", "Tarnholt Logistics")], of: .companies, in: connection)
        try await store([try .ticket("100", "Printer on fire", company: "1")], of: .tickets, in: connection)
        try await store([try .note("7", of: "100", "Turned off.")], of: .notes, in: connection)
    }

    /// Prepares all resources of a copy; they are due in an hour and were never read.
    func prepareCopy(of connection: StoredConnection) async throws {
        let store = services.sync.store
        try await store.register(connection.id, connector: connection.connector, tenant: connection.tenant)
        try await store.prepare(SyncResource.allCases, of: connection.id, dueAt: time.now + 3_600)
        let isLeased = try await store.lease(connection.id, by: Self.process, now: time.now, until: time.now + 1e9)
        try #require(isLeased)
    }

    /// Stores rows of a copy.
    func store(_ rows: [SyncRow], of resource: SyncResource, in connection: StoredConnection) async throws {
        let page = SyncPage(resource, rows: rows)
        let changes = try await services.sync.store.apply(page, of: connection.id, by: Self.process, at: time.now)
        try #require(changes != nil)
    }

    /// Changes the progress of a resource, which was read to its end a minute ago.
    func progress(
        of resource: SyncResource, in connection: StoredConnection, nextRunAt: Date? = nil,
        _ change: (inout SyncProgress) -> Void = { _ in }
    ) async throws {
        var progress = SyncProgress()
        progress.freshAt = time.now - 60
        progress.lastFullAt = time.now - 60
        change(&progress)
        let isSaved = try await services.sync.store.save(
            progress, of: resource, of: connection.id, nextRunAt: nextRunAt, begins: false, by: Self.process)
        try #require(isSaved)
    }

    /// How a resource stands.
    func status(of resource: SyncResource, in connection: StoredConnection) async throws -> SyncStatus {
        let statuses = try await services.sync.statuses(of: connection.id)
        return try #require(statuses.first { $0.resource == resource })
    }
}

extension SyncRow {
    /// A row of a neutral record.
    static func sample(
        _ id: String, _ facts: SyncFacts, _ content: JSONValue, state: SyncRecord.State = .present, native: JSONValue? = nil
    ) throws -> SyncRow {
        let native = NativeRecord(bytes: (native ?? content).encoded, fetchedAt: Date(timeIntervalSince1970: 0))
        let id = try #require(SyncRecord.ID(id))
        return try #require(SyncRow(id: id, state: state, facts: facts, content: content, native: native))
    }

    static func company(_ id: String, _ name: String, more: [(String, JSONValue)] = []) throws -> SyncRow {
        let content = JSONValue(present: [("id", .string(id)), ("name", .string(name)), ("active", true)] + more.map { ($0.0, $0.1) })
        return try sample(id, SyncFacts(name: name, company: Company.ID(id), isActive: true), content)
    }

    static func ticket(
        _ id: String, _ summary: String, company: String, state: SyncRecord.State = .present, more: [(String, JSONValue)] = [],
        native: JSONValue? = nil
    ) throws -> SyncRow {
        let own: [(String, JSONValue)] = [
            ("id", .string(id)), ("number", .string(id)), ("summary", .string(summary)),
            ("company", ["id": .string(company), "name": "Tarnholt Logistics"]),
        ]
        return try sample(
            id, SyncFacts(name: summary, company: Company.ID(company)), JSONValue(present: (own + more).map { ($0.0, $0.1) }), state: state,
            native: native)
    }

    static func note(
        _ id: String, of ticket: String, _ text: String, visibility: String = "staffOnly", at time: Date = Date(timeIntervalSince1970: 0)
    ) throws -> SyncRow {
        try sample(
            id, SyncFacts(name: "", ticket: Ticket.ID(ticket), updatedAt: time),
            [
                "id": .string(id), "ticket": .string(ticket), "author": ["kind": "agent", "name": "Ada"], "text": .string(text),
                "html": .string("<b>\(text)</b>"), "visibility": .string(visibility), "createdAt": .string(time.formatted(.iso8601)),
            ])
    }
}
