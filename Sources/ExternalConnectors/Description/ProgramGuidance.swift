import PSACore

/// What a person reads when the program of a connector fails: who made it has to mend it, and that is neither the reader nor the host's makers.
enum ProgramGuidance {
    static let defect = GuidanceTemplate(
        title: "The connector's program has a fault",
        detail: "The program of the connector for {vendor} failed while it dealt with {object}. The other connectors go on.",
        causes: [Cause("This is a mistake in the connector's program, not in your settings.", .likely)],
        steps: ["Try again; the program is started anew.", "If it stays, send what the program did to whoever made the connector."],
        actor: .us, retry: .never)

    static let germanDefect = GuidanceWords(
        title: "Das Programm des Connectors hat einen Fehler",
        detail: "Das Programm des Connectors für {vendor} ist bei {object} gescheitert. Die anderen Connectoren laufen weiter.",
        causes: ["Das ist ein Fehler im Programm des Connectors, nicht in Ihren Einstellungen."],
        steps: [
            "Versuchen Sie es noch einmal; das Programm wird neu gestartet.",
            "Wenn es so bleibt, schicken Sie, was das Programm getan hat, an den Hersteller des Connectors.",
        ])
}
