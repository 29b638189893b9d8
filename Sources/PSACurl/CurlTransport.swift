public import PSACore

/// An HTTP client with one libcurl multi handle on a separate thread, shared by any number of tasks.
///
/// Connections are kept alive and reused, at most `maximumConnectionsPerHost` per host; further requests are queued, and the time in
/// the queue counts towards their `timeout`. Only HTTP/1.1 is used, so that a lost connection affects exactly one request.
///
/// It makes three guarantees beyond ``/PSACore/HTTPTransport``:
/// - **A write is sent once.** libcurl by itself repeats a request whose reused connection was closed without a response. Here that
///   happens only if the request's `isRepeatable` is true; otherwise it fails as `interrupted` with the delivery `maybeSent`.
/// - **`notSent` is proven.** It is reported only if the request was never assigned a connection.
/// - **The address policy applies to every connection**, new or reused: it is checked before the socket is created and again before the
///   request is written.
///
/// `https_proxy`, `all_proxy` and `no_proxy` are read from the environment when the transport is created, by libcurl's rules, except
/// that loopback addresses are never reached through a proxy. A proxy is chosen by the operator and may have a private address, so the
/// address policy does not apply to it; the proxy resolves the host names itself. Address literals are still checked.
///
/// When the last reference is released, idle connections are closed and the thread ends. A running request holds a reference.
public final class CurlTransport: HTTPTransport, Sendable {
    private let commands: CommandQueue
    private let memory: ResponseMemory

    /// Creates a transport and starts its transfer thread.
    ///
    /// - Parameters:
    ///   - certificateAuthorityFile: A PEM file with authorities to trust in addition to those of the system. With an unreadable file
    ///     every https request fails as `certificateUntrusted`.
    ///   - maximumConnectionsPerHost: The maximum number of connections per host; values below 1 are treated as 1.
    public convenience init(certificateAuthorityFile: String? = nil, maximumConnectionsPerHost: Int = 8) {
        self.init(
            settings: TransferSettings(certificateAuthorityFile: certificateAuthorityFile, proxies: ProxyEnvironment()),
            maximumConnectionsPerHost: maximumConnectionsPerHost)
    }

    init(settings: TransferSettings, maximumConnectionsPerHost: Int = 8, whenThreadEnds: @escaping @Sendable () -> Void = {}) {
        memory = settings.memory
        commands = TransferLoop.start(
            settings: settings, maximumConnectionsPerHost: max(1, maximumConnectionsPerHost), whenThreadEnds: whenThreadEnds)
    }

    deinit {
        commands.enqueue(.stop)
    }

    /// Sends the request once, and ends promptly when the task is cancelled.
    ///
    /// Every received byte counts: the body before and after decompression, header fields, interim responses, chunk sizes and trailers. A
    /// response of more than 1 MiB takes a share of memory that all large responses of the process have in common. If none is free, a
    /// repeatable request waits for one within its timeout and is sent again; another one fails as `responseTooLarge`.
    ///
    /// - Throws: ``/PSACore/TransportError``, or `CancellationError` if the task was cancelled before the response was complete; for a
    ///   request that must not be repeated always ``/PSACore/TransportError``, which says whether it was sent.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        let deadline = ContinuousClock.now + request.timeout
        var request = request
        var share: ResponseMemory.Share?
        while true {
            do {
                return try await send(request, share)
            } catch let missing as MissingShareError {
                share = nil
                share = try await memory.share(missing.size, for: request.origin.host, until: deadline)
                request.timeout = deadline - .now
                guard share != nil, request.timeout > .zero else {
                    throw TransportError(
                        .timedOut, delivery: .maybeSent, note: "\(request.origin.host): other large responses take the memory")
                }
            }
        }
    }

    private func send(_ request: TransportRequest, _ share: ResponseMemory.Share?) async throws -> TransportResponse {
        if Task.isCancelled {
            guard !request.isRepeatable else { throw CancellationError() }
            throw TransportError(.interrupted, delivery: .notSent, note: "\(request.origin.host): cancelled by the caller")
        }
        let number = commands.makeNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                commands.enqueue(.begin(StartCommand(number: number, request: request, share: share, continuation: continuation)))
                // A cancellation before this line was queued before the request and has had no effect.
                if Task.isCancelled { commands.enqueue(.cancel(number)) }
            }
        } onCancel: {
            commands.enqueue(.cancel(number))
        }
    }
}

/// The settings of all transfers of a transport.
struct TransferSettings: Sendable {
    var certificateAuthorityFile: String?
    var proxies: ProxyEnvironment
    /// The memory that large responses share.
    var memory = ResponseMemory.shared
    /// The maximum idle time of a connection that is reused for a write, in seconds.
    ///
    /// It is less than the shortest common keep-alive time of servers (5 s), because a connection closed during a write leaves its
    /// outcome unknown. libcurl's own limit is 118 s.
    var maximumIdleSecondsBeforeWrite = 3
}
