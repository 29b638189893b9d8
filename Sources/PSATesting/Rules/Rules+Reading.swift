import FoundationEssentials
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
