import Foundation
import PSACore
import PSATesting
import RequestTracker
import Synchronization

/// Answers as a real RT 5.0.3 did, from recordings beside the tests.
final class RecordedServer: HTTPTransport {
    private let answers: [String: TransportResponse]
    private let sent = Mutex<[TransportRequest]>([])

    /// Takes answers by method and route below `/REST/2.0`, such as `GET /ticket/{id}`.
    init(_ answers: [String: TransportResponse]) { self.answers = answers }

    /// The requests so far.
    var requests: [TransportRequest] { sent.withLock { $0 } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        sent.withLock { $0.append(request) }
        let route = request.route.replacing("/REST/2.0", with: "")
        // Whether a status is closed is asked with one row and this word.
        if let query = request.query.first(where: { $0.name == "query" })?.value, query.contains("__") {
            return .json(#"{"items":[],"count":0,"total":0,"page":1,"per_page":1}"#)
        }
        guard let answer = answers["\(request.method.rawValue) \(route)"] else {
            throw TransportError(.unusableRequest, delivery: .notSent, note: "\(request) was not expected")
        }
        return answer
    }

    /// A connection over these answers.
    func session(_ changes: [SettingKey: String] = [:]) throws -> ConnectorSession {
        var input: SettingsInput = ["serverURL": "rt.example", "token": "1-14-a-token-of-some-length", "queueID": "3"]
        for (key, value) in changes { input[key] = Secret(value) }
        // The limit of a test is longer than what the clock skips: otherwise it could be over before the first answer.
        let context = ConnectorContext(
            transport: self, time: SkippingClock().source, tenants: TenantRateLimits(pace: nil),
            connectionTestLimit: .seconds(3_600))
        return try ConnectorRegistry([RequestTrackerConnector.self]).connect("request-tracker", settings: input, context: context)
    }
}

extension TransportResponse {
    /// An answer with a JSON body.
    static func json(_ text: String, status: Int = 200, location: String? = nil) -> TransportResponse {
        TransportResponse(status: status, headers: location.map { ["Location": $0] } ?? [:], body: Array(text.utf8))
    }

    /// What RT answered, from the file of that name.
    static func recorded(_ name: String) throws -> TransportResponse {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Recordings/\(name).json")
        return TransportResponse(status: 200, body: Array(try Data(contentsOf: file)))
    }
}

extension TimeSource {
    /// A clock that stands still and waits for nothing.
    static var standingStill: TimeSource { ManualClock(startingAt: Date(timeIntervalSince1970: 1_795_651_200), random: 0.5).source }
}
