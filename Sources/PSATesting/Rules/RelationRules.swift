#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

extension ConformanceRule {
    /// What rows say about one another, and which of them a query gives.
    static let relations: [ConformanceRule] = [
        ConformanceRule(
            "reading.references", .silver, "The company and the contact that a row names are records of their lists",
            because: "A ticket would be shown for a stranger, and the host could not find the company that it names.",
            needs: [.connection, .list], check: references),
        ConformanceRule(
            "reading.query", .silver,
            "A filter that it declares gives the tickets that the whole list has of that kind, in the order asked for",
            because: "A host that reads one company's tickets would miss some, and take the oldest for the newest.",
            needs: [.connection, .capability(.readTickets)], check: query),
    ]

    private static func references(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let naming: [Capability] = [.readTickets, .readContacts, .readAgreements, .readRecurringInvoices]
        guard subject.can(.readCompanies) || subject.can(.readContacts), naming.contains(where: subject.can) else {
            throw NotApplicableError("No row that the connector reads names a record of another list.")
        }
        var named = NamedRecords()
        if subject.can(.readTickets) {
            for try await ticket in session.tickets().prefix(300) { named.add(ticket) }
        }
        if subject.can(.readContacts) {
            for try await contact in session.contacts().prefix(300) { named.add(contact) }
        }
        if subject.can(.readAgreements) {
            for try await agreement in session.agreements().prefix(300) { named.add(agreement.company, in: "agreement", agreement.native) }
        }
        if subject.can(.readRecurringInvoices) {
            for try await invoice in session.recurringInvoices().prefix(300) {
                named.add(invoice.company, in: "recurring invoice", invoice.native)
            }
        }
        var violations = named.violationsOfThemselves
        var isSeen = false
        if subject.can(.readCompanies), !named.companies.isEmpty {
            isSeen = true
            violations += try await named.companyViolations(session)
        }
        if subject.can(.readContacts), !named.contacts.isEmpty {
            isSeen = true
            violations += try await named.contactViolations(session)
        }
        guard isSeen else { throw InconclusiveError("No ticket and no contact of the tenant names a company or contact.") }
        return violations
    }

    private static func query(_ subject: ConformanceSubject) async throws -> [Violation] {
        let declared = subject.descriptor.ticketFilters
        guard !declared.isEmpty else { throw NotApplicableError("The connector declares no filter of tickets.") }
        // What is declared and not built is another rule's matter.
        guard try ConformanceStage(subject).connection() is any TicketQuerying else {
            throw NotApplicableError("The connector declares filters of tickets and has not built them.")
        }
        let session = try ConformanceStage(subject).session()
        let all = try await session.firstTickets(TicketQuery())
        guard all.count > 1 else { throw InconclusiveError("The tenant has no two tickets.") }
        var violations: [Violation] = []
        for sample in QuerySample.all(of: all, declared) {
            let given = try await session.firstTickets(sample.query)
            violations += sample.violations(given, all)
        }
        if declared.contains(.newestFirst) {
            let given = try await session.firstTickets(TicketQuery(order: .newestFirst))
            violations += newestFirstViolations(given, all)
            let moments = all.compactMap(\.updatedAt).sorted()
            let later = moments.isEmpty ? nil : moments[moments.count / 2]
            let changed = later.map { moment in
                QuerySample(name: "changed tickets", query: TicketQuery(changedSince: moment)) { ($0.updatedAt ?? .distantPast) >= moment }
            }
            for sample in QuerySample.all(of: all, declared) + [changed].compactMap({ $0 }) {
                var query = sample.query
                query.order = .newestFirst
                let given = try await session.firstTickets(query)
                violations += newestFirstViolations(given, all.filter(sample.isWanted)).map { Violation("\($0) They were \(sample.name).") }
            }
        }
        return violations
    }

    private static func newestFirstViolations(_ given: [Ticket], _ all: [Ticket]) -> [Violation] {
        let isOrdered = isNewestFirst(given.compactMap(\.createdAt), of: all.compactMap(\.createdAt))
        // Vendors number tickets as they come; those that were imported may be older than their ids.
        let ids = given.compactMap(\.id.integer)
        let isNumbered = !ids.isEmpty && ids.count == given.count && isNewestFirst(ids, of: all.compactMap(\.id.integer))
        let isWhole = given.count == QuerySample.limit || Set(given.map(\.id)).isSuperset(of: all.map(\.id))
        return Violations.unless(
            isOrdered || isNumbered, "Asked for the newest tickets first, it gives them in another order.")
            + .unless(isWhole, "Asked for the newest tickets first, it gives \(given.count) of \(all.count).")
    }

