#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// A store in memory, for tests of a host; its contents end with the process.
///
/// It passes the same test suite as the durable stores.
public actor InMemoryEngineStore: EngineStore {
    private struct Pause {
        var code: ErrorCode
        var probeAt: Date
    }

    private struct Lease {
        var holder: ProcessID
        var until: Date
    }

    private struct IssueKey: Hashable {
        let connection: ConnectionID
        let code: ErrorCode
    }

    private var storedConnections: [ConnectionID: StoredConnection] = [:]
    private var storedJobs: [TicketJob] = []
    private var storedFiles: [TicketJob.ID: [AttachmentFile]] = [:]
    private var storedAttempts: [TicketJob.ID: [JobAttempt]] = [:]
    private var storedUploads: [JobUpload] = []
    private var lastUpload: Int64 = 0
    private var leases: [TicketJob.ID: Lease] = [:]
    private var pauses: [JobSource: Pause] = [:]
    private var references: [ConnectionID: Bool] = [:]
    private var storedIssues: [IssueKey: ConnectionIssue] = [:]
    private var unmatched: [ConnectionID: Set<CompanyKey>] = [:]
    private var windows: [String: SharedRateWindow] = [:]
    private var sharedLeases: [String: (holder: String, until: Date)] = [:]

    /// Creates an empty store.
    public init() {}

    /// As ``EngineStore/connections()``.
    public func connections() -> [StoredConnection] {
        storedConnections.values.sorted {
            ($0.connector.rawValue, $0.name, $0.id.rawValue) < ($1.connector.rawValue, $1.name, $1.id.rawValue)
        }
    }

    /// As ``EngineStore/connection(_:)``.
    public func connection(_ id: ConnectionID) -> StoredConnection? { storedConnections[id] }

    /// As ``EngineStore/save(_:)``.
    ///
    /// - Throws: ``StoreError/duplicateTenant(_:)``.
    public func save(_ connection: StoredConnection) throws {
        let other = storedConnections.values.first {
            $0.id != connection.id && $0.connector == connection.connector && $0.tenant == connection.tenant
        }
        if let other { throw StoreError.duplicateTenant(other.id) }
        var connection = connection
        if let stored = storedConnections[connection.id], stored.leadsToTenant(of: connection) {
            connection.lastJobOfFormerTenant = stored.lastJobOfFormerTenant
        } else {
            connection.lastJobOfFormerTenant = leaveJobs(of: connection.id)
        }
        storedConnections[connection.id] = connection
    }

    /// Leaves what was made for a former tenant behind, and returns the latest job of it.
    private func leaveJobs(of id: ConnectionID) -> TicketJob.ID? {
        references[id] = nil
        for index in storedJobs.indices where storedJobs[index].connection == id && !storedJobs[index].state.isFinal {
            storedJobs[index].wantedSince = storedJobs[index].createdAt
        }
        changeUploads({ $0.connection == id }) { upload in
            upload.state = .orphaned
            upload.discardAt = nil
        }
        return storedJobs.last { $0.connection == id }?.id
    }

    /// As ``EngineStore/setTicketFieldDefaults(_:of:)``.
    ///
    /// - Throws: ``StoreError/notFound``.
    public func setTicketFieldDefaults(_ defaults: TicketFieldDefaults, of id: ConnectionID) throws {
        guard storedConnections[id] != nil else { throw StoreError.notFound }
        storedConnections[id]?.ticketFieldDefaults = defaults
    }

    /// As ``EngineStore/removeConnection(_:)``.
    ///
    /// - Throws: ``StoreError/notFound``.
    public func removeConnection(_ id: ConnectionID) throws {
        guard storedConnections.removeValue(forKey: id) != nil else { throw StoreError.notFound }
        changeUploads({ $0.connection == id }) { $0.discardAt = nil }
        references[id] = nil
        unmatched[id] = nil
        storedIssues = storedIssues.filter { $0.key.connection != id }
    }

    /// As ``EngineStore/add(_:at:)``.
    ///
    /// - Throws: ``EnqueueError`` if a text or a file exceeds its limit; then no job is added.
    public func add(_ jobs: [NewJob], at time: Date) throws -> [TicketJob.ID] {
        for job in jobs { try job.validateSizes() }
        return jobs.map { new in
            if let known = storedJobs.first(where: { $0.connection == new.connection && $0.key == new.key }) { return known.id }
            let id = TicketJob.ID(rawValue: (storedJobs.last?.id.rawValue ?? 0) + 1)
            storedJobs.append(
                TicketJob(
                    id: id, connection: new.connection, key: new.key, reference: WriteReference(), source: new.source, payload: new.payload,
                    attachments: new.attachments.map { JobAttachment($0) }, state: new.state, remark: "", attempts: 0, searchAttempts: 0,
                    dueAt: time, createdAt: time, wantedSince: time,
                    changedAt: time))
            if new.state.mayBeSent, !new.attachments.isEmpty { storedFiles[id] = new.attachments }
            return id
        }
    }

    /// As ``EngineStore/jobs(_:before:limit:)``.
    public func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) -> [TicketJob] {
        Array(storedJobs.reversed().lazy.filter { job in place.map { job.id < $0 } ?? true }.filter(filter.matches).prefix(limit))
    }

    /// As ``EngineStore/jobPage(_:before:limit:)``.
    public func jobPage(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) -> TicketJob.Page {
        let found = jobs(filter, before: place, limit: limit + 1)
        let shown = Array(found.prefix(limit))
        return TicketJob.Page(jobs: shown, next: found.count > limit ? shown.last?.id : nil)
    }

    /// As ``EngineStore/attempts(of:)``.
    public func attempts(of job: TicketJob.ID) -> [JobAttempt] { storedAttempts[job]?.reversed() ?? [] }

    private func record(_ attempt: (Int) -> JobAttempt, of id: TicketJob.ID) {
        let known = storedAttempts[id] ?? []
        storedAttempts[id] = (known + [attempt((known.last?.number ?? 0) + 1)]).suffix(JobAttempt.limit)
    }

    /// As ``EngineStore/job(_:)``.
    public func job(_ id: TicketJob.ID) -> TicketJob? { storedJobs.first { $0.id == id } }

    /// As ``EngineStore/files(of:)``.
    public func files(of job: TicketJob.ID) -> [AttachmentFile] { storedFiles[job] ?? [] }

    /// As ``EngineStore/job(key:of:)``.
    public func job(key: IdempotencyKey, of connection: ConnectionID) -> TicketJob? {
        storedJobs.first { $0.connection == connection && $0.key == key }
    }

    /// As ``EngineStore/jobCounts(_:)``.
    public func jobCounts(_ filter: TicketJob.Filter) -> TicketJob.Counts {
        var counts = TicketJob.Counts()
        for job in storedJobs where filter.matches(job) {
            counts.byState[job.state.name, default: 0] += 1
            if job.state.isOutcomeUnknown { counts.outcomeUnknown += 1 }
        }
        return counts
    }

    /// As ``EngineStore/latestJob()``.
    public func latestJob() -> TicketJob.ID? { storedJobs.last?.id }

    /// As ``EngineStore/removeFinishedJobs(_:after:limit:)``.
    public func removeFinishedJobs(_ expiry: JobExpiry, after place: JobRemoval.Place?, limit: Int) -> JobRemoval {
        let start = place ?? JobRemoval.Place(changedAt: .distantPast, job: TicketJob.ID(rawValue: 0))
        let part = storedJobs.filter {
            $0.state.name.isFinished && $0.changedAt < expiry.finishedBefore
                && ($0.changedAt, $0.id.rawValue) > (start.changedAt, start.job.rawValue)
        }.sorted { ($0.changedAt, $0.id.rawValue) < ($1.changedAt, $1.id.rawValue) }.prefix(limit)
        let removed = Set(
            part.filter { job in expiry.covers(job) && !storedUploads.contains { $0.job == job.id } }.map(\.id))
        storedJobs.removeAll { removed.contains($0.id) }
        for id in removed { storedAttempts[id] = nil }
        let next = part.count == limit ? part.last.map { JobRemoval.Place(changedAt: $0.changedAt, job: $0.id) } : nil
        return JobRemoval(removed: removed.count, next: next)
    }

    /// As ``EngineStore/leaseNext(for:by:now:lease:)``.
    public func leaseNext(for connection: ConnectionID, by holder: ProcessID, now: Date, lease: Duration) -> TicketJob? {
        for index in storedJobs.indices where storedJobs[index].connection == connection {
            guard storedJobs[index].state.name == .sending, !isLeased(storedJobs[index], now, lease) else { continue }
            // A process that was uploading a file had not made its request.
            let isUploading = storedUploads.contains { $0.job == storedJobs[index].id && $0.state == .begun }
            change(index, to: isUploading ? .waiting : .unknown, at: now)
            storedJobs[index].dueAt = now
            leases[storedJobs[index].id] = nil
        }
        let open = storedJobs.indices.filter { storedJobs[$0].connection == connection && !storedJobs[$0].state.isFinal }
        guard !open.contains(where: { isLeased(storedJobs[$0], now, lease) }) else { return nil }
        let due = open.filter { isDue(storedJobs[$0], now, lease) && isSendable(storedJobs[$0], now) }
        guard let next = due.min(by: { order(storedJobs[$0]) < order(storedJobs[$1]) }) else { return nil }
        let until = now.addingTimeInterval(lease.seconds)
        if storedJobs[next].state == .waiting {
            storedJobs[next].attempts += 1
            change(next, to: .sending(leaseHolder: holder, until: until), at: now)
        }
        leases[storedJobs[next].id] = Lease(holder: holder, until: until)
        storedJobs[next].changedAt = now
        return storedJobs[next]
    }

    /// As ``EngineStore/dueConnections(now:lease:)``.
    public func dueConnections(now: Date, lease: Duration) -> (connections: [ConnectionID], next: Date?) {
        var due: Set<ConnectionID> = []
        var next: Date?
        for (connection, jobs) in Dictionary(grouping: storedJobs.filter { !$0.state.isFinal }, by: \.connection) {
            let busyUntil = jobs.filter { isLeased($0, now, lease) }.compactMap { leases[$0.id]?.until }.max()
            let ready = jobs.filter { $0.state.name != .waiting || isSendable($0, now) }
            guard
                let time = busyUntil
                    ?? ready.map({ $0.state.name == .sending || isDue($0, now, lease) ? min(now, $0.dueAt) : $0.dueAt }).min()
            else { continue }
            if time <= now { due.insert(connection) } else { next = min(next ?? time, time) }
        }
        for upload in storedUploads {
            guard let time = upload.discardAt else { continue }
            if time <= now || WrongClock.isTooFarAhead(time, of: now) {
                due.insert(upload.connection)
            } else {
                next = min(next ?? time, time)
            }
        }
        return (due.sorted { $0.rawValue < $1.rawValue }, next)
    }

    /// As ``EngineStore/renewLease(_:by:until:)``.
    public func renewLease(_ id: TicketJob.ID, by holder: ProcessID, until: Date) -> Bool {
        guard leases[id]?.holder == holder else { return false }
        leases[id]?.until = until
        return true
    }

    /// As ``EngineStore/recordIntent(_:on:for:by:now:)``.
    public func recordIntent(
        _ id: TicketJob.ID, on ticket: PostedTicket?, for company: CompanyResolution, by holder: ProcessID, now: Date
    ) -> Bool {
        guard let index = index(of: id), storedJobs[index].state.name == .sending, let lease = leases[id], lease.holder == holder,
            lease.until > now
        else { return false }
        storedJobs[index].target = ticket
        storedJobs[index].company = company
        storedJobs[index].cause = nil
        return true
    }

    /// As ``EngineStore/complete(_:by:_:at:)``.
    public func complete(_ id: TicketJob.ID, by holder: ProcessID, _ outcome: JobOutcome, at time: Date) -> Bool {
        guard leases[id]?.holder == holder, let index = index(of: id) else { return false }
        let before = storedJobs[index]
        record({ JobAttempt($0, of: before, outcome, at: time) }, of: id)
        apply(outcome, to: index, at: time)
        let job = storedJobs[index]
        if let source = job.source {
            if let code = outcome.pauses {
                let isProbed = FailureScope(code) == .source
                let probeAt = isProbed && pauses[source] == nil ? time : max(outcome.dueAt, time.addingTimeInterval(60))
                pauses[source] = Pause(code: pauses[source]?.code ?? code, probeAt: probeAt)
                if isProbed, job.refusedAt == nil { storedJobs[index].refusedAt = time }
            }
            if outcome.state.isWritten, pauses.removeValue(forKey: source) != nil {
                makeDue(at: time) { $0.source == source && $0.state == .waiting }
            }
        }
        if outcome.backsOffConnection {
            // Slightly earlier than this one, so that they take turns.
            let due = outcome.dueAt.addingTimeInterval(-0.001)
            for other in storedJobs.indices
            where storedJobs[other].connection == job.connection && storedJobs[other].state == .waiting && storedJobs[other].id != id
                && storedJobs[other].dueAt < due
            { storedJobs[other].dueAt = due }
        }
        if outcome.state.isWritten {
            resolveIssues(of: job.connection, areas: .resolvedByWrite, at: time)
        }
        if let code = outcome.issue {
            recordIssue(code, problem: outcome.issueProblem, of: job.connection, at: time)
        }
        return true
    }

    /// As ``EngineStore/uploads(of:)``.
    public func uploads(of job: TicketJob.ID) -> [JobUpload] {
        storedUploads.filter { $0.job == job && $0.state != .orphaned }.sorted { $0.place < $1.place }
    }

    /// As ``EngineStore/beginUpload(_:_:of:by:now:)``.
    public func beginUpload(
        _ place: Int, _ attachment: JobAttachment, of job: TicketJob.ID, by holder: ProcessID, now: Date
    ) -> JobUpload.ID? {
        guard let index = index(of: job), storedJobs[index].state.name == .sending, let lease = leases[job], lease.holder == holder,
            lease.until > now
        else { return nil }
        changeUploads({ $0.job == job && $0.place == place && $0.state == .begun }) { $0.state = .orphaned }
        lastUpload += 1
        let id = JobUpload.ID(rawValue: lastUpload)
        storedUploads.append(
            JobUpload(id: id, connection: storedJobs[index].connection, job: job, place: place, attachment: attachment, begunAt: now))
        return id
    }

    /// As ``EngineStore/finishUpload(_:as:at:)``.
    public func finishUpload(_ id: JobUpload.ID, as uploaded: UploadedAttachment, at time: Date) {
        changeUploads({ $0.id == id }) { upload in
            upload.vendorID = uploaded.id
            upload.attachment = JobAttachment(name: uploaded.name, mediaType: uploaded.mediaType, byteCount: uploaded.byteCount)
            if upload.state == .orphaned { upload.discardAt = time } else { upload.state = .uploaded }
        }
    }

    /// As ``EngineStore/failUpload(_:mayExist:)``.
    public func failUpload(_ id: JobUpload.ID, mayExist: Bool) {
        if mayExist { changeUploads({ $0.id == id }) { $0.state = .orphaned } } else { storedUploads.removeAll { $0.id == id } }
    }

    /// As ``EngineStore/orphanUploads(of:)``.
    public func orphanUploads(of connection: ConnectionID?) -> [JobUpload] {
        storedUploads.filter { $0.state == .orphaned && (connection == nil || $0.connection == connection) }
    }

    /// As ``EngineStore/removeUpload(_:)``.
    ///
    /// - Throws: ``StoreError/notFound`` if there is no orphan with this id.
    public func removeUpload(_ id: JobUpload.ID) throws {
        guard let index = storedUploads.firstIndex(where: { $0.id == id && $0.state == .orphaned }) else { throw StoreError.notFound }
        storedUploads.remove(at: index)
    }

    /// As ``EngineStore/postponeDiscard(_:until:)``.
    public func postponeDiscard(_ id: JobUpload.ID, until time: Date?) {
        changeUploads({ $0.id == id }) { upload in
            upload.discardAt = time
            upload.discardAttempts += 1
        }
    }

    private func changeUploads(_ isMeant: (JobUpload) -> Bool, _ change: (inout JobUpload) -> Void) {
        for index in storedUploads.indices where isMeant(storedUploads[index]) { change(&storedUploads[index]) }
    }

    /// Ends the uploads of a job by its state.
    private func settleUploads(of id: TicketJob.ID, _ state: TicketJob.State.Name, mayBeReferred: Bool, at time: Date) {
        switch JobUpload.ending(for: state) {
        case .kept: return
        case .attached: storedUploads.removeAll { $0.job == id && $0.state == .uploaded }
        case .discarded: break
        }
        changeUploads({ $0.job == id && $0.state != .orphaned }) { upload in
            upload.state = .orphaned
            upload.discardAt = upload.vendorID == nil || mayBeReferred ? nil : time
        }
    }

    /// As ``EngineStore/predecessors(of:for:since:before:isSameOrigin:limit:)``.
    public func predecessors(
        of job: TicketJob, for company: CompanyResolution, since time: Date, before place: TicketJob.ID?, isSameOrigin: Bool, limit: Int
    ) -> [TicketJob] {
        let subject = storedJobs.reversed().filter { other in
            other.id < place ?? job.id && other.source == job.source && other.connection == job.connection && other.createdAt >= time
                && other.createdAt <= WrongClock.latest(at: job.createdAt)
                && other.payload.deviceKey == job.payload.deviceKey
        }
        // A note says nothing of the age of its ticket: that is the age of the job that created it.
        let tickets = Set(subject.filter { $0.state.name == .created }.compactMap { $0.state.ticket?.id })
        let found = subject.filter { other in
            other.payload.operation == .createTicket
                && ([.waiting, .sending, .unknown, .created].contains(other.state.name) || other.state.isOutcomeUnknown
                    || other.state.name == .appended && other.state.ticket.map { tickets.contains($0.id) } ?? false)
                && (other.company == nil || other.company == company)
                && (!isSameOrigin || other.payload.origin == job.payload.origin)
        }
        return Array(found.prefix(limit))
    }

    /// As ``EngineStore/hasWritten(_:since:)``.
    public func hasWritten(_ source: JobSource, since time: Date) -> Bool {
        let end = WrongClock.latestWrite(since: time)
        return storedJobs.contains { $0.source == source && $0.state.isWritten && $0.changedAt >= time && $0.changedAt <= end }
    }

    /// As ``EngineStore/wake(_:at:)``.
    public func wake(_ connection: ConnectionID, at time: Date) {
        makeDue(at: time) { $0.connection == connection }
    }

    /// As ``EngineStore/resumeSources(of:)``.
    public func resumeSources(of connection: ConnectionID) -> [JobSource] {
        let paused = Set(storedJobs.filter { $0.connection == connection }.compactMap(\.source)).filter { pauses[$0] != nil }
        for source in paused { pauses[source] = nil }
        return paused.sorted { $0.rawValue < $1.rawValue }
    }

    /// As ``EngineStore/decide(_:from:to:at:)``.
    ///
    /// - Throws: ``StoreError/stale`` if it is in another state, ``StoreError/notFound`` if it does not exist.
    public func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date) throws {
        guard let index = index(of: id) else { throw StoreError.notFound }
        guard storedJobs[index].state == state else { throw StoreError.stale }
        record({ JobAttempt(number: $0, at: time, kind: .decision, state: outcome.state.name, remark: outcome.remark) }, of: id)
        apply(outcome, to: index, at: time)
        storedJobs[index].wantedSince = time
    }

    /// As ``EngineStore/findsReferences(_:)``.
    public func findsReferences(_ connection: ConnectionID) -> Bool? { references[connection] }

    /// As ``EngineStore/setFindsReferences(_:_:)``.
    public func setFindsReferences(_ finds: Bool, _ connection: ConnectionID) {
        if storedConnections[connection] != nil { references[connection] = finds }
    }

    /// As ``EngineStore/issues(of:)``.
    public func issues(of connection: ConnectionID?) -> [ConnectionIssue] {
        storedIssues.values.filter { connection == nil || $0.connection == connection }
            .sorted {
                ($0.resolvedAt == nil ? 0 : 1, $1.lastSeenAt, $0.code.rawValue) < (
                    $1.resolvedAt == nil ? 0 : 1, $0.lastSeenAt, $1.code.rawValue
                )
            }
    }

    /// As ``EngineStore/recordIssue(_:problem:of:at:)``.
    public func recordIssue(_ code: ErrorCode, problem: String?, of connection: ConnectionID, at time: Date) {
        guard storedConnections[connection] != nil else { return }
        let key = IssueKey(connection: connection, code: code)
        var issue = storedIssues[key] ?? ConnectionIssue(connection: connection, code: code, firstSeenAt: time, lastSeenAt: time, count: 0)
        if issue.resolvedAt != nil {
            issue = ConnectionIssue(connection: connection, code: code, firstSeenAt: time, lastSeenAt: time, count: 0)
        }
        issue.lastSeenAt = time
        issue.count += 1
        if let problem = ConnectionIssue.stored(problem) { issue.problem = problem }
        storedIssues[key] = issue
    }

    /// As ``EngineStore/resolveIssues(of:areas:at:)``.
    public func resolveIssues(of connection: ConnectionID, areas: IssueAreas, at time: Date) {
        for (key, issue) in storedIssues
        where key.connection == connection && issue.resolvedAt == nil && areas.contains(key.code) {
            storedIssues[key]?.resolvedAt = time
        }
    }

    /// As ``EngineStore/resolveIssue(_:of:at:)``.
    public func resolveIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) {
        let key = IssueKey(connection: connection, code: code)
        if storedIssues[key]?.resolvedAt == nil { storedIssues[key]?.resolvedAt = time }
    }

    /// As ``EngineStore/recordUnmatched(_:_:of:at:)``.
    public func recordUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at time: Date) {
        guard storedConnections[connection] != nil, unmatched[connection, default: []].count < 1_000 else { return }
        unmatched[connection, default: []].insert(sent.key)
    }

    /// As ``EngineStore/mappedCompany(_:of:tenant:)``.
    public func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) -> Company.ID? { nil }

    /// As ``EngineStore/close()``.
    public func close() {}

    private func index(of id: TicketJob.ID) -> Int? { storedJobs.firstIndex { $0.id == id } }

    /// A lease that ends later than any clock can have set it was written by a clock that has been set back since.
    private func isLeased(_ job: TicketJob, _ now: Date, _ lease: Duration) -> Bool {
        leases[job.id].map { $0.until > now && $0.until <= now.addingTimeInterval(2 * lease.seconds) } ?? false
    }

    /// A job that was changed in the future waits by a clock that has been set back since.
    private func isDue(_ job: TicketJob, _ now: Date, _ lease: Duration) -> Bool {
        job.dueAt <= now || job.changedAt > now.addingTimeInterval(2 * lease.seconds)
    }

    private func isSendable(_ job: TicketJob, _ now: Date) -> Bool {
        if job.state == .unknown { return true }
        guard job.state == .waiting else { return false }
        guard let source = job.source, let pause = pauses[source], job.attempts == 0, !job.isReleased else { return true }
        let first = storedJobs.first { $0.connection == job.connection && $0.source == source && $0.state == .waiting && $0.attempts == 0 }
        return (pause.probeAt <= now || WrongClock.isTooFarAhead(pause.probeAt, of: now)) && first?.id == job.id
    }

    /// What is searched for comes first, then what has waited longest.
    private func order(_ job: TicketJob) -> (Int, Date, Int, TicketJob.ID) {
        (job.state == .waiting ? 1 : 0, job.dueAt, job.attempts, job.id)
    }

    private func change(_ index: Int, to state: TicketJob.State, at time: Date) {
        storedJobs[index].state = state
        storedJobs[index].changedAt = time
    }

    private func apply(_ outcome: JobOutcome, to index: Int, at time: Date) {
        let mayBeReferred = storedJobs[index].state.isOutcomeUnknown
        change(index, to: outcome.state, at: time)
        settleUploads(of: storedJobs[index].id, outcome.state.name, mayBeReferred: mayBeReferred, at: time)
        if !outcome.state.mayBeSent { storedFiles[storedJobs[index].id] = nil }
        leases[storedJobs[index].id] = nil
        storedJobs[index].cause = outcome.cause
        storedJobs[index].remark = outcome.remark
        storedJobs[index].attempts = outcome.attempts
        storedJobs[index].searchAttempts = outcome.searchAttempts
        storedJobs[index].dueAt = outcome.dueAt
        if outcome.startsOwnTicket { storedJobs[index].payload.appendsSince = nil }
        if ![.unknown, .failed].contains(outcome.state.name), !outcome.state.isOutcomeUnknown { storedJobs[index].target = nil }
    }

    private func makeDue(at time: Date, _ isMeant: (TicketJob) -> Bool) {
        for index in storedJobs.indices where [.waiting, .checking].contains(storedJobs[index].state.name) && isMeant(storedJobs[index]) {
            storedJobs[index].dueAt = min(storedJobs[index].dueAt, time)
        }
    }
}

