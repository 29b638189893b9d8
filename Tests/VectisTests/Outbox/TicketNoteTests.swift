import FoundationEssentials
import PSACore
import PSATesting
import SQL
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Notes on open tickets") struct TicketNoteTests {
    @Test func furtherEventsOfADeviceBecomeNotesOnItsOpenTicket() async throws {
        let fixture = try await Self.fixture()
        for number in 1...3 { _ = try await fixture.job("\(number)") }
        _ = try await fixture.job("4", device: "SRV-2")
        fixture.psa.behave { $0.companies = [.sample(1, "Acme")] }
        _ = try await fixture.job("5", company: "Acme")
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 3)
        #expect(fixture.psa.state.notes.map(\.ticket) == [Ticket.ID(1_000), Ticket.ID(1_000)])
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.created: 3, .appended: 2])
        #expect(try await fixture.log(.noteAdded).count == 2)
    }

    @Test(arguments: [
        (Ticket.Phase.open, 59.0, 1), (.waiting, 59, 1), (.unknown, 59, 1), (.closed, 59, 0), (.open, 61, 0),
    ])
    func aNoteNeedsATicketThatIsOpenAndYoungEnough(phase: Ticket.Phase, minutes: TimeInterval, notes: Int) async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1")
        await fixture.work()
        fixture.psa.change { $0.tickets[0].phase = phase }
        fixture.time.advance(by: minutes * 60)
        _ = try await fixture.job("2")
        await fixture.work()
        #expect(fixture.psa.state.notes.count == notes)
        #expect(fixture.psa.state.tickets.count == 2 - notes)
    }

    @Test func notesDoNotMakeATicketYounger() async throws {
        let fixture = try await Self.fixture()
        for (number, minutes) in [0, 45, 45, 45].enumerated() {
            fixture.time.advance(by: Double(minutes) * 60)
            _ = try await fixture.job("\(number)")
            await fixture.work()
        }
        // After 90 minutes the first ticket is older than the hour, though its note is not; the second ticket takes the event after 135.
        #expect(fixture.psa.state.tickets.count == 2)
        #expect(fixture.psa.state.notes.map(\.ticket) == [Ticket.ID(1_000), Ticket.ID(1_001)])
    }

    @Test func aTicketThatWasRemovedIsReplacedByANewOne() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1")
        await fixture.work()
        fixture.psa.change { $0.tickets = [] }
        let second = try await fixture.job("2")
        await fixture.work()
        #expect(try await fixture.now(second).state.name == .created)
    }

    @Test func aJobWaitsUntilTheOneBeforeItIsComplete() async throws {
        let fixture = try await Self.fixture()
        fixture.psa.behave { $0.beforeStoring = { number in if number == 1 { throw outcomeUnknown } } }
        let jobs = [try await fixture.job("1"), try await fixture.job("2")]
        await fixture.work()
        #expect(try await fixture.now(jobs[0]).state == .unknown)
        #expect(try await fixture.now(jobs[1]).state == .waiting)
        #expect(try await fixture.now(jobs[1]).attempts == 0)
        try await fixture.work(rounds: 40)
        #expect(try await fixture.now(jobs[0]).state.name == .created)
        #expect(try await fixture.now(jobs[1]).state.name == .appended)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test func aJobInReviewBlocksNoOther() async throws {
        let fixture = try await Self.fixture()
        fixture.psa.behave { $0.beforeStoring = { _ in throw outcomeUnknown } }
        _ = try await fixture.job("1")
        try await fixture.work(rounds: 20)
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        let second = try await fixture.job("2")
        await fixture.work()
        #expect(try await fixture.now(second).state.name == .created)
    }

    /// A job whose note was stored on the ticket of another job, and whose answer was lost.
    private static func noteOfUnknownOutcome() async throws -> (OutboxFixture, TicketJob) {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1")
        await fixture.work()
        fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } }
        let second = try await fixture.job("2")
        await fixture.work()
        #expect(try await fixture.now(second).state == .unknown)
        return (fixture, second)
    }

    @Test func aNoteOfUnknownOutcomeIsFoundOnItsTicket() async throws {
        let (fixture, second) = try await Self.noteOfUnknownOutcome()
        await fixture.work(5)
        #expect(try await fixture.now(second).state.name == .appended)
        #expect(fixture.psa.state.notes.count == 1)
    }

    @Test("a note of unknown outcome is found in the last of several tickets merged into each other", arguments: [2, 9])
    func mergedMoreThanOnce(merges: Int) async throws {
        let (fixture, second) = try await Self.noteOfUnknownOutcome()
        fixture.psa.change { state in
            for number in 1...merges {
                var next = state.tickets[0]
                next.id = Ticket.ID(2_000 + number)
                next.mergedInto = nil
                state.tickets[state.tickets.count - 1].mergedInto = next.id
                state.tickets.append(next)
            }
            for place in state.notes.indices { state.notes[place].ticket = Ticket.ID(2_000 + merges) }
        }
        await fixture.work(5)
        #expect(try await fixture.now(second).state.name == .appended)
        #expect(fixture.psa.state.notes.count == 1 && fixture.psa.state.drafts.count == 1)
    }

    @Test("a note whose ticket was merged in a circle is not taken for absent")
    func mergedInACircle() async throws {
        let (fixture, second) = try await Self.noteOfUnknownOutcome()
        fixture.psa.change { state in
            state.notes = []
            state.tickets[0].mergedInto = state.tickets[0].id
        }
        try await fixture.work(rounds: 20)
        #expect(try await fixture.now(second).state == .needsReview(.outcomeUnknown))
        #expect(fixture.psa.state.drafts.count == 1)
    }

    @Test func afterAnOutageOfHoursEventsOfADeviceStillShareOneTicket() async throws {
        let fixture = try await Self.fixture()
        fixture.psa.behave { $0.beforeStoring = { _ in throw connectionRefused } }
        let first = try await fixture.job("1")
        let others = [try await fixture.job("2"), try await fixture.job("3")]
        for _ in 0..<30 { await fixture.work(240) }
        #expect(try await fixture.now(first).state == .waiting)
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        for _ in 0..<30 { await fixture.work(240) }
        #expect(try await fixture.now(first).state.name == .created)
        for job in others { #expect(try await fixture.now(job).state.name == .appended) }
        #expect(fixture.psa.state.tickets.count == 1 && fixture.psa.state.notes.count == 2)
    }

    @Test(arguments: [
        PSAError(.requestRejected), PSAError(.requestNotFound), PSAError(.ticketNotWritable), PSAError(.permissionActionDenied),
        PSAError(.ticketActionIncomplete), PSAError(.configInvalidField),
    ])
    func aRejectedNoteBecomesATicketAndPausesNoRule(error: PSAError) async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1")
        await fixture.work()
        fixture.psa.behave { $0.beforeStoring = { number in if number == 2 { throw error } } }
        let second = try await fixture.job("2")
        let third = try await fixture.job("3", device: "SRV-9")
        try await fixture.work(rounds: 4)
        #expect(try await fixture.now(second).state.name == .created)
        #expect(try await fixture.now(third).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 3 && fixture.psa.state.notes.isEmpty)
        #expect(try await fixture.storage.rule(second.rule ?? RuleID())?.pauses == [])
    }

    @Test(arguments: ["merged", "deleted", "moved", "gone", "forbidden"])
    func eventsForClosedTicketsCreateNewTickets(fate: String) async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1")
        await fixture.work()
        fixture.psa.change { state in
            switch fate {
            case "merged": state.tickets[0].mergedInto = Ticket.ID(4_711)
            case "deleted": state.tickets[0].isDeleted = true
            case "moved": state.tickets[0].company = Reference(Company.ID(9))
            case "gone": state.tickets = []
            default: state.behavior.beforeReading = { throw PSAError(.permissionRoleDenied) }
            }
        }
        let second = try await fixture.job("2")
        await fixture.work()
        #expect(try await fixture.now(second).state.name == .created)
        #expect(fixture.psa.state.notes.isEmpty)
    }

    @Test func equalDevicesOfTwoCompaniesShareNoTicket() async throws {
        let fixture = try await Self.fixture()
        fixture.psa.behave { $0.companies = [.sample(3, "Acme"), .sample(4, "Bolt")] }
        for (number, id) in ["3", "4", "3", "4"].enumerated() {
            var event = HostEvent.sample(
                senderID: "\(number)", company: "", device: number < 2 ? "SRV-01" : " srv-01\u{A0}", at: fixture.time.now,
                receivedAt: fixture.time.now)
            event.companyID = id
            _ = try await fixture.events.accept(event)
        }
        await fixture.work()
        #expect(fixture.psa.state.drafts.map(\.company) == [Company.ID(3), Company.ID(4)])
        #expect(fixture.psa.state.notes.map(\.ticket) == [Ticket.ID(1_000), Ticket.ID(1_001)])
    }

    @Test func oneCompanyNamedAndGivenByItsIDIsTheSame() async throws {
        let fixture = try await Self.fixture()
        fixture.psa.behave { $0.companies = [.sample(3, "Acme & Sons")] }
        for (number, (id, name)) in [("3", ""), ("", "ACME &amp; Sons"), ("3", "Acme")].enumerated() {
            var event = HostEvent.sample(
                senderID: "\(number)", company: name, device: "SRV-01", at: fixture.time.now, receivedAt: fixture.time.now)
            event.companyID = id
            _ = try await fixture.events.accept(event)
        }
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 1 && fixture.psa.state.notes.count == 2)
    }

    @Test(arguments: [
        ("", "", "a", "b", 2), ("", "", "a", "a", 2), ("", "SRV-1", "a", "b", 2), ("", "SRV-1", "a", "a", 1), ("Who", "SRV-1", "a", "a", 2),
    ])
    func eventsWithoutAKnownCompanyAreGroupedByDeviceAndSourceOrNotAtAll(
        company: String, device: String, first: String, second: String, tickets: Int
    ) async throws {
        let fixture = try await Self.fixture()
        for (number, source) in [first, second].enumerated() {
            var event = HostEvent.sample(
                senderID: "\(number)", company: company, device: device, at: fixture.time.now, receivedAt: fixture.time.now)
            event.source = source
            _ = try await fixture.events.accept(event)
        }
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == tickets)
        let unmatched = try await fixture.storage.unmatchedCompanies(of: fixture.connection.id)
        #expect(unmatched.count == (company.isEmpty ? 0 : 1), "What was not found is listed once.")
    }

    @Test func anEventForADeletedTicketCreatesANewTicket() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1")
        await fixture.work()
        fixture.psa.behave { $0.beforeStoring = { number in if number == 2 { throw outcomeUnknown } } }
        let second = try await fixture.job("2")
        await fixture.work()
        fixture.psa.change { $0.tickets = [] }
        try await fixture.work(rounds: 3)
        #expect(try await fixture.now(second).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test(arguments: [true, false]) func otherCompaniesWithADeviceOfTheSameNameDoNotHideTheOpenTicket(_ areSent: Bool) async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule(appendMinutes: 60, limit: RuleRateLimit(count: 1_000, minutes: 10))
        fixture.psa.behave { $0.companies = (1...60).map { .sample($0, "Company \($0)") } }
        _ = try await fixture.job("first", company: "Company 1")
        await fixture.work()
        for number in 2...60 { _ = try await fixture.job("\(number)", company: "Company \(number)") }
        if areSent { await fixture.work() }
        let last = try await fixture.job("last", company: "Company 1")
        if !areSent {
            // The others wait, and this one goes first.
            let filter = TicketJob.Filter(state: .waiting)
            for job in try await fixture.storage.jobs(filter, before: last.id, limit: 100) {
                try await fixture.storage.queue.write {
                    try $0.run("UPDATE job SET due_at = due_at + 60000 WHERE id = ?", [.integer(job.id.rawValue)])
                }
            }
        }
        await fixture.work()
        #expect(try await fixture.now(last).state.name == .appended)
        #expect(fixture.psa.state.notes.map(\.ticket) == [Ticket.ID(1_000)])
    }

    @Test func anIncompleteHistoryProvesNothing() async throws {
        let fixture = try await Self.fixture()
        for number in 1...2 { _ = try await fixture.job("\(number)") }
        await fixture.work()
        fixture.psa.behave {
            $0.beforeStoring = { _ in throw outcomeUnknown }
            $0.notesAreCutOff = true
        }
        let third = try await fixture.job("3")
        await fixture.work()
        await fixture.work(5)
        #expect(try await fixture.now(third).state == .needsReview(.outcomeUnknown))
    }

    @Test func withoutAnAppendPeriodEachEventCreatesATicket() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        for number in 1...3 { _ = try await fixture.job("\(number)") }
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 3)
        #expect(fixture.psa.state.reads == 0)
    }

    private static func fixture() async throws -> OutboxFixture {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule(appendMinutes: 60)
        return fixture
    }
}
