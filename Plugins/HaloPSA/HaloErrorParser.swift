import PSACore

/// Finds out what an answer of HaloPSA means beyond its status: which refusal of the OAuth server it is, what the sentence about a refused write
/// is about, and what the form of the settings says.
struct HaloErrorParser: VendorErrorParser {
    let settings: HaloSettings

    func interpretation(of failure: FailedResponse<HaloMessage>) -> ErrorInterpretation? {
        switch failure.stage {
        case .discovery: nil
        case .token: tokenInterpretation(failure)
        case .read, .write: requestInterpretation(failure)
        }
    }

    func isMissing(_ scope: String, in granted: GrantedScope) -> Bool { granted.lacks(scope) }

    private func requestInterpretation(_ failure: FailedResponse<HaloMessage>) -> ErrorInterpretation {
        let isForeign = BodyShape(of: failure.response.body) == .html || failure.frontDoor?.code(at: failure.stage) != nil
        let verdict =
            isForeign
            ? nil
            : HaloVerdict(
                failure.reply.message.flatMap { VendorRejection($0) }, fields: failure.explanation.fields, status: failure.response.status,
                stage: failure.stage, operation: HaloOperation(failure.object))
        let code = verdict?.code ?? failure.code
        let named = verdict?.concerned.filter { code == .ticketDefaultInvalid || $0 == .scope }.map(\.haloName) ?? []
        var causes = verdict.map { [CauseEvidence($0.cause, by: $0.probe)] } ?? []
        if let scope = failure.requiredScope, let isMissing = failure.isScopeMissing {
            let isAskedFor = !GrantedScope(settings.credentials.scope).lacks(scope)
            causes += HaloDiagnosis.scopeFindings(code, scope: scope, isMissing: isMissing, isAskedFor: isAskedFor)
        }
        return ErrorInterpretation(
            code: code, field: named.isEmpty ? verdict?.field.map { .phrase(HaloMessage.vendorField($0)) } : .list(named),
            concernedFields: verdict?.concerned ?? [], causes: causes)
    }

    private func tokenInterpretation(_ failure: FailedResponse<HaloMessage>) -> ErrorInterpretation {
        let oauth = OpenIddictError(uri: failure.explanation.uri, message: failure.explanation.message)
        let approval = Self.approvalCause(failure.reply.message)
        var code = failure.code
        if code.area == "auth" {
            if let oauth {
                code = oauth.code
            } else if code == .authTokenRefused, approval != nil {
                code = .authApplicationNotApproved
            }
        }
        var causes = oauth?.findings(code) ?? []
        if oauth == nil {
            switch code {
            case .authApplicationNotApproved: causes += approval.map { [CauseEvidence($0, by: .vendorWords)] } ?? []
            case .authTokenRefused where failure.reply.message != nil: causes.append(CauseEvidence("vendor_reason", by: .vendorWords))
            default: break
            }
        }
        switch code {
        case .authInvalidClient:
            let shape = HaloShape.credentials(settings)
            // The server proves that the secret is wrong; the form tells what is wrong with it, and that comes first.
            if shape.contains(where: { $0.cause == "cut_off" || $0.cause == "swapped" }) { causes.doubt("wrong_secret") }
            causes += shape
        case .authScopeRejected:
            let shape = HaloShape.scope(settings.credentials.scope)
            // Commas make one unknown scope of several; the server can't see that.
            if shape.contains(where: { $0.cause == "separators" }) { causes.doubt("no_such_scope") }
            causes += shape
        default: break
        }
        let scope = code == .authScopeRejected ? HaloShape.meantScope(settings.credentials.scope) : nil
        return ErrorInterpretation(
            code: code, causes: causes, suggestion: scope.map { Suggestion(field: .scope, value: $0) })
    }

    /// Whole sentences about the application: “… requires approval by an administrator”, “… is inactive”.
    private static func approvalCause(_ message: String?) -> CauseID? {
        guard let words = message?.lowercased() else { return nil }
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
}

extension [CauseEvidence] {
    /// Makes what was found for a cause no more than likely.
    fileprivate mutating func doubt(_ cause: CauseID) {
        for index in indices where self[index].cause == cause { self[index].confidence = .likely }
    }
}

extension SettingKey {
    /// The setting as a person knows it.
    var haloName: MessageValue { HaloConnector.settingsSchema[self]?.name(for: HaloConnector.id) ?? .verbatim(rawValue) }
}
