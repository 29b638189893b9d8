package import PSACore

/// Why the host, or a command on its data folder, can't work on this machine: its folder, files, keys, port or log.
///
/// Each is a code of the area `host` with causes and steps like those of a failed connection; a command ends with exit status 5.
package enum HostErrorCode: String, Sendable, CaseIterable {
    case portInUse = "host.port_in_use"
    case addressUnusable = "host.address_unusable"
    case portReserved = "host.port_reserved"
    case resourcesExhausted = "host.resources_exhausted"
    case folderInUse = "host.folder_in_use"
    case folderUnusable = "host.folder_unusable"
    case folderReplaced = "host.folder_replaced"
    case diskFull = "host.disk_full"
    case databaseMissing = "host.database_missing"
    case databaseEmpty = "host.database_empty"
    case databaseDamaged = "host.database_damaged"
    case databaseForeign = "host.database_foreign"
    case databaseNewer = "host.database_newer"
    case databaseUnusable = "host.database_unusable"
    case databaseUnsuitable = "host.database_unsuitable"
    case databaseUnreachable = "host.database_unreachable"
    case databaseRefused = "host.database_refused"
    case databaseUnknown = "host.database_unknown"
    case databaseNotEmpty = "host.database_not_empty"
    case databaseDiffers = "host.database_differs"
    case databaseIncomplete = "host.database_incomplete"
    case copyUnusable = "host.copy_unusable"
    case keyMissing = "host.key_missing"
    case keyUnreadable = "host.key_unreadable"
    case keyNotAFile = "host.key_not_a_file"
    case keyExposed = "host.key_exposed"
    case keyDamaged = "host.key_damaged"
    case keyNotWritable = "host.key_not_writable"
    case keyMismatch = "host.key_mismatch"
    case logUnusable = "host.log_unusable"
    case outputUnusable = "host.output_unusable"
    case connectorsUnsafe = "host.connectors_unsafe"

    /// The code as one of the shared taxonomy; every case has its form.
    package var code: ErrorCode { ErrorCode(rawValue: rawValue) ?? .connectorDefect }

    /// The host code of an error; nil for every other.
    package init?(_ code: ErrorCode) { self.init(rawValue: code.rawValue) }
}

extension GuidanceCatalogue {
    /// The texts of the host’s own codes.
    package static let host = GuidanceCatalogue(
        vendorName: "Vectis",
        overrides: Dictionary(uniqueKeysWithValues: HostErrorCode.allCases.map { ($0.code, $0.template) }))
}

extension PSAError {
    /// An error of the host itself.
    ///
    /// - Parameters:
    ///   - host: What happened.
    ///   - name: The file, folder or address concerned.
    ///   - reason: What the system or the file says; empty if it says nothing.
    package init(_ host: HostErrorCode, name: String, reason: any LocalizedMessage = SystemReason("")) {
        self.init(host.code, catalogue: .host, values: [.name: .verbatim(name), .message: .phrase(reason)])
    }
}

/// Words of the operating system or of a database, which are English in every language.
package struct SystemReason: LocalizedMessage, Hashable {
    private let text: String

    /// Takes the words.
    package init(_ text: String) { self.text = text }

    package var values: [String: MessageValue] { ["text": .verbatim(text)] }

    package func pattern(in language: Language) -> String { text.isEmpty ? "" : "{text}" }
}

extension HostErrorCode {
    /// What a person reads about the code.
    var template: GuidanceTemplate {
        switch self {
        case .portInUse, .addressUnusable, .portReserved, .resourcesExhausted: listeningTemplate
        case .folderInUse, .folderUnusable, .folderReplaced, .diskFull: folderTemplate
        case .databaseMissing, .databaseEmpty, .databaseDamaged, .databaseForeign, .databaseNewer, .databaseUnusable, .databaseUnreachable,
            .databaseRefused, .databaseUnknown, .copyUnusable:
            databaseTemplate
        case .databaseUnsuitable: unsuitableTemplate
        case .databaseNotEmpty, .databaseDiffers, .databaseIncomplete: databaseCopyTemplate
        case .keyMissing, .keyUnreadable, .keyNotAFile, .keyExposed, .keyDamaged, .keyNotWritable, .keyMismatch: keyTemplate
        case .logUnusable, .outputUnusable, .connectorsUnsafe: fileTemplate
        }
    }

    private static let startAgain = GuidanceStep.check("Start Vectis again.", german: "Vectis erneut starten.")

    private static let restore = GuidanceStep(
        "Stop every Vectis on the folder, keep a copy of it, and put the last backup of the whole folder back.",
        german: "Jedes Vectis auf dem Ordner anhalten, eine Kopie davon aufheben und die letzte Sicherung des ganzen Ordners zurückspielen."
    )

