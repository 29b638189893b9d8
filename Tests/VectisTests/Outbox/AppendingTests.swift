import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Notes on open tickets") struct AppendingTests {
    @Test func furtherEventsOfADeviceBecomeNotesOnItsOpenTicket() async throws {
        let bed = try await Self.bed()
        for number in 1...3 { _ = try await bed.job("\(number)") }
        _ = try await bed.job("4", device: "SRV-2")
        bed.desk.behave { $0.companies = [.sample(1, "Acme")] }
        _ = try await bed.job("5", company: "Acme")
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 3)
        #expect(bed.desk.kept.notes.map(\.ticket) == [Ticket.ID(1_000), Ticket.ID(1_000)])
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.created: 3, .appended: 2])
        #expect(try await bed.log(.noteAdded).count == 2)
    }

    @Test(arguments: [
        (Ticket.Phase.open, 59.0, 1), (.waiting, 59, 1), (.unknown, 59, 1), (.closed, 59, 0), (.open, 61, 0),
    ])
    func aNoteNeedsATicketThatIsOpenAndYoungEnough(phase: Ticket.Phase, minutes: TimeInterval, notes: Int) async throws {
        let bed = try await Self.bed()
        _ = try await bed.job("1")
        await bed.work()
        bed.desk.change { $0.tickets[0].phase = phase }
        bed.time.advance(by: minutes * 60)
        _ = try await bed.job("2")
        await bed.work()
        #expect(bed.desk.kept.notes.count == notes)
        #expect(bed.desk.kept.tickets.count == 2 - notes)
    }

    @Test func aTicketThatWasRemovedIsReplacedByANewOne() async throws {
        let bed = try await Self.bed()
        _ = try await bed.job("1")
        await bed.work()
        bed.desk.change { $0.tickets = [] }
        let second = try await bed.job("2")
        await bed.work()
        #expect(try await bed.now(second).state.name == .created)
    }

    @Test func aFiringWaitsUntilTheOneBeforeItHasSettled() async throws {
        let bed = try await Self.bed()
        bed.desk.behave { $0.beforeStoring = { number in if number == 1 { throw lost } } }
        let jobs = [try await bed.job("1"), try await bed.job("2")]
        await bed.work()
        #expect(try await bed.now(jobs[0]).state == .unknown)
        #expect(try await bed.now(jobs[1]).state == .waiting)
        #expect(try await bed.now(jobs[1]).attempts == 0)
        try await bed.work(rounds: 40)
        #expect(try await bed.now(jobs[0]).state.name == .created)
        #expect(try await bed.now(jobs[1]).state.name == .appended)
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func whatAPersonHasToDecideHoldsUpNobody() async throws {
        let bed = try await Self.bed()
        bed.desk.behave { $0.beforeStoring = { _ in throw lost } }
        _ = try await bed.job("1")
        try await bed.work(rounds: 20)
        bed.desk.behave { $0.beforeStoring = { _ in } }
        let second = try await bed.job("2")
        await bed.work()
        #expect(try await bed.now(second).state.name == .created)
    }

    @Test func aNoteWhoseAnswerWasLostIsFoundOnItsTicket() async throws {
        let bed = try await Self.bed()
        _ = try await bed.job("1")
        await bed.work()
        bed.desk.behave { $0.afterStoring = { _ in throw lost } }
        let second = try await bed.job("2")
        await bed.work()
        #expect(try await bed.now(second).state == .unknown)
        await bed.work(5)
        #expect(try await bed.now(second).state.name == .appended)
        #expect(bed.desk.kept.notes.count == 1)
    }

    @Test(arguments: [
        PSAError(.requestRejected), PSAError(.requestNotFound), PSAError(.ticketNotWritable), PSAError(.permissionActionDenied),
        PSAError(.ticketActionIncomplete), PSAError(.configInvalidField),
    ])
    func aNoteThatIsRefusedBecomesATicketAndPausesNoRule(error: PSAError) async throws {
        let bed = try await Self.bed()
        _ = try await bed.job("1")
        await bed.work()
        bed.desk.behave { $0.beforeStoring = { number in if number == 2 { throw error } } }
        let second = try await bed.job("2")
        let third = try await bed.job("3", device: "SRV-9")
        try await bed.work(rounds: 4)
        #expect(try await bed.now(second).state.name == .created)
        #expect(try await bed.now(third).state.name == .created)
        #expect(bed.desk.kept.tickets.count == 3 && bed.desk.kept.notes.isEmpty)
        #expect(try await bed.storage.rule(second.rule ?? RuleID())?.pause == nil)
    }

    @Test(arguments: ["merged", "deleted", "moved", "gone", "forbidden"])
    func whatPeopleWillNotSeeGetsNoNoteButANewTicket(fate: String) async throws {
        let bed = try await Self.bed()
        _ = try await bed.job("1")
        await bed.work()
        bed.desk.change { kept in
            switch fate {
            case "merged": kept.tickets[0].mergedInto = Ticket.ID(4_711)
            case "deleted": kept.tickets[0].isDeleted = true
            case "moved": kept.tickets[0].company = Reference(Company.ID(9))
            case "gone": kept.tickets = []
            default: kept.habits.beforeReading = { throw PSAError(.permissionRoleDenied) }
            }
        }
        let second = try await bed.job("2")
        await bed.work()
        #expect(try await bed.now(second).state.name == .created)
        #expect(bed.desk.kept.notes.isEmpty)
    }

    @Test func equalDevicesOfTwoCompaniesShareNoTicket() async throws {
        let bed = try await Self.bed()
        bed.desk.behave { $0.companies = [.sample(3, "Acme"), .sample(4, "Bolt")] }
        for (number, id) in ["3", "4", "3", "4"].enumerated() {
            var event = HostEvent.sample(
                senderID: "\(number)", company: "", device: number < 2 ? "SRV-01" : " srv-01\u{A0}", at: bed.time.now,
                receivedAt: bed.time.now)
            event.companyID = id
            _ = try await bed.events.accept(event)
        }
        await bed.work()
        #expect(bed.desk.kept.drafts.map(\.company) == [Company.ID(3), Company.ID(4)])
        #expect(bed.desk.kept.notes.map(\.ticket) == [Ticket.ID(1_000), Ticket.ID(1_001)])
    }

    @Test func oneCompanyNamedAndGivenByItsIDIsTheSame() async throws {
        let bed = try await Self.bed()
        bed.desk.behave { $0.companies = [.sample(3, "Acme & Sons")] }
        for (number, (id, name)) in [("3", ""), ("", "ACME &amp; Sons"), ("3", "Acme")].enumerated() {
            var event = HostEvent.sample(senderID: "\(number)", company: name, device: "SRV-01", at: bed.time.now, receivedAt: bed.time.now)
            event.companyID = id
            _ = try await bed.events.accept(event)
        }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 1 && bed.desk.kept.notes.count == 2)
    }

    @Test(arguments: [
        ("", "", "a", "b", 2), ("", "", "a", "a", 2), ("", "SRV-1", "a", "b", 2), ("", "SRV-1", "a", "a", 1), ("Who", "SRV-1", "a", "a", 2),
    ])
    func whatNamesNoKnownCompanyIsGroupedByDeviceAndSourceOrNotAtAll(
        company: String, device: String, first: String, second: String, tickets: Int
    ) async throws {
        let bed = try await Self.bed()
        for (number, source) in [first, second].enumerated() {
            var event = HostEvent.sample(
                senderID: "\(number)", company: company, device: device, at: bed.time.now, receivedAt: bed.time.now)
            event.source = source
            _ = try await bed.events.accept(event)
        }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == tickets)
        let unmatched = try await bed.storage.unmatchedCompanies(of: bed.connection.id)
        #expect(unmatched.count == (company.isEmpty ? 0 : 1), "What was not found is listed once.")
    }

    @Test func notesOfATicketThatIsGoneAreGoneAndTheEventGetsATicket() async throws {
        let bed = try await Self.bed()
        _ = try await bed.job("1")
        await bed.work()
        bed.desk.behave { $0.beforeStoring = { number in if number == 2 { throw lost } } }
        let second = try await bed.job("2")
        await bed.work()
        bed.desk.change { $0.tickets = [] }
        try await bed.work(rounds: 3)
        #expect(try await bed.now(second).state.name == .created)
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func aHistoryThatIsCutOffProvesNothing() async throws {
        let bed = try await Self.bed()
        for number in 1...2 { _ = try await bed.job("\(number)") }
        await bed.work()
        bed.desk.behave {
            $0.beforeStoring = { _ in throw lost }
            $0.notesAreCutOff = true
        }
        let third = try await bed.job("3")
        await bed.work()
        await bed.work(5)
        #expect(try await bed.now(third).state == .needsReview(.outcomeUnknown))
    }

    @Test func withoutATimeForNotesEachEventGetsATicket() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        for number in 1...3 { _ = try await bed.job("\(number)") }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 3)
        #expect(bed.desk.kept.reads == 0)
    }

    private static func bed() async throws -> OutboxFixture {
        let bed = try await OutboxFixture()
        _ = try await bed.rule(appendMinutes: 60)
        return bed
    }
}
