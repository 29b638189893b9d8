extension ScaffoldError {
    var german: String {
        switch self {
        case .malformedName:
            "NAME: „{name}“ kann kein Modul heißen. Nötig sind 2 bis 40 Buchstaben und Ziffern mit großem Anfang, etwa Syncro."
        case .malformedDisplayName:
            "--display-name: „{name}“ kann nicht gezeigt werden. Erlaubt sind 1 bis 60 Buchstaben, Ziffern, Leerzeichen und . + & ' -, am Anfang ein Buchstabe oder eine Ziffer."
        case .reservedName: "NAME: „{name}“ ist ein Name von Swift selbst. Weitere Wörter des Herstellers oder Produkts anfügen."
        case .takenName: "NAME: „{name}“ ist vergeben: {place}. Einen anderen Namen wählen oder dies zuerst entfernen."
        case .takenID: "NAME: Der Connector {owner} hört schon auf „{name}“. Einen anderen Namen wählen."
        case .wordOfTheCore:
            "NAME: Im Kern steht das Wort „{name}“ ({place}), und dort darf kein Wort eines Herstellers stehen. Einen längeren Namen wählen, etwa mit dem Produkt darin."
        case .notThePackage:
            "{place} ist nicht das Wurzelverzeichnis dieses Pakets. In den Ordner mit dessen Package.swift wechseln oder ihn mit --package nennen."
        case .notUnderGit:
            "git kann nicht sagen, was sich in {place} geändert hat; nichts ließe sich zurücknehmen. In einem Klon ausführen; „git status“ sagt dort mehr."
        case .noGit: "git lässt sich nicht ausführen; ob etwas überschrieben würde, ist unbekannt. git installieren."
        case .uncommitted:
            "Diese Änderungen sind nicht eingetragen: {paths}. Erst committen oder mit git stash beiseitelegen, damit das Geschriebene erkennbar bleibt und sich zurücknehmen lässt."
        case .unexpectedShape:
            "In {place} fehlen Zeilen der Form „{missing}“. Wiederherstellen oder den Connector von Hand anlegen; nichts wurde geändert."
        case .notWritten:
            "{place} ist nicht schreibbar; alles zuvor Geschriebene wurde zurückgenommen. Rechte und Platz des Ordners prüfen."
        case .notUndone:
            "{place} ist nicht schreibbar, und dies ließ sich nicht zurücknehmen: {paths}. „git status“ ausführen und wiederherstellen."
        }
    }
}
