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

@Suite("What waited before the process started") struct StartupVerificationTests {
    /// Five items of which the PSA has the first three, as after a backup was put back that was made before they were sent.
    private static func restored(_ habits: (inout Desk.Habits) -> Void = { _ in }) async throws -> (OutboxFixture, [TicketJob]) {
        var bed = try await OutboxFixture()
        _ = try await bed.rule()
        var jobs: [TicketJob] = []
        for number in 1...5 { jobs.append(try await bed.job("\(number)", device: "SRV-\(number)")) }
        for job in jobs.prefix(3) {
            let number = bed.desk.kept.tickets.count + 1
            var ticket = Ticket(id: Ticket.ID(number), number: "\(number)", summary: job.payload.summary, native: .none)
            ticket.externalReference = job.reference.rawValue
            ticket.details = job.payload.details + TicketWriter.reference(job.reference)
            ticket.createdAt = bed.time.now
            bed.desk.change { $0.tickets.append(ticket) }
        }
        bed.desk.behave(habits)
        bed.startup = StartupVerification(latest: try await bed.storage.engine.latestJob())
        return (bed, jobs)
    }

    @Test(arguments: [true, false], [true, false]) func isLookedForOnceBeforeItIsSent(findsReferences: Bool, rowsAreComplete: Bool)
        async throws
    {
        let (bed, jobs) = try await Self.restored {
            $0.findsReferences = findsReferences
            $0.rowsAreComplete = rowsAreComplete
        }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 5)
        #expect(bed.desk.kept.writes == 2)
        for job in jobs {
            let after = try await bed.now(job)
            #expect(after.state.name == .created)
            #expect(after.remark.isEmpty == (jobs.firstIndex(of: job) ?? 0 >= 3), "What was found says so.")
        }
    }

    @Test func isSentWithoutASearchIfItCameAfterTheStart() async throws {
        let (bed, _) = try await Self.restored()
        await bed.work()
        let searches = bed.desk.kept.searches
        _ = try await bed.job("6", device: "SRV-6")
        await bed.work()
        #expect(bed.desk.kept.searches == searches)
        #expect(bed.desk.kept.tickets.count == 6)
    }

    @Test func waitsWhileItCannotBeLookedFor() async throws {
        let (bed, jobs) = try await Self.restored { $0.beforeSearching = { throw refused } }
        await bed.work()
        #expect(bed.desk.kept.writes == 0)
        #expect(try await bed.now(jobs[0]).state == .waiting)
        #expect(try await bed.now(jobs[0]).cause?.code == .networkRefused)
        bed.desk.behave { $0.beforeSearching = {} }
        try await bed.work(rounds: 10)
        #expect(bed.desk.kept.tickets.count == 5)
    }

    @Test func isHeldForAPersonIfTheSearchProvesNothing() async throws {
        let (bed, jobs) = try await Self.restored {
            $0.findsReferences = false
            $0.returnsReferences = false
        }
        // Stored by the earlier process without any reference: nobody can tell whose it is.
        bed.desk.change { kept in
            kept.tickets = kept.tickets.map { ticket in
                var bare = ticket
                (bare.details, bare.externalReference) = (nil, nil)
                return bare
            }
        }
        try await bed.work(rounds: 3)
        #expect(bed.desk.kept.writes == 0)
        #expect(try await bed.now(jobs[0]).state == .needsReview(.notVerified))
        let rule = try #require(try await bed.storage.rule(jobs[0].rule ?? RuleID()))
        bed.time.advance(by: 1)
        _ = try await bed.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await bed.work()
        #expect(bed.desk.kept.writes == 5, "A person has said so.")
    }

    @Test func isFoundAsANoteOnTheTicketItWasAddedTo() async throws {
        var bed = try await OutboxFixture()
        _ = try await bed.rule(appendMinutes: 60)
        _ = try await bed.job("1")
        await bed.work()
        let second = try await bed.job("2")
        bed.desk.change { kept in
            kept.notes = [
                TicketNote(
                    id: TicketNote.ID(1), ticket: Ticket.ID(1_000), author: .unknown(name: nil),
                    text: "x" + TicketWriter.reference(second.reference), visibility: .staffOnly, native: .none)
            ]
        }
        bed.startup = StartupVerification(latest: try await bed.storage.engine.latestJob())
        await bed.work()
        #expect(try await bed.now(second).state.name == .appended)
        #expect(bed.desk.kept.notes.count == 1 && bed.desk.kept.tickets.count == 1)
    }
}
