extension GuidanceTemplate {
    static let ticketDefaultInvalid = GuidanceTemplate(
        title: .init("A type, status or priority is not valid", german: "Typ, Status oder Priorität ist ungültig"),
        detail: .init(
            "{vendor} at {host} did not accept {field} of {object}: {message}",
            german: "{vendor} auf {host} hat einen Wert nicht angenommen ({object}, {field}): {message}"),
        causes: [
            CauseTemplate(
                "no_such_id", .likely, english: "The chosen type, status or priority was deleted or renumbered.",
                german: "Der gewählte Typ oder Status oder die gewählte Priorität wurde gelöscht oder neu nummeriert.",
                evidence: [.choices: .certain, .vendorWords: .likely],
                steps: [
                    .init(
                        "Choose {field} again from the lists of the PSA.", german: "Aus den Listen des PSA-Systems neu wählen: {field}.",
                        page: .init(
                            "Choose {field} again, in the ticket defaults or in the rule.",
                            german: "In den Ticketvorgaben oder in der Regel neu wählen: {field}."),
                        terminal: .init(
                            "List what there is, and choose {field} again: vectis list ticket-types, ticket-statuses or ticket-priorities.",
                            german:
                                "Auflisten, was es gibt, und neu wählen ({field}): vectis list ticket-types, ticket-statuses oder ticket-priorities."
                        )), .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "not_for_type", .possible, english: "It exists, but not for tickets of this type.",
                german: "Den Wert gibt es, aber nicht für Tickets dieses Typs.", evidence: [.choices: .certain, .vendorWords: .likely],
                steps: [
                    .init(
                        "Choose {field} out of those the ticket type allows.",
                        german: "Aus dem wählen, was der Tickettyp zulässt: {field}."), .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
        ])

    static let ticketFieldRequired = GuidanceTemplate(
        title: .init("The ticket lacks a mandatory field", german: "Dem Ticket fehlt ein Pflichtfeld"),
        detail: .init(
            "{vendor} at {host} demands {field} for {object}: {message}",
            german: "{vendor} auf {host} verlangt ein weiteres Feld ({object}, {field}): {message}"),
        causes: [
            CauseTemplate(
                "mandatory", .likely, english: "Tickets of this kind demand {field}, and nothing was sent for it.",
                german: "Für Tickets dieser Art ist dies Pflicht, es wurde aber nicht gesendet: {field}.",
                evidence: [.vendorWords: .likely, .choices: .certain],
                steps: [
                    .init(
                        "Give {field} a value: on the ticket, in the rule, or in the ticket defaults. Files come with the event or the command.",
                        german:
                            "Dies ausfüllen, am Ticket, in der Regel oder in den Ticketvorgaben: {field}. Dateien kommen mit dem Ereignis oder dem Befehl."
                    ),
                    .tryAgain,
                ], fields: .concerned, responsibleParty: .you)
        ])

    static let ticketFieldInvalid = GuidanceTemplate(
        title: .init("A field of the ticket is not valid", german: "Ein Feld des Tickets ist ungültig"),
        detail: .init(
            "{vendor} at {host} does not accept {field} of {object}: {message}",
            german: "{vendor} auf {host} nimmt dies nicht an ({object}, {field}): {message}"),
        causes: [
            CauseTemplate(
                "no_such_value", .likely, english: "The value of {field} is not one of those {vendor} has, or was deleted there.",
                german: "Der Wert gehört nicht zu denen, die {vendor} hat, oder wurde dort gelöscht: {field}.",
                evidence: [.vendorWords: .likely, .choices: .certain],
                steps: [
                    .init(
                        "Look up the values {vendor} has, and choose {field} again.",
                        german: "Nachsehen, welche Werte {vendor} hat, und neu wählen: {field}."), .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "no_such_field", .possible, english: "There is no {field} among the fields that can be given here.",
                german: "Unter den Feldern, die hier möglich sind, gibt es dies nicht: {field}.",
                evidence: [.choices: .certain, .vendorWords: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "List the fields of the ticket type, and name one of them in place of {field}.",
                        german: "Die Felder des Tickettyps auflisten und eines davon angeben, statt: {field}.",
                        terminal: .init(
                            "List the fields of the ticket type with vectis list ticket-fields --connector NAME --type ID, and name one of them in place of {field}.",
                            german:
                                "Die Felder des Tickettyps mit vectis list ticket-fields --connector NAME --type ID auflisten und eines davon angeben, statt: {field}."
                        )), .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "not_taken", .possible,
                english: "A value was sent for {field}, and {vendor} asks for one all the same: it does not take the one that was sent.",
                german: "Es wurde ein Wert gesendet, und {vendor} verlangt trotzdem einen; der gesendete zählt nicht: {field}.",
                evidence: [.vendorWords: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Enter the same value for {field} in {vendor} itself; if it is not taken there either, choose another.",
                        german:
                            "Denselben Wert von Hand eingeben, wo {vendor} läuft; wird er auch dort nicht angenommen, anders wählen: {field}."
                    ),
                    .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "inactive", .possible, english: "What is chosen for {field} is no longer active in {vendor}.",
                german: "Was hier gewählt ist, ist nicht mehr aktiv ({vendor}): {field}.", evidence: [.vendorWords: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Choose {field} again, or have what was chosen made active in {vendor}.",
                        german: "Neu wählen ({field}), oder das Gewählte wieder aktivieren lassen, wo {vendor} verwaltet wird."), .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "wrong_form", .possible, english: "The value does not have the form that {field} takes.",
                german: "Der Wert hat nicht die Form, die hier verlangt ist: {field}.",
                evidence: [.vendorWords: .likely, .choices: .certain],
                steps: [
                    .init(
                        "Correct {field} as the message says; the fields of the ticket type and their forms can be listed.",
                        german:
                            "Dies berichtigen, wie die Meldung sagt: {field}. Die Felder des Tickettyps und ihre Form lassen sich auflisten."
                    ),
                    .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "other_company", .possible, english: "The record in {field} belongs to another company than the ticket.",
                german: "Der Datensatz gehört zu einer anderen Firma als das Ticket: {field}.", evidence: [.record: .certain],
                steps: [
                    .init(
                        "Choose in {field} a record of the ticket's company, or leave it out. A rule or ticket defaults that name one record fit tickets of its company only.",
                        german:
                            "Einen Datensatz der Firma des Tickets wählen oder keinen angeben: {field}. Eine Regel oder Ticketvorgaben, die einen Datensatz nennen, passen nur zu Tickets seiner Firma."
                    ),
                    .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
        ])

    static let ticketStatusNotAllowed = GuidanceTemplate(
        title: .init("The status can't be set now", german: "Der Status lässt sich jetzt nicht setzen"),
        detail: .init(
            "{vendor} at {host} did not change {object}: {message}",
            german: "{vendor} auf {host} hat den Status nicht gesetzt ({object}): {message}"),
        causes: [
            CauseTemplate(
                "workflow", .likely, english: "The ticket's workflow does not allow that status in its present step.",
                german: "Der Workflow des Tickets lässt diesen Status im jetzigen Schritt nicht zu.",
                evidence: [.vendorWords: .likely, .record: .likely],
                steps: [
                    .init(
                        "Open the ticket in {vendor}, and look which statuses its workflow offers.",
                        german: "Das Ticket in {vendor} öffnen und nachsehen, welche Status sein Workflow anbietet."),
                    .check("Try again with one of them.", german: "Mit einem davon erneut versuchen."),
                ], responsibleParty: .you),
            CauseTemplate(
                "demands", .possible, english: "Something else has to be done before, which {vendor} names: {message}",
                german: "Zuvor ist etwas anderes zu erledigen, das {vendor} nennt: {message}", evidence: [.vendorWords: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Do in {vendor} what its answer asks for: {message}",
                        german: "In {vendor} erledigen, was die Antwort verlangt: {message}"), .tryAgain,
                ], responsibleParty: .you),
        ])

    static let ticketNotWritable = GuidanceTemplate(
        title: .init("The ticket can't be changed", german: "Das Ticket lässt sich nicht ändern"),
        detail: .init(
            "{vendor} at {host} refused {object}: {message}", german: "{vendor} auf {host} hat dies abgelehnt ({object}): {message}"),
        causes: [
            CauseTemplate(
                "closed", .likely, english: "The ticket is closed.", german: "Das Ticket ist geschlossen.",
                evidence: [.vendorWords: .likely, .record: .certain],
                steps: [
                    .init(
                        "Reopen the ticket in {vendor}, or create a new one.",
                        german: "Das Ticket in {vendor} wieder öffnen oder ein neues anlegen."), .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "locked", .possible, english: "Another user is editing the ticket and has locked it.",
                german: "Jemand bearbeitet das Ticket gerade und hat es gesperrt.", evidence: [.vendorWords: .likely],
                steps: [
                    .init(
                        "Wait until the ticket is no longer locked; {vendor} shows who has it open.",
                        german: "Warten, bis das Ticket nicht mehr gesperrt ist; {vendor} zeigt, wer es geöffnet hat."), .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "merged", .possible, english: "The ticket was merged into another one.",
                german: "Das Ticket wurde mit einem anderen zusammengeführt.", evidence: [.vendorWords: .likely, .record: .certain],
                steps: [
                    .init(
                        "Use the ticket it was merged into; {vendor} names it.",
                        german: "Das Ticket verwenden, in dem es aufgegangen ist; {vendor} nennt es."),
                    .check("Try again with that one.", german: "Mit diesem erneut versuchen."),
                ], responsibleParty: .you),
            CauseTemplate(
                "deleted", .possible, english: "The ticket was deleted or archived.", german: "Das Ticket wurde gelöscht oder archiviert.",
                evidence: [.vendorWords: .likely, .record: .certain],
                steps: [
                    .init(
                        "Have the ticket restored in {vendor}, or create a new one.",
                        german: "Das Ticket in {vendor} wiederherstellen lassen oder ein neues anlegen."), .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "moved", .possible, english: "The ticket belongs to another company than the one that was named with the change.",
                german: "Das Ticket gehört zu einer anderen Firma als der, die mit der Änderung genannt wurde.",
                evidence: [.record: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Open the ticket in {vendor}, and look whether it was moved by mistake; if so, move it back.",
                        german: "Das Ticket in {vendor} öffnen und nachsehen, ob es versehentlich verschoben wurde; dann zurückverschieben."
                    ),
                    .check(
                        "Try again. If the ticket is where it belongs, send the change with that company, if it may read it.",
                        german:
                            "Erneut versuchen. Liegt das Ticket richtig, die Änderung mit jener Firma neu senden, sofern diese sie lesen darf."
                    ),
                ], responsibleParty: .you),
            CauseTemplate(
                "former_tenant", .possible, english: "The ticket belongs to the tenant that the connection led to before.",
                german: "Das Ticket gehört zu dem Tenant, zu dem die Verbindung vorher führte.", evidence: [.settings: .certain],
                steps: [
                    .init(
                        "Make the change by hand in the former tenant of {vendor}, if it is still wanted there.",
                        german: "Die Änderung im früheren Tenant von {vendor} von Hand vornehmen, falls sie dort noch gewünscht ist."),
                    .check(
                        "For a ticket of the present tenant, send it again with the number of that ticket.",
                        german: "Für ein Ticket des jetzigen Tenants neu senden, mit der Nummer dieses Tickets."),
                ], responsibleParty: .you),
        ])

    static let ticketActionIncomplete = GuidanceTemplate(
        title: .init("The action demands more than was sent", german: "Die Aktion verlangt mehr, als gesendet wurde"),
        detail: .init(
            "{vendor} at {host} refused {object}: {message}", german: "{vendor} auf {host} hat dies abgelehnt ({object}): {message}"),
        causes: [
            CauseTemplate(
                "action_demands", .likely, english: "The action used for it demands {field}, which was not sent.",
                german: "Die verwendete Aktion verlangt etwas, das nicht gesendet wurde: {field}.", evidence: [.vendorWords: .likely],
                steps: [
                    .init(
                        "Choose an action that does not demand {field}, or make it optional in this one.",
                        german: "Eine Aktion wählen, die dies nicht verlangt, oder es in dieser optional machen: {field}."), .tryAgain,
                ], fields: .concerned, responsibleParty: .psaAdministrator),
            CauseTemplate(
                "not_configured", .possible, english: "{vendor} lacks something in its own configuration: {field}.",
                german: "In der Konfiguration fehlt {vendor} etwas: {field}.", evidence: [.vendorWords: .likely],
                steps: [
                    .init("Have {field} set up in {vendor}.", german: "Dies in {vendor} einrichten lassen: {field}."), .tryAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "no_recipient", .possible, english: "The ticket's contact has no e-mail address to write to.",
                german: "Der Kontakt des Tickets hat keine E-Mail-Adresse, an die geschrieben werden kann.",
                evidence: [.record: .certain, .vendorWords: .likely],
                steps: [
                    .init(
                        "Enter an e-mail address for the contact in {vendor}, or add a note instead of a reply.",
                        german: "Für den Kontakt in {vendor} eine E-Mail-Adresse eintragen, oder statt der Antwort eine Notiz anlegen."),
                    .tryAgain,
                ], responsibleParty: .you),
        ])

    static let ticketOtherCompany = GuidanceTemplate(
        title: .init("A ticket is at another company", german: "Ein Ticket liegt bei einer anderen Firma"),
        detail: .init(
            "{vendor} at {host} has {object} at another company than it was sent for: {message}",
            german: "{vendor} auf {host} führt ein Ticket bei einer anderen Firma als der, für die es gesendet wurde ({object}): {message}"),
        causes: [
            CauseTemplate(
                "moved_by_vendor", .likely,
                english: "A rule, a workflow or a template in {vendor} sets the company of new tickets, or a person has moved the ticket.",
                german:
                    "Eine Regel, ein Workflow oder eine Vorlage in {vendor} setzt die Firma neuer Tickets, oder jemand hat das Ticket verschoben.",
                evidence: [.record: .likely],
                steps: [
                    moveToItsCompany,
                    .init(
                        "Look in the history of the ticket what has set its company, and correct that, so that later tickets go to theirs.",
                        german:
                            "Im Verlauf des Tickets nachsehen, was seine Firma gesetzt hat, und dies berichtigen, damit spätere Tickets zu ihrer Firma kommen."
                    ),
                    closeWithATest,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "value_of_company", .possible,
                english: "A value of the rule or of the ticket defaults, such as a site or an asset, belongs to that company.",
                german: "Ein Wert der Regel oder der Ticketvorgaben, etwa ein Standort oder ein Gerät, gehört zu jener Firma.",
                steps: [
                    moveToItsCompany,
                    .init(
                        "Remove that value from the rule or the ticket defaults.",
                        german: "Diesen Wert aus der Regel oder den Ticketvorgaben entfernen."),
                    closeWithATest,
                ], responsibleParty: .you),
        ])

    private static let moveToItsCompany = GuidanceStep(
        "Open the ticket in {vendor}, and move it to its company unless it belongs where it is.",
        german: "Das Ticket in {vendor} öffnen und zu seiner Firma verschieben, sofern es nicht dorthin gehört, wo es liegt.")
    private static let closeWithATest = GuidanceStep.check(
        "Test the connection: a test that a person starts, and that passes, closes this issue.",
        german: "Die Verbindung testen: Ein bestandener Test, den ein Mensch startet, schließt dieses Problem.")
}
