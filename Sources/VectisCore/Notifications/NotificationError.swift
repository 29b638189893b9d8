package import PSACore

/// Why a message did not reach a contact point.
///
/// Each is a code of the area `notification` with causes and steps, shown on the page of the contact point.
package enum NotificationErrorCode: String, Sendable, CaseIterable {
    case serverUnreachable = "notification.server_unreachable"
    case addressForbidden = "notification.address_forbidden"
    case tlsFailed = "notification.tls_failed"
    case encryptionNotOffered = "notification.encryption_not_offered"
    case signInRefused = "notification.sign_in_refused"
    case signInDisabled = "notification.sign_in_disabled"
    case senderRefused = "notification.sender_refused"
    case recipientRefused = "notification.recipient_refused"
    case messageRefused = "notification.message_refused"
    case temporarilyRefused = "notification.temporarily_refused"
    case addressInvalid = "notification.address_invalid"
    case tooManyMessages = "notification.too_many_messages"
    case serverFailing = "notification.server_failing"
    case outcomeUnknown = "notification.outcome_unknown"
    case secretUnreadable = "notification.secret_unreadable"

    /// The code as one of the shared taxonomy; every case has its form.
    package var code: ErrorCode { ErrorCode(rawValue: rawValue) ?? .connectorDefect }

    /// The code of an error; nil for every other.
    package init?(_ code: ErrorCode) { self.init(rawValue: code.rawValue) }
}

extension GuidanceCatalogue {
    /// The texts of failed notifications.
    package static let notifications = GuidanceCatalogue(
        vendorName: "Vectis",
        overrides: Dictionary(uniqueKeysWithValues: NotificationErrorCode.allCases.map { ($0.code, $0.template) }))
}

extension PSAError {
    /// An error of a notification.
    ///
    /// - Parameters:
    ///   - failure: What happened.
    ///   - name: The host name of the server; empty if it is not known.
    ///   - reason: What the server says; empty if it says nothing.
    package init(_ failure: NotificationErrorCode, name: String, reason: any LocalizedMessage = SystemReason("")) {
        let shown: any LocalizedMessage = name.isEmpty ? UnnamedServer() : SystemReason(name)
        self.init(failure.code, catalogue: .notifications, values: [.name: .phrase(shown), .message: .phrase(reason)])
    }
}

/// A server whose name is not known.
private struct UnnamedServer: LocalizedMessage {
    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String { language == .german ? "der Server" : "the server" }
}

extension NotificationErrorCode {
    /// What a person reads about the code.
    var template: GuidanceTemplate {
        switch self {
        case .serverUnreachable, .addressForbidden, .tlsFailed, .encryptionNotOffered: connectionTemplate
        case .signInRefused, .signInDisabled, .senderRefused, .recipientRefused, .messageRefused, .temporarilyRefused: refusalTemplate
        case .addressInvalid, .tooManyMessages, .serverFailing: webhookTemplate
        case .outcomeUnknown, .secretUnreadable: otherTemplate
        }
    }

    private static let testAgain = GuidanceStep.check(
        "Send a test message from the page of the contact point.", german: "Auf der Seite der Kontaktstelle eine Testnachricht senden.")

    private static func template(
        _ title: LocalizedText, _ detail: LocalizedText, _ causes: CauseTemplate..., retry: RetryAdvice = .afterFix
    ) -> GuidanceTemplate {
        GuidanceTemplate(
            title: title, detail: detail, causes: causes, retry: retry,
            guide: GuideAnchor("Docs/Notifications.md", "when-a-message-does-not-arrive"))
    }

    private static func cause(
        _ id: CauseID, _ confidence: Confidence, _ english: String, german: String, _ steps: GuidanceStep...
    ) -> CauseTemplate {
        CauseTemplate(id, confidence, english: english, german: german, steps: steps + [testAgain], responsibleParty: .you)
    }

    private static func otherMode(_ confidence: Confidence) -> CauseTemplate {
        cause(
            "other_mode", confidence, "The port expects the other kind of encryption, or offers none.",
            german: "Der Port erwartet die andere Art der Verschlüsselung oder bietet keine an.",
            .init("Choose STARTTLS for port 587, and TLS for port 465.", german: "Für Port 587 STARTTLS wählen, für Port 465 TLS."))
    }

