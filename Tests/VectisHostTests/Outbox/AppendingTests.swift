import FoundationEssentials
import PSACore
import Testing

@testable import VectisHost

@Suite("Notes on open tickets") struct AppendingTests {
    @Test func furtherEventsOfADeviceBecomeNotesOnItsOpenTicket() async throws {
        let bed = try await Self.bed()
        for number in 1...3 { _ = try await bed.firing("\(number)") }
        _ = try await bed.firing("4", device: "SRV-2")
        _ = try await bed.firing("5", company: "Acme")
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 3)
        #expect(bed.desk.kept.notes.map(\.ticket) == [Ticket.ID(1_000), Ticket.ID(1_000)])
        #expect(try await bed.storage.firingCounts(FiringFilter()) == ["created": 3, "appended": 2])
        #expect(try await bed.log(.noteAdded).count == 2)
    }

    @Test(arguments: [
        (Ticket.Phase.open, 59.0, 1), (.waiting, 59, 1), (.unknown, 59, 1), (.closed, 59, 0), (.open, 61, 0),
    ])
    func aNoteNeedsATicketThatIsOpenAndYoungEnough(phase: Ticket.Phase, minutes: TimeInterval, notes: Int) async throws {
        let bed = try await Self.bed()
        _ = try await bed.firing("1")
        await bed.work()
        bed.desk.change { $0.tickets[0].phase = phase }
        bed.time.advance(by: minutes * 60)
        _ = try await bed.firing("2")
        await bed.work()
        #expect(bed.desk.kept.notes.count == notes)
        #expect(bed.desk.kept.tickets.count == 2 - notes)
    }

    @Test func aTicketThatWasRemovedIsReplacedByANewOne() async throws {
        let bed = try await Self.bed()
        _ = try await bed.firing("1")
        await bed.work()
        bed.desk.change { $0.tickets = [] }
        let second = try await bed.firing("2")
        await bed.work()
        #expect(try await bed.now(second).state.name == "created")
    }

    @Test func aFiringWaitsUntilTheOneBeforeItHasSettled() async throws {
        let bed = try await Self.bed()
        bed.desk.behave { $0.beforeStoring = { number in if number == 1 { throw lost } } }
        let firings = [try await bed.firing("1"), try await bed.firing("2")]
        await bed.work()
        #expect(try await bed.now(firings[0]).state == .unknown)
        #expect(try await bed.now(firings[1]).state == .waiting)
        #expect(try await bed.now(firings[1]).attempts == 0)
        try await bed.work(rounds: 40)
        #expect(try await bed.now(firings[0]).state.name == "created")
        #expect(try await bed.now(firings[1]).state.name == "appended")
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func whatAPersonHasToDecideHoldsUpNobody() async throws {
        let bed = try await Self.bed()
        bed.desk.behave { $0.beforeStoring = { _ in throw lost } }
        _ = try await bed.firing("1")
        try await bed.work(rounds: 20)
        bed.desk.behave { $0.beforeStoring = { _ in } }
        let second = try await bed.firing("2")
        await bed.work()
        #expect(try await bed.now(second).state.name == "created")
    }

    @Test func aNoteWhoseAnswerWasLostIsFoundOnItsTicket() async throws {
        let bed = try await Self.bed()
        _ = try await bed.firing("1")
        await bed.work()
        bed.desk.behave { $0.afterStoring = { _ in throw lost } }
        let second = try await bed.firing("2")
        await bed.work()
        #expect(try await bed.now(second).state == .unknown)
        await bed.work(5)
        #expect(try await bed.now(second).state.name == "appended")
        #expect(bed.desk.kept.notes.count == 1)
    }

    /// The firing before it may change while it is looked for; the ticket it was sent to does not.
    @Test func aNoteIsLookedForOnTheTicketItWasSentToWhateverHappensToTheFiringBefore() async throws {
        let bed = try await Self.bed()
        _ = try await bed.firing("1")
        await bed.work()
        bed.desk.behave { $0.beforeStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) } }
        let second = try await bed.firing("2")
        await bed.work()
        #expect(try await bed.now(second).state.name == "failed")
        _ = try await bed.storage.resumeRefusedRules(of: bed.connection.id) { _ in .outbox(.ruleResumed) }
        bed.desk.behave {
            $0.beforeStoring = { _ in }
            $0.afterStoring = { _ in throw lost }
        }
        let third = try await bed.firing("3")
        await bed.work()
        // Now a person sends the second again, and it waits in front of the third.
        try await bed.storage.decide(
            second.id, from: "failed", to: Settlement(state: .waiting, attempts: 0, dueAt: bed.time.now + 9_999), at: bed.time.now)
        await bed.work(5)
        #expect(try await bed.now(third).state.name == "appended")
        #expect(bed.desk.kept.notes.count == 1)
    }

    @Test func notesOfATicketThatIsGoneAreGoneAndTheEventGetsATicket() async throws {
        let bed = try await Self.bed()
        _ = try await bed.firing("1")
        await bed.work()
        bed.desk.behave { $0.beforeStoring = { number in if number == 2 { throw lost } } }
        let second = try await bed.firing("2")
        await bed.work()
        bed.desk.change { $0.tickets = [] }
        try await bed.work(rounds: 3)
        #expect(try await bed.now(second).state.name == "created")
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func aHistoryThatIsCutOffProvesNothing() async throws {
        let bed = try await Self.bed()
        for number in 1...2 { _ = try await bed.firing("\(number)") }
        await bed.work()
        bed.desk.behave {
            $0.beforeStoring = { _ in throw lost }
            $0.notesAreCutOff = true
        }
        let third = try await bed.firing("3")
        await bed.work()
        await bed.work(5)
        #expect(try await bed.now(third).state == .undecided)
    }

    @Test func withoutATimeForNotesEachEventGetsATicket() async throws {
        let bed = try await OutboxBed()
        _ = try await bed.rule()
        for number in 1...3 { _ = try await bed.firing("\(number)") }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 3)
        #expect(bed.desk.kept.reads == 0)
    }

    private static func bed() async throws -> OutboxBed {
        let bed = try await OutboxBed()
        _ = try await bed.rule(appendMinutes: 60)
        return bed
    }
}
