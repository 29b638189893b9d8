#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
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
            "writing.stored", .gold, "Every field of a ticket is stored as it was given, whatever letters and lines are in it",
            because: "A person at the vendor would read something else than what was reported, or not see for whom it is.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readTickets)], check: stored),
        ConformanceRule(
            "writing.defaults", .gold, "A ticket gets the connection's defaults for what the draft leaves open, and for nothing else",
            because: "Tickets would pile up in another queue than the one that was set, or leave the one that was chosen.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readTickets), .capability(.readPicklists)],
            check: defaults),
        ConformanceRule(
            "writing.references", .gold, "A company or contact that the vendor does not have is refused, never left out",
            because: "A ticket without a company would be created, and not be noticed.",
            needs: [.connection, .writing, .capability(.createTickets)], check: strangeReferences),
        ConformanceRule(
            "writing.acknowledged", .gold, "An error, a web page or an empty answer is never taken for a write that was done",
            because: "A ticket, note or reply would be reported as written that does not exist.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let statuses = [400, 401, 403, 404, 409, 422, 500, 502, 503].map { ("\($0)", TransportResponse.json($0, [:])) }
            let answers = statuses + TransportResponse.notData.filter { $0.answer.status < 400 }
            // Where the requests before succeed, few faults have to do: each leaves something at the tenant.
            let behind: Set = ["422", "500", "a web page"]
            let unsent = TransportError(.connectionRefused, delivery: .notSent)
            let play = WritePlay(
                subject: subject,
                faults: answers.map { .init($0.0, .answer($0.1), when: behind.contains($0.0) ? .always : .first) } + [
                    .init("429", .answer(.json(429, [:])), when: .later), .init("a refused connection", .fail(unsent), when: .later),
                ])
            return try await play.violations { scene in
                .unless(scene.error != nil || scene.statesLoss, "When \(scene.name), \(scene.fault) is taken for success.")
            }
        },
        ConformanceRule(
            "writing.found", .gold,
            "A ticket is found by its external reference, open or closed, and nothing is found by an unknown one",
            because: "A write of unknown outcome could not be resolved: the ticket would be lost or doubled.",
            needs: [.connection, .writing, .capability(.createTickets)], check: found),
        ConformanceRule(
            "writing.long", .gold, "Long texts and characters such as emoji are stored whole, refused, or reported as stored otherwise",
            because: "The end of a log, or of what was agreed, would be missing, and no one would notice.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readTickets)], check: long),
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
                error.map { [.ticket, .request, .permission].contains($0.code.area) } ?? false,
                "It is reported as \(error?.code.rawValue ?? "a ticket").")
        },
        ConformanceRule(
            "writing.notes", .gold, "A private note stands once and whole in the ticket's history, for staff only",
            because: "A customer would read what was meant for staff.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.addNotes), .capability(.readNotes)]
        ) { subject in
            let mark = Marker()
            let session = try ConformanceStage(subject).session()
            let ticket = try await session.createTicket(mark.draft(subject))
            let other = try await session.createTicket(Marker().draft(subject))
            let text = StoredText.hard(mark)
            let note = try await session.addPrivateNote(text, to: ticket.id)
            return try await stored(text, mark, as: note.id, of: ticket.id, besides: other.id, session) { $0 == .staffOnly }
        },
        ConformanceRule(
            "writing.replies", .gold, "A reply stands once and whole in the ticket's history, for the contact to read",
            because: "A customer would wait for an answer that was given.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.replyToContacts), .capability(.readNotes)]
        ) { subject in
            let mark = Marker()
            let session = try ConformanceStage(subject).session()
            let ticket = try await session.createTicket(mark.draft(subject).addressed(session, subject))
            let text = StoredText.hard(mark)
            let reply = try await session.reply(text, to: ticket.id)
            return try await stored(text, mark, as: reply.note.id, of: ticket.id, besides: nil, session) { $0 != .staffOnly }
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
            let stored = session.can(.readTickets) ? try await session.ticket(ticket.id) : changed
            return [changed, stored].filter { $0.status?.id != other.id }.prefix(1).map {
                Violation("Given status \(other.id), it has \($0.status.map { "\($0.id)" } ?? "none").")
            }
        },
        ConformanceRule(
            "writing.test-ticket", .gold, "The test ticket is the one that the host announces",
            because: "A person would look for it at the vendor under the name that the page gave, and not find it.",
            needs: [.connection, .writing, .capability(.createTestTickets)]
        ) { subject in
            let stage = ConformanceStage(subject)
            let check = try await stage.session().testTicketCreation(fields: subject.draft.fields)
            let summary = Secret(TicketDraft.connectionTestSummary)
            let isNamed = stage.transport.requests.contains { !$0.method.isSafe && $0.carries([summary]) }
            if !isNamed, let code = check.error?.code, [.ticket, .permission].contains(code.area) {
                throw InconclusiveError("The tenant does not let a ticket with the connection's defaults be created: \(code).")
            }
            let violations =
                Violations.unless(isNamed, "No request that writes has the summary “\(TicketDraft.connectionTestSummary)”.")
                + .unless(check.subject == .write, "The check is about something else than the write.")
            return try await violations + failedTestTickets(subject)
        },
    ]

    /// The test ticket where the vendor refuses it, fails, or its answer is lost.
    private static func failedTestTickets(_ subject: ConformanceSubject) async throws -> [Violation] {
        let faults: [(String, TransportFault.Effect)] = [
            ("422", .answer(.json(422, [:]))), ("500", .answer(.json(500, [:]))), ("a web page", .answer(.page)),
            ("a lost answer", .loseAnswer(.interrupted)),
        ]
        let summary = Secret(TicketDraft.connectionTestSummary)
        var violations: [Violation] = []
        for (name, effect) in faults {
            let stage = ConformanceStage(subject, faults: [TransportFault(effect, hits: subject.isWrite)])
            let check = try await stage.session().testTicketCreation(fields: subject.draft.fields)
            let sent = stage.transport.requests.count { subject.isWrite($0) && $0.carries([summary]) }
            violations += .unless(check.outcome != .passed, "With \(name) in place of the answer, the test ticket counts as created.")
            violations += .unless(sent <= 1, "After \(name), the test ticket was sent \(sent) times.")
        }
        return violations
    }

    /// Looks for a ticket as a host does after a write of unknown outcome, before and after it was closed.
    private static func found(_ subject: ConformanceSubject) async throws -> [Violation] {
        let mark = Marker()
        let session = try ConformanceStage(subject).session()
        let created = try await session.createTicket(mark.draft(subject))
        let found = try await session.tickets(externalReference: mark.text).map(\.id)
        let strays = [Marker().text, String(mark.text.dropLast(3)), mark.text + "0"]
        var stray: [Ticket.ID] = []
        for text in strays { stray += try await session.tickets(externalReference: text).map(\.id) }
        stray += try await session.search(externalReference: Marker().text).tickets.map(\.id)
        let violations =
            Violations.unless(found == [created.id], "Ticket \(created.id) is looked for, and \(found) found.")
            + .unless(stray.isEmpty, "By a part of a reference, or by one that nothing carries, \(stray) are found.")
            + missing(created.id, in: try await session.search(externalReference: mark.text), "The ticket")
        guard subject.can(.changeStatus), subject.can(.readPicklists),
            let status = try await session.ticketStatuses(for: created.type?.id).first(where: { $0.phase == .closed })
        else { return violations }
        // Whether a ticket can be closed is another rule's matter.
        let refusal = try await failure {
            _ = try await session.changeStatus(of: created.id, StatusChange(to: status.id, note: "Conformance"))
        }
        guard refusal == nil else { return violations }
        return violations + missing(created.id, in: try await session.search(externalReference: mark.text), "The closed ticket")
    }

    /// What speaks against the search for a ticket that is there.
    private static func missing(_ id: Ticket.ID, in search: ReferenceSearch, _ what: String) -> [Violation] {
        let isHonest = search.tickets.isEmpty && !search.isExhaustive
        return .unless(
            search.tickets.map(\.id) == [id] || isHonest,
            "\(what) \(id) is looked for among all tickets, and \(search.tickets.map(\.id)) found.")
    }

    /// The texts of a new ticket that are not stored whole, and not reported as such.
    private static func loss(of draft: TicketDraft, as created: Ticket, _ session: ConnectorSession) async throws -> [Violation] {
        let stored = try await session.ticket(created.id)
        let stated = Set(created.differences.map(\.field))
        var details = [stored.details, created.details].compactMap { $0 }
        if session.can(.readNotes) {
            for try await note in session.notes(of: created.id).prefix(20) { details.append(note.text) }
        }
        let text = draft.details ?? ""
        return Violations.unless(
            stored.summary == draft.summary || stated.contains(.summary),
            "A summary of \(draft.summary.count) characters is stored as “\(stored.summary)”, and no difference is reported.")
            + .unless(
                stated.contains(.details) || details.contains { $0.holds(text) },
                "Details of \(text.count) characters are not stored whole, and no difference is reported.")
    }

    /// What is refused is refused by the vendor or before; a ticket says itself what was stored otherwise.
    private static func long(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let mark = Marker()
        let text = StoredText.long(mark)
        var draft = try await mark.draft(subject).addressed(session, subject)
        draft.summary = StoredText.longLine(mark)
        draft.details = text
        var violations: [Violation] = []
        var created: Ticket?
        do {
            created = try await session.createTicket(draft)
        } catch let error as PSAError where error.isRefusal {}
        if let created { violations += try await loss(of: draft, as: created, session) }
        var target = created?.id
        if target == nil { target = try await session.createTicket(Marker().draft(subject).addressed(session, subject)).id }
        guard let target else { return violations }
        guard subject.can(.readNotes) else { return violations }
        typealias Writing = (name: String, write: () async throws -> TicketNote)
        var writings: [Writing] = []
        if subject.can(.addNotes) { writings.append(("A note", { try await session.addPrivateNote(text, to: target) })) }
        if subject.can(.replyToContacts) { writings.append(("A reply", { try await session.reply(text, to: target).note })) }
        for writing in writings {
            do {
                let id = try await writing.write().id
                let entry = try await session.notes(of: target).first { $0.id == id }
                violations += .unless(entry?.text.holds(text) == true, "\(writing.name) of \(text.count) characters is not stored whole.")
            } catch let error as PSAError where error.isRefusal {
                continue
            }
        }
        return violations
    }

    /// What speaks against a note that was added: it is looked for in the history of its ticket, and of another one.
    private static func stored(
        _ text: String, _ mark: Marker, as id: TicketNote.ID, of ticket: Ticket.ID, besides other: Ticket.ID?, _ session: ConnectorSession,
        isRight: (TicketNote.Visibility) -> Bool
    ) async throws -> [Violation] {
        var (entries, foreign): ([TicketNote], Int) = ([], 0)
        for try await note in session.notes(of: ticket) where note.id == id || note.text.contains(mark.text) { entries.append(note) }
        if let other { for try await note in session.notes(of: other) where note.text.contains(mark.text) { foreign += 1 } }
        // The first message of the ticket may bear the mark too.
        let given = StoredText(text)
        let same = entries.filter { StoredText.reading($0.text, against: given).contains(given) }
        guard let entry = entries.first(where: { $0.id == id }) else { return [Violation("The entry \(id) is not in the history.")] }
        let found = StoredText.reading(entry.text, against: given)
        let missing = found.firstMissing(of: given)
        return Violations.unless(
            found.contains(given),
            missing.map { "The line “\($0)” of the entry \(id) is missing." } ?? "The lines of the entry \(id) are in another order.")
            + .unless(same.count <= 1, "The entry \(id) stands \(same.count) times in the history.")
            + .unless(foreign == 0, "The entry \(id) stands in the history of another ticket.")
            + .unless(isRight(entry.visibility), "Its visibility is \(entry.visibility).")
            + .unless(entry.ticket == ticket, "It is said to belong to ticket \(entry.ticket).")
    }

    private static func stored(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let mark = Marker()
        var draft = try await mark.draft(subject).withOwnValues(session, subject)
        draft.summary += " <b>3 & 4</b> “Füße” 火"
        draft.details = StoredText.hard(mark)
        let created = try await session.createTicket(draft)
        let stored = try await session.ticket(created.id)
        var details = [stored.details, created.details].compactMap { $0 }
        if session.can(.readNotes) {
            for try await note in session.notes(of: created.id).prefix(20) { details.append(note.text) }
        }
        let text = StoredText(draft.details ?? "")
        let nearest = details.map { StoredText.reading($0, against: text) }.first {
            $0.contains(text) || $0.contains(StoredText("The first line, \(mark.text)"))
        }
        let values: [(String, given: String?, stored: String?)] = [
            ("company", draft.company?.rawValue, stored.company?.id.rawValue),
            ("contact", draft.contact?.rawValue, stored.contact?.id.rawValue), ("type", draft.type?.rawValue, stored.type?.id.rawValue),
            ("status", draft.status?.rawValue, stored.status?.id.rawValue),
            ("priority", draft.priority?.rawValue, stored.priority?.id.rawValue),
            ("external reference", draft.externalReference, stored.externalReference),
        ]
        return Violations.unless(stored.id == created.id, "Ticket \(created.id) was read back as \(stored.id).")
            + .unless(stored.number == created.number, "Ticket \(created.number) was read back as \(stored.number).")
            + .unless(stored.summary == draft.summary, "“\(draft.summary)” was stored as “\(stored.summary)”.")
            + .unless(
                nearest?.contains(text) == true,
                "Of the details \(nearest?.firstMissing(of: text).map { "the line “\($0)” is missing" } ?? "the lines are missing").")
            + values.compactMap { name, given, found in
                guard let given, given != found else { return nil }
                return Violation("The \(name) \(given) was stored as \(found ?? "none").")
            }
    }

    private static func strangeReferences(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        var drafts: [(String, TicketDraft)] = []
        let form = try await session.ticketFields(for: subject.draft.type)
        for (name, id) in [("a number", "987654321"), ("a text", "no-such-record")] {
            var draft = Marker().draft(subject)
            if form[.company] != nil {
                draft.company = Company.ID(id)
                drafts.append(("the company \(id), \(name)", draft))
            }
            if form[.contact] != nil {
                draft.company = subject.draft.company
                draft.contact = Contact.ID(id)
                drafts.append(("the contact \(id), \(name)", draft))
            }
        }
        guard !drafts.isEmpty else { throw NotApplicableError("A ticket has neither a company nor a contact.") }
        var violations: [Violation] = []
        for (name, draft) in drafts {
            let error = try await failure { _ = try await session.createTicket(draft) }
            violations += .unless(
                error.map { [.ticket, .request, .permission].contains($0.code.area) && !$0.mayHaveBeenExecuted } ?? false,
                "A ticket for \(name), is reported as \(error?.code.rawValue ?? "created").")
        }
        return violations
    }

    private static func defaults(_ subject: ConformanceSubject) async throws -> [Violation] {
        let fields = subject.descriptor.settings.fields.compactMap { field in
            if case .ticketDefault(let value) = field.purpose { (field, value) } else { nil }
        }
        guard !fields.isEmpty else { throw NotApplicableError("The connector has no settings for new tickets.") }
        let bare = try await ConformanceStage(subject).session().createTicket(Marker().draft(subject))
        var violations: [Violation] = []
        var seen = 0
        for (field, kind) in fields {
            for candidate in try await DefaultCandidate.all(kind, besides: bare, subject) {
                var settings = subject.settings
                settings[field.key] = Secret(candidate.id)
                let session = try ConformanceStage(subject, settings: settings).session()
                let filled = try await session.ticket(session.createTicket(candidate.open).id).id(of: kind)
                violations += .unless(
                    filled == candidate.id, "With “\(field.label)” \(candidate.id) a new ticket has the \(kind) \(filled ?? "none").")
                if let explicit = candidate.explicit {
                    let chosen = try await session.ticket(session.createTicket(explicit).id).id(of: kind)
                    violations += .unless(
                        chosen == bare.id(of: kind),
                        "With “\(field.label)” \(candidate.id) a ticket given the \(kind) \(bare.id(of: kind) ?? "") has \(chosen ?? "none")."
                    )
                }
                seen += 1
            }
        }
        guard seen > 0 else { throw InconclusiveError("The tenant has no second type, status or priority to set as default.") }
        return violations
    }
}

