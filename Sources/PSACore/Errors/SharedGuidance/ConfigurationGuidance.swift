extension GuidanceTemplate {
    static let usageInvalid = GuidanceTemplate(
        title: .init("The command can't be run as it was given", german: "Der Befehl lässt sich so nicht ausführen"),
        detail: .init("{message}", german: "{message}"),
        causes: [
            CauseTemplate(
                "unusable_file", .possible, english: "The file or folder that the command names is not there, or can't be used as it is.",
                german: "Die Datei oder der Ordner, den der Befehl nennt, fehlt oder ist so nicht brauchbar.",
                evidence: [.settings: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Correct the path, or make what it names readable for the user that runs the command.",
                        german: "Den Pfad korrigieren, oder das Genannte für den Benutzer lesbar machen, der den Befehl ausführt."),
                    .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "misspelt", .likely, english: "A word is misspelt, missing, or belongs to another command.",
                german: "Ein Wort ist falsch geschrieben, fehlt oder gehört zu einem anderen Befehl.",
                steps: [
                    .init(
                        "Compare the command with its help: vectis help, or --help behind the command.",
                        german: "Den Befehl mit seiner Hilfe vergleichen: vectis help, oder --help hinter dem Befehl."),
                    .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "unusable_value", .possible,
                english: "The command is understood, but what {field} names is not there, or can't be used.",
                german: "Der Befehl ist verständlich, aber was hier angegeben ist, gibt es nicht oder ist nicht verwendbar: {field}.",
                evidence: [.settings: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Correct what {field} names, as the message says.",
                        german: "Die Angabe berichtigen, wie die Meldung sagt: {field}."), .tryAgain,
                ], responsibleParty: .you),
        ])

    static let configMissingField = GuidanceTemplate(
        title: .init("A required setting is missing", german: "Eine erforderliche Einstellung fehlt"),
        detail: .init(
            "Nothing was entered for {field}, and it is needed.", german: "Eine Eingabe fehlt und ist nötig: {field}."),
        causes: [
            CauseTemplate(
                "empty", .certain, english: "The setting was left empty, or its environment variable is not set.",
                german: "Die Einstellung blieb leer, oder ihre Umgebungsvariable ist nicht gesetzt.", evidence: [.settings: .certain],
                steps: [
                    .init(
                        "Enter {field}; the guide shows where to find it.",
                        german: "Die fehlende Eingabe nachholen: {field}. Die Anleitung zeigt, wo sie zu finden ist.",
                        terminal: .init(
                            "Set {field}; the guide shows where to find the value.",
                            german: "Diese Variable setzen: {field}. Die Anleitung zeigt, wo der Wert zu finden ist.")),
                    .testAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "not_named", .possible, english: "Neither the ticket nor the connection names what a new ticket needs: {field}.",
                german: "Weder das Ticket noch die Verbindung nennt, was ein neues Ticket braucht: {field}.",
                evidence: [.settings: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Enter {field}, or name it with each ticket.",
                        german: "Dies eintragen oder mit jedem Ticket angeben: {field}.",
                        page: .init(
                            "Choose {field} in the ticket defaults, or in the rule.",
                            german: "Dies in den Ticketvorgaben oder in der Regel wählen: {field}."),
                        terminal: .init(
                            "Set {field}, or name it with the ticket, such as --type ID; vectis list ticket-types shows the ids of types.",
                            german:
                                "Dies setzen oder mit dem Ticket angeben, etwa --type ID: {field}. Die IDs der Typen zeigt vectis list ticket-types."
                        )), .tryAgain,
                ], fields: .concerned, responsibleParty: .you),
        ])

    static let configInvalidField = GuidanceTemplate(
        title: .init("A setting has a value that can't be right", german: "Der Wert einer Einstellung kann nicht stimmen"),
        detail: .init(
            "The connection can't be tried yet. {message}", german: "Die Verbindung lässt sich noch nicht testen. {message}"),
        causes: [
            .outOfRange, .secretAsArgument,
            CauseTemplate(
                "copied_wrongly", .likely, english: "The value was cut off, or copied together with something else.",
                german: "Der Wert wurde abgeschnitten oder zusammen mit etwas anderem kopiert.", evidence: [.settingShape: .certain],
                steps: [
                    .init(
                        "Copy the value of {field} again from the place the guide shows.",
                        german: "Den Wert dort erneut kopieren, wo die Anleitung ihn zeigt: {field}."),
                    .testAgain,
                ], fields: .concerned, responsibleParty: .you),
        ])

    static let configUnknownField = GuidanceTemplate(
        title: .init("A setting is not known", german: "Eine Einstellung ist nicht bekannt"),
        detail: .init(
            "The connector has no setting “{name}”.", german: "Der Konnektor hat keine Einstellung namens „{name}“."),
        causes: [
            CauseTemplate(
                "misspelt", .likely, english: "The name is misspelt, or belongs to another connector or version.",
                german: "Der Name ist falsch geschrieben oder gehört zu einem anderen Konnektor oder einer anderen Version.",
                steps: [
                    .init("Use one of the known settings: {known}.", german: "Eine der bekannten Einstellungen verwenden: {known}."),
                    .testAgain,
                ], fields: .concerned, responsibleParty: .you)
        ])

    static let configSecretUnreadable = GuidanceTemplate(
        title: .init("The stored secrets can't be opened", german: "Die gespeicherten Geheimnisse lassen sich nicht öffnen"),
        detail: .init(
            "Nothing can be sent to {vendor}: none of the keys in the key file opens the secrets of this connection.",
            german: "Es kann nichts gesendet werden ({vendor}): Kein Schlüssel der Schlüsseldatei öffnet die Geheimnisse dieser Verbindung."
        ),
        causes: [
            CauseTemplate(
                "other_key_file", .likely,
                english: "The key file is not the one the secrets were sealed with: another one was put back or made.",
                german:
                    "Die Schlüsseldatei ist nicht die, mit der die Geheimnisse versiegelt wurden: Eine andere wurde zurückgelegt oder neu erzeugt.",
                steps: [
                    .init(
                        "Put the key file that belongs to this database back, then start the program again.",
                        german: "Die Schlüsseldatei zurücklegen, die zu dieser Datenbank gehört, und das Programm neu starten."),
                    .init(
                        "If that file is lost, enter the secrets of the connection again; the guide shows where to find them.",
                        german:
                            "Ist diese Datei verloren, die Geheimnisse der Verbindung neu eingeben; die Anleitung zeigt, wo sie zu finden sind."
                    ),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "older_database", .possible,
                english: "The database was put back from a backup that is older than the last change of the key.",
                german: "Die Datenbank stammt aus einer Sicherung, die älter ist als der letzte Schlüsselwechsel.",
                steps: [
                    .init(
                        "Put the key file of the same backup back, then start the program again.",
                        german: "Die Schlüsseldatei derselben Sicherung zurücklegen und das Programm neu starten."),
                    .testAgain,
                ], responsibleParty: .you),
        ])

    static let configUnknownConnector = GuidanceTemplate(
        title: .init("There is no connector of that name", german: "Es gibt keinen Konnektor dieses Namens"),
        detail: .init("No connector is registered under “{name}”.", german: "Unter „{name}“ ist kein Konnektor registriert."),
        causes: [
            CauseTemplate(
                "misspelt", .likely, english: "The name is misspelt.", german: "Der Name ist falsch geschrieben.",
                steps: [
                    .init("Use one of the registered names: {known}.", german: "Einen der registrierten Namen verwenden: {known}."),
                    .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "not_registered", .possible, english: "The connector was not added to the registry of this host.",
                german: "Der Konnektor wurde nicht in die Registry dieses Host-Programms aufgenommen.",
                steps: [
                    .init(
                        "Add the connector to the host's registry.", german: "Den Konnektor in die Registry des Host-Programms aufnehmen."),
                    .tryAgain,
                ], responsibleParty: .us),
        ])

    static let urlMalformed = GuidanceTemplate(
        title: .init("The address can't be read", german: "Die Adresse ist nicht lesbar"),
        detail: .init("{message}", german: "{message}"),
        causes: [
            CauseTemplate(
                "copied_wrongly", .likely,
                english: "The address was typed or copied incompletely, or with something that does not belong to it.",
                german: "Die Adresse wurde unvollständig eingegeben oder kopiert, oder mit etwas, das nicht dazugehört.",
                steps: [
                    .init(
                        "Log in to {vendor} in the browser and copy its address up to the first single slash, such as https://acme.example.com.",
                        german: "{vendor} im Browser öffnen, sich anmelden und die Adresse bis zum ersten einzelnen Schrägstrich kopieren, "
                            + "etwa https://acme.example.com."),
                    .init("Paste it into {field}.", german: "Sie hier einfügen: {field}."), .testAgain,
                ], fields: .concerned, responsibleParty: .you)
        ])

    static let urlInsecure = GuidanceTemplate(
        title: .init("The address must start with https://", german: "Die Adresse muss mit https:// beginnen"),
        detail: .init("{message}", german: "{message}"),
        causes: [
            CauseTemplate(
                "http", .certain, english: "The address was typed with http://.", german: "Die Adresse wurde mit http:// eingegeben.",
                evidence: [.settings: .certain],
                steps: [
                    .init(
                        "Change http:// to https:// in {field}.",
                        german: "In dieser Einstellung http:// durch https:// ersetzen: {field}."), .testAgain,
                ], fields: .concerned, responsibleParty: .you)
        ])

    static let urlForbiddenAddress = GuidanceTemplate(
        title: .init("The address points into a private network", german: "Die Adresse führt in ein privates Netz"),
        detail: .init("{message}", german: "{message}"),
        causes: [
            CauseTemplate(
                "private_address", .likely,
                english: "The address is one of this machine or of a local network, which this host does not allow.",
                german: "Die Adresse gehört zu diesem Rechner oder zu einem lokalen Netz; das erlaubt dieses Host-Programm nicht.",
                steps: [
                    .init(
                        "Use the public address at which you log in to {vendor}.",
                        german: "Die öffentliche Adresse verwenden, unter der {vendor} im Browser erreichbar ist."),
                    .init(
                        "If {vendor} runs inside your network, have the host started with that network allowed; for Vectis: --allow-network 10.0.0.0/8.",
                        german: "Läuft {vendor} im eigenen Netz, das Host-Programm mit diesem Netz als Erlaubnis starten lassen; "
                            + "bei Vectis: --allow-network 10.0.0.0/8.",
                        terminal: .init(
                            "If {vendor} runs inside your network, add the option --allow-network with that network, such as --allow-network 10.0.0.0/8.",
                            german: "Läuft {vendor} im eigenen Netz, die Option --allow-network mit diesem Netz ergänzen, "
                                + "etwa --allow-network 10.0.0.0/8.")),
                    .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "this_machine", .possible, english: "The address is one of this machine, which this host does not allow.",
                german: "Die Adresse ist die dieses Rechners; das erlaubt dieses Host-Programm nicht.", evidence: [.settings: .certain],
                needsEvidence: true,
                steps: [
                    .init(
                        "Use the public address at which you log in to {vendor}.",
                        german: "Die öffentliche Adresse verwenden, unter der {vendor} im Browser erreichbar ist.",
                        terminal: .init(
                            "If a simulator runs on this machine, add the option --allow-loopback.",
                            german: "Läuft auf diesem Rechner ein Simulator, die Option --allow-loopback ergänzen.")),
                    .init(
                        "If a simulator runs on this machine, have the host started with this machine allowed; for Vectis: --allow-loopback.",
                        german:
                            "Läuft auf diesem Rechner ein Simulator, das Host-Programm mit diesem Rechner als Erlaubnis starten lassen; "
                            + "bei Vectis: --allow-loopback.",
                        terminal: .init(
                            "Otherwise use the public address at which you log in to {vendor}.",
                            german: "Sonst die öffentliche Adresse verwenden, unter der {vendor} im Browser erreichbar ist.")),
                    .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "resolves_privately", .possible, english: "The host's name leads to a local address only from this machine.",
                german: "Nur von diesem Rechner aus führt der Hostname zu einer lokalen Adresse.",
                steps: [
                    .init(
                        "Ask whoever runs your name server where {host} leads.",
                        german: "Beim Betreiber des Nameservers nachfragen, wohin {host} führt."),
                    .testAgain,
                ], fields: .address, responsibleParty: .you),
        ])

    static let urlNotVendor = GuidanceTemplate(
        title: .init("The address does not belong to the PSA", german: "Die Adresse gehört nicht zum PSA-System"),
        detail: .init("{host} answers, but not as {vendor} does.", german: "{host} antwortet, aber anders als {vendor}."),
        causes: [
            CauseTemplate(
                "wrong_address", .likely, english: "The address is that of another service, a website or a portal.",
                german: "Die Adresse gehört zu einem anderen Dienst, einer Website oder einem Portal.",
                evidence: [.otherAddress: .certain, .discovery: .likely],
                steps: [
                    .init(
                        "Use the address at which you log in to {vendor}.",
                        german: "Die Adresse verwenden, unter der {vendor} im Browser erreichbar ist."), .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "access_proxy", .possible, english: "A proxy or sign-in page stands in front of {vendor}.",
                german: "Ein Proxy oder eine Anmeldeseite schirmt {vendor} ab.", evidence: [.frontDoor: .certain],
                steps: [.letThrough, .testAgain], responsibleParty: .you),
        ])

    static let connectorPlaceholder = GuidanceTemplate(
        title: .init("This connector is not available yet", german: "Dieser Konnektor ist noch nicht verfügbar"),
        detail: .init(
            "The connector for {vendor} is a placeholder: its settings can be shown and checked, but it does not connect.",
            german: "Der Konnektor für {vendor} ist ein Platzhalter: "
                + "Seine Einstellungen lassen sich anzeigen und prüfen, aber er stellt keine Verbindung her."),
        causes: [
            CauseTemplate(
                "not_built", .certain, english: "This connector is not built yet.", german: "Diesen Konnektor hat noch niemand gebaut.",
                evidence: [.settings: .certain],
                steps: [
                    .init("Use a connector whose tier is “complete”.", german: "Einen Konnektor der Stufe „complete“ verwenden."),
                    .check(
                        "Look into its plugin folder to see how far it is, or to build it.",
                        german: "In seinem Plugin-Ordner nachsehen, wie weit er ist, oder ihn dort bauen."),
                ], responsibleParty: .us)
        ], retry: .never)

    static let connectorUnsupported = GuidanceTemplate(
        title: .init("This connector can't do that", german: "Dieser Konnektor kann das nicht"),
        detail: .init(
            "The connector for {vendor} does not offer {object}.", german: "Der Konnektor für {vendor} bietet dies nicht: {object}."),
        causes: [
            CauseTemplate(
                "not_declared", .certain, english: "The ability is not among those the connector declares.",
                german: "Die Fähigkeit gehört nicht zu denen, die der Konnektor angibt.", evidence: [.settings: .certain],
                steps: [
                    .init("Choose another way to do it.", german: "Einen anderen Weg wählen."),
                    .check(
                        "Check the connector's capabilities before an action is offered.",
                        german: "Die Fähigkeiten des Konnektors prüfen, bevor eine Aktion angeboten wird."),
                ], responsibleParty: .us)
        ], retry: .never)

    static let connectorDefect = GuidanceTemplate(
        title: .init("The connector has a fault", german: "Der Konnektor hat einen Fehler"),
        detail: .init(
            "Something went wrong inside the connector for {vendor} while it dealt with {object}.",
            german: "Im Konnektor für {vendor} ist etwas schiefgegangen. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "defect", .likely, english: "This is a mistake in the connector, not in your settings.",
                german: "Das liegt am Konnektor, nicht an den Einstellungen.",
                steps: [
                    .init(
                        "Send us the correlation id and the details below.",
                        german: "Uns die Korrelations-ID und die Angaben unten senden."),
                    .check("Try again after the next update.", german: "Nach dem nächsten Update erneut versuchen."),
                ], responsibleParty: .us)
        ], retry: .never)
}

extension CauseTemplate {
    /// A number or a choice that the setting does not have.
    public static let outOfRange = CauseTemplate(
        "out_of_range", .possible, english: "The setting can't have the value that was entered.",
        german: "Den eingegebenen Wert kann die Einstellung nicht haben.", evidence: [.settings: .certain], needsEvidence: true,
        steps: [.init("Correct {field}: {message}", german: "Diese Einstellung berichtigen: {field}. {message}"), .testAgain],
        fields: .concerned, responsibleParty: .you)

    /// A secret on the command line, where other programs can read it.
    public static let secretAsArgument = CauseTemplate(
        "as_argument", .possible, english: "A secret was given on the command line, where every program of this machine can read it.",
        german: "Ein geheimer Wert steht auf der Befehlszeile, wo ihn jedes Programm dieses Rechners lesen kann.",
        evidence: [.settings: .certain], needsEvidence: true,
        steps: [
            .init(
                "Take {field} off the command line, and give it another way: {message}",
                german: "Dies aus der Befehlszeile nehmen und anders angeben: {field}. {message}"), .testAgain,
        ], fields: .concerned, responsibleParty: .you)
}

extension GuidanceStep {
    /// Another organization's device answers.
    static let letThrough = GuidanceStep(
        "Ask whoever runs the proxy or firewall in front of {host} for an exception for the API.",
        german: "Beim Betreiber des Proxys oder der Firewall vor {host} eine Ausnahme für die API beantragen.")

    /// Tells apart what is wrong here from what is wrong there.
    static let openHere = GuidanceStep(
        "Open {host} in a browser on the machine this runs on.",
        german: "{host} in einem Browser auf dem Rechner öffnen, auf dem dieses Programm läuft.")
}
