package import FoundationEssentials
package import Mail
package import PSACore
import PSAEngine
import VectisRules

/// What is known of a message after an attempt to send it.
package enum Delivery: Sendable, Equatable {
    /// Why an attempt failed, or was not complete.
    package struct Failure: Sendable, Equatable {
        package var code: NotificationErrorCode
        /// What the server said; no secret.
        package var detail: String

        /// Creates a ``Failure``.
        package init(_ code: NotificationErrorCode, _ detail: String = "") {
            self.code = code
            self.detail = detail
        }
    }

    /// It was accepted; by a mail server perhaps not for all recipients.
    case sent(warning: Failure?)
    /// It is proven that it was not accepted.
    case refused(Failure, isTemporary: Bool, retryAfter: Duration? = nil)
    /// It may have been accepted.
    case unknown(Failure)
}

/// Sends a message to a contact point, once.
package protocol NotificationSending: Sendable {
    /// Sends a message; nothing is repeated.
    ///
    /// - Parameters:
    ///   - content: What it says.
    ///   - key: Identifies it for its receiver.
    ///   - createdAt: When it was made.
    ///   - point: Where it goes.
    /// - Returns: What is known of it.
    func send(_ content: NotificationContent, key: String, createdAt: Date, to point: ContactPoint) async -> Delivery
}

