import Mail
package import PSACore
package import PSAEngine
import VectisRules

/// A contact point as a person or a program wants it; a secret that is nil keeps the stored one.
package struct ContactPointDraft: Sendable {
    /// A member of a draft, by its name in forms and in the API.
    package enum Field: String, Sendable, CaseIterable {
        case name, server, port, security, user, password, sender, recipients, address, signingKey, connections, kinds, groupingMinutes,
            repeatHours, language
    }

    /// What is wrong with a member.
    package struct Problem: Error, Sendable {
        package let field: Field
        package let message: ContactPointMessage
    }

    package let kind: ContactPointKind
    package var name = ""
    package var isEnabled = true
    package var language = Language.english
    package var subscription = NotificationSubscription()
    package var mail = MailSettings()
    package var password: Secret?
    package var address: Secret?
    package var signingKey: Secret?

    /// Creates an empty draft of a kind.
    package init(kind: ContactPointKind) { self.kind = kind }

    /// Creates a draft that changes nothing.
    package init(_ point: ContactPoint) {
        kind = point.kind
        name = point.name
        isEnabled = point.isEnabled
        language = point.language
        subscription = point.subscription
        mail = point.mail
    }

    /// What is wrong with it.
    ///
    /// - Parameters:
    ///   - stored: The contact point that it changes; nil for a new one.
    ///   - policy: The addresses that may be connected to.
    ///   - connections: The connections that exist.
    /// - Returns: The problems in the order of the form; empty if there are none.
    package func problems(
        over stored: ContactPoint?, policy: AddressPolicy, connections: Set<ConnectionID>
    ) -> [Problem] {
        var found: [Problem] = []
        func check(_ field: Field, _ isRight: Bool, _ message: ContactPointMessage) {
            if !isRight, !found.contains(where: { $0.field == field }) { found.append(Problem(field: field, message: message)) }
        }
        let isPrintable = !name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
        check(.name, !name.trimmingSpaces.isEmpty, .missing)
        check(.name, isPrintable && name.count <= NotificationLimits.name, .nameTooLong)
        switch kind {
        case .email: checkMail(over: stored, policy, check)
        case .webhook, .teams, .slack:
            if let address {
                switch WebhookAddress.read(address.reveal(), policy: policy) {
                case .success: break
                case .failure(.origin(let problem)): check(.address, false, .address(problem))
                case .failure(.target): check(.address, false, .targetNotASCII)
                }
            } else {
                check(.address, stored?.address != nil, .missing)
            }
            if kind == .webhook {
                let length = signingKey?.reveal().utf8.count
                check(.signingKey, length != nil || stored?.signingKey != nil, .missing)
                check(.signingKey, length.map { NotificationLimits.secret.contains($0) } ?? true, .signingKeyLength)
            }
        }
        check(.kinds, !subscription.kinds.isEmpty, .noKind)
        if let chosen = subscription.connections {
            check(.connections, !chosen.isEmpty, .noConnection)
            // One that was removed since it was chosen stays: it does no harm.
            let known = connections.union(stored?.subscription.connections ?? [])
            check(.connections, chosen.isSubset(of: known) && chosen.count <= NotificationLimits.connections, .unknownConnection)
        }
        check(
            .groupingMinutes, NotificationLimits.groupingMinutes.contains(subscription.groupingMinutes),
            .range(NotificationLimits.groupingMinutes))
        check(
            .repeatHours, subscription.repeatHours.map { NotificationLimits.repeatHours.contains($0) } ?? true,
            .range(NotificationLimits.repeatHours))
        return found
    }

    private func checkMail(
        over stored: ContactPoint?, _ policy: AddressPolicy, _ check: (Field, Bool, ContactPointMessage) -> Void
    ) {
        check(.server, !mail.server.isEmpty, .missing)
        do throws(ServiceURL.Problem) {
            // In clear only on this machine, as for a tenant’s address.
            let scheme = mail.security == .none ? "http" : "https"
            let url = try ServiceURL(typed: "\(scheme)://\(mail.server)", policy: policy)
            check(.server, url.port == nil && url.host == mail.server.lowercased(), .server)
        } catch .insecure {
            check(.security, false, .plainNotLocal)
        } catch {
            check(.server, false, .address(error))
        }
        check(.port, (1...65_535).contains(mail.port), .range(1...65_535))
        let isPlain = { (text: String) in
            text.utf8.count <= NotificationLimits.credential && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
        check(.user, isPlain(mail.user), .credential)
        check(.password, password.map { isPlain($0.reveal()) } ?? true, .credential)
        if mail.user.isEmpty {
            check(.user, password == nil, .userMissing)
        } else {
            check(.password, password != nil || stored?.password != nil, .missing)
            let isSame =
                stored.map {
                    ($0.mail.server, $0.mail.port, $0.mail.security) == (mail.server, mail.port, mail.security) && $0.mail.user == mail.user
                }
                ?? true
            // A stored password goes to no other server, and to none with less protection.
            check(.password, password != nil || isSame, .passwordAgain)
        }
        check(.sender, !mail.sender.isEmpty, .missing)
        check(.sender, MailAddress(mail.sender) != nil, .noMailAddress(mail.sender))
        check(.recipients, !mail.recipients.isEmpty, .missing)
        check(.recipients, mail.recipients.count <= NotificationLimits.recipients, .tooManyRecipients)
        for recipient in mail.recipients { check(.recipients, MailAddress(recipient) != nil, .noMailAddress(recipient)) }
    }
}

/// What is wrong with a member of a contact point.
package enum ContactPointMessage: LocalizedMessage, Hashable {
    case missing
    case nameTooLong
    case address(ServiceURL.Problem)
    case targetNotASCII
    case server
    case plainNotLocal
    case signingKeyLength
    case noKind
    case noConnection
    case unknownConnection
    case range(ClosedRange<Int>)
    case credential
    case userMissing
    case passwordAgain
    case noMailAddress(String)
    case tooManyRecipients

    package var values: [String: MessageValue] {
        switch self {
        case .address(let problem): ["problem": .phrase(SettingMessage.url(problem))]
        case .range(let range): ["lowest": .verbatim(String(range.lowerBound)), "highest": .verbatim(String(range.upperBound))]
        case .noMailAddress(let text): ["text": .verbatim(String(text.prefix(80)))]
        default: [:]
        }
    }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.missing, .english): "Fill in this field."
        case (.missing, .german): "Dieses Feld ausfüllen."
        case (.nameTooLong, .english): "A name has at most \(NotificationLimits.name) characters, without line ends."
        case (.nameTooLong, .german): "Ein Name hat höchstens \(NotificationLimits.name) Zeichen, ohne Zeilenenden."
        case (.address, _): "{problem}"
        case (.targetNotASCII, .english):
            "The path of the address has characters outside ASCII. Copy the address from the browser's address bar, which writes them with %."
        case (.targetNotASCII, .german):
            "Der Pfad der Adresse enthält Zeichen außerhalb von ASCII. Die Adresse aus der Adresszeile des Browsers kopieren, die sie mit % schreibt."
        case (.server, .english): "Enter the host name alone, without a port or a path."
        case (.server, .german): "Nur den Hostnamen eingeben, ohne Port und Pfad."
        case (.plainNotLocal, .english): "Without encryption only a server on this machine is possible. Choose STARTTLS or TLS."
        case (.plainNotLocal, .german): "Ohne Verschlüsselung ist nur ein Server auf diesem Rechner möglich. STARTTLS oder TLS wählen."
        case (.signingKeyLength, .english):
            "The signing key has \(NotificationLimits.secret.lowerBound) to \(NotificationLimits.secret.upperBound) bytes."
        case (.signingKeyLength, .german):
            "Der Signaturschlüssel hat \(NotificationLimits.secret.lowerBound) bis \(NotificationLimits.secret.upperBound) Bytes."
        case (.noKind, .english): "Choose at least one kind."
        case (.noKind, .german): "Mindestens eine Art wählen."
        case (.noConnection, .english): "Choose at least one connection, or all connections."
        case (.noConnection, .german): "Mindestens eine Verbindung wählen oder alle Verbindungen."
        case (.unknownConnection, .english): "A chosen connection does not exist."
        case (.unknownConnection, .german): "Eine gewählte Verbindung gibt es nicht."
        case (.range, .english): "Enter a whole number from {lowest} to {highest}."
        case (.range, .german): "Eine ganze Zahl von {lowest} bis {highest} eingeben."
        case (.credential, .english): "At most \(NotificationLimits.credential) bytes, without line ends."
        case (.credential, .german): "Höchstens \(NotificationLimits.credential) Bytes, ohne Zeilenenden."
        case (.userMissing, .english): "A password needs a user."
        case (.userMissing, .german): "Zu einem Passwort gehört ein Benutzer."
        case (.passwordAgain, .english):
            "Enter the password again: server, port, encryption or user have changed, and it is not sent elsewhere."
        case (.passwordAgain, .german):
            "Das Passwort erneut eingeben: Server, Port, Verschlüsselung oder Benutzer haben sich geändert, und woandershin wird es nicht gesendet."
        case (.noMailAddress, .english): "“{text}” is no mail address that can be used."
        case (.noMailAddress, .german): "„{text}“ ist keine brauchbare Mailadresse."
        case (.tooManyRecipients, .english): "At most \(NotificationLimits.recipients) recipients are possible."
        case (.tooManyRecipients, .german): "Höchstens \(NotificationLimits.recipients) Empfänger sind möglich."
        }
    }
}

/// The address of a webhook: an origin that is checked like a tenant’s, and a path with a query that is sent as it is.
package struct WebhookAddress: Sendable {
    package let origin: ServiceURL
    /// Path and query.
    package let target: String

    /// Why an address can't be used.
    package enum Problem: Error, Hashable {
        /// Something before the path.
        case origin(ServiceURL.Problem)
        /// Path or query have characters that can't be sent as they are.
        case target
    }

    /// Reads an address as it was typed or stored.
    package static func read(_ text: String, policy: AddressPolicy) -> Result<WebhookAddress, Problem> {
        do throws(ServiceURL.Problem) {
            let text = text.trimmingSpaces
            guard text.utf8.count <= NotificationLimits.address else { throw .malformed(.tooLong) }
            let origin = try ServiceURL(typed: text, policy: policy)
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return .failure(.target) }
            let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
            let target = rest.drop { $0 != "/" && $0 != "?" && $0 != "#" }.prefix { $0 != "#" }
            return .success(WebhookAddress(origin: origin, target: target.hasPrefix("/") ? String(target) : "/" + target))
        } catch {
            return .failure(.origin(error))
        }
    }
}
