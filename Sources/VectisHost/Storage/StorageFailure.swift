import PSACore
import SQLite

/// Why nothing can be stored at the moment; nothing of a change that ended with it was kept.
enum StorageFailure: String, Error, LocalizedMessage, CaseIterable {
    /// The disk, or the quota on it, is full.
    case full
    /// The disk or the system does not take what is written.
    case failing
    /// The folder or the disk may only be read.
    case readOnly = "read_only"
    /// The database is damaged.
    case damaged
    /// Folder or database were moved or replaced while the host ran, or another host has taken the folder.
    case replaced

    /// How long a sender should wait before it tries again, in seconds.
    static let retryAfter = 60

    /// The trouble behind an error of SQLite; nil for one that is about the change, not about the disk.
    init?(_ error: SQLiteError) {
        if error.isFull {
            self = .full
        } else if error.isReadOnly {
            self = .readOnly
        } else if error.isDamaged {
            self = .damaged
        } else if error.isIOError || error.cannotOpen {
            self = .failing
        } else {
            return nil
        }
    }

    /// The code of the JSON API.
    var code: APIError.Code { self == .full ? .storageFull : .unavailable }

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.full, .english):
            "The disk that holds the data of Vectis is full, so nothing can be stored. Free some space there; then it goes on by itself."
        case (.full, .german):
            "Der Datenträger mit den Daten von Vectis ist voll, deshalb lässt sich nichts speichern. Dort Platz schaffen; danach geht es von selbst weiter."
        case (.failing, .english):
            "The disk that holds the data of Vectis does not take what is written. Check the disk, its limits and the log of the system."
        case (.failing, .german):
            "Der Datenträger mit den Daten von Vectis nimmt nichts an. Den Datenträger, seine Grenzen und das Systemprotokoll prüfen."
        case (.readOnly, .english):
            "The data folder of Vectis can only be read, so nothing can be stored. Let its user write there, or mount the disk for writing."
        case (.readOnly, .german):
            "Der Datenordner von Vectis ist nur lesbar, deshalb lässt sich nichts speichern. Dem Benutzer dort das Schreiben erlauben oder den Datenträger beschreibbar einhängen."
        case (.damaged, .english):
            "The database of Vectis is damaged. Stop Vectis, keep a copy of its data folder, and put a backup back."
        case (.damaged, .german):
            "Die Datenbank von Vectis ist beschädigt. Vectis anhalten, den Datenordner kopieren und eine Sicherung zurückspielen."
        case (.replaced, .english):
            "The data folder of Vectis was moved, replaced or taken over while it ran, so nothing is stored and nothing is sent. Stop Vectis, and start it on the folder that counts."
        case (.replaced, .german):
            "Der Datenordner von Vectis wurde im Betrieb verschoben, ersetzt oder übernommen, deshalb wird nichts gespeichert und nichts gesendet. Vectis anhalten und mit dem richtigen Ordner starten."
        }
    }
}
