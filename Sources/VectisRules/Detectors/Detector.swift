package import FoundationEssentials
package import PSACore
package import PSAEngine

/// Finds what one kind of detector looks for: a function of the copy's records, the settings and the time alone.
///
/// Days are days of UTC: the copy does not know the time zone of the tenant.
package struct Detector: Sendable {
    package let kind: DetectorKind
    /// The number of days; of no effect for a kind that has none.
    package let days: Int
    /// The time at which the copy is looked at.
    package let now: Date
    /// The number of days before now whose findings are wanted as well; 0 for what holds now.
    package let lookback: Int

    /// Creates a ``Detector``.
    package init(_ kind: DetectorKind, days: Int? = nil, now: Date, lookback: Int = 0) {
        self.kind = kind
        self.days = days ?? kind.defaultDays ?? 0
        self.now = now
        self.lookback = lookback
    }

    private var today: Int { Day.number(of: now) }

    // MARK: Agreements

    /// The agreements to look at: those that end in the wanted days.
    package var agreementQuery: SyncQuery {
        var query = SyncQuery(.agreements)
        query.states = [.present]
        query.isActive = true
        query.endsFrom = Day.start(of: today + min(0, days - lookback))
        query.endsBefore = Day.start(of: today + days + 1)
        query.limit = SyncLimits.page
        return query
    }

    /// Whether an agreement ends within the days.
    ///
    /// - Parameters:
    ///   - agreement: The agreement.
    ///   - company: Its company as the copy has it; nil if it has none.
    ///   - companiesAreKnown: Whether the copy has companies at all. If so, an agreement of a company that it does not have, or that is not
    ///     active, is no finding.
    /// - Returns: The finding; nil if there is none.
    package func finding(agreement: SyncRecord, company: SyncRecord?, companiesAreKnown: Bool) -> Finding? {
        guard agreement.state == .present, isInForce(agreement), let owner = agreement.facts.company, let end = agreement.facts.endsAt
        else {
            return nil
        }
        if companiesAreKnown { guard let company, isActive(company) else { return nil } }
        let endDay = Day.number(of: end)
        let left = endDay - today
        let isCurrent = (0...days).contains(left)
        guard isCurrent || lookback > 0 && (-lookback...0).contains(left - days) else { return nil }
        let name = agreement.facts.name.isEmpty ? "Agreement \(agreement.id)" : agreement.facts.name
        let companyName = company?.facts.name ?? agreement.content["company"]?["name"]?.string ?? ""
        let date = Day.text(of: endDay)
        var lines = ["The agreement “\(name)” of \(companyName.isEmpty ? "company \(owner)" : companyName) \(Self.end(on: date, left))"]
        if let kind = agreement.content["kind"]?.string { lines.append("Kind: \(kind)") }
        if let status = agreement.content["status"]?.string { lines.append("Status: \(status)") }
        if let start = startsAt(agreement) { lines.append("In force since \(Day.text(of: Day.number(of: start)))") }
        lines.append("Id in the PSA: \(agreement.id)")
        return Finding(
            kind: kind, senderID: "agreement/\(agreement.id)/ends/\(date)/within/\(days)", severity: .warning, company: owner,
            companyName: companyName, subject: name, text: lines.joined(separator: "\n"), since: Day.start(of: endDay - days),
            isCurrent: isCurrent, resource: .agreements, record: agreement.id)
    }

    private static func end(on date: String, _ left: Int) -> String {
        switch left {
        case ..<0: "ended on \(date), \(-left == 1 ? "a day" : "\(-left) days") ago."
        case 0: "ends today, on \(date)."
        case 1: "ends tomorrow, on \(date)."
        default: "ends on \(date), in \(left) days."
        }
    }

    /// Whether the vendor calls it active or, where it says nothing, its dates do.
    private func isInForce(_ agreement: SyncRecord) -> Bool {
        if let isActive = agreement.facts.isActive { return isActive }
        return startsAt(agreement).map { $0 <= now } ?? true
    }

    private func startsAt(_ agreement: SyncRecord) -> Date? {
        agreement.content["startsAt"]?.string.flatMap { GregorianUTC.instant(iso8601: $0) }
    }

    private func isActive(_ company: SyncRecord) -> Bool { company.state == .present && company.facts.isActive != false }

    /// The company that an agreement keeps from being one without an active agreement; nil if it keeps none.
    ///
    /// An agreement that the PSA does not list any more, without saying why, counts until its end: it may only have become invisible.
    package func coveredCompany(of agreement: SyncRecord) -> Company.ID? {
        guard [.present, .unreachable].contains(agreement.state), isInForce(agreement) else { return nil }
        let isSaidByVendor = agreement.state == .present && agreement.facts.isActive == true
        let isOver = agreement.facts.endsAt.map { Day.number(of: $0) < today } ?? false
        return isSaidByVendor || !isOver ? agreement.facts.company : nil
    }

    // MARK: Tickets

    /// The tickets to look at: those without activity for the days.
    package var ticketQuery: SyncQuery {
        var query = SyncQuery(.tickets)
        query.states = [.present]
        query.quietSince = now.addingTimeInterval(-Double(days) * 86_400)
        query.limit = SyncLimits.page
        return query
    }

    /// Whether a ticket waits.
    ///
    /// - Parameter ticket: The ticket; one without a time of its latest activity is no finding.
    /// - Returns: The finding; nil if there is none.
    package func finding(ticket: SyncRecord) -> Finding? {
        guard Self.isOpen(ticket), let quiet = ticket.facts.lastActivityAt else { return nil }
        let since = quiet.addingTimeInterval(Double(days) * 86_400)
        guard since < now else { return nil }
        let number = ticket.content["number"]?.string ?? ticket.id.rawValue
        let companyName = ticket.content["company"]?["name"]?.string ?? ""
        let whole = Int(now.timeIntervalSince(quiet) / 86_400)
        let owner = companyName.isEmpty ? "" : " of \(companyName)"
        var lines = [
            "The ticket \(number) “\(ticket.facts.name)”\(owner) has had no activity since \(quiet.utcText), for \(whole == 1 ? "a day" : "\(whole) days")."
        ]
        for (title, member) in [("Status", "status"), ("Priority", "priority"), ("Assigned to", "assignee")] {
            if let name = ticket.content[member]?["name"]?.string { lines.append("\(title): \(name)") }
        }
        if let address = ticket.content["webAddress"]?.string { lines.append(address) }
        return Finding(
            kind: kind, senderID: "ticket/\(ticket.id)/quiet-since/\(quiet.formatted(.iso8601))/for/\(days)", severity: .warning,
            company: ticket.facts.company, companyName: companyName, subject: "Ticket \(number)", text: lines.joined(separator: "\n"),
            since: since, isCurrent: true, resource: .tickets, record: ticket.id)
    }

    /// Whether the PSA calls a ticket open or waiting; one of which it does not say so is not.
    static func isOpen(_ ticket: SyncRecord) -> Bool {
        let phase = ticket.content["phase"]?.string.flatMap(Ticket.Phase.init(rawValue:)) ?? .unknown
        return ticket.state == .present && [.open, .waiting].contains(phase)
    }

    // MARK: Companies

    /// Whether a company has open tickets; the caller knows that no agreement covers it.
    package func finding(company: SyncRecord, with tickets: OpenTickets) -> Finding? {
        guard isActive(company), tickets.count > 0, let id = company.facts.company ?? Company.ID(company.id.rawValue) else { return nil }
        let count = tickets.count == 1 ? "an open ticket" : "\(tickets.count) open tickets"
        var lines = ["\(company.facts.name) has \(count) and no active agreement."]
        lines += tickets.oldest.map { "Ticket \($0.number): \($0.summary)" }
        if tickets.count > tickets.oldest.count { lines.append("… and \(tickets.count - tickets.oldest.count) more") }
        let month = Day.text(of: today).prefix(7)
        return Finding(
            kind: kind, senderID: "company/\(company.id)/without-agreement/\(month)", severity: .warning, company: id,
            companyName: company.facts.name, subject: "", text: lines.joined(separator: "\n"), since: nil, isCurrent: true,
            resource: .companies, record: company.id)
    }

    // MARK: The copy itself

    /// Whether a list of the copy is too old to be relied on.
    package func finding(status: SyncStatus, _ policy: SyncPolicy) -> Finding? {
        guard status.resource.isList, status.isStale(at: now, policy), let freshAt = status.progress.freshAt else { return nil }
        let limit = policy.staleAge(of: status.resource, readsChanges: status.progress.filter?.works == true)
        let age = now.timeIntervalSince(freshAt)
        var lines = [
            "The local copy of \(status.resource.title) was last up to date at \(freshAt.utcText), \(Self.hours(age)) ago. It counts as stale after \(Self.hours(limit.seconds))."
        ]
        if status.isPaused { lines.append("It is paused.") }
        if let failure = status.progress.failure {
            lines.append(
                "The latest run failed \(failure.count == 1 ? "once" : "\(failure.count) times in a row"): \(failure.code.rawValue)")
        }
        return Finding(
            kind: kind, senderID: "resource/\(status.resource)/stale-since/\(freshAt.formatted(.iso8601))", severity: .error, company: nil,
            companyName: "", subject: "Local copy of \(status.resource.title)", text: lines.joined(separator: "\n"),
            since: freshAt.addingTimeInterval(limit.seconds), isCurrent: true, resource: status.resource, record: nil)
    }

    private static func hours(_ seconds: TimeInterval) -> String {
        let hours = Int(seconds / 3_600)
        return hours == 1 ? "an hour" : "\(hours) hours"
    }
}

