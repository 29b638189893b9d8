/// Tickets of all ages: lower ids are older, and most old tickets are closed.
struct TicketSeeding {
    private static let subjects = [
        "Laptop will not start", "Printer on the second floor jams", "Cannot send email to one supplier", "Wi-Fi drops in the meeting room",
        "New starter next Monday", "Password reset for payroll", "Backup report shows a warning", "Shared mailbox access",
        "Monitor flickers", "VPN asks for a code twice", "Disk nearly full on the file server", "Teams calls have echo",
        "Licence for the drawing program", "Scanner sends empty pages", "Leaver: close the accounts", "Slow sign-in every morning",
        "Invoice template shows an old logo", "Phone does not ring at reception", "Spam filter holds a customer's mail",
        "Request for a second screen",
    ]
    private static let openStatuses = [1, 2, 2, 3, 4, 5, 21]
    private static let types = [1, 1, 1, 3, 3, 4, 5, 29]

    private var generator: SeededGenerator
    private let now: HaloTime

    init(seed: UInt64, now: HaloTime) {
        generator = SeededGenerator(seed, record: -3)
        self.now = now
    }

    mutating func fill(_ store: inout Store, count: Int, customers: [CustomerSeeding.Customer]) {
        let typeRows = Dictionary(uniqueKeysWithValues: Self.types.uniqued.map { ($0, store[.ticketType].row($0)?.fields ?? [:]) })
        let agents = [1, 3, 3, 4, 4, 5, 6, 7]
        store.tickets.reserve(count)
        for index in 0..<max(count, 0) {
            // Spread evenly over two years, so that ids and dates increase together for any count.
            let age = Int(Int64(count - index) * 730 * 86_400 / Int64(max(count, 1))) + 600
            let created = HaloTime(ticks: now.adding(seconds: -age).ticks + Int64(generator.below(9_999_999)))
            let subject = generator.pick(Self.subjects, or: "Question")
            var record = TicketRecord(id: SeedID.firstTicket + index, summary: "\(subject) (\(index + 1))", created: created)
            fill(&record, typeRows, agents, customers, age: age)
            store.tickets.put(record)
        }
    }

    private mutating func fill(
        _ record: inout TicketRecord, _ types: [Int: [String: JSONValue]], _ agents: [Int], _ customers: [CustomerSeeding.Customer],
        age: Int
    ) {
        record.typeID = generator.pick(Self.types, or: 1)
        record.slaID = types[record.typeID]?["default_sla"]?.integer ?? 1
        record.priorityID = record.slaID == 1 ? 1 + generator.below(4) : 2 + generator.below(3)
        record.impact = 1 + generator.below(3)
        record.urgency = 1 + generator.below(3)
        record.agentID = generator.pick(agents, or: 1)
        record.teamID = 1 + generator.below(3)
        record.categoryID = generator.below(4) == 0 ? 0 : 40 + generator.below(6)
        record.source = generator.pick([0, 1, 1, 8], or: 0)
        if generator.below(40) > 0, !customers.isEmpty {
            let customer = customers[generator.below(customers.count)]
            record.clientID = customer.id
            record.siteID = customer.sites.first ?? 1
            if generator.below(6) > 0, !customer.contacts.isEmpty {
                (record.userID, record.siteID) = customer.contacts[generator.below(customer.contacts.count)]
            }
        }
        // Nine in ten are closed within a month; tickets younger than two days are open.
        let timeToClose = 86_400 + generator.below(30 * 86_400)
        let isClosed = generator.below(10) > 0 && age > timeToClose + 86_400
        let lastChange = isClosed ? timeToClose : generator.below(min(age - 300, 20 * 86_400))
        record.lastAction = record.created.adding(seconds: lastChange)
        record.updated = record.lastAction
        record.responded = generator.below(5) > 0 ? record.created.adding(seconds: min(lastChange, 600 + generator.below(7200))) : .unset
        record.timeTaken = Double(generator.below(16)) / 4
        record.isClosed = isClosed
        record.closed = isClosed ? record.lastAction : .unset
        record.statusID = isClosed ? TicketRecord.closedStatus : generator.pick(Self.openStatuses, or: 1)
    }
}

extension Array where Element: Hashable {
    fileprivate var uniqued: [Element] { Array(Set(self)) }
}

/// The actions of a ticket, derived only from the ticket and the seed.
enum ActionSeeding {
    /// The first action of every ticket.
    static func opening(of ticket: TicketRecord, applicationID: String = "") -> ActionRecord {
        ActionRecord(
            id: 1, ticketID: ticket.id, outcomeID: 1, outcome: "Logged", who: applicationID.isEmpty ? "General User" : "Vectis API",
            agentID: applicationID.isEmpty ? 0 : SeedID.apiAgent, created: ticket.created, note: ticket.summary, isSystem: true,
            applicationID: applicationID)
    }

    static func actions(of ticket: TicketRecord, seed: UInt64) -> [ActionRecord] {
        var generator = SeededGenerator(seed, record: ticket.id)
        var actions = [opening(of: ticket)]
        let count = generator.below(5)
        let span = Int((ticket.lastAction.ticks - ticket.created.ticks) / HaloTime.ticksPerSecond)
        for index in 0..<count {
            let created = index == count - 1 ? ticket.lastAction : ticket.created.adding(seconds: span * (index + 1) / (count + 1))
            actions.append(note(index + 2, ticket, created, &generator))
        }
        return actions
    }

    private static func note(_ id: Int, _ ticket: TicketRecord, _ created: HaloTime, _ generator: inout SeededGenerator) -> ActionRecord {
        let texts = [
            "Called the user, the fault came back after a restart.", "Replaced the cable and watched it for an hour.",
            "Waiting for the supplier's answer.", "Sent instructions by email.", "Checked the event log: nothing unusual.",
        ]
        let text = generator.pick(texts, or: "Noted.")
        let emailed = generator.below(4) == 0
        let hidden = !emailed && generator.below(2) == 0
        var action = ActionRecord(
            id: id, ticketID: ticket.id, outcomeID: emailed ? 16 : hidden ? 7 : 6,
            outcome: emailed ? "Email User" : hidden ? "Internal Note" : "Note",
            who: "Orla Merrow", agentID: 3, created: created, note: text, isHidden: hidden)
        action.noteHTML = "<p>\(text)</p>"
        // Real tenants have markup in the plain text field.
        if generator.below(5) == 0 { action.note = action.noteHTML }
        action.timeTaken = generator.below(3) == 0 ? Double(generator.below(12)) / 4 : 0.0028
        if emailed {
            action.fields = [
                "emaildirection": "O", "emailsubject": .string("Re: \(ticket.summary)"), "emailbody_html": .string(action.noteHTML),
                "emailto": "user@customer.example",
            ]
        }
        return action
    }
}
