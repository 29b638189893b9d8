internal import CCurl
internal import Glibc
internal import PSACore

/// A running request with the received part of its response and the state of libcurl's callbacks.
///
/// It is used only on the transfer thread.
final class Transfer {
    let number: UInt64
    let request: TransportRequest
    let easy: EasyHandle
    let continuation: CheckedContinuation<TransportResponse, any Error>
    /// The end of the request's timeout, which includes waiting for a connection.
    let deadline: ContinuousClock.Instant
    /// The proxy that libcurl connects to; the address policy does not apply to it.
    private var proxy: ProxyEnvironment.Setting?
    private var usesProxy: Bool { proxy != nil }
    private let memory: ResponseMemory
    private let sockets: OpenSockets
    /// The share of the memory for large responses, once the body is large.
    private var share: ResponseMemory.Share?
    /// The class of the share that the response needs and that was not free.
    private(set) var missingShare: ResponseMemory.Class?

    /// The error to report after the server's certificate has been inspected.
    private var certificateError: TransportError?
    private var body: [UInt8] = []
    private var isHeadComplete = false
    /// What of the response exceeded its limit, for logs.
    private var excess: String?
    private var headBytes = 0
    private var headLines = 0
    /// The connection of the request, and how many bytes it had received before.
    private var received: (socket: curl_socket_t, before: Int64)?
    /// How often the request was assigned a connection; 0 proves that no byte of it was sent.
    private var sendAttempts = 0
    private var isAddressForbidden = false
    private var hasOpenedSocket = false

    init(_ start: StartCommand, easy: EasyHandle, memory: ResponseMemory, sockets: OpenSockets) {
        number = start.number
        request = start.request
        continuation = start.continuation
        share = start.share
        self.memory = memory
        self.sockets = sockets
        self.easy = easy
        deadline = .now + request.timeout
    }

    /// The largest number of bytes in the header fields of all responses to a request: a proxy's, interim ones, the final one, trailers.
    static let maxHeadBytes = 256 << 10
    /// The largest number of lines in them; libcurl keeps each, and finding one takes time in proportion to their number.
    static let maxHeadLines = 500

    /// Takes a line of a head or a trailer; returns false if there are too many.
    ///
    /// It tracks the end of the response's head, because libcurl 7.88 accepts a partial one if the connection is closed cleanly.
    func receiveHeadLine(_ line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        headLines += 1
        guard headBytes <= Self.maxHeadBytes, headLines <= Self.maxHeadLines else {
            excess = "the header fields and trailers exceed \(Self.maxHeadBytes) bytes or \(Self.maxHeadLines) lines"
            return false
        }
        if line.starts(with: "HTTP/".utf8) { isHeadComplete = false }
        if line.first == 0x0D || line.first == 0x0A { isHeadComplete = true }
        return true
    }

    /// Appends a part of the decoded body; returns false if the sum exceeds the request's limit, or there is no memory for it now.
    func receive(_ part: UnsafeRawBufferPointer) -> Bool {
        guard part.count <= request.maximumResponseBytes - body.count else {
            excess = "the response exceeds \(request.maximumResponseBytes) bytes"
            return false
        }
        guard hasMemory(for: body.count + part.count) else { return false }
        if body.isEmpty { body.reserveCapacity(announcedBytes) }
        body.append(contentsOf: part)
        return true
    }

    /// Takes a share of the memory for large responses when the body needs one.
    private func hasMemory(for count: Int) -> Bool {
        guard count > ResponseMemory.freeBytes else { return true }
        let size: ResponseMemory.Class = count > ResponseMemory.mediumBytes ? .large : .medium
        if let share, share.size == .large || size == .medium { return true }
        guard let larger = memory.take(size, for: request.origin.host) else {
            missingShare = size
            return false
        }
        share = larger
        return true
    }

    /// Ends the transfer if its connection has received more than the response may take on the way.
    ///
    /// The kernel counts every byte, also those that libcurl reports to no callback: chunk sizes and extensions, compressed bytes that
    /// decompress to nothing, encryption.
    func exceedsReceivedBytes() -> Bool {
        guard let received, case let count = psa_received_bytes(received.socket), count >= 0 else { return false }
        let limit = Int64(request.maximumResponseBytes) * 5 / 4 + 1 << 20
        guard count - received.before > limit else { return false }
        excess = "more than \(limit) bytes were received for the response"
        return true
    }

    /// The error of a response that is too large.
    var tooLargeError: TransportError { error(CURLE_WRITE_ERROR) }

