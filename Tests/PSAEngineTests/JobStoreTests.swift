import Foundation
import PSACore
import PSAEngine
import PSAEngineSQLite
import Testing

/// What every store promises about jobs.
@Suite("Stores: jobs") struct JobStoreTests {
    @Test(arguments: StoreKind.available) func aKeyThatTheConnectionHasAlreadyAddsNothing(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let first = try await store.add(Sample.job("a"))
            let again = try await store.add([Sample.job("b"), Sample.job("a", .newTicket("Other")), Sample.job("b")], at: .at(5))
            #expect(again.count == 3 && again[1] == first && again[0] == again[2] && again[0] != first)
            let other = try await store.add(Sample.job("a", through: "two"))
            #expect(other != first)
            #expect(try await store.jobCounts(TicketJob.Filter())[.waiting] == 3)
            let job = try #require(try await store.job(first))
            #expect(job.payload.summary == "Disk full" && job.createdAt == .start && job.state == .waiting && job.attempts == 0)
            #expect(try await store.job(key: Sample.key("a"), of: Sample.id("two"))?.id == other)
            #expect(try await store.job(key: Sample.key("c"), of: Sample.id("one")) == nil)
            #expect(try await store.job(TicketJob.ID(rawValue: 99)) == nil)
            #expect(try await store.latestJob() == other)
        }
    }

    @Test(arguments: StoreKind.available) func finishedJobsAreRemovedInStepsAndOpenOnesStay(_ kind: StoreKind) async throws {
        try await kind.run { store in
            var finished: [TicketJob.ID] = []
            for number in 0..<5 {
                let id = try await store.add([Sample.job("\(number)", .newTicket("x"), state: .waiting)], at: .at(Double(number)))[0]
                let job = try #require(try await store.lease(at: Double(number)))
                #expect(job.id == id)
                _ = try await store.complete(
                    id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .at(Double(number)))
                finished.append(id)
            }
            var payload = TicketJob.Payload.newTicket("x")
            payload.origin = "special/1"
            let special = try await store.add([Sample.job("special", payload, state: .wouldCreate)], at: .at(1))[0]
            let open = try await store.add(Sample.job("open"))
            let review = try await store.add([Sample.job("review", state: .needsReview(.tooOld))], at: .start)[0]
            let expiry = JobExpiry(
                finishedBefore: .at(4), longer: JobExpiry.Longer(originPrefix: "special/", finishedBefore: .at(1)))
            var (place, removed, steps): (JobRemoval.Place?, Int, Int) = (nil, 0, 0)
            repeat {
                let step = try await store.removeFinishedJobs(expiry, after: place, limit: 2)
                #expect(step.removed <= 2)
                (place, removed, steps) = (step.next, removed + step.removed, steps + 1)
            } while place != nil
            #expect(removed == 4 && (3...4).contains(steps))
            let left = try await store.jobs(TicketJob.Filter(), before: nil, limit: 20).map(\.id)
            #expect(Set(left) == [finished[4], special, open, review])
            #expect(try await store.jobCounts(TicketJob.Filter()).byState == [.waiting: 1, .needsReview: 1, .wouldCreate: 1, .created: 1])
            // The key of a removed job is free.
            #expect(try await store.add(Sample.job("0")) != finished[0])
            let all = JobExpiry(finishedBefore: .at(100))
            #expect(try await store.removeFinishedJobs(all, after: nil, limit: 20) == JobRemoval(removed: 2, next: nil))
        }
    }

    @Test(arguments: StoreKind.available) func everyOperationAndFieldIsReadAsItWasAdded(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let full = TicketJob.Payload(
                summary: "Disk full", details: "C: 99 %\nÄ", company: "Acme", companyID: "12", device: "SRV-1", type: "1", status: "2",
                priority: "3", fields: Sample.fields, appendsSince: .at(-60), origin: "monitor")
            let payloads = [
                full, .note("Seen.", on: Ticket.ID(7), fields: Sample.fields), .reply("Done.", to: Ticket.ID(7)),
                .statusChange(of: Ticket.ID(7), to: TicketStatus.ID(9), note: "Solved.", fields: Sample.fields),
            ]
            let ids = try await store.add(
                try payloads.enumerated().map { try Sample.job("key\($0)", source: "rule", $1) }, at: .start)
            for (id, payload) in zip(ids, payloads) {
                let job = try await store.job(id)
                #expect(job?.payload == payload)
                #expect(job?.source == JobSource(rawValue: "rule"))
            }
        }
    }

    @Test(arguments: StoreKind.available) func aTextThatExceedsItsLimitIsRefusedAndNothingOfTheBatchIsAdded(_ kind: StoreKind) async throws
    {
        try await kind.run { store in
            let summary = String(repeating: "ä", count: TicketJob.Payload.maxSummaryBytes / 2)
            let details = String(repeating: "x", count: TicketJob.Payload.maxDetailsBytes)
            _ = try await store.add(Sample.job("fits", .newTicket(summary, details: details)))
            await #expect(throws: EnqueueError(.summary, .tooLong(bytes: summary.utf8.count + 1, maxBytes: summary.utf8.count))) {
                _ = try await store.add([Sample.job("good"), Sample.job("summary", .newTicket(summary + "x"))], at: .start)
            }
            await #expect(throws: EnqueueError(.details, .tooLong(bytes: details.utf8.count + 1, maxBytes: details.utf8.count))) {
                _ = try await store.add(Sample.job("details", .newTicket("Disk full", details: details + "x")))
            }
            let name = String(repeating: "x", count: TicketJob.Payload.maxNameBytes + 1)
            await #expect(throws: EnqueueError.self) { _ = try await store.add(Sample.job("company", .newTicket("x", company: name))) }
            await #expect(throws: EnqueueError.self) { _ = try await store.add(Sample.job("source", source: name)) }
            #expect(try await store.jobCounts(TicketJob.Filter()).byState == [.waiting: 1])
        }
    }

    @Test(arguments: StoreKind.available) func tooManyOrTooLongFieldsAreRefusedWithTheirLimit(_ kind: StoreKind) async throws {
        try await kind.run { store in
            func fields(_ count: Int, of bytes: Int) -> [TicketField.ID: TicketFieldValue] {
                let texts = (0..<count).map { (TicketField.ID($0), TicketFieldValue.text(String(repeating: "x", count: bytes))) }
                return Dictionary(uniqueKeysWithValues: texts)
            }
            _ = try await store.add(Sample.job("many", .newTicket("x", fields: fields(100, of: 1))))
            _ = try await store.add(Sample.job("long", .newTicket("x", fields: fields(8, of: 65_536))))
            await #expect(throws: EnqueueError(.fields, .tooMany(101, limit: 100))) {
                _ = try await store.add(Sample.job("a", .newTicket("x", fields: fields(101, of: 1))))
            }
            await #expect(throws: EnqueueError(.ticketField(TicketField.ID(0)), .tooLong(bytes: 65_537, maxBytes: 65_536))) {
                _ = try await store.add(Sample.job("a", .newTicket("x", fields: fields(1, of: 65_537))))
            }
            await #expect(throws: EnqueueError(.fields, .tooLong(bytes: 589_824, maxBytes: 524_288))) {
                _ = try await store.add(Sample.job("a", .newTicket("x", fields: fields(9, of: 65_536))))
            }
            let note = String(repeating: "x", count: TicketJob.Payload.maxDetailsBytes + 1)
            await #expect(throws: EnqueueError.self) {
                _ = try await store.add(Sample.job("a", .statusChange(of: Ticket.ID(7), to: TicketStatus.ID(9), note: note)))
            }
            #expect(try await store.jobCounts(TicketJob.Filter())[.waiting] == 2)
        }
    }

    // MARK: Files

    @Test(arguments: StoreKind.available) func aJobListsItsFilesByNameAndSizeAndTheContentIsReadOnItsOwn(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let files = [try Sample.file("report.pdf", "%PDF-1.7"), try Sample.file("log.txt", "line\u{0}\n")]
            let id = try await store.add(Sample.job("a", files: files))
            let listed = [
                JobAttachment(name: "report.pdf", mediaType: "application/pdf", byteCount: 8),
                JobAttachment(name: "log.txt", mediaType: "text/plain", byteCount: 6),
            ]
            #expect(try await store.job(id)?.attachments == listed)
            #expect(try await store.jobs(TicketJob.Filter(), before: nil, limit: 9).map(\.attachments) == [listed])
            #expect(try await store.files(of: id) == files)
            // The key exists already: nothing of the second job is kept.
            _ = try await store.add(Sample.job("a", files: [try Sample.file("other.txt", "x")]))
            #expect(try await store.files(of: id) == files)
            #expect(try await store.files(of: TicketJob.ID(rawValue: 99)) == [])
        }
    }

    @Test(arguments: StoreKind.available) func theContentOfFilesEndsWithTheJobAndStaysWhileItMayBeSent(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let states: [(TicketJob.State, Bool)] = [
                (.created(Sample.ticket), false), (.dropped, false), (.skipped("Removed."), false), (.unknown, true),
                (.failed(.requestInvalid, problem: "{}"), true), (.needsReview(.tooOld), true), (.waiting, true),
            ]
            for (index, (state, isKept)) in states.enumerated() {
                let id = try await store.add(Sample.job("\(index)", through: "c\(index)", files: [Sample.file("log.txt", "x")]))
                let job = try #require(try await store.lease("c\(index)"))
                #expect(try await store.complete(id, by: Sample.first, Sample.outcome(state, of: job), at: .at(1)))
                #expect(try await store.files(of: id).isEmpty != isKept, "\(state)")
                #expect(try await store.job(id)?.attachments.count == 1)
            }
            let dryRun = try await store.add(Sample.job("dry", state: .wouldCreate, files: [Sample.file("log.txt", "x")]))
            #expect(try await store.files(of: dryRun) == [])
            #expect(try await store.job(dryRun)?.attachments.count == 1)
        }
    }

    @Test(arguments: StoreKind.available) func tooManyOrTooLargeFilesAreRefusedAndAStatusChangeTakesNone(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let small = try Sample.file("log.txt", "x")
            _ = try await store.add(Sample.job("ten", files: Array(repeating: small, count: 10)))
            await #expect(throws: EnqueueError(.attachments, .tooMany(11, limit: 10))) {
                _ = try await store.add(Sample.job("a", files: Array(repeating: small, count: 11)))
            }
            let large = try AttachmentFile(name: "a.bin", bytes: Array(repeating: 1, count: 13 * 1_048_576))
            await #expect(throws: EnqueueError(.attachments, .tooLong(bytes: 2 * 13 * 1_048_576, maxBytes: 26_214_400))) {
                _ = try await store.add(Sample.job("a", files: [large, large]))
            }
            await #expect(throws: EnqueueError(.attachments, .notAllowed)) {
                _ = try await store.add(Sample.job("a", .statusChange(of: Ticket.ID(7), to: TicketStatus.ID(9)), files: [small]))
            }
            #expect(try await store.jobCounts(TicketJob.Filter())[.waiting] == 1)
        }
    }

    // MARK: Leases

    @Test(arguments: StoreKind.available) func oneProcessAtATimeWorksOnAConnection(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add([Sample.job("a"), Sample.job("b"), Sample.job("c", through: "two")], at: .start)
            let job = try #require(try await store.lease())
            #expect(job.id == ids[0] && job.attempts == 1)
            #expect(job.state == .sending(leaseHolder: Sample.first, until: .at(60)))
            #expect(try await store.lease(by: Sample.second) == nil)
            #expect(try await store.lease(by: Sample.first) == nil)
            #expect(try await store.lease("two", by: Sample.second)?.id == ids[2])
            #expect(try await store.complete(job.id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .at(1)))
            #expect(try await store.lease(at: 1, by: Sample.second)?.id == ids[1])
        }
    }

    @Test(arguments: StoreKind.available) func anExpiredLeaseMakesTheOutcomeUnknownAndTheFormerHolderStoresNothing(
        _ kind: StoreKind
    ) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease())
            let due = try await store.dueConnections(now: .at(59), lease: Sample.lease)
            #expect(due.connections == [] && due.next == .at(60))
            #expect(try await store.dueConnections(now: .at(60), lease: Sample.lease).connections == [Sample.id("one")])
            let taken = try #require(try await store.lease(at: 60, by: Sample.second))
            #expect(taken.id == id && taken.state == .unknown && taken.attempts == 1)
            #expect(try await !store.renewLease(id, by: Sample.first, until: .at(200)))
            #expect(try await !store.recordIntent(id, on: nil, for: .notNamed, by: Sample.first, now: .at(61)))
            #expect(try await !store.complete(id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .at(61)))
            #expect(try await store.job(id)?.state == .unknown)
            #expect(try await store.complete(id, by: Sample.second, Sample.outcome(.created(Sample.ticket), of: taken), at: .at(62)))
            #expect(try await store.job(id)?.state == .created(Sample.ticket))
        }
    }

    @Test(arguments: StoreKind.available) func aRenewedLeaseLastsLonger(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            _ = try await store.lease()
            #expect(try await store.renewLease(id, by: Sample.first, until: .at(100)))
            #expect(try await !store.renewLease(id, by: Sample.second, until: .at(500)))
            #expect(try await store.lease(at: 99, by: Sample.second) == nil)
            #expect(try await store.lease(at: 100, by: Sample.second)?.state == .unknown)
        }
    }

    @Test(arguments: StoreKind.available) func aLeaseOfAClockThatWasSetBackDoesNotBlockTheConnection(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try #require(try await store.add([Sample.job("a")], at: .at(86_400)).first)
            _ = try await store.lease(at: 86_400)
            #expect(try await store.dueConnections(now: .start, lease: Sample.lease).connections == [Sample.id("one")])
            #expect(try await store.lease(by: Sample.second)?.id == id)
            let waiting = try #require(try await store.add([Sample.job("b", through: "two")], at: .at(86_400)).first)
            #expect(try await store.dueConnections(now: .start, lease: Sample.lease).connections.contains(Sample.id("two")))
            #expect(try await store.lease("two")?.id == waiting)
        }
    }

    @Test(arguments: StoreKind.available) func aNewRequestForgetsTheRefusalOfAnEarlierOne(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease())
            var refused = Sample.outcome(.waiting, of: job)
            refused.cause = FailureCause(PSAError(.ticketFieldRequired))
            #expect(try await store.complete(id, by: Sample.first, refused, at: .at(1)))
            #expect(try await store.job(id)?.cause?.code == .ticketFieldRequired)
            _ = try #require(try await store.lease(at: 2))
            #expect(try await store.recordIntent(id, on: nil, for: .notNamed, by: Sample.first, now: .at(3)))
            // Its process ends: the outcome of this request is not that of the one before.
            #expect(try await store.lease(at: 100, by: Sample.second)?.state == .unknown)
            #expect(try await store.job(id)?.cause == nil)
        }
    }

    @Test(arguments: StoreKind.available) func theIntentIsRecordedOnlyUnderTheLease(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            #expect(try await !store.recordIntent(id, on: Sample.ticket, for: .notNamed, by: Sample.first, now: .start))
            let job = try #require(try await store.lease())
            #expect(try await !store.recordIntent(id, on: Sample.ticket, for: .notNamed, by: Sample.second, now: .start))
            #expect(try await !store.recordIntent(id, on: Sample.ticket, for: .notNamed, by: Sample.first, now: .at(60)))
            #expect(try await store.job(id)?.target == nil)
            let company = CompanyResolution.resolved(Company.ID(12))
            #expect(try await store.recordIntent(id, on: Sample.ticket, for: company, by: Sample.first, now: .at(59)))
            let stored = try #require(try await store.job(id))
            #expect(stored.target == Sample.ticket && stored.company == company)
            // The target is kept as long as a note may have been added to it.
            #expect(try await store.complete(id, by: Sample.first, Sample.outcome(.unknown, of: job, dueIn: 5), at: .at(1)))
            #expect(try await store.job(id)?.target == Sample.ticket)
            let search = try #require(try await store.lease(at: 5))
            #expect(try await store.complete(id, by: Sample.first, Sample.outcome(.waiting, of: search, dueIn: 5), at: .at(6)))
            #expect(try await store.job(id)?.target == nil)
        }
    }

    @Test(arguments: StoreKind.available) func anOutcomeIsStoredWithEverythingThatBelongsToIt(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease())
            let cause = FailureCause(code: .networkTimeout, problem: "{\"detail\":\"No answer.\"}")
            var outcome = Sample.outcome(.unknown, of: job, dueIn: 5)
            (outcome.cause, outcome.remark, outcome.searchAttempts) = (cause, "A remark.", 2)
            #expect(try await store.complete(id, by: Sample.first, outcome, at: .at(1)))
            let stored = try #require(try await store.job(id))
            #expect(stored.state == .unknown && stored.cause == cause && stored.remark == "A remark." && stored.searchAttempts == 2)
            #expect(stored.dueAt == .at(5) && stored.changedAt == .at(1))
            #expect(try await store.lease(at: 4) == nil)
            let search = try #require(try await store.lease(at: 5))
            #expect(search.state == .unknown && search.attempts == 1)
            let failed = TicketJob.State.failed(.requestRejected, problem: "{}")
            #expect(try await store.complete(id, by: Sample.first, Sample.outcome(failed, of: search), at: .at(6)))
            #expect(try await store.job(id)?.state == failed)
            #expect(try await store.lease(at: 1_000) == nil)
        }
    }

    @Test(arguments: StoreKind.available) func anOutcomeRecordsTheIssueOfItsConnectionAndAWriteResolvesAll(_ kind: StoreKind) async throws {
        try await kind.run { store in
            try await store.save(Sample.connection("one"))
            try await store.save(Sample.connection("two"))
            try await store.recordIssue(.rateLimited, of: Sample.id("two"), at: .start)
            let id = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease())
            var failed = Sample.outcome(.waiting, of: job, dueIn: 5)
            (failed.issue, failed.issueProblem) = (.networkTimeout, "{\"detail\":\"No answer.\"}")
            // Another process holds no lease, and says nothing of the connection.
            #expect(try await !store.complete(id, by: Sample.second, failed, at: .at(1)))
            #expect(try await store.issues(of: Sample.id("one")).isEmpty)
            #expect(try await store.complete(id, by: Sample.first, failed, at: .at(2)))
            let issue = try #require(try await store.issues(of: Sample.id("one")).first)
            #expect(issue.code == .networkTimeout && issue.problem == failed.issueProblem && issue.resolvedAt == nil)
            let again = try #require(try await store.lease(at: 5))
            #expect(try await store.complete(id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: again), at: .at(6)))
            #expect(try await store.issues(of: Sample.id("one")).map(\.resolvedAt) == [.at(6)])
            #expect(try await store.issues(of: Sample.id("two")).map(\.resolvedAt) == [nil])
        }
    }

    @Test(arguments: StoreKind.available) func aSearchComesBeforeASendAndTheLongestWaitBeforeOthers(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add([Sample.job("a"), Sample.job("b"), Sample.job("c")], at: .start)
            let job = try #require(try await store.lease())
            _ = try await store.complete(job.id, by: Sample.first, Sample.outcome(.unknown, of: job, dueIn: 30), at: .at(1))
            let next = try #require(try await store.lease(at: 2))
            #expect(next.id == ids[1])
            _ = try await store.complete(next.id, by: Sample.first, Sample.outcome(.waiting, of: next, dueIn: 10), at: .at(3))
            #expect(try await store.lease(at: 40)?.id == ids[0])
        }
    }

    // MARK: Back-off, sources

    @Test(arguments: StoreKind.available) func aConnectionThatBacksOffDelaysItsWaitingJobsAndNoOthers(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add([Sample.job("a"), Sample.job("b"), Sample.job("c", through: "two")], at: .start)
            let job = try #require(try await store.lease())
            var outcome = Sample.outcome(.waiting, of: job, dueIn: 100)
            outcome.backsOffConnection = true
            _ = try await store.complete(job.id, by: Sample.first, outcome, at: .at(1))
            #expect(try await store.lease(at: 99) == nil)
            #expect(try await store.job(ids[2])?.dueAt == .start)
            // They take turns: the other job comes first now.
            #expect(try await store.lease(at: 100)?.id == ids[1])
            _ = try await store.add(Sample.job("d", through: "two"))
            try await store.wake(Sample.id("one"), at: .at(50))
            #expect(try await store.job(ids[0])?.dueAt == .at(50))
        }
    }

    @Test(arguments: StoreKind.available) func aRefusalPausesTheSourceAndAWrittenProbeResumesIt(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add(
                [
                    Sample.job("a", source: "rule"), Sample.job("b", source: "rule"), Sample.job("c", source: "rule"),
                    Sample.job("d", source: "other"), Sample.job("e"),
                ], at: .start)
            let refused = try #require(try await store.lease())
            var outcome = Sample.outcome(.waiting, of: refused, dueIn: 600)
            outcome.pauses = .permissionRoleDenied
            _ = try await store.complete(refused.id, by: Sample.first, outcome, at: .at(1))
            #expect(try await store.job(ids[0])?.refusedAt == .at(1))
            // One job that was never tried is sent at once, for a second opinion.
            let probe = try #require(try await store.lease(at: 2))
            #expect(probe.id == ids[1])
            outcome = Sample.outcome(.waiting, of: probe, dueIn: 600)
            outcome.pauses = .permissionRoleDenied
            _ = try await store.complete(probe.id, by: Sample.first, outcome, at: .at(2))
            // Other sources, and jobs without one, go on; the third job of this one waits for the next probe.
            for id in [ids[3], ids[4]] {
                let job = try #require(try await store.lease(at: 3))
                #expect(job.id == id)
                _ = try await store.complete(job.id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .at(3))
            }
            #expect(try await store.lease(at: 4) == nil)
            let retried = try #require(try await store.lease(at: 600))
            #expect(retried.id != ids[3])
            _ = try await store.complete(retried.id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: retried), at: .at(601))
            #expect(try await store.hasWritten(JobSource(rawValue: "rule"), since: .at(600)))
            #expect(try await !store.hasWritten(JobSource(rawValue: "rule"), since: .at(602)))
            // Nothing is paused any more.
            var rest: Set<TicketJob.ID> = []
            while let job = try await store.lease(at: 602) {
                rest.insert(job.id)
                _ = try await store.complete(job.id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .at(602))
            }
            #expect(rest == Set(ids[0...2]).subtracting([retried.id]))
        }
    }

    @Test(arguments: StoreKind.available) func theSourcesOfAConnectionAreResumedOnRequest(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add([Sample.job("a", source: "rule"), Sample.job("b", source: "rule")], at: .start)
            let job = try #require(try await store.lease())
            var outcome = Sample.outcome(.waiting, of: job, dueIn: 600)
            outcome.pauses = .authInvalidClient
            _ = try await store.complete(job.id, by: Sample.first, outcome, at: .at(1))
            // Refused credentials are not probed at once, because accounts get locked.
            #expect(try await store.lease(at: 2) == nil)
            #expect(try await store.resumeSources(of: Sample.id("two")) == [])
            #expect(try await store.resumeSources(of: Sample.id("one")) == [JobSource(rawValue: "rule")])
            #expect(try await store.resumeSources(of: Sample.id("one")) == [])
            #expect(try await store.lease(at: 2)?.id == ids[1])
        }
    }

    @Test(arguments: StoreKind.available) func aProbePlannedByAClockAheadIsMadeAndItsWritesDoNotCount(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ahead = 400 * 86_400.0
            let ids = try await store.add([Sample.job("a", source: "rule"), Sample.job("b", source: "rule")], at: .at(ahead))
            let first = try #require(try await store.lease(at: ahead))
            _ = try await store.complete(first.id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: first), at: .at(ahead))
            let source = JobSource(rawValue: "rule")
            #expect(try await store.hasWritten(source, since: .at(ahead - 1)))
            #expect(try await !store.hasWritten(source, since: .at(1)))
            // The refusal pauses the source until a probe, 400 days ahead.
            let refused = try #require(try await store.lease(at: ahead + 1))
            #expect(refused.id == ids[1])
            var outcome = Sample.outcome(.waiting, of: refused, dueIn: 600)
            outcome.pauses = .permissionRoleDenied
            _ = try await store.complete(refused.id, by: Sample.first, outcome, at: .at(ahead + 1))
            let new = try await store.add([Sample.job("c", source: "rule")], at: .at(2))
            let job = try #require(try await store.job(new[0]))
            #expect(try await store.earlier(of: job, since: .start).isEmpty)
            #expect(try await store.lease(at: 100)?.id == new[0])
        }
    }

    // MARK: Predecessors, decisions, counts

    @Test(arguments: StoreKind.available) func predecessorsHaveTheSameSourceConnectionDeviceAndOrigin(_ kind: StoreKind) async throws {
        try await kind.run { store in
            func payload(_ device: String, origin: String = "") -> TicketJob.Payload {
                TicketJob.Payload(summary: "Disk full", device: device, origin: origin)
            }
            let old = try await store.add([Sample.job("old", source: "rule", payload("SRV-1"))], at: .at(-100))
            let ids = try await store.add(
                [
                    Sample.job("a", source: "rule", payload("SRV-1", origin: "x")),
                    Sample.job("b", source: "rule", payload("srv-1 ", origin: "y")),
                    Sample.job("c", source: "rule", payload("SRV-2")), Sample.job("d", source: "other", payload("SRV-1")),
                    Sample.job("e", through: "two", source: "rule", payload("SRV-1")),
                    Sample.job("f", source: "rule", .note("Seen.", on: Ticket.ID(7))),
                    Sample.job("g", source: "rule", payload("SRV-1", origin: "x")),
                ], at: .start)
            let job = try #require(try await store.job(ids[6]))
            func found(_ isSameOrigin: Bool, since time: Date = .start, limit: Int = 9) async throws -> [TicketJob.ID] {
                try await store.earlier(of: job, since: time, isSameOrigin: isSameOrigin, limit: limit).map(\.id)
            }
            #expect(try await found(false) == [ids[1], ids[0]])
            #expect(try await found(true) == [ids[0]])
            #expect(try await found(false, since: .at(-200)) == [ids[1], ids[0], old[0]])
            #expect(try await found(false, limit: 1) == [ids[1]])
            // A dropped job was not written; one whose outcome is unknown may have been.
            try await store.decide(ids[1], from: .waiting, to: Sample.outcome(.dropped, of: job), at: .at(1))
            try await store.decide(ids[0], from: .waiting, to: Sample.outcome(.needsReview(.outcomeUnknown), of: job), at: .at(1))
            #expect(try await found(false) == [ids[0]])
        }
    }

    @Test(arguments: StoreKind.available) func predecessorsAreOfTheSameCompanyOrNotSentYet(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let payload = TicketJob.Payload(summary: "Disk full", device: "SRV-1")
            var ids: [TicketJob.ID] = []
            let companies: [CompanyResolution] = [.resolved(Company.ID(1)), .resolved(Company.ID(2)), .notNamed, .unresolved(.notFound)]
            for (number, company) in companies.enumerated() {
                ids += try await store.add([Sample.job("\(number)", source: "rule", payload)], at: .start)
                let job = try #require(try await store.lease())
                #expect(try await store.recordIntent(job.id, on: nil, for: company, by: Sample.first, now: .start))
                _ = try await store.complete(job.id, by: Sample.first, Sample.outcome(.created(Sample.ticket), of: job), at: .start)
            }
            ids += try await store.add(
                [Sample.job("new", source: "rule", payload), Sample.job("last", source: "rule", payload)], at: .start)
            let job = try #require(try await store.job(ids[5]))
            for (company, found) in zip(companies, [[ids[4], ids[0]], [ids[4], ids[1]], [ids[4], ids[2]]]) {
                #expect(try await store.earlier(of: job, for: company, since: .start).map(\.id) == found)
                #expect(try await store.earlier(of: job, for: company, since: .start, before: ids[4]).map(\.id) == [found[1]])
                #expect(try await store.earlier(of: job, for: company, since: .start, before: found[1]).isEmpty)
            }
        }
    }

    @Test(arguments: StoreKind.available) func aNoteIsAPredecessorIfItsTicketWasCreatedSinceTheTime(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let payload = TicketJob.Payload(summary: "Disk full", device: "SRV-1")
            var ids: [TicketJob.ID] = []
            for (number, state) in [TicketJob.State.created(Sample.ticket), .appended(Sample.ticket)].enumerated() {
                let time = Double(number) * 50
                ids += try await store.add([Sample.job("\(number)", source: "rule", payload)], at: .at(time))
                let job = try #require(try await store.lease(at: time))
                _ = try await store.complete(job.id, by: Sample.first, Sample.outcome(state, of: job), at: .at(time))
            }
            let last = try await store.add([Sample.job("last", source: "rule", payload)], at: .at(100))
            let job = try #require(try await store.job(last[0]))
            func found(since time: TimeInterval) async throws -> [TicketJob.ID] {
                try await store.earlier(of: job, since: .at(time)).map(\.id)
            }
            #expect(try await found(since: 0) == [ids[1], ids[0]])
            #expect(try await found(since: 1).isEmpty, "The note is younger than its ticket.")
        }
    }

    @Test(arguments: StoreKind.available) func aDecisionOnAnotherStateIsStaleAndChangesNothing(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease())
            _ = try await store.complete(id, by: Sample.first, Sample.outcome(.needsReview(.tooOld), of: job), at: .at(1))
            await #expect(throws: StoreError.stale) {
                try await store.decide(id, from: .needsReview(.notVerified), to: Sample.outcome(.dropped, of: job), at: .at(2))
            }
            await #expect(throws: StoreError.notFound) {
                try await store.decide(
                    TicketJob.ID(rawValue: 99), from: .needsReview(.tooOld), to: Sample.outcome(.dropped, of: job), at: .at(2))
            }
            #expect(try await store.job(id)?.state == .needsReview(.tooOld))
            try await store.decide(id, from: .needsReview(.tooOld), to: Sample.outcome(.waiting, of: job, dueIn: 2), at: .at(2))
            let released = try #require(try await store.job(id))
            #expect(released.state == .waiting && released.wantedSince == .at(2) && released.isReleased)
        }
    }

    @Test(arguments: StoreKind.available) func jobsAreCountedAndListedByFilter(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add(
                [Sample.job("a", source: "rule"), Sample.job("b"), Sample.job("c", through: "two"), Sample.job("d")], at: .start)
            let job = try #require(try await store.job(ids[0]))
            try await store.decide(ids[0], from: .waiting, to: Sample.outcome(.needsReview(.outcomeUnknown), of: job), at: .at(1))
            try await store.decide(ids[1], from: .waiting, to: Sample.outcome(.needsReview(.tooOld), of: job), at: .at(1))
            let all = try await store.jobCounts(TicketJob.Filter())
            #expect(all.byState == [.needsReview: 2, .waiting: 2] && all.outcomeUnknown == 1 && all.releasable == 1)
            #expect(try await store.jobCounts(TicketJob.Filter(connection: Sample.id("two"))).byState == [.waiting: 1])
            #expect(try await store.jobCounts(TicketJob.Filter(source: JobSource(rawValue: "rule"))).outcomeUnknown == 1)
            func listed(_ filter: TicketJob.Filter, before place: TicketJob.ID? = nil, limit: Int = 9) async throws -> [TicketJob.ID] {
                try await store.jobs(filter, before: place, limit: limit).map(\.id)
            }
            #expect(try await listed(TicketJob.Filter()) == ids.reversed())
            #expect(try await listed(TicketJob.Filter(), before: ids[2], limit: 1) == [ids[1]])
            #expect(try await listed(TicketJob.Filter(state: .needsReview, reason: .tooOld)) == [ids[1]])
            #expect(try await listed(TicketJob.Filter(state: .waiting)) == [ids[3], ids[2]])
        }
    }
}

