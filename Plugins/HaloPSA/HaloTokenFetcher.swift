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
            throw error(
                FailureClassifier.code(for: failure, stage: .token), request, evidence: .unanswered(failure.kind),
                message: .phrase(CorePhrase.unanswered(failure.kind)))
        }
        if let token = ClientCredentialsGrant.token(in: response, receivedAt: time.now()) {
            log.record(.tokenIssued(host: settings.tenantURL.host, lifetime: .seconds(token.expiresAt.timeIntervalSince(time.now()))))
            return token
        }
        throw refusal(response, request)
    }

    private func refusal(_ response: HTTPResponse, _ request: HTTPRequest) -> PSAError {
        let reading = HaloFailureReading(response, redactor: Redactor([settings.credentials.clientSecret]))
        let signal = FailureSignal(
            stage: .token, status: response.status, shape: BodyShape(of: response.body), vendorCode: reading.vendor.code,
            vendorMessage: reading.vendor.message)
        let classified = classifier.code(for: signal)
        var failure = error(
            classified.area == "auth" ? reading.oauth?.code ?? Self.approval(reading, classified) : classified, request,
            evidence: reading.evidence,
            message: reading.vendor.message.map(PhraseValue.verbatim), vendor: reading.vendor)
        failure.findings += reading.oauth?.findings(failure.code) ?? Self.findings(reading, failure.code)
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = failure.retry {
            failure.retry = .afterDelay(wait)
        }
        return failure
    }

    /// A refusal that says the application has to be activated or approved first.
    private static func approval(_ reading: HaloFailureReading, _ classified: ErrorCode) -> ErrorCode {
        classified == .authTokenRefused && approvalCause(reading) != nil ? .authApplicationNotApproved : classified
    }

    private static func findings(_ reading: HaloFailureReading, _ code: ErrorCode) -> [Finding] {
        switch code {
        case .authApplicationNotApproved: approvalCause(reading).map { [Finding($0, by: .vendorWords)] } ?? []
        case .authTokenRefused where reading.vendor.message != nil: [Finding("vendor_reason", by: .vendorWords)]
        default: []
        }
    }

    /// Whole sentences about the application: “… requires approval by an administrator”, “… is inactive”.
    private static func approvalCause(_ reading: HaloFailureReading) -> CauseID? {
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
        _ code: ErrorCode, _ request: HTTPRequest, evidence: CorePhrase, message: PhraseValue?, vendor: VendorReply? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: PhraseValue] = [
            .host: .verbatim(settings.tenantURL.authority), .object: .phrase(HaloPhrase.accessToken),
            .scope: .verbatim(settings.credentials.scope),
        ]
        values[.message] = message
        return PSAError(
            code, catalogue: HaloGuidance.catalogue, values: values, evidence: evidence, request: request.description, vendor: vendor)
    }
}
