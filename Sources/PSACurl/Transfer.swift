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
