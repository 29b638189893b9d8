import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// Why a command line is invalid.
enum UsageMessage: LocalizedMessage, Hashable {
    case unknownWord(String, known: [String])
    /// An argument more than the command takes, with the option that was probably meant.
    case surplusWord(String, usage: String, option: String?)
    case missingWord(String)
    case invalid(String, Problem)

    /// Why one token is invalid.
    enum Problem: Hashable, Sendable {
        case givenTwice
        case hasNoValue
        case takesNoValue
        case notAnID
        case notANumber(String, lowest: Int, highest: Int)
        case notAPair(String)
        case notAField(String)
        case hasItsOption(String, String)
        case unattachableFile(String)
        case noSuchFile(String)
        case unreadableFile(String)
        case refusedFile(String, reason: String)
        case tooLargeFile(String)
        case goesOnlyWith([String])
        case goesNotWith(String)
        case isEmpty
        case notKnown(String, [String])
        case notAnAddress(String)
        case notAHost(String)
        case noSuchFolder(String)
        case noLocalCopy(String)
        case notUTF8(String)
        case notATime(String)
        case notAFault(String)
        case notANetwork(String)
        case notLoopback(String)
        case unusableFile(String)
        case folderInUse(String)
        case noSuchAccount(String)
        case unusableURL(String)

        /// Whether the command is understood, and only the value is wrong.
        var isAboutValue: Bool {
            switch self {
            case .givenTwice, .hasNoValue, .takesNoValue, .hasItsOption, .goesOnlyWith, .goesNotWith: false
            case .notAnID, .notANumber, .notAPair, .notAField, .unattachableFile, .noSuchFile, .unreadableFile, .refusedFile, .tooLargeFile,
                .isEmpty, .notKnown, .notAnAddress, .notAHost, .noSuchFolder, .noLocalCopy, .notUTF8, .notATime, .notAFault, .notANetwork,
                .notLoopback, .unusableFile,
                .noSuchAccount, .unusableURL, .folderInUse:
                true
            }
        }
    }

