import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Sodium
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

extension SyncEngine {
    /// Stores records in a copy, as a run does.
    func seed(_ names: [(id: String, name: String)], of resource: SyncResource, in connection: StoredConnection, at time: Date) async throws
    {
        let rows = try names.map { try #require(SyncRow.sample($0.id, $0.name, at: time)) }
        try await seed(rows, of: resource, in: connection, at: time)
    }

    func seed(_ rows: [SyncRow], of resource: SyncResource, in connection: StoredConnection, at time: Date) async throws {
        try await store.register(connection.id, connector: connection.connector, tenant: connection.tenant)
        try await store.prepare([resource], of: connection.id, dueAt: time)
        let holder = ProcessID()
        try #require(try await store.lease(connection.id, by: holder, now: .distantFuture, until: time + 60))
        _ = try await store.apply(SyncPage(resource, rows: rows), of: connection.id, by: holder, at: time)
        try await store.release(connection.id, by: holder)
    }
}

extension SyncRow {
    /// A row with a name.
    static func sample(
        _ id: String, _ name: String, state: SyncRecord.State = .present, company: String? = nil, ticket: String? = nil, at time: Date
    ) -> SyncRow? {
        let content: JSONValue = ["id": .string(id), "name": .string(name)]
        guard let key = SyncRecord.ID(id) else { return nil }
        let facts = SyncFacts(name: name, company: company.flatMap { Company.ID($0) }, ticket: ticket.flatMap { Ticket.ID($0) })
        return SyncRow(
            id: key, state: state, facts: facts, content: content,
            native: NativeRecord(bytes: JSONValue.object([.init(name: "vendor_name", value: .string(name))]).encoded, fetchedAt: time))
    }
}

@Suite("The local copy over the JSON API")
struct SyncAPITests {
    private func path(_ connection: StoredConnection, _ rest: String) -> String { "/connections/\(connection.id)/\(rest)" }

    @Test(arguments: WebFixture.Mode.allCases)
    func changesAreReadInOrderAndToTheEnd(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let names = (1...25).map { (id: "\($0)", name: "Company \($0)") }
            try await fixture.services.sync.seed(names, of: .companies, in: connection, at: fixture.time.now)
            let viewer = try await fixture.signIn("viewer")
            var (after, read, pages) = (0, [String](), 0)
            while true {
                let answer = try await viewer.call("GET", path(connection, "changes?resource=companies&limit=10&after=\(after)"))
                #expect(answer.status == 200)
                read += answer.json["changes"]?.elements.compactMap { $0["id"]?.string } ?? []
                after = try #require(answer.json["next"]?.integer)
                pages += 1
                guard answer.json["isMore"]?.bool == true else { break }
            }
            #expect(read == names.map(\.id) && pages == 3)
            try await fixture.services.sync.seed([("7", "Renamed")], of: .companies, in: connection, at: fixture.time.now)
            let changed = try await viewer.call("GET", path(connection, "changes?resource=companies&after=\(after)&native=true"))
            let record = try #require(changed.json["changes"]?.elements.first)
            #expect(record["id"] == "7" && record["name"] == "Renamed" && record["deleted"] == false && record["state"] == "present")
            #expect(record["native"]?["vendor_name"] == "Renamed" && changed.json["changes"]?.elements.count == 1)
            let none = try await viewer.call(
                "GET", path(connection, "changes?resource=companies&after=\(changed.json["next"]?.integer ?? 0)"))
            #expect(none.json["changes"]?.elements.isEmpty == true && none.json["next"] == changed.json["next"])
        }
    }

