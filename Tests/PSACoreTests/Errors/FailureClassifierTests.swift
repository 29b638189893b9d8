import Testing

@testable import PSACore

@Suite struct FailureClassifierTests {
    private let classifier = FailureClassifier()
    private static let vendorCodes: [String?] = [
        nil, "invalid_client", "invalid_scope", "unauthorized_client", "unsupported_grant_type", "access_denied", "invalid_grant",
        "invalid_request", "insufficient_scope", "something",
    ]

    private static func forEachSignal(_ body: (FailureEvidence) throws -> Void) rethrows {
        for stage in RequestStage.allCases {
            for status in Array(100...599) + [600, 700, 999] {
                for shape in BodyShape.allCases {
                    for vendorCode in vendorCodes {
                        for scope in [nil, true, false] as [Bool?] {
                            try body(
                                FailureEvidence(stage: stage, status: status, shape: shape, vendorCode: vendorCode, scopeIsMissing: scope))
                        }
                    }
                }
            }
        }
    }

    @Test func everySharedRowDecidesForSomeSignal() {
        var deciding: Set<Int> = []
        Self.forEachSignal { signal in
            if let row = FailureClassifier.sharedRules.firstIndex(where: { $0.matches(signal) }) { deciding.insert(row) }
        }
        for (row, rule) in FailureClassifier.sharedRules.enumerated() { #expect(deciding.contains(row), "row \(row), \(rule.code)") }
    }

    @Test func everySignalHasACodeThatItsStatusAllows() throws {
        try Self.forEachSignal { signal in
            let code = classifier.code(for: signal)
            let isPossible =
                switch code {
                case .authInvalidClient, .authScopeRejected, .authApplicationNotApproved, .authWrongGrant, .authEndpointNotFound,
                    .authTokenRefused:
                    // With success only by OAuth's own code.
                    signal.stage == .token
                        && ((400...499).contains(signal.status) || (200...299).contains(signal.status) && signal.vendorCode != nil)
                case .authTokenRejected: signal.status == 401 && [.read, .write].contains(signal.stage)
                case .permissionRoleDenied, .permissionScopeMissing: signal.status == 403 && [.read, .write].contains(signal.stage)
                case .writeOutcomeUnknown:
                    signal.stage == .write && (!(400...499).contains(signal.status) || signal.status == 408)
                case .urlNotVendor: signal.stage == .discovery && signal.status < 500
                case .vendorUnavailable: signal.status >= 500 && signal.stage != .write
                case .rateLimited: signal.status == 429
                case .networkTimeout: signal.status == 408 && [.read, .token].contains(signal.stage)
                case .proxyLoginRedirect: (300...399).contains(signal.status) && signal.stage != .write
                case .proxyHTMLInsteadOfJSON: signal.shape == .html || signal.status == 407
                case .vendorUnexpectedResponse:
                    signal.status < 300 || signal.status >= 600 || signal.status == 304 && signal.stage != .write
                case .requestRejected, .requestConflict, .requestNotFound, .connectorDefect:
                    (400...499).contains(signal.status) && [.read, .write].contains(signal.stage)
                default: false
                }
            try #require(isPossible, "\(signal): \(code)")
        }
    }

    /// The four statuses of the seed guide in their stages, and what else a host sees most.
    static let table: [(RequestStage, Int, BodyShape, String?, Bool?, ErrorCode)] = [
        (.token, 400, .jsonObject, "invalid_client", nil, .authInvalidClient), (.token, 401, .empty, nil, nil, .authTokenRefused),
        (.token, 400, .jsonObject, "INVALID_SCOPE", nil, .authScopeRejected),
        (.token, 400, .jsonObject, "unauthorized_client", nil, .authApplicationNotApproved),
        (.token, 400, .jsonObject, "unsupported_grant_type", nil, .authWrongGrant), (.token, 404, .html, nil, nil, .authEndpointNotFound),
        (.token, 405, .empty, nil, nil, .authEndpointNotFound), (.token, 500, .html, nil, nil, .vendorUnavailable),
        (.token, 503, .jsonObject, "invalid_client", nil, .vendorUnavailable), (.token, 200, .html, nil, nil, .proxyHTMLInsteadOfJSON),
        (.token, 302, .html, nil, nil, .proxyLoginRedirect), (.token, 429, .jsonObject, "invalid_client", nil, .rateLimited),
        (.token, 407, .html, nil, nil, .proxyHTMLInsteadOfJSON), (.read, 200, .html, nil, nil, .proxyHTMLInsteadOfJSON),
        (.read, 200, .other, nil, nil, .vendorUnexpectedResponse), (.read, 400, .jsonObject, nil, nil, .requestRejected),
        (.read, 401, .empty, nil, nil, .authTokenRejected), (.read, 403, .jsonObject, nil, nil, .permissionScopeMissing),
        (.read, 403, .jsonObject, nil, true, .permissionScopeMissing), (.read, 403, .jsonObject, nil, false, .permissionRoleDenied),
        (.read, 403, .html, nil, true, .proxyHTMLInsteadOfJSON), (.read, 404, .jsonObject, nil, nil, .requestNotFound),
        (.read, 410, .empty, nil, nil, .requestNotFound), (.read, 405, .empty, nil, nil, .connectorDefect),
        (.read, 408, .empty, nil, nil, .networkTimeout),
        (.read, 500, .html, nil, nil, .vendorUnavailable), (.read, 504, .html, nil, nil, .vendorUnavailable),
        (.write, 400, .jsonObject, nil, nil, .requestRejected),
        (.write, 409, .jsonObject, nil, nil, .requestConflict), (.write, 412, .empty, nil, nil, .requestConflict),
        (.write, 422, .jsonObject, nil, nil, .requestRejected),
        (.write, 408, .empty, nil, nil, .writeOutcomeUnknown), (.write, 500, .jsonObject, nil, nil, .writeOutcomeUnknown),
        (.write, 302, .html, nil, nil, .writeOutcomeUnknown), (.write, 600, .jsonObject, nil, nil, .writeOutcomeUnknown),
        (.write, 101, .empty, nil, nil, .writeOutcomeUnknown), (.write, 999, .empty, nil, nil, .writeOutcomeUnknown),
        (.write, 504, .html, nil, nil, .writeOutcomeUnknown), (.write, 200, .html, nil, nil, .writeOutcomeUnknown),
        (.write, 429, .empty, nil, nil, .rateLimited),
        (.write, 401, .empty, nil, nil, .authTokenRejected), (.discovery, 404, .html, nil, nil, .urlNotVendor),
        (.discovery, 200, .html, nil, nil, .urlNotVendor),
        (.discovery, 301, .html, nil, nil, .proxyLoginRedirect), (.discovery, 502, .html, nil, nil, .vendorUnavailable),
        (.read, 101, .empty, nil, nil, .vendorUnexpectedResponse),
    ]

    @Test(arguments: table.indices) func aKnownSignalGetsItsCode(row: Int) {
        let (stage, status, shape, vendorCode, scope, expected) = Self.table[row]
        let signal = FailureEvidence(stage: stage, status: status, shape: shape, vendorCode: vendorCode, scopeIsMissing: scope)
        #expect(classifier.code(for: signal) == expected)
    }

    @Test func vendorRowsGoFirstAndNeedAllTheyName() {
        let rule = ClassificationRule(
            [.write], 400...400, shapes: [.jsonObject], vendorCode: "e1", messageContains: "Not Allowed", scopeIsMissing: false,
            is: .permissionActionDenied)
        let classifier = FailureClassifier(vendorRules: [rule])
        let fitting = FailureEvidence(
            stage: .write, status: 400, shape: .jsonObject, vendorCode: "E1", vendorMessage: "this is NOT allowed here",
            scopeIsMissing: false)
        #expect(classifier.code(for: fitting) == .permissionActionDenied)
        let others: [(inout FailureEvidence) -> Void] = [
            { $0.stage = .read }, { $0.status = 401 }, { $0.shape = .html }, { $0.vendorCode = nil }, { $0.vendorCode = "e2" },
            { $0.vendorMessage = nil },
            { $0.vendorMessage = "not  allowed" }, { $0.scopeIsMissing = nil }, { $0.scopeIsMissing = true },
        ]
        for change in others {
            var other = fitting
            change(&other)
            #expect(classifier.code(for: other) != .permissionActionDenied)
        }
    }

    static let faults: [(TransportError.Kind, ErrorCode)] = [
        (.nameNotFound, .networkDNSNotFound), (.addressForbidden, .urlForbiddenAddress), (.connectionRefused, .networkRefused),
        (.timedOut, .networkTimeout),
        (.interrupted, .networkInterrupted), (.certificateUntrusted, .tlsUntrusted), (.certificateExpired, .tlsExpired),
        (.certificateNameMismatch, .tlsNameMismatch), (.certificateSelfSigned, .tlsSelfSigned),
        (.certificateNotYetValid, .tlsNotYetValid), (.tlsNotSpoken, .tlsNotSpoken), (.tlsHandshakeRefused, .tlsHandshakeRefused),
        (.proxyAuthenticationRequired, .proxyAuthenticationRequired), (.proxyRefused, .proxyBlocked),
        (.responseTooLarge, .vendorUnexpectedResponse),
        (.invalidResponse, .vendorUnexpectedResponse),
        (.unusableRequest, .connectorDefect), (.rateLimitExceeded, .rateLimited),
    ]

    @Test(arguments: faults, RequestStage.allCases) func aRequestWithoutAnswerGetsTheCodeOfItsReason(
        fault: (TransportError.Kind, ErrorCode), stage: RequestStage
    ) {
        let (kind, code) = fault
        #expect(FailureClassifier.code(for: TransportError(kind, delivery: .notSent), stage: stage) == code)
        #expect(
            FailureClassifier.code(for: TransportError(kind, delivery: .maybeSent), stage: stage)
                == (stage == .write ? .writeOutcomeUnknown : code))
    }

