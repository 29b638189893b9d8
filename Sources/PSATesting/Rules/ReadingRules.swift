#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore
import Synchronization

extension ConformanceRule {
    /// What is read.
    static let reading: [ConformanceRule] = [
        ConformanceRule(
            "reading.rows", .silver, "Every list opens, and each row keeps what the vendor said",
            because: "What the neutral model leaves out would be lost.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for list in subject.lists {
                let rows = try await list.rows(ConformanceStage(subject).session(), 50)
                violations += .unless(rows.allSatisfy { $0.native.isObject }, "A row of \(list.name) does not hold the vendor's record.")
            }
            return violations
        },
        ConformanceRule(
            "reading.again", .silver, "A list read twice has the same rows in the same order",
            because: "Rows would be missed or doubled while pages are turned.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for list in subject.lists {
                let session = try ConformanceStage(subject).session()
                let first = try await list.rows(session, 300).map(\.id)
                let second = try await list.rows(session, 300).map(\.id)
                violations += .unless(first == second, "The rows of \(list.name) came in another order the second time.")
            }
            return violations
        },
        ConformanceRule(
            "reading.record", .silver, "A ticket of the list can be read by its id, and is the same ticket in every field",
            because: "A person would be shown another ticket than the one they chose.", needs: [.connection, .capability(.readTickets)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            var rows: [Ticket] = []
            for try await row in session.tickets() {
                rows.append(row)
                if rows.count == 300 { break }
            }
            guard let first = rows.first, let last = rows.last else { throw InconclusiveError("The tenant has no ticket.") }
            var violations: [Violation] = []
            for row in [first, rows[rows.count / 2], last] {
                let record = try await session.ticket(row.id)
                violations += record.traits.compactMap { name, value in
                    guard let value, let listed = row.traits.first(where: { $0.name == name })?.value, value != listed else { return nil }
                    return Violation("Ticket \(row.id) is listed with the \(name) “\(listed)”, and came back with “\(value)”.")
                }
            }
            let numbers = rows.map(\.number)
            return violations
                + .unless(Set(numbers).count == numbers.count, "Of \(numbers.count) tickets, two have the same number.")
        },
        ConformanceRule(
            "reading.absent", .silver, "A ticket that does not exist is reported as not found, and none that is there as deleted",
            because: "A deleted ticket would look like a fault of the connection, or a copy would lose a live one.",
            needs: [.connection, .capability(.readTickets)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            let error = try await failure { _ = try await session.ticket(RecordID(987_654_321)) }
            return .unless(error?.code == .requestNotFound, "It is reported as \(error?.code.rawValue ?? "an existing ticket").")
                + (try await liveAmongDeleted(session))
        },
        ConformanceRule(
            "reading.changed", .silver, "Asked for what changed since a moment, it gives exactly that",
            because: "A host that reads changes would miss some, or read everything each time.",
            needs: [.connection, .capability(.readTickets)], check: changedSince),
        ConformanceRule(
            "reading.faithful", .silver, "The id and the name of a row are those of the vendor's record",
            because: "A person would choose another company, or the host would write to another ticket.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for list in subject.lists {
                let session = try ConformanceStage(subject).session()
                let rows = try await list.rows(session, 100)
                violations += rows.lazy.flatMap { $0.unfaithful(in: list.name) }.prefix(3)
                // The last one: a connector that gives the first one for all is right with that.
                guard let last = rows.last else { continue }
                violations += try await list.record(session, last.id)?.unfaithful(as: last.id, in: list.name) ?? []
            }
            return violations
        },
        ConformanceRule(
            "reading.times", .silver, "The time of a change is the vendor's, in the vendor's time zone",
            because: "Changes would be missed for as long as the zone is off.", needs: [.connection, .capability(.readTickets)],
            check: times),
        ConformanceRule(
            "reading.closed", .silver, "Closed tickets are listed, among the changed ones too, and are seen to be closed",
            because: "Tickets that were closed would look deleted, and finished work would stay open in the host.",
            needs: [.connection, .capability(.readTickets)], check: closed),
        ConformanceRule(
            "reading.picklists", .silver,
            "The type, status and priority of a ticket are in their lists, each once and with the vendor's name, and agree on what is closed",
            because: "A person could not choose what the tenant has, or would choose between two that look the same.",
            needs: [.connection, .capability(.readTickets), .capability(.readPicklists)], check: picklists),
        ConformanceRule(
            "reading.mail", .silver, "By an e-mail address exactly the contacts are found that have it",
            because: "A ticket would be opened for another person, or for none.", needs: [.connection, .capability(.readContacts)],
            check: contactsByMail),
        ConformanceRule(
            "reading.inactive", .silver, "A company or contact that the vendor's record marks as inactive is not called active",
            because: "A person would open tickets for customers who have left.", needs: [.connection, .list], check: inactive),
        ConformanceRule(
            "reading.staff", .silver, "No agent is listed as a contact",
            because: "A ticket would be opened for, and answered to, the MSP's own staff.",
            needs: [.connection, .capability(.readContacts), .capability(.readAgents)], check: staff),
        ConformanceRule(
            "reading.credentials", .silver, "With a wrong secret reading fails with a code about credentials, and never with an empty list",
            because: "Every company and ticket would seem to be gone once a key is revoked.", needs: [.connection, .list]
        ) { subject in
            try await subject.withEachSecretWrong { field, stage in
                let session = try stage.session()
                var violations: [Violation] = []
                for operation in try await subject.run.reads(of: subject) {
                    let error = try await failure { try await operation.run(session) }
                    violations += .unless(
                        error?.code.area == .auth,
                        "With a wrong “\(field.key)”, \(operation.name) ends with \(error?.code.rawValue ?? "success").")
                }
                return violations
            }
        },
    ]

    private static func closed(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        guard subject.mayWrite, [.createTickets, .changeStatus, .readPicklists].allSatisfy(subject.can) else {
            for try await ticket in session.tickets().prefix(1_000) where ticket.phase == .closed { return [] }
            throw InconclusiveError("Among the tenant's tickets none is closed, and none could be closed.")
        }
        let created = try await session.createTicket(Marker().draft(subject))
        let statuses = try await session.ticketStatuses(for: created.type?.id)
        guard let status = statuses.first(where: { $0.phase == .closed }) else {
            throw InconclusiveError("The ticket's type has no status that closes it.")
        }
        let closed = try await session.changeStatus(of: created.id, StatusChange(to: status.id, note: "Conformance"))
        let stored = try await session.ticket(created.id)
        var violations = Violations.unless(
            stored.phase == .closed, "Ticket \(created.id) was given the status “\(status.name)”, and is \(stored.phase).")
        if let moment = stored.updatedAt ?? closed.updatedAt {
            let since = session.tickets(changedSince: moment.addingTimeInterval(-1))
            violations += .unless(
                try await since.first { $0.id == created.id } != nil, "The closed ticket \(created.id) is not among the changed ones.")
        }
        let all = try await ReadableList.tickets.rows(session, 1_000).map(\.id)
        return violations
            + .unless(all.count == 1_000 || all.contains(created.id.rawValue), "The closed ticket \(created.id) is not in the list.")
    }

    private static func picklists(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let types = try await session.ticketTypes()
        let statuses = try await session.ticketStatuses()
        let priorities = try await session.ticketPriorities()
        var (missing, count) = (Set<Violation>(), 0)
        for try await ticket in session.tickets() {
            if let type = ticket.type?.id, !types.contains(where: { $0.id == type }) {
                missing.insert(Violation("The ticket type \(type) of a ticket is not among the types."))
            }
            if let id = ticket.status?.id {
                let status = statuses.first { $0.id == id }
                if status == nil { missing.insert(Violation("The status \(id) of a ticket is not among the statuses.")) }
                if let status, ![status.phase, ticket.phase].contains(.unknown), (status.phase == .closed) != (ticket.phase == .closed) {
                    missing.insert(Violation("Ticket \(ticket.id) is \(ticket.phase), and its status “\(status.name)” \(status.phase)."))
                }
            }
            if let priority = ticket.priority?.id, !priorities.contains(where: { $0.id == priority }) {
                missing.insert(Violation("The priority \(priority) of a ticket is not among the priorities."))
            }
            count += 1
            if count == 300 { break }
        }
        let names = types.map(\.name) + statuses.map(\.name) + priorities.map(\.name)
        return missing.sorted { $0.description < $1.description }
            + .unless(names.allSatisfy { $0.contains { !$0.isWhitespace } }, "A type, status or priority has no name.")
            + .unless(Set(types.map(\.id)).count == types.count, "A ticket type is listed twice.")
            + .unless(Set(statuses.map(\.id)).count == statuses.count, "A status is listed twice.")
            + .unless(Set(priorities.map { "\($0.id) \($0.scope)" }).count == priorities.count, "A priority is listed twice.")
            + types.flatMap { ListedRow(id: $0.id.rawValue, name: $0.name, native: $0.native).unfaithful(in: "types") }.prefix(3)
            + statuses.flatMap { ListedRow(id: $0.id.rawValue, name: $0.name, native: $0.native).unfaithful(in: "statuses") }.prefix(3)
            + priorities.flatMap { ListedRow(id: $0.id.rawValue, name: $0.name, native: $0.native).unfaithful(in: "priorities") }.prefix(3)
    }

    /// Tickets that are listed as deleted and can be read as live ones.
    private static func liveAmongDeleted(_ session: ConnectorSession) async throws -> [Violation] {
        guard session.listsDeletedTickets else { return [] }
        var violations: [Violation] = []
        for try await ticket in session.deletedTickets().prefix(10) {
            var read: Ticket?
            let error = try await failure { read = try await session.ticket(ticket.id) }
            guard error == nil, let read, !read.isDeleted else { continue }
            violations.append(Violation("Ticket \(ticket.id) is listed as deleted, and is there."))
        }
        return Array(violations.prefix(3))
    }

    /// Companies and contacts that a filter for changes leaves out, though every one changed since the moment.
    ///
    /// A vendor that ignores the filter shows it by what it gives for a moment to come; hosts don't trust it then.
    private static func unchanged(_ subject: ConformanceSubject, _ session: ConnectorSession) async throws -> [Violation] {
        let (past, future) = (Date(timeIntervalSince1970: 0), TimeSource.system.now().addingTimeInterval(86_400 * 365))
        var violations: [Violation] = []
        if subject.can(.readCompanies), session.filtersCompanyChanges,
            try await session.companies(changedSince: future).first(where: { _ in true }) == nil
        {
            let all = try await ReadableList.companies.rows(session, 300).map(\.id)
            var given: Set<String> = []
            for try await company in session.companies(changedSince: past) { given.insert(company.id.rawValue) }
            violations += .unless(given.isSuperset(of: all), "Of the companies changed since 1970, \(given.count) came.")
        }
        if subject.can(.readContacts), session.filtersContactChanges,
            try await session.contacts(changedSince: future).first(where: { _ in true }) == nil
        {
            let all = try await ReadableList.contacts.rows(session, 300).map(\.id)
            var given: Set<String> = []
            for try await contact in session.contacts(changedSince: past) { given.insert(contact.id.rawValue) }
            violations += .unless(given.isSuperset(of: all), "Of the contacts changed since 1970, \(given.count) came.")
        }
        return violations
    }

    private static func contactsByMail(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        var known: Contact?
        for try await contact in session.contacts().prefix(300) where contact.isActive != false && !contact.emails.isEmpty {
            // A later one shows whether the vendor's filter is heard.
            known = contact
        }
        guard let known, let address = known.emails.first else { throw InconclusiveError("No contact has an e-mail address.") }
        let found = try await session.contacts(withEmail: address)
        let stray = try await session.contacts(withEmail: Marker().text + "@example.com")
        return Violations.unless(found.contains { $0.id == known.id }, "Contact \(known.id) is not found by its address.")
            + .unless(
                found.allSatisfy { $0.emails.contains { $0.lowercased() == address.lowercased() } },
                "By the address of contact \(known.id) contacts with another one are found.")
            + .unless(stray.isEmpty, "By an address that no contact has, \(stray.count) contacts are found.")
            + (try await contactsOfCompanies(known, address, session))
    }

    /// The search in one company: the contact's own, and another one.
    private static func contactsOfCompanies(
        _ known: Contact, _ address: String, _ session: ConnectorSession
    ) async throws -> [Violation] {
        guard let own = known.company?.id else { return [] }
        let found = try await session.contacts(withEmail: address, of: own)
        let other = try await session.contacts().prefix(300).first { $0.company.map { $0.id != own } ?? false }?.company?.id
        var strange: [Contact] = []
        if let other { strange = try await session.contacts(withEmail: address, of: other) }
        return Violations.unless(
            found.contains { $0.id == known.id }, "Contact \(known.id) is not found by its address among those of its company.")
            + .unless(!strange.contains { $0.id == known.id }, "Contact \(known.id) is found among those of another company.")
    }

    /// Compares with the row itself, so that no fact about the tenant has to be stated; a vendor that spells it otherwise is not judged.
    private static func inactive(_ subject: ConformanceSubject) async throws -> [Violation] {
        guard subject.can(.readCompanies) || subject.can(.readContacts) else {
            throw NotApplicableError("It reads neither companies nor contacts.")
        }
        let session = try ConformanceStage(subject).session()
        var violations: [Violation] = []
        if subject.can(.readCompanies) {
            for try await company in session.companies().prefix(300) where company.isActive == true {
                guard let mark = company.native.inactiveMark else { continue }
                violations.append(Violation("Company \(company.id) is called active, and its record has \(mark)."))
            }
        }
        if subject.can(.readContacts) {
            for try await contact in session.contacts().prefix(300) where contact.isActive == true {
                guard let mark = contact.native.inactiveMark else { continue }
                violations.append(Violation("Contact \(contact.id) is called active, and its record has \(mark)."))
            }
        }
        return Array(violations.prefix(3))
    }

    /// An agent is one who has the id, the name and the address of a contact: vendors that keep both apart number them independently.
    private static func staff(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        var agents: [String: Agent] = [:]
        for try await agent in session.agents().prefix(300) { agents[agent.id.rawValue] = agent }
        guard !agents.isEmpty else { throw InconclusiveError("The tenant has no agent.") }
        var violations: [Violation] = []
        for try await contact in session.contacts().prefix(1_000) {
            guard let agent = agents[contact.id.rawValue], agent.name == contact.name else { continue }
            let addresses = contact.emails.map { $0.lowercased() }
            guard agent.email.map({ addresses.contains($0.lowercased()) }) ?? addresses.isEmpty else { continue }
            violations.append(Violation("Contact \(contact.id) is the agent with this id, name and address."))
        }
        return Array(violations.prefix(3))
    }

    private static func times(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        var tickets: [Ticket] = []
        for try await ticket in session.tickets().prefix(20) { tickets.append(ticket) }
        guard !tickets.isEmpty else { throw InconclusiveError("The tenant has no ticket.") }
        var violations: [Violation] = []
        for ticket in tickets {
            // Only what states its zone can be compared.
            let stated = ticket.native.value.texts.filter(\.statesZone).compactMap { GregorianUTC.instant(iso8601: $0) }
            guard !stated.isEmpty else { continue }
            for (name, moment) in [("created", ticket.createdAt), ("changed", ticket.updatedAt), ("closed", ticket.closedAt)] {
                guard let moment, !stated.contains(where: { abs($0.timeIntervalSince(moment)) <= 1 }) else { continue }
                violations.append(Violation("Ticket \(ticket.id) is said to be \(name) at \(moment), which its record does not say."))
            }
        }
        guard violations.isEmpty, subject.mayWrite, subject.can(.createTickets) else { return Array(violations.prefix(3)) }
        let created = try await session.createTicket(Marker().draft(subject))
        let stored = try await session.ticket(created.id)
        for moment in [stored.createdAt, stored.updatedAt].compactMap({ $0 }) {
            let quarters = moment.timeIntervalSince(TimeSource.system.now()) / 900
            // The vendor's clock may be wrong by some minutes; a zone is a whole number of quarters of an hour.
            guard (1...56).contains(abs(quarters.rounded())), abs(quarters - quarters.rounded()) < 0.15 else { continue }
            violations.append(Violation("A ticket created now bears \(moment): it is off by \(Int(quarters.rounded()) * 15) minutes."))
        }
        return violations
    }

    private static func changedSince(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let violations = try await unchanged(subject, session)
        let all = try await ReadableList.tickets.rows(session, 1_000)
        let moments = all.compactMap(\.updatedAt).sorted()
        guard moments.count == all.count, let first = moments.first, let last = moments.last, first < last else {
            throw InconclusiveError("The tenant's tickets do not differ in when they last changed.")
        }
        let moment = moments[moments.count / 2]
        var given: Set<String> = []
        for try await ticket in session.tickets(changedSince: moment) { given.insert(ticket.id.rawValue) }
        let wanted = Set(all.filter { ($0.updatedAt ?? .distantPast) >= moment }.map(\.id))
        // Vendors cut moments to whole seconds or minutes, so that earlier changes of the same minute may come too.
        let tolerated = Set(all.filter { ($0.updatedAt ?? .distantPast) >= moment.addingTimeInterval(-60) }.map(\.id))
        return violations
            + .unless(wanted.isSubset(of: given), "\(wanted.subtracting(given).count) changed tickets were left out.")
            + .unless(
                all.count == 1_000 || given.isSubset(of: tolerated), "\(given.subtracting(tolerated).count) unchanged tickets were given.")
    }
}

