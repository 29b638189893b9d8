import Foundation
import PSACore
import PSAEngine
import PSATesting
import Testing

extension EngineFixture {
    /// Releases a job a second later, as a person does.
    fileprivate func release(_ id: TicketJob.ID) async throws {
        clock.advance(by: 1)
        try await engine.release(id)
    }
}

/// What becomes of the writes for a tenant that their connection does not lead to any more.
@Suite("Engine: former tenants") struct FormerTenantTests {
    private static let other = "other.example.com"

    @Test(arguments: StoreKind.available) func aWaitingWriteIsNeverSentToAnotherTenant(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let fixture = try await EngineFixture(store: store)
            var ids: [WriteKind: TicketJob.ID] = [:]
            for kind in WriteKind.allCases { ids[kind] = try await fixture.enqueue(kind.rawValue, kind.payload) }
            let moved = try await fixture.connect(server: Self.other)
            #expect(moved.lastJobOfFormerTenant == ids.values.max())
            try await fixture.settle()
            for (kind, id) in ids {
                switch try await fixture.job(id).state {
                case .needsReview(.tenantChanged): #expect(kind == .create)
                case .failed(.ticketNotWritable, let problem):
                    #expect(kind != .create && problem.contains("led to another tenant") && problem.contains("former_tenant"))
                case let state: Issue.record("\(kind): \(state)")
                }
            }
            #expect(fixture.psa.current.stored == [])
            #expect(try await fixture.engine.store.issues(of: fixture.connection) == [])
        }
    }

    @Test(arguments: WriteKind.allCases) func aWriteOfUnknownOutcomeIsNotSearchedForInAnotherTenant(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        fixture.psa.behave { $0.beforeStoring = { throw PSAError(.writeOutcomeUnknown) } }
        let id = try await fixture.enqueue("a", kind.payload)
        await fixture.work()
        #expect(try await fixture.job(id).state == .unknown)
        fixture.psa.behave { $0.beforeStoring = {} }
        try await fixture.connect(server: Self.other)
        try await fixture.settle()
        let job = try await fixture.job(id)
        #expect(job.state == .needsReview(.outcomeUnknown))
        #expect(job.remark == "A request was made to the tenant that the connection led to before. Look there for the reference.")
        #expect(fixture.psa.current.stored == [])
    }

    @Test func aNewTicketThatAPersonReleasesGoesToThePresentTenant() async throws {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a")
        try await fixture.connect(server: Self.other)
        try await fixture.settle()
        #expect(try await fixture.job(id).state == .needsReview(.tenantChanged))
        try await fixture.release(id)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .created)
        // A release counts for the tenant of its time.
        let late = try await fixture.enqueue("b")
        fixture.clock.advance(by: 49 * 3_600)
        await fixture.work()
        #expect(try await fixture.job(late).state == .needsReview(.tooOld))
        try await fixture.release(late)
        try await fixture.connect()
        try await fixture.settle()
        #expect(try await fixture.job(late).state == .needsReview(.tenantChanged))
        #expect(fixture.psa.current.stored == ["create"])
    }

    @Test(arguments: [WriteKind.note, .reply, .status]) func aReleasedChangeOfATicketOfAnotherTenantFailsAgain(_ kind: WriteKind)
        async throws
    {
        let fixture = try await EngineFixture()
        let id = try await fixture.enqueue("a", kind.payload)
        try await fixture.connect(server: Self.other)
        try await fixture.settle()
        try await fixture.release(id)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == .failed)
        #expect(fixture.psa.current.stored == [])
    }

    @Test(arguments: WriteKind.allCases) func whatIsEnqueuedForThePresentTenantIsSent(_ kind: WriteKind) async throws {
        let fixture = try await EngineFixture()
        _ = try await fixture.enqueue("a")
        try await fixture.connect(server: Self.other)
        let id = try await fixture.enqueue("b", kind.payload)
        try await fixture.settle()
        #expect(try await fixture.job(id).state.name == kind.finalState)
        // Other settings for the same tenant change nothing.
        try await fixture.connect(server: Self.other, team: "b")
        let next = try await fixture.enqueue("c", kind.payload)
        try await fixture.settle()
        #expect(try await fixture.job(next).state.name == kind.finalState)
    }

    @Test(arguments: StoreKind.available) func aConnectionThatIsAddedAgainUnderAnIdDoesNotTakeUpTheJobsOfTheOneBefore(
        _ kind: StoreKind
    ) async throws {
        try await kind.run { store in
            let fixture = try await EngineFixture(store: store)
            fixture.psa.behave { $0.beforeStoring = { throw PSAError(.writeOutcomeUnknown) } }
            let id = try await fixture.enqueue("a")
            await fixture.work()
            fixture.psa.behave { $0.beforeStoring = {} }
            try await fixture.engine.removeConnection(fixture.connection)
            try await fixture.connect(server: Self.other)
            try await fixture.settle()
            #expect(try await fixture.job(id).state == .needsReview(.outcomeUnknown))
            #expect(fixture.psa.current.stored == [])
        }
    }

    @Test(arguments: StoreKind.available) func anUploadOfAFormerTenantIsNeitherUsedNorDeletedInAnother(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let fixture = try await EngineFixture(store: store)
            fixture.psa.behave { $0.beforeUpload = { name in if name == "log.txt" { throw PSAError(.networkTimeout) } } }
            let id = try await fixture.enqueue(
                "a", files: [try Sample.file("report.pdf", "%PDF-1.7"), try Sample.file("log.txt", "one line")])
            await fixture.work()
            #expect(fixture.psa.current.uploads.map(\.name) == ["report.pdf"])
            fixture.psa.behave { $0.beforeUpload = { _ in } }
            try await fixture.connect(server: Self.other)
            try await fixture.settle()
            try await fixture.release(id)
            try await fixture.settle()
            #expect(try await fixture.job(id).state.name == .created)
            #expect(fixture.psa.current.uploads.map(\.name) == ["report.pdf", "report.pdf", "log.txt"])
            #expect(try await fixture.engine.orphanUploads().map(\.attachment.name) == ["report.pdf"])
        }
    }

    @Test(arguments: StoreKind.available) func onlyTheStoreSetsTheLatestJobOfAFormerTenant(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try Sample.id("one")
            var connection = try Sample.connection("one")
            connection.lastJobOfFormerTenant = TicketJob.ID(rawValue: 5)
            try await store.save(connection)
            #expect(try await store.connection(id)?.lastJobOfFormerTenant == nil)
            let job = try await store.add(Sample.job("a"))
            connection.revision = 2
            try await store.save(connection)
            #expect(try await store.connection(id)?.lastJobOfFormerTenant == nil)
            try await store.save(Sample.connection("one", tenant: "other"))
            #expect(try await store.connection(id)?.lastJobOfFormerTenant == job)
            _ = try await store.add(Sample.job("b"))
            try await store.save(Sample.connection("one", tenant: "other"))
            #expect(try await store.connections().map(\.lastJobOfFormerTenant) == [job])
        }
    }
}
