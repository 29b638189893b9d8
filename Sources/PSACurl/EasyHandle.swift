internal import CCurl
internal import PSACore

/// A libcurl easy handle with its header list, which are freed with the last reference.
///
/// It keeps the first error of setting an option, so that several options can be set before checking for an error.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private(set) var firstOptionError = CURLE_OK
    /// The buffer for libcurl's error text, which is searched but never shown, because it may quote the server.
    private let errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init?() {
        guard let raw = curl_easy_init() else { return nil }
        self.raw = raw
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(headers)
        errorBuffer.deallocate()
    }

    /// Clears the request and its secrets, and keeps the buffers.
    func reset() {
        curl_easy_reset(raw)
        curl_slist_free_all(headers)
        headers = nil
        firstOptionError = CURLE_OK
        errorBuffer[0] = 0
    }

    /// Makes libcurl write its error text to the buffer.
    func captureErrorText() { set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorBuffer)) }

    /// Libcurl's error text; it may quote the server or the request.
    var errorText: String { String(cString: errorBuffer) }

    func set(_ option: CURLoption, _ value: Int) { note(psa_set_long(raw, option, value)) }

    func set(_ option: CURLoption, _ value: Bool) { note(psa_set_long(raw, option, value ? 1 : 0)) }

    func set(_ option: CURLoption, _ value: String?) { note(psa_set_string(raw, option, value)) }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) { note(psa_set_pointer(raw, option, value)) }

    /// Sets the body, which libcurl copies.
    func setBody(_ body: [UInt8]) {
        note(psa_set_size(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        guard !body.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
        body.withUnsafeBytes { bytes in
            note(psa_set_string(raw, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress?.assumingMemoryBound(to: CChar.self)))
        }
    }

    func setHeaders(_ lines: [String]) {
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { return note(CURLE_OUT_OF_MEMORY) }
            headers = longer
        }
        note(psa_set_headers(raw, headers))
    }

    func note(_ code: CURLcode) {
        if firstOptionError == CURLE_OK { firstOptionError = code }
    }

    /// The facts of the server's certificate, if they were requested.
    var certificate: CertificateFacts? {
        var lines: [String: String] = [:]
        var entry = psa_get_certificate(raw)
        while let line = entry?.pointee.data {
            let parts = String(cString: line).split(separator: ":", maxSplits: 1)
            if parts.count == 2, lines[String(parts[0])] == nil { lines[String(parts[0])] = String(parts[1]) }
            entry = entry?.pointee.next
        }
        guard let subject = lines["Subject"], let issuer = lines["Issuer"] else { return nil }
        return CertificateFacts(
            subject: subject, issuer: issuer, validFrom: lines["Start date"].flatMap(HTTPDate.date(certificate:)),
            validUntil: lines["Expire date"].flatMap(HTTPDate.date(certificate:)))
    }

    /// The local address of the connection.
    var localAddress: IPAddress? { psa_get_string(raw, CURLINFO_LOCAL_IP).flatMap { IPAddress(String(cString: $0)) } }

    /// Squid's own name for why it made no connection, such as `ERR_DNS_FAIL`.
    var proxyErrorDetail: String? {
        var header: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(raw, "X-Squid-Error", 0, UInt32(CURLH_CONNECT), -1, &header) == CURLHE_OK, let header else { return nil }
        let name = String(cString: header.pointee.value).prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
        return name.isEmpty ? nil : String(name.prefix(40))
    }

    /// The headers of the final response, without interim responses, a proxy's response to CONNECT, and trailers; folded lines are joined.
    var responseHeaders: TransportHeaders {
        var fields = TransportHeaders()
        var previous: UnsafeMutablePointer<curl_header>?
        while let header = curl_easy_nextheader(raw, UInt32(CURLH_HEADER), -1, previous) {
            fields.append(String(cString: header.pointee.name), String(cString: header.pointee.value))
            previous = header
        }
        return fields
    }
}