extension Ticket {
    /// What a list and a single record both say of a ticket.
    fileprivate var traits: [(name: String, value: String?)] {
        [
            ("id", id.rawValue), ("number", number), ("summary", summary), ("company", company?.id.rawValue),
            ("contact", contact?.id.rawValue), ("type", type?.id.rawValue), ("status", status?.id.rawValue),
            ("priority", priority?.id.rawValue), ("phase", phase == .unknown ? nil : phase.rawValue),
            ("external reference", externalReference.flatMap { $0.isEmpty ? nil : $0 }),
        ]
    }
}

extension ListedRow {
    /// What the row says that the vendor's record does not.
    fileprivate func unfaithful(in list: String) -> [Violation] {
        // A row without a record is another rule's matter.
        guard native.isObject else { return [] }
        let texts = native.value.texts
        let known = Set(texts)
        // A pair, such as a ticket and its note, is a vendor's id too.
        let parts = id.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let isOwnID = known.contains(id) || !parts.isEmpty && parts.allSatisfy { part in texts.contains { $0.contains(part) } }
        var rest = name
        for text in known.sorted(by: { $0.count > $1.count }) where !text.isEmpty { rest = rest.replacing(text, with: " ") }
        let isOwnName = known.contains { $0.onlyWords == name.onlyWords } || !rest.contains { $0.isLetter || $0.isNumber }
        return Violations.unless(isOwnID, "The id \(id) is nowhere in the record of a row of \(list).")
            + .unless(isOwnName, "The name “\(name)” is nowhere in the record \(id) of \(list).")
    }
}

