internal import CCurl
internal import PSACore

/// A libcurl easy handle with its header list, freed with the last reference.
///
/// It remembers the first option libcurl refused, so that the options can be set in a row and none of them fails unseen.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private(set) var refusal = CURLE_OK
    /// Where libcurl writes its own words about a failure; they are looked at, never shown, because they may quote the server.
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init?() {
        guard let raw = curl_easy_init() else { return nil }
        self.raw = raw
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(headers)
        words.deallocate()
    }

    /// Forgets the request and its secrets, and keeps the buffers.
    func reset() {
        curl_easy_reset(raw)
        curl_slist_free_all(headers)
        headers = nil
        refusal = CURLE_OK
        words[0] = 0
    }

    /// Lets libcurl write down what it has to say about a failure.
    func listen() { set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(words)) }

    /// Whether libcurl's words contain one of these.
    func mentions(_ phrases: [String]) -> Bool {
        let text = String(cString: words)
        return phrases.contains { text.contains($0) }
    }

    func set(_ option: CURLoption, _ value: Int) { note(psa_set_long(raw, option, value)) }

    func set(_ option: CURLoption, _ value: Bool) { note(psa_set_long(raw, option, value ? 1 : 0)) }

    func set(_ option: CURLoption, _ value: String?) { note(psa_set_string(raw, option, value)) }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) { note(psa_set_pointer(raw, option, value)) }

    /// Sets the body as a copy of libcurl's own.
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
        if refusal == CURLE_OK { refusal = code }
    }

    /// What the server's certificate says, if it was asked for.
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
            subject: subject, issuer: issuer, validFrom: lines["Start date"].flatMap(HTTPDate.moment(certificate:)),
            validUntil: lines["Expire date"].flatMap(HTTPDate.moment(certificate:)))
    }

    /// The address of this machine on the connection.
    var localAddress: IPAddress? { psa_get_string(raw, CURLINFO_LOCAL_IP).flatMap { IPAddress(String(cString: $0)) } }

    /// The fields of the final answer, without interim answers, a proxy's answer to CONNECT and trailers; folded lines are joined.
    var answerHeaders: HTTPHeaders {
        var fields = HTTPHeaders()
        var previous: UnsafeMutablePointer<curl_header>?
        while let header = curl_easy_nextheader(raw, UInt32(CURLH_HEADER), -1, previous) {
            fields.append(String(cString: header.pointee.name), String(cString: header.pointee.value))
            previous = header
        }
        return fields
    }
}
