import Foundation
import FoundationEssentials
import PSACore
import PostgreSQLServer
import SQL
import SQLite
import Sodium
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
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

/// A storage implementation; all have the same contract.
struct StorageKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Opens an empty storage.
    let open: @Sendable () async throws -> OpenedStorage

    static let all = PostgreSQLServer.isAvailable ? files + [postgreSQL] : files

    private static let postgreSQL = StorageKind(testDescription: "PostgreSQL") {
        OpenedStorage(try await DatabaseStorage.open(TestDatabase.configuration()))
    }

    private static let files = [
        StorageKind(testDescription: "SQLite in memory") { OpenedStorage(try await DatabaseStorage.inMemory()) },
        StorageKind(testDescription: "SQLite in a file") {
            let folder = try TemporaryFolder()
            return OpenedStorage(try await DatabaseStorage.open(folder.file("vectis.db")), folder: folder)
        },
    ]
}

/// An empty storage, with what a test needs beside its protocol.
struct OpenedStorage: Sendable {
    let storage: any Storage
    /// Runs one statement past the storage.
    let execute: @Sendable (String) async throws -> Void
    /// Makes the storage reject each audit entry whose detail is ``refusedDetail``.
    let refuseMarkedEntries: @Sendable () async throws -> Void
    /// Retained as long as the storage is used.
    private let folder: TemporaryFolder?

    static let refusedDetail = "this entry is refused"

    init(_ storage: DatabaseStorage, folder: TemporaryFolder? = nil) {
        self.storage = storage
        self.folder = folder
        let execute: @Sendable (String) async throws -> Void = { sql in try await storage.queue.write { try $0.execute(sql) } }
        self.execute = execute
        refuseMarkedEntries = {
            try await storage.queue.write { database in
                let trigger = "CREATE TRIGGER audit_entry_is_refused BEFORE INSERT ON audit_entry"
                switch database.dialect {
                case .sqlite:
                    try database.execute(
                        "\(trigger) WHEN NEW.detail = '\(Self.refusedDetail)' BEGIN SELECT RAISE(ABORT, 'refused'); END")
                case .postgreSQL:
                    try database.execute(
                        """
                        \(trigger) FOR EACH ROW WHEN (NEW.detail = '\(Self.refusedDetail)') EXECUTE FUNCTION refuse_change('refused')
                        """)
                }
            }
        }
    }
}

/// A folder of a test's own, gone with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/vectis-test-\(UUID())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    // A folder that can't be removed lies in the system's folder for temporary files, which is emptied anyway.
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// The bytes of a file in it; none if it is not there.
    func bytes(_ name: String) -> [UInt8] { FileManager.default.contents(atPath: file(name)).map(Array.init) ?? [] }

    func write(_ text: String, to name: String, permissions: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: file(name))
    }

    func permissions(of name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: file(name))[.posixPermissions] as? Int ?? 0
    }
}

/// The connectors this host is built with, as arguments of tests; a registry that can't be made fails the tests that read it themselves.
enum BuiltIns {
    static let names = descriptors.map(\.id.rawValue)
    static let placeholders = descriptors.filter { $0.tier == .placeholder }.map(\.id.rawValue)

    private static let descriptors = (try? BuiltInConnectors.registry().descriptors) ?? []
}

extension SignInStore {
    /// Stores a session of a device of its own.
    func add(_ session: SignInSession, forgettingThoseSeenBefore timestamp: Date, audit: AuditEntry) async throws {
        try await add(
            session, from: KnownDevice(digest: session.tokenDigest, account: session.account, lastUsedAt: session.createdAt),
            forgettingThoseSeenBefore: timestamp, audit: audit)
    }
}
