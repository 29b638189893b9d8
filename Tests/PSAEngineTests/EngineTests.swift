import Foundation
import PSACore
import PSAEngine
import PSATesting
import Testing

/// Writes through an engine, each executed once.
@Suite("Engine: writes") struct EngineTests {
    /// The request left, and no answer came.
    private static let lost = PSAError(.writeOutcomeUnknown)

    @Test(arguments: WriteKind.allCases) func everyWriteIsExecutedOnce(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", kind.payload)
        #expect(try await fixture.enqueue("a", kind.payload) == id)
        #expect(try await fixture.job(id).state == .waiting)
        await fixture.work()
        #expect(try await fixture.job(id).state.name == kind.finalState)
        #expect(try await fixture.enqueue("a", kind.payload) == id)
        try await fixture.settle()
        #expect(fixture.psa.current.stored == [kind.rawValue])
    }

    @Test(arguments: WriteKind.allCases) func aLostAnswerIsSearchedForAndTheWriteAdopted(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.afterStoring = { throw Self.lost } }
        let id = try await fixture.enqueue("a", kind.payload)
        await fixture.work()
        #expect(try await fixture.job(id).state == .unknown)
        await fixture.work(after: 6)
        #expect(try await fixture.job(id).state.name == kind.finalState)
        #expect(fixture.psa.current.stored == [kind.rawValue])
    }

    @Test(arguments: WriteKind.allCases) func aLostRequestIsSentAgainOnceItIsProvenAbsent(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.beforeStoring = { throw Self.lost } }
        let id = try await fixture.enqueue("a", kind.payload)
        await fixture.work()
        #expect(try await fixture.job(id).state == .unknown)
        fixture.psa.behave { $0.beforeStoring = {} }
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == kind.finalState)
        #expect(fixture.psa.current.stored == [kind.rawValue])
        #expect(try await fixture.job(id).attempts == 2)
    }

    @Test(arguments: WriteKind.allCases) func aRefusedWriteFailsWithGuidance(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        let refusal = PSAError(.requestRejected, vendor: VendorReply(status: 400, message: "No."))
        fixture.psa.behave { $0.beforeStoring = { throw refusal } }
        let id = try await fixture.enqueue("a", kind.payload)
        try await fixture.settle()
        let job = try await fixture.job(id)
        guard case .failed(.requestRejected, let problem) = job.state else {
            Issue.record("\(job.state)")
            return
        }
        let root = try JSONDocument(Array(problem.utf8)).root
        #expect(root["code"]?.string == "request.rejected")
        #expect(fixture.psa.current.stored == [])
        // Released, it is searched for and sent.
        fixture.psa.behave { $0.beforeStoring = {} }
        try await fixture.engine.release(id)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == kind.finalState)
        #expect(fixture.psa.current.stored == [kind.rawValue])
    }

    @Test func aJobOfUnknownOutcomeIsSearchedForBeforeItIsReleased() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.afterStoring = { throw Self.lost } }
        let id = try await fixture.enqueue("a")
        await fixture.work()
        let job = try await fixture.job(id)
        try await fixture.engine.store.decide(
            id, from: .unknown, to: JobOutcome(state: .needsReview(.outcomeUnknown), attempts: job.attempts, dueAt: fixture.clock.now),
            at: fixture.clock.now)
        try await fixture.engine.release(id)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
        #expect(fixture.psa.current.stored == ["create"])
    }

    @Test func onlyAJobThatNeedsReviewOrHasFailedIsReleasedOrDropped() async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a")
        await #expect(throws: StoreError.stale) { try await fixture.engine.release(id) }
        await #expect(throws: StoreError.stale) { try await fixture.engine.drop(id) }
        await #expect(throws: StoreError.notFound) { try await fixture.engine.drop(TicketJob.ID(rawValue: 99)) }
        fixture.clock.advance(by: 49 * 3_600)
        await fixture.work()
        #expect(try await fixture.job(id).state == .needsReview(.tooOld))
        try await fixture.engine.release(id)
        await fixture.work()
        #expect(try await fixture.job(id).state.name == .created)
        let dropped = try await fixture.enqueue("b")
        fixture.clock.advance(by: 49 * 3_600)
        await fixture.work()
        try await fixture.engine.drop(dropped)
        try await fixture.settle()
        #expect(try await fixture.job(dropped).state == .dropped)
        #expect(fixture.psa.current.stored == ["create"])
    }

    /// Three days in seconds, by which the date jumps.
    private static let jump = 3.0 * 86_400

    @Test func aDateThatJumpsForwardMakesNoJobTooOld() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.beforeStoring = { throw PSAError(.rateLimited) } }
        let waiting = try await fixture.enqueue("a")
        await fixture.work()
        #expect(try await fixture.job(waiting).state == .waiting)
        fixture.psa.behave { $0.beforeStoring = { throw Self.lost } }
        let unknown = try await fixture.enqueue("b")
        await fixture.work()
        fixture.clock.adjustWallClock(by: Self.jump)
        fixture.psa.behave { $0.beforeStoring = { throw PSAError(.networkTimeout) } }
        await fixture.work()
        fixture.clock.adjustWallClock(by: -Self.jump)
        fixture.psa.behave { $0.beforeStoring = {} }
        try await fixture.settle()
        for id in [waiting, unknown] { #expect(try await fixture.job(id).state.name == .created) }
    }

    @Test func aJobOfADateThatWasWrongAtTheStartIsNotTooOldOnceTheDateIsSet() async throws {
        let fixture = try await EngineFixture()
        fixture.clock.advance(by: 60)
        let id = try await fixture.enqueue("a")
        fixture.clock.adjustWallClock(by: 400 * 86_400)
        await fixture.work()
        #expect(try await fixture.job(id).state.name == .created)
        // Jobs from after that get as old as the date says.
        let later = try await fixture.enqueue("b")
        fixture.clock.advance(by: 49 * 3_600)
        await fixture.work()
        #expect(try await fixture.job(later).state == .needsReview(.tooOld))
    }

    // MARK: Tickets that do not take a change

    @Test(arguments: ["closed", "deleted", "merged"]) func aNoteOnATicketThatDoesNotTakeItFailsWithoutARequest(_ cause: String) async throws
    {
        let fixture = try await EngineFixture()
        fixture.psa.change(Ticket.ID(1)) { ticket in
            switch cause {
            case "closed": ticket.phase = .closed
            case "deleted": ticket.isDeleted = true
            default: ticket.mergedInto = Ticket.ID(2)
            }
        }
        let id = try await fixture.enqueue("a", .note("Seen.", on: Ticket.ID(1)))
        try await fixture.settle()
        let job = try await fixture.job(id)
        guard case .failed(.ticketNotWritable, let problem) = job.state else {
            Issue.record("\(job.state)")
            return
        }
        #expect(problem.contains("ticket 1") && problem.contains(cause) && problem.contains("fake.example.com"))
        #expect(fixture.psa.current.stored == [])
    }

    /// The changes that name a company, and whether the ticket is at it.
    static let namedCompanies: [(name: String, id: Company.ID?, company: Reference<Company>?, isSent: Bool)] = [
        ("", nil, Reference(Company.ID(8), label: "Other"), true), ("", Company.ID(7), nil, true),
        ("", Company.ID(7), Reference(Company.ID(7)), true), ("Acme Ltd", nil, Reference(Company.ID(7), label: "ACME Ltd "), true),
        ("", Company.ID(7), Reference(Company.ID(8)), false), ("Acme Ltd", nil, Reference(Company.ID(7), label: "Acme Inc"), false),
        ("Acme Ltd", nil, Reference(Company.ID(7)), false),
    ]

    @Test(arguments: [WriteKind.note, .reply, .status], namedCompanies)
    func aChangeThatNamesACompanyIsRefusedOnATicketOfAnother(
        _ kind: WriteKind, _ named: (name: String, id: Company.ID?, company: Reference<Company>?, isSent: Bool)
    ) async throws {
        let fixture = try await EngineFixture()
        let payload: TicketJob.Payload =
            switch kind {
            case .reply: .reply("It works again.", to: Ticket.ID(2), company: named.name, companyID: named.id)
            case .status: .statusChange(of: Ticket.ID(2), to: TicketStatus.ID(9), company: named.name, companyID: named.id)
            default: .note("Cleaned up.", on: Ticket.ID(2), company: named.name, companyID: named.id)
            }
        let id = try await fixture.enqueue("a", payload)
        // The ticket was moved while the job waited.
        fixture.psa.change(Ticket.ID(2)) { $0.company = named.company }
        try await fixture.settle()
        let job = try await fixture.job(id)
        #expect(fixture.psa.current.stored == (named.isSent ? [kind.rawValue] : []))
        guard !named.isSent else { return #expect(job.state.name == kind.finalState) }
        guard case .failed(.ticketNotWritable, let problem) = job.state else {
            Issue.record("\(job.state)")
            return
        }
        let root = try JSONDocument(Array(problem.utf8)).root
        #expect(root["causes"]?.elements.first?["id"]?.string == "moved" && problem.contains("belongs to company"))
    }

    @Test func aNoteOnATicketThatIsGoneFails() async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", .note("Seen.", on: Ticket.ID(77)))
        try await fixture.settle()
        guard case .failed(.requestNotFound, _) = try await fixture.job(id).state else {
            Issue.record("\(try await fixture.job(id).state)")
            return
        }
        #expect(fixture.psa.current.stored == [])
    }

    @Test func aClosedTicketTakesAReplyAndAStatus() async throws {
        let fixture = try await EngineFixture()
        for id in [2, 3] { fixture.psa.change(Ticket.ID(id)) { $0.phase = .closed } }
        for kind in [WriteKind.reply, .status] { _ = try await fixture.enqueue(kind.rawValue, kind.payload) }
        try await fixture.settle()
        #expect(fixture.psa.current.stored == ["reply", "status"])
    }

    // MARK: Status changes

    @Test func aStatusThatTheAnswerDoesNotStateIsVerifiedByReading() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.statesStatus = false }
        let id = try await fixture.enqueue("a", WriteKind.status.payload)
        await fixture.work()
        #expect(try await fixture.job(id).state.name == .statusChanged)
    }

    @Test(arguments: [true, false]) func aStatusThatThePSADidNotKeepFails(_ isStated: Bool) async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { ($0.keepsStatus, $0.statesStatus) = (false, isStated) }
        let id = try await fixture.enqueue("a", WriteKind.status.payload)
        try await fixture.settle()
        guard case .failed(.ticketStatusNotAllowed, let problem) = try await fixture.job(id).state else {
            Issue.record("\(try await fixture.job(id).state)")
            return
        }
        #expect(problem.contains("has the status 1"))
    }

    @Test func aStatusThatThePSADidNotKeepIsSentOnceAndPausesNoSource() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.keepsStatus = false }
        let id = try await fixture.enqueue(
            "a", .statusChange(of: Ticket.ID(3), to: TicketStatus.ID(9), note: "Solved."), source: "automation")
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .failed)
        let next = try await fixture.enqueue("b", source: "automation")
        await fixture.work()
        #expect(try await fixture.job(next).state.name == .created)
        #expect(fixture.psa.current.stored == ["status", "create"])
    }

    // MARK: Refusals that prove nothing

    /// Leaves a job of unknown outcome, as after a request whose refusal does not prove that it was not executed.
    private func refuse(
        _ id: TicketJob.ID, _ code: ErrorCode, searches: Int = 0, _ fixture: EngineFixture,
        problem: String = #"{"vendor":{"message":"The ticket is locked."}}"#
    ) async throws {
        let (store, process, now) = (fixture.engine.store, ProcessID(), fixture.clock.now)
        let job = try #require(try await store.leaseNext(for: fixture.connection, by: process, now: now, lease: OutboxPolicy().lease))
        let ticket = job.payload.operation.ticket.map { PostedTicket(id: $0.rawValue, number: $0.rawValue) }
        #expect(try await store.recordIntent(id, on: ticket, for: .notNamed, by: process, now: now))
        let cause = FailureCause(code: code, problem: problem)
        let outcome = JobOutcome(state: .unknown, attempts: 1, searchAttempts: searches, dueAt: now, cause: cause)
        #expect(try await store.complete(id, by: process, outcome, at: now))
    }

    @Test(arguments: WriteKind.allCases) func anUnprovenRefusalCountsOnceTheWriteIsProvenAbsent(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", kind.payload, source: "automation")
        try await refuse(id, .requestConflict, fixture)
        try await fixture.settle()
        #expect(try await fixture.job(id).state == .failed(.requestConflict, problem: #"{"vendor":{"message":"The ticket is locked."}}"#))
        #expect(fixture.psa.current.stored == [])
    }

    @Test(arguments: WriteKind.allCases) func aWriteOfWhichOnlyTheTokenWasRefusedIsSentAgainOnceItIsProvenAbsent(_ kind: WriteKind)
        async throws
    {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", kind.payload, source: "automation")
        try await refuse(id, .authTokenRejected, fixture, problem: #"{"causes":[{"id":"token_ended"}]}"#)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == kind.finalState)
        #expect(fixture.psa.current.stored == [kind.rawValue])
    }

    @Test func anUnprovenRefusalOfAStatusIsNotRepeatedToTestItsSource() async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", WriteKind.status.payload, source: "automation")
        try await refuse(id, .permissionActionDenied, fixture)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .failed)
        #expect(fixture.psa.current.stored == [])
    }

    @Test(arguments: WriteKind.allCases)
    func aWriteWithoutAReasonIsSentAtMostThreeTimesAndOneThatTheConnectionDelaysGoesOn(_ kind: WriteKind) async throws {
        let cases: [(code: ErrorCode, searches: Int, isSent: Bool)] = [
            (.writeOutcomeUnknown, 5, true), (.writeOutcomeUnknown, 8, false), (.rateLimited, 5, true), (.rateLimited, 8, true),
        ]
        for (code, searches, isSent) in cases {
            let fixture = try await EngineFixture()
            let id = try await fixture.enqueue("a", kind.payload)
            try await refuse(id, code, searches: searches, fixture)
            try await fixture.settle()
            let state = try await fixture.job(id).state
            #expect(isSent ? state.name == kind.finalState : state == .needsReview(.notExecuted))
            #expect(fixture.psa.current.stored == (isSent ? [kind.rawValue] : []))
        }
    }

    // MARK: Jobs from before the start

    @Test(arguments: StoreKind.available) func aReleasedJobFromBeforeTheStartIsSearchedForBeforeItIsSent(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let before = try await EngineFixture(store: store)
            let jobs = [try await before.enqueue("a"), try await before.enqueue("b")]
            // A backup from before the first was sent was restored.
            var sent = Ticket(id: Ticket.ID(77), number: "T77", summary: "Disk full", phase: .open, native: .empty)
            sent.externalReference = try await before.job(jobs[0]).reference.rawValue
            sent.createdAt = before.clock.now
            before.psa.change { [sent] in $0.tickets.append(sent) }
            let fixture = try await EngineFixture(store: store, psa: before.psa, clock: before.clock)
            await fixture.work(after: 49 * 3_600)
            for job in jobs {
                #expect(try await fixture.job(job).state == .needsReview(.tooOld))
                try await fixture.engine.release(job)
            }
            try await fixture.settle()
            #expect(try await fixture.job(jobs[0]).state.ticket?.number == "T77")
            #expect(try await fixture.job(jobs[1]).state.name == .created)
            #expect(fixture.psa.current.stored == ["create"])
        }
    }

    @Test(arguments: StoreKind.available) func aJobReleasedWithoutAProofIsSentWithoutAnotherSearch(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let before = try await EngineFixture(store: store)
            let id = try await before.enqueue("a")
            // A ticket of the same subject and without any reference, which may be the job.
            var bare = Ticket(id: Ticket.ID(77), number: "T77", summary: "Disk full", phase: .open, native: .empty)
            bare.createdAt = before.clock.now
            before.psa.change { [bare] in $0.tickets.append(bare) }
            let fixture = try await EngineFixture(store: store, psa: before.psa, clock: before.clock)
            await fixture.work()
            #expect(try await fixture.job(id).state == .needsReview(.notVerified))
            fixture.clock.advance(by: 1)
            try await fixture.engine.release(id)
            try await fixture.settle()
            #expect(try await fixture.job(id).state.name == .created)
            #expect(fixture.psa.current.stored == ["create"])
        }
    }

    // MARK: What is refused at once

    @Test func keysAreLimited() {
        #expect(IdempotencyKey("") == nil)
        #expect(IdempotencyKey(String(repeating: "k", count: 200)) != nil)
        #expect(IdempotencyKey(String(repeating: "k", count: 201)) == nil)
        #expect(IdempotencyKey("e" + String(repeating: "\u{301}", count: 2_000)) == nil)
    }

    @Test func aWriteWithoutItsTextIsRefused() async throws {
        let fixture = try await EngineFixture()
        await #expect(throws: EnqueueError(.summary, .empty)) { _ = try await fixture.enqueue("a", .newTicket("")) }
        await #expect(throws: EnqueueError(.details, .empty)) { _ = try await fixture.enqueue("a", .note("", on: Ticket.ID(1))) }
        await #expect(throws: EnqueueError(.details, .empty)) { _ = try await fixture.enqueue("a", .reply("", to: Ticket.ID(1))) }
        let broken = TicketJob.Payload(operation: .changeStatus(Ticket.ID(1)), summary: "Status", status: " ")
        await #expect(throws: EnqueueError(.status, .invalid)) { _ = try await fixture.enqueue("a", broken) }
        let error = EnqueueError(.details, .tooLong(bytes: 300_000, maxBytes: 262_144))
        #expect("\(error)" == "The field “details” has 300000 bytes; at most 262144 are allowed.")
        #expect(try await fixture.engine.store.latestJob() == nil)
    }

    @Test func aWriteThroughNoConnectionIsRefused() async throws {
        let fixture = try await EngineFixture(isConnected: false)
        await #expect(throws: StoreError.notFound) { _ = try await fixture.enqueue("a") }
    }

    // MARK: Completion

    @Test func completionReturnsTheFinalState() async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a")
        let waiting = Task { try await fixture.engine.completion(of: id) }
        await fixture.work()
        #expect(try await waiting.value.state.name == .created)
        // In a final state already, it returns at once.
        #expect(try await fixture.engine.completion(of: id).state.name == .created)
        await #expect(throws: StoreError.notFound) { _ = try await fixture.engine.completion(of: TicketJob.ID(rawValue: 99)) }
    }

    @Test func completionMissesNoNotification() async throws {
        let fixture = try await EngineFixture()
        // The clock stands still: whoever misses a notification waits for ever.
        for number in 0..<100 {
            let id = try await fixture.enqueue("\(number)")
            async let first = fixture.engine.completion(of: id)
            async let working: Void = fixture.work()
            async let second = fixture.engine.completion(of: id)
            #expect(try await first.state.name == .created)
            #expect(try await second.state.name == .created)
            await working
        }
    }

    @Test func completionReturnsWhenAnotherProcessCompletesTheJob() async throws {
        let store = InMemoryEngineStore()
        let first = try await EngineFixture(store: store)
        let other = try await EngineFixture(store: store, psa: first.psa, clock: first.clock)
        let id = try await first.enqueue("a")
        let waiting = Task { try await first.engine.completion(of: id) }
        await first.clock.waitForSleeper()
        await other.work()
        #expect(try await first.job(id).state.name == .created)
        first.clock.advance(by: 1)
        #expect(try await waiting.value.state.name == .created)
    }

    @Test func completionEndsWhenItsTaskIsCancelled() async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a")
        let waiting = Task { try await fixture.engine.completion(of: id) }
        await fixture.clock.waitForSleeper()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
    }
}
