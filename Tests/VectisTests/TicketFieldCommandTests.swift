import Foundation
import Glibc
import HaloSimulator
import PSACore
import Testing

@testable import VectisCLI

/// Fields and files on the command line; type 40 of the simulator demands two custom fields, a category and a file.
@Suite("Ticket fields and files on the command line")
struct TicketFieldCommandTests {
    private static let common = "--connector halopsa --allow-loopback"
    private static let demanded = "--field cf:105=38 --field cf:106=4711 --field category_1=Hardware>Laptop"

    /// Runs a test with a folder for files.
    private static func withFiles(_ body: (CommandLineFixture, HaloSimulator, _ folder: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/files-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("%PDF-1.7".utf8).write(to: URL(fileURLWithPath: folder + "/report.pdf"))
        try Data("one line".utf8).write(to: URL(fileURLWithPath: folder + "/log.txt"))
        try await CommandLineFixture.withHalo { try await body($0, $1, folder) }
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func theFieldsOfATypeAreListedWithTheRequiredOnesFirst() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let json = try await fixture.run("list ticket-fields \(Self.common) --type 40 --json")
            let rows = try json.lines.map { try JSONDocument(Array($0.utf8)).root }
            let required = rows.prefix { $0["requirement"]?.string == "required" }.compactMap { $0["id"]?.string }
            #expect(Set(required).isSuperset(of: ["summary", "attachments", "category_1", "cf:105", "cf:106"]))
            #expect(!rows.dropFirst(required.count).contains { $0["requirement"]?.string == "required" })
            let text = try await fixture.run("list ticket-fields \(Self.common) --type 40")
            #expect(text.lines.first?.hasPrefix("ID") == true)
            let reason = try #require(text.lines.first { $0.hasPrefix("cf:105") })
            #expect(reason.contains("Request reason") && reason.contains("required") && reason.contains("36 Broken, 37 Lost"))
            let police = try #require(text.lines.first { $0.hasPrefix("cf:120") })
            #expect(police.contains("if Request reason is Lost"))
        }
    }

