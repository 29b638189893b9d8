/// Holds one access token and fetches a new one when it is needed.
///
/// - However many callers wait, one request is made.
/// - A token is replaced a little before it expires, and at once when the vendor refused it.
/// - A failed fetch is not remembered as a token state, but during a short cool-down the same error is handed out without a new request,
///   so that a wrong secret does not lock an account and a struggling server is left alone.
/// - A caller that is cancelled stops waiting; the fetch goes on for the others.
package actor TokenCache {
    /// Fetches a token from the vendor.
    package typealias Fetch = @Sendable () async throws -> AccessToken

    private enum State {
        case empty
        case holding(AccessToken)
        case fetching
        case coolingDown(until: MonotonicInstant, any Error)
    }

    private let fetch: Fetch
    private let time: TimeSource
    private let coolDown: Duration
    private var state = State.empty
    /// The secrets of the latest two tokens: an answer to a request with the one may come after the other was fetched.
    private var latest: [Secret] = []
    /// The latest token with which a write was refused, and whether it was new; nil once a write was accepted.
    private var refusedWrite: (token: AccessToken, isNew: Bool)?
    private var waiters: [UInt64: CheckedContinuation<AccessToken, any Error>] = [:]
    private var nextWaiter: UInt64 = 0

    /// How long after it was issued a token is new.
    private static let newTime = Duration.seconds(300)

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - time: Where the time comes from.
    ///   - coolDown: How long a failure is handed out again.
    ///   - fetch: Fetches a token from the vendor.
    package init(time: TimeSource, coolDown: Duration = .seconds(30), fetch: @escaping Fetch) {
        self.time = time
        self.coolDown = coolDown
        self.fetch = fetch
    }

    /// A usable token.
    ///
    /// - Throws: What the fetch threw, or `CancellationError`.
    package func token() async throws -> AccessToken {
        switch state {
        case .holding(let token) where token.isFresh(at: time.instant()): return token
        case .coolingDown(let until, let error) where time.instant() < until: throw error
        case .fetching: break
        case .empty, .holding, .coolingDown: startFetching()
        }
        return try await waitForFetch()
    }

    /// The token held at present, fresh or not, without fetching one.
    package func current() -> AccessToken? {
        guard case .holding(let token) = state else { return nil }
        return token
    }

    /// What was issued of late, for the errors of requests that were made with it.
    func issued() -> IssuedTokens { IssuedTokens(secrets: latest, grantedScope: current()?.grantedScope) }

    /// Gives up a token the vendor refused; another one fetched meanwhile is kept.
    package func discard(_ refused: AccessToken) {
        if case .holding(refused) = state { state = .empty }
    }

    /// Gives up the token of a write that the vendor refused.
    ///
    /// A token can end before its time, and then a new one is the remedy. It is none if the refused token was issued a few minutes ago, or
    /// in place of one with which a write was refused too and no write was accepted since.
    ///
    /// - Parameter refused: The token.
    /// - Returns: Whether it was new in this sense.
    func discard(ofWrite refused: AccessToken) -> Bool {
        discard(refused)
        if let refusedWrite, refusedWrite.token == refused { return refusedWrite.isNew }
        let isNew = refusedWrite != nil || time.instant() - refused.issuedAt < Self.newTime
        refusedWrite = (refused, isNew)
        return isNew
    }

    /// A write was answered with something else than the refusal of its token.
    func acceptsWrite() { refusedWrite = nil }

    private func startFetching() {
        state = .fetching
        // Not a child of the caller: its cancellation must not end the fetch for the others.
        Task { await finish(Result { try await fetch() }) }
    }

    private func finish(_ result: Result<AccessToken, any Error>) {
        switch result {
        case .success(let token):
            state = .holding(token)
            latest = latest.suffix(1) + [token.value]
        // A fetch that was cancelled says nothing about the vendor.
        case .failure(let error) where error is CancellationError: state = .empty
        case .failure(let error): state = .coolingDown(until: time.instant() + coolDown, error)
        }
        let waiting = waiters.values
        waiters = [:]
        for continuation in waiting { continuation.resume(with: result) }
    }

    private func waitForFetch() async throws -> AccessToken {
        let waiter = nextWaiter
        nextWaiter += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiters[waiter] = continuation
                }
            }
        } onCancel: {
            Task { await giveUp(waiter) }
        }
    }

    private func giveUp(_ waiter: UInt64) {
        waiters.removeValue(forKey: waiter)?.resume(throwing: CancellationError())
    }
}

/// The tokens of a connection that its vendor may repeat, and what the present one permits.
struct IssuedTokens: Sendable {
    var secrets: [Secret] = []
    var grantedScope: GrantedScope?
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Puts the bearer token on each request; after a 401 a request that may be repeated is made once more with a new token.
///
/// A write is not repeated: a 401 from a gateway, or from a session that ended while the vendor was at work, does not prove that the write was
/// not executed. The refused token is discarded all the same, so that the next request brings a new one. A 401 to a new token is the caller's
/// to judge, because with some vendors it means “not permitted”; ``TransportResponse/refusesNewToken`` tells it from one that a new token
/// may remedy.
package struct BearerMiddleware: HTTPMiddleware {
    private let tokens: TokenCache
    private let log: any ConnectorLog

    /// Takes tokens from a cache.
    package init(tokens: TokenCache, log: any ConnectorLog) {
        self.tokens = tokens
        self.log = log
    }

    /// Sends the request with a token, and a repeatable one once more with a new token after a 401.
    package func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        let token = try await tokens.token()
        var response = try await next(request.authorized(with: token))
        guard response.status == 401 else {
            if !request.isRepeatable { await tokens.acceptsWrite() }
            return response
        }
        log.record(ConnectorEvent(.tokenRefused(host: request.origin.authority)))
        guard request.isRepeatable else {
            response.refusesNewToken = await tokens.discard(ofWrite: token)
            return response
        }
        await tokens.discard(token)
        response = try await next(request.authorized(with: tokens.token()))
        if response.status == 401 { response.refusesNewToken = true }
        return response
    }
}

extension TransportRequest {
    fileprivate func authorized(with token: AccessToken) -> TransportRequest {
        var request = self
        request.headers["Authorization"] = "Bearer " + token.value.reveal()
        return request
    }
}

/// Puts credentials that need no token on each request; nothing is repeated after a 401, because some vendors lock the account after a few.
struct CredentialsMiddleware: HTTPMiddleware {
    private let authentication: VendorAuthentication

    init(_ authentication: VendorAuthentication) { self.authentication = authentication }

    func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        var request = request
        switch authentication.kind {
        case .none, .clientCredentials: break
        case .headers(let fields):
            for field in fields { request.headers[field.name] = field.value.reveal() }
        case .custom(let authorize): request = try await authorize(request)
        }
        return try await next(request)
    }
}
