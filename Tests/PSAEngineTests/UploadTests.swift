import Foundation
import PSACore
import PSAEngine
import PSATesting
import Testing

/// Files that are uploaded before the write that refers to them.
@Suite("Engine: uploads") struct UploadTests {
    private static func files() throws -> [AttachmentFile] {
        [try Sample.file("report.pdf", "%PDF-1.7"), try Sample.file("log.txt", "one line")]
    }

    private static let ids = [UploadedAttachment.ID(1), UploadedAttachment.ID(2)]

    @Test(arguments: [WriteKind.create, .note, .reply]) func eachFileIsUploadedOnceAndTheWriteRefersToIt(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", kind.payload, files: Self.files())
        await fixture.work()
        #expect(try await fixture.job(id).state.name == kind.finalState)
        #expect(fixture.psa.current.uploads.map(\.name) == ["report.pdf", "log.txt"])
        #expect(fixture.psa.current.attached == Self.ids)
        #expect(try await fixture.engine.store.uploads(of: id) == [])
        #expect(try await fixture.engine.orphanUploads() == [])
        #expect(try await fixture.engine.store.files(of: id) == [])
    }

    @Test func aFailedUploadSendsNothingAndIsResumedAtTheMissingFile() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.beforeUpload = { name in if name == "log.txt" { throw PSAError(.networkTimeout) } } }
        let id = try await fixture.enqueue("a", files: Self.files())
        await fixture.work()
        let waiting = try await fixture.job(id)
        #expect(waiting.state == .waiting && waiting.cause?.code == .networkTimeout)
        #expect(fixture.psa.current.stored == [] && fixture.psa.current.uploads.map(\.name) == ["report.pdf"])
        #expect(try await fixture.engine.store.uploads(of: id).map(\.vendorID) == [Self.ids[0]])
        fixture.psa.behave { $0.beforeUpload = { name in if name == "report.pdf" { throw PSAError(.connectorDefect) } } }
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
        #expect(fixture.psa.current.stored == ["create"] && fixture.psa.current.attached == Self.ids)
        // The request was proven not to have been executed: nothing can be orphaned.
        #expect(try await fixture.engine.orphanUploads() == [])
    }

    @Test func anUploadWhoseAnswerIsLostIsMadeAgainAndTheFirstIsListed() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.beforeUpload = { _ in throw CancellationError() } }
        let id = try await fixture.enqueue("a", files: [Self.files()[1]])
        await fixture.work()
        // The ticket itself was not sent, so its outcome is known.
        #expect(try await fixture.job(id).state == .waiting)
        fixture.psa.behave { $0.beforeUpload = { _ in } }
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
        #expect(fixture.psa.current.attached == [Self.ids[0]])
        let orphan = try #require(try await fixture.engine.orphanUploads().first)
        #expect(orphan.job == id && orphan.connection == fixture.connection && orphan.vendorID == nil && orphan.discardAt == nil)
        #expect(orphan.attachment == JobAttachment(name: "log.txt", mediaType: "text/plain", byteCount: 8))
        try await fixture.engine.forgetUpload(orphan.id)
        #expect(try await fixture.engine.orphanUploads() == [])
        await #expect(throws: StoreError.notFound) { try await fixture.engine.forgetUpload(orphan.id) }
    }

    @Test func anUploadWithoutAUsableAnswerSaysWhyItWaitsAndIsGivenUpAfterAWhile() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.beforeUpload = { _ in throw PSAError(.writeOutcomeUnknown) } }
        let id = try await fixture.enqueue("a", files: [Self.files()[1]])
        let other = try await fixture.enqueue("b")
        await fixture.work()
        let waiting = try await fixture.job(id)
        #expect(waiting.state == .waiting && waiting.cause?.code == .writeOutcomeUnknown && waiting.dueAt > fixture.clock.now)
        #expect(try await fixture.engine.store.issues(of: fixture.connection).map(\.code) == [.writeOutcomeUnknown])
        // The connection backs off.
        #expect(try await fixture.job(other).state == .waiting)
        try await fixture.settle()
        let failed = try await fixture.job(id)
        guard case .failed(.writeOutcomeUnknown, let problem) = failed.state else {
            Issue.record("\(failed.state)")
            return
        }
        #expect(problem.contains("write.outcome_unknown"))
        #expect(try await fixture.job(other).state.name == .created)
        #expect(try await fixture.engine.orphanUploads().count == 8)
        #expect(fixture.psa.current.stored == ["create"])
        // A person may send it again, once the upload works.
        fixture.psa.behave { $0.beforeUpload = { _ in } }
        try await fixture.engine.release(id)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
    }

    @Test func theUploadsOfARefusedTicketAreDeletedAndMadeAgainWhenItIsReleased() async throws {
        let fixture = try await EngineFixture()
        let refusal = PSAError(.requestRejected, vendor: VendorReply(status: 400, message: "No."))
        fixture.psa.behave { $0.beforeStoring = { throw refusal } }
        let id = try await fixture.enqueue("a", files: Self.files())
        await fixture.work()
        #expect(try await fixture.job(id).state.name == .failed)
        #expect(fixture.psa.current.uploads == [])
        #expect(try await fixture.engine.orphanUploads() == [])
        fixture.psa.behave { $0.beforeStoring = {} }
        try await fixture.engine.release(id)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
        #expect(fixture.psa.current.uploads.map(\.name) == ["report.pdf", "log.txt"])
        #expect(fixture.psa.current.attached.count == 2)
    }

    @Test func anUploadThatCannotBeDeletedIsTriedFiveTimesAndStaysListed() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { behavior in
            behavior.beforeStoring = { throw PSAError(.requestRejected, vendor: VendorReply(status: 400, message: "No.")) }
            behavior.beforeDiscard = { throw PSAError(.permissionRoleDenied) }
        }
        let id = try await fixture.enqueue("a", files: [Self.files()[1]])
        try await fixture.settle()
        let orphan = try #require(try await fixture.engine.orphanUploads(of: fixture.connection).first)
        #expect(orphan.job == id && orphan.vendorID == Self.ids[0] && orphan.state == .orphaned)
        #expect(orphan.discardAttempts == 5 && orphan.discardAt == nil)
        #expect(fixture.psa.current.uploads.count == 1)
    }

    @Test func theUploadsOfATicketThatASearchFindsCountAsAttached() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.afterStoring = { throw PSAError(.writeOutcomeUnknown) } }
        let id = try await fixture.enqueue("a", files: Self.files())
        await fixture.work()
        #expect(try await fixture.job(id).state == .unknown)
        #expect(try await fixture.engine.store.uploads(of: id).count == 2)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
        #expect(try await fixture.engine.store.uploads(of: id) == [])
        #expect(try await fixture.engine.orphanUploads() == [])
        #expect(fixture.psa.current.uploads.count == 2)
    }

    @Test func theUploadsOfATicketOfUnknownOutcomeAreNotDeletedWhenItIsDropped() async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.afterStoring = { throw PSAError(.writeOutcomeUnknown) } }
        let id = try await fixture.enqueue("a", files: [Self.files()[1]])
        await fixture.work()
        let now = fixture.clock.now
        let review = JobOutcome(state: .needsReview(.outcomeUnknown), attempts: 1, dueAt: now)
        try await fixture.engine.store.decide(id, from: .unknown, to: review, at: now)
        try await fixture.engine.drop(id)
        try await fixture.settle()
        let orphan = try #require(try await fixture.engine.orphanUploads().first)
        // A ticket may refer to it.
        #expect(orphan.vendorID == Self.ids[0] && orphan.discardAt == nil && orphan.discardAttempts == 0)
        #expect(fixture.psa.current.uploads.count == 1)
    }

    /// What becomes of the upload of a job that waits in a backup, and is dropped once that is restored.
    @Test(arguments: [(isInPSA: true, appends: false), (false, false), (false, true)])
    func anUploadIsDeletedAfterAStartOnlyIfThePSAIsProvenNotToHaveItsTicket(_ isInPSA: Bool, _ appends: Bool) async throws {
        let store = InMemoryEngineStore()
        let before = try await EngineFixture(store: store)
        before.psa.behave { $0.beforeStoring = { throw PSAError(.rateLimited) } }
        var payload = TicketJob.Payload.newTicket("Disk full")
        if appends { payload.appendsSince = before.clock.now }
        let id = try await before.enqueue("a", payload, files: [Self.files()[1]])
        await before.work()
        let job = try await before.job(id)
        #expect(job.state == .waiting && before.psa.current.uploads.count == 1)
        // The ticket was created after the backup.
        if isInPSA {
            var ticket = Ticket(id: Ticket.ID(70), number: "T70", summary: "Disk full", phase: .open, native: .empty)
            ticket.externalReference = job.reference.rawValue
            ticket.createdAt = before.clock.now
            before.psa.change { [ticket] in $0.tickets.append(ticket) }
        }
        let after = try await EngineFixture(store: store, psa: before.psa, clock: before.clock)
        try await store.decide(
            id, from: .waiting, to: JobOutcome(state: .dropped, attempts: 1, dueAt: after.clock.now), at: after.clock.now)
        try await after.settle()
        let isKept = isInPSA || appends
        #expect(after.psa.current.uploads.count == (isKept ? 1 : 0))
        let orphans = try await after.engine.orphanUploads()
        #expect(orphans.count == (isKept ? 1 : 0) && orphans.allSatisfy { $0.vendorID == Self.ids[0] && $0.discardAt == nil })
    }

    @Test(arguments: StoreKind.available) func anUploadThatAnEndedProcessBeganBecomesAnOrphan(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a", files: Self.files()))
            let file = JobAttachment(name: "log.txt", mediaType: "text/plain", byteCount: 8)
            #expect(try await store.beginUpload(1, file, of: id, by: Sample.first, now: .start) == nil)
            let job = try #require(try await store.lease())
            #expect(try await store.beginUpload(1, file, of: id, by: Sample.second, now: .start) == nil)
            let begun = try #require(try await store.beginUpload(1, file, of: id, by: Sample.first, now: .at(1)))
            #expect(try await store.uploads(of: id).map(\.state) == [.begun])
            #expect(try await store.orphanUploads(of: nil) == [])
            let again = try #require(try await store.beginUpload(1, file, of: id, by: Sample.first, now: .at(2)))
            #expect(try await store.uploads(of: id).map(\.id) == [again])
            var orphan = JobUpload(
                id: begun, connection: try Sample.id("one"), job: id, place: 1, attachment: file, state: .orphaned, begunAt: .at(1))
            #expect(try await store.orphanUploads(of: Sample.id("one")) == [orphan])
            #expect(try await store.orphanUploads(of: Sample.id("two")) == [])
            let answer = UploadedAttachment(id: UploadedAttachment.ID(7), name: "log.txt", mediaType: "text/plain", byteCount: 8)
            try await store.finishUpload(again, as: answer, at: .at(3))
            #expect(try await store.uploads(of: id).first?.uploaded == answer)
            // A late answer of the first tells its id: it can be deleted now.
            orphan.vendorID = UploadedAttachment.ID(7)
            orphan.discardAt = .at(4)
            try await store.finishUpload(begun, as: answer, at: .at(4))
            #expect(try await store.orphanUploads(of: nil) == [orphan])
            #expect(try await store.uploads(of: id).map(\.id) == [again])
            #expect(try await store.complete(id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .at(5)))
            #expect(try await store.uploads(of: id) == [])
            #expect(try await store.dueConnections(now: .at(3), lease: Sample.lease).next == .at(4))
            #expect(try await store.dueConnections(now: .at(4), lease: Sample.lease).connections == [Sample.id("one")])
            try await store.postponeDiscard(begun, until: .at(9))
            #expect(try await store.orphanUploads(of: nil).map(\.discardAttempts) == [1])
            try await store.removeUpload(begun)
            await #expect(throws: StoreError.notFound) { try await store.removeUpload(begun) }
            #expect(try await store.orphanUploads(of: nil) == [])
        }
    }

    @Test(arguments: StoreKind.available) func aJobWhoseProcessEndedDuringAnUploadIsSentOnWithoutASearch(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a", files: Self.files()))
            let file = JobAttachment(name: "log.txt", mediaType: "text/plain", byteCount: 8)
            _ = try await store.lease()
            let begun = try #require(try await store.beginUpload(0, file, of: id, by: Sample.first, now: .start))
            let taken = try #require(try await store.lease(at: 60, by: Sample.second))
            #expect(taken.id == id && taken.state == .sending(leaseHolder: Sample.second, until: .at(120)) && taken.attempts == 2)
            // The former holder makes no request any more.
            #expect(try await !store.recordIntent(id, on: nil, for: .notNamed, by: Sample.first, now: .at(61)))
            let again = try #require(try await store.beginUpload(0, file, of: id, by: Sample.second, now: .at(61)))
            #expect(try await store.orphanUploads(of: nil).map(\.id) == [begun])
            let answer = UploadedAttachment(id: UploadedAttachment.ID(7), name: "log.txt", mediaType: "text/plain", byteCount: 8)
            try await store.finishUpload(again, as: answer, at: .at(62))
            // Nothing is being uploaded: the request may have been made.
            #expect(try await store.lease(at: 121, by: Sample.first)?.state == .unknown)
        }
    }

    @Test(arguments: StoreKind.available) func theEndOfAJobDecidesWhatBecomesOfItsUploads(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let states: [(TicketJob.State, kept: Int, orphans: Int, isDeleted: Bool)] = [
                (.created(Sample.ticket), 0, 0, false), (.waiting, 1, 0, false), (.unknown, 1, 0, false),
                (.needsReview(.outcomeUnknown), 1, 0, false), (.failed(.requestInvalid, problem: "{}"), 0, 1, true),
                (.skipped("Removed."), 0, 1, true), (.dropped, 0, 1, true),
            ]
            for (index, (state, kept, orphans, isDeleted)) in states.enumerated() {
                let name = "c\(index)"
                let id = try await store.add(Sample.job("a", through: name, files: [Self.files()[1]]))
                let job = try #require(try await store.lease(name))
                let file = JobAttachment(name: "log.txt", mediaType: "text/plain", byteCount: 8)
                let upload = try #require(try await store.beginUpload(0, file, of: id, by: Sample.first, now: .start))
                let answer = UploadedAttachment(id: UploadedAttachment.ID(7), name: "log.txt", mediaType: "text/plain", byteCount: 8)
                try await store.finishUpload(upload, as: answer, at: .start)
                #expect(try await store.complete(id, by: Sample.first, Sample.outcome(state, of: job), at: .at(1)))
                #expect(try await store.uploads(of: id).count == kept, "\(state)")
                let found = try await store.orphanUploads(of: Sample.id(name))
                #expect(found.count == orphans && found.allSatisfy { ($0.discardAt == .at(1)) == isDeleted }, "\(state)")
            }
        }
    }

    // MARK: Fields

    @Test func aMissingFieldPausesItsSourceAndNeitherTheConnectionNorOtherSources() async throws {
        let fixture = try await EngineFixture()
        let field = TicketField(TicketField.ID(1), label: "Cost center", kind: .text, requirement: .required)
        let missing = PSAError(
            ticketFields: [TicketFieldIssue(field, .missing)], catalogue: FakeConnector.descriptor.guidance,
            object: CoreMessage.capability(.createTickets))
        #expect(missing.code == .ticketFieldRequired)
        fixture.psa.behave { $0.beforeStoring = { throw missing } }
        let refused = try await fixture.enqueue("a", source: "rule")
        let alone = try await fixture.enqueue("b")
        await fixture.work()
        #expect(try await fixture.job(refused).state == .waiting)
        #expect(try await fixture.job(refused).cause?.code == .ticketFieldRequired)
        #expect(try await fixture.job(alone).state.name == .failed)
        fixture.psa.behave { $0.beforeStoring = {} }
        let other = try await fixture.enqueue("c", source: "other")
        let held = try await fixture.enqueue("d", source: "rule")
        await fixture.work()
        #expect(try await fixture.job(other).state.name == .created)
        // New defaults may name the field: what was held is sent.
        try await fixture.engine.setTicketFieldDefaults(
            TicketFieldDefaults(values: [field.id: .text("4711")]), of: fixture.connection)
        await fixture.work()
        #expect(try await fixture.job(refused).state.name == .created)
        #expect(try await fixture.job(held).state.name == .created)
    }

    @Test func anInvalidFieldFailsItsJobAlone() async throws {
        let fixture = try await EngineFixture()
        let field = TicketField(TicketField.ID(1), label: "Cost center", kind: .integer)
        let invalid = PSAError(
            ticketFields: [TicketFieldIssue(field, .wrongForm)], catalogue: FakeConnector.descriptor.guidance,
            object: CoreMessage.capability(.createTickets))
        fixture.psa.behave { $0.beforeStoring = { throw invalid } }
        let id = try await fixture.enqueue("a", source: "rule")
        await fixture.work()
        #expect(try await fixture.job(id).state.name == .failed)
        fixture.psa.behave { $0.beforeStoring = {} }
        let next = try await fixture.enqueue("b", source: "rule")
        await fixture.work()
        #expect(try await fixture.job(next).state.name == .created)
    }

    @Test(
        "the defaults of a connection count for their type only, and the job's own values come first",
        arguments: [
            (defaultsFor: nil, connectionType: nil, jobType: nil, counts: true), ("40", nil, "40", true), ("40", "40", nil, true),
            ("40", nil, nil, false), ("40", "40", "41", false), (nil, "40", nil, false),
        ] as [(defaultsFor: String?, connectionType: String?, jobType: String?, counts: Bool)])
    func fieldDefaults(defaultsFor: String?, connectionType: String?, jobType: String?, counts: Bool) async throws {
        let fixture = try await EngineFixture()
        try await fixture.connect(type: connectionType)
        let (first, second) = (TicketField.ID(1), TicketField.ID(2))
        try await fixture.engine.setTicketFieldDefaults(
            TicketFieldDefaults(
                type: defaultsFor.flatMap { TicketType.ID($0) }, values: [first: .text("default"), second: .text("default")]),
            of: fixture.connection)
        // The same settings again leave the defaults as they are.
        try await fixture.connect(type: connectionType)
        _ = try await fixture.enqueue(
            "a", .newTicket("Disk full", type: jobType.flatMap { TicketType.ID($0) }, fields: [second: .text("own")]))
        await fixture.work()
        let sent = try #require(fixture.psa.current.drafts.first).fields
        #expect(sent == (counts ? [first: .text("default"), second: .text("own")] : [second: .text("own")]))
    }

    @Test func theNoteAndTheFieldsOfAStatusChangeAreSent() async throws {
        let fixture = try await EngineFixture()
        let fields: [TicketField.ID: TicketFieldValue] = [TicketField.ID(1): .checkbox(true)]
        _ = try await fixture.enqueue(
            "a", .statusChange(of: Ticket.ID(3), to: TicketStatus.ID(9), note: "Replaced.", fields: fields))
        await fixture.work()
        #expect(fixture.psa.current.statusChanges == [StatusChange(to: TicketStatus.ID(9), note: "Replaced.", fields: fields)])
    }
}
