import FoundationEssentials
import PSACore

/// Fetches a token from `/auth/token`.
///
/// That path holds for hosted and own installations (vendor guide 1499, and twelve clients). The tenant goes into the query as HaloAPI, CIPP
/// and n8n do; on a host of the tenant's own it is not needed.
struct HaloTokenFetcher: Sendable {
    let settings: HaloSettings
    let pipeline: HTTPPipeline
    let classifier: FailureClassifier
    let timeout: Duration
    let repeats: Duration
    let time: TimeSource
    let log: any ConnectorLog

    /// A new token, for a tenant by name or for whichever the host belongs to.
    ///
    /// - Throws: ``PSAError`` with an `auth.…` code, or one for what lies on the way.
    func fetch(tenant: String?) async throws -> AccessToken {
        var request = settings.credentials.request(
            at: settings.tenantURL, route: "/auth/token", query: tenant.map { [QueryItem("tenant", $0)] } ?? [],
            policy: settings.policy)
        request.timeout = timeout
        request.patience = repeats
        let response: HTTPResponse
        do {
            response = try await pipeline.send(request)
        } catch let failure as TransportError {
            var told = error(
                FailureClassifier.code(for: failure, stage: .token), request, evidence: CoreMessage.unanswered(failure.kind),
                message: .phrase(CoreMessage.unanswered(failure.kind)))
            told.findings += failure.findings(for: told.code, now: time.now())
            throw told
        }
        if let token = ClientCredentialsGrant.token(in: response, receivedAt: time.instant()) {
            log.record(.tokenIssued(host: settings.tenantURL.host, lifetime: token.lifetime))
            return token
        }
        throw refusal(response, request)
    }

    private func refusal(_ response: HTTPResponse, _ request: HTTPRequest) -> PSAError {
        let reading = HaloErrorParser(response, redactor: Redactor([settings.credentials.clientSecret]))
        let signal = FailureEvidence(
            stage: .token, status: response.status, shape: BodyShape(of: response.body), vendorCode: reading.vendor.code,
            vendorMessage: reading.vendor.message, frontDoor: reading.frontDoor)
        let classified = classifier.code(for: signal)
        var failure = error(
            classified.area == "auth" ? reading.oauth?.code ?? Self.approval(reading, classified) : classified, request,
            evidence: reading.evidence,
            message: reading.vendor.message.map(MessageValue.verbatim), vendor: reading.vendor)
        failure.findings += findings(failure.code, reading, response)
        if failure.code == .authScopeRejected, let meant = HaloShape.meantScope(settings.credentials.scope) {
            failure.suggestion = Suggestion(field: .scope, value: meant)
        }
        failure.values.merge(reading.frontDoor?.values(source: response.localAddress) ?? [:]) { $1 }
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = failure.retry {
            failure.retry = .afterDelay(wait)
        }
        return failure
    }

    /// What the answer and the form of the settings say about the causes.
    private func findings(_ code: ErrorCode, _ reading: HaloErrorParser, _ response: HTTPResponse) -> [CauseEvidence] {
        var findings = reading.oauth?.findings(code) ?? Self.findings(reading, code)
        findings += reading.frontDoor?.findings(for: code) ?? []
        findings += HaloRedirect.findings(code, response, from: settings.tenantURL)
        switch code {
        case .authInvalidClient:
            let shape = HaloShape.credentials(settings)
            // The server proves that the secret is wrong; the form tells what is wrong with it, and that comes first.
            if shape.contains(where: { $0.cause == "cut_off" || $0.cause == "swapped" }) {
                for index in findings.indices where findings[index].cause == "wrong_secret" { findings[index].confidence = .likely }
            }
            findings += shape
        case .authScopeRejected:
            let shape = HaloShape.scope(settings.credentials.scope)
            // Commas make one unknown scope of several; the server can't see that.
            if shape.contains(where: { $0.cause == "separators" }) {
                for index in findings.indices where findings[index].cause == "no_such_scope" { findings[index].confidence = .likely }
            }
            findings += shape
        default: break
        }
        return findings
    }

    /// A refusal that says the application has to be activated or approved first.
    private static func approval(_ reading: HaloErrorParser, _ classified: ErrorCode) -> ErrorCode {
        classified == .authTokenRefused && approvalCause(reading) != nil ? .authApplicationNotApproved : classified
    }

    private static func findings(_ reading: HaloErrorParser, _ code: ErrorCode) -> [CauseEvidence] {
        switch code {
        case .authApplicationNotApproved: approvalCause(reading).map { [CauseEvidence($0, by: .vendorWords)] } ?? []
        case .authTokenRefused where reading.vendor.message != nil: [CauseEvidence("vendor_reason", by: .vendorWords)]
        default: []
        }
    }

    /// Whole sentences about the application: “… requires approval by an administrator”, “… is inactive”.
    private static func approvalCause(_ reading: HaloErrorParser) -> CauseID? {
        guard let words = reading.vendor.message?.lowercased() else { return nil }
        let subjects = [
            "the application ", "this application ", "the client application ", "this client application ", "the client ", "application ",
        ]
        guard let subject = subjects.first(where: words.hasPrefix) else { return nil }
        let predicate = words.dropFirst(subject.count)
        let awaiting = [
            "requires approval", "requires agent approval", "is awaiting approval", "awaits approval", "has not been approved",
            "is not approved", "needs approval",
        ]
        if awaiting.contains(where: predicate.hasPrefix) { return "not_approved" }
        let inactive = ["is inactive", "is not active", "is disabled", "has been disabled", "is not enabled", "has been deactivated"]
        return inactive.contains(where: predicate.hasPrefix) ? "inactive" : nil
    }

    private func error(
        _ code: ErrorCode, _ request: HTTPRequest, evidence: any LocalizedMessage, message: MessageValue?, vendor: VendorReply? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: MessageValue] = [
            .host: .verbatim(settings.tenantURL.location), .object: .phrase(HaloMessage.accessToken),
            .scope: .verbatim(settings.credentials.scope),
        ]
        values[.message] = message
        return PSAError(
            code, catalogue: HaloGuidance.catalogue, values: values, evidence: evidence, request: request.description, vendor: vendor)
    }
}