    private static func template(
        _ title: LocalizedText, _ detail: LocalizedText, _ causes: CauseTemplate...
    ) -> GuidanceTemplate {
        GuidanceTemplate(title: title, detail: detail, causes: causes)
    }

    private static func cause(
        _ id: CauseID, _ confidence: Confidence, _ english: String, german: String, _ steps: GuidanceStep...,
        by party: ResponsibleParty = .you
    ) -> CauseTemplate {
        CauseTemplate(id, confidence, english: english, german: german, steps: steps + [startAgain], responsibleParty: party)
    }

    private var listeningTemplate: GuidanceTemplate {
        switch self {
        case .portInUse:
            Self.template(
                .init("The port is in use", german: "Der Port ist belegt"),
                .init(
                    "Vectis can’t listen on {name}: another program listens there.",
                    german: "Vectis kann auf {name} keine Verbindungen annehmen: Dort lauscht bereits ein anderes Programm."),
                Self.cause(
                    "already_running", .likely, "Vectis runs already, or another program uses the port.",
                    german: "Vectis läuft schon, oder ein anderes Programm benutzt den Port.",
                    .init("See which program it is: ss -ltnp", german: "Nachsehen, welches Programm es ist: ss -ltnp"),
                    .init("Stop it, or choose another port with --port.", german: "Es beenden oder mit --port einen anderen Port wählen.")))
        case .addressUnusable:
            Self.template(
                .init("The address can’t be used", german: "Die Adresse ist nicht verwendbar"),
                .init(
                    "The system does not let Vectis listen on {name}. {message}",
                    german: "Das System lässt Vectis auf {name} keine Verbindungen annehmen. {message}"),
                Self.cause(
                    "not_of_this_machine", .likely, "The address does not belong to this machine.",
                    german: "Die Adresse gehört nicht zu diesem Rechner.",
                    .init(
                        "Choose an address that “ip address” lists, or leave --address out.",
                        german: "Eine Adresse wählen, die „ip address“ nennt, oder --address weglassen.")))
        case .portReserved:
            Self.template(
                .init("The port is reserved", german: "Der Port ist vorbehalten"),
                .init(
                    "The system does not let this user listen on {name}. {message}",
                    german: "Das System lässt diesen Benutzer auf {name} keine Verbindungen annehmen. {message}"),
                Self.cause(
                    "privileged_port", .certain, "Ports below 1024 are reserved for privileged users.",
                    german: "Ports unter 1024 sind privilegierten Benutzern vorbehalten.",
                    .init(
                        "Choose a port from 1024 on with --port, and let a proxy listen on 443.",
                        german: "Mit --port einen Port ab 1024 wählen und einen Proxy auf 443 lauschen lassen.")))
        default:
            Self.template(
                .init("The system has too few resources", german: "Dem System fehlen Mittel"),
                .init(
                    "The system gave Vectis no thread, memory or file descriptor for its server. {message}",
                    german: "Das System gab Vectis keinen Thread, Speicher oder Dateideskriptor für seinen Server. {message}"),
                Self.cause(
                    "limit", .likely, "A limit of the process or of the machine is reached.",
                    german: "Eine Grenze des Prozesses oder des Rechners ist erreicht.",
                    .init(
                        "Compare the limits (ulimit -a) with what runs, and raise the one that is reached.",
                        german: "Die Grenzen (ulimit -a) mit dem vergleichen, was läuft, und die erreichte anheben.")))
        }
    }

