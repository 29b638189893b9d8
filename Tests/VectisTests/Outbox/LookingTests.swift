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

@Suite("Looking for writes of unknown outcome") struct LookingTests {
    @Test func aTicketWhoseAnswerWasLostIsAdoptedAtTheFirstLook() async throws {
        let (bed, job) = try await Self.bed { $0.afterStoring = { _ in throw lost } }
        await bed.work(4)
        #expect(try await bed.now(job).state == .unknown)
        await bed.work(1)
        #expect(try await bed.now(job).state.ticket?.number == "T1000")
        #expect(bed.desk.kept.tickets.count == 1)
        #expect(try await bed.log(.ticketCreated).map(\.outcome) == [.done, .unknown])
        #expect(try await bed.storage.issues(of: nil).allSatisfy { $0.resolvedAt != nil })
    }

    @Test func itIsLookedForThreeTimesAndThenSentAgainWithTheSameMarker() async throws {
        let (bed, job) = try await Self.bed { $0.beforeStoring = { number in if number == 1 { throw lost } } }
        for (seconds, searchAttempts) in [(5.0, 1), (30, 2)] {
            await bed.work(seconds - 0.1)
            #expect(bed.desk.kept.searches == searchAttempts - 1)
            await bed.work(0.1)
            #expect(try await bed.now(job).state == .unknown)
            #expect(bed.desk.kept.searches == searchAttempts)
        }
        #expect(bed.desk.kept.writes == 1)
        await bed.work(120)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.drafts.map(\.externalReference) == [job.reference.rawValue])
        #expect(bed.desk.kept.writes == 2)
    }

    @Test func aLookThatCouldNotBeFinishedIsMadeAgain() async throws {
        let (bed, job) = try await Self.bed {
            $0.afterStoring = { _ in throw lost }
            $0.findsReferences = false
            $0.beforeReading = { throw refused }
        }
        await bed.work(5)
        bed.desk.behave {
            $0.findsReferences = true
            $0.beforeReading = {}
        }
        try await bed.work(rounds: 1)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.writes == 1)
    }

    @Test func whatIsLostAgainAndAgainGoesToAPersonAfterThreeSends() async throws {
        let (bed, job) = try await Self.bed { $0.beforeStoring = { _ in throw lost } }
        try await bed.work(rounds: 20)
        #expect(try await bed.now(job).state == .needsReview(.outcomeUnknown))
        #expect(bed.desk.kept.writes == 3)
        #expect(try await bed.storage.issues(of: nil).map(\.code) == [.writeOutcomeUnknown])
    }

    @Test func aLookThatFailsTellsNothingAndDoesNotCount() async throws {
        let (bed, job) = try await Self.bed {
            $0.beforeStoring = { _ in throw lost }
            $0.beforeSearching = { throw refused }
        }
        try await bed.work(rounds: 8)
        let after = try await bed.now(job)
        #expect(after.state == .unknown && after.searchAttempts == 0)
        #expect(bed.desk.kept.writes == 1)
        // The audit log tells once that the outcome is unknown, and the issue what is in the way of looking.
        #expect(try await bed.log(.ticketCreated).count == 1)
        #expect(try await bed.storage.issues(of: nil).contains { $0.code == .networkRefused && $0.count == 8 })
    }

    @Test func whatCanNotBeLookedForInTwoDaysGoesToAPerson() async throws {
        let (bed, job) = try await Self.bed {
            $0.beforeStoring = { _ in throw lost }
            $0.beforeSearching = { throw refused }
        }
        await bed.work(48 * 3_600 + 1)
        #expect(try await bed.now(job).state == .needsReview(.outcomeUnknown))
    }

    @Test func moreThanOneTicketIsNotKeptSecret() async throws {
        let (bed, job) = try await Self.bed { $0.afterStoring = { _ in throw lost } }
        bed.desk.change { kept in
            var twin = kept.tickets[0]
            twin.id = Ticket.ID(77)
            twin.number = "T77"
            twin.createdAt = Date.distantPast
            kept.tickets.append(twin)
        }
        await bed.work(5)
        #expect(try await bed.now(job).state.ticket?.number == "T77")
        #expect(try await bed.log(.ticketCreated).first?.detail.contains("more than once: T1000") ?? false)
    }

    @Test(arguments: [true, false], [true, false])
    func aFilterThatFindsNothingIsNoProofWhereTheTicketIsAmongTheLatest(rowsAreComplete: Bool, hasFoundBefore: Bool) async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        // It was seen to find references once, so that the text carries no line; then it stops.
        if hasFoundBefore { try await bed.storage.engine.setFindsReferences(true, bed.connection.id) }
        bed.desk.behave {
            $0.findsReferences = false
            $0.rowsAreComplete = rowsAreComplete
            $0.afterStoring = { _ in throw lost }
        }
        let job = try await bed.job("1")
        await bed.work()
        try await bed.work(rounds: 3)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.writes == 1)
        #expect(bed.desk.kept.drafts.first?.details?.contains(job.reference.rawValue) == !hasFoundBefore)
    }

    @Test func aPSAThatKeepsNoReferencesIsSearchedByTheLineInTheText() async throws {
        let (bed, job) = try await Self.bed {
            $0.findsReferences = false
            $0.returnsReferences = false
            $0.afterStoring = { _ in throw lost }
        }
        await bed.work(5)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.writes == 1)
    }

    @Test func manyTicketsAreOpenedAFewAtATimeAndEachOnce() async throws {
        let (bed, job) = try await Self.bed {
            $0.findsReferences = false
            $0.rowsAreComplete = false
            $0.beforeStoring = { _ in throw lost }
        }
        bed.desk.change { kept in
            kept.tickets = (0..<250).map { number in
                var ticket = Ticket(id: Ticket.ID(number + 1), number: "\(number)", summary: "Printer \(number)", native: .none)
                ticket.details = "It is out of toner."
                ticket.createdAt = job.createdAt
                return ticket
            }
        }
        for round in 1...3 {
            await bed.work(5)
            #expect(try await bed.now(job).state == .unknown)
            #expect(bed.desk.kept.reads == min(round * 100, 250))
        }
        bed.desk.behave { $0.beforeStoring = { _ in } }
        try await bed.work(rounds: 4)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.reads == 250)
    }

    @Test(arguments: [
        "Backup of SRV-1 failed", "BACKUP OF SRV-1 FAILED\u{3000}", "Backup of SRV", "Backup&nbsp;of SRV\u{2011}1  failed", "",
    ])
    func aTicketWithoutAnyReferenceWhoseSubjectIsAlikeGoesToAPerson(subject: String) async throws {
        let (bed, job) = try await Self.bed {
            $0.findsReferences = false
            $0.rowsAreComplete = false
            $0.beforeStoring = { _ in throw lost }
        }
        bed.desk.change { kept in
            var ticket = Ticket(id: Ticket.ID(7), number: "7", summary: subject, native: .none)
            ticket.details = "The disk is full."
            ticket.createdAt = job.createdAt
            kept.tickets = [ticket]
        }
        try await bed.work(rounds: 6)
        #expect(try await bed.now(job).state == .needsReview(.outcomeUnknown))
        #expect(bed.desk.kept.writes == 1)
    }

    @Test func aTicketWhoseTextAndReferenceAreGoneGoesToAPerson() async throws {
        let (bed, job) = try await Self.bed {
            $0.findsReferences = false
            $0.beforeStoring = { _ in throw lost }
        }
        bed.desk.change { kept in
            var ticket = Ticket(id: Ticket.ID(7), number: "7", summary: "No subject", native: .none)
            ticket.createdAt = job.createdAt
            kept.tickets = [ticket]
        }
        try await bed.work(rounds: 6)
        #expect(try await bed.now(job).state == .needsReview(.outcomeUnknown))
    }

    @Test(arguments: [-47.0, -26, -1, 0, 1, 26, 47]) func aClockThatIsHoursOffHidesNoTicket(hours: Double) async throws {
        let (bed, job) = try await Self.bed {
            $0.findsReferences = false
            $0.rowsAreComplete = false
            $0.afterStoring = { _ in throw lost }
        }
        bed.desk.change { $0.tickets[0].createdAt = job.createdAt + hours * 3_600 }
        try await bed.work(rounds: 3)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.writes == 1)
    }

    @Test func theLineStaysInTheTextUntilASearchWasSeenToFindAReference() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        for number in 1...3 {
            _ = try await bed.job("\(number)")
            await bed.work()
        }
        #expect(bed.desk.kept.drafts.map { $0.details?.contains("Reference: ") } == [true, false, false])
        #expect(bed.desk.kept.searches == 1)
    }

    @Test func thatTheAnswerReturnsTheReferenceProvesNothingOfTheSearch() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        bed.desk.behave { $0.findsReferences = false }
        for number in 1...3 {
            _ = try await bed.job("\(number)")
            await bed.work()
        }
        #expect(bed.desk.kept.drafts.map { $0.details?.contains("Reference: ") } == [true, true, true])
        #expect(bed.desk.kept.searches == 1)
    }

    @Test func aConnectionThatLeadsToAnotherTenantLearnsAnew() async throws {
        let bed = try await OutboxFixture()
        try await bed.storage.engine.setFindsReferences(true, bed.connection.id)
        var moved = bed.connection
        moved.revision += 1
        try await bed.storage.replace(moved, audit: .outbox(.connectionChanged))
        #expect(try await bed.storage.engine.findsReferences(moved.id) == true)
        moved.revision += 1
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        try await bed.storage.replace(moved, audit: .outbox(.connectionChanged))
        #expect(try await bed.storage.engine.findsReferences(moved.id) == nil)
    }

    @Test func markersAreNeverTheSame() {
        let markers = Set((0..<10_000).map { _ in WriteReference().rawValue })
        #expect(markers.count == 10_000)
        #expect(markers.allSatisfy { $0.hasPrefix("vectis-") && $0.utf8.count >= 31 })
    }

    /// A bed with one job that was sent once.
    private static func bed(_ habits: (inout Desk.Habits) -> Void) async throws -> (OutboxFixture, TicketJob) {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        bed.desk.behave(habits)
        let job = try await bed.job("1")
        await bed.work()
        return (bed, job)
    }
}
