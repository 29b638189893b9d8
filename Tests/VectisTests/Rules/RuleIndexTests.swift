import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing
@testable import PSAEngine
@testable import VectisRules

/// Decisions by the index against those of all rules, on the same events; `FUZZ_ROUNDS` and `FUZZ_SEED` choose how many and which.
@Suite("Rules by what they ask for, compared") struct RuleIndexDifferentialTests {
    private static let events = number("FUZZ_ROUNDS") ?? 20_000
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// Counts that depend on what is asked, so that an answer for another rule is noticed.
    private struct Counts: TicketJobCounts {
        let limit: Int

        func jobs(of rule: RuleID, since timestamp: Date, until end: Date) -> Int {
            Int(rule.rawValue.utf8.reduce(0) { $0 &+ UInt64($1) } % 40)
        }
        func jobs(through connection: ConnectionID, since timestamp: Date, until end: Date) -> Int {
            connection.rawValue.utf8.first.map { Int($0) % 7 == 0 ? limit : 0 } ?? 0
        }
    }

    private static let words = [
        "", " ", "backup.failed", "BACKUP.failed", " backup.failed ", "disk.full", "Straße", "STRASSE", "é", "e\u{301}", "İ", "i", "ß", ",",
        "error", "critical", "nonsense", "18-7", "7-18", "0-24", "yes", "a,b", "a , B,", "disk.full,backup.failed", "Acme", "SRV-1",
        "\r", "\n", "\r\n", "a\r\n", "a\n", "l", "up.f", "failedbackup", "d", "full",
        "disk", "disk full", "sk ful", "disk;", "disk\u{37E}", "dis\u{212A}", "disk\u{301}", "`disk", "\u{1FEF}disk", "disk\ndisk",
        "disk\r\ndisk",
        "kdis",
    ]

    private static func word(_ generator: inout SeededGenerator) -> String { generator.pick(words) ?? "" }

    private static func condition(_ generator: inout SeededGenerator) -> Condition {
        // Also combinations that a form would refuse: what is stored may be of another version.
        let field = Bool.random(using: &generator) ? .type : generator.pick(Condition.Field.allCases) ?? .text
        return Condition(
            field: field, comparison: generator.pick(Condition.Comparison.allCases) ?? .equals, value: word(&generator))
    }

    private static func rule(_ connections: [ConnectionID], _ generator: inout SeededGenerator) -> Rule {
        func some<Element>(_ make: (inout SeededGenerator) -> Element) -> [Element] {
            (0..<Int.random(in: 0...3, using: &generator)).map { _ in make(&generator) }
        }
        let isForAnyType = Bool.random(using: &generator)
        let types = isForAnyType ? [] : some(word)
        let groups = some { generator in
            ConditionGroup(tests: (0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(&generator) })
        }
        return .sample(
            .sample(connection: generator.pick(connections) ?? ConnectionID(), eventTypes: types, groups: groups),
            mode: generator.pick(Rule.Mode.allCases) ?? .active, pause: Int.random(in: 0...5, using: &generator) == 0 ? .rateLimited : nil)
    }

    private static func event(_ connections: [ConnectionID], _ file: AttachmentFile, _ generator: inout SeededGenerator) -> HostEvent {
        HostEvent(
            source: word(&generator), senderID: "1", type: word(&generator),
            severity: generator.pick(HostEvent.Severity.allCases) ?? .info, company: word(&generator),
            companyID: Bool.random(using: &generator) ? "" : "7", device: word(&generator), text: word(&generator) + word(&generator),
            at: .sampleNow + Double(Int.random(in: 0...86_400, using: &generator)), receivedAt: .sampleNow,
            attachments: Bool.random(using: &generator) ? [file] : [],
            connection: Int.random(in: 0...3, using: &generator) == 0 ? generator.pick(connections) : nil)
    }

    @Test func decisionsByIndexAreThoseOfAllRulesInTheSameOrder() async throws {
        let connections = (0..<3).map { _ in ConnectionID() }
        let file = try AttachmentFile(name: "log.txt", mediaType: "text/plain", bytes: [0x41])
        var fired = 0
        for round in 0..<max(1, Self.events / 40) {
            await letOtherTasksRun(in: round)
            var generator = SeededGenerator(seed: Self.seed &+ UInt64(truncatingIfNeeded: round) &* 0xD134_2543_DE82_EF95)
            let rules = (0..<Int.random(in: 0...12, using: &generator)).map { _ in Self.rule(connections, &generator) }
            let index = RuleIndex(rules)
            let attaching = Set(connections.prefix(Int.random(in: 0...3, using: &generator)))
            let counts = Counts(limit: RuleRateLimit.perConnection.count)
            for _ in 0..<40 {
                let event = Self.event(connections, file, &generator)
                let plain = try RuleEngine.decide(event, rules, counts, attaching: attaching)
                let indexed = try RuleEngine.decide(event, index, counts) { attaching.contains($0) }
                try #require(indexed == plain, "round \(round), event \(event), rules \(rules.map(\.definition))")
                fired += plain.count
            }
        }
        // A comparison of nothing with nothing proves nothing.
        guard Self.events >= 20_000 else { return }
        #expect(fired * 40 > Self.events, "\(fired)")
    }
}

@Suite("Rules by what they ask for") struct RuleIndexTests {
    @Test func rulesKeepTheirOrderAcrossTypesAndTheGeneralList() {
        let rules: [Rule] = [
            .sample(), .sample(.sample(eventTypes: ["backup.failed"])), .sample(.sample(eventTypes: ["disk.full"])), .sample(),
            .sample(.sample(eventTypes: ["BACKUP.FAILED", "disk.full"])), .sample(mode: .off), .sample(),
            .sample(.sample(groups: [ConditionGroup(tests: [Condition(field: .type, comparison: .equals, value: " Backup.Failed ")])])),
        ]
        let fired = RuleIndex(rules).verdicts(on: .sample()).map(\.rule.id)
        #expect(fired == [0, 1, 3, 4, 6, 7].map { rules[$0].id })
    }

    @Test func aRuleThatAsksForADeviceASourceACompanyOrAPartOfATextIsFoundByIt() {
        func rule(_ tests: (Condition.Field, Condition.Comparison, String)...) -> Rule {
            .sample(.sample(groups: tests.map { ConditionGroup(tests: [Condition(field: $0.0, comparison: $0.1, value: $0.2)]) }))
        }
        let rules = [
            rule((.device, .equals, "srv-1")), rule((.device, .oneOf, "srv-2, SRV-1")), rule((.device, .equals, "srv-2")),
            // Found by its second group.
            rule((.device, .equals, "srv-2"), (.text, .contains, "disk")), rule((.source, .equals, "monitor")),
            rule((.device, .equals, "srv-1"), (.text, .contains, "disk"), (.text, .contains, " is full")),
            rule((.text, .contains, "is empty")), rule((.text, .contains, ".")), rule((.device, .equals, "srv-2"), (.text, .contains, ".")),
        ]
        var event = HostEvent.sample()
        (event.device, event.text, event.source) = ("SRV-1", "The disk is full.", "Monitor")
        #expect(RuleIndex(rules).verdicts(on: event).map(\.rule.id) == [0, 1, 3, 4, 5, 7, 8].map { rules[$0].id })
    }
}