    @Test func theChoicesOfAFieldAreSearched() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let all = try await fixture.run("list choices \(Self.common) --type 40 --field cf:105 --json")
            #expect(all.lines.count == 3)
            let some = try await fixture.run("list choices \(Self.common) --type 40 --field category_1 --search printer --json")
            #expect(some.lines.count == 1 && some.json?["id"]?.string == "Hardware>Printer")
            #expect(try await fixture.run("list choices \(Self.common) --type 40").status == 2)
        }
    }

    @Test func contactsAreFoundByTheirAddressWithinACompany() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let contacts = try await fixture.run("list contacts \(Self.common) --json")
            let contact = try #require(
                try contacts.lines.map { try JSONDocument(Array($0.utf8)).root }.first {
                    $0["emails"]?.elements.isEmpty == false && $0["company"] != nil
                })
            let address = try #require(contact["emails"]?.elements.first?.string)
            let company = try #require(contact["company"]?["id"]?.string)
            let found = try await fixture.run("list contacts \(Self.common) --email \(address) --company \(company) --json")
            #expect(found.lines.count == 1 && found.json?["id"]?.string == contact["id"]?.string)
            #expect(try await fixture.run("list contacts \(Self.common) --email nobody@example.com --json").lines.isEmpty)
            #expect(try await fixture.run("list contacts \(Self.common) --company \(company)").messages.contains("--email"))
        }
    }

    @Test func aTicketWithAllThatItsTypeDemandsIsCreatedAndItsFileReadBack() async throws {
        try await Self.withFiles { fixture, simulator, folder in
            let created = try await fixture.run(
                "ticket create \(Self.common) --json --summary 'New laptop' --type 40 \(Self.demanded) --attach \(folder)/report.pdf --attach \(folder)/log.txt"
            )
            #expect(created.status == 0, "\(created.output)")
            let id = try #require(created.json?["id"]?.string)
            #expect(await simulator.orphanedAttachments().isEmpty)
            let list = try await fixture.run("list attachments \(Self.common) --ticket \(id) --json")
            let rows = try list.lines.map { try JSONDocument(Array($0.utf8)).root }
            #expect(rows.compactMap { $0["name"]?.string }.sorted() == ["log.txt", "report.pdf"])
            let attachment = try #require(rows.first { $0["name"]?.string == "report.pdf" }?["id"]?.string)
            let get = "ticket attachment \(Self.common) --ticket \(id) --attachment \(attachment) --output \(folder)/copy.pdf"
            let saved = try await fixture.run(get + " --json")
            #expect(saved.status == 0 && saved.json?["bytes"]?.integer == 8)
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/copy.pdf")) == Data("%PDF-1.7".utf8))
            let again = try await fixture.run(get)
            #expect(again.status == 2 && again.messages.contains("--output"))
            let note = try await fixture.run(
                "ticket note \(Self.common) --json --ticket \(id) --text Log --attach \(folder)/log.txt")
            #expect(note.status == 0)
            #expect(await simulator.attachments().count { $0.actionID != nil } == 1)
        }
    }

    @Test func afterAnUnknownOutcomeTheFilesThatMayRemainAreNamed() async throws {
        try await Self.withFiles { fixture, simulator, folder in
            await simulator.setFaults([try HaloFault(parsing: "create-lost-request:tickets")])
            let result = try await fixture.run(
                "ticket create \(Self.common) --summary 'New laptop' --type 40 \(Self.demanded) --attach \(folder)/report.pdf")
            #expect(result.status == 4 && result.messages.contains("without a ticket: report.pdf."))
            #expect(await simulator.orphanedAttachments().count == 1)
        }
    }

    @Test func allMissingAndWrongFieldsAreNamedInOneAnswer() async throws {
        try await Self.withFiles { fixture, simulator, folder in
            let missing = try await fixture.run("ticket create \(Self.common) --summary 'New laptop' --type 40")
            #expect(missing.status == 3)
            for id in ["cf:105", "cf:106", "category_1", "attachments"] {
                #expect(missing.messages.split(separator: "\n").contains { $0.hasPrefix("  \(id): ") }, "\(id)")
            }
            let wrong = try await fixture.run(
                "ticket create \(Self.common) --json --summary 'New laptop' --type 40 --field cf:111=tomorrow --field cf:999=x --field cf:105=38"
            )
            #expect(wrong.status == 3 && wrong.json?["code"]?.string == "ticket.field_invalid")
            let named = wrong.json?["ticketFields"]?.elements.compactMap { $0["field"]?.string } ?? []
            #expect(Set(named) == ["cf:111", "cf:999", "cf:106", "category_1", "attachments"])
            #expect(await simulator.attachments().isEmpty)
            let writes = await simulator.storedWrites()
            #expect(!writes.contains { $0.actionID == nil })
        }
    }

    @Test func whatCannotBeGivenAsAFieldOrFileIsAMistakeOfUsage() async throws {
        try await Self.withFiles { fixture, _, folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            #expect(FileManager.default.createFile(atPath: folder + "/empty.txt", contents: Data()))
            #expect(FileManager.default.createFile(atPath: folder + "/large.bin", contents: Data()))
            #expect(truncate(folder + "/large.bin", AttachmentFile.maxBytes + 1) == 0)
            let many = (1...11).map { _ in "--attach \(folder)/log.txt" }.joined(separator: " ")
            let cases: [(String, String)] = [
                ("--field cf:105", "--field"), ("--field =x", "--field"), ("--field summary=x", "--summary"),
                ("--field cf:105=36 --field cf:105=37", "cf:105"), ("--attach \(folder)/pipe", "--attach"),
                ("--attach \(folder)", "--attach"), ("--attach /dev/null", "--attach"), ("--attach \(folder)/none", "--attach"),
                ("--attach \(folder)/empty.txt", "empty.txt"), ("--attach \(folder)/large.bin", "20 MiB"), (many, "11"),
            ]
            for (options, word) in cases {
                let result = try await fixture.run("ticket create \(Self.common) --summary x \(options)")
                #expect(result.status == 2 && result.messages.contains(word), "\(options): \(result.messages)")
            }
        }
    }

    @Test func aStatusChangeTakesANoteAndFields() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let created = try await fixture.run("ticket create \(Self.common) --json --summary x")
            let id = try #require(created.json?["id"]?.string)
            let changed = try await fixture.run("ticket status \(Self.common) --json --ticket \(id) --status 9 --note 'Replaced it.'")
            #expect(changed.status == 0 && changed.json?["status"]?["id"]?.string == "9", "\(changed.output)")
            let notes = try await fixture.run("list notes \(Self.common) --json --ticket \(id)")
            #expect(notes.lines.contains { $0.contains("Replaced it.") })
            let table = try await fixture.run("list notes \(Self.common) --ticket \(id)")
            #expect(table.output.contains("Replaced it.") && !table.output.contains("<"), "\(table.output)")
            let bogus = try await fixture.run("ticket create \(Self.common) --summary x --type 1 --field bogus=1")
            #expect(bogus.status == 3 || bogus.status == 2)
            for words in ["There is no “bogus” among the fields", "vectis list ticket-fields", "before anything was sent"] {
                #expect(bogus.messages.contains(words), "\(bogus.messages)")
            }
            let help = try await fixture.run("ticket status --help")
            #expect(help.output.contains("--note TEXT") && help.output.contains("--field"))
        }
    }
}