    private var folderTemplate: GuidanceTemplate {
        switch self {
        case .folderInUse:
            Self.template(
                .init("Another Vectis works on this data folder", german: "Ein anderes Vectis arbeitet mit diesem Datenordner"),
                .init("{message}", german: "{message}"),
                Self.cause(
                    "running", .likely, "A host, or another command, runs on the folder; the lock ends with its process.",
                    german: "Ein Host oder ein anderer Befehl läuft auf dem Ordner; die Sperre endet mit seinem Prozess.",
                    .init("Stop that process.", german: "Diesen Prozess beenden."),
                    .init(
                        "If another folder was meant, name it with --data.",
                        german: "War ein anderer Ordner gemeint, ihn mit --data angeben.")))
        case .folderUnusable:
            Self.template(
                .init("The data folder can’t be used", german: "Der Datenordner ist nicht verwendbar"),
                .init(
                    "The folder {name} can’t be made, locked or written. {message}",
                    german: "Der Ordner {name} lässt sich nicht anlegen, sperren oder beschreiben. {message}"),
                Self.cause(
                    "not_writable", .likely, "This user may not write there, or a file is in the place of the folder.",
                    german: "Dieser Benutzer darf dort nicht schreiben, oder an der Stelle des Ordners liegt eine Datei.",
                    .init(
                        "See who may write along its path: namei -l {name}",
                        german: "Nachsehen, wer entlang des Pfades schreiben darf: namei -l {name}"),
                    .init(
                        "Give this user the right, or name another folder with --data.",
                        german: "Diesem Benutzer das Recht geben oder mit --data einen anderen Ordner angeben.")),
                Self.cause(
                    "no_locks", .possible, "The file system of the folder has no locks.",
                    german: "Das Dateisystem des Ordners kennt keine Sperren.",
                    .init(
                        "Name a folder on a local disk with --data.",
                        german: "Mit --data einen Ordner auf einem lokalen Datenträger angeben.")))
        case .folderReplaced:
            Self.template(
                .init("The data folder was replaced", german: "Der Datenordner wurde ersetzt"),
                .init("{message}", german: "{message}"),
                Self.cause(
                    "replaced", .likely, "The folder was moved, restored or taken over while Vectis ran.",
                    german: "Der Ordner wurde im laufenden Betrieb verschoben, zurückgespielt oder übernommen.",
                    .init("Stop every Vectis on the folder.", german: "Jedes Vectis auf dem Ordner anhalten."),
                    .init(
                        "Make sure that the folder that counts is at its place.",
                        german: "Sicherstellen, dass der gültige Ordner an seinem Platz ist.")))
        default:
            Self.template(
                .init("The disk is full", german: "Der Datenträger ist voll"),
                .init(
                    "Nothing more can be stored on the disk of {name}. {message}",
                    german: "Auf dem Datenträger von {name} lässt sich nichts mehr speichern. {message}"),
                Self.cause(
                    "no_space", .likely, "The disk, or this user’s quota on it, is full.",
                    german: "Der Datenträger oder das Kontingent dieses Benutzers darauf ist voll.",
                    .init("See what uses the space: df -h {name}", german: "Nachsehen, was den Platz belegt: df -h {name}"),
                    .init(
                        "Free some space there; nothing of Vectis has to be removed.",
                        german: "Dort Platz schaffen; von Vectis muss dafür nichts gelöscht werden.")))
        }
    }

