import Foundation
import PSACore
import PSATesting
import Synchronization
import Testing

@testable import PSAEngine

/// How tickets are read one by one: what was hinted at, what a full run missed, and notes.
@Suite struct RereadTests {
    // MARK: Failures

    @Test func aTicketThatCannotBeReadDelaysNoOther() async throws {
        let fixture = try await SyncFixture(tickets: 10, companies: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { $0.ticketError = { $0 == 1 ? .vendorUnavailable : nil } }
        try await fixture.sync.readAgain((1...8).map { Ticket.ID($0) }, of: fixture.connection)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        for id in 2...8 { #expect(try await fixture.record(id)?.content["details"]?.string == "Details of \(id)", "ticket \(id)") }
        #expect(try await fixture.record(1)?.content["details"] == nil)
        // It alone is tried again later.
        fixture.psa.change { $0.ticketError = { _ in nil } }
        fixture.clock.advance(by: 61)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await fixture.record(1)?.content["details"]?.string == "Details of 1")
    }

    @Test func threeTicketsThatFailInARowDelayTheOthers() async throws {
        let fixture = try await SyncFixture(tickets: 10, companies: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { $0.ticketError = { _ in .vendorUnavailable } }
        try await fixture.sync.readAgain((1...8).map { Ticket.ID($0) }, of: fixture.connection)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(fixture.psa.requests("ticket") == 3)
        #expect(try await fixture.store.rereads(of: fixture.connection, now: fixture.clock.now, limit: 10).isEmpty)
        #expect(
            try await fixture.store.rereads(of: fixture.connection, now: fixture.clock.now.addingTimeInterval(61), limit: 10).count == 8)
    }

    @Test(arguments: [Reread.Reason.hint, .notes])
    func aTicketThatStaysUnreadableIsGivenUpWithAnIssueThatTheNextSuccessResolves(_ reason: Reread.Reason) async throws {
        let fixture = try await SyncFixture(tickets: 5, companies: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { $0.ticketError = { $0 == 1 ? .vendorUnavailable : nil } }
        try await fixture.store.enqueue([Reread(Ticket.ID(1), reason)], of: fixture.connection, at: fixture.clock.now)
        for _ in 0..<10 {
            try await fixture.sync.sync(fixture.connection, resources: [.companies])
            fixture.clock.advance(by: 16_000)
        }
        #expect(try await fixture.store.rereads(of: fixture.connection, now: fixture.clock.now, limit: 10).isEmpty)
        #expect(try await fixture.issues() == [.vendorUnavailable])
        fixture.psa.change { $0.ticketError = { _ in nil } }
        try await fixture.sync.readAgain([Ticket.ID(2)], of: fixture.connection)
        try await fixture.sync.sync(fixture.connection)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.issues().isEmpty)
    }

    @Test func refusedCredentialsAreTriedOnceInHalfAnHourAndBecomeAnIssue() async throws {
        let fixture = try await SyncFixture(tickets: 10, companies: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { $0.ticketError = { _ in .authInvalidClient } }
        try await fixture.sync.readAgain((1...8).map { Ticket.ID($0) }, of: fixture.connection)
        for _ in 0..<17 {
            try await fixture.sync.sync(fixture.connection, resources: [.companies])
            fixture.clock.advance(by: 100)
        }
        #expect(fixture.psa.requests("ticket") == 1)
        #expect(try await fixture.issues() == [.authInvalidClient])
        fixture.psa.change { $0.ticketError = { _ in nil } }
        fixture.clock.advance(by: 200)
        try await fixture.sync.sync(fixture.connection)
        #expect(fixture.psa.requests("ticket") == 9)
        #expect(try await fixture.issues().isEmpty)
    }

    // MARK: Turns

    @Test func aListThatIsDueDoesNotWaitForTicketsThatAreReadOneByOne() async throws {
        let fixture = try await SyncFixture(tickets: 40, companies: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.clock.advance(by: 3_600)
        try await fixture.store.enqueue((1...40).map { Reread(Ticket.ID($0), .notes) }, of: fixture.connection, at: fixture.clock.now)
        let before = fixture.psa.current.requests
        let notesBeforeTheList = Mutex<Int?>(nil)
        fixture.psa.change { state in
            state.afterRequest = { state, _ in
                guard (state.requests["companies"] ?? 0) > (before["companies"] ?? 0) else { return }
                notesBeforeTheList.withLock { $0 = $0 ?? state.requests["notes"] ?? 0 }
            }
        }
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(notesBeforeTheList.withLock { $0 } == before["notes"] ?? 0)
        #expect(fixture.psa.requests("notes") == (before["notes"] ?? 0) + 40)
    }

    @Test func ticketsThatWaitAreReadThoughAListTakesEveryTurn() async throws {
        // A request takes longer than a turn.
        let fixture = try await SyncFixture(tickets: 95, policy: SyncPolicy(turn: .milliseconds(100), notesDelay: .zero))
        try await fixture.sync.sync(fixture.connection)
        fixture.clock.advance(by: 90_000)
        try await fixture.store.enqueue((1...3).map { Reread(Ticket.ID($0), .notes) }, of: fixture.connection, at: fixture.clock.now)
        let before = fixture.psa.requests("tickets")
        let pagesBeforeTheLastNotes = Mutex(0)
        fixture.psa.change { state in
            state.afterRequest = { state, _ in
                guard state.requests["notes"] == 3 else { return }
                pagesBeforeTheLastNotes.withLock { if $0 == 0 { $0 = (state.requests["tickets"] ?? 0) - before } }
            }
        }
        try await fixture.sync.sync(fixture.connection, resources: [.tickets])
        #expect((1..<10).contains(pagesBeforeTheLastNotes.withLock { $0 }))
        #expect(try await fixture.status(.tickets).progress.lastRun?.kind == .full)
    }

    @Test func aSyncEndsOnceEveryMissingTicketIsDecidedOn() async throws {
        var policy = SyncPolicy(notesDelay: .zero)
        policy.maxRereadsPerTurn = 3
        let fixture = try await SyncFixture(tickets: 100, policy: policy)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { state in for id in 1...8 { state.change(id, fixture.clock.now) { $0.isHidden = true } } }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.status(.tickets).counts[.unreachable] == 8)
        #expect(try await fixture.status(.tickets).rows == 92)
    }

    @Test func aConnectionThatStaysDueBeginsThreeTurnsInASecond() throws {
        let (working, clock) = (WorkingConnections(), ManualClock())
        let id = try Sample.id("one")
        for _ in 0..<3 {
            #expect(working.begin([id], SyncPolicy(), now: clock.instant) == [id])
            working.end(id)
        }
        #expect(working.begin([id], SyncPolicy(), now: clock.instant).isEmpty && working.isResting([id], now: clock.instant))
        clock.advance(by: 1)
        #expect(!working.isResting([id], now: clock.instant))
        #expect(working.begin([id], SyncPolicy(), now: clock.instant) == [id])
    }

    // MARK: Content

    @Test func aDescriptionThatWasEmptiedIsNotKept() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        try await fixture.sync.sync(fixture.connection)
        for hasDetails in [true, false] {
            fixture.psa.change { $0.tickets[2]?.hasDetails = hasDetails }
            try await fixture.sync.readAgain([Ticket.ID(2)], of: fixture.connection)
            try await fixture.sync.sync(fixture.connection)
            #expect(try await fixture.record(2)?.content["details"]?.string == (hasDetails ? "Details of 2" : nil))
        }
    }
}
