internal import CCurl
internal import Glibc
internal import PSACore

extension TransportError {
    /// Creates an error from libcurl's code; its own error text is not used, because it may quote the server or the request.
    init(curl code: CURLcode, easy: EasyHandle, delivery: Delivery, host: String) {
        let systemError = Int32(truncatingIfNeeded: psa_get_long(easy.raw, CURLINFO_OS_ERRNO))
        let verification = psa_get_long(easy.raw, CURLINFO_SSL_VERIFYRESULT)
        let tunnel = psa_get_long(easy.raw, CURLINFO_HTTP_CONNECTCODE)
        let kind: Kind =
            if code == CURLE_PEER_FAILED_VERIFICATION {
                Self.certificateKind(verification)
            } else if delivery == .notSent, (400...499).contains(tunnel) {
                tunnel == 407 ? .proxyAuthenticationRequired : .proxyRefused
            } else if code == CURLE_SSL_CONNECT_ERROR, easy.errorTextContains(anyOf: Self.notTLSPhrases) {
                .tlsNotSpoken
            } else {
                Self.kind(code, isSent: delivery == .maybeSent, systemError: systemError)
            }
        var note = "\(host): \(String(cString: curl_easy_strerror(code))) (libcurl \(code.rawValue)"
        if code == CURLE_PEER_FAILED_VERIFICATION { note += ", certificate check \(verification)" }
        if delivery == .notSent, tunnel >= 400 { note += ", proxy's response \(tunnel)" }
        if code == CURLE_COULDNT_CONNECT, systemError != 0 { note += ", system error \(systemError)" }
        self.init(kind, delivery: delivery, note: note + ")")
    }

    private static func kind(_ code: CURLcode, isSent: Bool, systemError: Int32) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotFound
        case CURLE_COULDNT_CONNECT where systemError == ETIMEDOUT: .timedOut
        case CURLE_COULDNT_CONNECT where systemError == ECONNRESET: .interrupted
        case CURLE_COULDNT_CONNECT: .connectionRefused
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS: .certificateUntrusted
        case CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR, CURLE_WEIRD_SERVER_REPLY: .invalidResponse
        // libcurl also returns this for HTTP/0.9, that is, for bytes without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL: isSent ? .invalidResponse : .unusableRequest
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_OUT_OF_MEMORY, CURLE_UNKNOWN_OPTION: .unusableRequest
        default: .interrupted
        }
    }

    /// Phrases of OpenSSL's error text for a server that does not use TLS.
    private static let notTLSPhrases = ["wrong version number", "packet length too long", "http request", "https proxy request"]

    /// The numbers are OpenSSL's `X509_V_ERR_…`.
    private static func certificateKind(_ verification: Int) -> Kind {
        switch verification {
        case 9: .certificateNotYetValid
        case 10: .certificateExpired
        // A self-signed certificate in the chain (19) belongs to an authority that is not trusted.
        case 18: .certificateSelfSigned
        // libcurl compares the name itself, before it stores OpenSSL's result.
        case 0, 1, 62, 64: .certificateNameMismatch
        default: .certificateUntrusted
        }
    }
}
