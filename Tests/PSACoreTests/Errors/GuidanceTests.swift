import Testing

@testable import PSACore

@Suite struct GuidanceTests {
    static let values: [GuidanceTemplate.Slot: String] = [
        .vendor: "HaloPSA", .host: "acme.halopsa.com", .object: "recurring invoices", .scope: "read:customers",
        .field: "Client ID, Client secret",
        .name: "halopas", .known: "autotask, connectwise, halopsa",
        .message: "The value of tickettype_id is not one of the types of this agent.",
    ]

    /// Codes after which a connection test proves nothing, with the last step they have instead.
    static let otherEndings: [ErrorCode: String] = [
        .usageInvalid: "Try again.", .permissionActionDenied: "Try again.", .requestInvalid: "Try again.",
        .configUnknownConnector: "If the connector should be there, add it to the host's registry.",
        .requestRejected: "Try again.", .requestCompanyUnusable: "Try again.", .ticketFieldRequired: "Try again.",
        .ticketFieldInvalid: "Try again.", .ticketStatusNotAllowed: "Try again with one of them.",
        .ticketNotWritable: "Try again, or use the ticket it was merged into.", .ticketActionIncomplete: "Try again.",
        .requestNotFound: "Try again.", .ticketDefaultInvalid: "Try again.",
        .requestConflict: "Try again with what is stored there in mind.",
        .syncCursorRejected: "Read from the beginning.", .rateLimited: "If it happens often, lower the request rate of the integrations.",
        .vendorUnexpectedResponse: "If it stays, send us the correlation id and the details below.",
        .writeOutcomeUnknown: "Repeat it only if it is not.",
        .connectorPlaceholder: "To build this one, start from the files in its plugin folder.",
        .connectorUnsupported: "Choose another way.",
        .connectorDefect: "Send us the correlation id and the details below.",
    ]

    @Test(arguments: ErrorCode.allCases) func everyCodeHasCompleteGuidance(code: ErrorCode) {
        let template = GuidanceCatalogue.shared.template(for: code)
        #expect((1...60).contains(template.title.count))
        #expect(!template.title.contains("{") && !template.title.hasSuffix("."))
        #expect((1...6).contains(template.steps.count))
        #expect(!template.causes.isEmpty)
        #expect(template.causes.map(\.confidence) == template.causes.map(\.confidence).sorted())
        #expect(Set(template.steps).count == template.steps.count && Set(template.causes.map(\.text)).count == template.causes.count)
        #expect(template.steps.last == Self.otherEndings[code] ?? "Test the connection again.")
    }

    @Test(arguments: ErrorCode.allCases, [values, [:]]) func everyFilledTextIsWholeAndShort(
        code: ErrorCode, values: [GuidanceTemplate.Slot: String]
    ) {
        let guidance = GuidanceCatalogue.shared.guidance(for: code, values: values)
        #expect((1...200).contains(guidance.detail.count))
        for text in [guidance.title, guidance.detail] + guidance.steps + guidance.causes.map(\.text) {
            #expect(!text.contains("{") && !text.contains("}"))
            #expect(!text.contains("  ") && text.first?.isLetter == true)
            #expect(text.first == text.first.map { Character($0.uppercased()) } || values[.host].map(text.hasPrefix) ?? false, "\(text)")
        }
        for text in guidance.steps + guidance.causes.map(\.text) { #expect(text.hasSuffix(".")) }
        #expect(guidance.guide == GuideAnchor("Docs/Errors.md", code.anchor))
    }

    @Test func everyPlaceholderIsASlot() throws {
        for code in ErrorCode.allCases {
            let template = code.sharedTemplate
            for text in [template.detail] + template.steps + template.causes.map(\.text) {
                for piece in text.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
                    #expect(GuidanceTemplate.Slot(rawValue: String(piece.prefix { $0 != "}" })) != nil, "\(code): \(text)")
                }
            }
        }
    }

    @Test func codesAndAnchorsAndTitlesAreUnique() {
        let codes = ErrorCode.allCases
        #expect(Set(codes.map(\.rawValue)).count == codes.count)
        #expect(Set(codes.map(\.anchor)).count == codes.count)
        #expect(Set(codes.map(\.sharedTemplate.title)).count == codes.count)
        #expect(ErrorCode.authInvalidClient.anchor == "auth-invalid-client" && ErrorCode.authInvalidClient.area == "auth")
    }

    @Test(arguments: ErrorCode.allCases) func aCodeIsAnAreaAndAName(code: ErrorCode) {
        let parts = code.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { ($0.isLowercase && $0.isASCII) || $0 == "_" } })
        #expect(code.area == parts.first.map(String.init))
        #expect(code.anchor.allSatisfy { $0.isLowercase || $0 == "-" })
    }

    @Test func onlyAnUnknownOutcomeSaysSoAndOnlyConnectorFaultsAreHopeless() {
        #expect(ErrorCode.allCases.filter { $0.sharedTemplate.retry == .unknownOutcome } == [.writeOutcomeUnknown])
        #expect(
            ErrorCode.allCases.filter { $0.sharedTemplate.retry == .never } == [
                .connectorPlaceholder, .connectorUnsupported, .connectorDefect,
            ])
    }

    @Test func nobodyIsSentToTheCredentialsForAFaultOfNetworkServerOrProxy() {
        for code in ErrorCode.allCases where ["network", "tls", "proxy", "vendor", "rate", "write"].contains(code.area) && code != .proxyAuthenticationRequired {
            let guidance = GuidanceCatalogue.shared.guidance(for: code, values: Self.values)
            let text = ([guidance.title, guidance.detail] + guidance.steps + guidance.causes.map(\.text)).joined(separator: " ")
                .lowercased()
            for word in ["credential", "client id", "client secret", "password"] { #expect(!text.contains(word), "\(code)") }
        }
    }

    @Test func causesSortSurestFirst() {
        #expect([Confidence.possible, .certain, .likely].sorted() == [.certain, .likely, .possible])
    }
}
