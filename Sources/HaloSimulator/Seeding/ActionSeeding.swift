/// The history of a ticket, derived from the ticket and the seed alone.
enum ActionSeeding {
    /// The entry that every ticket starts with.
    static func opening(of ticket: TicketRecord, applicationID: String = "") -> ActionRecord {
        ActionRecord(
            id: 1, ticketID: ticket.id, outcomeID: 1, outcome: "Logged", who: applicationID.isEmpty ? "General User" : "Vectis API",
            agentID: applicationID.isEmpty ? 0 : Tenant.apiAgent, created: ticket.created, note: ticket.summary, isSystem: true,
            applicationID: applicationID)
    }

    static func actions(of ticket: TicketRecord, seed: UInt64) -> [ActionRecord] {
        var generator = SeededGenerator(seed, record: ticket.id)
        var actions = [opening(of: ticket)]
        let count = generator.below(5)
        let span = Int((ticket.lastAction.ticks - ticket.created.ticks) / HaloTime.ticksPerSecond)
        for index in 0..<count {
            let when = index == count - 1 ? ticket.lastAction : ticket.created.adding(seconds: span * (index + 1) / (count + 1))
            actions.append(note(index + 2, ticket, when, &generator))
        }
        return actions
    }

    private static func note(_ id: Int, _ ticket: TicketRecord, _ when: HaloTime, _ generator: inout SeededGenerator) -> ActionRecord {
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
            who: "Orla Merrow", agentID: 3, created: when, note: text, isHidden: hidden)
        action.noteHTML = "<p>\(text)</p>"
        // Markup turns up in the plain field on real tenants.
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