    /// Whether values fall from the highest of all on; a list that was cut off begins with it all the same.
    private static func isNewestFirst<Value: Comparable>(_ given: [Value], of all: [Value]) -> Bool {
        guard let first = given.first, let newest = all.max() else { return true }
        return first >= newest && zip(given, given.dropFirst()).allSatisfy { $0 >= $1 }
    }
}

/// A query for some of the tickets, and how the suite finds them itself.
private struct QuerySample {
    /// After so many tickets a list is compared as far as it was read.
    static let limit = 1_000

    var name: String
    var query: TicketQuery
    var isWanted: (Ticket) -> Bool

    /// The samples for the filters that are declared, as far as the tickets can show them.
    static func all(of tickets: [Ticket], _ declared: Set<TicketQuery.Filter>) -> [QuerySample] {
        var samples: [QuerySample] = []
        if declared.contains(.company) {
            let companies = tickets.compactMap { $0.company?.id }
            // A connector that always sends the same company is right with one of two.
            var chosen = [companies.last, companies.first { $0 != companies.last }].compactMap { $0 }
            if let company = chosen.popLast() {
                samples.append(sample(company))
                let moments = tickets.filter { $0.company?.id == company }.compactMap(\.updatedAt).sorted()
                if let moment = moments.last { samples.append(sample(company, changedSince: moment)) }
            }
            samples += chosen.map { sample($0) }
        }
        if declared.contains(.phase) {
            for phase in [Ticket.Phase.open, .closed] where tickets.contains(where: { $0.phase == phase }) {
                samples.append(QuerySample(name: "\(phase) tickets", query: TicketQuery(phase: phase)) { $0.phase == phase })
            }
        }
        if declared.contains(.type), let type = tickets.compactMap({ $0.type?.id }).last {
            samples.append(QuerySample(name: "tickets of the type \(type)", query: TicketQuery(type: type)) { $0.type?.id == type })
        }
        return samples
    }

    private static func sample(_ company: Company.ID, changedSince moment: Date? = nil) -> QuerySample {
        QuerySample(
            name: "tickets of the company \(company)" + (moment == nil ? "" : " that changed"),
            query: TicketQuery(company: company, changedSince: moment)
        ) { ticket in
            ticket.company?.id == company && moment.map { (ticket.updatedAt ?? .distantPast) >= $0 } ?? true
        }
    }

    func violations(_ given: [Ticket], _ all: [Ticket]) -> [Violation] {
        let ids = Set(given.map(\.id))
        let wanted = all.filter(isWanted)
        let missing = wanted.filter { !ids.contains($0.id) }
        // The moment of a change may be cut to the minute; what the row does not state is left to the vendor.
        let isStrange: (Ticket) -> Bool = { ticket in
            if let company = query.company, let own = ticket.company?.id, own != company { return true }
            if let type = query.type, let own = ticket.type?.id, own != type { return true }
            if let moment = query.changedSince, let own = ticket.updatedAt, own < moment.addingTimeInterval(-60) { return true }
            return !query.phases.isEmpty && ticket.phase != .unknown && !query.phases.contains(ticket.phase)
        }
        let strange = given.filter(isStrange).count
        return Violations.unless(
            given.count == Self.limit || missing.isEmpty, "Of \(wanted.count) \(name), it leaves out \(missing.count).")
            + .unless(strange == 0, "Asked for the \(name), it gives \(strange) others.")
    }
}

extension ConnectorSession {
    /// The first tickets of a query.
    fileprivate func firstTickets(_ query: TicketQuery) async throws -> [Ticket] {
        var found: [Ticket] = []
        for try await ticket in tickets(matching: query).prefix(QuerySample.limit) { found.append(ticket) }
        return found
    }
}

/// The companies and contacts that rows name.
private struct NamedRecords {
    /// How often a company or contact is named under another name than its own.
    private struct Names {
        var (same, other) = (0, 0)

        mutating func compare(_ label: String?, with name: String) {
            guard let label, !label.isEmpty, !name.isEmpty else { return }
            if label.onlyLetters == name.onlyLetters { same += 1 } else { other += 1 }
        }
    }

