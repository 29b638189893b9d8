#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// A file of a job that was sent to the PSA before the ticket, note or reply that refers to it.
///
/// Two records are made of each: before the request, and with the PSA's id after the answer. What lies between them when a process ends may be
/// in the PSA without a ticket that refers to it: a possible orphan, see ``Engine/orphanUploads(of:)``.
public struct JobUpload: Sendable, Hashable, Identifiable {
    /// The position of an upload in the order in which uploads were begun; assigned by the store.
    public struct ID: Sendable, Hashable {
        /// The position, ascending.
        public let rawValue: Int64

        /// Creates an ``ID``.
        public init(rawValue: Int64) { self.rawValue = rawValue }
    }

    /// How far an upload has come.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Its request is being made, or its process ended during it.
        case begun
        /// The PSA has answered with its id; the job refers to it.
        case uploaded
        /// No ticket refers to it: it was refused, dropped or uploaded again.
        case orphaned
    }

    /// The id, unique within a store.
    public let id: ID
    /// The connection that it was made through.
    public let connection: ConnectionID
    /// The job of the file.
    public let job: TicketJob.ID
    /// The position of the file in ``TicketJob/attachments``.
    public let place: Int
    /// The file.
    public var attachment: JobAttachment
    /// How far it has come.
    public var state: State
    /// The PSA's id; nil if no answer was recorded.
    public var vendorID: UploadedAttachment.ID?
    /// When its request began.
    public var begunAt: Date
    /// When it is deleted in the PSA; nil if it is not, because its id is not known, a ticket may refer to it, or too many attempts failed.
    public var discardAt: Date?
    /// The number of attempts to delete it.
    public var discardAttempts: Int

    /// Creates a ``JobUpload``.
    public init(
        id: ID, connection: ConnectionID, job: TicketJob.ID, place: Int, attachment: JobAttachment, state: State = .begun,
        vendorID: UploadedAttachment.ID? = nil, begunAt: Date, discardAt: Date? = nil, discardAttempts: Int = 0
    ) {
        self.id = id
        self.connection = connection
        self.job = job
        self.place = place
        self.attachment = attachment
        self.state = state
        self.vendorID = vendorID
        self.begunAt = begunAt
        self.discardAt = discardAt
        self.discardAttempts = discardAttempts
    }

    /// Whether so many attempts to delete it failed that none follows.
    package var deletionFailed: Bool { discardAttempts >= OutboxDispatcher.maxDiscardAttempts }

    /// The upload as drafts refer to it; nil if its id is not known.
    public var uploaded: UploadedAttachment? {
        vendorID.map {
            UploadedAttachment(id: $0, name: attachment.name, mediaType: attachment.mediaType, byteCount: attachment.byteCount)
        }
    }
}

extension JobUpload {
    /// What happens to the uploads of a job in a state.
    public enum Ending: Sendable {
        /// The job still needs them.
        case kept
        /// The ticket refers to them.
        case attached
        /// No ticket refers to them: they are deleted in the PSA.
        case discarded
    }

    /// What happens to the uploads of a job whose state has changed.
    public static func ending(for state: TicketJob.State.Name) -> Ending {
        switch state {
        case .checking, .waiting, .sending, .unknown, .needsReview: .kept
        case .created, .appended, .replied, .statusChanged: .attached
        case .failed, .wouldCreate, .skipped, .dropped: .discarded
        }
    }
}

/// A file was uploaded so often without a usable answer that it is not tried again.
struct RepeatedUploadError: Error {
    /// What happened last.
    let last: PSAError
}

extension TicketWriter {
    /// How often a file is uploaded without a usable answer: each upload may be in the PSA, and no ticket refers to it.
    private static let maxUploads = 8

    /// The files of a job as its request refers to them, uploaded first where the PSA takes them so.
    ///
    /// What an earlier attempt has uploaded and recorded is not uploaded again.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - draft: The ticket to be created, which is checked before the first upload; nil for a note or reply.
    ///   - session: The connection.
    /// - Returns: The files in their order.
    /// - Throws: The error of an upload; the write itself was not sent. ``RepeatedUploadError`` after too many of them, ``LeaseLostError`` if
    ///   another process holds the job.
    func attachments(of job: TicketJob, for draft: TicketDraft?, _ session: ConnectorSession) async throws -> [DraftAttachment] {
        guard !job.attachments.isEmpty else { return [] }
        guard session.uploadsAttachments else { return try await store.files(of: job.id).map(DraftAttachment.file) }
        guard case .sending(let holder, _) = job.state else { throw LeaseLostError() }
        let known = try await store.uploads(of: job.id).filter { $0.state == .uploaded }
        // A draft that lacks something must not leave uploads behind.
        if known.isEmpty, var draft {
            draft.attachments = job.attachments.map(DraftAttachment.init(planned:))
            try await session.check(draft)
        }
        let files = known.count < job.attachments.count ? try await store.files(of: job.id) : []
        var attachments: [DraftAttachment] = []
        for place in job.attachments.indices {
            if let upload = known.first(where: { $0.place == place })?.uploaded {
                attachments.append(.uploaded(upload))
            } else {
                guard files.indices.contains(place) else { throw StoreError.notFound }
                attachments.append(.uploaded(try await upload(files[place], at: place, of: job, by: holder, session)))
            }
        }
        return attachments
    }

