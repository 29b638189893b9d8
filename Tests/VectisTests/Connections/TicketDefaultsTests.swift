import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Ticket defaults of a connection")
struct TicketDefaultsTests {
    private let fixture: HostFixture

    init() async throws {
        fixture = try await HostFixture()
        fixture.script.rewrite {
            $0.lists = { Self.lists(of: $0) }
            $0.fields = { TicketForm(type: $0, fields: [.standard(.status), .standard(.priority, dependsOn: [.type])]) }
        }
    }

    private static let native = NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0))

    /// Type 1 can be created and has status 10 and priority 20, type 2 can't; type 3 has lists of its own.
    private static func lists(of type: TicketType.ID?) -> ConnectorScript.Lists {
        func priority(_ id: Int, hidden: Bool = false) -> TicketPriority {
            TicketPriority(id: RecordID(id), name: "P\(id)", scope: .tenant, isHidden: hidden, native: native)
        }
        func status(_ id: Int) -> TicketStatus { TicketStatus(id: RecordID(id), name: "S\(id)", native: native) }
        var lists = ConnectorScript.Lists()
        lists.types = [(1, true), (2, false), (3, nil)].map { TicketType(id: RecordID($0), name: "T", canCreate: $1, native: native) }
        switch type?.integer {
        case nil: (lists.statuses, lists.priorities) = ([status(10), status(30)], [priority(20), priority(40)])
        case 1: (lists.statuses, lists.priorities) = ([status(10)], [priority(20), priority(21, hidden: true)])
        case 3: (lists.statuses, lists.priorities) = ([status(30)], [priority(40)])
        default: break
        }
        return lists
    }

    private func save(
        _ values: [TicketDefault: String], of connection: StoredConnection, acceptsUnverified: Bool = false
    ) async throws -> StoredConnection {
        try await fixture.service.saveTicketDefaults(
            TicketDefaultValues(values: values), of: connection, acceptsUnverified: acceptsUnverified,
            audit: .sample(.ticketDefaultsChanged))
    }

    @Test(
        "consistent choices are stored",
        arguments: [
            [.type: "1", .status: "10", .priority: "20"], [.type: "3", .status: "30", .priority: "40"], [.type: "1"], [.status: "30"], [:],
        ] as [[TicketDefault: String]])
    func fitting(values: [TicketDefault: String]) async throws {
        let saved = try await fixture.saved(["typeID": "9", "statusID": "9", "priorityID": "9", "pin": "1234", "style": "curt"])
        fixture.time.advance(by: 9)
        let changed = try await save(values, of: saved)
        #expect(try await fixture.stored(saved) == changed)
        // Ticket defaults are none of the settings that a connection test tries.
        #expect(changed.revision == 2 && changed.changedAt == saved.changedAt && changed.secrets == saved.secrets)
        let stored = changed.ticketDefaults(ScriptedConnector.descriptor).values.filter { !$0.value.isEmpty }
        #expect(stored == values)
        let unchanged: [SettingKey] = ["server", "account", "style"]
        for key in unchanged { #expect(changed.settings[key] == saved.settings[key]) }
        #expect(try await fixture.log(.ticketDefaultsChanged).count == 1)
    }

    /// Values, and the choices that are wrong with them.
    private static let wrongChoices: [([TicketDefault: String], Set<TicketDefault>)] = [
        ([.type: "7"], [.type]), ([.type: "2"], [.type]), ([.type: "1", .status: "30"], [.status]), ([.status: "11"], [.status]),
        ([.type: "1", .priority: "40"], [.priority]), ([.type: "1", .priority: "21"], [.priority]), ([.priority: "20"], [.priority]),
        ([.type: "7", .status: "11", .priority: "12"], [.type, .status, .priority]),
        // These are not valid ids; no request is made.
        ([.type: "one"], [.type]), ([.status: "0"], [.status]), ([.priority: "10000"], [.priority]),
        ([.type: "-1", .status: "1.5"], [.type, .status]),
    ]

    @Test("each choice that the PSA does not have is reported", arguments: wrongChoices.indices)
    func invalid(index: Int) async throws {
        let (values, wrong) = Self.wrongChoices[index]
        let saved = try await fixture.saved()
        for accepts in [false, true] {
            let error = await #expect(throws: TicketDefaultsError.self) { try await save(values, of: saved, acceptsUnverified: accepts) }
            guard case .invalid(let problems, fields: [])? = error else { return try #require(Bool(false), "\(String(describing: error))") }
            #expect(Set(problems.keys) == wrong)
            #expect(problems.values.allSatisfy { $0.hasSuffix(".") })
        }
        #expect(try await fixture.stored(saved) == saved)
        #expect(try await fixture.log(.ticketDefaultsChanged) == [])
    }

    @Test("unreadable lists need confirmation", arguments: [ErrorCode.networkTimeout, .permissionScopeMissing, .authInvalidClient])
    func unverified(code: ErrorCode) async throws {
        let saved = try await fixture.saved()
        fixture.script.rewrite { $0.lists = { _ in throw PSAError(code) } }
        let error = await #expect(throws: TicketDefaultsError.self) { try await save([.type: "7"], of: saved) }
        guard case .unverified(let reason)? = error else { return try #require(Bool(false), "\(String(describing: error))") }
        #expect(reason.code == code)
        #expect(try await fixture.stored(saved) == saved)
        let changed = try await save([.type: "7"], of: saved, acceptsUnverified: true)
        #expect(changed.settings["typeID"] == "7")
        #expect(try await fixture.stored(saved) == changed)
    }

    @Test func listsThatNeverArriveTimeOut() async throws {
        let saved = try await fixture.saved()
        let (never, end) = AsyncStream<Void>.makeStream()
        fixture.script.rewrite {
            $0.lists = { _ in
                await Task { for await _ in never {} }.value
                return ConnectorScript.Lists()
            }
        }
        let fixture = fixture
        let choices = Task { try await fixture.service.choices(of: saved, with: TicketDefaultValues()) }
        await fixture.time.waitForSleeper()
        fixture.time.advance(by: HostFixture.timeout.seconds)
        let error = await #expect(throws: PSAError.self) { try await choices.value }
        #expect(try #require(error).code == .networkTimeout)
        end.finish()
    }

    @Test func defaultsForAChangedConnectionAreStale() async throws {
        let saved = try await fixture.saved()
        let newer = try await save([.type: "1"], of: saved)
        let error = await #expect(throws: TicketDefaultsError.self) { try await save([.type: "3"], of: saved) }
        guard case .stale? = error else { return try #require(Bool(false), "\(String(describing: error))") }
        #expect(try await fixture.stored(saved) == newer)
    }

    @Test func onlyInitialValuesOfTicketsAreOffered() async throws {
        let saved = try await fixture.saved()
        let all = try await fixture.service.choices(of: saved, with: TicketDefaultValues())
        #expect(all.types.map(\.id.rawValue) == ["1", "3"] && all.priorities.isEmpty && all.statuses.count == 2)
        let one = try await fixture.service.choices(of: saved, with: TicketDefaultValues(values: [.type: "1"]))
        #expect(one.priorities.map(\.id.rawValue) == ["20"] && one.statuses.map(\.id.rawValue) == ["10"])
    }
}

@Suite("The test ticket")
struct TestTicketTests {
    @Test(
        "the outcome is stored in the audit log",
        arguments: [
            (ConnectionCheck.Outcome.passed, nil, AuditEntry.Outcome.done), (.warning, ErrorCode.permissionActionDenied, .done),
            (.failed, .ticketDefaultInvalid, .failed), (.failed, .writeOutcomeUnknown, .unknown),
            (.warning, .writeOutcomeUnknown, .unknown),
        ])
    func endings(outcome: ConnectionCheck.Outcome, code: ErrorCode?, logged: AuditEntry.Outcome) async throws {
        let fixture = try await HostFixture()
        let saved = try await fixture.saved()
        fixture.time.advance(by: 3)
        fixture.script.rewrite {
            $0.testTicket = {
                ConnectionCheck(.write, outcome, evidence: HostMessage.testNotFinished, error: code.map { PSAError($0) })
            }
        }
        let check = try await fixture.service.createTestTicket(with: saved, audit: .sample(.testTicketCreated))
        #expect(check.outcome == outcome && check.error?.code == code)
        let entry = try #require(try await fixture.log().first)
        #expect(entry.action == .testTicketCreated && entry.outcome == logged && entry.code == code && entry.at == fixture.time.now)
        #expect(!entry.detail.isEmpty)
        #expect(try await fixture.stored(saved) == saved)
    }

    private struct Foreign: Error { let text = "hunter2" }

    @Test("a thrown error is a failed check", arguments: [true, false])
    func thrown(isUnknown: Bool) async throws {
        let fixture = try await HostFixture()
        let saved = try await fixture.saved()
        fixture.script.rewrite { $0.testTicket = { throw isUnknown ? PSAError(.writeOutcomeUnknown) : Foreign() as any Error } }
        let check = try await fixture.service.createTestTicket(with: saved, audit: .sample(.testTicketCreated))
        #expect(check.outcome == .failed)
        let entry = try #require(try await fixture.log().first)
        #expect(entry.outcome == (isUnknown ? .unknown : .failed))
        #expect(entry.code == (isUnknown ? .writeOutcomeUnknown : .connectorDefect) && !"\(entry)\(check)".contains("hunter2"))
    }

    @Test func aTicketWhoseCallerGaveUpIsStoredAsUnknown() async throws {
        let fixture = try await HostFixture()
        let saved = try await fixture.saved()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (never, end) = AsyncStream<Void>.makeStream()
        fixture.script.rewrite {
            $0.testTicket = {
                begin.finish()
                for await _ in never {}
                throw CancellationError()
            }
        }
        let ticket = Task { try await fixture.service.createTestTicket(with: saved, audit: .sample(.testTicketCreated)) }
        for await _ in begun {}
        ticket.cancel()
        await #expect(throws: CancellationError.self) { try await ticket.value }
        end.finish()
        let entry = try #require(try await fixture.log(.testTicketCreated).first)
        #expect(entry.outcome == .unknown && entry.detail.contains("Look in the PSA"))
    }
}
