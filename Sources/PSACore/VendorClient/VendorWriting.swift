extension VendorClient {
    /// Completes a draft with the tenant's defaults, and refuses one that does not satisfy what the ticket type demands.
    ///
    /// Nothing is sent.
    ///
    /// - Parameters:
    ///   - draft: The draft.
    ///   - form: What the type demands.
    ///   - object: What is to be written, for errors.
    ///   - inspect: Finds what the form can't state, in the draft as it would be sent; of a field that has an issue already nothing is added.
    /// - Returns: The draft as it is sent: with defaults, and without fields that are hidden by their conditions.
    /// - Throws: ``PSAError`` that names every missing and invalid field.
    public func checked(
        _ draft: TicketDraft, against form: TicketForm, about object: Message, inspect: (TicketDraft) -> [TicketFieldIssue] = { _ in [] }
    ) throws -> TicketDraft {
        let complete = form.completing(draft)
        let sent = form.sendable(complete)
        var issues = form.issues(with: complete)
        let wrong = Set(issues.map(\.field))
        issues += inspect(sent).filter { !wrong.contains($0.field) }
        guard issues.isEmpty else { throw error(ticketFields: issues, about: object) }
        return sent
    }

    /// Refuses values for fields of a note or of a change of status, for a vendor that has none: left out, they would be lost silently.
    ///
    /// - Parameters:
    ///   - fields: The values.
    ///   - object: What is to be written, for errors.
    /// - Throws: ``PSAError`` that names every field, unless there is none.
    public func requireNoFields(_ fields: [TicketField.ID: TicketFieldValue], about object: Message) throws {
        guard !fields.isEmpty else { return }
        let ids = fields.keys.sorted { $0.rawValue < $1.rawValue }
        throw error(ticketFields: ids.map { TicketFieldIssue(id: $0, label: $0.rawValue, .unknownField) }, about: object)
    }

    /// Reads what was written, for a vendor that answers a write without the record.
    ///
    /// The write was executed. If it can't be read, what was stored is not known.
    ///
    /// - Parameters:
    ///   - object: What was written, for errors.
    ///   - read: Reads it.
    /// - Returns: What was read.
    /// - Throws: ``PSAError`` with `write.outcome_unknown` and the vendor's words if the read fails, or `CancellationError`.
    public func readBack<Value: Sendable>(about object: Message? = nil, _ read: () async throws -> Value) async throws -> Value {
        do {
            return try await read()
        } catch let error as PSAError {
            var unknown = errors.error(
                .writeOutcomeUnknown, about: object, request: error.request,
                evidence: VendorClientMessage.notReadBack(error.code.rawValue))
            unknown.vendor = error.vendor
            throw unknown
        }
    }
}

extension TicketForm {
    /// What a stored ticket states otherwise than a draft asked for: the fields that every vendor has, and those of the tenant.
    ///
    /// A field of the tenant is compared with the element of ``Ticket/customFields`` that has its id. If there is none, the value was not
    /// stored: vendors drop values silently. So the ticket must be one that has its custom fields, read again if necessary.
    ///
    /// - Parameters:
    ///   - draft: The draft as it was sent.
    ///   - ticket: The ticket as the vendor stored it.
    /// - Returns: The differences; those of the tenant's fields in the order of the form.
    public func differences(of draft: TicketDraft, in ticket: Ticket) -> [TicketDifference] {
        draft.differences(in: ticket)
            + fields.compactMap { field in
                guard let value = draft.fields[field.id] else { return nil }
                let stored = ticket.customFields?.first { $0.id == field.id.rawValue }
                guard stored?.value != value.json else { return nil }
                return TicketDifference(field.id, label: field.label, requested: value.text, stored: stored?.display)
            }
    }
}
