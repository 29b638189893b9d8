import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing

// Against a real RT, started and filled by `make test-rt`; without one there is nothing to test.
@Suite("Reading a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveReadingTests {
    private let live = LiveServer()

    @Test func everyResourceThatIsTestedCanBeRead() async throws {
        let report = try await live.session().testConnection()
        #expect(report.isConnected, "\(report.headline)")
        #expect(report.warnings.map { "\($0.subject)" } == [])
        #expect(report.allowed == [.readCompanies, .readContacts, .readAgents, .readTickets, .readPicklists])
        print("live: connection tested with \(live.transport.requests.count) requests")
    }

    @Test func aListOfTicketsIsCompleteAndWithoutDoubles() async throws {
        // Below this number nothing is created by other tests.
        let tickets = try await live.session().tickets().collect().filter { ($0.id.integer ?? 0) <= LiveServer.seededTickets }
        #expect(LiveServer.seededTickets > 250)
        #expect(tickets.map(\.id.integer) == Array(1...LiveServer.seededTickets))
        #expect(Set(tickets.compactMap(\.type?.label)) == ["Support", "On-site visits", "Projects"])
        #expect(tickets.allSatisfy { $0.company != nil && $0.contact != nil && $0.createdAt != nil && $0.updatedAt != nil })
        #expect(Set(tickets.compactMap(\.assignee?.id.rawValue)) == ["anna", "bert"])
        print("live: \(tickets.count) tickets listed with \(live.transport.requests.count) requests")
    }

    @Test func aTicketIsToldWithItsLettersAndWithoutDatesThatAreNotSet() async throws {
        let ticket = try await live.session().ticket(RecordID(1))
        #expect(ticket.summary == "Drucker brennt – dringend")
        #expect(ticket.status?.id.rawValue == "new" && ticket.phase == .open)
        #expect(ticket.closedAt == nil && ticket.dueAt == nil)
        #expect(ticket.company?.id.rawValue == "O'Neil Dental")
        #expect(try await live.session().ticket(RecordID(50)).dueAt == GregorianUTC.instant(iso8601: "2026-12-24T12:00:00Z"))
    }

    @Test func aClosedTicketIsSeenToBeClosed() async throws {
        // Other tests write meanwhile, so that rows may move from one page to another while they are read.
        let tickets = try await live.session().tickets().pages.collect().flatMap(\.rows)
        #expect(tickets.filter { $0.status?.id.rawValue == "resolved" }.map(\.phase).allSatisfy { $0 == .closed })
        #expect(tickets.contains { $0.phase == .closed } && tickets.contains { $0.phase == .open })
    }

    @Test func onlyWhatChangedSinceAMomentIsListed() async throws {
        let session = try live.session()
        let created = try await session.createTicket(TicketDraft(summary: "Changed lately"))
        let moment = try #require(created.updatedAt)
        let changed = try await session.tickets(changedSince: moment).collect()
        #expect(changed.contains { $0.id == created.id })
        #expect(changed.allSatisfy { $0.updatedAt.map { $0 >= moment } ?? false })
        #expect(try await session.tickets(changedSince: moment.addingTimeInterval(86_400)).collect().isEmpty)
    }

    @Test func customersContactsAndStaffAreListedToTheEnd() async throws {
        let session = try live.session()
        let companies = try await session.companies().collect()
        #expect(companies.count == 120 && Set(companies.map(\.id)).count == 120)
        #expect(companies.contains { $0.name == "Bäckerei Groß" })
        let contacts = try await session.contacts().collect()
        #expect(contacts.count == 230 && Set(contacts.map(\.id)).count == 230)
        #expect(contacts.contains { $0.name == "Jörg Müller" && $0.emails == ["person1@example.com"] })
        let agents = try await session.agents().collect()
        #expect(Set(agents.map(\.id.rawValue)) == ["anna", "bert", "psa-connector", "root", "stranger"])
    }

    @Test func picklistsFollowTheLifecycleOfTheQueue() async throws {
        let session = try live.session()
        let queues = try await session.ticketTypes()
        #expect(Set(queues.map(\.name)) == ["General", "Support", "On-site visits", "Projects", "Closed desk"])
        #expect(queues.first { $0.name == "Closed desk" }?.canCreate == false)
        #expect(queues.first { $0.name == "Support" }?.canCreate == true)
        let support = try #require(queues.first { $0.name == "Support" })
        let statuses = try await session.ticketStatuses(for: support.id)
        #expect(Set(statuses.map(\.name)).isSuperset(of: ["new", "open", "resolved", "rejected"]))
        #expect(statuses.first { $0.name == "resolved" }?.phase == .closed)
        let projects = try #require(queues.first { $0.name == "Projects" })
        #expect(try await session.ticketStatuses(for: projects.id).contains { $0.name == "planned" })
        #expect(try await session.ticketPriorities().count == 101)
    }
}
