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
        (signal(.read, 402), .vendorLicense),
        (signal(.read, 404, .html), .requestNotFound),
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

@Suite("The form of credentials and scopes")
struct HaloShapeTests {
    private static let guid = "5ec7e700-aaaa-4bbb-8ccc-000000000001"
    private static let secret = guid + "-5ec7e700-dddd-4eee-8fff-000000000002"

    private func settings(id: String = Self.guid, secret: String = Self.secret, scope: String = "") throws -> HaloSettings {
        let input: SettingsInput = [
            "tenantURL": "acme.halopsa.com", "clientID": id, "clientSecret": secret, "scope": scope,
        ]
        return try HaloSettings(try #require(HaloConnector.descriptor.settings.validate(input).settings))
    }

    static let odd: [(id: String, secret: String, cause: CauseID, says: String)] = [
        (guid, guid, "swapped", "the same"), (secret, guid, "swapped", "has 73 characters"),
        (secret, secret, "swapped", "has 73 characters"),
        (guid, String(secret.prefix(36)) + "-", "cut_off", "37 characters"),
        (guid, String(secret.dropFirst(9)), "cut_off", "64 characters"),
        (guid, "hunter2", "wrong_secret", "7 characters"), (guid, "••••••••••••", "cut_off", "dots or stars"),
        (guid, "************", "cut_off", "dots or stars"), (guid, secret + secret, "cut_off", "more text"),
        (guid, "x" + secret, "cut_off", "more text"),
        (guid, secret + "0", "cut_off", "more text"),
        (guid, "\"\(secret)\"", "cut_off", "quotation marks"), (guid, "“\(secret)”", "cut_off", "quotation marks"),
        (guid, "'\(secret)", "cut_off", "quotation marks"), (guid, "<\(secret)>", "cut_off", "brackets"),
        (guid, secret.replacing("-4bbb", with: " -4bbb"), "cut_off", "spaces"),
        (guid, secret.replacing("-4bbb", with: "\u{200B}-4bbb"), "cut_off", "spaces"),
        (guid, secret.replacing("-", with: "–"), "cut_off", "dashes"), (guid, "Client Secret: \(secret)", "cut_off", "more text"),
        ("\"\(guid)\"", secret, "wrong_client_id", "client ID"), ("Client ID: \(guid)", secret, "wrong_client_id", "client ID"),
        ("admin@acme.example", secret, "wrong_client_id", "18 characters"),
        (String(guid.dropLast()), secret, "wrong_client_id", "35 characters"),
    ]

    @Test(arguments: odd) func seesWhatIsOddAndRepeatsNothing(id: String, secret: String, cause: CauseID, says: String) throws {
        let settings = try settings(id: id, secret: secret)
        let finding = try #require(HaloShape.credentials(settings).first)
        #expect(finding.cause == cause)
        let evidence = try #require(finding.evidence)
        #expect(TextRenderer().text(evidence).contains(says))
        for language in Language.allCases {
            let text = TextRenderer(language).text(evidence)
            for part in ["5ec7", "aaaa", "4bbb", "0001", "0002", "hunter", "admin", "acme"] { #expect(!text.contains(part), "\(text)") }
        }
    }

    @Test func saysNothingOfWhatLooksRight() throws {
        for (id, secret) in [(Self.guid, Self.secret), (Self.guid.uppercased(), Self.secret.uppercased())] {
            let settings = try settings(id: id, secret: secret)
            #expect(HaloShape.credentials(settings).isEmpty)
        }
        for scope in ["all", "read:tickets edit:tickets read:customers", "admin:webhooks editMine:timesheets"] {
            #expect(HaloShape.scope(scope).isEmpty && HaloShape.meantScope(scope) == nil)
        }
    }

    static let scopes: [(scope: String, cause: CauseID, says: String, meant: String?)] = [
        ("read:tickets,edit:tickets", "separators", "commas", "read:tickets edit:tickets"),
        ("read:tickets; edit:tickets", "separators", "commas", "read:tickets edit:tickets"),
        ("read:tickets+edit:tickets", "separators", "commas", "read:tickets edit:tickets"),
        ("\"read:tickets edit:tickets\"", "separators", "quotation", "read:tickets edit:tickets"),
        (
            "read:ticket edit:tickets", "no_such_scope", "“read:ticket” is no scope of HaloPSA; “read:tickets” is one",
            "read:tickets edit:tickets"
        ),
        ("Read:Tickets", "no_such_scope", "“read:tickets” is one", "read:tickets"),
        ("read.tickets", "no_such_scope", "“read:tickets” is one", "read:tickets"),
        ("ALL", "no_such_scope", "“all” is one", "all"), ("read:users", "no_such_scope", "no known scope", nil),
        ("read:quantum", "no_such_scope", "no known scope", nil), (secret, "no_such_scope", "can't be one", nil),
        ("x:" + String(repeating: "y", count: 300), "no_such_scope", "can't be one", nil),
    ]

    @Test(arguments: scopes) func seesWhatIsWrongWithAScope(scope: String, cause: CauseID, says: String, meant: String?) throws {
        let finding = try #require(HaloShape.scope(scope).first)
        #expect(finding.cause == cause)
        let text = TextRenderer().text(try #require(finding.evidence))
        #expect(text.contains(says), "\(text)")
        #expect(!text.contains(Self.guid) && text.count < 200)
        #expect(HaloShape.meantScope(scope) == meant)
    }
}
