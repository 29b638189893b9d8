import PSACore

/// What a person reads when the program of a connector fails: who made it has to mend it, and that is neither the reader nor the host's makers.
enum ProgramGuidance {
    static let defect = GuidanceTemplate(
        title: .init("The connector's program has a fault", german: "Das Programm des Konnektors hat einen Fehler"),
        detail: .init(
            "The program of the connector for {vendor} failed while it dealt with {object}. The other connectors go on.",
            german: "Das Programm des Konnektors für {vendor} ist gescheitert ({object}). Die anderen Konnektoren laufen weiter."),
        causes: [
            CauseTemplate(
                "defect", .likely, "This is a mistake in the program, not in your settings.",
                german: "Das liegt am Programm, nicht an den Einstellungen.",
                steps: [
                    .init("Try again; the program is started anew.", german: "Erneut versuchen; das Programm wird neu gestartet."),
                    .check(
                        "If it stays, send what the program did to whoever made the connector.",
                        german: "Falls es so bleibt, dem Hersteller des Konnektors schicken, was das Programm getan hat."),
                ], responsibleParty: .us)
        ], retry: .never)
}
