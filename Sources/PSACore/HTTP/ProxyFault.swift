/// The proxy of this machine's own network that a request did not get past, and why.
public struct ProxyFault: Sendable, Hashable {
    /// How it failed.
    @nonexhaustive
    public enum Reason: Sendable, Hashable {
        /// Its name has no address.
        case nameNotFound
        /// No connection to it came about.
        case refused
        /// It did not answer in time.
        case timedOut
        /// It ended the connection without an answer.
        case closed
        /// It let the connection through, and what came then was not encrypted.
        case spokePlainly
        /// It answered the request for a connection with this status, and its own name for the reason if it gave one.
        case answered(status: Int, detail: String?)
    }

    /// The environment variable that names it.
    public let variable: String
    /// Its host and port, without user name and password.
    public let address: String
    /// How it failed.
    public let reason: Reason

    /// Whether the variable has a user name and password that it did not take.
    public var refusedUser = false

    /// States a fault.
    public init(variable: String, address: String, reason: Reason) {
        self.variable = variable
        self.address = address
        self.reason = reason
    }

    /// What it says about the causes of a failure.
    func findings(for code: ErrorCode) -> [CauseEvidence] {
        let evidence = ProxyMessage.seen(self)
        switch code {
        case .proxyAuthenticationRequired:
            return [CauseEvidence(refusedUser ? "wrong_user" : "network_proxy", by: .transport, evidence: evidence)]
                + (refusedUser ? [CauseEvidence("network_proxy", .possible, by: .transport)] : [])
        case .tlsNotSpoken: return [CauseEvidence("network_proxy", by: .transport, evidence: evidence)]
        case .proxyBlocked:
            let cause: CauseID =
                switch reason {
                case .nameNotFound, .refused, .timedOut, .closed, .spokePlainly: "proxy_unreachable"
                // A web server does not know how to make a connection for others.
                case .answered(400, nil), .answered(404, nil), .answered(405, nil), .answered(501, nil): "proxy_unreachable"
                case .answered(let status, _): status >= 500 ? "proxy_without_way" : "network_proxy"
                }
            return [CauseEvidence(cause, by: .transport, evidence: evidence)]
        default: return []
        }
    }
}

/// What was seen of a proxy, and its name in a sentence.
enum ProxyMessage: LocalizedMessage, Hashable {
    /// What was seen.
    case seen(ProxyFault)
    /// The proxy, for a sentence.
    case device(ProxyFault)

    private var fault: ProxyFault {
        switch self {
        case .seen(let fault), .device(let fault): fault
        }
    }

    var values: [String: MessageValue] {
        var values: [String: MessageValue] = ["variable": .verbatim(fault.variable), "address": .verbatim(fault.address)]
        if case .answered(let status, let detail) = fault.reason {
            values["status"] = .verbatim(String(status))
            values["detail"] = .verbatim(detail ?? "")
        }
        return values
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        let proxy = "the proxy set in {variable} ({address})"
        guard case .seen(let fault) = self else { return proxy }
        return switch fault.reason {
        case .nameNotFound: "The name of \(proxy) could not be resolved; the server was not reached."
        case .refused: "The connection to \(proxy) was refused; the server was not reached."
        case .timedOut: "No answer came in time from \(proxy); the server was not reached."
        case .closed: "The connection was ended without an answer by \(proxy); the server was not reached."
        case .spokePlainly: "What came through \(proxy) was not encrypted; the server was not reached."
        case .answered(_, nil): "HTTP {status} came from \(proxy); the server was not reached."
        case .answered: "HTTP {status} ({detail}) came from \(proxy); the server was not reached."
        }
    }

    private var german: String {
        guard case .seen(let fault) = self else { return "die Proxy-Adresse aus {variable} ({address})" }
        let proxy = "Der Proxy aus {variable} ({address})"
        return switch fault.reason {
        case .nameNotFound: "\(proxy) hat keine auflösbare Adresse; der Server wurde nicht erreicht."
        case .refused: "\(proxy) hat die Verbindung abgelehnt; der Server wurde nicht erreicht."
        case .timedOut: "\(proxy) hat nicht rechtzeitig geantwortet; der Server wurde nicht erreicht."
        case .closed: "\(proxy) hat die Verbindung ohne Antwort beendet; der Server wurde nicht erreicht."
        case .spokePlainly: "\(proxy) hat unverschlüsselt geantwortet; der Server wurde nicht erreicht."
        case .answered(_, nil): "\(proxy) hat mit HTTP {status} geantwortet; der Server wurde nicht erreicht."
        case .answered: "\(proxy) hat mit HTTP {status} ({detail}) geantwortet; der Server wurde nicht erreicht."
        }
    }
}