    private func upload(
        _ file: AttachmentFile, at place: Int, of job: TicketJob, by holder: ProcessID, _ session: ConnectorSession
    ) async throws -> UploadedAttachment {
        guard let id = try await store.beginUpload(place, JobAttachment(file), of: job.id, by: holder, now: time.now()) else {
            throw LeaseLostError()
        }
        await reached(.beforeUpload)
        let uploaded: UploadedAttachment
        do {
            uploaded = try await session.upload(file)
        } catch {
            // Cancelled: the request may have been made.
            try await store.failUpload(id, mayExist: (error as? PSAError)?.mayHaveBeenExecuted ?? true)
            if let error = error as? PSAError, error.mayHaveBeenExecuted, try await lostUploads(place, of: job) >= Self.maxUploads {
                throw RepeatedUploadError(last: error)
            }
            throw error
        }
        await reached(.afterUpload)
        try await store.finishUpload(id, as: uploaded, at: time.now())
        await reached(.afterUploadRecord)
        return uploaded
    }

    /// Whether the PSA has, or may have, the write of a job that ended without one in this store.
    ///
    /// - Throws: Errors of the store or of the search, which then proves nothing.
    fileprivate func mayBeWritten(_ id: TicketJob.ID, _ session: ConnectorSession) async throws -> Bool {
        guard startup.isUnsearched(id) else { return false }
        // A note may be in the history of any ticket.
        guard let job = try await store.job(id), job.payload.appendsSince == nil else { return true }
        if let ticket = job.payload.operation.ticket {
            guard case .absent = try await findChange(job, ticket, session) else { return true }
        } else {
            guard case .absent = try await find(job, session, isThorough: true) else { return true }
        }
        startup.finish(job, on: job.payload.operation.ticket.map(PostedTicket.init(unread:)))
        return false
    }

    /// How many uploads of a file may be in the PSA without an id that is known.
    private func lostUploads(_ place: Int, of job: TicketJob) async throws -> Int {
        try await store.orphanUploads(of: job.connection).count { $0.job == job.id && $0.place == place && $0.vendorID == nil }
    }
}

extension DraftAttachment {
    /// Stands for a file that is not uploaded yet, in a draft that is only checked.
    fileprivate init(planned attachment: JobAttachment) {
        self = .uploaded(
            UploadedAttachment(
                id: UploadedAttachment.ID(0), name: attachment.name, mediaType: attachment.mediaType, byteCount: attachment.byteCount))
    }
}

extension OutboxDispatcher {
    /// How often it is tried to delete an orphaned upload; after that it is only listed.
    static let maxDiscardAttempts = 5

    /// Deletes the uploads of a connection that no ticket refers to and whose time has come.
    ///
    /// A job from before the start of the process may have been written by then, and a backup restored that does not know it: the PSA is
    /// searched for it first, and what it has, or may have, is only listed.
    func discardUploads(of id: ConnectionID, _ policy: OutboxPolicy) async throws {
        let now = time.now()
        let due = try await store.orphanUploads(of: id).filter {
            $0.discardAt.map { $0 <= now || WrongClock.isTooFarAhead($0, of: now) } ?? false
        }
        guard !due.isEmpty else { return }
        guard let connection = try await store.connection(id) else {
            for upload in due { try await store.postponeDiscard(upload.id, until: nil) }
            return
        }
        let session = try? await sessions.session(of: connection)
        for upload in due {
            guard !connection.isOfFormerTenant(upload.job) else {
                // In the present tenant its id means another file.
                try await store.postponeDiscard(upload.id, until: nil)
                continue
            }
            var isUnused = false
            if let session, let isWritten = try? await writer.mayBeWritten(upload.job, session) {
                guard !isWritten else {
                    try await store.postponeDiscard(upload.id, until: nil)
                    continue
                }
                isUnused = true
            }
            if isUnused, let session, let uploaded = upload.uploaded, (try? await session.discard(uploaded)) != nil {
                // Another process may have deleted it, or a person taken it off the list, meanwhile.
                do { try await store.removeUpload(upload.id) } catch StoreError.notFound {}
                log.record(EngineEvent(.uploadDiscarded, job: upload.job))
            } else {
                // A request that the stop of the process cancelled is no failed attempt.
                try Task.checkCancellation()
                let attempts = upload.discardAttempts + 1
                let wait = policy.wait(after: attempts, random: time.random()).seconds
                try await store.postponeDiscard(
                    upload.id, until: attempts < Self.maxDiscardAttempts ? time.now().addingTimeInterval(wait) : nil)
            }
        }
    }
}