    @Test func recordsAreSearchedPageByPage() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let now = fixture.time.now
            let rows = try (1...7).map { number in
                try #require(
                    SyncRow.sample(
                        "\(number)", "Printer \(number)", state: number == 7 ? .deleted : number == 6 ? .closed : .present,
                        company: number < 3 ? "12" : "13", at: now))
            }
            try await fixture.services.sync.seed(rows, of: .tickets, in: connection, at: now)
            let viewer = try await fixture.signIn("viewer")
            func ids(_ query: String) async throws -> [String] {
                let answer = try await viewer.call("GET", path(connection, "tickets?" + query))
                return answer.json["records"]?.elements.compactMap { $0["id"]?.string } ?? ["\(answer.status)"]
            }
            #expect(try await ids("") == ["6", "5", "4", "3", "2", "1"])
            #expect(try await ids("order=name") == ["1", "2", "3", "4", "5", "6"])
            #expect(try await ids("search=printer%203") == ["3"])
            #expect(try await ids("company=12") == ["2", "1"])
            #expect(try await ids("state=deleted,closed") == ["7", "6"])
            #expect(try await ids("state=all&limit=2") == ["7", "6"])
            for order in ["name", "latest-change"] {
                var (cursor, read) = ("", [String]())
                while true {
                    let answer = try await viewer.call("GET", path(connection, "tickets?state=all&limit=3&order=\(order)\(cursor)"))
                    read += answer.json["records"]?.elements.compactMap { $0["id"]?.string } ?? []
                    guard let next = answer.json["next"]?.string else { break }
                    cursor = "&cursor=" + next
                }
                #expect(read.count == 7 && Set(read).count == 7, "\(order)")
            }
        }
    }

    @Test func aTicketComesWithItsNotes() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.services.sync.seed([("42", "Printer")], of: .tickets, in: connection, at: fixture.time.now)
            let note = try #require(SyncRow.sample("42/1", "Toner", ticket: "42", at: fixture.time.now))
            try await fixture.services.sync.seed([note], of: .notes, in: connection, at: fixture.time.now)
            let viewer = try await fixture.signIn("viewer")
            let answer = try await viewer.call("GET", path(connection, "tickets/42"))
            #expect(answer.json["ticket"]?["id"] == "42" && answer.json["notes"]?.elements.map { $0["id"] } == ["42/1"])
            #expect(try await viewer.call("GET", path(connection, "tickets/43")).status == 404)
        }
    }

    @Test(
        "a value that does not fit is named",
        arguments: [
            ("changes", "resource"), ("changes?resource=printers", "resource"), ("changes?resource=tickets&limit=0", "limit"),
            ("changes?resource=tickets&limit=1001", "limit"), ("changes?resource=tickets&after=-1", "after"),
            ("changes?resource=tickets&after=x", "after"), ("changes?resource=tickets&native=1", "native"), ("changes?since=1", "since"),
            ("tickets?cursor=x", "cursor"), ("companies?cursor=MTIz", "cursor"), ("tickets?state=open", "state"),
            ("tickets?state=", "state"), ("tickets?order=id", "order"), ("contacts?limit=1e3", "limit"),
        ])
    func invalidValues(rest: String, member: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let viewer = try await fixture.signIn("viewer")
            let answer = try await viewer.call("GET", path(connection, rest))
            #expect(answer.status == 422 && answer.code == "invalid")
            #expect(answer.json["problems"]?.elements.map { $0["member"]?.string } == [member], "\(answer.text)")
        }
    }

    @Test func theStatusTellsRunsFailuresAndTheGuard() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let now = fixture.time.now
            try await fixture.services.sync.seed([("1", "Acme")], of: .companies, in: connection, at: now)
            let store = fixture.services.sync.store
            let holder = ProcessID()
            _ = try await store.lease(connection.id, by: holder, now: now, until: now + 60)
            var progress = SyncProgress()
            progress.freshAt = now - 60
            progress.failure = SyncFailure(
                code: .permissionRoleDenied, problem: PSAError(.permissionRoleDenied).problem.encodedText, at: now, count: 3)
            progress.missing = SyncMissing(missing: 300, rows: 1_000, at: now)
            progress.run = SyncRun(.full, startedAt: now)
            _ = try await store.save(progress, of: .companies, of: connection.id, nextRunAt: now + 90, begins: true, by: holder)
            let viewer = try await fixture.signIn("viewer")
            let answer = try await viewer.call("GET", path(connection, "sync"))
            let status = try #require(answer.json["resources"]?.elements.first)
            #expect(status["resource"] == "companies" && status["rows"] == 1 && status["ageSeconds"] == 60 && status["stale"] == false)
            #expect(status["failure"]?["code"] == "permission.role_denied" && status["failure"]?["problem"]?["causes"] != nil)
            #expect(status["guard"]?["missing"] == 300 && status["run"]?["kind"] == "full" && answer.json["syncing"] == true)
        }
    }

    @Test func anAdministratorRequestsRunsAndPausesThem() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let sync = fixture.services.sync
            try await sync.seed([("1", "Acme")], of: .companies, in: connection, at: fixture.time.now)
            try await sync.seed([("1", "Printer")], of: .tickets, in: connection, at: fixture.time.now)
            let admin = try await fixture.signIn()
            func requests() async throws -> [SyncResource: SyncRequest] {
                Dictionary(
                    uniqueKeysWithValues: try await sync.statuses(of: connection.id).compactMap { status in
                        status.request.map { (status.resource, $0) }
                    })
            }
            #expect(try await admin.call("POST", path(connection, "sync"), ["resources": ["tickets"], "full": true]).status == 202)
            #expect(try await requests() == [.tickets: .full])
            #expect(try await admin.call("POST", path(connection, "sync"), [:]).status == 202)
            #expect(try await requests() == [.tickets: .full, .companies: .now])
            #expect(try await admin.call("POST", path(connection, "sync"), ["acceptMissing": true]).status == 202)
            #expect(try await requests() == [.tickets: .acceptMissing, .companies: .acceptMissing])
            #expect(try await admin.call("POST", path(connection, "sync"), ["resources": ["companies"], "paused": true]).status == 202)
            #expect(try await sync.statuses(of: connection.id).filter(\.isPaused).map(\.resource) == [.companies])
            #expect(try await admin.call("POST", path(connection, "sync"), ["paused": false]).status == 202)
            #expect(try await sync.statuses(of: connection.id).allSatisfy { !$0.isPaused })
            let actions = try await fixture.audit().filter { $0.target == "Acme" }.prefix(5).map(\.action)
            #expect(actions == [.syncResumed, .syncPaused, .syncRequested, .syncRequested, .syncRequested])
            for body: JSONValue in [
                ["resources": []], ["resources": ["printers"]], ["resources": "tickets"], ["full": 1], ["paused": true, "full": true],
                ["since": 1],
            ] {
                let answer = try await admin.call("POST", path(connection, "sync"), body)
                #expect(answer.status == 422, "\(body.encodedText)")
            }
        }
    }
}
