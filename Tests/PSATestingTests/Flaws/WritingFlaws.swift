import FoundationEssentials
import PSACore
import PSATesting
import Synchronization

@testable import SampleConnector

extension Flaw {
    /// Connectors that write wrongly, or tell wrongly what became of it.
    static let writing: [Flaw] = [
        .acting("retries.writes-once") {
            $0.create = { good, draft in
                do {
                    return try await good.createTicket(draft)
                } catch let error as PSAError where error.code == .writeOutcomeUnknown {
                    return try await good.createTicket(draft)
                }
            }
        },
        .acting("retries.writes-once", "a note") {
            $0.note = { good, note, ticket in
                try await again(.writeOutcomeUnknown) { try await good.addPrivateNote(note, to: ticket) }
            }
        },
        .acting("retries.writes-once", "a reply") {
            $0.replies = { good, reply, ticket in try await again(.writeOutcomeUnknown) { try await good.reply(reply, to: ticket) } }
        },
        .acting("retries.writes-once", "a status") {
            $0.setStatus = { good, ticket, change in
                try await again(.writeOutcomeUnknown) { try await good.changeStatus(of: ticket, change) }
            }
        },
        .acting("retries.writes-once", "an upload") {
            $0.uploadFile = { good, file in
                do {
                    return try await good.upload(file)
                } catch let error as PSAError where error.mayHaveBeenExecuted {
                    return try await good.upload(file)
                }
            }
        },
        twoRequests("retries.writes-once", "the second request of a ticket") { good, note, ticket in
            _ = try await again(.writeOutcomeUnknown) { try await good.addPrivateNote(note, to: ticket) }
        },
        twoRequests("writing.acknowledged", "no failure of the second request of a ticket") { good, note, ticket in
            _ = try? await good.addPrivateNote(note, to: ticket)
        },
        twoRequests("writing.acknowledged", "the second request of a ticket is refused") { good, note, ticket in
            do {
                _ = try await good.addPrivateNote(note, to: ticket)
            } catch let error as PSAError where error.vendor?.status == 422 {
                // The ticket is there, and its text is not.
            }
        },
        .acting("cancellation.writing") {
            $0.create = { good, draft in
                // The session cannot observe what a task of its own sends.
                let sending = Task.detached { try await good.createTicket(draft) }
                return try await withTaskCancellationHandler {
                    do {
                        return try await sending.value
                    } catch let error as PSAError
                        where error.vendor?.message == nil && ![.network, .rate].contains(error.code.area)
                        && error.code != .requestInvalid && error.ticketFieldIssues.isEmpty
                    {
                        throw PSAError(.writeOutcomeUnknown, vendor: error.vendor)
                    }
                } onCancel: {
                    sending.cancel()
                }
            }
        },
        creating("retries.unsent", tells: .networkRefused, as: .writeOutcomeUnknown),
        creating("writing.refused", tells: .ticketDefaultInvalid, as: .writeOutcomeUnknown),
        .acting("writing.requirements") {
            $0.form = { good, type in
                let form = try await good.ticketFields(for: type)
                return TicketForm(type: type, fields: form.fields.filter { $0.id != .summary })
            }
        },
        .acting("retries.throttled") {
            $0.reply429 { PSAError(.vendorUnavailable, vendor: $0.vendor) }
        },
        .acting("retries.throttled", "the wait is forgotten") {
            $0.reply429 { error in
                var error = error
                error.retry = .afterDelay(.seconds(1))
                return error
            }
        },
        .acting("writing.stored", "the number of another") {
            $0.create = { good, draft in
                var ticket = try await good.createTicket(draft)
                ticket.number = "4711"
                return ticket
            }
        },
        changing("writing.stored", "letters beyond ASCII") {
            $0.summary = $0.summary.filter { $0.isASCII || !$0.isLetter }
        },
        changing("writing.stored", "details left out") { if $0.details?.isShort == true { $0.details = nil } },
        changing("writing.stored", "only the first line of the details") {
            $0.details = $0.details.map { $0.isShort ? String($0.prefix { !$0.isNewline }) : $0 }
        },
        changing("writing.stored", "lines joined") { $0.details = $0.details.map { $0.isShort ? $0.replacing("\n", with: " ") : $0 } },
        changing("writing.stored", "indentation") {
            $0.details = $0.details?.split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
        },
        changing("writing.stored", "markup") { $0.details = $0.details?.replacing("<b>", with: "").replacing("</b>", with: "") },
        changing("writing.stored", "escaped characters") { $0.summary = $0.summary.replacing("&", with: "&amp;") },
        changing("writing.stored", "details cut at 255 characters") {
            $0.details = $0.details.map { $0.isShort ? String($0.prefix(255)) : $0 }
        },
        changing("writing.stored", "the company") { if $0.company?.integer ?? 0 < 1_000, $0.company?.integer != nil { $0.company = nil } },
        changing("writing.stored", "another company") { if $0.company?.integer ?? 1_000 < 1_000 { $0.company = Company.ID(1) } },
        changing("writing.stored", "the contact") { if $0.contact?.integer ?? 9_000 < 9_000 { $0.contact = nil } },
        changing("writing.stored", "the priority") { $0.priority = nil },
        changing("writing.stored", "the status") { $0.status = nil },
        .acting("fields.unknown", "a ticket") {
            $0.create = { good, draft in
                var draft = draft
                let known = Set(try await good.ticketFields(for: draft.type).fields.map(\.id))
                draft.fields = draft.fields.filter { known.contains($0.key) }
                return try await good.createTicket(draft)
            }
        },
        .acting("fields.unknown", "a note") {
            $0.note = { good, note, ticket in
                var note = note
                note.fields = [:]
                return try await good.addPrivateNote(note, to: ticket)
            }
        },
        .acting("fields.unknown", "a reply") {
            $0.replies = { good, reply, ticket in
                var reply = reply
                reply.fields = [:]
                return try await good.reply(reply, to: ticket)
            }
        },
        .acting("fields.unknown", "a change of status") {
            $0.setStatus = { good, ticket, change in
                var change = change
                change.fields = [:]
                return try await good.changeStatus(of: ticket, change)
            }
        },
        .acting("writing.defaults") {
            $0.create = { good, draft in
                var draft = draft
                draft.type = draft.type ?? TicketType.ID(1)
                return try await good.createTicket(draft)
            }
        },
        .acting("writing.defaults", "the default replaces what was chosen") {
            $0.create = { good, draft in
                var draft = draft
                draft.type = good.defaultType ?? draft.type
                return try await good.createTicket(draft)
            }
        },
        changing("writing.references") { if $0.company?.integer == nil { $0.company = nil } },
        changing("writing.references", "a contact that is not there") { if $0.contact?.integer ?? 0 > 9_000 { $0.contact = nil } },
        .acting("writing.acknowledged") {
            $0.create = { good, draft in
                do {
                    return try await good.createTicket(draft)
                } catch let error as PSAError where error.vendor?.status == 500 {
                    return try await good.ticket(Ticket.ID(1_000))
                }
            }
        },
        .acting("writing.acknowledged", "a web page after a note") {
            $0.note = { good, note, ticket in
                do {
                    return try await good.addPrivateNote(note, to: ticket)
                } catch let error as PSAError where error.vendor?.status == 200 {
                    return TicketNote(
                        id: RecordID(1), ticket: ticket, author: .unknown(name: nil), text: note.text, visibility: .staffOnly,
                        native: NativeRecord(bytes: [], fetchedAt: .distantPast))
                }
            }
        },
        .acting("writing.acknowledged", "a refused status") {
            $0.setStatus = { good, ticket, change in
                do {
                    return try await good.changeStatus(of: ticket, change)
                } catch let error as PSAError where error.vendor?.status == 404 {
                    return try await good.ticket(ticket)
                }
            }
        },
        .acting("writing.found") {
            $0.find = { good, reference in
                _ = try await good.tickets(externalReference: reference)
                return []
            }
        },
        .acting("writing.found", "a part of the reference does") {
            $0.find = { good, reference in
                let found = try await good.tickets(externalReference: reference)
                guard found.isEmpty else { return found }
                var (tickets, cursor): ([Ticket], PageCursor?) = ([], nil)
                repeat {
                    let page = try await good.tickets(changedSince: nil, at: cursor)
                    tickets += page.items.filter { $0.externalReference?.contains(reference) == true }
                    cursor = page.next
                } while cursor != nil
                return tickets
            }
        },
        .acting("writing.test-ticket") {
            $0.createTest = { good, draft in
                var draft = draft
                draft.summary = "Test"
                return try await good.testTicketCreation(draft)
            }
        },
        .acting("writing.found", "the search of the host finds nothing and claims to be exhaustive") {
            $0.search = { good, reference in
                _ = try await good.tickets(externalReference: reference)
                return ReferenceSearch(tickets: [], isExhaustive: true)
            }
        },
        .acting("writing.found", "closed tickets are not") {
            $0.find = { good, reference in try await good.tickets(externalReference: reference).filter { $0.phase != .closed } }
        },
        .acting("writing.long", "notes are cut") {
            $0.note = { good, note, ticket in
                var note = note
                note.text = String(note.text.prefix(3_000))
                return try await good.addPrivateNote(note, to: ticket)
            }
        },
        .acting("writing.long", "replies are cut") {
            $0.replies = { good, reply, ticket in
                var reply = reply
                reply.text = String(reply.text.prefix(3_000))
                return try await good.reply(reply, to: ticket)
            }
        },
        changing("writing.long", "details are cut") { $0.details = $0.details.map { String($0.prefix(3_000)) } },
        changing("writing.long", "the summary is cut") { $0.summary = String($0.summary.prefix(100)) },
        changing("writing.long", "emoji are lost") { $0.summary = $0.summary.replacing("🔧", with: "") },
        .acting("writing.test-ticket", "one that was refused counts as created") {
            $0.createTest = { good, draft in
                let check = try await good.testTicketCreation(draft)
                guard check.error?.vendor?.status == 422 else { return check }
                return ConnectionCheck(.write, .passed, evidence: CoreMessage.connectionTest)
            }
        },
        .acting("writing.test-ticket", "it is created again after an unknown outcome") {
            $0.createTest = { good, draft in
                let check = try await good.testTicketCreation(draft)
                return check.error?.mayHaveBeenExecuted == true ? try await good.testTicketCreation(draft) : check
            }
        },
        .acting("writing.test-ticket", "nothing is created") {
            $0.createTest = { _, _ in ConnectionCheck(.write, .passed, evidence: CoreMessage.connectionTest) }
        },
        .acting("writing.notes") { $0.note = { good, note, ticket in try await good.reply(note, to: ticket).note } },
        .acting("writing.notes", "only the first line") {
            $0.note = { good, note, ticket in
                var note = note
                if note.text.isShort { note.text = String(note.text.prefix { !$0.isNewline }) }
                return try await good.addPrivateNote(note, to: ticket)
            }
        },
        .acting("writing.notes", "twice") {
            $0.note = { good, note, ticket in
                let stored = try await good.addPrivateNote(note, to: ticket)
                return note.attachments.isEmpty ? try await good.addPrivateNote(note, to: ticket) : stored
            }
        },
        .acting("writing.replies") {
            $0.replies = { good, reply, ticket in
                PostedReply(note: try await good.addPrivateNote(reply, to: ticket), notification: .decidedByTenant)
            }
        },
        .acting("writing.replies", "without markup") {
            $0.replies = { good, reply, ticket in
                var reply = reply
                reply.text = reply.text.replacing("<b>", with: "*").replacing("</b>", with: "*")
                return try await good.reply(reply, to: ticket)
            }
        },
        .acting("writing.status") {
            $0.setStatus = { good, ticket, change in
                var change = change
                if change.status == TicketStatus.ID(2) { change.status = TicketStatus.ID(1) }
                return try await good.changeStatus(of: ticket, change)
            }
        },
        .acting("writing.status", "said to be changed") {
            $0.setStatus = { good, ticket, change in
                guard change.status == TicketStatus.ID(2) else { return try await good.changeStatus(of: ticket, change) }
                var other = change
                other.status = TicketStatus.ID(1)
                var changed = try await good.changeStatus(of: ticket, other)
                changed.status = PSACore.Reference(change.status)
                return changed
            }
        },
        .acting("fields.required") {
            $0.create = { good, draft in
                do {
                    return try await good.createTicket(draft)
                } catch var error as PSAError where error.code == .ticketFieldRequired {
                    error.ticketFieldIssues.removeSubrange(1...)
                    throw error
                }
            }
        },
        .acting("fields.choices") {
            $0.create = { good, draft in
                var draft = draft
                if draft.fields[.device] == .choice(RecordID(987_654_321)) { draft.fields[.device] = .choice(.other) }
                return try await good.createTicket(draft)
            }
        },
        .acting("fields.stored") {
            $0.create = { good, draft in
                var draft = draft
                if draft.fields[.model] != nil { draft.fields[.model] = .text("Another model") }
                return try await good.createTicket(draft)
            }
        },
        .acting("fields.stored", "fields that may be empty are left out") {
            $0.create = { good, draft in
                var draft = draft
                for field in try await good.ticketFields(for: draft.type).fields where field.requirement == .optional {
                    draft.fields[field.id] = nil
                }
                return try await good.createTicket(draft)
            }
        },
        valuing("fields.stored", "the first of several choices") {
            if case .choices(let choices) = $0 { .choices(Array(choices.prefix(1))) } else { $0 }
        },
        valuing("fields.stored", "no decimals") { if case .number(let number) = $0 { .number(number.rounded(.down)) } else { $0 } },
        valuing("fields.stored", "ASCII only") { if case .text(let text) = $0 { .text(text.filter(\.isASCII)) } else { $0 } },
        valuing("fields.stored", "texts are cut") { if case .text(let text) = $0 { .text(String(text.prefix(50))) } else { $0 } },
        .acting("attachments.stored", "the files of replies are left out") {
            $0.replies = { good, reply, ticket in
                var reply = reply
                reply.attachments = []
                return try await good.reply(reply, to: ticket)
            }
        },
        .acting("attachments.stored", "the files of replies are for staff only") {
            $0.listFiles = { good, ticket in
                try await good.attachments(of: ticket).map { file in
                    var file = file
                    file.isVisibleToContact = false
                    return file
                }
            }
        },
        .acting("attachments.stored", "every file is a text") {
            $0.uploadFile = { good, file in
                try await good.upload(AttachmentFile(name: file.name, mediaType: "text/plain", bytes: file.bytes))
            }
        },
        .acting("attachments.stored") {
            $0.readFile = { good, file, ticket in try await good.content(of: file, of: ticket).filter { $0 != 0x0D } }
        },
        changing("attachments.stored", "the second file") { $0.attachments = Array($0.attachments.prefix(1)) },
        .acting("attachments.names") {
            $0.uploadFile = { good, file in
                try await good.upload(AttachmentFile(name: String(file.name.suffix(100)), mediaType: file.mediaType, bytes: file.bytes))
            }
        },
        .acting("attachments.private") {
            $0.listFiles = { good, ticket in
                try await good.attachments(of: ticket).map { file in
                    var file = file
                    file.isVisibleToContact = true
                    return file
                }
            }
        },
        .acting("attachments.discarded") { $0.discardUpload = { _, _ in } },
        .acting("writing.status-note") {
            $0.setStatus = { good, ticket, change in
                var change = change
                change.note = nil
                return try await good.changeStatus(of: ticket, change)
            }
        },
        .acting("writing.status-note", "lost where it closes the ticket") {
            $0.setStatus = { good, ticket, change in
                var change = change
                if change.status == TicketStatus.ID(3) { change.note = nil }
                return try await good.changeStatus(of: ticket, change)
            }
        },
        .acting("writing.status-note", "public where it closes the ticket") {
            $0.setStatus = { good, ticket, change in
                guard change.status == TicketStatus.ID(3), let note = change.note else {
                    return try await good.changeStatus(of: ticket, change)
                }
                _ = try await good.reply(NoteDraft(note), to: ticket)
                return try await good.changeStatus(of: ticket, StatusChange(to: change.status))
            }
        },
        .acting("writing.status-note", "public") {
            $0.setStatus = { good, ticket, change in
                if let note = change.note { _ = try await good.reply(NoteDraft(note), to: ticket) }
                var change = change
                change.note = nil
                return try await good.changeStatus(of: ticket, change)
            }
        },
        .acting("writing.status-note", "only the first line") {
            $0.setStatus = { good, ticket, change in
                var change = change
                change.note = change.note.map { String($0.prefix { !$0.isNewline }) }
                return try await good.changeStatus(of: ticket, change)
            }
        },
    ]

