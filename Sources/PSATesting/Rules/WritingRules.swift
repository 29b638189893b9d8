import PSACore

extension ConformanceRule {
    /// What is written.
    ///
    /// Every rule here leaves a ticket at the tenant, named after the check.
    static let writing: [ConformanceRule] = [
        ConformanceRule(
            "writing.requirements", .gold, "It says what a ticket needs: each choice once, and the summary among what is required",
            because: "The form would let a person send what the vendor refuses.", needs: [.connection, .capability(.createTickets)]
        ) { subject in
            let needed = try await ConformanceStage(subject).session().ticketFields(for: subject.draft.type).fields
            let doubled = needed.filter { field in
                guard case .listed(let choices) = field.choices else { return false }
                return Set(choices.map(\.id)).count < choices.count
            }
            return doubled.map { Violation("A choice of “\($0.label)” is listed twice.") }
                + .unless(needed.contains { $0.id == .summary && $0.isRequired }, "The summary is not among what is required.")
        },
        ConformanceRule(
            "writing.stored", .gold, "A ticket is stored as it was given, whatever letters are in it, and can be read back",
            because: "A person at the vendor would read something else than what was reported.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readTickets)]
        ) { subject in
            let mark = Marker()
            var draft = mark.draft(subject)
            draft.summary += " <b>3 & 4</b> “Füße” 火"
            let session = try ConformanceStage(subject).session()
            let created = try await session.createTicket(draft)
            let stored = try await session.ticket(created.id)
            return Violations.unless(stored.id == created.id, "Ticket \(created.id) was read back as \(stored.id).")
                + .unless(stored.summary == draft.summary, "“\(draft.summary)” was stored as “\(stored.summary)”.")
        },
        ConformanceRule(
            "writing.found", .gold, "A ticket is found by its external reference, and nothing is found by an unknown one",
            because: "A write of unknown outcome could not be resolved: the ticket would be lost or doubled.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let mark = Marker()
            let session = try ConformanceStage(subject).session()
            let created = try await session.createTicket(mark.draft(subject))
            let found = try await session.tickets(externalReference: mark.text).map(\.id)
            let stray = try await session.tickets(externalReference: Marker().text).map(\.id)
            return Violations.unless(found == [created.id], "Ticket \(created.id) is looked for, and \(found) found.")
                + .unless(stray.isEmpty, "By a reference that nothing carries, \(stray) are found.")
        },
        ConformanceRule(
            "writing.refused", .gold, "A ticket of a type that does not exist is refused, not reported as of unknown outcome",
            because: "The host would search for a ticket that was refused, and the default would stay wrong.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readPicklists)]
        ) { subject in
            var draft = Marker().draft(subject)
            draft.type = TicketType.ID(987_654_321)
            let session = try ConformanceStage(subject).session()
            let error = try await failure { _ = try await session.createTicket(draft) }
            return .unless(
                error.map { ["ticket", "request", "permission"].contains($0.code.area) } ?? false,
                "It is reported as \(error?.code.rawValue ?? "a ticket").")
        },
        ConformanceRule(
            "writing.notes", .gold, "A private note stands in the ticket's history, for staff only",
            because: "A customer would read what was meant for staff.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.addNotes), .capability(.readNotes)]
        ) { subject in
            let mark = Marker()
            let session = try ConformanceStage(subject).session()
            let ticket = try await session.createTicket(mark.draft(subject))
            let text = "A note, \(mark.text)"
            let note = try await session.addPrivateNote(text, to: ticket.id)
            let stored = try await session.notes(of: ticket.id).first { $0.text.contains(text) }
            return Violations.unless(stored?.id == note.id, "The note \(note.id) is not in the history.")
                + .unless(
                    stored.map { $0.visibility == .staffOnly } ?? true, "Its visibility is \(stored.map { "\($0.visibility)" } ?? "").")
        },
        ConformanceRule(
            "writing.replies", .gold, "A reply stands in the ticket's history, for the contact to read",
            because: "A customer would wait for an answer that was given.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.replyToContacts), .capability(.readNotes)]
        ) { subject in
            let mark = Marker()
            let session = try ConformanceStage(subject).session()
            let ticket = try await session.createTicket(addressed(mark.draft(subject), session))
            let text = "A reply, \(mark.text)"
            let reply = try await session.reply(text, to: ticket.id)
            let stored = try await session.notes(of: ticket.id).first { $0.text.contains(text) }
            return Violations.unless(stored?.id == reply.note.id, "The reply \(reply.note.id) is not in the history.")
                + .unless(stored.map { $0.visibility != .staffOnly } ?? true, "The contact can't read it.")
        },
        ConformanceRule(
            "writing.status", .gold, "A ticket has the status it was given",
            because: "Finished work would stay open unnoticed.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.changeStatus), .capability(.readPicklists)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            let ticket = try await session.createTicket(Marker().draft(subject))
            let statuses = try await session.ticketStatuses(for: ticket.type?.id)
            guard let other = statuses.first(where: { $0.id != ticket.status?.id && $0.phase != .closed }) else {
                throw InconclusiveError("The ticket's type has no second open status.")
            }
            let changed = try await session.changeStatus(of: ticket.id, to: other.id)
            return .unless(
                changed.status?.id == other.id, "Given status \(other.id), it has \(changed.status.map { "\($0.id)" } ?? "none").")
        },
    ]

