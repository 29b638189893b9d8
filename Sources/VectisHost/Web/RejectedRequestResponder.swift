import PSACore
import WebServer

/// What a client is told whose request the web server refused before the application saw it: too large, malformed, too slow.
struct RejectedRequestResponder: Sendable {
    let services: HostServices

    /// Problem JSON under `/api`, plain text elsewhere; counted and logged like every other answer.
    func answer(_ refusal: WebServer.RejectedRequest) -> WebResponse {
        let correlationID = CorrelationID()
        services.metrics.answered("(refused)", status: refusal.status, seconds: 0)
        services.log.record(
            refusal.status >= 500 ? .error : .info, "http_request",
            [
                ("route", .string("(refused)")), ("status", .integer(refusal.status)), ("correlationID", .string(correlationID.rawValue)),
            ])
        let response = isAPI(refusal) ? problem(refusal, correlationID) : refusal.plainTextResponse
        return SecurityHeaders(isBehindTLS: services.environment.isBehindTLS).added(to: response)
    }

    private func isAPI(_ refusal: WebServer.RejectedRequest) -> Bool { refusal.path?.hasPrefix("/api/") ?? false }

    private func problem(_ refusal: WebServer.RejectedRequest, _ correlationID: CorrelationID) -> WebResponse {
        let code: APIError.Code =
            switch refusal.status {
            case 413: .tooLarge
            case 431: .headerTooLarge
            case 501: .notUnderstood
            case 503: .unavailable
            case 500: .defect
            default: .malformed
            }
        let failure = APIError(code, APIMessage.sentence(refusal.message))
        return .problem(code.status, failure.problem(in: TextRenderer(), correlationID))
    }
}