extension ListedRow {
    /// What speaks against a record that was read by an id.
    fileprivate func unfaithful(as asked: String, in list: String) -> [Violation] {
        .unless(id == asked, "Asked for the record \(asked) of \(list), it gives \(id).") + unfaithful(in: list)
    }
}

extension NativeRecord {
    /// The member of the row that says that the record is inactive, as vendors commonly spell it, such as `inactive: true`.
    fileprivate var inactiveMark: String? {
        let marks: [String: Bool] = [
            "active": false, "isactive": false, "enabled": false, "isenabled": false, "inactive": true, "isinactive": true,
            "disabled": true, "isdisabled": true, "deactivated": true, "isdeactivated": true, "archived": true, "isarchived": true,
        ]
        let members = (try? JSONDocument(bytes))?.root.members ?? []
        return members.first { name, value in
            marks[name.lowercased().filter(\.isLetter)].map { $0 == value.bool } ?? false
        }.map { "“\($0.name)”: \($0.value.bool == true)" }
    }
}

extension String {
    /// The words with one space between them.
    fileprivate var onlyWords: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// Whether a time in ISO 8601 says its zone: `Z` or an offset such as `+02:00`.
    fileprivate var statesZone: Bool {
        guard let time = split(separator: "T").last, count >= 17 else { return false }
        return time.hasSuffix("Z") || time.contains("+") || time.contains("-")
    }
}