    /// The draft with a contact who can be written to, if it names none and the connector knows one.
    private static func addressed(_ draft: TicketDraft, _ session: ConnectorSession) async throws -> TicketDraft {
        guard draft.contact == nil, session.can(.readContacts) else { return draft }
        var draft = draft
        let contact = try await session.contacts().first { !$0.emails.isEmpty && $0.isActive != false }
        draft.contact = contact?.id
        draft.company = contact?.company?.id ?? draft.company
        return draft
    }
}

extension PagedSequence {
    /// The first row that fits; nil if none does.
    fileprivate func first(where fits: (Element) -> Bool) async throws -> Element? {
        for try await row in self where fits(row) { return row }
        return nil
    }
}

extension ConformanceRule {
    /// What is repeated, and what never is.
    static let retries: [ConformanceRule] = [
        ConformanceRule(
            "retries.reads", .gold, "A read that fails once for a passing reason is repeated",
            because: "One hiccup in the night would end the reading of a whole tenant.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for effect in [.answer(HTTPResponse(status: 503)), .fail(TransportError(.interrupted, delivery: .maybeSent))]
                as [TransportFault.Effect]
            {
                let fault = TransportFault(effect, times: 1) { !subject.isTokenRequest($0) }
                let session = try ConformanceStage(subject, faults: [fault]).session()
                let error = try await failure { _ = try await subject.lists[0].rows(session, 10) }
                if let error { violations.append(Violation("After one such fault reading fails with \(error.code).")) }
            }
            return violations
        },
        ConformanceRule(
            "retries.obedient", .gold, "A wait that the vendor asks for is kept",
            because: "A vendor that is not obeyed locks the tenant out for longer.", needs: [.connection, .list]
        ) { subject in
            let throttled = HTTPResponse(status: 429, headers: ["Retry-After": "97"])
            let stage = ConformanceStage(subject, faults: [TransportFault(.answer(throttled), times: 1) { !subject.isTokenRequest($0) }])
            _ = try await subject.lists[0].rows(stage.session(), 10)
            return .unless(stage.time.waits.contains { $0 >= .seconds(97) }, "Asked to wait 97 s, it waited \(stage.time.waits).")
        },
        ConformanceRule(
            "retries.writes-once", .gold, "A write whose answer is lost or unclear is sent once, and told as of unknown outcome",
            because: "A customer would get the same ticket twice, or a ticket would be given up that exists.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let unclear: [(String, TransportFault.Effect)] =
                [
                    ("a lost answer", .loseAnswer(.interrupted)), ("a time-out", .loseAnswer(.timedOut)),
                    ("an interrupted connection", .fail(TransportError(.interrupted, delivery: .maybeSent))),
                ] + [102, 200, 302, 307, 401, 403, 408, 500, 502, 504, 600, 999].map { ("\($0)", .answer(HTTPResponse(status: $0))) }
            var violations: [Violation] = []
            for (name, effect) in unclear {
                let mark = Marker()
                let stage = ConformanceStage(subject, faults: [TransportFault(effect) { mark.isIn($0) }])
                let error = try await failure { _ = try await stage.session().createTicket(mark.draft(subject)) }
                let sent = stage.transport.requests.count { mark.isIn($0) }
                violations +=
                    Violations.unless(sent == 1, "After \(name) the ticket was sent \(sent) times.")
                    + .unless(error?.mayHaveBeenExecuted == true, "\(name) is reported as \(error?.code.rawValue ?? "success").")
            }
            return violations
        },
        ConformanceRule(
            "retries.unsent", .gold, "A write that never left is not reported as of unknown outcome",
            because: "The host would look for a ticket that can't exist, instead of sending it.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let mark = Marker()
            let unsent = TransportFault(.fail(TransportError(.connectionRefused, delivery: .notSent))) { mark.isIn($0) }
            let session = try ConformanceStage(subject, faults: [unsent]).session()
            let error = try await failure { _ = try await session.createTicket(mark.draft(subject)) }
            return .unless(error?.code == .networkRefused, "It is reported as \(error?.code.rawValue ?? "success").")
        },
    ]
}

/// A text by which a ticket of the suite is recognised, in requests and at the tenant.
struct Marker: Sendable {
    let text = "conformance-" + String(UInt64.random(in: 1...UInt64.max), radix: 36)

    /// Whether a request writes the text.
    func isIn(_ request: HTTPRequest) -> Bool {
        !request.method.isSafe && String(decoding: request.body ?? [], as: UTF8.self).contains(text)
    }

    /// A ticket that carries it.
    func draft(_ subject: ConformanceSubject) -> TicketDraft {
        var draft = subject.draft
        draft.summary = "Conformance check \(text)"
        draft.externalReference = text
        return draft
    }
}
