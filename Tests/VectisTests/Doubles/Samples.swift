import FoundationEssentials
import PSACore
import Sodium

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// A timestamp with milliseconds, as clocks return them.
let sampleMoment = Date(timeIntervalSince1970: 1_790_000_000.123)

extension AuditEntry {
    static func sample(
        _ action: AuditAction = .connectionTested, target: String = "acme", actor: Actor = .system, outcome: Outcome = .done,
        detail: String = "", at: Date = sampleMoment, address: String? = nil
    ) -> AuditEntry {
        AuditEntry(
            at: at, actor: actor, action: action, target: target, outcome: outcome, detail: detail, correlationID: "c0ffee",
            address: address)
    }

    /// An entry that ``OpenedStorage/refuseMarkedEntries`` makes impossible.
    static let refused = sample(detail: OpenedStorage.refusedDetail)
}

extension StoredConnection {
    static func sample(
        tenant: String = "acme.example.com", name: String = "Acme", connector: ConnectorID = ConnectorID("halopsa"),
        status: ConnectionStatus? = nil
    ) -> StoredConnection {
        StoredConnection(
            id: ConnectionID(), connector: connector, name: name, tenant: TenantIdentity(rawValue: tenant),
            settings: ["tenantURL": "https://\(tenant)", "note": "It's 100% “fine” é"],
            secrets: ["clientSecret": SealedSecret(bytes: [0, 1, 255]), "pin": SealedSecret(bytes: [7])], revision: 1,
            createdAt: sampleMoment, changedAt: sampleMoment + 1.5, status: status)
    }

    /// The next state of it.
    func changed(_ change: (inout StoredConnection) -> Void = { _ in }) -> StoredConnection {
        var copy = self
        copy.revision += 1
        change(&copy)
        return copy
    }
}

extension ConnectionStatus {
    static let sample = ConnectionStatus(
        outcome: .limited, headline: "Connected, but …", code: .permissionScopeMissing, correlationID: "abc", checkedAt: sampleMoment)
}

extension AccountName {
    /// A name that is known to be one.
    init(literal: StaticString) {
        guard let name = AccountName("\(literal)") else { preconditionFailure("“\(literal)” is no account name") }
        self = name
    }
}

extension Account {
    static func sample(_ name: AccountName = AccountName(literal: "ada"), _ role: Role = .admin, password: String = "hash") -> Account {
        Account(name: name, role: role, passwordHash: password, createdAt: sampleMoment)
    }
}

extension SignInSession {
    static func sample(_ digest: UInt8, of account: AccountName, lastSeenAt: Date = sampleMoment) -> SignInSession {
        SignInSession(
            tokenDigest: [UInt8](repeating: digest, count: 32), account: account, createdAt: sampleMoment, lastSeenAt: lastSeenAt)
    }
}

extension PasswordPolicy {
    /// As little work as argon2id takes.
    static let cheap = PasswordPolicy(cost: PasswordHash.Cost(operations: 1, memory: 8_192))
}
