package import PSACore

/// A server that takes mails by SMTP.
package struct MailServer: Sendable, Hashable {
    /// How the connection is encrypted.
    package enum Security: String, Sendable, CaseIterable {
        /// It begins in clear and is encrypted before anything is sent; a server that does not offer this is not used.
        case startTLS = "starttls"
        /// It is encrypted from its beginning.
        case tls
        /// It is not encrypted; only for a server on this machine.
        case none
    }

    /// The host name or the address.
    package var host: String
    /// The port.
    package var port: Int
    package var security: Security
    /// The user to sign in with; nil to send without.
    package var user: String?
    /// The password of the user.
    package var password: Secret?
    /// The addresses that may be connected to.
    package var addressPolicy: AddressPolicy

    /// Creates a ``MailServer``.
    package init(
        host: String, port: Int, security: Security, user: String? = nil, password: Secret? = nil, addressPolicy: AddressPolicy
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.user = user
        self.password = password
        self.addressPolicy = addressPolicy
    }
}

/// What is known of a mail after it was handed to a server.
package enum MailOutcome: Sendable, Equatable {
    /// The server has taken it for all recipients but those that it refused for good.
    case sent(refused: [MailReply])
    /// The server has refused it: no recipient gets it.
    case refused(MailReply)
    /// It was not handed over: the server has not got the end of it.
    case notSent(TransportError.Kind)
    /// The server has got the end of it, and its reply did not arrive: it may be delivered or not.
    case unknown
}

/// A reply of a server that refuses something.
package struct MailReply: Sendable, Equatable {
    /// What was refused.
    package enum Step: String, Sendable, CaseIterable {
        /// The connection.
        case greeting
        case hello
        case startTLS = "starttls"
        case signIn = "sign_in"
        case sender
        case recipient
        /// The beginning of the content.
        case data
        /// The content.
        case message
    }

    package var step: Step
    /// The three digits of the reply; 0 if the server lacks what is needed.
    package var code: Int
    /// The words of the server, one line of at most 200 printable characters; for a sign-in the ``enhancedStatus`` alone.
    package var text: String

    /// Creates a ``MailReply``.
    package init(step: Step, code: Int, text: String) {
        self.step = step
        self.code = code
        self.text = text
    }

    /// The enhanced status code (RFC 3463) with which the words begin, such as `5.7.8`; nil without one.
    package var enhancedStatus: String? { text.prefixMatch(of: /[245]\.\d{1,3}\.\d{1,3}(?![\d.])/).map { String($0.output) } }

    /// Whether the server takes it later, by its own account.
    package var isTemporary: Bool { (400...499).contains(code) }
}

/// Hands mails to servers.
package protocol MailTransport: Sendable {
    /// Sends a mail once; nothing is repeated.
    ///
    /// - Parameters:
    ///   - message: The mail.
    ///   - server: The server to hand it to.
    /// - Returns: What is known of it.
    func send(_ message: MailMessage, through server: MailServer) async -> MailOutcome
}
