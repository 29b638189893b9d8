extension GuidanceTemplate {
    static let syncTooManyMissing = GuidanceTemplate(
        title: .init("Too many records are missing to be removed", german: "Zu viele Datensätze fehlen, um sie zu entfernen"),
        detail: .init(
            "A whole reading of {object} came without many records of the local copy. The copy was left as it is.",
            german: "Beim vollständigen Lesen fehlten viele Datensätze der lokalen Kopie. Sie wurde nicht geändert. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "not_visible", .likely, english: "The user the application acts as lost access to them.",
                german: "Der Benutzer der Anwendung darf sie nicht mehr sehen.",
                steps: [
                    .init(
                        "Sign in to {vendor} as that user and look whether the records are there.",
                        german: "Sich als dieser Benutzer bei {vendor} anmelden und nachsehen, ob es die Datensätze noch gibt."),
                    .check("Give the access back, and start the sync again.", german: "Den Zugriff zurückgeben und neu synchronisieren."),
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "removed", .possible, english: "They were removed in {vendor}, for example in a clean-up.",
                german: "Jemand hat sie entfernt, zum Beispiel beim Aufräumen; {vendor} hat sie nicht mehr.",
                steps: [
                    .init(
                        "Ask whether many records were removed.",
                        german: "Nachfragen, ob viele Datensätze entfernt wurden."),
                    .check("If so, accept it on the data page.", german: "Wenn ja, es auf der Datenseite bestätigen."),
                ], responsibleParty: .you),
        ])

    static let syncStale = GuidanceTemplate(
        title: .init("The local copy is out of date", german: "Die lokale Kopie ist veraltet"),
        detail: .init(
            "{object} could not be read from {vendor} for too long. What the copy shows may have changed.",
            german: "Die Kopie kann überholt sein: {vendor} konnte zu lange nicht gelesen werden. Betroffen: {object}."),
        causes: [
            CauseTemplate(
                "reading_fails", .likely, english: "Reading fails, for a reason that is shown with the connection.",
                german: "Das Lesen schlägt fehl; der Grund steht bei der Verbindung.",
                steps: [
                    .init(
                        "Open the data page of the connection and follow the guidance of the latest run.",
                        german: "Die Datenseite der Verbindung öffnen und der Anleitung zum letzten Lauf folgen."),
                    .check("Choose “Sync now”.", german: "Mit „Jetzt synchronisieren“ neu lesen."),
                ], responsibleParty: .you),
            CauseTemplate(
                "not_running", .possible, english: "The sync is paused, or its program does not run.",
                german: "Die Synchronisation ist angehalten, oder ihr Programm läuft nicht.",
                steps: [
                    .init("Resume the sync, or start the program.", german: "Die Synchronisation fortsetzen oder das Programm starten."),
                    .check("Choose “Sync now”.", german: "Mit „Jetzt synchronisieren“ neu lesen."),
                ], responsibleParty: .you),
        ])
}