    private var databaseTemplate: GuidanceTemplate {
        switch self {
        case .databaseMissing:
            Self.template(
                .init("The database is missing", german: "Die Datenbank fehlt"),
                .init("There is no database {name}. {message}", german: "Es gibt keine Datenbank {name}. {message}"),
                Self.cause(
                    "other_folder", .likely, "Another folder was meant, or its disk is not mounted.",
                    german: "Ein anderer Ordner war gemeint, oder sein Datenträger ist nicht eingehängt.",
                    .init(
                        "Name the right folder with --data, or mount its disk.",
                        german: "Mit --data den richtigen Ordner angeben oder seinen Datenträger einhängen.")),
                Self.cause(
                    "removed", .possible, "The database was removed or moved.", german: "Die Datenbank wurde gelöscht oder verschoben.",
                    .init("Put the last backup of the whole folder back.", german: "Die letzte Sicherung des ganzen Ordners zurückspielen.")
                ),
                Self.cause(
                    "first_start", .possible, "It is a first start with a key file that was made beforehand.",
                    german: "Es ist ein erster Start mit einer vorbereiteten Schlüsseldatei.",
                    .init("Start once with --new-database.", german: "Einmal mit --new-database starten.")))
        case .databaseEmpty:
            Self.template(
                .init("The database is empty", german: "Die Datenbank ist leer"),
                .init(
                    "The file {name} holds nothing, and nothing was put in its place. {message}",
                    german: "Die Datei {name} enthält nichts, und nichts wurde an ihre Stelle gesetzt. {message}"),
                Self.cause(
                    "truncated", .likely, "A copy or a restored backup was cut off, or the disk lost the file’s content.",
                    german: "Eine Kopie oder zurückgespielte Sicherung war unvollständig, oder der Datenträger hat den Inhalt verloren.",
                    Self.restore),
                Self.cause(
                    "first_start", .possible, "An empty file was made beforehand for a first start.",
                    german: "Für einen ersten Start wurde eine leere Datei angelegt.",
                    .init("Start once with --new-database.", german: "Einmal mit --new-database starten.")))
        case .databaseDamaged:
            Self.template(
                .init("The database is damaged", german: "Die Datenbank ist beschädigt"),
                .init(
                    "The file {name} is damaged, or it is no SQLite database. {message}",
                    german: "Die Datei {name} ist beschädigt oder keine SQLite-Datenbank. {message}"),
                Self.cause(
                    "disk", .likely, "The disk failed, or the file was copied or changed while a process used it.",
                    german: "Der Datenträger hat versagt, oder die Datei wurde kopiert oder verändert, während ein Prozess sie benutzte.",
                    Self.restore),
                Self.cause(
                    "log_lost", .possible, "The files ending in -wal or -shm were removed or belong to another copy.",
                    german: "Die Dateien mit der Endung -wal oder -shm wurden gelöscht oder gehören zu einer anderen Kopie.",
                    .init(
                        "Put database, -wal and -shm back together, from one copy.",
                        german: "Datenbank, -wal und -shm gemeinsam aus einer Kopie zurücklegen.")))
        case .databaseUnreachable:
            Self.template(
                .init("The database server can’t be reached", german: "Der Datenbankserver ist nicht erreichbar"),
                .init("Vectis can’t connect to {name}. {message}", german: "Vectis kann keine Verbindung zu {name} aufbauen. {message}"),
                Self.cause(
                    "server_down", .likely, "The server does not run, or listens at another host, port or socket directory.",
                    german: "Der Server läuft nicht oder lauscht unter einem anderen Host, Port oder Socket-Verzeichnis.",
                    .init(
                        "Ask the server itself: pg_isready -h HOST -p PORT, with the host and port of --database.",
                        german: "Den Server selbst fragen: pg_isready -h HOST -p PORT, mit Host und Port aus --database.")))
        case .databaseRefused:
            Self.template(
                .init("The database server refuses the connection", german: "Der Datenbankserver weist die Verbindung ab"),
                .init("The server of {name} refused Vectis. {message}", german: "Der Server von {name} hat Vectis abgewiesen. {message}"),
                Self.cause(
                    "credentials", .likely, "The password or the role is wrong, or the server does not let this role in from here.",
                    german: "Passwort oder Rolle stimmen nicht, oder der Server lässt diese Rolle von hier nicht zu.",
                    .init(
                        "Try the same with psql; the password is in VECTIS_DATABASE_PASSWORD or in the file of --database-password-file.",
                        german:
                            "Dasselbe mit psql versuchen; das Passwort steht in VECTIS_DATABASE_PASSWORD oder in der Datei von --database-password-file."
                    )),
                Self.cause(
                    "certificate", .possible,
                    "The server’s certificate is not for this host name, has expired, or is of an unknown authority.",
                    german: "Das Zertifikat des Servers gilt nicht für diesen Hostnamen, ist abgelaufen oder von einer unbekannten Stelle.",
                    .init(
                        "Name the certificate authority in the URL: ?sslrootcert=/path/to/ca.pem",
                        german: "Die Zertifizierungsstelle in der URL nennen: ?sslrootcert=/pfad/zu/ca.pem")),
                CauseTemplate(
                    "no_encryption", .possible, english: "The server offers no encryption, and the URL asks for it.",
                    german: "Der Server bietet keine Verschlüsselung an, und die URL verlangt sie.", evidence: [.vendorCode: .certain],
                    needsEvidence: true,
                    steps: [
                        .init(
                            "Switch it on at the server (ssl = on).", german: "Sie am Server einschalten (ssl = on)."), Self.startAgain,
                    ], responsibleParty: .you),
                Self.cause(
                    "rights", .possible, "The role may not create or change tables in the database.",
                    german: "Die Rolle darf in der Datenbank keine Tabellen anlegen oder ändern.",
                    .init(
                        "Make the role its owner, in psql: ALTER DATABASE name OWNER TO role",
                        german: "Die Rolle zur Eigentümerin machen, in psql: ALTER DATABASE name OWNER TO rolle")))
        case .databaseUnknown:
            Self.template(
                .init("The database does not exist on the server", german: "Die Datenbank gibt es auf dem Server nicht"),
                .init("The server knows no database of {name}. {message}", german: "Der Server kennt keine Datenbank zu {name}. {message}"),
                Self.cause(
                    "not_created", .likely, "The database was not created, or its name in the URL is misspelt.",
                    german: "Die Datenbank wurde nicht angelegt, oder ihr Name in der URL ist falsch geschrieben.",
                    .init(
                        "Create it for the role: createdb --encoding=UTF8 --template=template0 --owner=ROLE DATABASE",
                        german: "Sie für die Rolle anlegen: createdb --encoding=UTF8 --template=template0 --owner=ROLLE DATENBANK")))
        case .databaseForeign:
            Self.template(
                .init("The database belongs to another program", german: "Die Datenbank gehört einem anderen Programm"),
                .init(
                    "The file {name} was not made by Vectis; it was left as it is. {message}",
                    german: "Die Datei {name} stammt nicht von Vectis und blieb unverändert. {message}"),
                Self.cause(
                    "other_folder", .likely, "The folder belongs to another program.", german: "Der Ordner gehört einem anderen Programm.",
                    .init("Name the folder of Vectis with --data.", german: "Mit --data den Ordner von Vectis angeben.")))
        case .databaseNewer:
            Self.template(
                .init("The database belongs to a newer version", german: "Die Datenbank gehört zu einer neueren Version"),
                .init(
                    "The file {name} was changed by a version that this one does not know; it was left as it is. {message}",
                    german: "Die Datei {name} wurde von einer Version geändert, die diese nicht kennt, und blieb unverändert. {message}"),
                Self.cause(
                    "older_program", .likely, "An older Vectis was started on a folder that a newer one has used.",
                    german: "Ein älteres Vectis wurde auf einem Ordner gestartet, den ein neueres benutzt hat.",
                    .init(
                        "Start the newer version, or put a backup from before the update back.",
                        german: "Die neuere Version starten oder eine Sicherung von vor der Aktualisierung zurückspielen.")))
        case .copyUnusable:
            Self.template(
                .init("The local copy can’t be used", german: "Die lokale Kopie ist nicht verwendbar"),
                .init(
                    "The file {name} is missing, damaged, or can’t be read and written. {message}",
                    german: "Die Datei {name} fehlt, ist beschädigt oder lässt sich nicht lesen und schreiben. {message}"),
                Self.cause(
                    "damaged", .likely, "The file is damaged. It holds only what can be read from the PSA again.",
                    german: "Die Datei ist beschädigt. Sie enthält nur, was sich aus der PSA wieder lesen lässt.",
                    .init(
                        "Stop every Vectis on the folder, and remove {name}, {name}-wal and {name}-shm.",
                        german: "Jedes Vectis auf dem Ordner anhalten und {name}, {name}-wal und {name}-shm löschen.")),
                Self.cause(
                    "rights", .possible, "This user may not read or write the file, or it was never made.",
                    german: "Dieser Benutzer darf die Datei nicht lesen oder schreiben, oder es gab sie nie.",
                    .init("See the rights: ls -l {name}", german: "Die Rechte ansehen: ls -l {name}")))
        default:
            Self.template(
                .init("The database can’t be used", german: "Die Datenbank ist nicht verwendbar"),
                .init(
                    "The file {name} can’t be opened, read or written. {message}",
                    german: "Die Datei {name} lässt sich nicht öffnen, lesen oder schreiben. {message}"),
                Self.cause(
                    "rights", .likely, "This user may not write the file or its folder, or the disk is mounted read-only.",
                    german: "Dieser Benutzer darf Datei oder Ordner nicht beschreiben, oder der Datenträger ist nur lesbar eingehängt.",
                    .init("See the rights: ls -l {name}", german: "Die Rechte ansehen: ls -l {name}"),
                    .init(
                        "Give this user the right to write the file and its folder.",
                        german: "Diesem Benutzer das Recht geben, Datei und Ordner zu beschreiben.")),
                Self.cause(
                    "busy", .possible, "Another program holds the file.", german: "Ein anderes Programm hält die Datei fest.",
                    .init("Stop what works on the file: fuser {name}", german: "Beenden, was mit der Datei arbeitet: fuser {name}")),
                Self.cause(
                    "disk", .possible, "The disk fails.", german: "Der Datenträger versagt.",
                    .init("Look into the log of the system: dmesg", german: "Ins Protokoll des Systems sehen: dmesg")))
        }
    }

