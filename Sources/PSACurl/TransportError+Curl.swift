internal import CCurl
internal import Glibc
internal import PSACore

extension TransportError {
    /// Creates an error from libcurl's code; its own error text is not used, because it may quote the server or the request.
    init(curl code: CURLcode, easy: EasyHandle, delivery: Delivery, host: String, proxy setting: ProxyEnvironment.Setting?) {
        let systemError = Int32(truncatingIfNeeded: psa_get_long(easy.raw, CURLINFO_OS_ERRNO))
        let verification = psa_get_long(easy.raw, CURLINFO_SSL_VERIFYRESULT)
        let tunnel = psa_get_long(easy.raw, CURLINFO_HTTP_CONNECTCODE)
        let reason =
            delivery == .notSent && setting != nil
            ? Self.proxyReason(code, tunnel: tunnel, detail: easy.proxyErrorDetail, systemError: systemError) : nil
        let handshake = Self.handshakeKind(code, errorText: easy.errorText)
        let kind: Kind =
            if code == CURLE_PEER_FAILED_VERIFICATION {
                Self.certificateKind(verification)
            } else if let handshake {
                handshake.kind
            } else if let reason {
                reason == .answered(status: 407, detail: nil) ? .proxyAuthenticationRequired : .proxyRefused
            } else {
                Self.kind(code, isSent: delivery == .maybeSent, systemError: systemError)
            }
        var note = "\(host): \(String(cString: curl_easy_strerror(code))) (libcurl \(code.rawValue)"
        if code == CURLE_PEER_FAILED_VERIFICATION { note += ", certificate check \(verification)" }
        if delivery == .notSent, tunnel >= 400 { note += ", proxy's response \(tunnel)" }
        if code == CURLE_COULDNT_CONNECT, systemError != 0 { note += ", system error \(systemError)" }
        self.init(kind, delivery: delivery, note: note + ")")
        handshakeRefusal = handshake?.refusal
        let isPlain = kind == .tlsNotSpoken && (200...299).contains(tunnel)
        if let setting, let reason = isPlain ? .spokePlainly : reason {
            proxy = ProxyFault(variable: setting.variable, address: setting.address, reason: reason)
            proxy?.refusedUser = kind == .proxyAuthenticationRequired && setting.namesUser
        }
    }

    /// Returns how the proxy failed; nil if it let the connection through, or something else failed.
    private static func proxyReason(_ code: CURLcode, tunnel: Int, detail: String?, systemError: Int32) -> ProxyFault.Reason? {
        if tunnel >= 300 { return .answered(status: tunnel, detail: tunnel == 407 ? nil : detail) }
        guard tunnel == 0 else { return nil }
        return switch code {
        case CURLE_COULDNT_RESOLVE_PROXY: .nameNotFound
        case CURLE_COULDNT_CONNECT: systemError == ETIMEDOUT ? .timedOut : .refused
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .closed
        default: nil
        }
    }

    private static func kind(_ code: CURLcode, isSent: Bool, systemError: Int32) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .nameNotFound
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

    /// Returns what a failed handshake was; nil if none failed, or if the connection broke off meanwhile.
    private static func handshakeKind(_ code: CURLcode, errorText: String) -> (kind: Kind, refusal: HandshakeRefusal?)? {
        func says(_ phrases: [String]) -> Bool { phrases.contains { errorText.contains($0) } }
        // With TLS 1.3, a server looks at the client's certificate after the client regards the handshake as finished.
        if code == CURLE_RECV_ERROR, says(clientCertificatePhrases) { return (.tlsHandshakeRefused, .clientCertificate) }
        if code == CURLE_SSL_CLIENTCERT { return (.tlsHandshakeRefused, .clientCertificate) }
        guard code == CURLE_SSL_CONNECT_ERROR else { return nil }
        if says(notTLSPhrases) { return (.tlsNotSpoken, nil) }
        for (refusal, phrases) in refusalPhrases where says(phrases) { return (.tlsHandshakeRefused, refusal) }
        return says([" alert "]) ? (.tlsHandshakeRefused, .other) : nil
    }

    /// Phrases of OpenSSL's error text for a handshake that can't succeed.
    private static let refusalPhrases: [(HandshakeRefusal, [String])] = [
        (.version, ["protocol version", "unsupported protocol", "no protocols available", "unsafe legacy renegotiation"]),
        (.clientCertificate, clientCertificatePhrases), (.unknownName, ["unrecognized name"]), (.accessDenied, ["alert access denied"]),
        (.noAgreement, ["handshake failure", "insufficient security", "no shared cipher", "dh key too small", "no suitable"]),
    ]

    private static let clientCertificatePhrases = ["certificate required", "alert bad certificate", "alert no certificate"]

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
