import Synchronization

/// Whether the vendor may have executed a write that failed.
public enum WriteExecution: String, Sendable, Codable, CaseIterable {
    /// Proven: sending the same write again can't double anything.
    case notExecuted = "not_executed"
    /// It may have been executed, in whole or in part: look for it before sending it again.
    case unknown
}

/// Which answers to a write prove that it was not executed; any other answer leaves the outcome unknown.
///
/// A status alone is no proof: gateways, firewalls and sign-in pages answer with any status, before or after the vendor acted. So a rule
/// holds for a vendor's documented refusals only, in the form in which the vendor writes them.
public struct NonExecutionRule: Sendable {
    /// The statuses it holds for.
    public let statuses: Set<Int>
    /// Why such an answer is a proof, for reviewers of a connector.
    public let reason: String
    private let holds: @Sendable (TransportResponse) -> Bool

    /// States a rule.
    ///
    /// - Parameters:
    ///   - statuses: The statuses it holds for.
    ///   - reason: Why such an answer is a proof.
    ///   - holds: Whether an answer with one of the statuses has the form of the vendor's own refusals; by default any form.
    public init(_ statuses: Set<Int>, because reason: String, where holds: @escaping @Sendable (TransportResponse) -> Bool = { _ in true })
    {
        self.statuses = statuses
        self.reason = reason
        self.holds = holds
    }

    /// Whether an answer proves that the write was not executed.
    public func proves(_ response: TransportResponse) -> Bool { statuses.contains(response.status) && holds(response) }

    /// The statuses with which an API refuses a request that it has read and not executed.
    public static let refusalStatuses: Set<Int> = [400, 403, 404, 413, 422]

    /// 429 from whoever limits the rate, and ``refusalStatuses`` with JSON, which is how an API refuses and how no gateway does.
    public static let standard = [
        throttled,
        NonExecutionRule(refusalStatuses, because: "The API checks a request before it executes it, and explains a refusal in JSON.") {
            [.jsonObject, .jsonArray, .jsonScalar].contains(BodyShape(of: $0.body))
        },
    ]

    /// 429, in any form.
    public static let throttled = NonExecutionRule([429], because: "A rate limit is applied before a request is executed.")
}

/// What was observed of the requests of one write operation.
///
/// ``ConnectorSession`` makes one for each write. The transport that the connector was given reports to it, so no connector can forget to.
package final class WriteLog: Sendable {
    /// How a request that must not be made twice went.
    enum Entry: Sendable {
        /// It has no outcome yet, or was given up.
        case underWay
        case answered(TransportResponse)
        case failed(TransportError)
    }

    /// The log of the operation that the current task works for.
    @TaskLocal package static var current: WriteLog?

    private let entries = Mutex<[Entry]>([])

    /// Records a request that is about to be sent.
    ///
    /// - Returns: The place for its outcome.
    func begin() -> Int {
        entries.withLock { entries in
            entries.append(.underWay)
            return entries.count - 1
        }
    }

    /// Records an outcome.
    func finish(_ place: Int, _ entry: Entry) { entries.withLock { $0[place] = entry } }

    /// The requests that may have been executed, of all that were made.
    func evidence(_ rules: [NonExecutionRule]) -> WriteEvidence {
        let entries = entries.withLock { $0 }
        let unproven = entries.filter { entry in
            switch entry {
            case .underWay: true
            case .answered(let response): !rules.contains { $0.proves(response) }
            case .failed(let error): error.delivery == .maybeSent
            }
        }
        return WriteEvidence(hasRequests: !entries.isEmpty, unproven: unproven)
    }
}

/// What the requests of a failed write prove.
struct WriteEvidence: Sendable {
    /// Whether any request that may change data was observed.
    let hasRequests: Bool
    /// Those of which nothing proves that they were not executed.
    let unproven: [WriteLog.Entry]

    /// Whether something may have been executed.
    var mayHaveBeenExecuted: Bool { !unproven.isEmpty }

    /// The status of the last answer among ``unproven``.
    var status: Int? {
        guard case .answered(let response)? = unproven.last else { return nil }
        return response.status
    }
}

/// Reports the outcome of each write to the log of the operation it belongs to.
struct WriteRecordingTransport: HTTPTransport {
    let transport: any HTTPTransport

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard !request.isRepeatable, let log = WriteLog.current else { return try await transport.send(request) }
        // A request that was given up before it was begun never left.
        try Task.checkCancellation()
        let place = log.begin()
        do {
            let response = try await transport.send(request)
            log.finish(place, .answered(response))
            return response
        } catch let error as TransportError {
            log.finish(place, .failed(error))
            throw error
        }
    }
}

extension HTTPTransport {
    /// The transport that the host gave, without what the session puts in front of it.
    package var unwrapped: any HTTPTransport { (self as? WriteRecordingTransport)?.transport ?? self }
}