    private var unsuitableTemplate: GuidanceTemplate {
        func cause(_ id: CauseID, _ english: String, german: String, _ step: GuidanceStep) -> CauseTemplate {
            CauseTemplate(
                id, .possible, english: english, german: german, evidence: [.vendorCode: .certain], needsEvidence: true,
                steps: [step, Self.startAgain], responsibleParty: .you)
        }
        return Self.template(
            .init("The database on the server does not fit", german: "Die Datenbank auf dem Server passt nicht"),
            .init(
                "The server answers, and Vectis can’t work with {name}. {message}",
                german: "Der Server antwortet, Vectis kann mit {name} aber nicht arbeiten. {message}"),
            Self.cause(
                "needs", .likely, "The server, its database or the role lacks what Vectis needs.",
                german: "Dem Server, seiner Datenbank oder der Rolle fehlt, was Vectis braucht.",
                .init(
                    "Do what the message names; needed are PostgreSQL 15 or newer, a database with ENCODING 'UTF8', and a role that owns its schema.",
                    german:
                        "Tun, was die Meldung nennt; nötig sind PostgreSQL ab 15, eine Datenbank mit ENCODING 'UTF8' und eine Rolle, der ihr Schema gehört."
                )),
            cause(
                "read_only", "The server is a standby, or lets nothing be written.",
                german: "Der Server ist ein Standby oder lässt nichts schreiben.",
                .init(
                    "Name the primary server in the URL of --database.", german: "In der URL von --database den primären Server nennen.")),
            cause(
                "rights", "The role may not create or change tables there.",
                german: "Die Rolle darf dort keine Tabellen anlegen oder ändern.",
                .init(
                    "Make the role the owner, in psql: ALTER DATABASE name OWNER TO role",
                    german: "Die Rolle zur Eigentümerin machen, in psql: ALTER DATABASE name OWNER TO rolle")),
            cause(
                "busy", "Another transaction keeps the tables locked.", german: "Eine andere Transaktion hält die Tabellen gesperrt.",
                .init(
                    "See in psql what runs, and end it: SELECT pid, state, query FROM pg_stat_activity",
                    german: "In psql nachsehen, was läuft, und es beenden: SELECT pid, state, query FROM pg_stat_activity")),
            cause(
                "disk", "The disk of the server fails.", german: "Der Datenträger des Servers versagt.",
                .init("Look into the log of the server.", german: "Ins Protokoll des Servers sehen.")))
    }

