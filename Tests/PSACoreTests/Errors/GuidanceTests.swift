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
                CauseTemplate("a", .certain, english: "A.", evidence: [.history: .certain], steps: ["Do."], responsibleParty: .you),
                CauseTemplate("a", .likely, english: "B.", steps: [], responsibleParty: .you),
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
        var error = PSAError(.networkTimeout)
        #expect(error.guidance.causes.first?.evidence == nil)
        error.learn(from: ConnectionHistory(lastSuccess: now.addingTimeInterval(-3_600)), now: now)
        let first = try #require(error.guidance.causes.first)
        #expect(
            first.id == "slow" && first.confidence == .likely && first.evidence?.hasPrefix("It worked until ") == true
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
        #expect(ErrorCode.authInvalidClient.anchor == "auth-invalid-client" && ErrorCode.authInvalidClient.area == .auth)
    }

    @Test(arguments: ErrorCode.allCases) func aCodeIsAnAreaAndAName(code: ErrorCode) {
        let parts = code.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { ($0.isLowercase && $0.isASCII) || $0 == "_" } })
        #expect(code.area.rawValue == parts.first.map(String.init))
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
        where [.network, .tls, .proxy, .vendor, .rate, .write].contains(code.area) && code != .proxyAuthenticationRequired {
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

@Suite struct GuidanceTemplateTests {
    private func filled(_ text: String, _ values: [GuidanceTemplate.Slot: String]) -> Guidance {
        let cause = CauseTemplate("only", .likely, english: text, steps: [.check(text)], responsibleParty: .you)
        let template = GuidanceTemplate(title: "T", detail: LocalizedText(text), causes: [cause])
        return GuidanceCatalogue(vendorName: "V", overrides: [.rateLimited: template]).guidance(for: .rateLimited, values: values)
    }

    @Test(arguments: [
        ("{message}", "{host}", "{host}"), ("A {message} b", "{", "A { b"), ("{message}", "}", "}"),
        ("{message}{message}", "{message}", "{message}{message}"),
        ("{message", "x", "{message"), ("Message}", "x", "Message}"), ("{}", "x", "{}"), ("{nope}", "x", "{nope}"),
        ("{{message}}", "x", "{x}"),
        ("No slot", "x", "No slot"), ("{message}", "", ""), ("{ message }", "x", "{ message }"), ("É{message}é", "é", "Ééé"),
        ("{message} at {host}", "{\"a\":1}", "{\"a\":1} at h"),
    ])
    func aValueIsPutInOnceAndItsBracesStayAsTheyAre(text: String, message: String, expected: String) {
        let guidance = filled(text, [.message: message, .host: "h"])
        #expect(guidance.detail == expected)
        #expect(guidance.steps == [expected])
        #expect(guidance.causes == [Cause("only", text: expected, confidence: .likely, steps: [expected], responsibleParty: .you)])
    }

    @Test func aCauseThatNeedsEvidenceIsNamedOnlyWithIt() {
        let causes = [
            CauseTemplate("always", .likely, english: "A.", steps: [.testAgain], responsibleParty: .you),
            CauseTemplate("seldom", .possible, english: "B.", needsEvidence: true, steps: [.testAgain], responsibleParty: .you),
        ]
        func named(_ findings: [CauseEvidence], of causes: [CauseTemplate]) -> [CauseID] {
            let template = GuidanceTemplate(title: "T", detail: "D", causes: causes)
            var error = PSAError(.rateLimited, catalogue: GuidanceCatalogue(vendorName: "V", overrides: [.rateLimited: template]))
            error.findings = findings
            return error.guidance.causes.map(\.id)
        }
        #expect(named([], of: causes) == ["always"])
        #expect(named([CauseEvidence("seldom", .possible, by: .answer)], of: causes) == ["always", "seldom"])
        #expect(named([], of: [causes[1]]) == ["seldom"], "An error without any cause would help no one.")
    }

    @Test func aMissingValueIsReplacedByWords() {
        for slot in GuidanceTemplate.Slot.allCases where slot != .vendor {
            let words = TextRenderer().text(CoreMessage.unknown(slot))
            #expect(filled("{\(slot.rawValue)}", [:]).detail.lowercased() == words.lowercased() && !words.isEmpty)
        }
    }

    @Test func aConnectorsOwnTextGoesFirstAndTheRestIsShared() {
        let own = GuidanceTemplate(
            title: "own {host}", detail: "{vendor} says {message}",
            causes: [
                CauseTemplate(
                    "odd", .likely, english: "{vendor} is odd.", steps: [.check("s")], fields: ["clientID"], responsibleParty: .vendor),
                CauseTemplate("b", .possible, english: "b", steps: ["t", .check("s")], responsibleParty: .you),
            ], retry: .safeNow, guide: GuideAnchor("Docs/Own.md", "x"))
        let catalogue = GuidanceCatalogue(vendorName: "the Tool", overrides: [.rateLimited: own])
        let guidance = catalogue.guidance(for: .rateLimited, values: [.message: "no"], evidence: "Seen {host}.")
        #expect(guidance.title == "Own its server")
        #expect(guidance.detail == "The Tool says no")
        #expect(guidance.causes.map(\.text) == ["The Tool is odd.", "B"])
        #expect(guidance.causes.map(\.evidence) == ["Seen {host}.", nil])
        #expect(guidance.steps == ["S"] && guidance.otherSteps == ["T"])
        #expect(guidance.fields == ["clientID"] && guidance.responsibleParty == .vendor && guidance.retry == .safeNow)
        #expect(guidance.guide == GuideAnchor("Docs/Own.md", "x"))
        #expect(catalogue.ownCodes == [.rateLimited])
        let pointing = GuidanceCatalogue(vendorName: "the Tool", addressField: "site", overrides: [:])
        #expect(pointing.guidance(for: .networkDNSNotFound).fields == ["site"] && pointing.guidance(for: .tlsNotSpoken).fields == ["site"])
        #expect(pointing.guidance(for: .networkTimeout).fields.isEmpty && pointing.guidance(for: .authInvalidClient).fields.isEmpty)
        #expect(catalogue.template(for: .tlsExpired).title == ErrorCode.tlsExpired.sharedTemplate.title)
        #expect(catalogue.guidance(for: .vendorUnavailable, values: [.vendor: "Other"]).detail.hasPrefix("Other at"))
    }

    @Test func aTextOfOneSettingHoldsForThatSettingOnly() throws {
        func text(_ title: String) -> GuidanceTemplate {
            GuidanceTemplate(
                title: LocalizedText(title), detail: "{message}",
                causes: [CauseTemplate("a", .likely, english: "A.", steps: [.tryAgain], responsibleParty: .you)], retry: .safeNow)
        }
        let catalogue = GuidanceCatalogue(
            vendorName: "Acme", overrides: [.configInvalidField: text("Any setting")],
            fieldOverrides: ["queue": [.configInvalidField: text("The queue")]])
        func title(_ fields: SettingKey...) -> String {
            let issues = fields.map { SettingIssue(field: $0, code: .configInvalidField, localizedMessage: .controlCharacter(label: "x")) }
            return PSAError(.configInvalidField, catalogue: catalogue, settingIssues: issues).guidance.title
        }
        #expect(title("queue") == "The queue")
        #expect(title("site") == "Any setting")
        #expect(title("queue", "site") == "Any setting")
        #expect(title() == "Any setting")
        #expect(catalogue.template(for: .rateLimited, concerning: ["queue"]).title == ErrorCode.rateLimited.sharedTemplate.title)
        #expect(catalogue.ownFieldTemplates.map(\.field) == ["queue"])
        var later = PSAError(.configInvalidField, catalogue: catalogue)
        later.concernedFields = ["queue"]
        #expect(later.guidance.title == "The queue")
    }

    @Test func aConnectorsOwnCodeHasItsOwnTextAndOneWithoutSaysNoMoreThanThat() throws {
        let code = try #require(ErrorCode(rawValue: "acme.queue_closed"))
        let own = GuidanceTemplate(
            title: "The queue is closed", detail: "{object}",
            causes: [CauseTemplate("closed", .likely, english: "It is.", steps: [.tryAgain], responsibleParty: .you)])
        let catalogue = GuidanceCatalogue(vendorName: "Acme", overrides: [code: own, .rateLimited: own])
        #expect(catalogue.ownCodes == [.rateLimited, code])
        #expect(PSAError(code, catalogue: catalogue).guidance.title == "The queue is closed")
        #expect(PSAError(code).guidance.title == GuidanceTemplate.ofItsOwnKind.title.english)
        #expect(ErrorCode.known("acme.queue_closed") == nil && ErrorCode.known("auth.invalid_client") == .authInvalidClient)
        for malformed in ["", "acme", "acme.", ".x", "Acme.x", "acme.x.y", "acme.x y", "1a.b", "a.\u{E9}"] {
            #expect(ErrorCode(rawValue: malformed) == nil, "\(malformed)")
        }
    }

    @Test func aSettingIsCalledByItsLabelAndInATerminalByItsVariableToo() throws {
        let field = SettingField(
            "clientSecret", label: "Client secret", help: "h", example: "e", guideAnchor: GuideAnchor("Docs/A.md", "a"))
        let template = GuidanceTemplate(
            title: "T", detail: "D",
            causes: [
                CauseTemplate(
                    "c", .likely, english: "C.",
                    steps: [.check("Look at {clientSecret}.", page: "Fill in {clientSecret}.", terminal: "Set {clientSecret}.")],
                    responsibleParty: .you)
            ])
        let catalogue = GuidanceCatalogue(
            vendorName: "Acme", overrides: [.rateLimited: template], settings: SettingsSchema([field]), connector: ConnectorID("acme"))
        let error = PSAError(.rateLimited, catalogue: catalogue)
        #expect(error.guidance.steps == ["Look at Client secret."])
        #expect(error.guidance(in: TextRenderer(surface: .page)).steps == ["Fill in Client secret."])
        #expect(error.guidance(in: TextRenderer(surface: .terminal)).steps == ["Set Client secret (ACME_CLIENT_SECRET)."])
    }

    @Test func whatTheVendorNamesMakesTheOtherCausesPossible() {
        let template = GuidanceTemplate(
            title: "T", detail: "D",
            causes: [
                CauseTemplate("usual", .likely, english: "A.", steps: [.testAgain], responsibleParty: .you),
                CauseTemplate(
                    "said", .possible, english: "B.", evidence: [.vendorWords: .likely], steps: [.testAgain], responsibleParty: .you),
            ])
        func causes(_ findings: CauseEvidence...) -> [CauseID: Confidence] {
            var error = PSAError(.rateLimited, catalogue: GuidanceCatalogue(vendorName: "V", overrides: [.rateLimited: template]))
            error.findings = findings
            return Dictionary(error.guidance.causes.map { ($0.id, $0.confidence) }) { $1 }
        }
        #expect(causes(CauseEvidence("said", by: .vendorWords)) == ["usual": .possible, "said": .likely])
        // A cause that the code does not have says nothing about those that it has.
        #expect(causes(CauseEvidence("elsewhere", by: .vendorWords)) == ["usual": .likely, "said": .possible])
    }

    @Test func aFindingNeverMakesACauseSurerThanItsRuleAllows() {
        func confidence(_ finding: CauseEvidence) -> Confidence? {
            let template = GuidanceTemplate(
                title: "T", detail: "D",
                causes: [
                    CauseTemplate(
                        "c", .possible, english: "C.", evidence: [.otherTenant: .certain, .vendorWords: .likely], steps: [.tryAgain],
                        responsibleParty: .you)
                ])
            var error = PSAError(.rateLimited, catalogue: GuidanceCatalogue(vendorName: "V", overrides: [.rateLimited: template]))
            error.findings = [finding]
            return error.guidance.causes.first?.confidence
        }
        #expect(confidence(CauseEvidence("c", by: .otherTenant)) == .certain)
        #expect(confidence(CauseEvidence("c", .certain, by: .vendorWords)) == .likely)
        #expect(confidence(CauseEvidence("c", .certain, by: .clock)) == .likely)
        #expect(confidence(CauseEvidence("c", .possible, by: .otherTenant)) == .possible)
        #expect(confidence(CauseEvidence("other", .certain, by: .otherTenant)) == .possible)
    }
}
