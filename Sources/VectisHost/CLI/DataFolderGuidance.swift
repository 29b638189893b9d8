import PSACore

extension DataFolderLockError: Phrase {
    var values: [String: PhraseValue] {
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

    private var catalogue: GuidanceCatalogue {
        GuidanceCatalogue(
            vendorName: "Vectis", overrides: [.usageInvalid: template], translations: [.german: [.usageInvalid: germanWords]])
    }

    private var template: GuidanceTemplate {
        switch self {
        case .taken:
            GuidanceTemplate(
                title: "Another Vectis works on this data folder", detail: "{message}",
                causes: [Cause("A host, or another command, runs on the folder; the lock ends with its process.", .certain)],
                steps: ["Stop that process, then try again.", "If another folder was meant, name it with --data."], actor: .you)
        case .unusable:
            GuidanceTemplate(
                title: "The data folder can't be locked", detail: "{message}",
                causes: [
                    Cause("This user may not write in the folder, or its disk is full.", .likely),
                    Cause("The file system of the folder has no locks.", .possible),
                ],
                steps: [
                    "Check the rights of the folder and the free space, then try again.", "Name a folder on a local disk with --data.",
                ],
                actor: .you)
        }
    }

    private var germanWords: GuidanceWords {
        switch self {
        case .taken:
            GuidanceWords(
                title: "Ein anderes Vectis arbeitet mit diesem Datenordner", detail: "{message}",
                causes: ["Ein Host oder ein anderer Befehl läuft auf dem Ordner; die Sperre endet mit seinem Prozess."],
                steps: ["Diesen Prozess beenden und es erneut versuchen.", "War ein anderer Ordner gemeint, ihn mit --data angeben."])
        case .unusable:
            GuidanceWords(
                title: "Der Datenordner lässt sich nicht sperren", detail: "{message}",
                causes: [
                    "Dieser Benutzer darf in dem Ordner nicht schreiben, oder der Datenträger ist voll.",
                    "Das Dateisystem des Ordners kennt keine Sperren.",
                ],
                steps: [
                    "Die Rechte des Ordners und den freien Platz prüfen und es erneut versuchen.",
                    "Mit --data einen Ordner auf einem lokalen Datenträger angeben.",
                ])
        }
    }
}
