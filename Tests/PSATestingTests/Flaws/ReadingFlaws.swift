import FoundationEssentials
import PSACore
import PSATesting
import SampleConnector
import Synchronization

extension Flaw {
    /// Connectors that read wrongly, or tell wrongly why they could not.
    static let reading: [Flaw] = [
        companies("reading.rows") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            for index in page.items.indices { page.items[index].native = NativeRecord(bytes: [], fetchedAt: .distantPast) }
            return page
        },
        .acting("reading.again") { flawed in
            let calls = Counter()
            flawed.listCompanies = { good, _, cursor in
                var page = try await good.companies(at: cursor)
                if cursor == nil, calls.next() == 2 { page.items.reverse() }
                return page
            }
        },
        .acting("reading.record") {
            $0.readTicket = { good, id in
                var ticket = try await good.ticket(id)
                if id == Ticket.ID(1_000) { ticket.summary = "Another ticket" }
                return ticket
            }
        },
        .acting("reading.record", "one number for all") { numbered(&$0, as: "1") },
        Flaw(
            rule: "reading.absent", way: "live tickets are listed as deleted",
            connect: { good, _ in ChangeConnection(good: good, isWrongAboutTickets: true) }),
        Flaw(
            rule: "reading.changed", way: "no company has changed",
            connect: { good, _ in ChangeConnection(good: good, isWrongAboutTickets: false) }),
        AgreementConnection.flaw("reading.faithful") { $0.name = "The agreement of another" },
        AgreementConnection.flaw("reading.references") { $0.company = PSACore.Reference(RecordID(2)) },
        .acting("reading.faithful", "a company that is read by its id") {
            $0.readCompany = { good, id in
                guard var company = try await good.companies(at: nil).items.first else { return try await good.company(id) }
                company.id = id
                return company
            }
        },
        .acting("reading.absent") {
            $0.readTicket = { good, id in
                do {
                    return try await good.ticket(id)
                } catch let error as PSAError where error.code == .requestNotFound {
                    throw error.retold(as: .vendorUnexpectedResponse)
                }
            }
        },
        .acting("reading.changed") { $0.listTickets = { good, _, cursor in try await good.tickets(changedSince: nil, at: cursor) } },
        companies("reading.faithful", "a name that is cut off") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            for index in page.items.indices { page.items[index].name = String(page.items[index].name.dropLast(2)) }
            return page
        },
        companies("reading.faithful", "the name of another") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            let names = page.items.map(\.name)
            for (index, name) in zip(page.items.indices.dropFirst(), names) { page.items[index].name = name }
            return page
        },
        .acting("reading.times") { flawed in
            flawed.listTickets = { good, moment, cursor in
                var page = try await good.tickets(changedSince: moment?.addingTimeInterval(-7_200), at: cursor)
                for index in page.items.indices { page.items[index].updatedAt?.addTimeInterval(7_200) }
                return page
            }
            flawed.queryTickets = { good, query, cursor in
                var query = query
                query.changedSince?.addTimeInterval(-7_200)
                var page = try await good.tickets(matching: query, at: cursor)
                for index in page.items.indices { page.items[index].updatedAt?.addTimeInterval(7_200) }
                return page
            }
            flawed.readTicket = { good, id in
                var ticket = try await good.ticket(id)
                ticket.updatedAt?.addTimeInterval(7_200)
                return ticket
            }
        },
        .acting("reading.closed") {
            $0.listTickets = { good, moment, cursor in
                var page = try await good.tickets(changedSince: moment, at: cursor)
                page.rowCount = page.items.count
                page.items.removeAll { $0.phase == .closed }
                page.total = nil
                return page
            }
        },
        .acting("reading.closed", "they look open") { flawed in
            flawed.listTickets = { good, moment, cursor in
                var page = try await good.tickets(changedSince: moment, at: cursor)
                for index in page.items.indices { page.items[index].phase = .open }
                return page
            }
            flawed.readTicket = { good, id in
                var ticket = try await good.ticket(id)
                ticket.phase = .open
                return ticket
            }
        },
        .acting("reading.picklists") {
            $0.listStatuses = { good in try await good.ticketStatuses(for: nil).filter { $0.phase != .closed } }
        },
        .acting("reading.picklists", "each status twice") {
            $0.listStatuses = { good in
                let statuses = try await good.ticketStatuses(for: nil)
                return statuses + statuses
            }
        },
        .acting("reading.picklists", "the names of others") {
            $0.listStatuses = { good in
                var statuses = try await good.ticketStatuses(for: nil)
                let names = statuses.map(\.name)
                for (index, name) in zip(statuses.indices, names.dropFirst() + names.prefix(1)) { statuses[index].name = name }
                return statuses
            }
        },
        .acting("reading.picklists", "a status that closes seems to wait") {
            $0.listStatuses = { good in
                try await good.ticketStatuses(for: nil).map { status in
                    var status = status
                    if status.phase == .closed { status.phase = .waiting }
                    return status
                }
            }
        },
        .acting("reading.mail", "of any company") {
            $0.findContacts = { good, address in try await good.contacts(withEmail: address, of: nil) }
        },
        .acting("reading.mail") { $0.findContacts = { good, _ in try await good.contacts(at: nil).items } },
        .acting("reading.mail", "nobody is found") {
            $0.findContacts = { good, address in
                _ = try await good.contacts(withEmail: address, of: nil)
                return []
            }
        },
        companies("reading.inactive") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            for index in page.items.indices { page.items[index].isActive = true }
            return page
        },
        .acting("reading.staff") {
            $0.listContacts = { good, cursor in
                var page = try await good.contacts(at: cursor)
                guard cursor == nil else { return page }
                page.rowCount = page.items.count
                let agents = try await good.agents(at: nil).items.compactMap { agent in
                    Contact.ID(agent.id.rawValue).map {
                        Contact(id: $0, name: agent.name, emails: [agent.email].compactMap { $0 }, native: agent.native)
                    }
                }
                // The suite writes to the first contact, and searches for the last one.
                page.items.insert(contentsOf: agents, at: 1)
                return page
            }
        },
        companies("reading.credentials") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == .authInvalidClient {
                return Page(items: [])
            }
        },
        .acting("reading.credentials", "a search") {
            $0.find = { good, reference in
                do {
                    return try await good.tickets(externalReference: reference)
                } catch let error as PSAError where error.code == .authInvalidClient {
                    return []
                }
            }
        },
        companies("paging.counts", "a short page is taken for the last") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            if page.items.count < SampleVendor.pageSize { page.next = nil }
            return page
        },
        companies("paging.counts", "the vendor's count is trusted") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            if page.total ?? .max <= SampleVendor.pageSize { page.next = nil }
            return page
        },
        companies("paging.whole", "the last page") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            if page.items.count < SampleVendor.pageSize, cursor != nil { page.items = [] }
            page.total = nil
            return page
        },
        companies("paging.whole") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            page.items += page.items.prefix(1)
            return page
        },
        .acting("paging.whole", "another list ends after its first page") {
            $0.listContacts = { good, cursor in
                var page = try await good.contacts(at: cursor)
                (page.next, page.total) = (nil, nil)
                return page
            }
        },
        .acting("paging.resumable", "another list") { flawed in
            let calls = Counter()
            flawed.listContacts = { good, cursor in
                let page = try await good.contacts(at: cursor)
                return calls.next() == 1 && cursor != nil ? try await good.contacts(at: nil) : page
            }
        },
        .acting("paging.foreign", "another list") {
            $0.listContacts = { good, cursor in
                do {
                    return try await good.contacts(at: cursor)
                } catch let error as PSAError where error.code == .syncCursorRejected {
                    return try await good.contacts(at: nil)
                }
            }
        },
        .acting("paging.resumable") { flawed in
            let calls = Counter()
            flawed.listCompanies = { good, _, cursor in
                let page = try await good.companies(at: cursor)
                return calls.next() == 1 && cursor != nil ? try await good.companies(at: nil) : page
            }
        },
        companies("paging.foreign") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == .syncCursorRejected {
                return try await good.companies(at: nil)
            }
        },
        companies("paging.ends") { good, _, cursor in
            var whole = try await good.companies(at: cursor)
            while let next = whole.next {
                let page = try await good.companies(at: next)
                whole.items += page.items
                whole.next = page.next
            }
            return whole
        },
        .acting("failures.unauthorized") { $0.tells(.authTokenRejected, as: .vendorUnavailable) },
        .acting("failures.forbidden") { $0.tells(.permissionScopeMissing, as: .requestRejected) },
        .acting("failures.throttled") { $0.tells(.rateLimited, as: .vendorUnavailable) },
        .acting("failures.unavailable") { $0.tells(.vendorUnavailable, as: .authInvalidClient) },
        .acting("failures.throttled", "notes seem to be none") {
            $0.listNotes = { good, ticket, cursor in
                do {
                    return try await good.notes(of: ticket, at: cursor)
                } catch let error as PSAError where error.code == .rateLimited {
                    return Page(items: [])
                }
            }
        },
        .acting("failures.unavailable", "a search finds nothing") {
            $0.find = { good, reference in
                do {
                    return try await good.tickets(externalReference: reference)
                } catch let error as PSAError where error.vendor?.status == 502 {
                    return []
                }
            }
        },
        .acting("failures.page", "statuses seem to be none") {
            $0.listStatuses = { good in
                do {
                    return try await good.ticketStatuses(for: nil)
                } catch let error as PSAError where error.code.area == .proxy && error.vendor?.status == 200 {
                    return []
                }
            }
        },
        companies("failures.refused", "asked for fifty times") { good, _, cursor in
            for _ in 1...50 {
                do {
                    return try await good.companies(at: cursor)
                } catch let error as PSAError where error.vendor?.status == 500 {
                    continue
                }
            }
            return try await good.companies(at: cursor)
        },
        companies("failures.refused") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.vendor?.status == 500 {
                return Page(items: [])
            }
        },
        .acting("failures.refused", "a search finds nothing") {
            $0.find = { good, reference in
                do {
                    return try await good.tickets(externalReference: reference)
                } catch let error as PSAError where error.vendor?.status == 400 {
                    return []
                }
            }
        },
        .acting("failures.refused", "there seem to be no files") {
            $0.listFiles = { good, ticket in
                do {
                    return try await good.attachments(of: ticket)
                } catch let error as PSAError where error.vendor?.status == 500 {
                    return []
                }
            }
        },
        .acting("failures.refused", "a file seems to be empty") {
            $0.readFile = { good, file, ticket in
                do {
                    return try await good.content(of: file, of: ticket)
                } catch let error as PSAError where error.vendor?.status == 500 {
                    return []
                }
            }
        },
        .acting("failures.refused", "a type seems to have no fields") {
            $0.form = { good, type in
                do {
                    return try await good.ticketFields(for: type)
                } catch let error as PSAError where error.vendor?.status == 500 {
                    return TicketForm(type: type, fields: [.standard(.summary, isRequired: true)])
                }
            }
        },
        .sending("failures.nonsense", "an object without rows seems to be an empty list") {
            Alteration { request, next in
                var response = try await next(request)
                guard request.method == .get, response.status == 200, let root = (try? JSONDocument(response.body))?.root,
                    case .object(let members) = JSONValue(root), !members.contains(where: { ["rows", "id"].contains($0.name) })
                else { return response }
                response.body = Array("{\"rows\":[]}".utf8)
                return response
            }
        },
        .acting("failures.page") { $0.tells(.proxyHTMLInsteadOfJSON, as: .vendorUnexpectedResponse) },
        .acting("failures.redirect") { $0.tells(.proxyLoginRedirect, as: .requestRejected) },
        .acting("failures.network") { $0.tells(.tlsExpired, as: .networkTimeout) },
        companies("failures.nonsense") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == .vendorUnexpectedResponse {
                return Page(items: [])
            }
        },
        companies("failures.traceable") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError {
                throw error.retold(as: error.code, vendor: VendorReply())
            }
        },
        companies("secrecy.answers") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == .requestRejected {
                throw error.retold(as: error.code, vendor: VendorReply(status: 400, message: "You sent \(SampleVendor.clientSecret)."))
            }
        },
        .acting("secrecy.answers", "a refused draft") {
            $0.create = { good, draft in
                do {
                    return try await good.createTicket(draft)
                } catch var error as PSAError where error.code.area == .ticket {
                    error.request = "POST /api/tickets as \(SampleVendor.clientSecret)"
                    throw error
                }
            }
        },
        .acting("secrecy.answers", "a failed change of the status") {
            $0.setStatus = { good, ticket, change in
                do {
                    return try await good.changeStatus(of: ticket, change)
                } catch var error as PSAError where error.vendor?.status == 422 {
                    error.request = "PATCH /api/tickets/{id} as \(SampleVendor.clientSecret)"
                    throw error
                }
            }
        },
        companies("retries.credentials") { good, remake, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == .authInvalidClient {
                for _ in 1...4 {
                    do { return try await remake().companies(at: cursor) } catch is PSAError { continue }
                }
                throw error
            }
        },
        companies("cancellation.reading") { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch is CancellationError {
                throw PSAError(.networkTimeout)
            }
        },
        companies("tokens.shared") { _, remake, cursor in try await remake().companies(at: cursor) },
        companies("tokens.given-up") { good, remake, cursor in
            var connection = good
            for _ in 1...3 {
                do {
                    return try await connection.companies(at: cursor)
                } catch let error as PSAError where error.code == .authTokenRejected {
                    connection = try remake()
                }
            }
            return try await connection.companies(at: cursor)
        },
        .acting("tokens.forgiving") { flawed in
            let memory = Memory()
            flawed.listCompanies = { good, _, cursor in
                if let error = memory.error { throw error }
                do {
                    return try await good.companies(at: cursor)
                } catch let error as PSAError where [.authInvalidClient, .authTokenRefused].contains(error.code) {
                    memory.error = error
                    throw error
                }
            }
        },
        .acting("reading.references", "a ticket's company") { flawed in
            let wrong: @Sendable (inout Ticket) -> Void = { ticket in
                if let contact = ticket.contact { ticket.company = contact.id.integer.map { PSACore.Reference(RecordID($0)) } }
            }
            flawed.queryTickets = { good, query, cursor in
                var query = query
                // It filters by what it takes for the company.
                if let id = query.company?.integer, id > 5_000 { query.company = Company.ID(id - 5_000) }
                var page = try await good.tickets(matching: query, at: cursor)
                for index in page.items.indices { wrong(&page.items[index]) }
                return page
            }
            flawed.listTickets = { good, moment, cursor in
                var page = try await good.tickets(changedSince: moment, at: cursor)
                for index in page.items.indices { wrong(&page.items[index]) }
                return page
            }
            flawed.readTicket = { good, id in
                var ticket = try await good.ticket(id)
                // What the suite itself creates is another rule's matter.
                if ticket.externalReference == nil { wrong(&ticket) }
                return ticket
            }
        },
        .acting("reading.references", "a contact's company") {
            $0.listContacts = { good, cursor in
                var page = try await good.contacts(at: cursor)
                // Those before are written for by other rules.
                for index in page.items.indices where page.items[index].id.integer ?? 0 > 5_050 {
                    page.items[index].company = page.items[index].id.integer.map { PSACore.Reference(RecordID($0)) }
                }
                return page
            }
        },
        .acting("reading.references", "contacts of another kind") {
            $0.listTickets = { good, moment, cursor in
                var page = try await good.tickets(changedSince: moment, at: cursor)
                for index in page.items.indices where page.items[index].externalReference == nil {
                    page.items[index].contact = page.items[index].company?.id.integer.map { PSACore.Reference(RecordID($0)) }
                }
                return page
            }
            $0.readTicket = { good, id in
                var ticket = try await good.ticket(id)
                if ticket.externalReference == nil {
                    ticket.contact = ticket.company?.id.integer.map { PSACore.Reference(RecordID($0)) }
                }
                return ticket
            }
        },
        .acting("reading.query", "another company") {
            $0.queryTickets = { good, query, cursor in
                var query = query
                if query.company != nil { query.company = Company.ID(1) }
                return try await good.tickets(matching: query, at: cursor)
            }
        },
        .acting("reading.query", "the order is ignored") {
            $0.queryTickets = { good, query, cursor in
                var query = query
                query.order = .listed
                return try await good.tickets(matching: query, at: cursor)
            }
        },
        .acting("reading.query", "the order is ignored beside another filter") {
            $0.queryTickets = { good, query, cursor in
                var query = query
                if query.company != nil || query.changedSince != nil { query.order = .listed }
                return try await good.tickets(matching: query, at: cursor)
            }
        },
        .acting("reading.query", "the time is wrong beside another filter") {
            $0.queryTickets = { good, query, cursor in
                var query = query
                query.changedSince?.addTimeInterval(7_200)
                return try await good.tickets(matching: query, at: cursor)
            }
        },
        .acting("paging.notes") {
            $0.listNotes = { good, ticket, cursor in
                var page = try await good.notes(of: ticket, at: cursor)
                (page.next, page.total) = (nil, nil)
                return page
            }
        },
        .acting("paging.notes", "those of another ticket") {
            $0.listNotes = { good, ticket, cursor in
                var page = try await good.notes(of: ticket, at: cursor)
                guard cursor == nil, let other = ticket.integer.map({ Ticket.ID($0 + 1) }) else { return page }
                for var note in (try? await good.notes(of: other, at: nil))?.items ?? [] {
                    note.ticket = ticket
                    page.items.append(note)
                }
                return page
            }
        },
        .acting("paging.notes", "their times") {
            $0.listNotes = { good, ticket, cursor in
                var page = try await good.notes(of: ticket, at: cursor)
                for index in page.items.indices { page.items[index].createdAt?.addTimeInterval(7_200) }
                return page
            }
        },
        .acting("failures.words") {
            $0.readTicket = { good, id in
                do {
                    return try await good.ticket(id)
                } catch let error as PSAError where error.code == .requestNotFound {
                    throw error.retold(as: error.code, vendor: VendorReply(status: error.vendor?.status))
                }
            }
        },
        .acting("failures.words", "of a refused ticket") {
            $0.create = { good, draft in
                do {
                    return try await good.createTicket(draft)
                } catch var error as PSAError where error.vendor?.status == 422 {
                    error.vendor?.message = nil
                    throw error
                }
            }
        },
    ]

    /// Gives every ticket the same number.
    private static func numbered(_ flawed: inout FlawedConnection, as number: String) {
        flawed.listTickets = { good, moment, cursor in
            var page = try await good.tickets(changedSince: moment, at: cursor)
            for index in page.items.indices { page.items[index].number = number }
            return page
        }
        flawed.readTicket = { good, id in
            var ticket = try await good.ticket(id)
            ticket.number = number
            return ticket
        }
        flawed.create = { good, draft in
            var ticket = try await good.createTicket(draft)
            ticket.number = number
            return ticket
        }
    }

    private static func companies(
        _ rule: String, _ way: String = "",
        _ list: @escaping @Sendable (SampleConnector, FlawedConnection.Remake, PageCursor?) async throws -> Page<Company>
    ) -> Flaw {
        .acting(.init(rule), way) { $0.listCompanies = list }
    }
}

/// Counts calls.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Remembers an error for ever.
private final class Memory: Sendable {
    private let kept = Mutex<PSAError?>(nil)

    var error: PSAError? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}