extension JSONValue {
    /// Every text and number in it, as text.
    fileprivate var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .integer(let number): [String(number)]
        case .array(let elements): elements.flatMap(\.texts)
        case .object(let members): members.flatMap(\.value.texts)
        default: []
        }
    }
}

extension NativeRecord {
    /// Whether it is a record of the vendor, and not something empty.
    fileprivate var isObject: Bool {
        if case .object(let members) = value { !members.isEmpty } else { false }
    }
}

extension ConformanceRule {
    /// How lists go on and end.
    static let paging: [ConformanceRule] = [
        ConformanceRule(
            "paging.whole", .silver, "Page by page the whole list comes, each row once",
            because: "Companies would be missing from every choice, or stand there twice.", needs: [.connection, .list]
        ) { subject in
            let counts = Counts()
            let listening = TransportFault(.alter(counts.listen)) { !subject.isTokenRequest($0) }
            var violations: [Violation] = []
            var seesPages = false
            for list in subject.lists {
                counts.reset()
                // One list of several pages is read to its end; of the others as much as tells whether they go on.
                let limit = seesPages ? Self.somePages : 1_000
                let connection = try ConformanceStage(subject, faults: [listening]).connection()
                let pages = try await pages(of: list, at: connection, atMost: limit)
                seesPages = seesPages || pages.count > 1
                let ids = pages.flatMap { $0.rows.map(\.id) }
                violations += .unless(Set(ids).count == ids.count, "\(ids.count - Set(ids).count) rows of \(list.name) came twice.")
                guard pages.count < limit else { continue }
                // A connector that leaves out rows of another kind counts those that the vendor sent, as the vendor does.
                let came = pages.reduce(0) { $0 + $1.rowCount }
                let total = max(pages.compactMap(\.total).max() ?? 0, counts.highest)
                violations += .unless(total <= came, "The vendor counts \(total) \(list.name), and \(came) came.")
            }
            guard seesPages || !violations.isEmpty else { throw InconclusiveError("No list of the tenant has a second page.") }
            return violations
        },
        ConformanceRule(
            "paging.counts", .silver, "A page shorter than asked for, or a count that is too low, does not end a list",
            because: "A vendor that filters rows, or counts wrongly, would hide everything behind the page.", needs: [.connection, .list],
            check: miscounted),
        ConformanceRule(
            "paging.resumable", .silver, "A cursor kept as text leads a new connection to the same page",
            because: "A host that was restarted would begin from the start, or somewhere else.", needs: [.connection, .list]
        ) { subject in
            try await eachListWithPages(subject) { list, pages, cursor in
                let again = try await list.page(ConformanceStage(subject).connection(), PageCursor(rawValue: cursor.rawValue))
                return .unless(
                    again?.rows.map(\.id) == pages[1].rows.map(\.id), "The second page of \(list.name) is another one on a new connection.")
            }
        },
        ConformanceRule(
            "paging.foreign", .silver, "A cursor of another list, another connector or no sense is refused before a request",
            because: "A list would silently begin somewhere, and rows would be missing.", needs: [.connection, .list]
        ) { subject in
            let other = PageCursor(connector: ConnectorID("another-vendor"), list: "companies", version: 1, payload: "2")
            return try await eachListWithPages(subject) { list, _, own in
                var violations: [Violation] = []
                for cursor in [other, PageCursor(rawValue: "nonsense"), PageCursor(rawValue: own.rawValue + "-%x%")] {
                    let stage = ConformanceStage(subject)
                    let connection = try stage.connection()
                    let error = try await failure { _ = try await list.page(connection, cursor) }
                    violations += Violations.unless(
                        error?.code == .syncCursorRejected,
                        "“\(cursor)” is reported as \(error?.code.rawValue ?? "a page of \(list.name)").")
                    violations += .unless(
                        error?.code != .syncCursorRejected || stage.transport.requests.allSatisfy(subject.isTokenRequest),
                        "“\(cursor)” is refused only after a request.")
                }
                return violations
            }
        },
        ConformanceRule(
            "paging.ends", .silver, "A vendor that repeats a page for ever is read to an end",
            because: "The host would read until the tenant's requests are used up.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for list in subject.lists {
                let stuck = TransportFault(.repeatFirstAnswer, times: Self.enoughRequests) { !subject.isTokenRequest($0) }
                let over = TransportFault(.fail(TransportError(.interrupted, delivery: .maybeSent))) { !subject.isTokenRequest($0) }
                let stage = ConformanceStage(subject, faults: [stuck, over])
                do {
                    let rows = try await list.rows(stage.session(), 20_000).map(\.id)
                    violations += .unless(Set(rows).count == rows.count, "Rows of \(list.name) came twice.")
                } catch let error as PSAError where error.code == .syncListIncomplete {
                    // The end was found, and that rows are missing is the truth.
                } catch let error as PSAError where stage.transport.requests.count > Self.enoughRequests {
                    violations.append(Violation("Reading \(list.name) did not end within \(Self.enoughRequests) requests: \(error.code)."))
                }
            }
            return violations
        },
    ]

    /// After so many requests for a list that does not go on, it is plain that it is read for ever.
    private static let enoughRequests = 200
    /// So many pages are read of a list whose end need not be seen.
    private static let somePages = 20

    /// Lists of several pages, read again with a row less on the first page and with counts that end with each page.
    private static func miscounted(_ subject: ConformanceSubject) async throws -> [Violation] {
        var violations: [Violation] = []
        var seesPages = false
        for list in subject.lists {
            let whole = try await pages(of: list, at: ConformanceStage(subject).connection(), atMost: 3)
            guard whole.count > 1 else { continue }
            seesPages = true
            let short = TransportFault(.alter { $0.miscounted(droppingRow: true) }, times: 1) { !subject.isTokenRequest($0) }
            let counted = TransportFault(.alter { $0.miscounted(droppingRow: false) }) { !subject.isTokenRequest($0) }
            for (name, faults) in [("a page is a row short", [short]), ("the vendor counts too few", [counted])] {
                let connection = try ConformanceStage(subject, faults: faults).connection()
                let rows = Set(try await pages(of: list, at: connection, atMost: 3).flatMap { $0.rows.map(\.id) })
                let behind = whole.dropFirst().flatMap { $0.rows.map(\.id) }
                violations += .unless(
                    behind.allSatisfy(rows.contains), "Where \(name), \(list.name) end with \(rows.count) rows.")
            }
        }
        guard seesPages else { throw InconclusiveError("No list of the tenant has a second page.") }
        return violations
    }

    private static func pages(of list: ReadableList, at connection: any PSAConnection, atMost limit: Int) async throws -> [ListedPage] {
        var pages: [ListedPage] = []
        var cursor: PageCursor?
        repeat {
            guard let page = try await list.page(connection, cursor) else { break }
            if !page.rows.isEmpty { pages.append(page) }
            cursor = page.next
        } while cursor != nil && pages.count < limit
        return pages
    }

    /// Looks at every list of more than one page: at its first two pages, and the cursor that the first one names.
    private static func eachListWithPages(
        _ subject: ConformanceSubject, _ check: (ReadableList, [ListedPage], PageCursor) async throws -> [Violation]
    ) async throws -> [Violation] {
        var violations: [Violation] = []
        var seesPages = false
        for list in subject.lists {
            let pages = try await pages(of: list, at: ConformanceStage(subject).connection(), atMost: 2)
            guard pages.count > 1, let cursor = pages[0].next else { continue }
            seesPages = true
            violations += try await check(list, pages, cursor)
        }
        guard seesPages else { throw InconclusiveError("No list of the tenant has a second page.") }
        return violations
    }
}