/// Sends messages by SMTP and HTTP.
package struct NotificationSender: NotificationSending {
    private let http: any HTTPTransport
    private let mail: any MailTransport
    private let vault: Vault
    private let policy: AddressPolicy
    private let address: String?
    private let now: @Sendable () -> Date
    private let timeout: Duration

    /// The longest time that an attempt takes; a lease lasts longer.
    package static let maxDuration = Duration.seconds(CurlMailTransport.maxSeconds)

    /// Creates a ``NotificationSender``.
    ///
    /// - Parameters:
    ///   - http: Sends requests to webhooks; it follows no redirect.
    ///   - mail: Hands mails to servers.
    ///   - vault: Opens the secrets of contact points.
    ///   - policy: The addresses that may be connected to.
    ///   - address: The address of the host as people reach it; nil if it is not known.
    ///   - now: The clock that signs requests.
    ///   - timeout: The time for a request to a webhook.
    package init(
        http: any HTTPTransport, mail: any MailTransport, vault: Vault, policy: AddressPolicy, address: String?,
        now: @escaping @Sendable () -> Date, timeout: Duration = .seconds(30)
    ) {
        self.http = http
        self.mail = mail
        self.vault = vault
        self.policy = policy
        self.address = address
        self.now = now
        self.timeout = timeout
    }

    package func send(_ content: NotificationContent, key: String, createdAt: Date, to point: ContactPoint) async -> Delivery {
        let format = NotificationFormat(content, point: point.name, address: address)
        do {
            switch point.kind {
            case .email: return try await sendMail(format, key, createdAt, point)
            case .webhook:
                guard let signingKey = try open(point.signingKey, of: point, ContactPoint.signingKeyKey) else {
                    return .refused(.init(.secretUnreadable), isTemporary: false)
                }
                let body = format.webhook(id: key, createdAt: createdAt)
                let seconds = Int(now().timeIntervalSince1970)
                let headers: TransportHeaders = [
                    "Vectis-Message-Id": key, "Vectis-Timestamp": String(seconds),
                    "Vectis-Signature": NotificationFormat.signature(of: body, at: seconds, key: signingKey),
                ]
                return try await post(body, headers, point)
            case .teams: return try await post(format.teams, [:], point)
            case .slack: return try await post(format.slack, [:], point)
            }
        } catch {
            return .refused(.init(.secretUnreadable), isTemporary: false)
        }
    }

    private func open(_ sealed: SealedSecret?, of point: ContactPoint, _ key: SettingKey) throws -> Secret? {
        guard let sealed, let place = ConnectionID(point.id.rawValue) else { return nil }
        return try vault.open(sealed, of: place, key)
    }

    // MARK: E-mail

    private func sendMail(_ format: NotificationFormat, _ key: String, _ createdAt: Date, _ point: ContactPoint) async throws -> Delivery {
        let settings = point.mail
        let password = try open(point.password, of: point, ContactPoint.passwordKey)
        guard let sender = MailAddress(settings.sender) else { return .refused(.init(.senderRefused), isTemporary: false) }
        if !settings.user.isEmpty, password == nil { return .refused(.init(.secretUnreadable), isTemporary: false) }
        let message = MailMessage(
            sender: sender, recipients: settings.recipients.compactMap { MailAddress($0) }, subject: format.subject, text: format.plainText,
            date: createdAt, id: "vectis-" + key)
        let server = MailServer(
            host: settings.server, port: settings.port, security: settings.security, user: settings.user.isEmpty ? nil : settings.user,
            password: password, addressPolicy: policy)
        let outcome = await mail.send(message, through: server)
        func detail(_ reply: MailReply) -> String {
            guard reply.code > 0 else { return "" }
            // A server may repeat what it was sent.
            let isSafe = password.map { $0.isEmpty || !reply.text.contains($0.reveal()) } ?? true
            return isSafe ? "\(reply.code) \(reply.text)".trimmingSpaces : String(reply.code)
        }
        switch outcome {
        case .sent(let refused): return .sent(warning: refused.first.map { .init(.recipientRefused, detail($0)) })
        case .refused(let reply):
            return .refused(.init(reply.failure, detail(reply)), isTemporary: reply.isTemporary)
        case .notSent(.tlsNotSpoken):
            let words = TextRenderer().text(CoreMessage.unanswered(.tlsNotSpoken))
            return .refused(.init(.encryptionNotOffered, words), isTemporary: false)
        case .notSent(let kind): return Self.refusal(kind)
        case .unknown: return .unknown(.init(.outcomeUnknown))
        }
    }

    /// A message that was not handed over.
    private static func refusal(_ kind: TransportError.Kind) -> Delivery {
        let words = TextRenderer().text(CoreMessage.unanswered(kind))
        switch kind {
        case .addressForbidden: return .refused(.init(.addressForbidden), isTemporary: false)
        case .certificateUntrusted, .certificateExpired, .certificateNameMismatch, .certificateSelfSigned, .certificateNotYetValid,
            .tlsNotSpoken, .tlsHandshakeRefused:
            return .refused(.init(.tlsFailed, words), isTemporary: false)
        case .unusableRequest: return .refused(.init(.messageRefused, words), isTemporary: false)
        default: return .refused(.init(.serverUnreachable, words), isTemporary: true)
        }
    }

    // MARK: Webhooks

    private func post(_ body: [UInt8], _ headers: TransportHeaders, _ point: ContactPoint) async throws -> Delivery {
        guard let text = try open(point.address, of: point, ContactPoint.addressKey) else {
            return .refused(.init(.secretUnreadable), isTemporary: false)
        }
        let address: WebhookAddress
        switch WebhookAddress.read(text.reveal(), policy: policy) {
        case .success(let read): address = read
        case .failure(.origin(.forbiddenAddress)): return .refused(.init(.addressForbidden), isTemporary: false)
        case .failure: return .refused(.init(.addressInvalid), isTemporary: false)
        }
        var request = TransportRequest(.post, address.origin, route: "/", headers: headers, body: body, addressPolicy: policy)
        request.path = address.target
        request.headers["Content-Type"] = "application/json"
        request.headers["User-Agent"] = "Vectis"
        request.timeout = timeout
        request.maximumResponseBytes = 64 * 1_024
        do {
            let response = try await http.send(request)
            return Self.delivery(response, point.kind, now: now())
        } catch let error as TransportError where error.delivery == .notSent {
            return Self.refusal(error.kind)
        } catch is CancellationError {
            return .unknown(.init(.outcomeUnknown))
        } catch {
            return .unknown(.init(.outcomeUnknown))
        }
    }

    /// What an answer says about the message.
    ///
    /// 502 and 504 come from a gateway, which does not know what the receiver did. Workflows of Teams do not document what 500 means.
    static func delivery(_ response: TransportResponse, _ kind: ContactPointKind, now: Date) -> Delivery {
        let status = response.status
        let word = String(decoding: response.body.prefix(41), as: UTF8.self)
        let isWord = (1...40).contains(word.utf8.count) && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        let detail = "HTTP \(status)" + (kind == .slack && isWord ? " \(word)" : "")
        let wait = response.headers["Retry-After"].flatMap { value in
            Int(value.trimmingSpaces).map { Duration.seconds(max(0, min($0, 86_400))) }
                ?? HTTPDate.date(header: value).map { .seconds(max(0, min($0.timeIntervalSince(now), 86_400))) }
        }
        func refused(_ code: NotificationErrorCode, isTemporary: Bool = false) -> Delivery {
            .refused(.init(code, detail), isTemporary: isTemporary, retryAfter: isTemporary ? wait : nil)
        }
        switch status {
        case 200...299: return .sent(warning: nil)
        case 429: return refused(.tooManyMessages, isTemporary: true)
        case 408, 425, 503: return refused(.serverFailing, isTemporary: true)
        case 300...399, 401, 403, 404, 405, 410: return refused(.addressInvalid)
        case 400...499, 501, 505: return refused(.messageRefused)
        case 500 where kind == .webhook || kind == .slack: return refused(.serverFailing, isTemporary: true)
        default: return .unknown(.init(.outcomeUnknown, detail))
        }
    }
}

extension MailReply {
    /// The code of the refusal.
    ///
    /// A temporary one says nothing about what it refuses: 451 at a recipient is greylisting more often than a fault of the address. 530 asks
    /// for a sign-in (RFC 4954), at whatever step. 534, and by their enhanced status 5.7.9 (Google) and 5.7.139 (Microsoft 365), say that
    /// this kind of sign-in is not allowed for the mailbox.
    fileprivate var failure: NotificationErrorCode {
        if isTemporary { return .temporarilyRefused }
        if code == 530 { return .signInRefused }
        switch step {
        case .greeting, .hello: return .messageRefused
        case .startTLS: return .encryptionNotOffered
        case .signIn: return code == 534 || ["5.7.9", "5.7.139"].contains(enhancedStatus) ? .signInDisabled : .signInRefused
        case .sender: return .senderRefused
        case .recipient: return .recipientRefused
        case .data, .message: return .messageRefused
        }
    }
}
