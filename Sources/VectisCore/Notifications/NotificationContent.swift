package import FoundationEssentials
package import PSACore
import PSAEngine

/// What a message says, in the language of its contact point; it is stored before it is sent.
package struct NotificationContent: Sendable, Equatable {
    /// One condition.
    package struct Item: Sendable, Equatable {
        package var change: NotificationPlan.Change
        package var kind: ConditionKind
        /// The id of the connection; nil for what concerns none.
        package var connection: String?
        /// The name of the connection, the rule, the machine or the contact point.
        package var name: String
        /// What happened.
        package var title: String
        /// Where.
        package var place: String
        /// Why we think so; empty for what has ended.
        package var reason: String
        /// The first thing to do; empty for what has ended.
        package var step: String
        /// The page about it, without the address of the host.
        package var path: String
        package var since: Date
        package var endedAt: Date?
        /// Whether an earlier message with it may have arrived.
        package var isUncertain: Bool
    }

    /// The subject.
    package var summary: String
    package var items: [Item]
    /// How many conditions were reported with it and are not described.
    package var more: Int
    /// How many conditions last that it does not mention otherwise.
    package var others: Int
    package var isTest: Bool
    package var language: Language

    /// Creates a ``NotificationContent``.
    package init(summary: String, items: [Item], more: Int = 0, others: Int = 0, isTest: Bool = false, language: Language) {
        self.summary = summary
        self.items = items
        self.more = more
        self.others = others
        self.isTest = isTest
        self.language = language
    }

    /// The content for the storage.
    package var json: JSONValue {
        .init(present: [
            ("summary", .string(summary)), ("items", .array(items.map(\.json))), ("more", .integer(more)), ("others", .integer(others)),
            ("test", .bool(isTest)), ("language", .string(language.rawValue)),
        ])
    }

    /// Reads what ``json`` wrote; nil if it is something else.
    package init?(json: JSONView) {
        guard let summary = json["summary"]?.string, let items = json["items"]?.elements.compactMap(Item.init(json:)) else { return nil }
        self.init(
            summary: summary, items: items, more: json["more"]?.integer ?? 0, others: json["others"]?.integer ?? 0,
            isTest: json["test"]?.bool ?? false, language: json["language"]?.string.flatMap(Language.init(rawValue:)) ?? .english)
    }
}

extension NotificationContent.Item {
    fileprivate var json: JSONValue {
        .init(present: [
            ("change", .string(change.rawValue)), ("kind", .string(kind.rawValue)), ("connection", connection.map(JSONValue.string)),
            ("name", .string(name)), ("title", .string(title)), ("place", .string(place)), ("reason", .string(reason)),
            ("step", .string(step)), ("path", .string(path)), ("since", .integer(Int(since.timeIntervalSince1970))),
            ("endedAt", endedAt.map { .integer(Int($0.timeIntervalSince1970)) }), ("uncertain", .bool(isUncertain)),
        ])
    }

    fileprivate init?(json: JSONView) {
        guard let change = json["change"]?.string.flatMap(NotificationPlan.Change.init(rawValue:)),
            let kind = json["kind"]?.string.flatMap(ConditionKind.init(rawValue:)), let since = json["since"]?.integer
        else { return nil }
        func text(_ name: String) -> String { json[name]?.string ?? "" }
        self.init(
            change: change, kind: kind, connection: json["connection"]?.string, name: text("name"), title: text("title"),
            place: text("place"), reason: text("reason"), step: text("step"), path: text("path"),
            since: Date(timeIntervalSince1970: Double(since)),
            endedAt: json["endedAt"]?.integer.map { Date(timeIntervalSince1970: Double($0)) },
            isUncertain: json["uncertain"]?.bool ?? false)
    }
}