    /// The length that the server announces, as far as it may be received; 0 if it announces none.
    ///
    /// Of a compressed body it is less than what comes; of a server that lies it is anything.
    private var announcedBytes: Int {
        let length = psa_get_size(easy.raw, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return Int(min(max(length, 0), curl_off_t(request.maximumResponseBytes)))
    }

    /// Creates the socket for a new connection, unless the policy forbids its address.
    func openSocket(_ target: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        guard usesProxy || isAllowed(target) else {
            // If the name has several addresses, libcurl may try an allowed one, and the result of that one is reported.
            isAddressForbidden = !hasOpenedSocket
            return CURL_SOCKET_BAD
        }
        hasOpenedSocket = true
        isAddressForbidden = false
        // Without CLOEXEC a child process would inherit the connection and keep it open.
        let descriptor = socket(
            target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
        if descriptor >= 0 { sockets.descriptors.insert(descriptor) }
        return descriptor
    }

    /// Notes the connection on which the request is sent, and what it has received before.
    func noteConnection(_ isConnection: (curl_socket_t) -> Bool) {
        received = sockets.descriptors.first(where: isConnection).map { ($0, max(0, psa_received_bytes($0))) }
    }

    /// Decides whether the request may be written, on a new or reused connection.
    ///
    /// A reused connection may have been opened under another request's policy. And libcurl calls this a second time to repeat a request
    /// whose reused connection was closed without a response (`Curl_retry_request`), which the server may have executed.
    func mayBeSent(toAddress text: String) -> Bool {
        guard usesProxy || (IPAddress(text).map(request.addressPolicy.allows) ?? false) else {
            isAddressForbidden = true
            return false
        }
        // The inspection of a certificate sends no part of the request.
        if certificateError != nil { return true }
        guard sendAttempts == 0 || request.isRepeatable else { return false }
        sendAttempts += 1
        return true
    }

    /// Returns the result of the transfer after libcurl has finished it.
    func result(_ code: CURLcode) -> Result<TransportResponse, any Error> {
        if var certificateError {
            certificateError.certificate = easy.certificate
            certificateError.serverTime = HTTPDate.date(header: easy.responseHeaders["Date"])
            return .failure(certificateError)
        }
        guard code == CURLE_OK else { return .failure(error(code)) }
        guard isHeadComplete else { return .failure(error(CURLE_PARTIAL_FILE)) }
        var response = TransportResponse(status: psa_get_long(easy.raw, CURLINFO_RESPONSE_CODE), headers: easy.responseHeaders, body: body)
        response.localAddress = easy.localAddress
        response.memoryShare = share
        return .success(response)
    }

    /// Starts the inspection of the certificate that a result is about, and returns whether it was started.
    ///
    /// The error of the result is kept, whatever the result of the inspection.
    func startInspection(after result: Result<TransportResponse, any Error>, _ settings: TransferSettings) -> Bool {
        guard certificateError == nil, case .failure(let error as TransportError) = result, Self.certificateKinds.contains(error.kind),
            deadline - .now > .milliseconds(200)
        else { return false }
        certificateError = error
        return configureInspection(settings)
    }

    private static let certificateKinds: Set<TransportError.Kind> = [
        .certificateUntrusted, .certificateSelfSigned, .certificateExpired, .certificateNotYetValid, .certificateNameMismatch,
    ]

    /// The error of a request whose deadline has passed.
    var timeoutError: TransportError { certificateError ?? error(CURLE_OPERATION_TIMEDOUT) }

    /// The error of a cancelled request; that of a write says whether it was sent.
    var cancellationError: any Error {
        guard !request.isRepeatable else { return CancellationError() }
        return TransportError(
            .interrupted, delivery: sendAttempts == 0 ? .notSent : .maybeSent, note: "\(request.origin.host): cancelled by the caller")
    }

    private func error(_ code: CURLcode) -> TransportError {
        let delivery: TransportError.Delivery = sendAttempts == 0 ? .notSent : .maybeSent
        let host = request.origin.host
        if missingShare != nil {
            return TransportError(.responseTooLarge, delivery: delivery, note: "\(host): other large responses take the memory")
        }
        if let excess { return TransportError(.responseTooLarge, delivery: delivery, note: "\(host): \(excess)") }
        if sendAttempts == 0, isAddressForbidden {
            return TransportError(.addressForbidden, delivery: .notSent, note: "\(host): the address policy forbids its address")
        }
        return TransportError(curl: code, easy: easy, delivery: delivery, host: host, proxy: proxy)
    }

    private func isAllowed(_ target: UnsafePointer<curl_sockaddr>) -> Bool {
        let bytes = [UInt8](unsafeUninitializedCapacity: 16) { $1 = psa_copy_address(target, $0.baseAddress) }
        return IPAddress(bytes: bytes).map(request.addressPolicy.allows) ?? false
    }
}

extension Transfer {
    /// Sets every option for this request.
    ///
    /// - Throws: ``/PSACore/TransportError`` if the request cannot be expressed in HTTP or its address literal is forbidden.
    func configure(_ settings: TransferSettings) throws(TransportError) {
        try validateAddressLiteral()
        try validateText()
        easy.captureErrorText()
        setDestination(settings)
        setLimits(settings)
        setContent()
        setCallbacks()
        guard easy.firstOptionError == CURLE_OK else {
            throw unusable(String(cString: curl_easy_strerror(easy.firstOptionError)))
        }
    }

    /// Sets the options for the inspection of an untrusted certificate: a HEAD request for `/` on a separate connection that is not
    /// reused, without any header, path or body of the caller's request.
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
        return easy.firstOptionError == CURLE_OK
    }

    private func setDestination(_ settings: TransferSettings) {
        proxy = settings.proxies.setting(for: request.origin)
        easy.set(CURLOPT_URL, request.urlText)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_PATH_AS_IS, true)
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // An empty string prevents libcurl from reading the environment itself, which could give another result.
        easy.set(CURLOPT_PROXY, proxy?.url ?? "")
        easy.set(CURLOPT_NOPROXY, "")
        easy.set(CURLOPT_SSL_VERIFYPEER, true)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        setAuthorities(settings.certificateAuthorityFile)
    }

