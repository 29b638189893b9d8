import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQL
import SQL
import SQLite
import Testing

/// What happens to the files and uploads of jobs that a host ends together with its own tables.
@Suite("Files of jobs that a host ends") struct JobFileTests {
    private static let source = JobSource(rawValue: "rule")
    private static let start = Date(timeIntervalSince1970: 1_790_000_000)

    /// The ways in which a host ends a job without the outbox.
    enum Way: String, CaseIterable, Sendable {
        case removedSource, droppedReviews, releasedReviews, finishedCheck
    }

    @Test(arguments: Way.allCases) func theContentAndTheUploadsEndWithTheJob(_ way: Way) async throws {
        let queue = try await DatabaseQueue.open(
            .memory, migrator: Migrator(applicationID: EngineSchema.applicationID, EngineSchema.migrations))
        try await queue.write { database in
            let tables = JobTables(database)
            let job = try #require(try Self.addJob(tables, way == .finishedCheck ? .checking(JobPrecondition(rawValue: "{}")) : .waiting))
            #expect(try tables.files(of: job).count == 1)
            if way != .finishedCheck {
                try Self.uploadAndHoldForReview(job, database)
                #expect(try UploadTables(database).uploads(of: job).count == 1)
            }
            switch way {
            case .removedSource: try tables.removeSource(Self.source, at: Self.start)
            case .droppedReviews: _ = try tables.decideReviews(of: Self.source, release: false, at: Self.start)
            case .releasedReviews: _ = try tables.decideReviews(of: Self.source, release: true, at: Self.start)
            case .finishedCheck: try tables.finishCheck(job, .skipped("No."), dueAt: Self.start, at: Self.start)
            }
            let isEnded = way != .releasedReviews
            #expect(try tables.files(of: job).isEmpty == isEnded)
            #expect(try tables.job(job)?.attachments.count == 1)
            guard way != .finishedCheck else { return }
            #expect(try UploadTables(database).uploads(of: job).isEmpty == isEnded)
            #expect(try UploadTables(database).orphans(of: nil).map(\.discardAt) == (isEnded ? [Self.start] : []))
        }
        await queue.close()
    }

    private static func addJob(_ tables: JobTables, _ state: TicketJob.State) throws -> TicketJob.ID? {
        guard let connection = ConnectionID("one") else { return nil }
        let file = try AttachmentFile(name: "log.txt", bytes: Array("one line".utf8))
        return try tables.add(
            NewJob(
                connection: connection, key: IdempotencyKey(), source: source, payload: .newTicket("Disk full"), attachments: [file],
                state: state), at: start
        ).id
    }

    /// Uploads the file of a job, which then needs review before anything else was sent.
    private static func uploadAndHoldForReview(_ id: TicketJob.ID, _ database: any Database) throws {
        let (tables, uploads, process) = (JobTables(database), UploadTables(database), ProcessID(rawValue: "first"))
        let connection = try #require(ConnectionID("one"))
        _ = try tables.leaseNext(for: connection, by: process, now: start, lease: .seconds(60))
        let file = JobAttachment(name: "log.txt", mediaType: "text/plain", byteCount: 8)
        let upload = try #require(try uploads.begin(0, file, of: id, by: process, now: start))
        try uploads.finish(
            upload, as: UploadedAttachment(id: UploadedAttachment.ID(7), name: "log.txt", mediaType: "text/plain", byteCount: 8),
            at: start)
        _ = try tables.complete(id, by: process, JobOutcome(state: .needsReview(.tooOld), attempts: 1, dueAt: start), at: start)
    }
}
