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
        .acting("reading.absent") {
            $0.readTicket = { good, id in
                do {
                    return try await good.ticket(id)
                } catch let error as PSAError {
                    throw error.retold(as: .vendorUnexpectedResponse)
                }
            }
        },
        .acting("reading.changed") { $0.listTickets = { good, _, cursor in try await good.tickets(changedSince: nil, at: cursor) } },
        companies("paging.whole") { good, _, cursor in
            var page = try await good.companies(at: cursor)
            page.items += page.items.prefix(1)
            return page
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
    ]

    private static func companies(
        _ rule: String,
        _ list: @escaping @Sendable (SampleConnector, FlawedConnection.Remake, PageCursor?) async throws -> Page<Company>
    ) -> Flaw {
        .acting(.init(rule)) { $0.listCompanies = list }
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
