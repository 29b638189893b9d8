import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import PSACore

/// A transport over the URLSession of the platform.
///
/// On Linux URLSession has faults that `CurlTransport` does not have; `Docs/Embedding.md` lists them. The one that stops a program is
/// [a deadlock](https://github.com/swiftlang/swift-corelibs-foundation/issues/5412): a task that is cancelled while its answer arrives waits
/// for ever in `data(for:)`. Swift 6.3 has it. So requests are made with a completion handler here, and cancelled from another thread.
final class URLSessionTransport: NSObject, HTTPTransport, URLSessionTaskDelegate {
    private let configuration = URLSessionConfiguration.ephemeral

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        guard let url = URL(string: request.urlText) else { throw TransportError(.unusableRequest, delivery: .notSent) }
        // URLSession does not say which address it connects to: names are checked by the settings, address literals here.
        if let address = IPAddress(request.origin.host), !request.addressPolicy.allows(address) {
            throw TransportError(.addressForbidden, delivery: .notSent)
        }
        var native = URLRequest(url: url)
        native.httpMethod = request.method.rawValue
        native.httpBody = request.body.map { Data($0) }
        for field in request.headers.fields { native.addValue(field.value, forHTTPHeaderField: field.name) }
        // Below a second URLSession on Linux gives up at once.
        native.timeoutInterval = max(1, Double(request.timeout.components.seconds))
        let (data, response) = try await exchange(native)
        guard let answer = response as? HTTPURLResponse else { throw TransportError(.invalidResponse, delivery: .maybeSent) }
        guard data.count <= request.maximumResponseBytes else { throw TransportError(.responseTooLarge, delivery: .maybeSent) }
        var headers = TransportHeaders()
        for case (let name as String, let value as String) in answer.allHeaderFields { headers.append(name, value) }
        return TransportResponse(status: answer.statusCode, headers: headers, body: [UInt8](data))
    }

    /// A redirect is an answer.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    private func exchange(_ request: URLRequest) async throws -> (Data, URLResponse?) {
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (answers, answer) = AsyncStream.makeStream(of: Result<(Data, URLResponse?), any Error>.self)
        let task = session.dataTask(with: request) { data, response, error in
            answer.yield(error.map { .failure($0) } ?? .success((data ?? Data(), response)))
            answer.finish()
        }
        task.resume()
        // The stream ends when this task is cancelled; the request is cancelled after that, outside of any lock of the task.
        guard let result = await answers.first(where: { _ in true }) else {
            DispatchQueue.global().async { task.cancel() }
            throw request.httpMethod == "GET" ? CancellationError() : TransportError(.interrupted, delivery: .maybeSent)
        }
        return try result.mapError(Self.transportError).get()
    }

    private static func transportError(_ error: any Error) -> any Error {
        switch (error as? URLError)?.code {
        case .cannotFindHost?: TransportError(.nameNotFound, delivery: .notSent)
        case .cannotConnectToHost?: TransportError(.connectionRefused, delivery: .notSent)
        case .timedOut?: TransportError(.timedOut, delivery: .maybeSent)
        case .serverCertificateUntrusted?: TransportError(.certificateUntrusted, delivery: .notSent)
        default: TransportError(.interrupted, delivery: .maybeSent)
        }
    }
}