    @Test func everyKindOfFaultIsInTheTable() { #expect(Set(Self.faults.map(\.0)) == Set(TransportError.Kind.allCases)) }

    @Test(arguments: [
        ("", BodyShape.empty), (" \r\n\t", .empty), ("\u{FEFF}", .empty), ("<!DOCTYPE html>", .html), ("\u{FEFF} \n<html>", .html),
        ("{}", .jsonObject),
        ("  {", .jsonObject), ("[", .jsonArray), ("\"x\"", .jsonScalar), ("7", .jsonScalar), ("-1", .jsonScalar), ("true", .jsonScalar),
        (" null", .jsonScalar),
        ("null\n", .jsonScalar), ("false ", .jsonScalar), ("nothing", .other), ("trueish", .other), ("Bad Request", .other),
        ("\u{0}", .other), ("404 page not found", .other), ("502 Bad Gateway", .other), ("<?xml version=\"1.0\"?><ArrayOfTicket>", .xml),
        ("<Error><Message>x", .xml), ("<?xml version=\"1.0\"?><html>", .html), ("<Error><Code>AccessDenied</Code>", .html),
    ])
    func aBodysShapeIsSeenFromItsStart(body: String, shape: BodyShape) { #expect(BodyShape(of: Array(body.utf8)) == shape) }
}
