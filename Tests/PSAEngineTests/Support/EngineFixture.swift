import Foundation
import PSACore
import PSAEngine
import PSAEngineSQLite
import PSATesting
import Testing

/// An engine over a ``FakePSA``, with a clock that the test moves.
struct EngineFixture: Sendable {
    let clock: ManualClock
    let psa: FakePSA
    let engine: Engine
    let connection: ConnectionID

    /// Opens an engine, as a process does.
    init(
        store: any EngineStore = InMemoryEngineStore(), sealer: (any SecretSealer)? = nil, psa: FakePSA? = nil, clock: ManualClock? = nil,
        isConnected: Bool = true
    ) async throws {
        let clock = clock ?? ManualClock(movesBySleeping: false, random: 0.5)
        self.clock = clock
        self.psa = psa ?? FakePSA { clock.now }
        connection = try Sample.id("fake")
        engine = try await Engine(
            store: store, registry: try ConnectorRegistry([FakeConnector.self]),
            context: ConnectorContext(transport: self.psa, time: clock.source), sealer: sealer)
        if isConnected { try await connect() }
    }

    static let token = "token-1"

    @discardableResult func connect(server: String = "fake.example.com", token: String = token, team: String? = nil, type: String? = nil)
        async throws -> StoredConnection
    {
        var settings: SettingsInput = ["server": "https://\(server)"]
        settings["token"] = Secret(token)
        if let team { settings["team"] = Secret(team) }
        if let type { settings["type"] = Secret(type) }
        return try await engine.addConnection(connection, connector: "fake", settings: settings)
    }

    func enqueue(
        _ key: String, _ payload: TicketJob.Payload = .newTicket("Disk full"), files: [AttachmentFile] = [], source: String? = nil
    ) async throws -> TicketJob.ID {
        try await engine.enqueue(
            payload, attachments: files, through: connection, key: Sample.key(key), source: source.map(JobSource.init(rawValue:)))
    }

    /// Sends what is due so many seconds from now.
    func work(after seconds: TimeInterval = 0) async {
        clock.advance(by: seconds)
        await engine.work(on: connection)
    }

    /// Sends what is due until nothing more happens by itself.
    func settle() async throws {
        for _ in 0..<20 {
            let (due, next) = try await engine.store.dueConnections(now: clock.now, lease: OutboxPolicy().lease)
            guard !due.isEmpty || next != nil else { return }
            await work(after: due.isEmpty ? max(0, next?.timeIntervalSince(clock.now) ?? 0) + 0.001 : 0)
        }
    }

    func job(_ id: TicketJob.ID) async throws -> TicketJob { try #require(try await engine.job(id)) }
}

/// The four kinds of write, each on a ticket of its own.
enum WriteKind: String, CaseIterable, Sendable {
    case create, note, reply, status

    var payload: TicketJob.Payload {
        switch self {
        case .create: .newTicket("Disk full", details: "C: has 1 % left.")
        case .note: .note("Cleaned up.", on: Ticket.ID(1))
        case .reply: .reply("It works again.", to: Ticket.ID(2))
        case .status: .statusChange(of: Ticket.ID(3), to: TicketStatus.ID(9))
        }
    }

    var finalState: TicketJob.State.Name {
        switch self {
        case .create: .created
        case .note: .appended
        case .reply: .replied
        case .status: .statusChanged
        }
    }
}

/// Encrypts with a key of its own process group, and differently each time, as a real sealer does.
struct TestSealer: SecretSealer {
    var key: UInt8 = 0x5A

    struct UnreadableError: Error {}

    func seal(_ secret: Secret, of connection: ConnectionID, _ key: SettingKey) -> SealedSecret {
        let nonce = UInt8.random(in: 0...255)
        return SealedSecret(bytes: [self.key, nonce] + Array(secret.reveal().utf8).map { $0 ^ nonce ^ self.key })
    }

    func open(_ sealed: SealedSecret, of connection: ConnectionID, _ key: SettingKey) throws -> Secret {
        guard sealed.bytes.count >= 2, sealed.bytes[0] == self.key else { throw UnreadableError() }
        let nonce = sealed.bytes[1]
        return Secret(String(decoding: sealed.bytes.dropFirst(2).map { $0 ^ nonce ^ self.key }, as: UTF8.self))
    }
}