/// A value that can be set as default of new tickets, and what shows whether it is heard.
private struct DefaultCandidate {
    var id: String
    /// A draft that leaves it open.
    var open: TicketDraft
    /// A draft that states another value.
    var explicit: TicketDraft?

    /// One value that a ticket without a default does not have; none if the tenant has no other.
    static func all(_ kind: TicketDefault, besides bare: Ticket, _ subject: ConformanceSubject) async throws -> [DefaultCandidate] {
        let session = try ConformanceStage(subject).session()
        let base = subject.draft
        switch kind {
        case .type:
            for type in try await session.ticketTypes() where type.id != bare.type?.id && type.canCreate != false {
                var subject = subject
                subject.typeWithFields = type.id
                guard var open = try? await FilledDraft(subject, session, isComplete: false).draft else { continue }
                (open.type, open.status, open.priority) = (nil, nil, nil)
                var explicit = Marker().draft(from: base)
                explicit.type = bare.type?.id
                return [DefaultCandidate(id: type.id.rawValue, open: open, explicit: explicit.type.map { _ in explicit })]
            }
        case .status:
            let statuses = try await session.ticketStatuses(for: bare.type?.id)
            guard let other = statuses.first(where: { $0.id != bare.status?.id && $0.phase == .open }) else { return [] }
            var (open, explicit) = (Marker().draft(from: base), Marker().draft(from: base))
            (open.status, explicit.status) = (nil, bare.status?.id)
            return [DefaultCandidate(id: other.id.rawValue, open: open, explicit: explicit.status.map { _ in explicit })]
        case .priority:
            let priorities = try await session.ticketPriorities(for: bare.type?.id)
            guard let other = priorities.first(where: { $0.id != bare.priority?.id && !$0.isHidden }) else { return [] }
            var (open, explicit) = (Marker().draft(from: base), Marker().draft(from: base))
            (open.priority, explicit.priority) = (nil, bare.priority?.id)
            return [DefaultCandidate(id: other.id.rawValue, open: open, explicit: explicit.priority.map { _ in explicit })]
        }
        return []
    }
}

