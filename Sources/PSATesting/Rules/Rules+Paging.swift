import PSACore

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
            let other = PageCursor(connector: ConnectorID("somebody-else"), list: "companies", version: 1, payload: "2")
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
