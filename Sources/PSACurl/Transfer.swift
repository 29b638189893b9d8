internal import CCurl
internal import Glibc
internal import PSACore

/// One request under way: what it wants, what has arrived, and what libcurl's callbacks have found out.
///
/// Used on the transfer thread only.
final class Transfer {
    let number: UInt64
    let request: HTTPRequest
    let easy: EasyHandle
    let continuation: CheckedContinuation<HTTPResponse, any Error>
    /// When the time allowed is over; it runs while the request waits for a connection, too.
    let deadline: ContinuousClock.Instant
    /// Whether libcurl talks to a proxy, whose address is none of the policy's business.
    var usesProxy = false

    /// The failure that is told, while its certificate is looked at.
    private var refused: TransportError?
    private var body: [UInt8] = []
    private var isHeadComplete = false
    private var isTooLarge = false
    /// How often a connection was handed to the request; 0 proves that no byte of it left.
    private var sendings = 0
    private var isAddressForbidden = false
    private var hasOpenedSocket = false

    init(number: UInt64, request: HTTPRequest, easy: EasyHandle, continuation: CheckedContinuation<HTTPResponse, any Error>) {
        self.number = number
        self.request = request
        self.easy = easy
        self.continuation = continuation
        deadline = .now + request.timeout
    }

    /// Follows the answer's head, of which libcurl 7.88 takes a half for a whole if the connection ends in an orderly way.
    func receiveHeadLine(_ line: UnsafeRawBufferPointer) {
        if line.starts(with: "HTTP/".utf8) { isHeadComplete = false }
        if line.first == 0x0D || line.first == 0x0A { isHeadComplete = true }
    }

    /// Takes a piece of the decoded body, or refuses it because the sum exceeds the request's limit.
    func receive(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard piece.count <= request.maximumResponseBytes - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: piece)
        return true
    }

    /// Makes the socket for a new connection, unless the policy forbids its address.
    func openSocket(_ target: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        guard usesProxy || isAllowed(target) else {
            // Of a name's several addresses an allowed one may be tried, and then what becomes of that one counts.
            isAddressForbidden = !hasOpenedSocket
            return CURL_SOCKET_BAD
        }
        hasOpenedSocket = true
        isAddressForbidden = false
        // Without CLOEXEC a child process would inherit the connection and keep it open.
        return socket(
            target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
    }

    /// The last word before the request is written, on new and reused connections alike.
    ///
    /// A reused connection may have been opened under another request's policy. And libcurl comes here a second time to repeat a request
    /// whose reused connection died without an answer (`Curl_retry_request`), which may have been read and executed.
    func mayBeSent(toAddress text: String) -> Bool {
        guard usesProxy || (IPAddress(text).map(request.addressPolicy.allows) ?? false) else {
            isAddressForbidden = true
            return false
        }
        // What is sent to look at a certificate is nothing of the request's.
        if refused != nil { return true }
        guard sendings == 0 || request.isRepeatable else { return false }
        sendings += 1
        return true
    }

    /// What came of it, once libcurl is done.
    func outcome(_ code: CURLcode) -> Result<HTTPResponse, any Error> {
        if var refused {
            refused.certificate = easy.certificate
            refused.serverTime = HTTPDate.moment(header: easy.answerHeaders["Date"])
            return .failure(refused)
        }
        guard code == CURLE_OK else { return .failure(failure(code)) }
        guard isHeadComplete else { return .failure(failure(CURLE_PARTIAL_FILE)) }
        var response = HTTPResponse(status: psa_get_long(easy.raw, CURLINFO_RESPONSE_CODE), headers: easy.answerHeaders, body: body)
        response.localAddress = easy.localAddress
        return .success(response)
    }

    /// Whether the certificate that an outcome is about is still to be looked at; from then on the outcome stands, whatever comes of it.
    func beginsInspection(after outcome: Result<HTTPResponse, any Error>, _ settings: TransferSettings) -> Bool {
        guard refused == nil, case .failure(let error as TransportError) = outcome, Self.certificateKinds.contains(error.kind),
            deadline - .now > .milliseconds(200)
        else { return false }
        refused = error
        return configureInspection(settings)
    }

    private static let certificateKinds: Set<TransportError.Kind> = [
        .certificateUntrusted, .certificateSelfSigned, .certificateExpired, .certificateNotYetValid, .certificateNameMismatch,
    ]

    /// What a request ends with whose deadline has passed.
    var timeout: TransportError { refused ?? failure(CURLE_OPERATION_TIMEDOUT) }

    /// What a request ends with whose caller has given up: a write says whether it had left.
    var cancellation: any Error {
        guard !request.isRepeatable else { return CancellationError() }
        return TransportError(
            .interrupted, delivery: sendings == 0 ? .notSent : .maybeSent, note: "\(request.origin.host): given up by the caller")
    }

    private func failure(_ code: CURLcode) -> TransportError {
        let delivery: TransportError.Delivery = sendings == 0 ? .notSent : .maybeSent
        let host = request.origin.host
        if isTooLarge {
            return TransportError(
                .responseTooLarge, delivery: delivery, note: "\(host): the answer exceeds \(request.maximumResponseBytes) bytes")
        }
        if sendings == 0, isAddressForbidden {
            return TransportError(.addressForbidden, delivery: .notSent, note: "\(host): the address policy forbids its address")
        }
        return TransportError(curl: code, easy: easy, delivery: delivery, host: host)
    }

    private func isAllowed(_ target: UnsafePointer<curl_sockaddr>) -> Bool {
        let bytes = [UInt8](unsafeUninitializedCapacity: 16) { $1 = psa_copy_address(target, $0.baseAddress) }
        return IPAddress(bytes: bytes).map(request.addressPolicy.allows) ?? false
    }
}