    private static let copyAgain = GuidanceStep.check(
        "Run “vectis database copy” again; it compares every row.",
        german: "„vectis database copy“ erneut ausführen; es vergleicht jede Zeile.")

    private static let dropSchema = GuidanceStep(
        "If nothing in the schema is needed, stop every Vectis on it and remove it in psql: DROP SCHEMA name CASCADE",
        german: "Wird in dem Schema nichts gebraucht, jedes Vectis darauf anhalten und es in psql entfernen: DROP SCHEMA name CASCADE")

    private var databaseCopyTemplate: GuidanceTemplate {
        switch self {
        case .databaseNotEmpty:
            Self.template(
                .init("The database on the server is not empty", german: "Die Datenbank auf dem Server ist nicht leer"),
                .init(
                    "Nothing was copied to {name}: it holds rows that are not of this data folder.",
                    german: "Nach {name} wurde nichts kopiert: Dort stehen Zeilen, die nicht aus diesem Datenordner sind."),
                CauseTemplate(
                    "in_use", .likely, english: "A host works with the schema or has used it, or another data folder was copied to it.",
                    german: "Ein Host arbeitet mit dem Schema oder hat es benutzt, oder ein anderer Datenordner wurde dorthin kopiert.",
                    steps: [
                        .init(
                            "Name a schema that does not exist yet in the URL of --database: ?schema=NAME",
                            german: "In der URL von --database ein Schema nennen, das es noch nicht gibt: ?schema=NAME"),
                        Self.dropSchema, Self.copyAgain,
                    ], responsibleParty: .you))
        case .databaseDiffers:
            Self.template(
                .init("The copy is not the same as the data folder", german: "Die Kopie ist nicht gleich dem Datenordner"),
                .init(
                    "The rows of {name} are not those of the data folder. {message}",
                    german: "Die Zeilen von {name} sind nicht die des Datenordners. {message}"),
                CauseTemplate(
                    "changed", .likely, english: "A host has worked with the server or with the folder since the copy began.",
                    german: "Ein Host hat seit dem Beginn der Kopie mit dem Server oder mit dem Ordner gearbeitet.",
                    steps: [
                        .init(
                            "If a host works with the copy on the server already, leave it: the folder is not needed any more.",
                            german:
                                "Arbeitet ein Host schon mit der Kopie auf dem Server, sie so lassen: Der Ordner wird nicht mehr gebraucht."
                        ),
                        Self.dropSchema, Self.copyAgain,
                    ], responsibleParty: .you))
        default:
            Self.template(
                .init("The copy to the database is not complete", german: "Die Kopie in die Datenbank ist unvollständig"),
                .init(
                    "A copy of a data folder to {name} was interrupted, so that Vectis does not start on it.",
                    german: "Die Kopie eines Datenordners nach {name} wurde unterbrochen, deshalb startet Vectis nicht darauf."),
                Self.cause(
                    "interrupted", .certain, "“vectis database copy” did not reach its end.",
                    german: "„vectis database copy“ kam nicht bis zum Ende.",
                    .init(
                        "Run “vectis database copy” with the same folder again; it goes on where it was.",
                        german: "„vectis database copy“ mit demselben Ordner erneut ausführen; es macht dort weiter, wo es war.")))
        }
    }