    /// Does something again after an error.
    private static func again<Value>(
        _ code: ErrorCode, operation: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await operation()
        } catch let error as PSAError where error.code == code {
            return try await operation()
        }
    }

    /// A connector that sends the details of a new ticket as a note, in a second request.
    static func twoRequests(
        _ rule: ConformanceRule.ID, _ way: String,
        _ second: @escaping @Sendable (SampleConnector, NoteDraft, Ticket.ID) async throws -> Void
    ) -> Flaw {
        .acting(rule, way) {
            $0.create = { good, draft in
                var bare = draft
                bare.details = nil
                let ticket = try await good.createTicket(bare)
                if let details = draft.details { try await second(good, NoteDraft(details), ticket.id) }
                return ticket
            }
        }
    }

    /// A connector that changes each new ticket before it sends it.
    private static func changing(
        _ rule: ConformanceRule.ID, _ way: String = "", _ change: @escaping @Sendable (inout TicketDraft) -> Void
    ) -> Flaw {
        .acting(rule, way) {
            $0.create = { good, draft in
                var draft = draft
                change(&draft)
                return try await good.createTicket(draft)
            }
        }
    }

    /// A connector that changes each value of a field before it sends it.
    private static func valuing(
        _ rule: ConformanceRule.ID, _ way: String, _ change: @escaping @Sendable (TicketFieldValue) -> TicketFieldValue
    ) -> Flaw {
        changing(rule, way) { $0.fields = $0.fields.mapValues(change) }
    }

    private static func creating(_ rule: String, tells code: ErrorCode, as other: ErrorCode) -> Flaw {
        .acting(.init(rule)) {
            $0.create = { good, draft in
                do {
                    return try await good.createTicket(draft)
                } catch let error as PSAError where error.code == code {
                    throw error.retold(as: other)
                }
            }
        }
    }
}

