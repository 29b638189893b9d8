internal import CCurl
internal import PSACore

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
