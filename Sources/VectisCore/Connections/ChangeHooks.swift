package import FoundationEssentials
package import PSACore
package import PSAEngine
import Sodium
import Synchronization
import VectisRules

/// How the messages of a vendor prove that they are its own, beside the token in their address.
package enum HookAuthentication: Sendable {
    /// Not at all: the token in the address is enough.
    case none
    /// User and password, as `Authorization: Basic …`.
    case basic(user: String, password: Secret)
    /// A secret, as `Authorization: Bearer …`.
    case bearer(Secret)
    /// The HMAC-SHA256 of the body under a secret, in Base64, as `Token: …`.
    case hmac(Secret)

    /// The kinds of authentication.
    package enum Kind: String, Sendable, CaseIterable {
        case none
        case basic
        case bearer
        case hmac
    }

    /// The kind.
    package var kind: Kind {
        switch self {
        case .none: .none
        case .basic: .basic
        case .bearer: .bearer
        case .hmac: .hmac
        }
    }

    /// Creates the authentication of a kind, with what a person typed.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - user: The user; only ``Kind/basic`` has one.
    ///   - secret: The password or secret; ``Kind/none`` has none.
    /// - Throws: ``ChangeHookError/invalid(_:)``.
    package init(_ kind: Kind, user: String?, secret: Secret?) throws {
        let user = user ?? ""
        guard kind == .basic || user.isEmpty else { throw ChangeHookError.invalid(.noUser) }
        guard kind != .none else {
            guard secret?.isEmpty ?? true else { throw ChangeHookError.invalid(.noSecret) }
            self = .none
            return
        }
        let length = secret?.reveal().utf8.count ?? 0
        guard let secret, ChangeHookLimits.secret.contains(length), Self.isPrintable(secret.reveal()) else {
            throw ChangeHookError.invalid(.secret)
        }
        switch kind {
        case .none: self = .none
        case .bearer: self = .bearer(secret)
        case .hmac: self = .hmac(secret)
        case .basic:
            guard (1...ChangeHookLimits.user).contains(user.utf8.count), Self.isPrintable(user), !user.contains(":") else {
                throw ChangeHookError.invalid(.user)
            }
            self = .basic(user: user, password: secret)
        }
    }

    /// Headers carry other characters differently from client to client.
    private static func isPrintable(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}

/// The bounds of change hooks.
package enum ChangeHookLimits {
    /// The length of a password or secret, in bytes.
    package static let secret = 12...200
    /// The longest name of a user, in bytes.
    package static let user = 100
    /// The most messages of a connection in a minute; further ones are refused.
    package static let perMinute = 120
}

/// Why a change hook was not enabled or disabled.
package enum ChangeHookError: Error, Sendable, Equatable {
    /// What does not fit in the settings of a hook.
    package enum Problem: Sendable, CaseIterable {
        /// The user is missing, too long, or has a character that headers cannot carry.
        case user
        /// The secret is missing, too short or too long, or has a character that headers cannot carry.
        case secret
        /// A user was given where there is none.
        case noUser
        /// A secret was given where there is none.
        case noSecret

        /// The problem in a sentence.
        package var sentence: String {
            switch self {
            case .user: "A user has 1 to \(ChangeHookLimits.user) letters, digits or signs of ASCII, without spaces and colons."
            case .secret:
                "A secret has \(ChangeHookLimits.secret.lowerBound) to \(ChangeHookLimits.secret.upperBound) letters, digits or signs of ASCII, without spaces."
            case .noUser: "Only basic authentication has a user."
            case .noSecret: "Without authentication there is no secret."
            }
        }
    }

    /// The settings of a hook do not fit.
    case invalid(Problem)
}

/// A stored change hook: where a vendor may send its messages about changes of one connection.
package struct ChangeHook: Sendable, Equatable {
    package let connection: ConnectionID
    /// What the token in the address is recognized by.
    package var tokenDigest: [UInt8]
    package var authentication: HookAuthentication.Kind
    /// The user of basic authentication; empty for the other kinds.
    package var user: String
    /// The password or secret, encrypted; nil without authentication.
    package var secret: SealedSecret?
    package var createdAt: Date
    /// The account that enabled it.
    package var createdBy: String
    /// When a message was last accepted, to the minute; nil if none was.
    package var lastMessageAt: Date?

    /// Creates a ``ChangeHook``.
    package init(
        connection: ConnectionID, tokenDigest: [UInt8], authentication: HookAuthentication.Kind, user: String, secret: SealedSecret?,
        createdAt: Date, createdBy: String, lastMessageAt: Date? = nil
    ) {
        self.connection = connection
        self.tokenDigest = tokenDigest
        self.authentication = authentication
        self.user = user
        self.secret = secret
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.lastMessageAt = lastMessageAt
    }

    /// Under which name the vault seals the secret; no setting of a connector has it.
    package static let secretKey: SettingKey = "hook/secret"
}

/// The part of the storage that keeps change hooks; they are removed with their connection.
package protocol ChangeHookStore: Sendable {
    /// The hook of a connection; nil if there is none.
    func changeHook(of connection: ConnectionID) async throws -> ChangeHook?
    /// Stores a hook in place of the one that the connection may have.
    ///
    /// - Throws: ``StoreError/notFound`` if there is no such connection.
    func setChangeHook(_ hook: ChangeHook, audit: AuditEntry) async throws
    /// Removes the hook of a connection.
    ///
    /// - Throws: ``StoreError/notFound`` if there is none.
    func removeChangeHook(of connection: ConnectionID, audit: AuditEntry) async throws
    /// Stores when a message was last accepted.
    func touchChangeHook(of connection: ConnectionID, at time: Date) async throws
}

/// Takes the messages that vendors send when a record changes.
///
/// A message is never trusted as data: it only makes the sync engine read the tickets that it names again.
package final class ChangeHookService: Sendable {
    /// A message as it arrived.
    package struct Message: Sendable {
        /// The connection and the token in the address.
        package var connection: String
        package var token: String
        /// The header field `Authorization`.
        package var authorization: String?
        /// The header field `Token`.
        package var signature: String?
        package var body: [UInt8]

        /// Creates a ``Message``.
        package init(connection: String, token: String, authorization: String?, signature: String?, body: [UInt8]) {
            self.connection = connection
            self.token = token
            self.authorization = authorization
            self.signature = signature
            self.body = body
        }
    }

    /// What became of a message.
    package enum Outcome: String, Sendable, CaseIterable {
        /// The tickets that it names are read again.
        case accepted
        /// It was understood, but the tickets could not be enqueued; the next run reads them.
        case notEnqueued = "not_enqueued"
        /// There is no such hook; whether there is such a connection is not told.
        case unknown
        /// The authentication does not fit.
        case unauthorized
        /// The connection has had too many messages in this minute.
        case tooMany = "too_many"
        /// The body is no JSON.
        case malformed
    }

    /// What is counted together.
    private struct Counted: Hashable {
        let connection: ConnectionID
        let isAuthentic: Bool
    }

    private struct Minute {
        var beganAt: MonotonicInstant
        var count = 0
    }

    private let storage: any Storage
    private let vault: Vault
    private let sync: SyncEngine
    private let log: HostLog
    private let time: TimeSource
    private let minutes = Mutex<[Counted: Minute]>([:])

    /// Creates a ``ChangeHookService``.
    package init(storage: any Storage, vault: Vault, sync: SyncEngine, log: HostLog, time: TimeSource) {
        self.storage = storage
        self.vault = vault
        self.sync = sync
        self.log = log
        self.time = time
    }

    /// The hook of a connection; nil if there is none.
    package func status(of connection: ConnectionID) async throws -> ChangeHook? { try await storage.changeHook(of: connection) }

    /// Makes an address for the messages of a connection's vendor; an earlier one is no longer valid.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - authentication: What a message has to prove beside the token.
    ///   - origin: Who enables it.
    /// - Returns: The path with the token, to be shown once: only a digest of the token is stored.
    /// - Throws: ``StoreError/notFound``, or an error of the storage.
    package func enable(
        of connection: StoredConnection, authentication: HookAuthentication, by origin: RequestOrigin
    ) async throws -> String {
        let token = try RandomBytes.token()
        let (user, secret): (String, Secret?) =
            switch authentication {
            case .none: ("", nil)
            case .basic(let user, let password): (user, password)
            case .bearer(let secret), .hmac(let secret): ("", secret)
            }
        let hook = ChangeHook(
            connection: connection.id, tokenDigest: Self.digest(of: token), authentication: authentication.kind, user: user,
            secret: try secret.map { try vault.seal($0, of: connection.id, ChangeHook.secretKey) }, createdAt: origin.at,
            createdBy: origin.account?.rawValue ?? "")
        let detail = "Authentication: \(authentication.kind.rawValue). An earlier address is no longer valid."
        try await storage.setChangeHook(hook, audit: origin.audit(.changeHookEnabled, connection.name, .done, detail))
        return "\(Self.root)/\(connection.id)/\(token)"
    }

    /// Makes the address of a connection invalid.
    ///
    /// - Throws: ``StoreError/notFound`` if there is none, or an error of the storage.
    package func disable(of connection: StoredConnection, by origin: RequestOrigin) async throws {
        try await storage.removeChangeHook(of: connection.id, audit: origin.audit(.changeHookDisabled, connection.name))
    }

    /// The beginning of each address.
    package static let root = "/hooks"

    /// Takes a message; no request is sent, and nothing of the message is stored but the ids of tickets.
    ///
    /// - Throws: Errors of the storage while the hook is looked up.
    package func accept(_ message: Message) async throws -> (outcome: Outcome, authentication: HookAuthentication.Kind?) {
        let id = ConnectionID(message.connection)
        let hook = if let id { try await storage.changeHook(of: id) } else { ChangeHook?.none }
        // Without a hook something is compared too, so that the time tells nothing.
        let digest = hook?.tokenDigest ?? [UInt8](repeating: 0, count: Digest.size)
        guard ConstantTime.areEqual(Self.digest(of: message.token), digest), let hook else { return (.unknown, nil) }
        let isAuthentic = isAuthentic(message, hook)
        // Messages with a wrong secret use up a limit of their own, so that they keep no others out.
        guard countsWithinLimit(hook.connection, isAuthentic) else { return (.tooMany, hook.authentication) }
        guard isAuthentic else { return (.unauthorized, hook.authentication) }
        guard let document = try? JSONDocument(message.body) else { return (.malformed, hook.authentication) }
        do {
            try await sync.take(hint: document.root, of: hook.connection)
            try await noteUse(of: hook)
            return (.accepted, hook.authentication)
        } catch {
            log.record(
                .warning, "change_hook_failed",
                [
                    ("connection", .string(hook.connection.rawValue)), ("code", (error as? PSAError).map { .string($0.code.rawValue) }),
                    ("type", .string("\(type(of: error))")),
                ])
            return (.notEnqueued, hook.authentication)
        }
    }

    /// What a token is recognized by.
    private static func digest(of token: String) -> [UInt8] { Digest(of: Array(token.utf8)).bytes }

    private func countsWithinLimit(_ connection: ConnectionID, _ isAuthentic: Bool) -> Bool {
        minutes.withLock { minutes in
            let now = time.instant()
            let counted = Counted(connection: connection, isAuthentic: isAuthentic)
            var minute = minutes[counted] ?? Minute(beganAt: now)
            if now - minute.beganAt >= .seconds(60) { minute = Minute(beganAt: now) }
            minute.count += 1
            minutes[counted] = minute
            return minute.count <= ChangeHookLimits.perMinute
        }
    }

    private func isAuthentic(_ message: Message, _ hook: ChangeHook) -> Bool {
        guard hook.authentication != .none else { return true }
        guard let sealed = hook.secret, let secret = try? vault.open(sealed, of: hook.connection, ChangeHook.secretKey) else {
            log.record(.error, "change_hook_secret_unreadable", [("connection", .string(hook.connection.rawValue))])
            return false
        }
        switch hook.authentication {
        case .none: return true
        case .bearer: return Self.isEqual(AuthorizationField.credentials(message.authorization, of: .bearer), secret.reveal())
        case .basic:
            let pair = Data("\(hook.user):\(secret.reveal())".utf8).base64EncodedString()
            return Self.isEqual(AuthorizationField.credentials(message.authorization, of: .basic), pair)
        case .hmac:
            let code = HMACSHA256.code(of: message.body, key: Array(secret.reveal().utf8))
            return Self.isEqual(message.signature, Data(code).base64EncodedString())
        }
    }

    private static func isEqual(_ sent: String?, _ expected: String) -> Bool {
        // Digests have the same length, so that the length of the secret does not show either.
        ConstantTime.areEqual(Digest(of: Array((sent ?? "").utf8)).bytes, Digest(of: Array(expected.utf8)).bytes)
    }

    /// Stores the time of a message, at most once a minute.
    private func noteUse(of hook: ChangeHook) async throws {
        let now = time.now()
        if let last = hook.lastMessageAt, (0..<60).contains(now.timeIntervalSince(last)) { return }
        try await storage.touchChangeHook(of: hook.connection, at: now)
    }
}
