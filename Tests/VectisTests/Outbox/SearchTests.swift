import FoundationEssentials
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Searching for writes of unknown outcome") struct SearchTests {
    @Test func aTicketOfUnknownOutcomeIsAdoptedAtTheFirstSearch() async throws {
        let (fixture, job) = try await Self.fixture { $0.afterStoring = { _ in throw outcomeUnknown } }
        await fixture.work(4)
        #expect(try await fixture.now(job).state == .unknown)
        await fixture.work(1)
        #expect(try await fixture.now(job).state.ticket?.number == "T1000")
        #expect(fixture.psa.state.tickets.count == 1)
        #expect(try await fixture.log(.ticketCreated).map(\.outcome) == [.done, .unknown])
        #expect(try await fixture.storage.issues(of: nil).allSatisfy { $0.resolvedAt != nil })
    }

    @Test func itIsSearchedThreeTimesAndThenSentAgainWithTheSameReference() async throws {
        let (fixture, job) = try await Self.fixture { $0.beforeStoring = { number in if number == 1 { throw outcomeUnknown } } }
        for (seconds, searchAttempts) in [(5.0, 1), (30, 2)] {
            await fixture.work(seconds - 0.1)
            #expect(fixture.psa.state.searches == searchAttempts - 1)
            await fixture.work(0.1)
            #expect(try await fixture.now(job).state == .unknown)
            #expect(fixture.psa.state.searches == searchAttempts)
        }
        #expect(fixture.psa.state.writes == 1)
        await fixture.work(120)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.drafts.map(\.externalReference) == [job.reference.rawValue])
        #expect(fixture.psa.state.writes == 2)
    }

    @Test func anUnfinishedSearchIsRepeated() async throws {
        let (fixture, job) = try await Self.fixture {
            $0.afterStoring = { _ in throw outcomeUnknown }
            $0.findsReferences = false
            $0.beforeReading = { throw connectionRefused }
        }
        await fixture.work(5)
        fixture.psa.behave {
            $0.findsReferences = true
            $0.beforeReading = {}
        }
        try await fixture.work(rounds: 1)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.writes == 1)
    }

    @Test func aJobWithUnknownOutcomesNeedsReviewAfterThreeSends() async throws {
        let (fixture, job) = try await Self.fixture { $0.beforeStoring = { _ in throw outcomeUnknown } }
        try await fixture.work(rounds: 20)
        // Nine searches have proven that none of the three was executed.
        let held = try await fixture.now(job)
        #expect(held.state == .needsReview(.notExecuted))
        #expect(fixture.psa.state.writes == 3)
        #expect(try await fixture.storage.issues(of: nil).map(\.code) == [.writeOutcomeUnknown])
        // Before it is sent once more, the PSA is searched again.
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        let jobs = JobService(storage: fixture.storage, connections: fixture.connections, time: fixture.time.source, wake: {})
        let searches = fixture.psa.state.searches
        try await jobs.decide(
            held, .resend, seen: nil, by: RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: ""))
        try await fixture.work(rounds: 1)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.searches > searches)
    }

    @Test func aFailedSearchProvesNothingAndIsNotCounted() async throws {
        let (fixture, job) = try await Self.fixture {
            $0.beforeStoring = { _ in throw outcomeUnknown }
            $0.beforeSearching = { throw connectionRefused }
        }
        try await fixture.work(rounds: 8)
        let after = try await fixture.now(job)
        #expect(after.state == .unknown && after.searchAttempts == 0)
        #expect(fixture.psa.state.writes == 1)
        // The audit log has one entry for the unknown outcome, and the issue names what prevents the search.
        #expect(try await fixture.log(.ticketCreated).count == 1)
        #expect(try await fixture.storage.issues(of: nil).contains { $0.code == .networkRefused && $0.count == 8 })
    }

    @Test func jobsThatCanNotBeSearchedForTwoDaysNeedReview() async throws {
        let (fixture, job) = try await Self.fixture {
            $0.beforeStoring = { _ in throw outcomeUnknown }
            $0.beforeSearching = { throw connectionRefused }
        }
        await fixture.work(48 * 3_600 + 1)
        #expect(try await fixture.now(job).state == .needsReview(.outcomeUnknown))
    }

    @Test func moreThanOneFoundTicketIsReported() async throws {
        let (fixture, job) = try await Self.fixture { $0.afterStoring = { _ in throw outcomeUnknown } }
        fixture.psa.change { state in
            var twin = state.tickets[0]
            twin.id = Ticket.ID(77)
            twin.number = "T77"
            twin.createdAt = Date.distantPast
            state.tickets.append(twin)
        }
        await fixture.work(5)
        #expect(try await fixture.now(job).state.ticket?.number == "T77")
        #expect(try await fixture.log(.ticketCreated).first?.detail.contains("more than once: T1000") ?? false)
    }

    @Test(arguments: [true, false], [true, false])
    func anEmptySearchIsNotTrustedWhenTheTicketIsAmongTheLatest(rowsAreComplete: Bool, hasFoundBefore: Bool) async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        // It was seen to find references once, so that the text carries no line; then it stops.
        if hasFoundBefore { try await fixture.storage.engine.setFindsReferences(true, fixture.connection.id) }
        fixture.psa.behave {
            $0.findsReferences = false
            $0.rowsAreComplete = rowsAreComplete
            $0.afterStoring = { _ in throw outcomeUnknown }
        }
        let job = try await fixture.job("1")
        await fixture.work()
        try await fixture.work(rounds: 3)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.writes == 1)
        #expect(fixture.psa.state.drafts.first?.details?.contains(job.reference.rawValue) == !hasFoundBefore)
    }

    @Test func withoutReferencesThePSAIsSearchedByTheLineInTheText() async throws {
        let (fixture, job) = try await Self.fixture {
            $0.findsReferences = false
            $0.returnsReferences = false
            $0.afterStoring = { _ in throw outcomeUnknown }
        }
        await fixture.work(5)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.writes == 1)
    }

    @Test func manyTicketsAreOpenedAFewAtATimeAndEachOnce() async throws {
        let (fixture, job) = try await Self.fixture {
            $0.findsReferences = false
            $0.rowsAreComplete = false
            $0.beforeStoring = { _ in throw outcomeUnknown }
        }
        fixture.psa.change { state in
            state.tickets = (0..<250).map { number in
                var ticket = Ticket(id: Ticket.ID(number + 1), number: "\(number)", summary: "Printer \(number)", native: .none)
                ticket.details = "It is out of toner."
                ticket.createdAt = job.createdAt
                return ticket
            }
        }
        for round in 1...3 {
            await fixture.work(5)
            #expect(try await fixture.now(job).state == .unknown)
            #expect(fixture.psa.state.reads == min(round * 100, 250))
        }
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        try await fixture.work(rounds: 4)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.reads == 250)
    }

    @Test(arguments: [
        "Backup of SRV-1 failed", "BACKUP OF SRV-1 FAILED\u{3000}", "Backup of SRV", "Backup&nbsp;of SRV\u{2011}1  failed", "",
    ])
    func aTicketWithoutReferenceAndWithASimilarSummaryNeedsReview(subject: String) async throws {
        let (fixture, job) = try await Self.fixture {
            $0.findsReferences = false
            $0.rowsAreComplete = false
            $0.beforeStoring = { _ in throw outcomeUnknown }
        }
        fixture.psa.change { state in
            var ticket = Ticket(id: Ticket.ID(7), number: "7", summary: subject, native: .none)
            ticket.details = "The disk is full."
            ticket.createdAt = job.createdAt
            state.tickets = [ticket]
        }
        try await fixture.work(rounds: 6)
        #expect(try await fixture.now(job).state == .needsReview(.outcomeUnknown))
        #expect(fixture.psa.state.writes == 1)
    }

    @Test func aTicketWithoutTextAndReferenceNeedsReview() async throws {
        let (fixture, job) = try await Self.fixture {
            $0.findsReferences = false
            $0.beforeStoring = { _ in throw outcomeUnknown }
        }
        fixture.psa.change { state in
            var ticket = Ticket(id: Ticket.ID(7), number: "7", summary: "No subject", native: .none)
            ticket.createdAt = job.createdAt
            state.tickets = [ticket]
        }
        try await fixture.work(rounds: 6)
        #expect(try await fixture.now(job).state == .needsReview(.outcomeUnknown))
    }

    @Test(arguments: [-47.0, -26, -1, 0, 1, 26, 47]) func aClockThatIsHoursOffHidesNoTicket(hours: Double) async throws {
        let (fixture, job) = try await Self.fixture {
            $0.findsReferences = false
            $0.rowsAreComplete = false
            $0.afterStoring = { _ in throw outcomeUnknown }
        }
        fixture.psa.change { $0.tickets[0].createdAt = job.createdAt + hours * 3_600 }
        try await fixture.work(rounds: 3)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.writes == 1)
    }

    @Test func aJobCreatedWhileTheClockWasDaysAheadHidesNoTicket() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave {
            $0.findsReferences = false
            $0.afterStoring = { _ in throw outcomeUnknown }
        }
        let ahead: TimeInterval = 5 * 86_400
        fixture.time.adjustWallClock(by: ahead)
        let job = try await fixture.job("1")
        fixture.time.adjustWallClock(by: -ahead)
        try await fixture.work(rounds: 4)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.writes == 1)
    }

    @Test func theReferenceLineStaysUntilSearchingByReferenceIsVerified() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        for number in 1...3 {
            _ = try await fixture.job("\(number)")
            await fixture.work()
        }
        #expect(fixture.psa.state.drafts.map { $0.details?.contains("Reference: ") } == [true, false, false])
        #expect(fixture.psa.state.searches == 1)
    }

    @Test func aReturnedReferenceDoesNotProveThatTheSearchWorks() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.findsReferences = false }
        for number in 1...3 {
            _ = try await fixture.job("\(number)")
            await fixture.work()
        }
        #expect(fixture.psa.state.drafts.map { $0.details?.contains("Reference: ") } == [true, true, true])
        #expect(fixture.psa.state.searches == 1)
    }

    @Test func aConnectionMovedToAnotherTenantVerifiesItsSearchAgain() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.storage.engine.setFindsReferences(true, fixture.connection.id)
        var moved = fixture.connection
        moved.revision += 1
        try await fixture.storage.replace(moved, audit: .outbox(.connectionChanged))
        #expect(try await fixture.storage.engine.findsReferences(moved.id) == true)
        moved.revision += 1
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        try await fixture.storage.replace(moved, audit: .outbox(.connectionChanged))
        #expect(try await fixture.storage.engine.findsReferences(moved.id) == nil)
    }

    @Test func anEventIsNotAppendedToATicketOfAnotherTenant() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule(appendMinutes: 60)
        let first = try await fixture.job("1")
        await fixture.work()
        let second = try await fixture.job("2")
        await fixture.work()
        #expect(try await fixture.now(first).state.name == .created)
        #expect(try await fixture.now(second).state.name == .appended)
        try await fixture.leadElsewhere()
        let third = try await fixture.job("3")
        await fixture.work()
        #expect(try await fixture.now(third).state.name == .created)
    }

    @Test func aTicketOfAFormerTenantIsNotTakenForOneOfThePresent() async throws {
        let (fixture, job) = try await Self.fixture { $0.afterStoring = { _ in throw PSAError(.writeOutcomeUnknown) } }
        try await fixture.leadElsewhere()
        fixture.psa.behave { $0.afterStoring = { _ in } }
        await fixture.work(60)
        let held = try await fixture.now(job)
        #expect(held.state == .needsReview(.outcomeUnknown))
        let jobs = JobService(storage: fixture.storage, connections: fixture.connections, time: fixture.time.source, wake: {})
        let origin = RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: "")
        let refusal = await #expect(throws: PSAError.self) { try await jobs.decide(held, .adopt(Ticket.ID(1)), seen: nil, by: origin) }
        #expect(refusal?.code == .ticketNotWritable)
        #expect(try await fixture.now(job).state == .needsReview(.outcomeUnknown))
    }

    @Test func referencesAreUnique() {
        let markers = Set((0..<10_000).map { _ in WriteReference().rawValue })
        #expect(markers.count == 10_000)
        #expect(markers.allSatisfy { $0.hasPrefix("vectis-") && $0.utf8.count >= 31 })
    }

    /// A fixture with one job that was sent once.
    private static func fixture(_ behavior: (inout FakePSA.Behavior) -> Void) async throws -> (OutboxFixture, TicketJob) {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave(behavior)
        let job = try await fixture.job("1")
        await fixture.work()
        return (fixture, job)
    }
}

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
        try await fixture.restart()
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

    @Test func isSearchedWhenAPersonReleasesItForAnotherReason() async throws {
        let (fixture, jobs) = try await Self.restored()
        await fixture.work(49 * 3_600)
        for job in jobs { #expect(try await fixture.now(job).state == .needsReview(.tooOld)) }
        let rule = try #require(try await fixture.storage.rule(jobs[0].rule ?? RuleID()))
        _ = try await fixture.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await fixture.work()
        for job in jobs { #expect(try await fixture.now(job).state.name == .created) }
        #expect(fixture.psa.state.writes == 2)
        #expect(fixture.psa.state.tickets.count == 5)
        #expect(fixture.psa.state.searches == 5, "Each job once.")
    }

    @Test func aReleaseFromBeforeTheStartIsNoProof() async throws {
        var fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        fixture.psa.behave { $0.findsReferences = false }
        fixture.psa.change { state in
            var bare = Ticket(id: Ticket.ID(7), number: "7", summary: job.payload.summary, native: .none)
            bare.createdAt = job.createdAt
            state.tickets = [bare]
        }
        try await fixture.restart()
        await fixture.work()
        #expect(try await fixture.now(job).state == .needsReview(.notVerified))
        let rule = try #require(try await fixture.storage.rule(job.rule ?? RuleID()))
        for writes in [0, 1] {
            fixture.time.advance(by: 1)
            _ = try await fixture.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
            // A backup that contains the first decision is restored: the job may have been sent after it.
            if writes == 0 { try await fixture.restart() }
            await fixture.work(1)
            #expect(fixture.psa.state.writes == writes)
        }
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
        try await fixture.restart()
        await fixture.work()
        #expect(try await fixture.now(second).state.name == .appended)
        #expect(fixture.psa.state.notes.count == 1 && fixture.psa.state.tickets.count == 1)
    }
}