extension Ticket {
    /// What the ticket has of what a connection can have a default for.
    fileprivate func id(of kind: TicketDefault) -> String? {
        switch kind {
        case .type: type?.id.rawValue
        case .status: status?.id.rawValue
        case .priority: priority?.id.rawValue
        }
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
            for (name, effect) in [
                ("503", .answer(TransportResponse(status: 503))),
                ("an interrupted connection", .fail(TransportError(.interrupted, delivery: .maybeSent))),
            ] as [(String, TransportFault.Effect)] {
                let operations = try await subject.run.reads(of: subject)
                let cue = Cue()
                let stage = ConformanceStage(
                    subject,
                    faults: operations.indices.map { index in
                        TransportFault(effect, times: 1) { cue.index == index && !subject.isTokenRequest($0) }
                    })
                let session = try stage.session()
                for (index, operation) in operations.enumerated() {
                    cue.index = index
                    let error = try await failure { try await operation.run(session) }
                    // What the tenant has or allows has other codes.
                    guard let error, error.code.area == .network || error.code == .vendorUnavailable else { continue }
                    violations.append(Violation("After \(name), once, \(operation.name) fails with \(error.code)."))
                }
            }
            return violations
        },
        ConformanceRule(
            "retries.credentials", .gold, "Credentials that are refused are sent at most once more by one operation",
            because: "The vendor would lock the account, and everybody who works with it out.", needs: [.connection, .list],
            check: refusedCredentials),
        ConformanceRule(
            "retries.obedient", .gold, "A wait that the vendor asks for is kept",
            because: "A vendor that is not obeyed locks the tenant out for longer.", needs: [.connection, .list]
        ) { subject in
            let throttled = TransportResponse(status: 429, headers: ["Retry-After": "97"])
            var violations: [Violation] = []
            for list in subject.lists {
                let fault = TransportFault(.answer(throttled), times: 1) { !subject.isTokenRequest($0) }
                let stage = ConformanceStage(subject, faults: [fault])
                _ = try await list.rows(stage.session(), 10)
                violations += .unless(
                    stage.time.waits.contains { $0 >= .seconds(97) },
                    "Asked to wait 97 s when reading \(list.name), it waited \(stage.time.waits).")
            }
            return violations
        },
        ConformanceRule(
            "retries.throttled", .gold, "A write that the vendor puts off is sent again after the wait, or reported with it",
            because: "The host would send it again too soon, or look for what can't exist.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let throttled = TransportResponse(
                status: 429, headers: ["Retry-After": "97", "Content-Type": "application/json"], body: Array("{}".utf8))
            return try await WritePlay(subject: subject, faults: [.init("429", .answer(throttled), when: .always)]).violations { scene in
                // What a write of several requests did before is done: its outcome is unknown. Success is another rule's matter.
                guard scene.position == 0 else {
                    return .unless(
                        scene.sent == 1 || scene.waits.contains { $0 >= .seconds(97) },
                        "Asked to wait 97 s when \(scene.name), it waited \(scene.waits) before it was sent again.")
                }
                let named: Duration = if case .afterDelay(let wait)? = scene.error?.retry { wait } else { .zero }
                return Violations.unless(
                    scene.error.map { $0.code.area == .rate && !$0.mayHaveBeenExecuted } ?? false,
                    "When \(scene.operation.name), 429 is reported as \(scene.outcome).")
                    + .unless(
                        scene.sent == 1 ? named >= .seconds(97) : scene.waits.contains { $0 >= .seconds(97) },
                        "Asked to wait 97 s when \(scene.operation.name), it waited \(scene.waits) and named \(named).")
            }
        },
        ConformanceRule(
            "retries.writes-once", .gold,
            "A write whose answer is lost or unclear, be it a ticket, note, reply or status, is sent once and reported as of unknown outcome",
            because: "A customer would get the same ticket or reply twice, or a ticket would be given up that exists.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let lost: [(String, TransportFault.Effect)] = [
                ("a lost answer", .loseAnswer(.interrupted)), ("a time-out", .loseAnswer(.timedOut)),
                ("an interrupted connection", .fail(TransportError(.interrupted, delivery: .maybeSent))),
            ]
            let unclear = [102, 200, 302, 307, 401, 403, 408, 500, 502, 504, 600, 999].map { status in
                ("\(status)", TransportFault.Effect.answer(TransportResponse(status: status)))
            }
            let names = Set(lost.map(\.0))
            let behind: Set = ["a lost answer", "500"]
            let faults = (lost + unclear).map { WritePlay.Fault($0.0, $0.1, when: behind.contains($0.0) ? .always : .first) }
            return try await WritePlay(subject: subject, faults: faults).violations { scene in
                // Whether an answer is taken for success is another rule's matter. Behind its first request, a write can be looked for.
                let isUnknown = scene.error.map(\.mayHaveBeenExecuted) ?? (scene.position > 0 || !names.contains(scene.fault))
                return Violations.unless(scene.sent == 1, "After \(scene.fault), \(scene.name) was sent \(scene.sent) times.")
                    + .unless(isUnknown, "When \(scene.name), \(scene.fault) is reported as \(scene.outcome).")
            }
        },
        ConformanceRule(
            "retries.unsent", .gold, "A write that never left is not reported as of unknown outcome",
            because: "The host would look for a ticket that can't exist, instead of sending it.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let unsent = TransportFault.Effect.fail(TransportError(.connectionRefused, delivery: .notSent))
            return try await WritePlay(subject: subject, faults: [.init("a refused connection", unsent)]).violations { scene in
                .unless(
                    scene.error?.code == .networkRefused,
                    "When \(scene.operation.name), \(scene.fault) is reported as \(scene.outcome).")
            }
        },
    ]

    /// Everything is answered with 401: no wrong sign-in reaches the tenant.
    private static func refusedCredentials(_ subject: ConformanceSubject) async throws -> [Violation] {
        typealias Operation = (name: String, run: @Sendable (ConnectorSession) async throws -> Void)
        let target = WriteTarget.none(subject)
        var operations: [Operation] = [("testing the connection", { _ = try await $0.testConnection() })]
        operations += try await subject.run.reads(of: subject).map { ($0.name, $0.run) }
        if subject.mayWrite {
            operations += WriteOperation.all(of: subject).map { write in (write.name, { _ = try await write.run($0, target) }) }
        }
        var violations: [Violation] = []
        for operation in operations {
            let stage = ConformanceStage(subject, faults: [TransportFault(.answer(.json(401, ["error": "invalid_client"])))])
            let session = try stage.session()
            _ = try await failure { try await operation.run(session) }
            let sent = stage.transport.requests.count { $0.carries(subject.secrets) || $0.headers["Authorization"] != nil }
            violations += .unless(sent <= 2, "With credentials that are refused, \(operation.name) sent them \(sent) times.")
        }
        return violations
    }
}
