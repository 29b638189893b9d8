import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

/// A request to a test server.
func request(
    _ method: HTTPMethod, _ server: RawServer, path: String = "/", policy: AddressPolicy = .allowingLoopback,
    change: (inout HTTPRequest) -> Void = { _ in }
) throws -> HTTPRequest {
    var request = HTTPRequest(method, try server.origin(), route: path, addressPolicy: policy)
    request.timeout = .seconds(30)
    change(&request)
    return request
}

/// The error a request ends with.
func failure(of request: HTTPRequest, over transport: CurlTransport = CurlTransport()) async throws -> TransportError {
    try #require(await #expect(throws: TransportError.self) { try await transport.send(request) })
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
