import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// Why no connector was written.
enum ScaffoldError: LocalizedMessage, Hashable {
    case malformedName(String)
    case malformedDisplayName(String)
    case reservedName(String)
    case takenName(String, place: String)
    case takenID(String, owner: String)
    case wordOfTheCore(String, place: String)
    case notThePackage(String)
    case folderInUse(String)
    case withoutPackage(String)
    case sourceWithoutPackage(String)
    case notUnderGit(String)
    case noGit
    case uncommitted([String])
    case unexpectedShape(String, missing: String)
    case notWritten(String)
    case notUndone(String, left: [String])

    var values: [String: MessageValue] {
        switch self {
        case .malformedName(let name), .malformedDisplayName(let name), .reservedName(let name): ["name": .verbatim(name)]
        case .takenName(let name, let place), .wordOfTheCore(let name, let place): ["name": .verbatim(name), "place": .verbatim(place)]
        case .takenID(let name, let owner): ["name": .verbatim(name), "owner": .verbatim(owner)]
        case .notThePackage(let folder), .notUnderGit(let folder), .folderInUse(let folder), .sourceWithoutPackage(let folder):
            ["place": .verbatim(folder)]
        case .withoutPackage(let option): ["name": .verbatim(option)]
        case .noGit: [:]
        case .uncommitted(let paths): ["paths": .list(paths.map(MessageValue.verbatim))]
        case .unexpectedShape(let path, let missing): ["place": .verbatim(path), "missing": .verbatim(missing)]
        case .notWritten(let path): ["place": .verbatim(path)]
        case .notUndone(let path, let left): ["place": .verbatim(path), "paths": .list(left.map(MessageValue.verbatim))]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension PSAError {
    /// The error of a connector that was not written.
    init(scaffold problem: ScaffoldError) { self.init(.usageInvalid, values: [.message: .phrase(problem)]) }
}

extension ScaffoldError {
    var english: String {
        switch self {
        case .malformedName:
            "NAME: “{name}” can't name a module. Give 2 to 40 letters and digits that begin with a capital, such as Syncro."
        case .malformedDisplayName:
            "--display-name: “{name}” can't be shown. Give 1 to 60 letters, digits, spaces and . + & ' -, beginning with a letter or digit."
        case .reservedName: "NAME: “{name}” is reserved by Swift. Add the vendor's or product's other words to it."
        case .takenName: "NAME: “{name}” is taken: {place}. Choose another name, or remove that first."
        case .takenID: "NAME: The connector {owner} answers to “{name}” already. Choose another name."
        case .wordOfTheCore:
            "NAME: The core has the word “{name}” ({place}), and must not contain a vendor's name. Choose a longer name, such as one with the product in it."
        case .notThePackage:
            "{place} is not the root of this package. Change to the folder that holds its Package.swift, or name it with --package."
        case .folderInUse: "The folder {place} holds something already, or can't be made. Name a new folder with --into."
        case .withoutPackage: "{name} is for a package of its own. Leave out --package, or {name}."
        case .sourceWithoutPackage:
            "--source: {place} is no clone of psa-connectors. Name the folder that has its Package.swift, or its address."
        case .notUnderGit:
            "git can't determine what has changed in {place}, so nothing could be reverted. Run it in a clone; “git status” there says more."
        case .noGit: "git can't be run, so it is unknown whether something would be overwritten. Install git."
        case .uncommitted:
            "These changes are not committed: {paths}. Commit or stash them, so that what is written can be distinguished and reverted."
        case .unexpectedShape:
            "{place} has no lines of the form “{missing}”. Put them back, or write the connector by hand; nothing was changed."
        case .notWritten:
            "{place} can't be written, and everything written before it was reverted. Check the folder's permissions and space."
        case .notUndone: "{place} can't be written, and this could not be reverted: {paths}. Run “git status” and restore them."
        }
    }
}

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
        case .folderInUse: "In {place} ist schon etwas, oder der Ordner lässt sich nicht anlegen. Mit --into einen neuen nennen."
        case .withoutPackage: "{name} gilt für ein eigenes Paket. --package oder {name} weglassen."
        case .sourceWithoutPackage:
            "--source: {place} ist kein Klon von psa-connectors. Den Ordner mit dessen Package.swift nennen oder die Adresse."
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
