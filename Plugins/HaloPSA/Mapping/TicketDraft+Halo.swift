import PSACore

extension TicketDraft {
    /// Whether a ticket that came back for this draft is plainly not the one that was asked for.
    ///
    /// The reference decides where the answer states one; a field that is too short may have cut it. Without one the summaries are compared,
    /// which a rule of the tenant may have added something to.
    func isPlainlyAnother(_ ticket: Ticket) -> Bool {
        if let reference = externalReference, !reference.isEmpty, let stated = ticket.externalReference {
            return !reference.hasPrefix(stated)
        }
        let (asked, stated) = (Self.letters(of: summary), Self.letters(of: ticket.summary))
        guard !asked.isEmpty, !stated.isEmpty else { return false }
        return !asked.hasPrefix(stated) && !stated.contains(asked)
    }

    /// What the answer states otherwise than asked; 0 and less mean that there is none.
    func differences(in ticket: Ticket, row: HaloRow) -> [TicketDifference] {
        func none<Entity>(
            _ field: FieldRequirement.Field, _ requested: RecordID<Entity>?, _ member: String
        ) -> TicketDifference? {
            guard let requested, let stated = row.integer(member), stated <= 0 else { return nil }
            return TicketDifference(field, requested: requested.rawValue, stored: nil)
        }
        return differences(in: ticket)
            + [
                none(.type, type, "tickettype_id"), none(.status, status, "status_id"), none(.priority, priority, "priority_id"),
                none(.company, company, "client_id"), none(.contact, contact, "user_id"),
            ].compactMap { $0 }
    }

    /// The letters and digits of a text without case: what is left of a summary that was escaped, cut or tidied up.
    private static func letters(of text: String) -> String {
        let plain = text.split(separator: "&", omittingEmptySubsequences: false).enumerated().map { index, part -> String in
            // Behind an ampersand stands the rest of an entity, such as `amp;`, or a text of its own.
            guard index > 0, let end = part.firstIndex(of: ";"), part[..<end].count <= 8, part[..<end].allSatisfy({ $0 != " " }) else {
                return String(part)
            }
            return String(part[part.index(after: end)...])
        }.joined()
        return String(
            String.UnicodeScalarView(
                plain.lowercased().unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }))
    }
}