/// Writes messages in one language.
package struct NotificationWriter: Sendable {
    private let registry: ConnectorRegistry
    private let connectors: [String: ConnectorID]
    private let renderer: TextRenderer

    /// Creates a ``NotificationWriter``.
    ///
    /// - Parameters:
    ///   - registry: The connectors, whose texts are used for the errors of their connections.
    ///   - connectors: The connector of each connection, by the id of the connection.
    ///   - language: The language.
    package init(registry: ConnectorRegistry, connectors: [String: ConnectorID], language: Language) {
        self.registry = registry
        self.connectors = connectors
        renderer = TextRenderer(language)
    }

    /// The content of a planned message; nil if there is nothing to say.
    package func content(_ plan: NotificationPlan) -> NotificationContent? {
        guard let first = plan.entries.first else { return nil }
        let items = plan.entries.prefix(NotificationLimits.lines).map(item)
        let problems = plan.entries.count { $0.change == .opened || $0.change == .lasting }
        let summary = renderer.text(
            NotificationMessage.summary(title: item(first).title, problems: problems, ended: plan.entries.count - problems))
        return NotificationContent(
            summary: summary, items: items, more: plan.entries.count - items.count, others: plan.others, language: renderer.language)
    }

    /// The content of a test message.
    package func test(for point: String, at now: Date) -> NotificationContent {
        NotificationContent(
            summary: renderer.text(NotificationMessage.testSummary),
            items: [
                NotificationContent.Item(
                    change: .opened, kind: .contactPointBroken, connection: nil, name: point,
                    title: renderer.text(NotificationMessage.testTitle), place: Self.short(point),
                    reason: renderer.text(NotificationMessage.testReason), step: renderer.text(NotificationMessage.testStep),
                    path: "/notifications", since: now, endedAt: nil, isUncertain: false)
            ], isTest: true, language: renderer.language)
    }

    private func item(_ entry: NotificationPlan.Entry) -> NotificationContent.Item {
        let (facts, condition) = (entry.condition.facts, entry.condition)
        let texts = texts(facts)
        let hasEnded = condition.endedAt != nil
        let minutes = condition.endedAt.map { max(1, Int(($0.timeIntervalSince(condition.openedAt) / 60).rounded())) }
        return NotificationContent.Item(
            change: entry.change, kind: facts.kind, connection: facts.connection?.rawValue, name: Self.short(facts.name),
            title: Self.short(renderer.text(texts.title), 200), place: Self.short(renderer.text(texts.place), 120),
            reason: minutes.map { renderer.text(NotificationMessage.lasted(minutes: $0)) } ?? Self.short(texts.reason, 300),
            step: hasEnded ? "" : Self.short(texts.step, 300), path: path(facts), since: condition.openedAt, endedAt: condition.endedAt,
            isUncertain: entry.isUncertain)
    }

    private static func short(_ text: String, _ limit: Int = 100) -> String {
        let line = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
        // Bytes, because a character may be of any length.
        guard line.utf8.count > limit else { return line }
        return String(decoding: line.utf8.prefix(limit), as: UTF8.self).replacing("\u{FFFD}", with: "") + "…"
    }

    private func texts(_ facts: ConditionFacts) -> (title: NotificationMessage, place: NotificationMessage, reason: String, step: String) {
        let name = Self.short(facts.name)
        let guidance = facts.code.map { self.guidance($0, facts.connection) }
        let cause = guidance?.causes.first
        switch facts.kind {
        case .connectionBroken, .syncStale:
            return (
                .connection(name, guidance?.title ?? ""), .ofConnection(name), cause?.text ?? guidance?.detail ?? "",
                cause?.steps.first ?? ""
            )
        case .rateLimit where facts.subject.isEmpty:
            return (.connection(name, guidance?.title ?? ""), .ofConnection(name), cause?.text ?? "", cause?.steps.first ?? "")
        case .rateLimit:
            return (
                .rateLimitOfRule(name, facts.count), .ofRule(name), renderer.text(NotificationMessage.rateLimitReason),
                renderer.text(NotificationMessage.rateLimitStep)
            )
        case .rulePaused where facts.connection == nil:
            return (
                .rulePaused(name), .ofRule(name), renderer.text(NotificationMessage.connectionRemovedReason),
                renderer.text(NotificationMessage.connectionRemovedStep)
            )
        case .rulePaused:
            let reason = guidance.map { NotificationMessage.refusedReason($0.title) } ?? .fieldsReason
            return (
                .rulePaused(name), .ofRule(name), renderer.text(reason),
                cause?.steps.first ?? renderer.text(NotificationMessage.fieldsStep)
            )
        case .needsReview:
            return (
                .needsReview(name, facts.count), .ofConnection(name), renderer.text(NotificationMessage.reviewReason),
                renderer.text(NotificationMessage.reviewStep)
            )
        case .diskLow:
            return (
                .diskLow(name), .ofMachine(name), renderer.text(NotificationMessage.diskReason), renderer.text(NotificationMessage.diskStep)
            )
        case .contactPointBroken:
            return (
                .contactPointBroken(name, guidance?.title ?? ""), .ofContactPoint(name), cause?.text ?? "", cause?.steps.first ?? ""
            )
        }
    }

    private func guidance(_ code: ErrorCode, _ connection: ConnectionID?) -> Guidance {
        if NotificationErrorCode(code) != nil { return PSAError(code, catalogue: .notifications).guidance(in: renderer) }
        let connector = connection.flatMap { connectors[$0.rawValue] }
        let descriptor = connector.flatMap { try? registry.descriptor(named: $0.rawValue) }
        return PSAError(code, catalogue: descriptor?.guidance ?? .shared).guidance(in: renderer)
    }

    private func path(_ facts: ConditionFacts) -> String {
        switch facts.kind {
        case .connectionBroken: "/integrations"
        case .rateLimit where facts.subject.isEmpty: "/integrations"
        case .rateLimit, .rulePaused: "/rules/\(facts.subject)"
        case .needsReview: "/jobs?state=needs_review"
        case .syncStale: facts.connection.map { "/connections/\($0)/data" } ?? "/integrations"
        case .diskLow: "/integrations"
        case .contactPointBroken: "/notifications/\(facts.subject)"
        }
    }
}

