import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSATesting
import Synchronization
import Testing

@testable import AcmeHost

@Suite("What a host does")
struct HostTaskTests {
    @Test func theFormShowsEachProblemBesideItsField() {
        let form = SettingsForm(connector: HaloConnector.descriptor)
        let submitted = form.fields(submitted: ["tenantURL": "http://acme.halopsa.com", "clientID": "id-1"])
        let problems = submitted.filter { $0.problem != nil }.map(\.key)
        #expect(problems == ["tenantURL", "clientSecret"])
        #expect(form.fields().allSatisfy { $0.problem == nil })
        #expect(form.fields().filter(\.isSecret).map(\.key) == ["clientSecret"])
    }

    @Test func aTestShowsItsProgressAndWhatToDoAboutAWrongSecret() async throws {
        try await HaloFixture.run { fixture in
            let shown = Mutex<[String]>([])
            let good = try await testConnection(fixture.session()) { line in shown.withLock { $0.append(line) } }
            #expect(good.headline.hasPrefix("Connected to 127.0.0.1"))
            #expect(shown.withLock { $0.count } > 3)

            let bad = try await testConnection(fixture.session(secret: "another-secret-0000")) { _ in }
            #expect(bad.fields.contains("clientSecret"))
            #expect(!bad.causes.isEmpty && !bad.steps.isEmpty)
        }
    }

    @Test func aListThatWasStoppedGoesOnAfterARestart() async throws {
        try await HaloFixture.run { fixture in
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).json")
            defer { try? FileManager.default.removeItem(at: file) }
            var first = try TicketImport.load(file)
            try await first.run(fixture.session(), pages: 1, into: file)
            #expect(!first.isComplete && first.next != nil)

            var second = try TicketImport.load(file)
            #expect(second.summaries == first.summaries)
            try await second.run(fixture.session(), pages: 1_000, into: file)
            #expect(second.isComplete)
            var all: [String] = []
            for try await ticket in try fixture.session().tickets() { all.append(ticket.summary) }
            #expect(second.summaries == all)
        }
    }

    @Test func aTicketIsCreatedWithItsFieldsAndItsCategory() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            var request = TicketRequest(
                summary: "New laptop", type: TicketType.ID(40), values: ["Request reason": "38", "Cost centre": "4711"])
            guard case .incomplete(let problems) = try await createTicket(request, through: session) else {
                Issue.record("The form lacks a category and a file.")
                return
            }
            #expect(problems.keys.contains("Category"))

            let choices = try await session.choices(of: try #require(TicketField.ID("category_1")), for: TicketType.ID(40))
            request.values["Category"] = try #require(choices.first).id.rawValue
            request.files = [try AttachmentFile(name: "order.txt", bytes: Array("One laptop".utf8))]
            guard case .created(let number, let notKept) = try await createTicket(request, through: session) else {
                Issue.record("The form is complete.")
                return
            }
            #expect(Int(number) != nil)
            #expect(notKept == [])
        }
    }

    @Test func aFileIsStoredWithANote() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "Disk full", type: TicketType.ID(1)))
            let stored = try await attach(Array("C: 1 %".utf8), named: "disks.txt", to: ticket.id, through: session)
            #expect(stored.map { String(decoding: $0, as: UTF8.self) } == "C: 1 %")
        }
    }

    @Test func aReplyGoesOutAndTheTicketIsClosed() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            var contact: Contact?
            for try await found in session.contacts() where !found.emails.isEmpty && contact == nil { contact = found }
            let draft = TicketDraft(summary: "Disk full", company: contact?.company?.id, contact: contact?.id, type: TicketType.ID(1))
            let ticket = try await session.createTicket(draft)
            #expect(try await close(ticket.id, saying: "It works again.", through: session).hasPrefix("Closed"))
            #expect(try await session.ticket(ticket.id).phase == .closed)
        }
    }

    @Test func anotherTransportCarriesRequests() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(transport: URLSessionTransport())
            let result = try await testConnection(session) { _ in }
            #expect(result.headline.hasPrefix("Connected to"))
            var count = 0
            for try await _ in session.companies() { count += 1 }
            #expect(count > 20)
        }
    }

    @Test func theOtherTransportSurvivesCancellation() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(transport: URLSessionTransport())
            _ = try await session.ticketTypes()
            for _ in 0..<20 {
                let reading = Task { try await session.ticketTypes() }
                try await Task.sleep(for: .milliseconds(2))
                reading.cancel()
                _ = await reading.result
            }
            #expect(try await !session.ticketTypes().isEmpty)
        }
    }

    @Test func requestsAreLoggedAndCountedWithoutSecrets() async throws {
        try await HaloFixture.run { fixture in
            let lines = Mutex<[String]>([])
            let log = HostLog { line in lines.withLock { $0.append(line) } }
            _ = try await fixture.session(log: log).ticketTypes()
            #expect(log.metrics.contains("psa_requests_total{outcome=\"200\"} 2"))
            let written = lines.withLock { $0.joined(separator: "\n") }
            #expect(written.contains("/api/TicketType") && !written.contains(fixture.simulator.clientSecret))
        }
    }
}
