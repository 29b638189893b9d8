import PSACore
import PSATesting
import SampleConnector

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
                    } catch let error as PSAError where error.vendor?.message == nil && error.code.area != "network" {
                        throw PSAError(.writeOutcomeUnknown, vendor: error.vendor)
                    }
                } onCancel: {
                    sending.cancel()
                }
            }
        },
        creating("retries.unsent", tells: .networkRefused, as: .writeOutcomeUnknown),
        creating("writing.refused", tells: .ticketDefaultInvalid, as: .writeOutcomeUnknown),
        .acting("writing.requirements") { $0.require = { $0.filter { $0.field != .summary } } },
        .acting("writing.stored") {
            $0.create = { good, draft in
                var draft = draft
                draft.summary = String(draft.summary.filter(\.isASCII))
                return try await good.createTicket(draft)
            }
        },
        .acting("writing.found") { $0.find = { _, _ in [] } },
        .acting("writing.notes") { $0.note = { good, text, ticket in try await good.reply(text, to: ticket).note } },
        .acting("writing.replies") {
            $0.replies = { good, text, ticket in
                PostedReply(note: try await good.addPrivateNote(text, to: ticket), notification: .decidedByTenant)
            }
        },
        .acting("writing.status") { $0.setStatus = { good, ticket, _ in try await good.ticket(ticket) } },
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
