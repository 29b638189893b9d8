import Testing

@testable import PSACore

@Suite struct GuidanceTemplateTests {
    private func filled(_ text: String, _ values: [GuidanceTemplate.Slot: String]) -> Guidance {
        let cause = CauseTemplate("only", .likely, text, steps: [.check(text)], responsibleParty: .you)
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
        #expect(guidance.causes == [Cause("only", expected, .likely, steps: [expected], responsibleParty: .you)])
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
                CauseTemplate("odd", .likely, "{vendor} is odd.", steps: [.check("s")], fields: ["clientID"], responsibleParty: .vendor),
                CauseTemplate("b", .possible, "b", steps: ["t", .check("s")], responsibleParty: .you),
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

    @Test func aConnectorsOwnCodeHasItsOwnTextAndOneWithoutSaysNoMoreThanThat() throws {
        let code = try #require(ErrorCode(rawValue: "acme.queue_closed"))
        let own = GuidanceTemplate(
            title: "The queue is closed", detail: "{object}",
            causes: [CauseTemplate("closed", .likely, "It is.", steps: [.tryAgain], responsibleParty: .you)])
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
                    "c", .likely, "C.",
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

    @Test func aFindingNeverMakesACauseSurerThanItsRuleAllows() {
        func confidence(_ finding: CauseEvidence) -> Confidence? {
            let template = GuidanceTemplate(
                title: "T", detail: "D",
                causes: [
                    CauseTemplate(
                        "c", .possible, "C.", evidence: [.otherTenant: .certain, .vendorWords: .likely], steps: [.tryAgain],
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