    private static func mailboxSetting(_ confidence: Confidence) -> CauseTemplate {
        cause(
            "app_password", confidence, "The server wants an app password, or sign-in by SMTP is switched off for this mailbox.",
            german: "Der Server verlangt ein App-Passwort, oder die SMTP-Anmeldung ist für dieses Postfach abgeschaltet.",
            .init(
                "Have SMTP AUTH allowed for the mailbox, or create an app password and enter it.",
                german: "SMTP AUTH für das Postfach freigeben lassen oder ein App-Passwort erzeugen und eintragen."))
    }

    private var connectionTemplate: GuidanceTemplate {
        switch self {
        case .serverUnreachable:
            Self.template(
                .init("The server can’t be reached", german: "Der Server ist nicht erreichbar"),
                .init(
                    "No message could be handed to {name}. {message}", german: "An {name} ließ sich keine Nachricht übergeben. {message}"),
                Self.cause(
                    "wrong_address", .likely, "Host name or port are wrong, or the server does not run.",
                    german: "Hostname oder Port sind falsch, oder der Server läuft nicht.",
                    .init(
                        "Compare host name and port with what the operator of the server states; mail is handed in on 587 (STARTTLS) or 465 (TLS).",
                        german:
                            "Hostname und Port mit den Angaben des Betreibers vergleichen; E-Mail wird auf 587 (STARTTLS) oder 465 (TLS) eingeliefert."
                    )),
                Self.cause(
                    "firewall", .possible, "A firewall blocks the connection from this machine.",
                    german: "Eine Firewall blockiert die Verbindung von diesem Rechner.",
                    .init(
                        "Allow outgoing connections from this machine to that host and port.",
                        german: "Ausgehende Verbindungen von diesem Rechner zu diesem Host und Port erlauben.")),
                retry: .afterDelay(.seconds(60)))
        case .addressForbidden:
            Self.template(
                .init("The address may not be used", german: "Die Adresse darf nicht benutzt werden"),
                .init(
                    "Vectis does not connect to {name}, because its address is in a network that is not allowed.",
                    german: "Vectis verbindet sich nicht mit {name}, weil die Adresse in einem nicht erlaubten Netz liegt."),
                Self.cause(
                    "private_network", .certain, "The server is in a private network or on this machine.",
                    german: "Der Server steht in einem privaten Netz oder auf diesem Rechner.",
                    .init(
                        "If that is meant, allow its network at the start: vectis serve --allow-network 10.1.2.0/24, or --allow-loopback.",
                        german:
                            "Ist das gewollt, das Netz beim Start erlauben: vectis serve --allow-network 10.1.2.0/24 oder --allow-loopback."
                    )))
        case .encryptionNotOffered:
            Self.template(
                .init("The port does not offer this encryption", german: "Der Port bietet diese Verschlüsselung nicht an"),
                .init(
                    "{name} did not begin the encryption that is chosen here, so nothing was sent. {message}",
                    german: "{name} hat die hier gewählte Verschlüsselung nicht begonnen, deshalb wurde nichts gesendet. {message}"),
                Self.otherMode(.likely),
                Self.cause(
                    "in_between", .possible, "A firewall or a virus scanner on the way takes encryption out.",
                    german: "Eine Firewall oder ein Virenscanner auf dem Weg nimmt die Verschlüsselung heraus.",
                    .init(
                        "Have connections to that host and port let through unchanged.",
                        german: "Verbindungen zu diesem Host und Port unverändert durchlassen.")))
        default:
            Self.template(
                .init("The connection can’t be encrypted", german: "Die Verbindung lässt sich nicht verschlüsseln"),
                .init(
                    "The encrypted connection to {name} failed, so nothing was sent. {message}",
                    german: "Die verschlüsselte Verbindung zu {name} kam nicht zustande, deshalb wurde nichts gesendet. {message}"),
                Self.cause(
                    "certificate", .likely,
                    "The certificate is expired, for another name, or signed by an authority that this machine does not trust.",
                    german:
                        "Das Zertifikat ist abgelaufen, gilt für einen anderen Namen oder stammt von einer Stelle, der dieser Rechner nicht vertraut.",
                    .init(
                        "Use the host name that is in the certificate, or install the authority of the server on this machine.",
                        german:
                            "Den Hostnamen aus dem Zertifikat verwenden oder die Zertifizierungsstelle des Servers auf diesem Rechner installieren."
                    )),
                Self.otherMode(.possible))
        }
    }

