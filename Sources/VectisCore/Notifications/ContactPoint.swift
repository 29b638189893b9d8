package import FoundationEssentials
package import Mail
package import PSACore
package import PSAEngine
import VectisRules

/// Identifies a contact point.
package struct ContactPointID: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    /// Draws a new one.
    package init() { rawValue = CorrelationID().rawValue }

    /// Takes one from a link or the storage.
    package init?(_ text: String) {
        guard let id = ConnectionID(text) else { return nil }
        rawValue = id.rawValue
    }

    package var description: String { rawValue }
}

/// The ways to reach a contact point.
package enum ContactPointKind: String, Sendable, CaseIterable {
    case email
    case webhook
    case teams
    case slack

    /// The name on pages.
    package var title: String {
        switch self {
        case .email: "E-mail"
        case .webhook: "Webhook"
        case .teams: "Microsoft Teams"
        case .slack: "Slack"
        }
    }
}

/// What a message may be about.
package enum ConditionKind: String, Sendable, CaseIterable {
    /// An error of a connection, until it is resolved.
    case connectionBroken = "connection_broken"
    /// A rule that sends nothing until something is changed.
    case rulePaused = "rule_paused"
    /// Jobs that wait for a person.
    case needsReview = "needs_review"
    /// A rule exceeded its rate limit, or the PSA refuses requests because there are too many.
    case rateLimit = "rate_limit"
    /// A list of a local copy is too old.
    case syncStale = "sync_stale"
    /// The disk with the data of the host is nearly full.
    case diskLow = "disk_low"
    /// Another contact point can't be reached.
    case contactPointBroken = "contact_point_broken"

    /// The name on pages.
    package var title: String {
        switch self {
        case .connectionBroken: "Connection broken or recovered"
        case .rulePaused: "Rule paused"
        case .needsReview: "Items need review"
        case .rateLimit: "Rate limit reached"
        case .syncStale: "Local copy is stale"
        case .diskLow: "Disk is nearly full"
        case .contactPointBroken: "Another contact point can’t be reached"
        }
    }
}

/// The bounds of contact points and messages.
package enum NotificationLimits {
    package static let contactPoints = 50
    package static let recipients = 20
    /// The longest name, in characters.
    package static let name = 60
    /// The longest webhook address, in bytes.
    package static let address = 2_048
    /// The length of a signing key, in bytes.
    package static let secret = 16...200
    /// The longest user or password of a mail server, in bytes.
    package static let credential = 200
    package static let groupingMinutes = 5...1_440
    package static let repeatHours = 1...168
    /// The most conditions that a message describes; it counts the others.
    package static let lines = 30
    /// The most connections that can be chosen.
    package static let connections = 500
    /// For how long messages and ended conditions are kept, in days.
    package static let days = 90
    /// How many messages and how many ended conditions are kept.
    package static let rows = 10_000
    /// How often a message that was not accepted is sent, at most.
    package static let attempts = 6
    /// For how long it is sent again.
    package static let maxAge: TimeInterval = 2 * 3_600
    /// After how many failed attempts in a row a contact point counts as broken.
    package static let failures = 3
}

/// What a contact point gets messages about, and how often.
package struct NotificationSubscription: Sendable, Equatable {
    /// The connections; nil for all.
    package var connections: Set<ConnectionID>?
    package var kinds: Set<ConditionKind>
    /// The time between two messages.
    package var groupingMinutes: Int
    /// After how many hours a condition that lasts is reported again; nil for never.
    package var repeatHours: Int?

    /// Creates a ``NotificationSubscription``.
    package init(
        connections: Set<ConnectionID>? = nil, kinds: Set<ConditionKind> = Set(ConditionKind.allCases), groupingMinutes: Int = 15,
        repeatHours: Int? = 24
    ) {
        self.connections = connections
        self.kinds = kinds
        self.groupingMinutes = groupingMinutes
        self.repeatHours = repeatHours
    }

    /// Whether it includes a condition.
    package func includes(_ condition: ObservedCondition) -> Bool {
        guard kinds.contains(condition.facts.kind) else { return false }
        guard let connections, let connection = condition.facts.connection else { return true }
        return connections.contains(connection)
    }
}

/// The settings of a mail server that are no secret.
package struct MailSettings: Sendable, Equatable {
    package var server: String
    package var port: Int
    package var security: MailServer.Security
    /// Empty to send without a sign-in.
    package var user: String
    package var sender: String
    package var recipients: [String]

    /// Creates ``MailSettings``.
    package init(
        server: String = "", port: Int = 587, security: MailServer.Security = .startTLS, user: String = "", sender: String = "",
        recipients: [String] = []
    ) {
        self.server = server
        self.port = port
        self.security = security
        self.user = user
        self.sender = sender
        self.recipients = recipients
    }
}