extension FlawedConnection {
    /// Reports a ticket that the vendor puts off as something else.
    fileprivate mutating func reply429(_ change: @escaping @Sendable (PSAError) -> PSAError) {
        create = { good, draft in
            do {
                return try await good.createTicket(draft)
            } catch let error as PSAError where error.code == .rateLimited {
                throw change(error)
            }
        }
    }
}

extension Flaw {
    /// Connectors that are careless with requests, answers and what they are lent.
    static let sending: [Flaw] = [
        Flaw(
            rule: "retries.reads",
            borrow: { context in
                var context = context
                context.retryPolicy.maximumAttempts = 1
                return context
            }),
        .sending("retries.obedient") {
            Alteration { request, next in
                var response = try await next(request)
                if request.method == .get { response.headers["Retry-After"] = nil }
                return response
            }
        },
        .sending("secrecy.addresses") {
            Alteration { request, next in
                var request = request
                // Elsewhere a request with a secret would count as one for a token.
                if request.route == "/api/types", request.retryTimeLimit == .zero {
                    request.query.append(QueryItem("key", SampleVendor.clientSecret))
                }
                return try await next(request)
            }
        },
        .sending("secrecy.addresses", "of a write") {
            Alteration { request, next in
                var request = request
                let token = request.headers["Authorization"]?.split(separator: " ").last
                if request.method == .patch, let token { request.query.append(QueryItem("key", String(token))) }
                return try await next(request)
            }
        },
        .sending("secrecy.elsewhere") {
            Alteration { request, next in
                let response = try await next(request)
                guard response.status == 302, request.method == .get, let location = response.headers["Location"] else { return response }
                var request = request
                request.origin = try ServiceURL(typed: location)
                return try await next(request)
            }
        },
        following("secrecy.elsewhere", "with a request for a token") { $0.route == "/oauth/token" },
        following("secrecy.elsewhere", "with a write") { $0.route != "/oauth/token" && $0.method != .get },
        Flaw(
            rule: "secrecy.log",
            borrow: { context in
                context.log.record(ConnectorEvent(.tokenRefused(host: SampleVendor.clientSecret)))
                return context
            }),
        Flaw(
            rule: "secrecy.log", way: "where something fails",
            borrow: { context in
                var context = context
                let log = context.log
                let telling = Alteration { request, next in
                    let response = try await next(request)
                    if response.status >= 400 { log.record(ConnectorEvent(.tokenRefused(host: SampleVendor.clientSecret))) }
                    return response
                }
                context.transport = HTTPPipeline([telling], to: context.transport)
                return context
            }),
        Flaw(
            rule: "secrecy.log", way: "with each write",
            borrow: { context in
                var context = context
                let log = context.log
                let telling = Alteration { request, next in
                    let token = request.method == .get ? nil : request.headers["Authorization"]
                    if let token { log.record(ConnectorEvent(.tokenRefused(host: token))) }
                    return try await next(request)
                }
                context.transport = HTTPPipeline([telling], to: context.transport)
                return context
            }),
        .sending("bounds.requests", "of writes") {
            Alteration { request, next in
                var request = request
                if request.method != .get, request.route != "/oauth/token" { request.timeout = .seconds(86_400) }
                return try await next(request)
            }
        },
        .sending("bounds.requests") {
            Alteration { request, next in
                var request = request
                request.maximumResponseBytes = .max
                return try await next(request)
            }
        },
        eager("configuration.quiet"),
        Flaw(
            rule: "bounds.rate_limit",
            borrow: { context in
                var context = context
                context.tenants = TenantRateLimits(pace: nil)
                return context
            }),
        .sending("tokens.refreshed") { Grudge() },
    ]

