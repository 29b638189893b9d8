import PSACore

extension DataFolderLockError: LocalizedMessage {
    var values: [String: MessageValue] {
        switch self {
        case .taken(let path, let process): ["path": .verbatim(path), "process": .verbatim(process.map { String($0) } ?? "")]
        case .unusable(let path, let reason): ["path": .verbatim(path), "reason": .verbatim(reason)]
        }
    }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.taken(_, nil), .english): "{path} is locked by another process; two at once would double tickets."
        case (.taken(_, nil), .german): "{path} ist von einem anderen Prozess gesperrt; zwei zugleich würden Tickets verdoppeln."
        case (.taken, .english): "{path} is locked by process {process}; two at once would double tickets."
        case (.taken, .german): "{path} ist von Prozess {process} gesperrt; zwei zugleich würden Tickets verdoppeln."
        case (.unusable, .english): "{path} can't be made or locked: {reason}."
        case (.unusable, .german): "{path} lässt sich nicht anlegen oder sperren: {reason}."
        }
    }

    /// What is wrong, in English.
    var description: String { TextRenderer().text(self) }

    /// The error of a command that can't have its data folder.
    var guided: PSAError { PSAError(.usageInvalid, catalogue: catalogue, values: [.message: .phrase(self)]) }

    private var catalogue: GuidanceCatalogue { GuidanceCatalogue(vendorName: "Vectis", overrides: [.usageInvalid: template]) }

    private var template: GuidanceTemplate {
        switch self {
        case .taken:
            GuidanceTemplate(
                title: .init("Another Vectis works on this data folder", german: "Ein anderes Vectis arbeitet mit diesem Datenordner"),
                detail: .init("{message}", german: "{message}"),
                causes: [
                    CauseTemplate(
                        "running", .likely, "A host, or another command, runs on the folder; the lock ends with its process.",
                        german: "Ein Host oder ein anderer Befehl läuft auf dem Ordner; die Sperre endet mit seinem Prozess.",
                        steps: [
                            .init("Stop that process.", german: "Diesen Prozess beenden."),
                            .init(
                                "If another folder was meant, name it with --data.",
                                german: "War ein anderer Ordner gemeint, ihn mit --data angeben."),
                            .tryAgain,
                        ], responsibleParty: .you)
                ])
        case .unusable:
            GuidanceTemplate(
                title: .init("The data folder can't be locked", german: "Der Datenordner lässt sich nicht sperren"),
                detail: .init("{message}", german: "{message}"),
                causes: [
                    CauseTemplate(
                        "not_writable", .likely, "This user may not write in the folder, or its disk is full.",
                        german: "Dieser Benutzer darf in dem Ordner nicht schreiben, oder der Datenträger ist voll.",
                        steps: [
                            .init(
                                "Check the rights of the folder and the free space.",
                                german: "Die Rechte des Ordners und den freien Platz prüfen."),
                            .tryAgain,
                        ], responsibleParty: .you),
                    CauseTemplate(
                        "no_locks", .possible, "The file system of the folder has no locks.",
                        german: "Das Dateisystem des Ordners kennt keine Sperren.",
                        steps: [
                            .init(
                                "Name a folder on a local disk with --data.",
                                german: "Mit --data einen Ordner auf einem lokalen Datenträger angeben."), .tryAgain,
                        ], responsibleParty: .you),
                ])
        }
    }
}