    /// By default libcurl parses the system's bundle for every new connection, which blocks the transfer thread for 36 ms each time.
    private func setAuthorities(_ file: String?) {
        if let file {
            // Replaces the bundle; the same authorities are found individually in the system's directory, CURLOPT_CAPATH.
            easy.set(CURLOPT_CAINFO, file)
        } else if psa_has_authority_bundle() {
            // Without a directory libcurl caches the parsed bundle for a day (CURLOPT_CA_CACHE_TIMEOUT).
            easy.set(CURLOPT_CAPATH, nil)
        }
    }

    private func setLimits(_ settings: TransferSettings) {
        easy.set(CURLOPT_NOSIGNAL, true)
        // Otherwise, cancelling during a name resolution blocks all transfers until the resolver returns.
        easy.set(CURLOPT_QUICK_EXIT, true)
        easy.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout))
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
        if !request.isRepeatable { easy.set(CURLOPT_MAXAGE_CONN, settings.maximumIdleSecondsBeforeWrite) }
    }

    private func setContent() {
        // libcurl would add these two headers to a body; only the request's own headers are sent.
        var lines = ["Expect:"]
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        if request.headers["User-Agent"] == nil { easy.set(CURLOPT_USERAGENT, "vectis-psa/1") }
        for (name, value) in request.headers.fields {
            // libcurl interprets "Name:" as removing the header; an empty value is written as "Name;".
            lines.append(value.allSatisfy { $0 == " " || $0 == "\t" } ? name + ";" : name + ": " + value)
        }
        easy.setHeaders(lines)
        easy.set(CURLOPT_ACCEPT_ENCODING, "")
        // A list page takes three parts instead of forty. A handle whose last transfer was cancelled may still have its buffer and refuse;
        // it then receives in smaller parts.
        psa_set_long(easy.raw, CURLOPT_BUFFERSIZE, 262_144)
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
        // A connection may outlive its transfer, so the callback gets what lives as long as the thread.
        easy.set(CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(sockets).toOpaque())
        easy.note(
            psa_set_close_callback(easy.raw) { context, descriptor in
                if let context { Unmanaged<OpenSockets>.fromOpaque(context).takeUnretainedValue().descriptors.remove(descriptor) }
                return close(descriptor)
            })
        easy.note(
            psa_set_write_callback(easy.raw) { bytes, _, count, context in
                guard let context else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
            })
        easy.note(
            psa_set_header_callback(easy.raw) { bytes, _, count, context in
                guard let context else { return 0 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.receiveHeadLine(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
            })
        easy.note(
            psa_set_socket_callback(easy.raw) { context, _, target in
                guard let context, let target else { return CURL_SOCKET_BAD }
                return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().openSocket(target)
            })
        easy.note(
            psa_set_request_callback(easy.raw) { context, address, localAddress, port, localPort in
                guard let context, let address else { return CURL_PREREQFUNC_ABORT }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                transfer.noteConnection { psa_connects($0, localAddress, localPort, address, port) }
                return transfer.mayBeSent(toAddress: String(cString: address)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
    }

    /// Checks address literals here, because with a proxy the callbacks only get the proxy's address.
    private func validateAddressLiteral() throws(TransportError) {
        let host = request.origin.host
        guard let address = IPAddress(host.filter { $0 != "[" && $0 != "]" }), !request.addressPolicy.allows(address) else { return }
        throw TransportError(.addressForbidden, delivery: .notSent, note: "\(host): the address policy forbids it")
    }

    /// Rejects malformed text, because libcurl sends header lines unchanged, and a line end would start another header or request.
    private func validateText() throws(TransportError) {
        guard request.urlText.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw unusable("a character not allowed in a URL") }
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

    /// Converts a duration, at least 1 ms because libcurl treats 0 as no limit, and at most 14 days to avoid overflow.
    private static func milliseconds(_ duration: Duration) -> Int {
        Int(min(max(duration / .milliseconds(1), 1), 1_209_600_000))
    }
}
