import PSACore

extension Ticket {
    /// A ticket from a list row, a detail or the answer to a POST, which spell some members differently.
    ///
    /// Nil for an id of 0 or less: HaloPSA numbers tickets from 1, and takes 0 for a new one.
    init?(halo row: HaloRow, origin: ServiceURL) {
        guard let number = row.integer(.id), number > 0 else { return nil }
        self.init(
            id: ID(number), number: String(number), summary: row.text(.summary) ?? "",
            phase: row.flag(.hasBeenClosed) ? .closed : row.flag(.onHold) ? .waiting : .open, native: row.native)
        details = row.text(.details)
        company = row.reference(.clientID, label: .clientName)
        contact = row.reference(.userID, label: .userName)
        type = row.reference(.ticketTypeID, label: .ticketTypeName)
        status = row.reference(.statusID, label: .statusName)
        priority = row.reference(.priorityID, label: .priorityName)
        // Agent 1 is “Unassigned” on every installation (three clients).
        assignee = row.integer(.agentID) == 1 ? nil : row.reference(.agentID, label: .agentName)
        // `datecreated` was null on all rows of a live sample; `dateoccurred` is the creation time.
        createdAt = row.date(.dateOccurred, or: .dateCreated)
        updatedAt = row.date(.lastUpdate, or: .lastUpdateOfReplies)
        // An action may move it alone.
        lastActivityAt = row.date(.lastActionDate)
        closedAt = row.date(.dateClosed)
        // `deadlinedate` is usually the 1900 sentinel; `fixbydate` holds the SLA's target.
        dueAt = row.date(.deadlineDate, or: .fixByDate)
        externalReference = row.text(.thirdPartyID)
        mergedInto = row.integer(.mergedIntoID).flatMap { $0 > 0 && $0 != number ? ID($0) : nil }
        isDeleted = row.flag(.deleted)
        webAddress = Self.page(of: number, at: origin)
        // On lists `customfields` is null; an empty array is an answer.
        customFields = row.member(.customFields).flatMap { $0.isArray ? $0.elements.compactMap(CustomField.init(halo:)) : nil }
    }
}

extension Ticket {
    /// The page of a ticket, in one allocation: a list has one for each row.
    private static func page(of number: Int, at origin: ServiceURL) -> String {
        var address = ""
        address.reserveCapacity(origin.text.utf8.count + 32)
        address += origin.text
        address += "/ticket?id="
        address += String(number)
        return address
    }
}

extension CustomField {
    fileprivate init?(halo view: JSONView) {
        guard let id = view["id"]?.text, let name = view["name"]?.string else { return nil }
        self.init(
            id: id, name: name, label: view["label"]?.string, value: view.member("value").map(JSONValue.init) ?? .null,
            display: view["display"]?.string)
    }
}

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
            _ field: TicketField.ID, _ requested: RecordID<Entity>?, _ member: HaloMember
        ) -> TicketDifference? {
            guard let requested, let stated = row.integer(member), stated <= 0 else { return nil }
            return TicketDifference(field, requested: requested.rawValue, stored: nil)
        }
        return differences(in: ticket)
            + [
                none(.type, type, .ticketTypeID), none(.status, status, .statusID), none(.priority, priority, .priorityID),
                none(.company, company, .clientID), none(.contact, contact, .userID),
            ].compactMap { $0 }
    }

    /// The letters and digits of a text without case: what is left of a summary that was escaped, cut or tidied up.
    private static func letters(of text: String) -> String {
        let plain = text.split(separator: "&", omittingEmptySubsequences: false).enumerated().map { index, part -> String in
            // Behind an ampersand comes the rest of an entity, such as `amp;`, or a text of its own.
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

extension TicketNote {
    /// A note from an action row.
    ///
    /// HaloPSA numbers actions per ticket (1, 2, 3 …), so the id here is the pair `ticket:action`.
    init?(halo row: HaloRow, ticket: Ticket.ID) {
        guard let number = row.integer(.id), let id = ID("\(row.integer(.ticketID).map(String.init) ?? ticket.rawValue):\(number)")
        else {
            return nil
        }
        self.init(
            id: id, ticket: row.id(.ticketID) ?? ticket, kind: row.text(.outcome), author: Author(halo: row),
            text: row.text(anyOf: .note, .emailBody) ?? "", html: row.text(anyOf: .noteHTML, .emailBodyHTML),
            visibility: row.flag(.hiddenFromUser) ? .staffOnly : .contact,
            createdAt: row.date(.dateTime, or: .actionDateCreated),
            // Hours with decimals: 5.4166 is 5 h 25 min.
            timeSpent: row.double(.timeTaken).flatMap { (0.000_001...1_000_000).contains($0) ? .milliseconds(Int($0 * 3_600_000)) : nil },
            native: row.native)
    }
}

extension TicketNote.Author {
    fileprivate init(halo row: HaloRow) {
        let name = row.text(.who)
        if let agent: Reference<Agent> = row.reference(.whoAgentID, label: .who) {
            self = .agent(agent)
        } else if let name, row.text(.emailDirection) == "I" {
            self = .contact(name: name)
        } else {
            self = .unknown(name: name)
        }
    }
}

extension TicketType {
    init?(halo row: HaloRow) {
        guard let id: TicketType.ID = row.id() else { return nil }
        self.init(
            // Flags may be left out when false, and this one also when the row is thin: absent says nothing.
            id: id, name: row.text(.name) ?? "", canCreate: row.bool(.canCreate),
            defaultServiceLevel: row.integer(.defaultSLA).flatMap { $0 > 0 ? String($0) : nil }, native: row.native)
    }
}

extension TicketStatus {
    init?(halo row: HaloRow, scope: PicklistScope, phase: Ticket.Phase) {
        guard let id: TicketStatus.ID = row.id() else { return nil }
        self.init(id: id, name: row.text(.name) ?? "", scope: scope, phase: phase, order: row.integer(.sequence), native: row.native)
    }
}

extension TicketPriority {
    /// A priority: `id` is a GUID that nothing refers to, tickets carry `priorityid`, and rows repeat for each SLA.
    init?(halo row: HaloRow) {
        guard let id: TicketPriority.ID = row.id(.priorityIDOfLists) else { return nil }
        let scope = row.integer(.slaID).map { PicklistScope.serviceLevel(String($0)) } ?? .tenant
        self.init(
            id: id, name: row.text(.name) ?? "", scope: scope, order: row.integer(.priorityIDOfLists), isHidden: row.flag(.isHidden),
            native: row.native)
    }
}

/// Plain text as the HTML that HaloPSA's notes are made of.
enum HaloText {
    /// The text with its markup characters escaped and its line ends kept.
    ///
    /// - Throws: ``PSAError`` with `request.rejected` if there is nothing to say.
    static func html(_ text: String, about object: HaloMessage, _ client: HaloClient) throws -> String {
        let trimmed = text.trimmingSpaces
        guard !trimmed.isEmpty else { throw client.error(.requestInvalid, about: object, message: .noText) }
        return "<p>" + escape(trimmed) + "</p>"
    }

    /// Escapes what HTML would read as markup; every kind of line end becomes a break.
    static func escape(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
            .map { String($0).escapedForHTML(apostrophes: false) }.joined(separator: "<br>")
    }
}
