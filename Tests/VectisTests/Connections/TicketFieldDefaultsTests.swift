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

@Suite("Ticket defaults of further fields")
struct TicketFieldDefaultsTests {
    private let fixture: HostFixture

    init() async throws {
        fixture = try await HostFixture()
        fixture.script.rewrite {
            $0.lists = { _ in
                var lists = ConnectorScript.Lists()
                let native = NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0))
                lists.types = [
                    TicketType(id: RecordID(1), name: "One", native: native), TicketType(id: RecordID(2), name: "Two", native: native),
                ]
                return lists
            }
            $0.fields = { TicketForm(type: $0, fields: $0 == RecordID(2) ? SampleForms.hardware : SampleForms.everyKind) }
        }
    }

    private func save(
        type: String = "1", _ fields: [TicketField.ID: String]?, of connection: StoredConnection, acceptsUnverified: Bool = false
    ) async throws -> StoredConnection {
        try await fixture.service.saveTicketDefaults(
            TicketDefaultValues(values: [.type: type]), fields: fields, of: connection, acceptsUnverified: acceptsUnverified,
            audit: .sample(.ticketDefaultsChanged))
    }

    private func issues(_ error: TicketDefaultsError?) throws -> [TicketFieldIssue] {
        guard case .invalid(_, let issues)? = error else { return try #require(nil, "\(String(describing: error))") }
        return issues
    }

    @Test func aValueOfEachKindIsStoredWithTheFingerprintOfTheForm() async throws {
        let typed = Dictionary(
            uniqueKeysWithValues: SampleForms.validTexts.map { id, texts in
                (id, id.rawValue == "dateTime" ? texts[0] + ":00Z" : texts.joined(separator: "\n"))
            })
        let saved = try await save(typed, of: try await fixture.saved())
        let stored = try #require(try await fixture.stored(saved)).ticketFieldDefaults
        #expect(stored == saved.ticketFieldDefaults)
        #expect(stored.type == RecordID(1))
        #expect(stored.values.count == SampleForms.everyKind.count)
        #expect(stored.formFingerprint == TicketForm(fields: SampleForms.everyKind).fingerprint)
        #expect(stored.values[SampleForms.id("choices")]?.texts == ["a", "c,d"])
        #expect(stored.values[SampleForms.id("dateTime")]?.text == "2026-11-28T14:30:00Z")
    }

    @Test func everyWrongValueIsNamedInOneAnswer() async throws {
        let saved = try await fixture.saved()
        let wrong = [
            "integer": "1.5", "number": "1,5", "date": "2026-02-30", "time": "25:00", "checkbox": "perhaps", "url": "ftp://x",
            "unheard": "x",
        ]
        let typed = Dictionary(uniqueKeysWithValues: wrong.map { (SampleForms.id($0.key), $0.value) })
        let error = await #expect(throws: TicketDefaultsError.self) { try await save(typed, of: saved) }
        #expect(Set(try issues(error).map(\.field.rawValue)) == Set(wrong.keys))
        let later = await #expect(throws: TicketDefaultsError.self) {
            try await save(
                [
                    SampleForms.id("text"): String(repeating: "x", count: 21), SampleForms.id("choices"): "a\nb\nc,d",
                    SampleForms.id("categoryPath"): "A>C",
                ], of: saved)
        }
        #expect(try issues(later).map(\.field.rawValue) == ["text", "categoryPath"], "A hidden field is not checked.")
        #expect(try await fixture.stored(saved) == saved)
    }

    @Test func aDemandedFieldWithoutADefaultIsNoError() async throws {
        let saved = try await save(type: "2", [SampleForms.device: "38"], of: try await fixture.saved())
        #expect(saved.ticketFieldDefaults.values == [SampleForms.device: .choice(RecordID(38))])
    }

    @Test func fieldsThatAreNotSentStayForTheSameTypeAndAreDroppedForAnother() async throws {
        let one = try await save([SampleForms.id("text"): "kept"], of: try await fixture.saved())
        let same = try await save(nil, of: one)
        #expect(same.ticketFieldDefaults == one.ticketFieldDefaults)
        let other = try await save(type: "2", nil, of: same)
        #expect(other.ticketFieldDefaults.type == RecordID(2) && other.ticketFieldDefaults.values.isEmpty)
    }

    @Test func unreadableFieldsNeedConfirmationAndStayAsTheyAre() async throws {
        let one = try await save([SampleForms.id("text"): "kept"], of: try await fixture.saved())
        fixture.script.rewrite { $0.fields = { _ in throw PSAError(.networkTimeout) } }
        let error = await #expect(throws: TicketDefaultsError.self) { try await save([SampleForms.id("text"): "new"], of: one) }
        guard case .unverified? = error else { return try #require(Bool(false), "\(String(describing: error))") }
        let saved = try await save([SampleForms.id("text"): "new"], of: one, acceptsUnverified: true)
        #expect(saved.ticketFieldDefaults == one.ticketFieldDefaults && saved.revision == one.revision + 1)
    }

    @Test func moreThanAHundredFieldsAndTooLongValuesAreRefused() async throws {
        fixture.script.rewrite {
            $0.fields = {
                TicketForm(type: $0, fields: (1...101).map { TicketField(SampleForms.id("f\($0)"), label: "F", kind: .longText) })
            }
        }
        let saved = try await fixture.saved()
        let hundred = Dictionary(uniqueKeysWithValues: (1...100).map { (SampleForms.id("f\($0)"), "x") })
        let full = try await save(hundred, of: saved)
        #expect(full.ticketFieldDefaults.values.count == 100)
        let more = await #expect(throws: TicketDefaultsError.self) {
            try await save(hundred.merging([SampleForms.id("f101"): "x"]) { $1 }, of: full)
        }
        #expect(try issues(more).count == 1)
        let long = await #expect(throws: TicketDefaultsError.self) {
            try await save([SampleForms.id("f1"): String(repeating: "x", count: TicketFieldLimits.maxValueBytes + 1)], of: full)
        }
        #expect(try issues(long).map(\.field.rawValue) == ["f1"])
    }

    @Test func theTestTicketHasTheDefaultsOfItsType() async throws {
        let saved = try await save([SampleForms.id("text"): "tried"], of: try await fixture.saved())
        _ = try await fixture.service.createTestTicket(with: saved, audit: .sample(.testTicketCreated))
        #expect(fixture.script.testedFields == [[SampleForms.id("text"): .text("tried")]])
    }
}

