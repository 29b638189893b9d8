package import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisRules

/// Runs the detectors over the local copies, and raises an event for each occurrence of what they find.
///
/// The same occurrence has the same sender's id, so a run that is repeated, killed or made by two processes at once raises each event once.
/// Where processes share the database, one of them at a time runs the detectors of a connection, and all show the latest run.
package final class DetectorService: Sendable {
    /// What a detector finds at a time.
    package struct Result: Sendable, Equatable {
        /// The findings, at most ``maxFindings``.
        package var findings: [Finding] = []
        /// How many there are.
        package var count = 0
        /// Why nothing can be found; nil if it can.
        package var obstacle: DetectorObstacle?
    }

    /// How a run of a detector ended.
    package struct Run: Sendable, Equatable {
        /// When it began.
        package var at: Date
        /// How many findings there were.
        package var found = 0
        /// For how many of them an event was raised now.
        package var raised = 0
        /// How many wait for the next run, because a run raises at most ``maxFindings`` events.
        package var left = 0
        /// Why nothing could be found; nil if it could.
        package var obstacle: DetectorObstacle?
    }

    /// The most events that a detector raises in a run, and the most findings that it lists.
    package static let maxFindings = 1_000
    /// How long a connection goes without a run while its copy does not change.
    package static let interval = Duration.seconds(3_600)

    private let storage: any Storage
    private let copies: any SyncStore
    private let policy: SyncPolicy
    private let events: EventService
    private let time: TimeSource
    private let log: HostLog
    private let duties: ProcessDuties
    private let wakeups: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    /// Creates a ``DetectorService``.
    ///
    /// - Parameters:
    ///   - storage: The storage of settings, events and jobs.
    ///   - copies: The store of the local copies.
    ///   - policy: How the copies are kept in sync.
    ///   - events: Takes the events.
    ///   - time: The clock.
    ///   - log: Receives what can't be thrown to a caller.
    ///   - duties: What one process at a time does.
    package init(
        storage: any Storage, copies: any SyncStore, policy: SyncPolicy, events: EventService, time: TimeSource, log: HostLog,
        duties: ProcessDuties = ProcessDuties()
    ) {
        self.storage = storage
        self.copies = copies
        self.policy = policy
        self.events = events
        self.time = time
        self.log = log
        self.duties = duties
        (wakeups, wakeup) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Running

    /// Says that a sync run has ended, so that detectors run soon.
    package func wake() { wakeup.yield() }

    /// Runs detectors after each sync run, and at least once an hour, until its task is cancelled.
    package func run() async {
        let clock = Task { [time, wakeup] in
            repeat { wakeup.yield() } while (try? await time.sleep(.seconds(300))) != nil
        }
        defer { clock.cancel() }
        for await _ in wakeups {
            guard !Task.isCancelled else { return }
            await runThoseDue()
            // Runs of many lists end one after the other.
            guard (try? await time.sleep(.seconds(5))) != nil else { return }
        }
    }

    /// Runs the detectors of each connection whose copy has changed since its latest run, or whose latest run was an hour ago.
    ///
    /// What fails because of the storage is logged, and due again at the next call.
    package func runThoseDue() async {
        do {
            for (id, settings) in try await storage.detectorSettings().sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                guard !Task.isCancelled else { return }
                do {
                    guard let connection = try await storage.connection(id), try await isDue(id) else { continue }
                    _ = try await duties.perform("detectors/\(id)") { [self] in
                        // Another process may have run them meanwhile.
                        if try await isDue(id) { try await run(settings, of: connection) }
                    }
                } catch is CancellationError {
                    return
                } catch {
                    log.record(
                        .error, "detectors_failed", [("connection", .string(id.rawValue)), ("type", .string("\(type(of: error))"))])
                }
            }
        } catch {
            log.record(.error, "detectors_failed", [("type", .string("\(type(of: error))"))])
        }
    }

    /// Whether the copy of a connection has changed since its latest run, or that was an hour ago.
    private func isDue(_ connection: ConnectionID) async throws -> Bool {
        guard let latest = try await storage.detectorRuns(of: connection) else { return true }
        let copy = try await state(ofCopyOf: connection)
        return latest.copy != copy || !(0..<Self.interval.seconds).contains(time.now().timeIntervalSince(latest.at))
    }

    /// What a copy is like: when each list was last read.
    private func state(ofCopyOf connection: ConnectionID) async throws -> String {
        try await copies.statuses(of: connection, countingRecords: false).flatMap { [$0.progress.freshAt, $0.progress.lastRun?.endedAt] }
            .map { $0.map { "\(Int(($0.timeIntervalSince1970 * 1_000).rounded()))" } ?? "-" }.joined(separator: " ")
    }

    /// Runs the detectors of a connection that are on.
    ///
    /// - Returns: How each ended.
    /// - Throws: Errors of the storage, or `CancellationError`; events that were raised by then stay.
    @discardableResult
    package func run(_ settings: DetectorSettings, of connection: StoredConnection) async throws -> [DetectorKind: Run] {
        var runs: [DetectorKind: Run] = [:]
        // Before anything is read: what changes meanwhile is looked at again.
        let (now, copy) = (time.now(), try await state(ofCopyOf: connection.id))
        for kind in DetectorKind.allCases where settings[kind].isOn {
            runs[kind] = try await run(Detector(kind, days: settings[kind].days, now: time.now()), of: connection)
        }
        try await storage.setDetectorRuns(StoredDetectorRuns(at: now, copy: copy, runs: runs), of: connection.id)
        return runs
    }

    /// How the latest run of each detector of a connection ended, whichever process made it.
    ///
    /// - Throws: Errors of the storage.
    package func latestRuns(of connection: ConnectionID) async throws -> [DetectorKind: Run] {
        try await storage.detectorRuns(of: connection)?.runs ?? [:]
    }

    private func run(_ detector: Detector, of connection: StoredConnection) async throws -> Run {
        var run = Run(at: detector.now)
        let namespace = EventNamespace.detectors(of: connection.id, tenant: connection.tenant)
        run.obstacle = try await forEachPage(of: detector, connection) { findings in
            run.found += findings.count
            let known = try await storage.senderIDs(findings.map(\.senderID), of: HostEvent.detectorSource, in: namespace)
            for finding in findings where !known.contains(finding.senderID) {
                try Task.checkCancellation()
                guard run.raised < Self.maxFindings else {
                    run.left += 1
                    continue
                }
                let acceptance = try await events.accept(finding.event(of: connection.id, at: time.now()), in: namespace)
                if !acceptance.isRepeat { run.raised += 1 }
            }
        }
        if run.raised > 0 || run.left > 0 {
            log.record(
                run.left > 0 ? .warning : .info, "detector_ran",
                [
                    ("connection", .string(connection.id.rawValue)), ("detector", .string(detector.kind.rawValue)),
                    ("found", .integer(run.found)), ("raised", .integer(run.raised)), ("left", .integer(run.left)),
                ])
        }
        return run
    }

    // MARK: Looking without raising events

    /// What a detector finds now and, if days are given, what began in them as far as the present copy shows it; nothing is raised.
    ///
    /// - Parameters:
    ///   - kind: The detector.
    ///   - days: Its number of days; nil for the default.
    ///   - lookback: The number of days before now.
    ///   - connection: The connection.
    /// - Returns: The findings.
    /// - Throws: Errors of the storage.
    package func findings(
        _ kind: DetectorKind, days: Int?, lookback: Int, of connection: StoredConnection
    ) async throws -> Result {
        var result = Result()
        result.obstacle = try await forEachPage(of: Detector(kind, days: days, now: time.now(), lookback: lookback), connection) { found in
            result.count += found.count
            result.findings += found.prefix(Self.maxFindings - result.findings.count)
        }
        return result
    }

    /// Passes on what a detector finds, page by page.
    ///
    /// - Returns: Why nothing can be found; nil if it can.
    private func forEachPage(
        of detector: Detector, _ connection: StoredConnection, _ body: ([Finding]) async throws -> Void
    ) async throws -> DetectorObstacle? {
        guard let copy = try await copies.copies().first(where: { $0.connection == connection.id }), copy.tenant == connection.tenant,
            copy.connector == connection.connector
        else { return .noCopy }
        let statuses = try await copies.statuses(of: connection.id, countingRecords: false)
        if let obstacle = detector.kind.obstacle(statuses, policy, at: detector.now) { return obstacle }
        switch detector.kind {
        case .agreementEnding: try await agreements(detector, connection, statuses, body)
        case .ticketWaiting: try await tickets(detector, connection, statuses, body)
        case .companyWithoutAgreement: return try await companies(detector, connection, body)
        case .syncStale: try await body(statuses.compactMap { detector.finding(status: $0, policy) })
        }
        return nil
    }

    private func agreements(
        _ detector: Detector, _ connection: StoredConnection, _ statuses: [SyncStatus], _ body: ([Finding]) async throws -> Void
    ) async throws {
        let companiesAreKnown = statuses.contains { $0.resource == .companies }
        try await forEachPage(of: detector.agreementQuery, in: connection.id) { page in
            var findings: [Finding] = []
            for agreement in page {
                let id = agreement.facts.company.flatMap { SyncRecord.ID($0.rawValue) }
                var company: SyncRecord?
                if companiesAreKnown, let id { company = try await copies.record(id, of: .companies, in: connection.id) }
                let finding = detector.finding(agreement: agreement, company: company, companiesAreKnown: companiesAreKnown)
                if let finding { findings.append(finding) }
            }
            try await body(findings)
        }
    }

    private func tickets(
        _ detector: Detector, _ connection: StoredConnection, _ statuses: [SyncStatus], _ body: ([Finding]) async throws -> Void
    ) async throws {
        // The copy says that nothing happened until it was read, not until now.
        let freshAt = statuses.first { $0.resource == .tickets }?.progress.freshAt ?? detector.now
        let detector = Detector(
            detector.kind, days: detector.days, now: min(detector.now, freshAt), lookback: detector.lookback)
        let own = try await ticketsOfFindings(of: connection)
        try await forEachPage(of: detector.ticketQuery, in: connection.id) { page in
            try await body(page.filter { !own.contains($0) }.compactMap { detector.finding(ticket: $0) })
        }
    }

    private func companies(
        _ detector: Detector, _ connection: StoredConnection, _ body: ([Finding]) async throws -> Void
    ) async throws -> DetectorObstacle? {
        let before = try await copies.latestSequence(of: .agreements, in: connection.id)
        var agreements = SyncQuery(.agreements)
        agreements.states = [.present, .unreachable]
        agreements.limit = SyncLimits.page
        var covered: Set<Company.ID> = []
        try await forEachPage(of: agreements, in: connection.id) { page in
            covered.formUnion(page.compactMap(detector.coveredCompany))
        }
        let own = try await ticketsOfFindings(of: connection)
        var tickets = SyncQuery(.tickets)
        tickets.states = [.present]
        tickets.limit = SyncLimits.page
        var open: [Company.ID: OpenTickets] = [:]
        try await forEachPage(of: tickets, in: connection.id) { page in
            for ticket in page where !own.contains(ticket) {
                guard let company = ticket.facts.company, !covered.contains(company) else { continue }
                open[company, default: OpenTickets()].add(ticket)
            }
        }
        // An agreement that was renamed meanwhile may have moved past the place of reading.
        guard try await copies.latestSequence(of: .agreements, in: connection.id) == before else { return .changing(.agreements) }
        var companies = SyncQuery(.companies)
        companies.states = [.present]
        companies.isActive = true
        companies.limit = SyncLimits.page
        try await forEachPage(of: companies, in: connection.id) { page in
            try await body(
                page.compactMap { company in
                    Company.ID(company.id.rawValue).flatMap { open[$0] }.flatMap { detector.finding(company: company, with: $0) }
                })
        }
        return nil
    }

    private func ticketsOfFindings(of connection: StoredConnection) async throws -> FindingTickets {
        let namespace = EventNamespace.detectors(of: connection.id, tenant: connection.tenant)
        return try await storage.ticketsOfFindings(of: connection.id, origin: namespace.origin(of: HostEvent.detectorSource))
    }

    private func forEachPage(of query: SyncQuery, in connection: ConnectionID, _ body: ([SyncRecord]) async throws -> Void) async throws {
        var query = query
        repeat {
            try Task.checkCancellation()
            let page = try await copies.records(query, in: connection)
            try await body(page.records)
            query.after = page.next
        } while query.after != nil
    }
}
