import Foundation
import HaloSimulator
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("vectis test, list and ticket")
struct ConnectedCommandTests {
    @Test func aWorkingConnectionIsShownAsConnected() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run("test halopsa --allow-loopback")
            #expect(result.status == 0)
            #expect(result.lines.contains { $0.hasPrefix("Connected to 127.0.0.1") })
            let json = try await fixture.run("test halopsa --allow-loopback --json")
            #expect(json.lines.count == 1 && json.json?["connected"]?.bool == true)
        }
    }

    @Test(
        "a failed connection exits with status 3 and prints only the problem",
        arguments: [
            ("token-invalid-client", "auth.invalid_client"), ("token-not-found", "auth.endpoint_not_found"),
            ("deny:ClientContract", "permission.role_denied"),
        ])
    func refused(fault: String, code: String) async throws {
        try await CommandLineFixture.withHalo(faults: [fault]) { fixture, _ in
            let json = try await fixture.run("test halopsa --allow-loopback --json")
            #expect(json.status == 3)
            #expect(json.lines.count == 1 && json.json?["code"]?.string == code)
            #expect(json.json?["checks"]?.elements.isEmpty == false)
            let text = try await fixture.run("test halopsa --allow-loopback")
            #expect(text.messages.contains(code) && text.messages.contains("What to do"))
        }
    }

    @Test func loopbackIsRejectedUnlessAllowed() async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let result = try await fixture.run("test halopsa --json")
            #expect(result.status == 2)
            #expect(result.json?["code"]?.string == "url.forbidden_address")
            #expect(await simulator.requestLog().isEmpty)
        }
    }

    @Test("every kind is listed as text and as one JSON object a line", arguments: ListCommand.Kind.allCases.map(\.rawValue))
    func listed(kind: String) async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let file = FileManager.default.temporaryDirectory.path + "/file-\(UUID()).txt"
            if kind == "attachments" {
                try Data("one line".utf8).write(to: URL(fileURLWithPath: file))
                let note = try await fixture.run(
                    "ticket note --connector halopsa --allow-loopback --ticket 1001 --text Log --attach \(file)")
                #expect(note.status == 0)
                #expect(await simulator.attachments().count == 1)
                try FileManager.default.removeItem(atPath: file)
            }
            let options = ["notes": " --ticket 1001", "attachments": " --ticket 1001", "choices": " --type 40 --field cf:105"]
            let line = "list \(kind) --connector halopsa --allow-loopback" + (options[kind] ?? "")
            let json = try await fixture.run(line + " --json")
            let text = try await fixture.run(line)
            #expect(json.status == 0 && text.status == 0)
            #expect(!json.lines.isEmpty && json.messages.isEmpty)
            #expect(json.lines.allSatisfy { (try? JSONDocument(Array($0.utf8)).root["id"]?.string) != nil })
            #expect(text.lines.count == json.lines.count + 1, "a header and a line for each row")
            #expect(text.messages.contains(ResourceName.counted(json.lines.count, kind)))
        }
    }

    @Test(arguments: ["nonsense", "cf:999"]) func theChoicesOfAFieldThatTheTypeDoesNotHaveAreRefused(field: String) async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run(
                "list choices --connector halopsa --allow-loopback --type 40 --field \(field) --json")
            #expect(result.status == 2)
            #expect(result.output.contains("cf:105"), "the fields of the type are named: \(result.output)")
        }
    }

    @Test func rowsCanBeLimitedAndShownAsTheVendorSentThem() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run("list tickets --connector halopsa --allow-loopback --json --native --limit 3")
            #expect(result.lines.count == 3)
            #expect(result.json?["native"]?["summary"]?.string == result.json?["summary"]?.string)
        }
    }

    @Test func recurringInvoicesShowTheirLinesWhenAsked() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let without = try await fixture.run("list recurring-invoices --connector halopsa --allow-loopback --json --limit 1")
            let with = try await fixture.run("list recurring-invoices --connector halopsa --allow-loopback --json --limit 1 --lines")
            #expect(without.json?["lines"] == nil)
            #expect(with.json?["lines"]?.elements.isEmpty == false)
        }
    }

    @Test func changedSinceAcceptsATimeOrADay() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let future = try await fixture.run("list tickets --connector halopsa --allow-loopback --json --changed-since 2199-01-01")
            let past = try await fixture.run(
                "list tickets --connector halopsa --allow-loopback --json --changed-since 2000-01-01T00:00:00Z")
            #expect(future.status == 0 && future.lines.isEmpty)
            #expect(past.lines.count == 250)
        }
    }

    @Test func anInterruptedListEndsWithTheProblem() async throws {
        try await CommandLineFixture.withHalo(faults: ["truncated-body"]) { fixture, _ in
            let result = try await fixture.run("list tickets --connector halopsa --allow-loopback --json")
            #expect(result.status == 3)
            #expect(result.json?["code"]?.string == "vendor.unexpected_response")
        }
    }

    @Test func aTicketIsCreatedAnsweredAndClosed() async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let contact = try #require(
                try await fixture.run("list contacts --connector halopsa --allow-loopback --json").lines
                    .compactMap { try? JSONDocument(Array($0.utf8)).root }.first {
                        $0["site"] != nil && $0["emails"]?.elements.isEmpty == false
                    })
            let contactID = try #require(contact["id"]?.string)
            let common = "--connector halopsa --allow-loopback --json"
            let created = try await fixture.run(
                "ticket create \(common) --summary 'Disk full' --contact \(contactID) --external-reference r-1")
            let id = try #require(created.json?["id"]?.string)
            #expect(created.status == 0)
            #expect(
                try await fixture.run("ticket note \(common) --ticket \(id) --text 'For us only'").json?["visibility"]?.string
                    == "staffOnly")
            let reply = try await fixture.run("ticket reply \(common) --ticket \(id) --text 'On it'")
            #expect(reply.json?["notification"]?.string == "requested")
            #expect(try await fixture.run("ticket status \(common) --ticket \(id) --status 9").json?["status"]?["id"]?.string == "9")
            #expect(try await fixture.run("ticket show \(common) --ticket \(id)").json?["phase"]?.string == "closed")
            #expect(await simulator.tickets(thirdPartyIDString: "r-1").count == 1)
        }
    }

    @Test func differencesInTheStoredTicketAreReported() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run("ticket create --connector halopsa --allow-loopback --summary x --type 4 --priority 1")
            #expect(result.status == 0)
            #expect(result.output.contains("Note: The PSA stored the priority"))
        }
    }

    @Test func differencesInTheStoredTicketAreInTheJSON() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run(
                "ticket create --connector halopsa --allow-loopback --summary x --type 4 --priority 1 --json")
            #expect(result.status == 0)
            let differences = result.json?["differences"]?.elements ?? []
            #expect(differences.map { $0["field"]?.string } == ["priority"])
            #expect(differences.first?["requested"]?.string == "1")
        }
    }

    @Test func anIncompleteListIsNotASuccess() async throws {
        try await CommandLineFixture.withShortList { fixture in
            let text = try await fixture.run("list tickets --connector halopsa --allow-loopback")
            #expect(text.status == 3)
            #expect(text.lines.count == 3, "a header and the rows that came")
            #expect(text.messages.contains("sync.list_incomplete") && text.messages.contains("5 rows are counted, and 2 came."))
            #expect(text.messages.contains("2 tickets"))
            let json = try await fixture.run("list tickets --connector halopsa --allow-loopback --json")
            #expect(json.status == 3)
            let last = try #require(json.lines.last.flatMap { try? JSONDocument(Array($0.utf8)).root })
            #expect(json.lines.count == 3 && last["code"]?.string == "sync.list_incomplete")
        }
    }

    @Test func stoppingAListEarlyIsNotAnIncompleteList() async throws {
        try await CommandLineFixture.withShortList { fixture in
            let result = try await fixture.run("list tickets --connector halopsa --allow-loopback --limit 2")
            #expect(result.status == 0)
        }
    }

    @Test func anUnknownOutcomeEndsWithFour() async throws {
        try await CommandLineFixture.withHalo(faults: ["create-lost-reply"]) { fixture, _ in
            let result = try await fixture.run("ticket create --connector halopsa --allow-loopback --summary x --json")
            #expect(result.status == 4)
            #expect(result.json?["code"]?.string == "write.outcome_unknown")
            #expect(result.json?["retry"]?["class"]?.string == "unknownOutcome")
        }
    }

    @Test func aRefusalThatProvesNothingEndsWithFourAndSaysToLookFirst() async throws {
        try await CommandLineFixture.withHalo(faults: ["error-shape:html"]) { fixture, _ in
            let result = try await fixture.run("ticket create --connector halopsa --allow-loopback --summary x --json")
            #expect(result.status == 4)
            #expect(result.json?["execution"]?.string == "unknown")
            let steps = result.json?["causes"]?.elements.first?["steps"]?.elements.compactMap(\.string) ?? []
            #expect(steps.dropLast().last == "Look in HaloPSA whether the change is there, and go on only if it is not.")
        }
    }

    @Test func aNumberOutOfRangeIsCorrectedAndNotCopiedAgain() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run("test halopsa --allow-loopback --setting requestsPerFiveMinutes=0 --json")
            #expect(result.json?["causes"]?.elements.first?["id"]?.string == "out_of_range")
            #expect(result.json?["steps"]?.elements.first?.string?.hasPrefix("Correct ") == true)
        }
    }

    @Test("a placeholder reports that it is not implemented", arguments: BuiltIns.placeholders)
    func placeholder(name: String) async throws {
        let descriptor = try BuiltInConnectors.registry().descriptor(named: name)
        let examples = descriptor.settings.fields.map { ($0.key.environmentVariable(for: descriptor.id), $0.example) }
        let fixture = CommandLineFixture(environment: Dictionary(uniqueKeysWithValues: examples))
        for line in ["test \(name)", "list tickets --connector \(name)", "ticket create --connector \(name) --summary x"] {
            let result = try await fixture.run(line + " --json")
            #expect(result.status == 2)
            #expect(result.json?["code"]?.string == "connector.placeholder")
        }
    }
}
