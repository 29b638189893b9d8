import FoundationEssentials
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Ids of type, status and priority in rules")
struct RuleIDTests {
    private let fixture: HostFixture

    init() async throws {
        fixture = try await HostFixture()
        fixture.script.rewrite { $0.lists = { _ in try Self.lists(priority: 3) } }
    }

    private static func lists(priority: Int) throws -> ConnectorScript.Lists {
        let native = NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0))
        return ConnectorScript.Lists(
            types: [TicketType(id: RecordID(1), name: "Incident", native: native)],
            statuses: [TicketStatus(id: RecordID(2), name: "New", phase: .open, native: native)],
            priorities: [TicketPriority(id: RecordID(priority), name: "High", scope: .tenant, native: native)])
    }

    private static func definition(_ connection: StoredConnection, _ ids: [TicketDefault: String]) -> RuleDefinition {
        var definition = RuleDefinition.sample(connection: connection.id)
        definition.action.overrides.values = ids
        return definition
    }

    @Test func theConnectorSaysWhatAnIDCanBe() async throws {
        let connection = try await fixture.saved()
        for text in ["abc", "0", "10000", "1.5"] {
            let issues = try await fixture.service.idIssues(of: Self.definition(connection, [.type: "1", .priority: text]))
            #expect(issues.map(\.field) == ["priority"], "\(text)")
            #expect(issues.first?.problem.english.contains("from 1 to 9999") == true)
        }
        #expect(try await fixture.service.idIssues(of: Self.definition(connection, [.type: "1", .priority: "999"])).isEmpty)
    }

    @Test(
        arguments: [
            ([.type: "1", .status: "2", .priority: "3"], []), ([.type: "1", .priority: "999"], ["priority"]),
            ([.type: "1", .status: "999", .priority: "999"], ["status", "priority"]), ([.type: "9"], ["type"]),
            // Which statuses and priorities there are depends on the type.
            ([.type: "9", .status: "999"], ["type"]), ([:], []),
        ] as [([TicketDefault: String], [String])])
    func anIDThatIsNotListedIsAnObstacle(ids: [TicketDefault: String], fields: [String]) async throws {
        let check = try await fixture.service.check(Self.definition(try await fixture.saved(), ids))
        #expect(check.obstacles?.issues.map(\.field.rawValue) ?? [] == fields)
    }

    @Test(arguments: [("", "2", "3"), ("1", "2", "3"), ("9", "", "")])
    func statusAndPriorityOfTheTicketDefaultsAreThoseOfTheirTypeAlone(type: String, status: String, priority: String) async throws {
        var connection = try await fixture.saved()
        connection.settings.merge(["typeID": "1", "statusID": "2", "priorityID": "3"]) { $1 }
        let action = Self.definition(connection, [.type: type]).action
        let outline = fixture.service.outline(of: action, through: connection).standard
        #expect(outline[.status] == status && outline[.priority] == priority && outline[.type] == (type.isEmpty ? "1" : type))
        #expect(fixture.service.ticketDefaults(of: action.overrides, through: connection) == outline)
    }

    @Test func whereAListIsNotKnownNothingIsWrong() async throws {
        let connection = try await fixture.saved()
        fixture.script.rewrite { $0.lists = { _ in throw PSAError(.permissionScopeMissing) } }
        #expect(try await fixture.service.check(Self.definition(connection, [.type: "1", .priority: "999"])).obstacles == nil)
        fixture.script.rewrite { $0.lists = { _ in ConnectorScript.Lists() } }
        #expect(try await fixture.service.check(Self.definition(connection, [.type: "1", .priority: "999"])).obstacles == nil)
    }

    @Test func aRuleThatIsPausedForAnIDGoesOnOnceItIsListed() async throws {
        let connection = try await fixture.saved()
        let definition = Self.definition(connection, [.type: "1", .priority: "999"])
        let pause = try #require(try await fixture.service.check(definition).obstacles?.pause)
        var (paused, running) = (Rule.sample(definition), Rule.sample(definition))
        (paused.fieldPause, paused.name, running.name) = (pause, "Paused", "Running")
        for rule in [paused, running] { try await fixture.storage.add(rule, audit: .sample(.ruleCreated)) }
        func pauses() async throws -> [String?] {
            try await fixture.service.checkDemands(of: connection, at: fixture.time.now, .sample(.connectionTested))
            return try await fixture.storage.rules().map { $0.fieldPause?.fields.joined(separator: ",") }
        }
        #expect(try await pauses() == ["Priority", nil], "A rule that runs is not paused for what a list may leave out.")
        fixture.script.rewrite { $0.lists = { _ in try Self.lists(priority: 999) } }
        #expect(try await pauses() == [nil, nil])
    }

    @Test func aProgramIsAnsweredAtTheMemberAndDecides() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let definition = Self.definition(connection, [.priority: "999"]).json
            func create(_ more: [(String, JSONValue)]) async throws -> WebAnswer {
                let members = [("name", "Odd priority" as JSONValue), ("definition", definition)] + more
                return try await browser.call("POST", "/rules", .object(members.map { JSONValue.Member(name: $0, value: $1) }))
            }
            let refused = try await create([])
            #expect(refused.status == 422 && refused.json["problems"]?.elements.map { $0["member"] } == ["definition.priority"])
            #expect(refused.text.contains("High"))
            #expect(try await create([("missingFields", "accept")]).json["state"]?["name"] == "dry_run")
            let paused = try await create([("missingFields", "pause")])
            #expect(paused.json["state"]?["reasons"]?.elements.first?["code"] == "fields_missing")
            let words = try await fixture.connect("word-ids", name: "Words")
            let fine: JSONValue = ["name": "Words", "definition": Self.definition(words, [.priority: "A/1"]).json]
            #expect(try await browser.call("POST", "/rules", fine).status == 201, "Ids are what the connector says.")
        }
    }
}