extension TicketJob.Filter {
    /// Whether a job matches.
    public func matches(_ job: TicketJob) -> Bool {
        if let source, job.source != source { return false }
        if let connection, job.connection != connection { return false }
        if let state, job.state.name != state { return false }
        if let reason, job.state != .needsReview(reason) { return false }
        let payload = job.payload
        if let text, !Self.contains(payload.summary, text), !Self.contains(payload.details, text) { return false }
        if let company, !Self.contains(payload.company, company), payload.companyID != company { return false }
        if let device, !Self.contains(payload.device, device) { return false }
        if let hasOrigin, payload.origin.isEmpty == hasOrigin { return false }
        if let createdFrom, job.createdAt < createdFrom { return false }
        if let createdBefore, job.createdAt >= createdBefore { return false }
        return true
    }

    private static func contains(_ text: String, _ part: String) -> Bool { text.lowercased().contains(part.lowercased()) }
}

extension InMemoryEngineStore {
    /// As ``/PSACore/SharedTenantStore/reserveRequests(_:now:)``.
    public func reserveRequests(_ request: RateReservationRequest, now: Date) -> RateReservationAnswer {
        windows[request.tenant, default: SharedRateWindow()].reserve(request, at: now.milliseconds)
    }

    /// As ``/PSACore/SharedTenantStore/returnRequests(_:of:tenant:now:)``.
    public func returnRequests(_ count: Int, of reservation: RateReservation, tenant: String, now: Date) {
        windows[tenant]?.giveBack(count, of: reservation)
    }

    /// As ``/PSACore/SharedTenantStore/holdBackRequests(of:for:now:)``.
    public func holdBackRequests(of tenant: String, for duration: Duration, now: Date) {
        windows[tenant, default: SharedRateWindow()].holdBack(for: duration, at: now.milliseconds)
    }

    /// As ``/PSACore/SharedTenantStore/takeLease(_:by:for:now:)``.
    public func takeLease(_ name: String, by holder: String, for duration: Duration, now: Date) -> Bool {
        if let known = sharedLeases[name], known.holder != holder,
            (0...2 * duration.seconds).contains(known.until.timeIntervalSince(now)), known.until > now
        {
            return false
        }
        sharedLeases[name] = (holder, now.addingTimeInterval(duration.seconds))
        return true
    }

    /// As ``/PSACore/SharedTenantStore/releaseLease(_:by:)``.
    public func releaseLease(_ name: String, by holder: String) {
        if sharedLeases[name]?.holder == holder { sharedLeases[name] = nil }
    }
}

extension Date {
    /// Whole milliseconds since 1970.
    fileprivate var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1_000).rounded(.down)) }
}
