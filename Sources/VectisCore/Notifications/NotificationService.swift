import FoundationEssentials
import Mail
package import PSACore
import PSAEngine
import Synchronization
import VectisRules

/// Finds out which conditions there are, makes messages about them and sends them.
///
/// Nothing but the time of the latest removal is kept in memory: a process that is killed at any point is continued by any other.
package final class NotificationService: Sendable {
    /// How often conditions are looked at.
    package static let interval = Duration.seconds(30)
    /// How long a process may take to send a message before others take it for dead.
    static let lease = NotificationSender.maxDuration + .seconds(60)
    /// How many messages a process sends at once.
    private static let workers = 4
    /// The longest time that a receiver may ask to wait.
    private static let maxWait = Duration.seconds(3_600)

    private let storage: any Storage
    private let registry: ConnectorRegistry
    private let sender: any NotificationSending
    private let vault: Vault
    private let addressPolicy: AddressPolicy
    private let machine: String
    private let time: TimeSource
    private let log: HostLog
    private let holder = ProcessID()
    private let removedAt = Mutex<Date?>(nil)

    /// Creates a ``NotificationService``.
    ///
    /// - Parameters:
    ///   - storage: The storage of contact points, and of what their conditions follow from.
    ///   - registry: The connectors, for their texts.
    ///   - sender: Sends messages.
    ///   - vault: Seals secrets.
    ///   - addressPolicy: The addresses that contact points may have.
    ///   - machine: The name of this machine.
    ///   - time: The clock and randomness.
    ///   - log: Receives what can't be thrown to a caller.
    package init(
        storage: any Storage, registry: ConnectorRegistry, sender: any NotificationSending, vault: Vault, addressPolicy: AddressPolicy,
        machine: String, time: TimeSource, log: HostLog
    ) {
        self.storage = storage
        self.registry = registry
        self.sender = sender
        self.vault = vault
        self.addressPolicy = addressPolicy
        self.machine = machine
        self.time = time
        self.log = log
    }

    // MARK: Sending

    /// Looks, makes messages and sends them, again and again, until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await runOnce()
            guard (try? await time.sleep(Self.interval)) != nil else { return }
        }
    }

    /// Looks once, makes the messages that are due and sends them.
    ///
    /// What fails because of the storage is logged, and due again at the next call.
    package func runOnce() async {
        await logged("observe") { try await observe() }
        await logged("make") { try await makeMessages() }
        await logged("send") { try await sendMessages() }
        await logged("remove") { try await removeOld() }
    }

    private func logged(_ step: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            // The host stops; the next one goes on.
        } catch {
            log.record(.error, "notifications_failed", [("step", .string(step)), ("type", .string("\(type(of: error))"))])
        }
    }

    /// Stores which conditions there are now; pages show them without any contact point, too.
    package func observe() async throws {
        let now = time.now()
        _ = try await storage.observe([], scope: .shared, at: now)
        let isLow = [.full, .nearlyFull].contains(storage.health.failure)
        let disk = FoundCondition(ConditionFacts(kind: .diskLow, key: ObservationScope.machinePrefix + machine, name: machine))
        _ = try await storage.observe(isLow ? [disk] : [], scope: .machine(machine), at: now)
    }

    /// Makes the messages that are due.
    package func makeMessages() async throws {
        let connectors = Dictionary(
            try await storage.connections().map { ($0.id.rawValue, $0.connector) }, uniquingKeysWith: { $1 })
        let now = time.now()
        for stored in try await storage.contactPoints() where stored.point.isEnabled {
            let key = Self.makeKey()
            _ = try await storage.makeNotification(for: stored.point.id, at: now) { [registry] point, conditions in
                let plan = NotificationPlan(conditions, for: point, now: now)
                let writer = NotificationWriter(registry: registry, connectors: connectors, language: point.language)
                guard let content = writer.content(plan) else { return nil }
                let reports = plan.entries.map { entry in
                    (condition: entry.condition.id, state: entry.condition.endedAt == nil ? ConditionReport.State.open : .ended)
                }
                return NewNotification(key: key, content: content, reports: reports)
            }
        }
    }

    /// Sends all messages that are due, several at a time.
    package func sendMessages() async throws {
        let lost = try await storage.endLostNotificationLeases(at: time.now(), code: NotificationErrorCode.outcomeUnknown.code)
        if lost > 0 { log.record(.warning, "notification_leases_lost", [("count", .integer(lost))]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.workers {
                group.addTask { while try await self.sendNext() {} }
            }
            try await group.waitForAll()
        }
    }

    /// Sends the message that is due first; false if there is none.
    private func sendNext() async throws -> Bool {
        try Task.checkCancellation()
        let now = time.now()
        guard let message = try await storage.leaseNotification(by: holder, at: now, until: now.addingTimeInterval(Self.lease.seconds))
        else {
            return false
        }
        guard let point = try await storage.contactPoint(message.point)?.point else { return true }
        // A host that stops waits for the answer: without it the outcome would be unknown.
        let delivery = await Task { [sender] in
            await sender.send(message.content, key: message.key, createdAt: message.createdAt, to: point)
        }.value
        let end = time.now()
        let result = result(of: delivery, message, at: end)
        let isStored = try await storage.finishNotification(message.id, by: holder, result, at: end)
        log.record(
            result.isGood ? .info : .warning, "notification_sent",
            [
                ("contactPoint", .string(point.id.rawValue)), ("message", .string(message.key)), ("outcome", .string(result.word)),
                ("code", result.code.map { .string($0.rawValue) }), ("stored", .bool(isStored)),
            ])
        return true
    }

    /// What to store about a delivery.
    func result(of delivery: Delivery, _ message: StoredNotification, at now: Date) -> NotificationResult {
        switch delivery {
        case .sent(let warning): return .sent(code: warning?.code.code, detail: warning?.detail ?? "")
        case .unknown(let failure): return .unknown(code: failure.code.code, detail: failure.detail)
        case .refused(let failure, let isTemporary, let retryAfter):
            let (code, detail) = (failure.code.code, failure.detail)
            guard isTemporary else { return .failed(code: code, detail: detail, isPermanent: true) }
            let attempts = message.attempts + 1
            // 30 s, 1, 2, 4, 8 and 15 minutes, each a little different so that receivers are not asked by all at once.
            let wait = min(30 * pow2(attempts - 1), 900) * (0.9 + 0.2 * time.random())
            let due = now.addingTimeInterval(max(wait, min(retryAfter ?? .zero, Self.maxWait).seconds))
            guard attempts < NotificationLimits.attempts, due.timeIntervalSince(message.createdAt) < NotificationLimits.maxAge else {
                return .failed(code: code, detail: detail, isPermanent: false)
            }
            return .queued(until: due, code: code, detail: detail)
        }
    }

    private func pow2(_ exponent: Int) -> Double { Double(1 << max(0, min(exponent, 16))) }

    private func removeOld() async throws {
        let now = time.now()
        let isDue = removedAt.withLock { $0.map { !(0..<3_600).contains(now.timeIntervalSince($0)) } ?? true }
        guard isDue else { return }
        let limit = now.addingTimeInterval(-Double(NotificationLimits.days) * 86_400)
        while try await storage.removeNotifications(finishedBefore: limit, keeping: NotificationLimits.rows, limit: 500) >= 500 {
            try await time.sleep(.milliseconds(20))
        }
        removedAt.withLock { $0 = now }
    }

    private static func makeKey() -> String { CorrelationID().rawValue + CorrelationID().rawValue }

    // MARK: Contact points

    /// Stores a new contact point.
    ///
    /// - Throws: ``ContactPointError``, or an error of the storage.
    package func create(_ draft: ContactPointDraft, by origin: RequestOrigin) async throws -> StoredContactPoint {
        try await check(draft, over: nil)
        let now = time.now()
        var point = ContactPoint(
            id: ContactPointID(), kind: draft.kind, name: "", isEnabled: true, language: .english, subscription: NotificationSubscription(),
            mail: MailSettings(), host: "", password: nil, address: nil, signingKey: nil, revision: 1, createdAt: now, changedAt: now,
            subscribedAt: now)
        try apply(draft, to: &point)
        try await storage.add(point, audit: origin.audit(.contactPointCreated, point.name, .done, point.sentence))
        return StoredContactPoint(point: point)
    }

    /// Stores a change.
    ///
    /// - Throws: ``ContactPointError``, ``StoreError/stale``, ``StoreError/notFound``, or another error of the storage.
    package func change(
        _ stored: ContactPoint, _ draft: ContactPointDraft, revision: Int, by origin: RequestOrigin
    ) async throws -> StoredContactPoint {
        guard revision == stored.revision else { throw StoreError.stale }
        try await check(draft, over: stored)
        var point = stored
        try apply(draft, to: &point)
        point.revision += 1
        point.changedAt = time.now()
        let isOther =
            point.subscription.connections != stored.subscription.connections || point.subscription.kinds != stored.subscription.kinds
            || point.isEnabled != stored.isEnabled
        if isOther { point.subscribedAt = point.changedAt }
        try await storage.replace(point, audit: origin.audit(.contactPointChanged, point.name, .done, point.sentence))
        return StoredContactPoint(point: point)
    }

    /// Removes a contact point with its secrets and messages.
    ///
    /// - Throws: ``StoreError/notFound``, or another error of the storage.
    package func remove(_ point: ContactPoint, by origin: RequestOrigin) async throws {
        try await storage.removeContactPoint(point.id, audit: origin.audit(.contactPointRemoved, point.name))
    }

    /// Sends a test message at once, also to a contact point that is off.
    ///
    /// - Returns: What is known of it.
    /// - Throws: Errors of the storage.
    package func test(_ point: ContactPoint, by origin: RequestOrigin) async throws -> Delivery {
        let writer = NotificationWriter(registry: registry, connectors: [:], language: point.language)
        let (content, key) = (writer.test(for: point.name, at: time.now()), Self.makeKey())
        let delivery = await sender.send(content, key: key, createdAt: time.now(), to: point)
        let result: NotificationResult =
            switch delivery {
            case .sent(let warning): .sent(code: warning?.code.code, detail: warning?.detail ?? "")
            case .unknown(let failure): .unknown(code: failure.code.code, detail: failure.detail)
            case .refused(let failure, _, _): .failed(code: failure.code.code, detail: failure.detail, isPermanent: false)
            }
        var audit = origin.audit(.contactPointTested, point.name, result.isGood ? .done : .failed, "")
        if case .unknown = result { audit.outcome = .unknown }
        audit.code = result.code
        try await storage.addTestNotification(content, key: key, for: point.id, result, at: time.now(), audit: audit)
        return delivery
    }

    private func check(_ draft: ContactPointDraft, over stored: ContactPoint?) async throws {
        let known = Set(try await storage.connections().map(\.id))
        let problems = draft.problems(over: stored, policy: addressPolicy, connections: known)
        guard problems.isEmpty else { throw ContactPointError.invalid(problems) }
    }

    private func apply(_ draft: ContactPointDraft, to point: inout ContactPoint) throws {
        guard let place = ConnectionID(point.id.rawValue) else { throw StoreError.notFound }
        point.name = draft.name.trimmingSpaces
        point.isEnabled = draft.isEnabled
        point.language = draft.language
        point.subscription = draft.subscription
        if draft.kind == .email {
            point.mail = draft.mail
            point.host = draft.mail.server
            if let password = draft.password { point.password = try vault.seal(password, of: place, ContactPoint.passwordKey) }
            if draft.mail.user.isEmpty { point.password = nil }
        } else if let address = draft.address {
            if case .success(let read) = WebhookAddress.read(address.reveal(), policy: addressPolicy) { point.host = read.origin.host }
            point.address = try vault.seal(address, of: place, ContactPoint.addressKey)
        }
        if draft.kind == .webhook, let key = draft.signingKey {
            point.signingKey = try vault.seal(key, of: place, ContactPoint.signingKeyKey)
        }
    }
}

extension NotificationResult {
    /// Whether the message was accepted.
    package var isGood: Bool { if case .sent = self { true } else { false } }

    /// The code of the failure or the warning.
    package var code: ErrorCode? {
        switch self {
        case .sent(let code, _): code
        case .queued(_, let code, _), .failed(let code, _, _), .unknown(let code, _): code
        }
    }

    fileprivate var word: String {
        switch self {
        case .sent: "sent"
        case .queued: "queued_again"
        case .failed: "failed"
        case .unknown: "unknown"
        }
    }
}

extension ContactPoint {
    /// The contact point for the audit log, without secrets.
    fileprivate var sentence: String {
        let way =
            kind == .email
            ? "E-mail to \(mail.recipients.count) recipients through \(host):\(mail.port) (\(mail.security.rawValue))."
            : "\(kind.title) at \(host)."
        let about = subscription.connections.map { "\($0.count) connections" } ?? "all connections"
        let kinds = subscription.kinds.map(\.rawValue).sorted().joined(separator: ", ")
        return "\(isEnabled ? "" : "Off. ")\(way) About \(about): \(kinds). Every \(subscription.groupingMinutes) minutes at most."
    }
}
