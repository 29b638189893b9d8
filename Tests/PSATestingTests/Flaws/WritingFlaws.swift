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
        .acting("cancellation.writing") {
            $0.create = { good, draft in
                // The session cannot observe what a task of its own sends.
                let sending = Task.detached { try await good.createTicket(draft) }
                return try await withTaskCancellationHandler {
                    do {
                        return try await sending.value
                    } catch let error as PSAError
                        where error.vendor?.message == nil && error.code.area != "network" && error.ticketFieldIssues.isEmpty
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
        .acting("writing.requirements") { $0.require = { $0.filter { $0.id != .summary } } },
        .acting("writing.stored") {
            $0.create = { good, draft in
                var draft = draft
                draft.summary = String(draft.summary.filter(\.isASCII))
                return try await good.createTicket(draft)
            }
        },
        .acting("writing.found") { $0.find = { _, _ in [] } },
        .acting("writing.notes") { $0.note = { good, note, ticket in try await good.reply(note, to: ticket).note } },
        .acting("writing.replies") {
            $0.replies = { good, reply, ticket in
                PostedReply(note: try await good.addPrivateNote(reply, to: ticket), notification: .decidedByTenant)
            }
        },
        .acting("writing.status") { $0.setStatus = { good, ticket, _ in try await good.ticket(ticket) } },
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
        .acting("attachments.stored") {
            $0.readFile = { good, file, ticket in try await good.content(of: file, of: ticket).filter { $0 != 0x0D } }
        },
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
    ]

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
                response.headers["Retry-After"] = nil
                return response
            }
        },
        .sending("secrecy.addresses") {
            Alteration { request, next in
                var request = request
                if request.route == "/api/types" { request.query.append(QueryItem("key", SampleVendor.clientSecret)) }
                return try await next(request)
            }
        },
        Flaw(
            rule: "secrecy.log",
            borrow: { context in
                context.log.record(.tokenRefused(host: SampleVendor.clientSecret))
                return context
            }),
        .sending("bounds.requests") {
            Alteration { request, next in
                var request = request
                request.maximumResponseBytes = .max
                return try await next(request)
            }
        },
        eager("configuration.quiet"),
        Flaw(
            rule: "bounds.pace",
            borrow: { context in
                var context = context
                context.tenants = TenantRateLimits(pace: nil)
                return context
            }),
        .sending("tokens.refreshed") { Grudge() },
    ]

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
private struct Alteration: HTTPMiddleware {
    let alter: @Sendable (HTTPRequest, @Sendable (HTTPRequest) async throws -> HTTPResponse) async throws -> HTTPResponse

    func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await alter(request, next)
    }
}

/// Once refused, it takes every answer for a refusal.
private final class Grudge: HTTPMiddleware {
    private let isHeld = Mutex(false)

    func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let response = try await next(request)
        guard request.route != "/oauth/token" else { return response }
        return isHeld.withLock { isHeld in
            if response.status == 401 { isHeld = true }
            return isHeld ? HTTPResponse(status: 401) : response
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
