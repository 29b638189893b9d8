import PSACore

extension HaloGuidance {
    static let tickets: [ErrorCode: GuidanceTemplate] = [
        .ticketDefaultInvalid: GuidanceTemplate(
            title: .init("A ticket default is not valid in HaloPSA", german: "Eine Ticketvorgabe ist in HaloPSA ungültig"),
            detail: .init(
                "HaloPSA at {host} did not accept {field} of {object}: {message}",
                german: "HaloPSA auf {host} hat einen Wert nicht angenommen ({object}, {field}): {message}"),
            causes: [
                CauseTemplate(
                    "no_such_id", .likely, "The id is not one of this HaloPSA, or was deleted there.",
                    german: "Die ID gehört nicht zu diesem HaloPSA oder wurde dort gelöscht.",
                    evidence: [.choices: .certain, .vendorWords: .likely, .history: .likely],
                    steps: [
                        .init(
                            "Choose {field} from the list HaloPSA has under Config → Tickets.",
                            german: "Aus der Liste wählen, die HaloPSA unter Config → Tickets hat: {field}.",
                            page: .init(
                                "Choose {field} again from its list in the ticket defaults.",
                                german: "In den Ticketvorgaben neu aus der Liste wählen: {field}."),
                            terminal: .init(
                                "List what there is with vectis list ticket-types, statuses or priorities, and correct {field}.",
                                german:
                                    "Mit vectis list ticket-types, statuses oder priorities auflisten, was es gibt, und korrigieren: {field}."
                            )), .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "not_for_type", .possible,
                    "The status or priority exists, but not for this ticket type: priorities belong to the type's SLA.",
                    german: "Status oder Priorität gibt es, aber nicht für diesen Tickettyp: Prioritäten gehören zum SLA des Typs.",
                    evidence: [.choices: .certain, .vendorWords: .likely],
                    steps: [
                        .init(
                            "Choose {field} out of those the ticket type has in HaloPSA under Config → Tickets → Ticket Types.",
                            german: "Aus dem wählen, was der Tickettyp in HaloPSA unter Config → Tickets → Ticket Types hat: {field}."),
                        .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "not_creatable", .possible, "The application's agent may not create tickets of this type.",
                    german: "Der Agent der Anwendung darf keine Tickets dieses Typs anlegen.",
                    evidence: [.choices: .certain, .vendorWords: .likely],
                    steps: [
                        .init(
                            "Allow the type for the agent in HaloPSA under Config → Tickets → Ticket Types, or choose another type.",
                            german:
                                "Den Typ in HaloPSA unter Config → Tickets → Ticket Types für den Agent erlauben, oder einen anderen wählen."
                        ),
                        .tryAgain,
                    ], fields: .concerned, responsibleParty: .psaAdministrator),
            ], guide: guide("8-ticket-defaults")),
        .ticketFieldRequired: GuidanceTemplate(
            title: .init("HaloPSA demands another field", german: "HaloPSA verlangt ein weiteres Feld"),
            detail: .init(
                "HaloPSA at {host} did not accept {object} without {field}: {message}",
                german: "HaloPSA auf {host} hat dies nicht angenommen ({object}), weil etwas fehlt ({field}): {message}"),
            causes: [
                CauseTemplate(
                    "mandatory", .likely, "{field} is mandatory for this ticket type, and was not sent.",
                    german: "Für diesen Tickettyp ist dies Pflicht, es wurde aber nicht gesendet: {field}.",
                    evidence: [.vendorWords: .likely, .choices: .certain],
                    steps: [
                        .init(
                            "Make {field} optional for this ticket type under Config → Tickets → Ticket Types, or choose another type.",
                            german:
                                "Dies unter Config → Tickets → Ticket Types für den Tickettyp optional machen oder einen anderen Typ wählen: "
                                + "{field}."), .tryAgain,
                    ], fields: .concerned, responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "closure", .possible, "{field} must be there before the ticket can have this status.",
                    german: "Bevor das Ticket diesen Status haben kann, ist dies nötig: {field}.",
                    evidence: [.operation: .likely],
                    steps: [
                        .init(
                            "Enter {field} at the ticket in HaloPSA, or make it optional for closure of this ticket type.",
                            german: "Dies am Ticket in HaloPSA eintragen oder für das Schließen dieses Tickettyps optional machen: {field}."
                        ),
                        .tryAgain,
                    ], responsibleParty: .you),
            ], guide: guide("400-on-a-new-ticket")),
        .ticketActionIncomplete: GuidanceTemplate(
            title: .init("HaloPSA's action demands more than was sent", german: "Die Aktion in HaloPSA verlangt mehr Angaben"),
            detail: .init(
                "HaloPSA at {host} refused {object}: {message}", german: "HaloPSA auf {host} hat dies abgelehnt ({object}): {message}"),
            causes: [
                CauseTemplate(
                    "action_demands", .likely, "The action (outcome) used for it demands {field}, which was not sent.",
                    german: "Die verwendete Aktion (Outcome) verlangt etwas, das nicht gesendet wurde: {field}.",
                    evidence: [.vendorWords: .likely],
                    steps: [
                        .init(
                            "Choose an outcome whose action does not demand {field}, or make it optional under Config → Tickets → Actions.",
                            german: "Ein Outcome wählen, dessen Aktion dies nicht verlangt, oder es unter Config → Tickets → Actions "
                                + "optional machen: {field}."), .tryAgain,
                    ], fields: .concerned, responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "not_configured", .possible, "HaloPSA lacks something in its own configuration: {field}.",
                    german: "In der Konfiguration von HaloPSA fehlt etwas: {field}.", evidence: [.vendorWords: .likely],
                    steps: [.init("Have {field} set up in HaloPSA.", german: "Dies in HaloPSA einrichten lassen: {field}."), .tryAgain],
                    responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "no_recipient", .possible, "The ticket's user has no e-mail address to write to.",
                    german: "Der Benutzer des Tickets hat keine E-Mail-Adresse, an die geschrieben werden kann.",
                    evidence: [.record: .certain, .vendorWords: .likely],
                    steps: [
                        .init(
                            "Enter an e-mail address for the user in HaloPSA, or add a note instead of a reply.",
                            german: "Für den Benutzer in HaloPSA eine E-Mail-Adresse eintragen, oder statt der Antwort eine Notiz anlegen."),
                        .tryAgain,
                    ], responsibleParty: .you),
            ], guide: guide("9-outcomes-for-notes-and-replies")),
    ]
}
