import HaloSimulator

/// Holds what the history says of a run's events against what the PSA has.
struct TortureVerdict: Sendable {
    let events: [TortureEvent]
    let entries: [Ledger.Entry]
    let writes: [HaloSimulator.StoredWrite]
    let files: [HaloSimulator.StoredAttachment]
    /// The names of the files of uploads that the host lists as orphans.
    let orphans: [String]
    /// Whether the PSA's rejections are believed although they are wrong, so that a success is reported as a failure.
    let believesRefusals: Bool

    /// Counts and describes the errors.
    func judge(into result: inout TortureResult) {
        for event in events {
            judge(event, &result)
            judgeFiles(of: event, &result)
        }
        // What is written for no event of the run would be one too many as well.
        let strays = writes.filter { write in !events.contains { write.sent.contains($0.mark) } }
        result.complaints += strays.map { "ticket \($0.ticketID) is of no event: \($0.sent.prefix(80))" }
    }

    /// Each file is attached once, to the ticket of its event, and what no ticket refers to is listed.
    private func judgeFiles(of event: TortureEvent, _ result: inout TortureResult) {
        let tickets = Set(writes.filter { $0.sent.contains(event.mark) }.map(\.ticketID))
        for name in event.fileNames {
            let found = files.filter { $0.fileName == name }
            let attached = found.compactMap(\.ticketID)
            if attached.count != 1 || !tickets.isSuperset(of: attached) {
                result.complaints.append("\(name) is attached to \(attached), its event is in \(tickets.sorted())")
            }
            let (loose, listed) = (found.count - attached.count, orphans.count { $0 == name })
            if loose > listed { result.complaints.append("\(name) has \(loose) uploads of no ticket, and \(listed) of them are listed") }
        }
    }

    private func judge(_ event: TortureEvent, _ result: inout TortureResult) {
        let own = entries.filter { $0.text.hasPrefix(event.mark) }
        let found = writes.filter { $0.sent.contains(event.mark) }
        result.writes += found.count
        result.duplicated += max(0, found.count - 1)
        let wrong = found.filter { ($0.clientID != event.client ?? $0.clientID && !event.isPoisoned) || !$0.isVisible }
        result.misfiled += wrong.count
        let places = found.map { "\($0.ticketID)\($0.actionID == nil ? "" : " as a note") of customer \($0.clientID)" }
        func complain(_ text: String) { result.complaints.append("\(event.key) \(text), in the PSA: \(places)") }
        if found.count > 1 { complain("is there \(found.count) times") }
        if !wrong.isEmpty { complain("of customer \(event.client ?? 0) is where it does not belong") }
        guard let entry = own.first, own.count == 1 else {
            if found.isEmpty, !event.isPoisoned { result.lost += 1 }
            complain("has \(own.count) jobs")
            return
        }
        let state = "\(entry.state) \(entry.reason.prefix(120))"
        if event.isPoisoned, found.isEmpty, entry.isInReview || entry.state == "failed", !entry.reason.isEmpty {
            result.refused += 1
        } else if entry.isWritten {
            if found.isEmpty { result.lost += 1 }
            if !found.contains(where: { String($0.ticketID) == entry.ticket }) { complain("is \(state), ticket \(entry.ticket ?? "none")") }
        } else if entry.isInReview || (believesRefusals && entry.state == "failed" && !entry.reason.isEmpty) {
            result.inReview += 1
            result.reviews.append("\(event.key) is \(state), in the PSA: \(places)")
        } else {
            if found.isEmpty { result.lost += 1 }
            complain("is \(state)")
        }
    }
}
