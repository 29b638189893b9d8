import FoundationEssentials
import Mail
import PSACore
import PSATesting
import SQL
import Sodium
import Synchronization

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// A receiver of messages that fails as the test wants, and remembers what has arrived.
final class FakeNotificationSender: NotificationSending {
    /// A message that has arrived.
    struct Arrival: Sendable {
        let point: ContactPointID
        let key: String
        let content: NotificationContent
        let at: Date
    }

    private struct State {
        var arrivals: [Arrival] = []
        var attempts = 0
        var answers: [Delivery] = []
        var decide: (@Sendable () -> (delivery: Delivery, arrives: Bool))?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    var arrivals: [Arrival] { state.withLock { $0.arrivals } }
    var attempts: Int { state.withLock { $0.attempts } }

    /// The answers to the next messages; after them each message is accepted.
    func answer(_ answers: Delivery...) { state.withLock { $0.answers += answers } }

    /// Decides on each message from now on; nil accepts all.
    func decide(_ decide: (@Sendable () -> (delivery: Delivery, arrives: Bool))?) { state.withLock { $0.decide = decide } }

    func send(_ content: NotificationContent, key: String, createdAt: Date, to point: ContactPoint) async -> Delivery {
        let at = now()
        return state.withLock { state in
            state.attempts += 1
            let (delivery, arrives): (Delivery, Bool)
            if let decide = state.decide {
                (delivery, arrives) = decide()
            } else {
                delivery = state.answers.isEmpty ? .sent(warning: nil) : state.answers.removeFirst()
                if case .sent = delivery { arrives = true } else { arrives = false }
            }
            if arrives { state.arrivals.append(Arrival(point: point.id, key: key, content: content, at: at)) }
            return delivery
        }
    }
}

/// Keeps nothing.
struct SilentSink: TextSink {
    func write(_ text: String) {}
}

/// A storage with a connection, contact points whose receiver is fake, and a clock that the test moves.
struct NotificationFixture: Sendable {
    let storage: DatabaseStorage
    let time = ManualClock(startingAt: Date(timeIntervalSince1970: 1_790_000_000))
    let sender: FakeNotificationSender
    let vault: Vault
    let connection: StoredConnection

    init(_ storage: DatabaseStorage? = nil) async throws {
        if let storage { self.storage = storage } else { self.storage = try await DatabaseStorage.empty() }
        let time = time
        sender = FakeNotificationSender(now: { time.now })
        vault = Vault(try KeyRing([try SealingKey.random()]), time: time.source)
        connection = Self.connection("Acme")
        try await self.storage.add(connection, audit: origin.audit(.connectionCreated, "Acme"))
    }

    static func connection(_ name: String) -> StoredConnection {
        StoredConnection(
            id: ConnectionID(), connector: ConnectorID("halopsa"), name: name, tenant: TenantIdentity(rawValue: "\(name).example.com"),
            settings: [:], secrets: [:], revision: 1, createdAt: Date(timeIntervalSince1970: 1), changedAt: Date(timeIntervalSince1970: 1),
            status: nil)
    }

    var origin: RequestOrigin { RequestOrigin(at: time.now, correlationID: CorrelationID(), address: "192.0.2.1") }

    /// A service of one process; each call is another process.
    func service(sending other: (any NotificationSending)? = nil, policy: AddressPolicy = .publicOnly) throws -> NotificationService {
        NotificationService(
            storage: storage, registry: try ConnectorRegistry([]), sender: other ?? sender,
            vault: vault, addressPolicy: policy, machine: "host1", time: time.source, log: HostLog(sink: SilentSink(), time: time.source))
    }

    static func draft(_ kind: ContactPointKind = .webhook, _ change: (inout ContactPointDraft) -> Void = { _ in }) -> ContactPointDraft {
        var draft = ContactPointDraft(kind: kind)
        draft.name = "Team \(kind.rawValue)"
        draft.subscription.repeatHours = nil
        switch kind {
        case .email:
            draft.mail = MailSettings(server: "mail.example.com", user: "vectis", sender: "v@example.com", recipients: ["noc@example.com"])
            draft.password = Secret("mail-password-marker")
        case .webhook:
            draft.address = Secret("https://hooks.example.com/in/address-marker?sig=1")
            draft.signingKey = Secret("signing-key-marker")
        case .teams, .slack: draft.address = Secret("https://hooks.example.com/in/address-marker")
        }
        change(&draft)
        return draft
    }

    @discardableResult func addPoint(
        _ kind: ContactPointKind = .webhook, _ change: (inout ContactPointDraft) -> Void = { _ in }
    ) async throws -> ContactPoint {
        try await service().create(Self.draft(kind, change), by: origin).point
    }

    func breakConnection(_ code: ErrorCode = .networkTimeout, of connection: ConnectionID? = nil) async throws {
        try await storage.recordIssue(code, of: connection ?? self.connection.id, at: time.now)
    }

    func recover(_ connection: ConnectionID? = nil) async throws {
        try await storage.resolveIssues(of: connection ?? self.connection.id, areas: .all, at: time.now)
    }

    func pass(minutes: Double) { time.advance(by: minutes * 60) }

    /// The changes that have arrived, message by message.
    var changes: [[NotificationPlan.Change]] { sender.arrivals.map { $0.content.items.map(\.change) } }
}