    private var refusalTemplate: GuidanceTemplate {
        switch self {
        case .signInRefused:
            Self.template(
                .init("The mail server refuses the sign-in", german: "Der Mailserver lehnt die Anmeldung ab"),
                .init(
                    "{name} did not accept user and password, or wants a sign-in. {message}",
                    german: "{name} hat Benutzer und Passwort nicht angenommen oder verlangt eine Anmeldung. {message}"),
                Self.cause(
                    "wrong_password", .likely, "User or password are missing or wrong, or the password was changed.",
                    german: "Benutzer oder Passwort fehlen oder sind falsch, oder das Passwort wurde geändert.",
                    .init("Enter user and password again.", german: "Benutzer und Passwort erneut eingeben.")),
                Self.mailboxSetting(.possible))
        case .signInDisabled:
            Self.template(
                .init("The mail server does not allow this sign-in", german: "Der Mailserver erlaubt diese Anmeldung nicht"),
                .init(
                    "{name} does not let this mailbox sign in with its password. {message}",
                    german: "{name} lässt dieses Postfach nicht mit seinem Passwort anmelden. {message}"),
                Self.mailboxSetting(.likely))
        case .temporarilyRefused:
            Self.template(
                .init("The mail server takes nothing at present", german: "Der Mailserver nimmt zurzeit nichts an"),
                .init(
                    "{name} refused for now, and it is tried again. {message}",
                    german: "{name} hat vorläufig abgelehnt, es wird erneut versucht. {message}"),
                Self.cause(
                    "delayed", .likely, "The server delays mails from senders that it does not know, is busy, or has a fault.",
                    german: "Der Server verzögert E-Mails von unbekannten Absendern, ist ausgelastet oder gestört.",
                    .init("Wait a quarter of an hour.", german: "Eine Viertelstunde warten.")),
                retry: .afterDelay(.seconds(60)))
        case .senderRefused:
            Self.template(
                .init("The mail server refuses the sender", german: "Der Mailserver lehnt den Absender ab"),
                .init(
                    "{name} does not take mails from this sender. {message}",
                    german: "{name} nimmt von diesem Absender nichts an. {message}"),
                Self.cause(
                    "not_allowed", .likely, "The account may not send from this address, or the server wants a sign-in.",
                    german: "Das Konto darf nicht unter dieser Adresse senden, oder der Server verlangt eine Anmeldung.",
                    .init(
                        "Use the address of the mailbox as sender, or let the account send as this address.",
                        german: "Die Adresse des Postfachs als Absender eintragen oder dem Konto das Senden unter dieser Adresse erlauben.")
                ))
        case .recipientRefused:
            Self.template(
                .init("The mail server refuses a recipient", german: "Der Mailserver lehnt einen Empfänger ab"),
                .init(
                    "{name} does not take mails for a recipient. {message}", german: "{name} nimmt für einen Empfänger nichts an. {message}"
                ),
                Self.cause(
                    "unknown", .likely, "The address does not exist, or the server does not pass mails on to it.",
                    german: "Die Adresse gibt es nicht, oder der Server leitet nicht an sie weiter.",
                    .init("Correct or remove the recipient.", german: "Den Empfänger korrigieren oder entfernen.")))
        default:
            Self.template(
                .init("The message was refused", german: "Die Nachricht wurde abgelehnt"),
                .init("{name} refused the message. {message}", german: "{name} hat die Nachricht abgelehnt. {message}"),
                Self.cause(
                    "policy", .likely, "A filter or a limit of the receiver, such as one for spam or size, refuses it.",
                    german: "Ein Filter oder eine Grenze des Empfängers, etwa für Spam oder Größe, lehnt sie ab.",
                    .init(
                        "Have the operator of the receiver look up the reason in its log.",
                        german: "Den Betreiber des Empfängers im Protokoll nach dem Grund sehen lassen.")))
        }
    }