    var values: [String: MessageValue] {
        switch self {
        case .unknownWord(let word, let known): ["word": .verbatim(word), "known": .list(known.map(MessageValue.verbatim))]
        case .surplusWord(let word, let usage, let option):
            ["word": .verbatim(word), "usage": .verbatim(usage), "option": .verbatim(option ?? "")]
        case .missingWord(let word): ["word": .verbatim(word)]
        case .invalid(let word, let problem): problem.values.merging(["word": .verbatim(word)]) { $1 }
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension UsageMessage.Problem {
    /// Whether the word is right, and the file or folder that it names can't be used.
    var isAboutFile: Bool {
        switch self {
        case .unattachableFile, .noSuchFile, .unreadableFile, .refusedFile, .tooLargeFile, .notUTF8, .noSuchFolder: true
        default: false
        }
    }

    fileprivate var values: [String: MessageValue] {
        switch self {
        case .notANumber(let text, let lowest, let highest):
            ["text": .verbatim(text), "lowest": .verbatim(String(lowest)), "highest": .verbatim(String(highest))]
        case .hasItsOption(let id, let option): ["id": .verbatim(id), "option": .verbatim(option)]
        case .notAPair(let text), .notAField(let text), .unattachableFile(let text), .noSuchFile(let text), .unreadableFile(let text),
            .tooLargeFile(let text), .notATime(let text),
            .notAFault(let text), .notANetwork(let text),
            .notLoopback(let text), .unusableFile(let text), .folderInUse(let text), .noSuchAccount(let text), .unusableURL(let text),
            .goesNotWith(let text),
            .notAnAddress(let text), .notAHost(let text), .noSuchFolder(let text), .noLocalCopy(let text), .notUTF8(let text):
            ["text": .verbatim(text)]
        case .refusedFile(let text, let reason): ["text": .verbatim(text), "reason": .verbatim(reason)]
        case .notKnown(let text, let known): ["text": .verbatim(text), "known": .list(known.map(MessageValue.verbatim))]
        case .goesOnlyWith(let kinds): ["kinds": .list(kinds.map(MessageValue.verbatim))]
        case .givenTwice, .hasNoValue, .takesNoValue, .notAnID, .isEmpty: [:]
        }
    }
}

extension UsageMessage {
    var english: String {
        switch self {
        case .unknownWord: "“{word}” is not known here. Known: {known}."
        case .surplusWord(_, _, nil): "“{word}” is one argument too many. Usage: {usage}"
        case .surplusWord: "“{word}” is one argument too many; did you mean {option} {word}? Usage: {usage}"
        case .missingWord: "{word} is missing."
        case .invalid(_, let problem): problem.english
        }
    }
}

extension UsageMessage.Problem {
    fileprivate var english: String {
        switch self {
        case .givenTwice: "{word}: It was given twice."
        case .hasNoValue: "{word}: There is no value behind the “=”; leave the option out for none."
        case .takesNoValue: "{word}: It takes no value."
        case .notAnID: "{word}: An id is 1 to 200 characters, without line breaks and without surrounding spaces."
        case .notANumber: "{word}: “{text}” is not a whole number from {lowest} to {highest}."
        case .notAPair: "{word}: A setting is given as {text}."
        case .notAField: "{word}: A field is given as ID=VALUE, such as cf:105=38, not as “{text}”."
        case .hasItsOption: "{word}: Give “{id}” with {option}."
        case .unattachableFile: "{word}: “{text}” can't be read, or is not a regular file."
        case .noSuchFile: "{word}: There is no file “{text}”."
        case .unreadableFile: "{word}: “{text}” can't be read, or is larger than 64 KiB."
        case .refusedFile: "{word}: “{text}” can't be read: {reason}."
        case .tooLargeFile: "{word}: “{text}” is larger than 64 KiB."
        case .goesOnlyWith: "{word}: It goes with {kinds} only."
        case .goesNotWith: "{word}: It does not go with {text}; leave one of them out."
        case .isEmpty: "{word}: The value is empty; give one, or leave the option out."
        case .notKnown: "{word}: “{text}” is not known here. Known: {known}."
        case .notAnAddress: "{word}: “{text}” is not an IP address such as 127.0.0.1, ::1 or 192.168.7.20."
        case .notAHost: "{word}: “{text}” is not a host name; give the name, and a port if there is one, such as vectis.example.com."
        case .noSuchFolder: "{word}: There is no folder “{text}”."
        case .noLocalCopy: "{word}: The folder “{text}” has no local copy yet; a host makes one, or “vectis sync”."
        case .notUTF8: "{word}: The file “{text}” is not text in UTF-8."
        case .notATime: "{word}: “{text}” is not a time such as 2026-11-01T08:00:00Z, or a day such as 2026-11-01."
        case .notLoopback:
            "{word}: “{text}” can be reached from other machines. If that is meant, add --allow-remote, and put TLS in front."
        case .unusableFile: "{word}: {text}"
        case .folderInUse: "{word}: The folder “{text}” has connections; a demo needs a folder without any, or none at all."
        case .unusableURL: "{word}: {text}"
        case .noSuchAccount: "{word}: There is no account “{text}”."
        case .notANetwork:
            "{word}: “{text}” is no network such as 10.0.0.0/8, 192.168.7.20/32 or fd00::/8; the bits behind the length must be zero."
        case .notAFault: "{word}: {text} “--fault list” shows all."
        }
    }
}

extension UsageMessage {
    var german: String {
        switch self {
        case .unknownWord: "„{word}“ ist hier nicht bekannt. Bekannt: {known}."
        case .surplusWord(_, _, nil): "„{word}“ ist ein Argument zu viel. Aufruf: {usage}"
        case .surplusWord: "„{word}“ ist ein Argument zu viel; war {option} {word} gemeint? Aufruf: {usage}"
        case .missingWord: "{word} fehlt."
        case .invalid(_, let problem): problem.german
        }
    }
}

extension UsageMessage.Problem {
    fileprivate var german: String {
        switch self {
        case .givenTwice: "{word}: Zweimal angegeben."
        case .hasNoValue: "{word}: Hinter dem „=“ steht kein Wert; ohne Wert die Option weglassen."
        case .takesNoValue: "{word}: Nimmt keinen Wert an."
        case .notAnID: "{word}: Eine ID hat 1 bis 200 Zeichen, keine Zeilenumbrüche und keine Leerzeichen am Rand."
        case .notANumber: "{word}: „{text}“ ist keine ganze Zahl von {lowest} bis {highest}."
        case .notAPair: "{word}: Eine Einstellung wird in der Form {text} angegeben."
        case .notAField: "{word}: Ein Feld wird in der Form ID=WERT angegeben, etwa cf:105=38, nicht als „{text}“."
        case .hasItsOption: "{word}: „{id}“ mit {option} angeben."
        case .unattachableFile: "{word}: „{text}“ ist nicht lesbar oder keine gewöhnliche Datei."
        case .noSuchFile: "{word}: Die Datei „{text}“ gibt es nicht."
        case .unreadableFile: "{word}: „{text}“ ist nicht lesbar oder größer als 64 KiB."
        case .refusedFile: "{word}: „{text}“ ist nicht lesbar: {reason}."
        case .tooLargeFile: "{word}: „{text}“ ist größer als 64 KiB."
        case .goesOnlyWith: "{word}: Nur möglich mit {kinds}."
        case .goesNotWith: "{word}: Nicht zusammen mit {text} möglich; eines von beiden weglassen."
        case .isEmpty: "{word}: Der Wert ist leer; einen angeben oder die Option weglassen."
        case .notKnown: "{word}: „{text}“ ist hier nicht bekannt. Bekannt: {known}."
        case .notAnAddress: "{word}: „{text}“ ist keine IP-Adresse wie 127.0.0.1, ::1 oder 192.168.7.20."
        case .notAHost: "{word}: „{text}“ ist kein Hostname; nur den Namen angeben, mit Port, falls es einen gibt, wie vectis.example.com."
        case .noSuchFolder: "{word}: Den Ordner „{text}“ gibt es nicht."
        case .noLocalCopy: "{word}: Der Ordner „{text}“ hat noch keine lokale Kopie; ein Host legt sie an, oder „vectis sync“."
        case .notUTF8: "{word}: Die Datei „{text}“ ist kein Text in UTF-8."
        case .notATime: "{word}: „{text}“ ist weder ein Zeitpunkt wie 2026-11-01T08:00:00Z noch ein Tag wie 2026-11-01."
        case .notLoopback:
            "{word}: „{text}“ ist von anderen Rechnern erreichbar. Wenn das gewollt ist, --allow-remote angeben und TLS davorsetzen."
        case .unusableFile: "{word}: {text}"
        case .folderInUse: "{word}: Der Ordner „{text}“ hat Verbindungen; eine Demo braucht einen Ordner ohne solche, oder gar keinen."
        case .unusableURL: "{word}: {text}"
        case .noSuchAccount: "{word}: Ein Konto „{text}“ gibt es nicht."
        case .notANetwork:
            "{word}: „{text}“ ist kein Netz wie 10.0.0.0/8, 192.168.7.20/32 oder fd00::/8; hinter der Netzlänge müssen alle Bits null sein."
        case .notAFault: "{word}: {text} „--fault list“ zeigt alle."
        }
    }
}
