/// Carries one request to a server and brings back its answer.
///
/// ``PSACurl`` ships `CurlTransport`. Another client needs one method; its obligations are:
/// - any status is an answer, not an error, and redirects are **not** followed (an answer of 302 is returned as such);
/// - a request that got no answer throws ``TransportError`` with the kind that fits best;
/// - `timeout`, `connectTimeout` and `maximumResponseBytes` of the request are kept;
/// - `addressPolicy` is asked with the resolved address before connecting;
/// - cancelling the task ends the exchange and throws `CancellationError`; a request whose `isRepeatable` is false may throw
///   ``TransportError`` instead, to say whether it had left;
/// - nothing of the request's headers, query or body is logged or put into an error.
public protocol HTTPTransport: Sendable {
    /// Performs the request once.
    ///
    /// - Throws: ``TransportError`` or `CancellationError`.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}