    private var webhookTemplate: GuidanceTemplate {
        switch self {
        case .addressInvalid:
            Self.template(
                .init("The webhook address is not valid any more", german: "Die Webhook-Adresse gilt nicht mehr"),
                .init(
                    "{name} does not know the address, or leads elsewhere. {message}",
                    german: "{name} kennt die Adresse nicht oder verweist woandershin. {message}"),
                Self.cause(
                    "removed", .likely,
                    "The webhook, its workflow or its channel was removed or archived, or the address was copied incompletely.",
                    german: "Webhook, Workflow oder Kanal wurden entfernt oder archiviert, oder die Adresse wurde unvollständig kopiert.",
                    .init(
                        "Create a new webhook in the channel, and enter its address here.",
                        german: "Im Kanal einen neuen Webhook anlegen und seine Adresse hier eintragen.")))
        case .tooManyMessages:
            Self.template(
                .init("The receiver takes no more messages at present", german: "Der Empfänger nimmt zurzeit keine Nachrichten mehr an"),
                .init("{name} asks to send less often. {message}", german: "{name} verlangt, seltener zu senden. {message}"),
                Self.cause(
                    "shared", .likely, "Other programs send to the same receiver, or its limit is low.",
                    german: "Andere Programme senden an denselben Empfänger, oder seine Grenze ist niedrig.",
                    .init("Raise the interval of grouping of the contact point.", german: "Das Sammelintervall der Kontaktstelle erhöhen.")),
                retry: .afterDelay(.seconds(60)))
        default:
            Self.template(
                .init("The receiver fails", german: "Der Empfänger hat eine Störung"),
                .init(
                    "{name} answered with an error of its own. {message}", german: "{name} antwortete mit einem eigenen Fehler. {message}"),
                Self.cause(
                    "outage", .likely, "The service has an outage, or the program behind the webhook is broken.",
                    german: "Der Dienst ist gestört, oder das Programm hinter dem Webhook ist defekt.",
                    .init(
                        "See the status page of the service or the log of the receiver.",
                        german: "Die Statusseite des Dienstes oder das Protokoll des Empfängers ansehen.")),
                retry: .afterDelay(.seconds(60)))
        }
    }

    private var otherTemplate: GuidanceTemplate {
        switch self {
        case .secretUnreadable:
            Self.template(
                .init("A secret of the contact point can’t be read", german: "Ein Geheimnis der Kontaktstelle ist nicht lesbar"),
                .init(
                    "The stored password, address or signing key can’t be opened with the present key file.",
                    german: "Passwort, Adresse oder Signaturschlüssel lassen sich mit der jetzigen Schlüsseldatei nicht öffnen."),
                Self.cause(
                    "other_key", .likely, "The key file was exchanged, or the database is from another backup.",
                    german: "Die Schlüsseldatei wurde ausgetauscht, oder die Datenbank stammt aus einer anderen Sicherung.",
                    .init(
                        "Put the key file back, or enter the secrets of the contact point again.",
                        german: "Die Schlüsseldatei zurücklegen oder die Geheimnisse der Kontaktstelle erneut eingeben.")))
        default:
            Self.template(
                .init("It is not known whether the message arrived", german: "Ob die Nachricht ankam, ist nicht bekannt"),
                .init(
                    "{name} received the whole message, and its confirmation did not arrive. What it said is repeated in the next message.",
                    german:
                        "{name} hat die ganze Nachricht erhalten, die Bestätigung blieb aus. Ihr Inhalt steht noch einmal in der nächsten Nachricht."
                ),
                Self.cause(
                    "slow", .likely, "The receiver is too slow, or the connection broke.",
                    german: "Der Empfänger ist zu langsam, oder die Verbindung ist abgebrochen.",
                    .init(
                        "Look whether the message arrived; if this comes again, look into the log of the receiver.",
                        german: "Nachsehen, ob die Nachricht ankam; wiederholt es sich, das Protokoll des Empfängers ansehen.")),
                retry: .unknownOutcome)
        }
    }
}
