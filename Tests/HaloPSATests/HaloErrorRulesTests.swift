import PSACore
import Testing

@testable import HaloPSA

@Suite("HaloPSA error rules")
struct HaloErrorRulesTests {
    private static func signal(
        _ stage: RequestStage, _ status: Int, _ shape: BodyShape = .empty, code: String? = nil, message: String? = nil, missing: Bool? = nil
    ) -> FailureEvidence {
        FailureEvidence(stage: stage, status: status, shape: shape, vendorCode: code, vendorMessage: message, scopeIsMissing: missing)
    }

    /// One signal for each row of the table, in its order.
    private static let rows: [(signal: FailureEvidence, code: ErrorCode)] = [
        (signal(.read, 401, code: "invalid_token"), .authTokenRejected),
        (signal(.read, 401, missing: true), .permissionScopeMissing),
        (signal(.read, 401, missing: false), .permissionRoleDenied),
    ]

    @Test func everyRowDecidesTheSignalMadeForIt() {
        #expect(Self.rows.count == HaloErrorRules.rules.count)
        for (rule, row) in zip(HaloErrorRules.rules, Self.rows) {
            let deciding = HaloErrorRules.rules.first { $0.matches(row.signal) }
            #expect(rule.matches(row.signal))
            #expect(deciding?.code == row.code)
            #expect(FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: false)).code(for: row.signal) == row.code)
        }
    }

    @Test(
        "the four signals of the guide keep their meaning",
        arguments: [
            (signal(.token, 400, .jsonObject, code: "invalid_client"), ErrorCode.authInvalidClient),
            (signal(.token, 401, .jsonObject, code: "invalid_client"), .authInvalidClient),
            (signal(.token, 401), .authTokenRefused), (signal(.token, 400, .jsonObject, code: "invalid_request"), .authTokenRefused),
            (signal(.read, 403, missing: true), .permissionScopeMissing), (signal(.read, 403), .permissionScopeMissing),
            (signal(.read, 403, missing: false), .permissionRoleDenied), (signal(.token, 404), .authEndpointNotFound),
            (signal(.token, 404, .html), .authEndpointNotFound),
            (signal(.write, 400, .jsonScalar, message: "Username must be entered"), .requestRejected),
            (signal(.write, 400), .requestRejected),
        ])
    func seedSignal(signal: FailureEvidence, code: ErrorCode) {
        #expect(FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: false)).code(for: signal) == code)
    }

    @Test func aServerErrorAtTheTokenBlamesTheTenantOnlyIfOneIsNamed() {
        let signal = Self.signal(.token, 500, .html)
        #expect(FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: true)).code(for: signal) == .authTenantUnknown)
        #expect(FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: false)).code(for: signal) == .vendorUnavailable)
    }

    @Test func noServerErrorIsEverBlamedOnTheCredentials() {
        for namesTenant in [true, false] {
            for stage in RequestStage.allCases {
                for status in 500...599 {
                    for shape in BodyShape.allCases {
                        let code = FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: namesTenant)).code(
                            for: Self.signal(stage, status, shape))
                        #expect(code != .authInvalidClient && code != .permissionScopeMissing && code != .permissionRoleDenied)
                    }
                }
            }
        }
    }
}