/// What every store promises about lists of jobs and their history.
@Suite("Stores: history of jobs") struct JobHistoryStoreTests {
    @Test(arguments: StoreKind.available) func eachAttemptIsKeptWithItsGuidanceAndTheCountGoesOn(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            #expect(try await store.attempts(of: id).isEmpty)
            let total = JobAttempt.limit + 3
            for number in 1...total {
                let job = try #require(try await store.lease(at: Double(number)))
                var outcome = Sample.outcome(.waiting, of: job)
                outcome.cause = FailureCause(code: .networkTimeout, problem: "{\"detail\":\"\(number)\"}")
                _ = try await store.complete(id, by: Sample.first, outcome, at: .at(Double(number)))
            }
            let attempts = try await store.attempts(of: id)
            #expect(attempts.map(\.number) == Array((4...total).reversed()))
            #expect(attempts.allSatisfy { $0.kind == .send && $0.state == .waiting && $0.code == .networkTimeout })
            #expect(attempts.first?.problem == "{\"detail\":\"\(total)\"}" && attempts.first?.at == .at(Double(total)))
            #expect(try await store.attempts(of: TicketJob.ID(rawValue: 99)).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available) func aDecisionAndASearchAreAttemptsAndAnEarlierErrorIsNotRepeated(_ kind: StoreKind) async throws
    {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease(at: 1))
            var failed = Sample.outcome(.failed(.requestRejected, problem: "{}"), of: job)
            failed.report = JobOutcome.Report(code: .requestRejected, correlationID: CorrelationID())
            _ = try await store.complete(id, by: Sample.first, failed, at: .at(1))
            let before = try #require(try await store.job(id))
            try await store.decide(id, from: before.state, to: JobOutcome(state: .unknown, attempts: 0, dueAt: .at(2)), at: .at(2))
            let search = try #require(try await store.lease(at: 3))
            var found = Sample.outcome(.created(Sample.ticket), of: search)
            found.remark = "Found."
            _ = try await store.complete(id, by: Sample.first, found, at: .at(3))
            let attempts = try await store.attempts(of: id)
            #expect(attempts.map(\.kind) == [.search, .decision, .send])
            #expect(attempts.map(\.state) == [.created, .unknown, .failed])
            #expect(attempts.map(\.code) == [nil, nil, .requestRejected])
            #expect(attempts.map(\.remark) == ["Found.", "", ""])
            #expect(attempts.last?.correlationID == failed.report?.correlationID.rawValue)
        }
    }

    @Test(arguments: StoreKind.available) func anAttemptThatWroteHasNotTheErrorOfTheOneBefore(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try await store.add(Sample.job("a"))
            let first = try #require(try await store.lease(at: 1))
            var refused = Sample.outcome(.waiting, of: first)
            refused.cause = FailureCause(code: .authInvalidClient, problem: "{}")
            _ = try await store.complete(id, by: Sample.first, refused, at: .at(1))
            let second = try #require(try await store.lease(at: 2))
            #expect(second.cause?.code == .authInvalidClient)
            // The store forgets the error with the intent; who sends still has the job as it was leased.
            #expect(try await store.recordIntent(id, on: nil, for: .notNamed, by: Sample.first, now: .at(2)))
            var written = Sample.outcome(.created(Sample.ticket), of: second)
            written.cause = second.cause
            _ = try await store.complete(id, by: Sample.first, written, at: .at(3))
            let attempts = try await store.attempts(of: id)
            #expect(attempts.map(\.state) == [.created, .waiting])
            #expect(attempts.map(\.code) == [nil, .authInvalidClient] && attempts.map(\.problem) == ["", "{}"])
        }
    }

    @Test func guidanceThatIsTooLongIsNotKept() {
        let long = String(repeating: "x", count: JobAttempt.maxProblemBytes + 1)
        #expect(JobAttempt(number: 1, at: .start, kind: .send, state: .failed, problem: long).problem.isEmpty)
        #expect(JobAttempt(number: 1, at: .start, kind: .send, state: .failed, problem: String(long.dropLast())).problem.count > 1)
    }

    @Test(arguments: StoreKind.available) func jobsAreFoundByTextCompanyDeviceTimeAndOrigin(_ kind: StoreKind) async throws {
        try await kind.run { store in
            var disk = TicketJob.Payload.newTicket("Disk full", details: "C: 99 %", company: "Acme Ltd")
            (disk.device, disk.origin) = ("SRV-01", "name/monitor")
            var backup = TicketJob.Payload.newTicket("Backup failed", company: "Beta", companyID: Company.ID(12))
            backup.device = "PC-7"
            let first = try await store.add([Sample.job("a", disk)], at: .at(1_000))[0]
            let second = try await store.add([Sample.job("b", through: "two", backup)], at: .at(90_000))[0]
            let cases: [(TicketJob.Filter, [TicketJob.ID])] = [
                (TicketJob.Filter(), [second, first]), (TicketJob.Filter(text: "DISK"), [first]), (TicketJob.Filter(text: "99 %"), [first]),
                (TicketJob.Filter(company: "acme"), [first]), (TicketJob.Filter(company: "12"), [second]),
                (TicketJob.Filter(device: "pc"), [second]), (TicketJob.Filter(hasOrigin: true), [first]),
                (TicketJob.Filter(hasOrigin: false), [second]), (TicketJob.Filter(createdFrom: .at(2_000)), [second]),
                (TicketJob.Filter(createdBefore: .at(90_000)), [first]), (TicketJob.Filter(createdFrom: .at(90_001)), []),
                (TicketJob.Filter(connection: try Sample.id("two"), state: .waiting), [second]),
                (TicketJob.Filter(text: "disk", device: "PC-7"), []),
            ]
            for (filter, ids) in cases {
                let page = try await store.jobPage(filter, before: nil, limit: 10)
                #expect(page == TicketJob.Page(jobs: page.jobs, next: nil) && page.jobs.map(\.id) == ids, "\(filter)")
            }
        }
    }

    @Test(arguments: StoreKind.available) func aPageSaysWhereTheNextOneBegins(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let ids = try await store.add(try (1...5).map { try Sample.job("\($0)") }, at: .start)
            let first = try await store.jobPage(TicketJob.Filter(text: "disk"), before: nil, limit: 3)
            #expect(first.jobs.map(\.id) == Array(ids.reversed().prefix(3)) && first.next == ids[2] && !first.isPartial)
            let second = try await store.jobPage(TicketJob.Filter(text: "disk"), before: first.next, limit: 3)
            #expect(second.jobs.map(\.id) == [ids[1], ids[0]] && second.next == nil)
        }
    }
}

extension EngineStore {
    /// The predecessors of a job of company 1, or another, of any origin.
    fileprivate func earlier(
        of job: TicketJob, for company: CompanyResolution = .resolved(Company.ID(1)), since time: Date, before place: TicketJob.ID? = nil,
        isSameOrigin: Bool = false, limit: Int = 9
    ) async throws -> [TicketJob] {
        try await predecessors(of: job, for: company, since: time, before: place, isSameOrigin: isSameOrigin, limit: limit)
    }
}
