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
                FailureClassifier.code(for: failure, stage: .token), request, evidence: CorePhrase.unanswered(failure.kind),
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
            vendorMessage: reading.vendor.message, frontDoor: reading.frontDoor)
        var failure = error(
            classifier.code(for: signal), request, evidence: reading.evidence,
            message: reading.vendor.message.map(PhraseValue.verbatim), vendor: reading.vendor)
        if failure.code == .authInvalidClient, let fields = HaloDiagnosis.credentialFields(message: reading.vendor.message) {
            failure.fields = fields
        }
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = failure.retry {
            failure.retry = .afterDelay(wait)
        }
        return failure
    }

    private func error(
        _ code: ErrorCode, _ request: HTTPRequest, evidence: any Phrase, message: PhraseValue?, vendor: VendorReply? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: PhraseValue] = [
            .host: .verbatim(settings.tenantURL.location), .object: .phrase(HaloPhrase.accessToken),
            .scope: .verbatim(settings.credentials.scope),
        ]
        values[.message] = message
        return PSAError(
            code, catalogue: HaloGuidance.catalogue, values: values, evidence: evidence, request: request.description, vendor: vendor)
    }
}
