import Foundation
import PSACore
import PSACurl
import Testing

@testable import ExternalConnectors

/// The messages of a real run match the schema.
@Suite(.timeLimit(.minutes(2)))
struct MessageSchemaTests {
    /// Forwards everything to the example and keeps a copy, with a mark for the sender.
    private static let recorder = """
        #!/usr/bin/env python3
        import subprocess, sys, threading
        child = subprocess.Popen(["\(RepositoryPath.example)"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        copy, lock = open("copy", "ab"), threading.Lock()
        def keep(mark, line):
            with lock:
                copy.write(mark + line)
                copy.flush()
        def back():
            for line in child.stdout:
                keep(b"<", line)
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        threading.Thread(target=back, daemon=True).start()
        for line in sys.stdin.buffer:
            keep(b">", line)
            child.stdin.write(line)
            child.stdin.flush()
        """

    @Test func everyMessageOfARunFitsTheSchema() async throws {
        let schema = try MessageSchema()
        let psa = try ExamplePSA()
        let connector = try ScriptedConnector(program: Self.recorder)
        try await run(try await ExternalConnector.entry(at: connector.path), psa)
        await psa.stop()
        let lines = try String(contentsOfFile: connector.folder + "/copy", encoding: .utf8).split(separator: "\n")
        var methods: [Int: String] = [:]
        var seen: Set<String> = []
        for line in lines {
            let message = try JSONDocument(Array(line.dropFirst().utf8)).root
            let type = message["type"]?.string ?? ""
            let isHost = line.hasPrefix(">")
            let envelope = try #require(schema.definition(isHost ? "fromHost" : "fromConnector"))
            #expect(try schema.problems(of: message, against: envelope) == [], "\(line)")
            if type == "call", let id = message["id"]?.integer, let method = message["method"]?.string {
                methods[id] = method
                let rule = try #require(schema.definition("arguments", "properties", method))
                #expect(try schema.problems(of: try #require(message["arguments"]), against: rule) == [], "\(line)")
            }
            if type == "result", let id = message["id"]?.integer, let method = methods[id] {
                let rule = try #require(schema.definition("results", "properties", method))
                #expect(try schema.problems(of: try #require(message["value"]), against: rule) == [], "\(line)")
                seen.insert(method)
            }
            seen.insert(type)
        }
        #expect(seen.isSuperset(of: ["hello", "call", "result", "error", "request", "response", "progress"]))
        #expect(seen.isSuperset(of: ["describe", "open", "test", "companies", "tickets", "createTicket", "findTickets", "addPrivateNote"]))
        #expect(seen.isSuperset(of: ["ticketFields", "attachments", "attachmentContent"]))
    }

    private func run(_ entry: ConnectorRegistration, _ psa: ExamplePSA) async throws {
        let registry = try ConnectorRegistry(registrations: [entry])
        let context = ConnectorContext(
            transport: CurlTransport(), addressPolicy: .allowingLoopback, tenants: TenantRateLimits(pace: nil))
        let session = try registry.connect(
            "example-psa", settings: ["serverURL": psa.address, "apiKey": ExamplePSA.key], context: context)
        _ = try await session.testConnection()
        _ = try await session.companyNames()
        let ticket = try await session.createTicket(TicketDraft(summary: "one", externalReference: "r"))
        _ = try await session.tickets(externalReference: "r")
        _ = try await session.addPrivateNote("Seen.", to: ticket.id)
        let repair = try #require(TicketType.ID("repair"))
        let form = try await session.ticketFields(for: repair)
        await #expect(throws: PSAError.self) { _ = try await session.createTicket(TicketDraft(summary: "two", type: repair)) }
        let device = try #require(form.fields.first { $0.label == "Device" })
        let laptop = try #require(TicketField.Choice.ID("laptop"))
        let file = try AttachmentFile(name: "a.bin", bytes: [0, 1, 2])
        let repaired = try await session.createTicket(
            TicketDraft(summary: "two", type: repair, fields: [device.id: .choice(laptop)], attachments: [.file(file)]))
        _ = try await session.addPrivateNote(NoteDraft("Seen.", attachments: [.file(file)]), to: repaired.id)
        for attachment in try await session.attachments(of: repaired.id) {
            _ = try await session.content(of: attachment.id, of: repaired.id)
        }
        for try await _ in session.tickets(changedSince: Date(timeIntervalSince1970: 0)) {}
        for try await _ in session.notes(of: ticket.id) {}
        await #expect(throws: PSAError.self) { _ = try await session.ticket(RecordID(9)) }
        await psa.stop()
        _ = await session.createError()
    }

    @Test func theSchemaFindsViolations() throws {
        let schema = try MessageSchema()
        let rule = try #require(schema.definition("fromConnector"))
        for line in [
            #"{"type": "gossip"}"#, #"{"type": "result", "id": "1", "value": {}}"#, #"{"type": "log", "level": "loud", "text": ""}"#,
            #"{"type": "error", "id": 1, "error": {}}"#,
        ] {
            #expect(try !schema.problems(of: try JSONDocument(Array(line.utf8)).root, against: rule).isEmpty, "\(line)")
        }
    }

    @Test func theSchemaListsTheKnownValues() throws {
        let schema = try MessageSchema()
        #expect(
            Set(schema.definition("arguments", "properties")?.members.map(\.name) ?? []) == Set(ConnectorMethod.allCases.map(\.rawValue)))
        #expect(Set(schema.definition("results", "properties")?.members.map(\.name) ?? []) == Set(ConnectorMethod.allCases.map(\.rawValue)))
        let capabilities = schema.definition("description", "properties", "capabilities", "items", "enum")?.elements.compactMap(\.string)
        #expect(Set(capabilities ?? []) == Set(Capability.allCases.map(\.rawValue)))
        let kindsOfFields = schema.definition("ticketField", "properties", "kind", "enum")?.elements.compactMap(\.string)
        #expect(Set(kindsOfFields ?? []) == Set(TicketField.Kind.allCases.map(\.rawValue)))
        let requirements = schema.definition("ticketField", "properties", "requirement", "enum")?.elements.compactMap(\.string)
        #expect(Set(requirements ?? []) == Set(TicketField.Requirement.allCases.map(\.rawValue)))
        let outcomes = schema.definition("check", "properties", "outcome", "enum")?.elements.compactMap(\.string)
        #expect(Set(outcomes ?? []) == Set(ConnectionCheck.Outcome.allCases.map(\.rawValue)))
        let kinds = schema.definition("fromHost")?["anyOf"]?.elements.compactMap {
            $0["properties"]?["failure"]?["properties"]?["kind"]?["enum"]
        }.first
        #expect(Set(kinds?.elements.compactMap(\.string) ?? []) == Set(TransportError.Kind.allCases.map(\.rawValue)))
    }
}