    private(set) var companies: [Company.ID: [String?]] = [:]
    private(set) var contacts: Set<Contact.ID> = []
    /// Rows whose company has the id of another record in the row, by what the row is.
    private var borrowed: [String: (count: Int, of: Int)] = [:]
    /// How many rows name a company that their record does not, by what the row is.
    private var unstated: [String: Int] = [:]

    mutating func add(_ ticket: Ticket) {
        if let company = ticket.company { companies[company.id, default: []].append(company.label) }
        if let contact = ticket.contact { contacts.insert(contact.id) }
        guard let company = ticket.company, let contact = ticket.contact else { return }
        note("ticket", isBorrowed: company.id.rawValue == contact.id.rawValue, company.id.rawValue, ticket.native)
    }

    mutating func add(_ contact: Contact) {
        guard let company = contact.company else { return }
        companies[company.id, default: []].append(company.label)
        note("contact", isBorrowed: company.id.rawValue == contact.id.rawValue, company.id.rawValue, contact.native)
    }

    /// Adds the company of a row that names no contact; the row's record states it.
    mutating func add(_ company: Reference<Company>?, in row: String, _ native: NativeRecord) {
        guard let company else { return }
        companies[company.id, default: []].append(company.label)
        if native.value.occurrences(of: company.id.rawValue) == 0 { unstated[row, default: 0] += 1 }
    }

    private mutating func note(_ row: String, isBorrowed: Bool, _ id: String, _ native: NativeRecord) {
        // Where both have the same id, the vendor's record states it twice.
        let isOnce = isBorrowed && native.value.occurrences(of: id) < 2
        let before = borrowed[row] ?? (0, 0)
        borrowed[row] = (before.count + (isOnce ? 1 : 0), before.of + 1)
    }

    /// What the rows show without another list.
    var violationsOfThemselves: [Violation] {
        borrowed.sorted { $0.key < $1.key }.filter { $0.value.of > 2 && $0.value.count == $0.value.of }
            .map { Violation("The company of every \($0.key) has the id of the contact.") }
            + unstated.sorted { $0.key < $1.key }.map {
                Violation("The record of \($0.value) of each \($0.key) does not name its company.")
            }
    }

    /// Looks for the companies in their list, and one by one where the list leaves some out.
    func companyViolations(_ session: ConnectorSession) async throws -> [Violation] {
        var missing = Set(companies.keys)
        var names = Names()
        for try await company in session.companies().prefix(5_000) {
            guard let labels = companies[company.id] else { continue }
            missing.remove(company.id)
            for label in labels { names.compare(label, with: company.name) }
            if missing.isEmpty { break }
        }
        var violations: [Violation] = []
        for id in missing.sorted(by: { $0.rawValue < $1.rawValue }).prefix(3) {
            do {
                _ = try await session.company(id)
            } catch let error as PSAError where error.code.area == .request {
                violations.append(Violation("The company \(id), which a row names, is neither listed nor found by its id."))
            }
        }
        return violations
            + .unless(names.other <= names.same, "\(names.other) companies are named otherwise in rows than in their list.")
    }

    /// Looks for the contacts in their list; a vendor may leave out former ones and staff, but not most of them.
    func contactViolations(_ session: ConnectorSession) async throws -> [Violation] {
        var missing = contacts
        var count = 0
        for try await contact in session.contacts().prefix(5_000) {
            missing.remove(contact.id)
            count += 1
            if missing.isEmpty { break }
        }
        return .unless(
            count == 5_000 || missing.count * 2 <= contacts.count,
            "Of \(contacts.count) contacts that tickets name, \(missing.count) are not listed.")
    }
}

extension String {
    /// The text without spaces and marks, for comparing names.
    fileprivate var onlyLetters: String { lowercased().filter { $0.isLetter || $0.isNumber } }
}

extension JSONValue {
    /// How often it states an id, as a number or as a part of a text between other characters.
    fileprivate func occurrences(of id: String) -> Int {
        switch self {
        case .string(let text): text == id ? 1 : text.split { !$0.isLetter && !$0.isNumber }.count { $0 == id }
        case .integer(let number): String(number) == id ? 1 : 0
        case .array(let elements): elements.reduce(0) { $0 + $1.occurrences(of: id) }
        case .object(let members): members.reduce(0) { $0 + $1.value.occurrences(of: id) }
        default: 0
        }
    }
}