    private var keyTemplate: GuidanceTemplate {
        switch self {
        case .keyMissing:
            Self.template(
                .init("The key file is missing", german: "Die Schlüsseldatei fehlt"),
                .init(
                    "There is no key file {name}, and the database was made with one.",
                    german: "Es gibt keine Schlüsseldatei {name}, und die Datenbank wurde mit einer angelegt."),
                Self.cause(
                    "moved", .likely, "The file was moved, or the folder was restored without it.",
                    german: "Die Datei wurde verschoben, oder der Ordner wurde ohne sie zurückgespielt.",
                    .init(
                        "Put the file back, or name its place with --key-file.",
                        german: "Die Datei zurücklegen oder ihren Ort mit --key-file angeben.")),
                Self.cause(
                    "lost", .possible, "The file is lost; then no stored secret can be read any more.",
                    german: "Die Datei ist verloren; dann ist kein gespeichertes Geheimnis mehr lesbar.",
                    .init(
                        "Make a new one: (umask 077; openssl rand -base64 32 > {name})",
                        german: "Eine neue anlegen: (umask 077; openssl rand -base64 32 > {name})"),
                    .init(
                        "After the start, enter the secrets of all connections, contact points and change hooks again.",
                        german: "Nach dem Start die Geheimnisse aller Verbindungen, Kontaktpunkte und Änderungsmeldungen neu eingeben."),
                    .init(
                        "Who has a second factor signs in with a recovery code; “vectis account reset-password NAME” turns it off.",
                        german:
                            "Wer einen zweiten Faktor hat, meldet sich mit einem Wiederherstellungscode an; „vectis account reset-password NAME“ schaltet ihn ab."
                    )))
        case .keyNotAFile:
            Self.template(
                .init("The key file is no regular file", german: "Die Schlüsseldatei ist keine gewöhnliche Datei"),
                .init("Keys can’t be kept in {name}.", german: "In {name} lassen sich keine Schlüssel aufbewahren."),
                Self.cause(
                    "not_a_file", .certain, "It is a folder, a pipe or a device.",
                    german: "Es ist ein Ordner, eine Pipe oder ein Gerät.",
                    .init("Name a regular file with --key-file.", german: "Mit --key-file eine gewöhnliche Datei angeben.")))
        case .keyExposed:
            Self.template(
                .init("Other users can read the key file", german: "Andere Benutzer können die Schlüsseldatei lesen"),
                .init(
                    "The rights of {name} let other users of this machine read the keys to all stored secrets.",
                    german: "Die Rechte von {name} lassen andere Benutzer dieses Rechners die Schlüssel zu allen Geheimnissen lesen."),
                Self.cause(
                    "rights", .certain, "The file was copied or made with rights for others.",
                    german: "Die Datei wurde mit Rechten für andere kopiert oder angelegt.",
                    .init("Take the rights away: chmod 600 {name}", german: "Die Rechte entziehen: chmod 600 {name}")))
        case .keyDamaged:
            Self.template(
                .init("The key file is damaged", german: "Die Schlüsseldatei ist beschädigt"),
                .init(
                    "The file {name} does not hold a key a line; it was left as it is.",
                    german: "Die Datei {name} enthält nicht einen Schlüssel je Zeile und blieb unverändert."),
                Self.cause(
                    "changed", .likely, "The file was changed or cut off, or it is another file.",
                    german: "Die Datei wurde verändert oder abgeschnitten, oder es ist eine andere Datei.",
                    .init(
                        "Put the file back that belongs to this data folder.",
                        german: "Die Datei zurücklegen, die zu diesem Datenordner gehört.")))
        case .keyNotWritable:
            Self.template(
                .init("The key file can’t be written", german: "Die Schlüsseldatei lässt sich nicht schreiben"),
                .init("The file {name} can’t be made or replaced.", german: "Die Datei {name} lässt sich nicht anlegen oder ersetzen."),
                Self.cause(
                    "rights", .likely, "This user may not write in the folder of the file, or its disk is full.",
                    german: "Dieser Benutzer darf im Ordner der Datei nicht schreiben, oder der Datenträger ist voll.",
                    .init(
                        "Check the rights of the folder and the free space.",
                        german: "Die Rechte des Ordners und den freien Platz prüfen.")))
        case .keyMismatch:
            Self.template(
                .init("The key file does not fit", german: "Die Schlüsseldatei passt nicht"),
                .init(
                    "A stored secret does not open with the keys in {name}.",
                    german: "Ein gespeichertes Geheimnis lässt sich mit den Schlüsseln in {name} nicht öffnen."),
                Self.cause(
                    "other_file", .likely, "The file belongs to another data folder or another backup.",
                    german: "Die Datei gehört zu einem anderen Datenordner oder einer anderen Sicherung.",
                    .init(
                        "Put the key file back that belongs to this database. Processes on one database need the same.",
                        german:
                            "Die Schlüsseldatei zurücklegen, die zu dieser Datenbank gehört. Prozesse an einer Datenbank brauchen dieselbe."
                    )),
                Self.cause(
                    "lost", .possible,
                    "The right file is lost for good; then no secret of this database on a server can be read any more.",
                    german:
                        "Die richtige Datei ist endgültig verloren; dann ist kein Geheimnis dieser Datenbank auf einem Server mehr lesbar.",
                    .init(
                        "Stop every process, and let the database forget its key in psql: UPDATE vectis.key_check SET digest = ''",
                        german:
                            "Jeden Prozess anhalten und die Datenbank in psql ihren Schlüssel vergessen lassen: UPDATE vectis.key_check SET digest = ''"
                    ),
                    .init(
                        "Start one process with the new key file, and enter all secrets again.",
                        german: "Einen Prozess mit der neuen Schlüsseldatei starten und alle Geheimnisse neu eingeben.")))
        default:
            Self.template(
                .init("The key file can’t be read", german: "Die Schlüsseldatei ist nicht lesbar"),
                .init(
                    "The file {name} can’t be read as a key file. {message}",
                    german: "Die Datei {name} ist nicht als Schlüsseldatei lesbar. {message}"),
                Self.cause(
                    "rights", .likely, "It belongs to another user, its link leads nowhere, or it is no text of at most 64 KiB.",
                    german: "Sie gehört einem anderen Benutzer, ihr Verweis führt ins Leere, oder sie ist kein Text von höchstens 64 KiB.",
                    .init("See what it is: ls -lL {name}", german: "Nachsehen, was es ist: ls -lL {name}"),
                    .init(
                        "Make this user the owner of the file, or mount its disk.",
                        german: "Diesen Benutzer zum Besitzer der Datei machen oder ihren Datenträger einhängen.")))
        }
    }

