internal import CCurl
internal import Glibc
internal import PSACore

/// Sends mails through libcurl, each on a thread of its own, so that no thread of Swift waits for a server.
///
/// Certificates are always verified, no proxy is used, and the address policy applies to each connection before it is opened. A mail is
/// `sent` only if the server has confirmed its content; it is `notSent` or `refused` only if the server can't have got the end of the content.
package struct CurlMailTransport: MailTransport {
    /// Trusted in addition to the system's authorities; a PEM file.
    private let certificateAuthorityFile: String?
    private let connectTimeout: Duration
    private let timeout: Duration

    /// The time that a mail takes at most, in seconds; a lease has to last longer.
    package static let maxSeconds = 60

    /// Creates a ``CurlMailTransport``.
    ///
    /// - Parameters:
    ///   - certificateAuthorityFile: A PEM file with the only authorities to trust; nil for those of the system.
    ///   - connectTimeout: The time for a connection.
    ///   - timeout: The time for everything.
    package init(
        certificateAuthorityFile: String? = nil, connectTimeout: Duration = .seconds(15), timeout: Duration = .seconds(maxSeconds)
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.connectTimeout = connectTimeout
        self.timeout = timeout
    }

    package func send(_ message: MailMessage, through server: MailServer) async -> MailOutcome {
        guard !message.recipients.isEmpty, server.isUsable else { return .notSent(.unusableRequest) }
        if let address = IPAddress(server.host.filter { $0 != "[" && $0 != "]" }), !server.addressPolicy.allows(address) {
            return .notSent(.addressForbidden)
        }
        return await withCheckedContinuation { continuation in
            let transfer = MailTransfer(
                message, server, authorities: certificateAuthorityFile, connectTimeout: connectTimeout.milliseconds,
                timeout: timeout.milliseconds, continuation: continuation)
            let retained = Unmanaged.passRetained(transfer)
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<MailTransfer>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                }, retained.toOpaque())
            guard code == 0 else {
                retained.release()
                return continuation.resume(returning: .notSent(.unusableRequest))
            }
            pthread_detach(thread)
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int { max(1, Int(self / .milliseconds(1))) }
}

extension MailServer {
    /// Whether its parts can stand in a URL as they are, and a connection in clear stays on this machine.
    fileprivate var isUsable: Bool {
        let isHost =
            !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || [0x2D, 0x2E, 0x3A, 0x5B, 0x5D, 0x5F].contains(byte)
            }
        return isHost && (1...65_535).contains(port) && (security != .none || addressPolicy.allowsPlainHTTP(host: host))
    }

    fileprivate var url: String { "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)" }
}

/// One mail on its way; it is used on its thread only, after it was created.
private final class MailTransfer {
    private let server: MailServer
    private let sender: String
    private let recipients: [String]
    private let bytes: [UInt8]
    private let authorities: String?
    private let connectTimeout: Int
    private let timeout: Int
    private let continuation: CheckedContinuation<MailOutcome, Never>

    /// How much of the content libcurl has taken.
    private var offset = 0
    /// Whether libcurl knows that the content has ended: from now on it sends the mark of its end.
    private var hasEnded = false
    private var hasForbiddenAddress = false
    private var hasConnection = false
    private var step = MailReply.Step.greeting
    private var refusedRecipients: [MailReply] = []
    private var refusal: MailReply?
    private var isConfirmed = false

    init(
        _ message: MailMessage, _ server: MailServer, authorities: String?, connectTimeout: Int, timeout: Int,
        continuation: CheckedContinuation<MailOutcome, Never>
    ) {
        self.server = server
        sender = message.sender.description
        recipients = message.recipients.map(\.description)
        bytes = message.bytes
        self.authorities = authorities
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.continuation = continuation
    }

    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    func run() {
        // TLS writes to a closed connection may raise it.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
        guard Self.isLibraryReady, let easy = curl_easy_init() else {
            return continuation.resume(returning: .notSent(.unusableRequest))
        }
        var list: UnsafeMutablePointer<curl_slist>?
        for recipient in recipients { list = curl_slist_append(list, "<\(recipient)>") ?? list }
        defer {
            curl_easy_cleanup(easy)
            curl_slist_free_all(list)
        }
        guard configure(easy, list) else { return continuation.resume(returning: .notSent(.unusableRequest)) }
        let code = curl_easy_perform(easy)
        continuation.resume(returning: outcome(code, easy))
    }

