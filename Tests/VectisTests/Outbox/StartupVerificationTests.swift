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

@Suite("Verification after a start") struct StartupVerificationTests {
    /// Five items of which the PSA has the first three, as after restoring a backup from before they were sent.
    private static func restored(_ behavior: (inout FakePSA.Behavior) -> Void = { _ in }) async throws -> (OutboxFixture, [TicketJob]) {
        var fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        var jobs: [TicketJob] = []
        for number in 1...5 { jobs.append(try await fixture.job("\(number)", device: "SRV-\(number)")) }
        for job in jobs.prefix(3) {
            let number = fixture.psa.state.tickets.count + 1
            var ticket = Ticket(id: Ticket.ID(number), number: "\(number)", summary: job.payload.summary, native: .none)
            ticket.externalReference = job.reference.rawValue
            ticket.details = job.payload.details + TicketWriter.reference(job.reference)
            ticket.createdAt = fixture.time.now
            fixture.psa.change { $0.tickets.append(ticket) }
        }
        fixture.psa.behave(behavior)
        fixture.startup = StartupVerification(latest: try await fixture.storage.engine.latestJob())
        return (fixture, jobs)
    }

    @Test(arguments: [true, false], [true, false]) func isSearchedOnceBeforeItIsSent(findsReferences: Bool, rowsAreComplete: Bool)
        async throws
    {
        let (fixture, jobs) = try await Self.restored {
            $0.findsReferences = findsReferences
            $0.rowsAreComplete = rowsAreComplete
        }
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 5)
        #expect(fixture.psa.state.writes == 2)
        for job in jobs {
            let after = try await fixture.now(job)
            #expect(after.state.name == .created)
            #expect(after.remark.isEmpty == (jobs.firstIndex(of: job) ?? 0 >= 3), "What was found says so.")
        }
    }

    @Test func isSentWithoutASearchIfItCameAfterTheStart() async throws {
        let (fixture, _) = try await Self.restored()
        await fixture.work()
        let searches = fixture.psa.state.searches
        _ = try await fixture.job("6", device: "SRV-6")
        await fixture.work()
        #expect(fixture.psa.state.searches == searches)
        #expect(fixture.psa.state.tickets.count == 6)
    }

    @Test func waitsWhileSearchingIsImpossible() async throws {
        let (fixture, jobs) = try await Self.restored { $0.beforeSearching = { throw connectionRefused } }
        await fixture.work()
        #expect(fixture.psa.state.writes == 0)
        #expect(try await fixture.now(jobs[0]).state == .waiting)
        #expect(try await fixture.now(jobs[0]).cause?.code == .networkRefused)
        fixture.psa.behave { $0.beforeSearching = {} }
        try await fixture.work(rounds: 10)
        #expect(fixture.psa.state.tickets.count == 5)
    }

    @Test func needsReviewIfTheSearchProvesNothing() async throws {
        let (fixture, jobs) = try await Self.restored {
            $0.findsReferences = false
            $0.returnsReferences = false
        }
        // Stored by the earlier process without a reference: its origin can't be determined.
        fixture.psa.change { state in
            state.tickets = state.tickets.map { ticket in
                var bare = ticket
                (bare.details, bare.externalReference) = (nil, nil)
                return bare
            }
        }
        try await fixture.work(rounds: 3)
        #expect(fixture.psa.state.writes == 0)
        #expect(try await fixture.now(jobs[0]).state == .needsReview(.notVerified))
        let rule = try #require(try await fixture.storage.rule(jobs[0].rule ?? RuleID()))
        fixture.time.advance(by: 1)
        _ = try await fixture.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await fixture.work()
        #expect(fixture.psa.state.writes == 5, "A person has said so.")
    }

    @Test func isFoundAsANoteOnTheTicketItWasAddedTo() async throws {
        var fixture = try await OutboxFixture()
        _ = try await fixture.rule(appendMinutes: 60)
        _ = try await fixture.job("1")
        await fixture.work()
        let second = try await fixture.job("2")
        fixture.psa.change { state in
            state.notes = [
                TicketNote(
                    id: TicketNote.ID(1), ticket: Ticket.ID(1_000), author: .unknown(name: nil),
                    text: "x" + TicketWriter.reference(second.reference), visibility: .staffOnly, native: .none)
            ]
        }
        fixture.startup = StartupVerification(latest: try await fixture.storage.engine.latestJob())
        await fixture.work()
        #expect(try await fixture.now(second).state.name == .appended)
        #expect(fixture.psa.state.notes.count == 1 && fixture.psa.state.tickets.count == 1)
    }
}
