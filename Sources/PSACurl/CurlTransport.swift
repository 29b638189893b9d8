public import PSACore

/// The HTTP client: one libcurl multi handle, driven by one thread of its own, shared by any number of tasks.
///
/// Connections are kept alive and reused, at most `maximumConnectionsPerHost` to a host; further requests wait their turn, and the wait
/// counts towards their `timeout`. HTTP/1.1 is spoken, so that one connection carries one request and a lost connection says which.
///
/// Three promises beyond ``PSACore/HTTPTransport``:
/// - **A write is sent once.** libcurl by itself repeats a request whose reused connection was closed without an answer. Here that
///   happens only if the request's `isRepeatable` is true; otherwise it fails as `interrupted`, which may have been sent.
/// - **`notSent` is proven.** It is reported only if the connection was never handed to the request.
/// - **The address policy holds for every connection**, new or reused: it is asked before the socket is made and again before the
///   request is written.
///
/// `https_proxy`, `all_proxy` and `no_proxy` are read from the environment when the transport is made, as libcurl reads them, except that
/// this machine is never reached through a proxy. A proxy is its operator's choice and may have a private address, so the address policy
/// does not apply to it; what a name behind the proxy resolves to is the proxy's business. Address literals are checked all the same.
///
/// When the last reference goes, idle connections are closed and the thread ends. A request under way holds a reference.
public final class CurlTransport: HTTPTransport, Sendable {
    private let mailbox: Mailbox

    /// Starts the transfer thread.
    ///
    /// - Parameters:
    ///   - certificateAuthorityFile: A PEM file with authorities to trust besides those of the system. An unreadable file makes every
    ///     https request fail as `certificateUntrusted`.
    ///   - maximumConnectionsPerHost: How many connections a host gets at most; values below 1 count as 1.
    public convenience init(certificateAuthorityFile: String? = nil, maximumConnectionsPerHost: Int = 8) {
        self.init(
            settings: TransferSettings(certificateAuthorityFile: certificateAuthorityFile, proxies: ProxyEnvironment()),
            maximumConnectionsPerHost: maximumConnectionsPerHost)
    }

    init(settings: TransferSettings, maximumConnectionsPerHost: Int = 8, whenThreadEnds: @escaping @Sendable () -> Void = {}) {
        mailbox = TransferLoop.start(
            settings: settings, maximumConnectionsPerHost: max(1, maximumConnectionsPerHost), whenThreadEnds: whenThreadEnds)
    }

    deinit {
        mailbox.post(.stop)
    }

    /// Performs the request once, and gives up promptly when the task is cancelled.
    ///
    /// - Throws: ``PSACore/TransportError``, or `CancellationError` if the task was cancelled before the answer was complete; for a request that
    ///   must not be repeated ``PSACore/TransportError`` instead, which says whether it had left.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let number = mailbox.makeNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                mailbox.post(.begin(number, request, continuation))
                // A cancellation before this line was posted ahead of the request and so has found nothing to cancel.
                if Task.isCancelled { mailbox.post(.cancel(number)) }
            }
        } onCancel: {
            mailbox.post(.cancel(number))
        }
    }
}

/// What all transfers of a transport have in common.
struct TransferSettings: Sendable {
    var certificateAuthorityFile: String?
    var proxies: ProxyEnvironment
    /// How long an idle connection is trusted for a write: less than the shortest keep-alive time servers commonly have (5 s), because a
    /// connection closed under a write leaves its outcome unknown.
    ///
    /// libcurl's own limit is 118 s.
    var maximumIdleSecondsBeforeWrite = 3
}
