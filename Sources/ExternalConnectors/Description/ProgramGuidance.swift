import PSACore

/// The guidance when the program of a connector fails: its author has to repair it, not the reader and not the host's maintainers.
enum ProgramGuidance {
    static let defect = GuidanceTemplate(
        title: .init("The connector's program has a fault", german: "Das Programm des Konnektors hat einen Fehler"),
        detail: .init(
            "The program of the connector for {vendor} failed while it handled {object}. The other connectors continue.",
            german: "Das Programm des Konnektors für {vendor} ist gescheitert ({object}). Die anderen Konnektoren laufen weiter."),
        causes: [
            CauseTemplate(
                "defect", .likely, english: "This is a mistake in the program, not in your settings.",
                german: "Das liegt am Programm, nicht an den Einstellungen.",
                steps: [
                    .init("Try again; the program is restarted.", german: "Erneut versuchen; das Programm wird neu gestartet."),
                    .check(
                        "If it persists, send the details to the connector's author.",
                        german: "Falls es so bleibt, dem Hersteller des Konnektors schicken, was das Programm getan hat."),
                ], responsibleParty: .us)
        ], retry: .never)
}