@Suite("Changes of what a ticket type demands")
struct TicketDemandTests {
    private let fixture: HostFixture

    init() async throws {
        fixture = try await HostFixture()
        set([:])
    }

    /// Sets the fields that types demand, by type.
    private func set(_ fields: [Int: [TicketField]]) {
        fixture.script.rewrite {
            $0.fields = { type in TicketForm(type: type, fields: type.flatMap(\.integer).flatMap { fields[$0] } ?? []) }
            $0.lists = { _ in
                var lists = ConnectorScript.Lists()
                let native = NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0))
                lists.types = [1, 2].map { TicketType(id: RecordID($0), name: "Type \($0)", native: native) }
                return lists
            }
        }
    }

    private func rule(
        _ name: String, type: String, fields: [TicketField.ID: RuleFieldValue] = [:], of connection: StoredConnection
    ) async throws -> Rule {
        var definition = RuleDefinition.sample(connection: connection.id)
        definition.action.overrides.values[.type] = type
        definition.action.fields = fields
        var rule = Rule.sample(definition)
        rule.name = name
        try await fixture.storage.add(rule, audit: .sample(.ruleCreated))
        return rule
    }

    @discardableResult private func check(_ connection: StoredConnection) async throws -> TestOutcome {
        try await fixture.service.test(try fixture.service.draft(of: connection), audit: .sample(.connectionChecked))
    }

    private func pauses() async throws -> [String: TicketFieldsPause] {
        try await fixture.storage.rules().reduce(into: [:]) { $0[$1.name] = $1.fieldPause }
    }

    private func openIssues() async throws -> [ErrorCode] {
        try await fixture.storage.issues(of: nil).filter { $0.resolvedAt == nil }.map(\.code)
    }

    private static let demanded = TicketField(SampleForms.costCentre, label: "Cost centre", kind: .text, requirement: .required)

    @Test func onlyTheRulesOfTheTypePauseAndResumeWhenTheDemandIsMet() async throws {
        let connection = try await fixture.saved()
        _ = try await rule("one", type: "1", of: connection)
        _ = try await rule("two", type: "2", of: connection)
        try await check(connection)
        #expect(try await pauses().isEmpty)
        #expect(try await fixture.storage.ticketDemands(of: connection.id).count == 2)

        set([2: [Self.demanded]])
        try await check(connection)
        #expect(try await pauses() == ["two": TicketFieldsPause(type: "Type 2", fields: ["Cost centre"])])
        #expect(try await openIssues() == [.ticketFieldRequired])
        let demands = try await fixture.storage.ticketDemands(of: connection.id).filter { !$0.obstacles.isEmpty }
        #expect(demands.map(\.sentence) == ["Ticket type “Type 2”: “Cost centre”."])
        let paused = try await fixture.log(.rulePaused)
        #expect(paused.count == 1 && paused.first?.target == "two" && paused.first?.detail.contains("“Cost centre”") == true)
        try await check(connection)
        #expect(try await fixture.log(.rulePaused).count == 1, "What stays as it is, is not recorded again.")

        set([:])
        try await check(connection)
        #expect(try await pauses().isEmpty)
        #expect(try await openIssues().isEmpty)
        #expect(try await fixture.log(.ruleResumed).map(\.target) == ["two"])
    }

    @Test func aTestThatFindsUnmetDemandsWarnsWithTheFieldsAndStaysConnected() async throws {
        let connection = try await fixture.saved()
        _ = try await rule("one", type: "1", of: connection)
        set([1: [Self.demanded]])
        let outcome = try await check(connection)
        let warning = try #require(outcome.report.checks.first { $0.subject == .ticketDefaults })
        #expect(warning.outcome == .warning && outcome.report.isConnected)
        #expect(TextRenderer().text(warning.evidence).contains("“\(Self.demanded.label)”"))
        set([:])
        #expect(!(try await check(connection).report.checks.contains { $0.outcome == .warning }))
    }

    @Test func everyWrongFieldOfTheDefaultsIsNamedAtOnce() async throws {
        set([1: SampleForms.hardware])
        let connection = try await fixture.saved(["typeID": "1"])
        let error = await #expect(throws: TicketDefaultsError.self) {
            _ = try await fixture.service.saveTicketDefaults(
                TicketDefaultValues(values: [.type: "1"]), fields: [SampleForms.id("nope"): "x", SampleForms.device: "99"], of: connection,
                acceptsUnverified: false, audit: .sample(.ticketDefaultsChanged))
        }
        guard case .invalid(_, let issues)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(issues.map(\.field) == [SampleForms.id("nope"), SampleForms.device])
    }

    @Test func jobsOfAPausedRuleWaitUntilItResumes() async throws {
        let connection = try await fixture.saved()
        let rule = try await rule("one", type: "1", of: connection)
        set([1: [Self.demanded]])
        try await check(connection)
        let events = EventService(storage: fixture.storage, time: fixture.time.source, wake: {}, reached: { _ in })
        _ = try await events.accept(.sample(receivedAt: fixture.time.now))
        let process = ProcessID()
        func next() async throws -> TicketJob? {
            try await fixture.storage.engine.leaseNext(for: connection.id, by: process, now: fixture.time.now, lease: .seconds(60))
        }
        #expect(try await next() == nil)
        set([:])
        try await check(connection)
        #expect(try await next()?.rule == rule.id)
    }

    @Test func aValueOfTheRuleOrOfTheDefaultsMeetsTheDemand() async throws {
        set([1: [Self.demanded]])
        var connection = try await fixture.saved(["typeID": "1"])
        _ = try await rule(
            "own", type: "1", fields: [SampleForms.costCentre: .template(FieldTemplate(TextTemplate("{device}")))], of: connection)
        _ = try await rule("default", type: "", of: connection)
        try await check(connection)
        #expect(Set(try await pauses().keys) == ["default"])
        connection = try #require(try await fixture.stored(connection))
        connection = try await fixture.service.saveTicketDefaults(
            TicketDefaultValues(values: [.type: "1"]), fields: [SampleForms.costCentre: "4711"], of: connection, acceptsUnverified: false,
            audit: .sample(.ticketDefaultsChanged))
        #expect(try await pauses().isEmpty, "Saving the defaults checks the rules at once.")
        #expect(try await openIssues().isEmpty)
    }

    @Test func aVanishedChoiceOfTheDefaultsIsAnIssueAndPausesTheRulesThatUseIt() async throws {
        set([1: [SampleForms.hardware[1]]])
        let first = try await fixture.saved(["typeID": "1"])
        let connection = try await fixture.service.saveTicketDefaults(
            TicketDefaultValues(values: [.type: "1"]), fields: [SampleForms.device: "38"], of: first, acceptsUnverified: false,
            audit: .sample(.ticketDefaultsChanged))
        _ = try await rule("default", type: "", of: connection)
        var left = SampleForms.hardware[1]
        left.choices = .listed([SampleForms.choice("36", "Laptop")])
        set([1: [left]])
        try await check(connection)
        #expect(try await openIssues() == [.ticketFieldInvalid])
        #expect(Set(try await pauses().keys) == ["default"])
    }

    @Test func aRuleThatWasSavedInSpiteOfMissingFieldsRunsUntilTheDemandsChange() async throws {
        set([1: [Self.demanded]])
        let connection = try await fixture.saved()
        var accepted = try await rule("one", type: "1", of: connection)
        accepted.acceptedForm = TicketForm(fields: [Self.demanded]).fingerprint
        accepted.revision += 1
        try await fixture.storage.replace(accepted, audit: .sample(.ruleChanged))
        try await check(connection)
        #expect(try await pauses().isEmpty)
        set([1: [Self.demanded, TicketField(SampleForms.id("x"), label: "X", kind: .text, requirement: .required)]])
        try await check(connection)
        #expect(try await pauses()["one"]?.fields == ["Cost centre", "X"])
    }

    @Test func demandsThatCanNotBeReadChangeNothing() async throws {
        set([1: [Self.demanded]])
        let connection = try await fixture.saved()
        _ = try await rule("one", type: "1", of: connection)
        try await check(connection)
        fixture.script.rewrite { $0.fields = { _ in throw PSAError(.permissionScopeMissing) } }
        try await check(connection)
        #expect(Set(try await pauses().keys) == ["one"])
        #expect(try await openIssues() == [.ticketFieldRequired])
    }

    @Test func theScheduleChecksTheDemands() async throws {
        let connection = try await fixture.saved()
        _ = try await rule("one", type: "1", of: connection)
        set([1: [Self.demanded]])
        await ConnectionSchedule(service: fixture.service, interval: .seconds(3_600)).checkThoseDue()
        #expect(Set(try await pauses().keys) == ["one"])
    }

    @Test func typesThatNothingUsesAreForgotten() async throws {
        let connection = try await fixture.saved()
        let rule = try await rule("one", type: "1", of: connection)
        try await check(connection)
        try await fixture.storage.removeRule(rule.id, audit: .sample(.ruleRemoved))
        try await check(connection)
        #expect(try await fixture.storage.ticketDemands(of: connection.id).isEmpty)
    }
}
