import FoundationEssentials
import TestSupport
import Testing

@testable import PSACore

@Suite struct GuidanceTests {
    static let values: [GuidanceTemplate.Slot: String] = [
        .vendor: "HaloPSA", .host: "acme.halopsa.com", .object: "recurring invoices", .scope: "read:customers",
        .field: "Client ID, Client secret",
        .name: "halopas", .known: "autotask, connectwise, halopsa",
        .message: "The value of tickettype_id is not one of the types of this agent.",
    ]

    private static let examination = GuidanceExamination(.shared, values: values.mapValues(MessageValue.verbatim))

    @Test func everyTemplateIsCompleteInEveryLanguageAndCertainOnlyByProof() {
        #expect(Self.examination.flawsOfTemplates == [])
        #expect(GuidanceExamination(.shared, codes: [], values: [:]).flawsOfTemplates == [])
    }

    @Test func stepsFieldsAndActorFollowTheSurestCauseWhateverWasFoundOut() {
        #expect(Self.examination.flawsOfGuidance == [])
    }

    @Test func anExaminationSeesWhatIsWrong() {
        let bad = GuidanceTemplate(
            title: "Bad", detail: "Bad is {nope}.",
            causes: [
                CauseTemplate("a", .certain, "A.", evidence: [.history: .certain], steps: ["Do."], responsibleParty: .you),
                CauseTemplate("a", .likely, "B.", steps: [], responsibleParty: .you),
            ])
        let catalogue = GuidanceCatalogue(vendorName: "V", overrides: [.rateLimited: bad])
        let examination = GuidanceExamination(catalogue, codes: [.rateLimited], values: [:])
        let flaws = examination.flawsOfTemplates.joined(separator: "\n")
        for flaw in [
            "two causes have one id", "does not check", "has 0 steps", "by history, which proves nothing", "before anything was looked at",
            "no such placeholder", "not written in german",
        ] { #expect(flaws.contains(flaw), "\(flaw)") }
        let seen = examination.flawsOfGuidance.joined(separator: "\n")
        #expect(seen.contains("a placeholder is left") && seen.contains("repeats the title"))
    }

    @Test func whatWorkedBeforePutsTheCauseFirstThatSomethingWasChanged() throws {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        var error = PSAError(.networkRefused)
        #expect(error.guidance.causes.first?.id == "wrong_port")
        error.learn(from: ConnectionHistory(lastSuccess: now.addingTimeInterval(-3_600)), now: now)
        let first = try #require(error.guidance.causes.first)
        #expect(
            first.id == "not_running" && first.evidence?.hasPrefix("It worked until ") == true
                && first.evidence?.contains("UTC today") == true)
        var unknown = PSAError(.networkRefused)
        unknown.learn(from: ConnectionHistory(lastSuccess: nil), now: now)
        unknown.learn(from: ConnectionHistory(lastSuccess: now.addingTimeInterval(60)), now: now)
        #expect(unknown.findings.isEmpty)
    }

    @Test func aTimeIsToldInTheZoneOfTheSurface() throws {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        let earlier = now.addingTimeInterval(-86_400)
        let berlin = try #require(TimeZone(secondsFromGMT: 7_200))
        #expect(TextRenderer().text(CoreMessage.workedUntil(earlier, now: now)) == "It worked until 2026-09-20, 14:13 UTC.")
        #expect(TextRenderer(timeZone: berlin).text(CoreMessage.workedUntil(now, now: now)) == "It worked until 16:13 UTC+2 today.")
        #expect(TextRenderer(.german).text(CoreMessage.workedUntil(now, now: now)) == "Es hat funktioniert bis: heute, 14:13 UTC.")
    }

    @Test func theVendorsSentenceStandsInTheExplanationOfEveryCode() {
        for code in ErrorCode.allCases {
            let words = "No, because of <that>."
            let error = PSAError(
                code, values: [.message: .verbatim(words), .vendor: .verbatim("HaloPSA")], vendor: VendorReply(status: 403, message: words))
            #expect(error.guidance.detail.contains(words), "\(code)")
        }
    }

    @Test func codesAndAnchorsAndTitlesAreUnique() {
        let codes = ErrorCode.allCases
        #expect(Set(codes.map(\.rawValue)).count == codes.count)
        #expect(Set(codes.map(\.anchor)).count == codes.count)
        #expect(Set(codes.map(\.sharedTemplate.title.english)).count == codes.count)
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
        for code in ErrorCode.allCases
        where ["network", "tls", "proxy", "vendor", "rate", "write"].contains(code.area) && code != .proxyAuthenticationRequired {
            let guidance = GuidanceCatalogue.shared.guidance(for: code, values: Self.values)
            let text = ([guidance.title, guidance.detail] + guidance.everyStep + guidance.causes.map(\.text)).joined(separator: " ")
                .lowercased()
            for word in ["credential", "client id", "client secret", "password"] { #expect(!text.contains(word), "\(code)") }
        }
    }

    @Test func causesSortSurestFirst() {
        #expect([Confidence.possible, .certain, .likely].sorted() == [.certain, .likely, .possible])
    }

    @Test func everySharedCodeHasATextOfItsOwn() {
        let templates = ErrorCode.allCases.map { GuidanceCatalogue.shared.template(for: $0) }
        #expect(Set(templates.map(\.title.english)).count == templates.count)
        #expect(!templates.map(\.title.english).contains(GuidanceTemplate.ofItsOwnKind.title.english))
    }
}
