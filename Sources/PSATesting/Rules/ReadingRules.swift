#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

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
            "reading.record", .silver, "A ticket of the list can be read by its id, and is the same ticket",
            because: "A person would be shown another ticket than the one they chose.", needs: [.connection, .capability(.readTickets)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            var rows = session.tickets().makeAsyncIterator()
            guard let row = try await rows.next() else { throw InconclusiveError("The tenant has no ticket.") }
            let record = try await session.ticket(row.id)
            return .unless(
                record.id == row.id && record.summary == row.summary,
                "Ticket \(row.id), “\(row.summary)”, came back as \(record.id), “\(record.summary)”.")
        },
        ConformanceRule(
            "reading.absent", .silver, "A ticket that does not exist is reported as not found",
            because: "A deleted ticket would look like a fault of the connection.", needs: [.connection, .capability(.readTickets)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            let error = try await failure { _ = try await session.ticket(RecordID(987_654_321)) }
            return .unless(error?.code == .requestNotFound, "It is reported as \(error?.code.rawValue ?? "an existing ticket").")
        },
        ConformanceRule(
            "reading.changed", .silver, "Asked for what changed since a moment, it gives exactly that",
            because: "A host that reads changes would miss some, or read everything each time.",
            needs: [.connection, .capability(.readTickets)], check: changedSince),
    ]

    private static func changedSince(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
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
        return Violations.unless(wanted.isSubset(of: given), "\(wanted.subtracting(given).count) changed tickets were left out.")
            + .unless(
                all.count == 1_000 || given.isSubset(of: tolerated), "\(given.subtracting(tolerated).count) unchanged tickets were given.")
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
            let (list, pages) = try await severalPages(subject)
            let ids = pages.flatMap { $0.rows.map(\.id) }
            let total = pages.compactMap(\.total).max()
            return Violations.unless(Set(ids).count == ids.count, "\(ids.count - Set(ids).count) rows of \(list.name) came twice.")
                + .unless(total.map { $0 <= ids.count } ?? true, "The vendor counts \(total ?? 0) \(list.name), and \(ids.count) came.")
        },
        ConformanceRule(
            "paging.resumable", .silver, "A cursor kept as text leads a new connection to the same page",
            because: "A host that was restarted would begin from the start, or somewhere else.", needs: [.connection, .list]
        ) { subject in
            let (list, pages) = try await severalPages(subject)
            guard let cursor = pages[0].next else { throw InconclusiveError("The first page names no next one.") }
            let again = try await list.page(ConformanceStage(subject).connection(), PageCursor(rawValue: cursor.rawValue))
            return .unless(
                again?.rows.map(\.id) == pages[1].rows.map(\.id), "The second page of \(list.name) is another one on a new connection.")
        },
        ConformanceRule(
            "paging.foreign", .silver, "A cursor of another list, another connector or no sense is refused before a request",
            because: "A list would silently begin somewhere, and rows would be missing.", needs: [.connection, .list]
        ) { subject in
            let (list, pages) = try await severalPages(subject)
            guard let own = pages[0].next else { throw InconclusiveError("The first page names no next one.") }
            let other = PageCursor(connector: ConnectorID("another-vendor"), list: "companies", version: 1, payload: "2")
            var violations: [Violation] = []
            for cursor in [other, PageCursor(rawValue: "nonsense"), PageCursor(rawValue: own.rawValue + "-%x%")] {
                let stage = ConformanceStage(subject)
                let connection = try stage.connection()
                let error = try await failure { _ = try await list.page(connection, cursor) }
                violations += Violations.unless(
                    error?.code == .syncCursorRejected, "“\(cursor)” is reported as \(error?.code.rawValue ?? "a page of \(list.name)").")
                violations += .unless(
                    error?.code != .syncCursorRejected || stage.transport.requests.allSatisfy(subject.isTokenRequest),
                    "“\(cursor)” is refused only after a request.")
            }
            return violations
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

    /// The pages of the first list that has more than one.
    private static func severalPages(_ subject: ConformanceSubject) async throws -> (ReadableList, [ListedPage]) {
        for list in subject.lists {
            let connection = try ConformanceStage(subject).connection()
            var pages: [ListedPage] = []
            var cursor: PageCursor?
            repeat {
                guard let page = try await list.page(connection, cursor) else { break }
                if !page.rows.isEmpty { pages.append(page) }
                cursor = page.next
            } while cursor != nil && pages.count < 1_000
            if pages.count > 1 { return (list, pages) }
        }
        throw InconclusiveError("No list of the tenant has a second page.")
    }
}