/// The highest count of rows that a vendor's answers named.
private final class Counts: Sendable {
    private let kept = Mutex(0)

    var highest: Int { kept.withLock { $0 } }

    /// Forgets the count, for another list.
    func reset() { kept.withLock { $0 = 0 } }

    /// Reads an answer and leaves it as it is.
    func listen(_ response: TransportResponse) -> TransportResponse {
        guard let root = (try? JSONDocument(response.body))?.root else { return response }
        for member in root.members where ["total", "count", "record_count", "total_count", "totalcount"].contains(member.name.lowercased())
        {
            if let number = member.value.integer { kept.withLock { $0 = max($0, number) } }
        }
        return response
    }
}

extension TransportResponse {
    /// A list with numbers that count no more than its own rows, and if wanted with a row less; anything else as it is.
    fileprivate func miscounted(droppingRow: Bool) -> TransportResponse {
        guard let root = (try? JSONDocument(body)).map({ JSONValue($0.root) }) else { return self }
        var response = self
        switch root {
        case .array(let rows) where rows.count > 1 && droppingRow: response.body = JSONValue.array(rows.dropLast()).encoded
        case .object(let members):
            let count = members.compactMap { if case .array(let rows) = $0.value { rows.count } else { nil } }.max() ?? 0
            guard count > 1 else { return self }
            response.body =
                JSONValue.object(
                    members.map { member in
                        switch member.value {
                        case .array(let rows) where droppingRow && rows.count == count:
                            JSONValue.Member(name: member.name, value: .array(rows.dropLast()))
                        case .integer(let number) where !droppingRow && number > count:
                            JSONValue.Member(name: member.name, value: .integer(count))
                        default: member
                        }
                    }
                ).encoded
        default: break
        }
        return response
    }
}