extension Transfer {
    /// Sets every option for this request.
    ///
    /// - Throws: ``PSACore/TransportError`` if the request can't be stated in HTTP or its address is forbidden as typed.
    func configure(_ settings: TransferSettings) throws(TransportError) {
        try checkAddressLiteral()
        try checkText()
        easy.listen()
        setDestination(settings)
        setBounds(settings)
        setContent()
        setCallbacks()
        guard easy.refusal == CURLE_OK else { throw unusable(String(cString: curl_easy_strerror(easy.refusal))) }
    }

    /// Sets the options for a look at a certificate that was refused: a request for nothing, over a connection of its own that nobody uses
    /// after it, without a field, a path or a body of the caller's.
    func configureInspection(_ settings: TransferSettings) -> Bool {
        easy.reset()
        easy.set(CURLOPT_URL, request.origin.scheme + "://" + request.origin.authority + "/")
        easy.set(CURLOPT_PROTOCOLS_STR, "https")
        easy.set(CURLOPT_NOBODY, true)
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        easy.set(CURLOPT_PROXY, settings.proxies.proxy(for: request.origin) ?? "")
        easy.set(CURLOPT_NOPROXY, "")
        easy.set(CURLOPT_SSL_VERIFYPEER, false)
        easy.set(CURLOPT_SSL_VERIFYHOST, 0)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        easy.set(CURLOPT_CERTINFO, true)
        easy.set(CURLOPT_FRESH_CONNECT, true)
        easy.set(CURLOPT_FORBID_REUSE, true)
        easy.set(CURLOPT_SSL_SESSIONID_CACHE, false)
        easy.set(CURLOPT_NOSIGNAL, true)
        easy.set(CURLOPT_QUICK_EXIT, true)
        easy.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(min(deadline - .now, .seconds(5))))
        easy.set(CURLOPT_USERAGENT, "vectis-psa/1")
        setCallbacks()
        return easy.refusal == CURLE_OK
    }

    private func setDestination(_ settings: TransferSettings) {
        let proxy = settings.proxies.proxy(for: request.origin)
        usesProxy = proxy != nil
        easy.set(CURLOPT_URL, request.urlText)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_PATH_AS_IS, true)
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // An empty text keeps libcurl from reading the environment by itself, where it could come to another decision.
        easy.set(CURLOPT_PROXY, proxy ?? "")
        easy.set(CURLOPT_NOPROXY, "")
        easy.set(CURLOPT_SSL_VERIFYPEER, true)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        setAuthorities(settings.certificateAuthorityFile)
    }

    /// By default libcurl parses the system's bundle for every new connection, which takes the transfer thread 36 ms each time.
    private func setAuthorities(_ file: String?) {
        if let file {
            // In place of the bundle; the same authorities are found one by one in the system's directory, CURLOPT_CAPATH.
            easy.set(CURLOPT_CAINFO, file)
        } else if psa_has_authority_bundle() {
            // Without a directory libcurl keeps the parsed bundle, for a day (CURLOPT_CA_CACHE_TIMEOUT).
            easy.set(CURLOPT_CAPATH, nil)
        }
    }

    private func setBounds(_ settings: TransferSettings) {
        easy.set(CURLOPT_NOSIGNAL, true)
        // Else giving up during a name resolution waits for the resolver, and all other transfers with it.
        easy.set(CURLOPT_QUICK_EXIT, true)
        easy.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout))
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
        if !request.isRepeatable { easy.set(CURLOPT_MAXAGE_CONN, settings.maximumIdleSecondsBeforeWrite) }
    }

    private func setContent() {
        // libcurl would add these two to a body; the request says what it wants.
        var lines = ["Expect:"]
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        if request.headers["User-Agent"] == nil { easy.set(CURLOPT_USERAGENT, "vectis-psa/1") }
        for (name, value) in request.headers.fields {
            // To libcurl "Name:" means to leave the field out; an empty value is spelled with a semicolon.
            lines.append(value.allSatisfy { $0 == " " || $0 == "\t" } ? name + ";" : name + ": " + value)
        }
        easy.setHeaders(lines)
        easy.set(CURLOPT_ACCEPT_ENCODING, "")
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        if let body = request.body ?? ([.post, .put, .patch].contains(request.method) ? [] : nil) {
            easy.set(CURLOPT_POST, true)
            easy.setBody(body)
        }
        if request.method == .head { easy.set(CURLOPT_NOBODY, true) } else { easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_PRIVATE, context)
        easy.set(CURLOPT_WRITEDATA, context)
        easy.set(CURLOPT_HEADERDATA, context)
        easy.set(CURLOPT_OPENSOCKETDATA, context)
        easy.set(CURLOPT_PREREQDATA, context)
        easy.note(
            psa_set_write_callback(easy.raw) { bytes, _, count, context in
                guard let context else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
            })
        easy.note(
            psa_set_header_callback(easy.raw) { bytes, _, count, context in
                guard let context else { return 0 }
                Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    .receiveHeadLine(UnsafeRawBufferPointer(start: bytes, count: count))
                return count
            })
        easy.note(
            psa_set_socket_callback(easy.raw) { context, _, target in
                guard let context, let target else { return CURL_SOCKET_BAD }
                return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().openSocket(target)
            })
        easy.note(
            psa_set_request_callback(easy.raw) { context, address, _, _, _ in
                guard let context, let address else { return CURL_PREREQFUNC_ABORT }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.mayBeSent(toAddress: String(cString: address)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
    }

    /// Through a proxy, the callbacks see the proxy's address only.
    private func checkAddressLiteral() throws(TransportError) {
        let host = request.origin.host
        guard let address = IPAddress(host.filter { $0 != "[" && $0 != "]" }), !request.addressPolicy.allows(address) else { return }
        throw TransportError(.addressForbidden, delivery: .notSent, note: "\(host): the address policy forbids it")
    }

    /// libcurl sends header lines as they are, so a line end in a value would start another field or another request.
    private func checkText() throws(TransportError) {
        guard request.urlText.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw unusable("a character not allowed in an address") }
        guard request.method != .head || request.body == nil else { throw unusable("HEAD with a body") }
        for (name, value) in request.headers.fields {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else { throw unusable("a malformed header name") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw unusable("a malformed header value") }
            guard !["content-length", "transfer-encoding"].contains(name.lowercased()) else { throw unusable("its own \(name)") }
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private func unusable(_ reason: String) -> TransportError {
        TransportError(.unusableRequest, delivery: .notSent, note: "\(request.origin.host): \(reason)")
    }

    /// At least 1, because 0 means no limit to libcurl; at most a fortnight, which keeps it from overflowing.
    private static func milliseconds(_ duration: Duration) -> Int {
        Int(min(max(duration / .milliseconds(1), 1), 1_209_600_000))
    }
}