/// The sentences of messages.
package enum NotificationMessage: LocalizedMessage {
    case summary(title: String, problems: Int, ended: Int)
    case testSummary, testTitle, testReason, testStep
    case lasted(minutes: Int)
    case ofConnection(String)
    case ofRule(String)
    case ofMachine(String)
    case ofContactPoint(String)
    case connection(String, String)
    case rateLimitOfRule(String, Int)
    case rateLimitReason, rateLimitStep
    case rulePaused(String)
    case refusedReason(String)
    case fieldsReason, fieldsStep
    case connectionRemovedReason, connectionRemovedStep
    case needsReview(String, Int)
    case reviewReason, reviewStep
    case diskLow(String)
    case diskReason, diskStep
    case contactPointBroken(String, String)
    // The frame of a message.
    case heading(NotificationPlan.Change)
    case since(String)
    case from(String, until: String)
    case whereLabel, whyLabel, stepLabel, pageLabel
    case uncertain
    case more(Int)
    case others(Int)
    case footer(String)

    package var values: [String: MessageValue] {
        switch self {
        case .summary(let title, let problems, let ended):
            ["title": .verbatim(title), "problems": .verbatim(String(problems)), "ended": .verbatim(String(ended))]
        case .lasted(let minutes): ["duration": .phrase(DurationMessage(minutes: minutes))]
        case .ofConnection(let name), .ofRule(let name), .ofMachine(let name), .ofContactPoint(let name), .rulePaused(let name),
            .diskLow(let name), .footer(let name), .since(let name):
            ["name": .verbatim(name)]
        case .connection(let name, let title), .contactPointBroken(let name, let title):
            ["name": .verbatim(name), "title": .verbatim(title)]
        case .rateLimitOfRule(let name, let count), .needsReview(let name, let count):
            ["name": .verbatim(name), "count": .verbatim(String(count))]
        case .refusedReason(let title): ["title": .verbatim(title)]
        case .from(let start, let end): ["start": .verbatim(start), "end": .verbatim(end)]
        case .more(let count), .others(let count): ["count": .verbatim(String(count))]
        default: [:]
        }
    }

    package func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .summary(_, let problems, let ended):
            switch (problems, ended) {
            case (1, 0): "{title}"
            case (0, 1): "Recovered: {title}"
            case (0, _): "{ended} recovered, such as: {title}"
            case (_, 0): "{problems} problems, first: {title}"
            default: "{problems} open, {ended} recovered; first: {title}"
            }
        case .testSummary: "Test message"
        case .testTitle: "This is a test message; nothing has happened."
        case .testReason: "An administrator sent it to see whether this contact point can be reached."
        case .testStep: "Nothing has to be done."
        case .lasted: "It lasted {duration}."
        case .ofConnection: "Connection “{name}”"
        case .ofRule: "Rule “{name}”"
        case .ofMachine: "Machine “{name}”"
        case .ofContactPoint: "Contact point “{name}”"
        case .connection: "{name}: {title}"
        case .rateLimitOfRule: "The rule “{name}” reached its rate limit; {count} items need review"
        case .rateLimitReason: "More events matched the rule than its limit allows, so that nothing is sent until a person decides."
        case .rateLimitStep: "Look at the jobs of the rule, and release or discard them."
        case .rulePaused: "The rule “{name}” is paused"
        case .refusedReason: "The PSA rejected a ticket of the rule: {title}."
        case .fieldsReason: "The ticket type demands fields that the rule does not fill in."
        case .fieldsStep: "Open the rule, and give a value for the fields that it names."
        case .connectionRemovedReason: "The connection of the rule was removed, so that its events create no ticket."
        case .connectionRemovedStep: "Open the rule and choose another connection, or turn it off."
        case .needsReview: "{name}: {count} items need review"
        case .reviewReason: "Vectis can’t decide by itself whether they should be sent."
        case .reviewStep: "Open the list of items that need review, and decide on each."
        case .diskLow: "The disk of “{name}” is nearly full"
        case .diskReason: "So little space is left that no new event is taken."
        case .diskStep: "Free some space on the disk with the data folder."
        case .contactPointBroken: "The contact point “{name}” can’t be reached: {title}"
        case .heading(.opened): "NEW"
        case .heading(.lasting): "STILL GOING ON"
        case .heading(.ended): "RECOVERED"
        case .heading(.passed): "WAS BROKEN FOR A SHORT TIME"
        case .since: "since {name}"
        case .from: "from {start} to {end}"
        case .whereLabel: "Where"
        case .whyLabel: "Why"
        case .stepLabel: "First step"
        case .pageLabel: "Page"
        case .uncertain: "An earlier message with this may have arrived."
        case .more: "And {count} more; the pages show them."
        case .others: "{count} conditions that were reported before are still going on."
        case .footer: "Sent by Vectis to the contact point “{name}”."
        }
    }

    private var german: String {
        switch self {
        case .summary(_, let problems, let ended):
            switch (problems, ended) {
            case (1, 0): "{title}"
            case (0, 1): "Behoben: {title}"
            case (0, _): "{ended} behoben, etwa: {title}"
            case (_, 0): "{problems} Störungen, zuerst: {title}"
            default: "{problems} offen, {ended} behoben; zuerst: {title}"
            }
        case .testSummary: "Testnachricht"
        case .testTitle: "Dies ist eine Testnachricht; es ist nichts geschehen."
        case .testReason: "Ein Administrator hat sie gesendet, um zu sehen, ob diese Kontaktstelle erreichbar ist."
        case .testStep: "Es ist nichts zu tun."
        case .lasted: "Es dauerte {duration}."
        case .ofConnection: "Verbindung „{name}“"
        case .ofRule: "Regel „{name}“"
        case .ofMachine: "Rechner „{name}“"
        case .ofContactPoint: "Kontaktstelle „{name}“"
        case .connection: "{name}: {title}"
        case .rateLimitOfRule: "Die Regel „{name}“ hat ihre Grenze erreicht; zu prüfen: {count}"
        case .rateLimitReason:
            "Mehr Ereignisse passten zur Regel, als ihre Grenze erlaubt; deshalb wird nichts gesendet, bis jemand entscheidet."
        case .rateLimitStep: "Die Einträge der Regel ansehen und freigeben oder verwerfen."
        case .rulePaused: "Die Regel „{name}“ ist angehalten"
        case .refusedReason: "Das PSA-System hat ein Ticket der Regel abgelehnt: {title}."
        case .fieldsReason: "Der Tickettyp verlangt Felder, die die Regel nicht ausfüllt."
        case .fieldsStep: "Die Regel öffnen und den genannten Feldern einen Wert geben."
        case .connectionRemovedReason: "Die Verbindung der Regel wurde entfernt; aus ihren Ereignissen entsteht kein Ticket."
        case .connectionRemovedStep: "Die Regel öffnen und eine andere Verbindung wählen oder sie abschalten."
        case .needsReview: "{name}: zu prüfen sind {count}"
        case .reviewReason: "Vectis kann nicht selbst entscheiden, ob sie gesendet werden sollen."
        case .reviewStep: "Die Liste der zu prüfenden Einträge öffnen und über jeden entscheiden."
        case .diskLow: "Der Datenträger von „{name}“ ist fast voll"
        case .diskReason: "Es ist so wenig Platz frei, dass keine neuen Ereignisse angenommen werden."
        case .diskStep: "Auf dem Datenträger mit dem Datenordner Platz schaffen."
        case .contactPointBroken: "Die Kontaktstelle „{name}“ ist nicht erreichbar: {title}"
        case .heading(.opened): "NEU"
        case .heading(.lasting): "DAUERT AN"
        case .heading(.ended): "BEHOBEN"
        case .heading(.passed): "WAR KURZ GESTÖRT"
        case .since: "seit {name}"
        case .from: "von {start} bis {end}"
        case .whereLabel: "Wo"
        case .whyLabel: "Warum"
        case .stepLabel: "Erster Schritt"
        case .pageLabel: "Seite"
        case .uncertain: "Eine frühere Nachricht damit ist vielleicht angekommen."
        case .more: "Und {count} weitere; die Seiten zeigen sie."
        case .others: "Schon gemeldet und noch nicht behoben: {count}."
        case .footer: "Gesendet von Vectis an die Kontaktstelle „{name}“."
        }
    }
}

/// A time span in minutes, hours or days.
package struct DurationMessage: LocalizedMessage {
    package let minutes: Int

    package var values: [String: MessageValue] {
        let number = minutes < 120 ? minutes : minutes < 2_880 ? minutes / 60 : minutes / 1_440
        return ["number": .verbatim(String(number))]
    }

    package func pattern(in language: Language) -> String {
        switch (minutes, language) {
        case (..<120, .english): "{number} min"
        case (..<2_880, .english): "{number} hours"
        case (_, .english): "{number} days"
        case (..<120, .german): "{number} Min."
        case (..<2_880, .german): "{number} Stunden"
        case (_, .german): "{number} Tage"
        }
    }
}
