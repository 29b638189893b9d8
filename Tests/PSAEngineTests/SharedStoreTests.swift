import Foundation
import PSATesting
import Synchronization
import Testing
@testable import PSACore
@testable import PSAEngine
@testable import PSAEngineSQLite

@Suite("What processes share in a store", .timeLimit(.minutes(1))) struct SharedStoreTests {
    private static let limit = RateLimit(100, per: .seconds(60))
    /// A database server has a clock of its own.
    private static let withTheGivenClock = StoreKind.allCases.filter { $0 != .postgreSQL }

    private func request(_ count: Int = 1, tenant: String = "acme", _ limit: RateLimit = limit) -> RateReservationRequest {
        RateReservationRequest(tenant: tenant, count: count, limit: limit, urgency: .delivery)
    }

    @Test(arguments: StoreKind.available) func reservationsAreCountedForEachTenant(kind: StoreKind) async throws {
        try await kind.run { store in
            var granted = 0
            while case .granted(let reservation) = try await store.reserveRequests(request(9), now: .start) { granted += reservation.count }
            #expect(granted == 100)
            guard case .granted(let other) = try await store.reserveRequests(request(tenant: "other"), now: .start) else {
                return #expect(Bool(false))
            }
            guard case .wait = try await store.reserveRequests(request(), now: .start) else { return #expect(Bool(false)) }
            #expect(other.count == 1)
        }
    }

    @Test(arguments: withTheGivenClock) func whatIsReservedLeavesTheWindowInTime(kind: StoreKind) async throws {
        try await kind.run { store in
            let limit = RateLimit(1, per: .seconds(60))
            guard case .granted(let first) = try await store.reserveRequests(request(1, limit), now: .start),
                case .wait(let wait) = try await store.reserveRequests(request(1, limit), now: .at(1))
            else { return #expect(Bool(false)) }
            #expect(wait == .milliseconds(first.countedAt - 1_790_000_000_000 + 59_000))
            guard case .granted = try await store.reserveRequests(request(1, limit), now: .at(1 + wait.seconds)) else {
                return #expect(Bool(false))
            }
        }
    }

    @Test(arguments: StoreKind.available) func unusedRequestsAreFreeAgain(kind: StoreKind) async throws {
        try await kind.run { store in
            let limit = RateLimit(1, per: .seconds(60))
            guard case .granted(let reservation) = try await store.reserveRequests(request(1, limit), now: .start) else {
                return #expect(Bool(false))
            }
            guard case .wait = try await store.reserveRequests(request(1, limit), now: .at(1)) else { return #expect(Bool(false)) }
            try await store.returnRequests(1, of: reservation, tenant: "acme", now: .at(1))
            #expect(try await store.reserveRequests(request(1, limit), now: .at(1)) != .wait(.zero))
            guard case .wait = try await store.reserveRequests(request(1, limit), now: .at(2)) else { return #expect(Bool(false)) }
        }
    }

    @Test(arguments: StoreKind.available) func aRefusalHoldsBackTheTenantAlone(kind: StoreKind) async throws {
        try await kind.run { store in
            try await store.holdBackRequests(of: "acme", for: .seconds(20), now: .start)
            guard case .wait(let wait) = try await store.reserveRequests(request(), now: .at(5)) else { return #expect(Bool(false)) }
            #expect(wait <= .seconds(20))
            guard case .granted = try await store.reserveRequests(request(tenant: "other"), now: .at(5)) else {
                return #expect(Bool(false))
            }
        }
    }

    @Test(arguments: withTheGivenClock) func aLeaseHasOneHolderUntilItEnds(kind: StoreKind) async throws {
        try await kind.run { store in
            func take(_ name: String, _ holder: String, at seconds: TimeInterval) async throws -> Bool {
                try await store.takeLease(name, by: holder, for: .seconds(60), now: .at(seconds))
            }
            #expect(try await take("gate/a", "first", at: 0))
            #expect(try await !take("gate/a", "second", at: 59))
            #expect(try await take("gate/b", "second", at: 0))
            #expect(try await take("gate/a", "first", at: 59))
            #expect(try await !take("gate/a", "second", at: 118))
            #expect(try await take("gate/a", "second", at: 119))
            #expect(try await !take("gate/a", "first", at: 119))
            try await store.releaseLease("gate/a", by: "first")
            #expect(try await !take("gate/a", "first", at: 120))
            try await store.releaseLease("gate/a", by: "second")
            #expect(try await take("gate/a", "first", at: 120))
        }
    }

    @Test(arguments: withTheGivenClock) func aLeaseFromTheFutureIsOfAWrongClock(kind: StoreKind) async throws {
        try await kind.run { store in
            let first = try await store.takeLease("gate/a", by: "first", for: .seconds(60), now: .at(1_000_000))
            let second = try await store.takeLease("gate/a", by: "second", for: .seconds(60), now: .start)
            #expect(first && second)
        }
    }

    @Test(arguments: StoreKind.available) func onlyOneOfManyThatAskAtOnceGetsALease(kind: StoreKind) async throws {
        try await kind.run { store in
            let taken = try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { try await store.takeLease("gate/a", by: "\(number)", for: .seconds(60), now: .start) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 1)
        }
    }

    @Test func aWakeupReachesTheOtherEngine() async throws {
        let channel = InMemoryWakeupChannel()
        let topics = channel.topics()
        let sender = WakeupSender(channel, .jobs, ManualClock(movesBySleeping: false).source)
        for _ in 0..<50 { sender.send() }
        for await topic in topics {
            #expect(topic == .jobs)
            break
        }
    }

    @Test func topicsThatAreSentOftenAreSentTogether() async throws {
        let clock = ManualClock(movesBySleeping: false)
        let channel = CountingChannel()
        let sender = WakeupSender(channel, .sync, clock.source)
        for _ in 0..<50 { sender.send() }
        #expect(channel.count == 1)
        await clock.sleeping.wait()
        clock.advance(by: 0.1)
        await clock.sleeping.wait(for: 2)
        #expect(channel.count == 2)
    }
}

private final class CountingChannel: WakeupChannel {
    private let sent = Mutex(0)

    var count: Int { sent.withLock { $0 } }

    func send(_ topic: WakeupTopic) { sent.withLock { $0 += 1 } }
    func topics() -> AsyncStream<WakeupTopic> { AsyncStream { nil } }
}

// MARK: Two engines

@Suite("Engines that share a store", .timeLimit(.minutes(2))) struct SharedEngineTests {
    private static let limit = RateLimit(40, per: .seconds(10))
    private static let tenants = ["a", "b", "c", "d"]
    private static let jobsPerTenant = 50

    @Test func eachJobIsWrittenOnceWithinTheLimitOfTheTenant() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shared-engines-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("engine.db").path
        let clock = ManualClock(movesBySleeping: false, random: 0.5)
        let vendor = CountingVendor { clock.instant }
        let channel = InMemoryWakeupChannel()
        var engines: [Engine] = []
        for _ in 0..<2 {
            let store = try await SQLiteEngineStore.open(path)
            let context = ConnectorContext(
                transport: vendor, time: clock.source, tenants: TenantRateLimits(pace: Self.limit, shared: store, time: clock.source))
            engines.append(
                try await Engine(
                    store: store, registry: try ConnectorRegistry([CountingConnector.self]), context: context,
                    options: Engine.Options(wakeups: channel)))
        }
        for name in Self.tenants {
            for engine in engines {
                _ = try await engine.addConnection(
                    Sample.id(name), connector: "counting", settings: ["server": "https://\(name).example.com"])
            }
        }
        for number in 0..<Self.jobsPerTenant {
            for name in Self.tenants {
                try await engines[number % 2].enqueue(
                    .newTicket("Job \(name) \(number)"), through: Sample.id(name), key: Sample.key("\(name)-\(number)"))
            }
            // Each writes a ticket by itself first: on a busy machine one of them may write all that come later.
            if number == 0 { for (engine, name) in zip(engines, Self.tenants) { await engine.work(on: try Sample.id(name)) } }
        }
        let total = Self.jobsPerTenant * Self.tenants.count
        let running = engines.map { engine in Task { await engine.run() } }
        while vendor.sent.count < total {
            // The clock moves when nothing else goes on, as far as that can be seen.
            var seen = -1
            while seen != clock.sleeping.count {
                seen = clock.sleeping.count
                try await Task.sleep(for: .milliseconds(4))
            }
            clock.advance(by: 0.1)
        }
        while try await engines[0].store.jobCounts(TicketJob.Filter())[.created] < total { try await Task.sleep(for: .milliseconds(4)) }
        for task in running { task.cancel() }
        for task in running { await task.value }
        for engine in engines { await engine.store.close() }
        let sent = vendor.sent
        #expect(sent.count == total)
        #expect(Set(sent.map(\.summary)).count == total)
        #expect(vendor.mostAtOnce == 1)
        #expect(Set(sent.map(\.process)).count == 2)
        // The clock may move a little between the reservation and the request.
        let window = Self.limit.window / 2
        for (index, request) in sent.enumerated().dropFirst(Self.limit.requests) {
            #expect(request.at - sent[index - Self.limit.requests].at >= window)
        }
    }
}

/// A PSA that counts the tickets that are created, and how many are at once for one tenant.
private final class CountingVendor: HTTPTransport {
    struct Request: Sendable {
        let at: MonotonicInstant
        let summary: String
        let process: ObjectIdentifier
    }

    private struct State {
        var sent: [Request] = []
        var inside: [String: Int] = [:]
        var mostAtOnce = 0
    }

    private let state = Mutex(State())
    private let instant: @Sendable () -> MonotonicInstant

    init(_ instant: @escaping @Sendable () -> MonotonicInstant) { self.instant = instant }

    var sent: [Request] { state.withLock { $0.sent } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.connectionRefused, delivery: .notSent)
    }

    func create(_ draft: TicketDraft, of tenant: String, by process: ObjectIdentifier) async -> Ticket {
        let number = state.withLock { state in
            state.sent.append(Request(at: instant(), summary: draft.summary, process: process))
            state.inside[tenant, default: 0] += 1
            state.mostAtOnce = max(state.mostAtOnce, state.inside[tenant] ?? 0)
            return state.sent.count
        }
        for _ in 0..<5 { await Task.yield() }
        state.withLock { $0.inside[tenant, default: 1] -= 1 }
        var ticket = Ticket(id: Ticket.ID(number), number: "T\(number)", summary: draft.summary, phase: .open, native: .empty)
        ticket.details = draft.details
        return ticket
    }
}

/// The connector of a ``CountingVendor``: all its tenants have one limit together.
private struct CountingConnector: PSAConnector, TicketCreating {
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("counting"), displayName: "Counting PSA", tier: .complete,
        settings: SettingsSchema([
            SettingField(
                "server", label: "Server", help: "It is needed.", example: "x", kind: .serviceURL, purpose: .tenant, isRequired: true,
                isSecret: false, guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
        ]), capabilities: [.createTickets], guidance: GuidanceCatalogue(vendorName: "Counting PSA", overrides: [:]),
        guide: "Docs/ConnectHaloPSA.md")

    private let vendor: CountingVendor
    private let tenant: String
    private let tenants: TenantRateLimits
    private let limiter: RateLimiter

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let vendor = context.transport.unwrapped as? CountingVendor else { throw PSAError(.connectorDefect) }
        self.vendor = vendor
        tenant = settings.serviceURL("server")?.location ?? ""
        tenants = context.tenants
        limiter = context.tenants.budget(for: "vendor", pace: nil, time: context.time)
    }

    func testConnection(progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: Self.descriptor.id, host: tenant, checks: [])
    }

    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { TicketForm(type: type, fields: []) }
    func tickets(externalReference: String) async throws -> [Ticket] { [] }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        try await tenants.gate(for: tenant).pass {
            do {
                try await limiter.acquire()
            } catch is TransportError {
                throw PSAError(.rateLimited)
            }
            return await vendor.create(draft, of: tenant, by: ObjectIdentifier(tenants))
        }
    }
}