    private func configure(_ easy: UnsafeMutableRawPointer, _ list: UnsafeMutablePointer<curl_slist>?) -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        var codes = [
            psa_set_long(easy, CURLOPT_NOSIGNAL, 1), psa_set_string(easy, CURLOPT_URL, server.url),
            psa_set_string(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps"), psa_set_string(easy, CURLOPT_PROXY, ""),
            psa_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout), psa_set_long(easy, CURLOPT_TIMEOUT_MS, timeout),
            psa_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1), psa_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2),
            psa_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            psa_set_string(easy, CURLOPT_MAIL_FROM, "<\(sender)>"), psa_set_mail_recipients(easy, list),
            psa_set_allows_refused_recipients(easy), psa_set_long(easy, CURLOPT_UPLOAD, 1),
            // Its lines say which command a reply belongs to.
            psa_set_long(easy, CURLOPT_VERBOSE, 1), psa_set_pointer(easy, CURLOPT_DEBUGDATA, context),
            psa_set_pointer(easy, CURLOPT_READDATA, context), psa_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context),
        ]
        if server.security == .startTLS { codes.append(psa_set_long(easy, CURLOPT_USE_SSL, psa_use_ssl_all)) }
        if let user = server.user {
            codes.append(psa_set_string(easy, CURLOPT_USERNAME, user))
            codes.append(psa_set_string(easy, CURLOPT_PASSWORD, server.password?.reveal() ?? ""))
        }
        if let authorities { codes.append(psa_set_string(easy, CURLOPT_CAINFO, authorities)) }
        codes.append(
            psa_set_read_callback(easy) { buffer, size, count, context in
                guard let buffer, let context else { return Int(CURL_READFUNC_ABORT) }
                let transfer = Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.read(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
            })
        codes.append(
            psa_set_debug_callback(easy) { _, kind, bytes, count, context in
                guard let bytes, let context else { return 0 }
                let transfer = Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
                transfer.note(kind, UnsafeRawBufferPointer(start: bytes, count: count))
                return 0
            })
        codes.append(
            psa_set_socket_callback(easy) { context, _, target in
                guard let context, let target else { return CURL_SOCKET_BAD }
                return Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().open(target)
            })
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func open(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = psa_copy_address(target, &bytes)
        guard let address = IPAddress(bytes: bytes.prefix(count)), server.addressPolicy.allows(address) else {
            hasForbiddenAddress = true
            return CURL_SOCKET_BAD
        }
        return socket(target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
    }

    /// Hands out the next part of the content.
    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        // What a server takes later for one recipient is not sent to the others now: they would get it twice.
        if refusedRecipients.contains(where: \.isTemporary) { return Int(CURL_READFUNC_ABORT) }
        let part = bytes[offset...].prefix(buffer.count)
        if part.isEmpty {
            hasEnded = true
            return 0
        }
        buffer.copyBytes(from: part)
        offset += part.count
        return part.count
    }

    /// Follows the conversation: what libcurl sends, and what the server replies.
    private func note(_ kind: curl_infotype, _ bytes: UnsafeRawBufferPointer) {
        switch kind {
        case CURLINFO_HEADER_OUT: noteCommand(bytes)
        case CURLINFO_HEADER_IN: noteReply(bytes)
        default: break
        }
    }

    private func noteCommand(_ bytes: UnsafeRawBufferPointer) {
        // Only the name of the command is looked at; a sign-in holds the password.
        let name = String(decoding: bytes.prefix { $0 > 0x20 }.prefix(8), as: UTF8.self).uppercased()
        switch name {
        case "EHLO", "HELO": step = .hello
        case "STARTTLS": step = .startTLS
        case "AUTH": step = .signIn
        case "MAIL": step = .sender
        case "RCPT": step = .recipient
        case "DATA": step = .data
        // The rest of a sign-in has no name.
        default: break
        }
    }

    private func noteReply(_ bytes: UnsafeRawBufferPointer) {
        hasConnection = true
        let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
        guard line.count >= 3, let code = Int(String(decoding: line.prefix(3), as: UTF8.self)), (200...599).contains(code) else { return }
        // The last line of a reply has a space after its code.
        guard line.count == 3 || line[3] == 0x20 else { return }
        if step == .data, code == 354 {
            step = .message
            return
        }
        if step == .message {
            // A reply before the end of the content refuses it; a confirmation there would be of no content.
            if code < 400, hasEnded { isConfirmed = true }
        }
        // After a refused EHLO comes HELO.
        if code < 400, step == .hello { refusal = nil }
        guard code >= 400 else { return }
        var reply = MailReply(step: step, code: code, text: Self.printable(line.dropFirst(4)))
        // Its words may repeat what was sent, in some encoding.
        if step == .signIn { reply.text = reply.enhancedStatus ?? "" }
        if step == .recipient { refusedRecipients.append(reply) } else { refusal = refusal ?? reply }
    }

    private static func printable(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.prefix(400), as: UTF8.self).unicodeScalars.lazy
            .map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) }.prefix(200).reduce(into: "") {
                $0.append($1)
            }
    }

    private func outcome(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> MailOutcome {
        // What happens after the confirmation, such as a lost connection before the farewell, changes nothing.
        if isConfirmed { return .sent(refused: refusedRecipients) }
        if let refusal, refusal.step == .message { return .refused(refusal) }
        if hasEnded { return .unknown }
        if hasForbiddenAddress, !hasConnection { return .notSent(.addressForbidden) }
        if let temporary = refusedRecipients.first(where: \.isTemporary) { return .refused(temporary) }
        if let refusal, code != CURLE_OPERATION_TIMEDOUT { return .refused(refusal) }
        if refusedRecipients.count == recipients.count, let first = refusedRecipients.first { return .refused(first) }
        switch code {
        case CURLE_USE_SSL_FAILED: return .refused(MailReply(step: .startTLS, code: 0, text: ""))
        case CURLE_LOGIN_DENIED: return .refused(MailReply(step: .signIn, code: 0, text: ""))
        default: return .notSent(kind(code, easy))
        }
    }

    private func kind(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> TransportError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: return .nameNotFound
        case CURLE_COULDNT_CONNECT: return psa_get_long(easy, CURLINFO_OS_ERRNO) == Int(ETIMEDOUT) ? .timedOut : .connectionRefused
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_PEER_FAILED_VERIFICATION:
            // The numbers are OpenSSL's X509_V_ERR_….
            switch psa_get_long(easy, CURLINFO_SSL_VERIFYRESULT) {
            case 9: return .certificateNotYetValid
            case 10: return .certificateExpired
            case 18: return .certificateSelfSigned
            case 0, 1, 62, 64: return .certificateNameMismatch
            default: return .certificateUntrusted
            }
        case CURLE_SSL_CACERT_BADFILE: return .certificateUntrusted
        case CURLE_SSL_CONNECT_ERROR: return .tlsNotSpoken
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_OUT_OF_MEMORY, CURLE_UNSUPPORTED_PROTOCOL: return .unusableRequest
        default: return .interrupted
        }
    }
}