    /// A connector that sends some requests again to where a redirect leads.
    private static func following(
        _ rule: ConformanceRule.ID, _ way: String, _ follows: @escaping @Sendable (TransportRequest) -> Bool
    ) -> Flaw {
        .sending(rule, way) {
            Alteration { request, next in
                let response = try await next(request)
                guard response.status == 307, follows(request), let location = response.headers["Location"] else { return response }
                var request = request
                request.origin = try ServiceURL(typed: location)
                return try await next(request)
            }
        }
    }

    /// A connector that fetches its token before anybody asks; so quickly that the rule about time limits passes.
    private static func eager(_ rule: ConformanceRule.ID) -> Flaw {
        Flaw(
            rule: rule,
            borrow: { context in
                var context = context
                let hurried = Alteration { request, next in
                    var request = request
                    if request.route == "/oauth/token" { (request.timeout, request.retryTimeLimit) = (.seconds(1), .zero) }
                    return try await next(request)
                }
                context.transport = HTTPPipeline([hurried], to: context.transport)
                return context
            },
            connect: { good, _ in
                Task { _ = try? await good.client.token() }
                return good
            })
    }
}

/// Alters what goes out or comes in.
struct Alteration: HTTPMiddleware {
    let alter:
        @Sendable (TransportRequest, @Sendable (TransportRequest) async throws -> TransportResponse) async throws -> TransportResponse

    func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        try await alter(request, next)
    }
}

/// Once refused, it takes every answer for a refusal.
private final class Grudge: HTTPMiddleware {
    private let isHeld = Mutex(false)

    func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        let response = try await next(request)
        guard request.route != "/oauth/token" else { return response }
        return isHeld.withLock { isHeld in
            if response.status == 401 { isHeld = true }
            return isHeld ? TransportResponse(status: 401) : response
        }
    }
}

extension RecordID<TicketField> {
    fileprivate static let device = Self("device") ?? RecordID(0)
    fileprivate static let model = Self("model") ?? RecordID(0)
}

extension RecordID<TicketField.Choice> {
    fileprivate static let other = Self("other") ?? RecordID(0)
}

extension String {
    /// Whether it is shorter than what the rule about long texts writes.
    fileprivate var isShort: Bool { count < 5_000 }
}