/// Where and how messages are sent; secrets are sealed.
package struct ContactPoint: Sendable, Equatable {
    package let id: ContactPointID
    package let kind: ContactPointKind
    package var name: String
    package var isEnabled: Bool
    package var language: Language
    package var subscription: NotificationSubscription
    /// Only of an e-mail.
    package var mail: MailSettings
    /// The host of the server, which is no secret.
    package var host: String
    /// The password of the mail server; nil without one, and for the other kinds.
    package var password: SealedSecret?
    /// The address of a webhook; nil for an e-mail.
    package var address: SealedSecret?
    /// The signing key of a webhook; nil for the other kinds.
    package var signingKey: SealedSecret?
    package var revision: Int
    package let createdAt: Date
    package var changedAt: Date
    /// Since when it subscribes to the connections and kinds.
    package var subscribedAt: Date

    /// Creates a ``ContactPoint``.
    package init(
        id: ContactPointID, kind: ContactPointKind, name: String, isEnabled: Bool, language: Language,
        subscription: NotificationSubscription, mail: MailSettings, host: String, password: SealedSecret?, address: SealedSecret?,
        signingKey: SealedSecret?, revision: Int, createdAt: Date, changedAt: Date, subscribedAt: Date
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.isEnabled = isEnabled
        self.language = language
        self.subscription = subscription
        self.mail = mail
        self.host = host
        self.password = password
        self.address = address
        self.signingKey = signingKey
        self.revision = revision
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.subscribedAt = subscribedAt
    }
}

/// How sending to a contact point went lately.
package struct ContactPointState: Sendable, Equatable {
    /// The failed attempts since the last success.
    package var failures = 0
    /// When the first of them was.
    package var failingSince: Date?
    /// Why the last of them failed.
    package var failure: ErrorCode?
    /// What the server said.
    package var detail = ""
    /// When a message was last accepted.
    package var lastSentAt: Date?

    /// Creates a ``ContactPointState``.
    package init() {}

    /// Whether it counts as broken, which is reported to the other contact points.
    package var isBroken: Bool { failures >= NotificationLimits.failures }
}

/// A contact point as it is stored.
package struct StoredContactPoint: Sendable, Equatable {
    package var point: ContactPoint
    package var state: ContactPointState

    /// Creates a ``StoredContactPoint``.
    package init(point: ContactPoint, state: ContactPointState = ContactPointState()) {
        self.point = point
        self.state = state
    }
}

extension ContactPoint {
    /// The names under which the vault seals the secrets; no setting of a connector has them.
    package static let passwordKey: SettingKey = "contact-point/password"
    package static let addressKey: SettingKey = "contact-point/address"
    package static let signingKeyKey: SettingKey = "contact-point/signing-key"

    /// The settings that are no secret, for the storage.
    package var settingsJSON: JSONValue {
        .init(present: [
            ("connections", subscription.connections.map { .array($0.map(\.rawValue).sorted().map(JSONValue.string)) }),
            ("kinds", .array(subscription.kinds.map(\.rawValue).sorted().map(JSONValue.string))),
            ("repeatHours", subscription.repeatHours.map(JSONValue.integer)), ("language", .string(language.rawValue)),
            ("host", .string(host)), ("server", .string(mail.server)), ("port", .integer(mail.port)),
            ("security", .string(mail.security.rawValue)), ("user", .string(mail.user)), ("sender", .string(mail.sender)),
            ("recipients", .array(mail.recipients.map(JSONValue.string))),
        ])
    }

    /// Reads what ``settingsJSON`` wrote.
    package mutating func readSettings(_ json: JSONView) {
        subscription.connections = json["connections"].map { Set($0.elements.compactMap { $0.string.flatMap(ConnectionID.init(_:)) }) }
        // A kind that a newer version has stored is left out.
        subscription.kinds = Set(json["kinds"]?.elements.compactMap { $0.string.flatMap(ConditionKind.init(rawValue:)) } ?? [])
        subscription.repeatHours = json["repeatHours"]?.integer
        language = json["language"]?.string.flatMap(Language.init(rawValue:)) ?? .english
        host = json["host"]?.string ?? ""
        mail = MailSettings(
            server: json["server"]?.string ?? "", port: json["port"]?.integer ?? 587,
            security: json["security"]?.string.flatMap(MailServer.Security.init(rawValue:)) ?? .startTLS, user: json["user"]?.string ?? "",
            sender: json["sender"]?.string ?? "", recipients: json["recipients"]?.elements.compactMap(\.string) ?? [])
    }
}