/// The open tickets of one company.
package struct OpenTickets: Sendable, Equatable {
    /// A ticket as the text of a finding names it.
    package struct Named: Sendable, Equatable {
        package let number: String
        package let summary: String
        fileprivate let createdAt: String
    }

    /// How many there are.
    package private(set) var count = 0
    /// The five that were created first.
    package private(set) var oldest: [Named] = []

    /// Creates an empty list.
    package init() {}

    /// Counts a ticket, if it is open.
    package mutating func add(_ ticket: SyncRecord) {
        guard Detector.isOpen(ticket) else { return }
        count += 1
        let named = Named(
            number: ticket.content["number"]?.string ?? ticket.id.rawValue, summary: ticket.facts.name,
            createdAt: ticket.content["createdAt"]?.string ?? "9999")
        let place = oldest.firstIndex { ($0.createdAt, $0.number) > (named.createdAt, named.number) } ?? oldest.count
        oldest.insert(named, at: place)
        if oldest.count > 5 { oldest.removeLast() }
    }
}

/// Something that a detector found.
package struct Finding: Sendable, Equatable {
    package let kind: DetectorKind
    /// Identifies the occurrence: it is the same however often the detector runs.
    package let senderID: String
    package let severity: HostEvent.Severity
    /// The company in the PSA; nil if it concerns none.
    package let company: Company.ID?
    package let companyName: String
    /// What it is about, such as a ticket's number; empty if it is the company as a whole.
    package let subject: String
    /// What was found, for people.
    package let text: String
    /// Since when it holds; nil if the copy does not say.
    package let since: Date?
    /// Whether it holds now.
    package let isCurrent: Bool
    /// The list in which it was found.
    package let resource: SyncResource
    /// The record that it is about; nil if it is the list itself.
    package let record: SyncRecord.ID?

    /// Whether it began to hold within the given number of days before a time; one that does not say since when did not.
    package func began(within days: Int, before now: Date) -> Bool {
        since.map { $0 <= now && Day.number(of: now) - Day.number(of: $0) <= days } ?? false
    }

    /// The event of the finding; only rules of the connection see it.
    package func event(of connection: ConnectionID, at now: Date) -> HostEvent {
        HostEvent(
            source: HostEvent.detectorSource, senderID: senderID, type: kind.rawValue, severity: severity,
            company: Self.clipped(companyName), companyID: company?.rawValue ?? "", device: Self.clipped(subject), text: text, at: now,
            receivedAt: now, isTimed: false, connection: connection)
    }

    /// A name on one line, of at most as many bytes as events take.
    private static func clipped(_ name: String) -> String {
        var text = HostEvent.oneLine(name)
        while text.utf8.count > maxNameBytes { text = String(text.dropLast(max(1, (text.utf8.count - maxNameBytes) / 4))) }
        return text
    }

    private static let maxNameBytes = 1_000
}

extension HostEvent {
    /// The source of all events that detectors raise.
    package static let detectorSource = "vectis"
}

extension SyncResource {
    /// The list as people call it.
    package var title: String {
        switch self {
        case .companies: "companies"
        case .contacts: "contacts"
        case .agents: "agents"
        case .ticketTypes: "ticket types"
        case .ticketStatuses: "ticket statuses"
        case .ticketPriorities: "ticket priorities"
        case .agreements: "agreements"
        case .recurringInvoices: "recurring invoices"
        case .tickets: "tickets"
        case .notes: "notes"
        }
    }
}

/// Days of UTC, counted from 1970-01-01.
enum Day {
    static func number(of time: Date) -> Int { Int((time.timeIntervalSince1970 / 86_400).rounded(.down)) }
    static func start(of day: Int) -> Date { Date(timeIntervalSince1970: Double(day) * 86_400) }
    static func text(of day: Int) -> String { String(start(of: day).formatted(.iso8601).prefix(10)) }
}