    private var fileTemplate: GuidanceTemplate {
        switch self {
        case .logUnusable:
            Self.template(
                .init("The log can’t be written", german: "Das Protokoll lässt sich nicht schreiben"),
                .init(
                    "The file {name} can’t be opened to append to it. {message}",
                    german: "Die Datei {name} lässt sich nicht zum Anfügen öffnen. {message}"),
                Self.cause(
                    "rights", .likely, "The folder is missing, or this user may not write there.",
                    german: "Der Ordner fehlt, oder dieser Benutzer darf dort nicht schreiben.",
                    .init(
                        "Make the folder and give this user the right to write there, or name another file with --log.",
                        german: "Den Ordner anlegen und diesem Benutzer das Schreibrecht geben, oder mit --log eine andere Datei angeben.")),
                Self.cause(
                    "pipe", .possible, "It is a named pipe that no program reads.",
                    german: "Es ist eine benannte Pipe, die kein Programm liest.",
                    .init("Start the program that reads it first.", german: "Zuerst das Programm starten, das sie liest.")))
        case .outputUnusable:
            GuidanceTemplate(
                title: .init("The output could not be written", german: "Die Ausgabe ließ sich nicht schreiben"),
                detail: .init(
                    "The command ran, but what it printed is missing or cut off. {message}",
                    german: "Der Befehl lief, aber was er ausgab, fehlt oder ist abgeschnitten. {message}"),
                causes: [
                    CauseTemplate(
                        "full", .likely, english: "The disk is full, a limit on the size of files was reached, or the stream was closed.",
                        german: "Der Datenträger ist voll, eine Grenze für die Größe von Dateien erreicht oder der Strom geschlossen.",
                        steps: [
                            .init(
                                "Make room, or send the output to another place.",
                                german: "Platz schaffen oder die Ausgabe an einen anderen Ort leiten."),
                            .check(
                                "If the command changes something, look first whether it did: it is not undone. Then run it again.",
                                german:
                                    "Ändert der Befehl etwas, zuerst nachsehen, ob er es getan hat: Es ist nicht rückgängig gemacht. Dann ihn erneut ausführen."
                            ),
                        ], responsibleParty: .you)
                ])
        default:
            Self.template(
                .init("The connectors folder is not safe", german: "Der Ordner der Konnektoren ist nicht sicher"),
                .init(
                    "The folder {name} is not used, because other users decide what runs from there. {message}",
                    german: "Der Ordner {name} wird nicht benutzt, weil andere Benutzer bestimmen, was daraus läuft. {message}"),
                Self.cause(
                    "rights", .certain, "Another user owns the folder, or may write to it or to a folder above it.",
                    german: "Der Ordner gehört einem anderen Benutzer, oder andere dürfen in ihm oder einem Ordner darüber schreiben.",
                    .init(
                        "Do what the message names, or use a folder under the home of this user.",
                        german: "Tun, was die Meldung nennt, oder einen Ordner unter dem Heimatordner dieses Benutzers nehmen.")))
        }
    }
}

extension StorageFailure {
    /// The failure as the error of a command on a data folder.
    ///
    /// - Parameter database: The path of the database.
    /// - Returns: The error.
    package func guided(database: String) -> PSAError {
        switch self {
        case .full, .nearlyFull: PSAError(.diskFull, name: database)
        case .damaged: PSAError(.databaseDamaged, name: database)
        case .replaced: PSAError(.folderReplaced, name: database, reason: self)
        case .failing, .readOnly: PSAError(.databaseUnusable, name: database, reason: self)
        case .unreachable: PSAError(.databaseUnreachable, name: database, reason: self)
        }
    }
}
