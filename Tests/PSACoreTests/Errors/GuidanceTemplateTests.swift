import Testing

@testable import PSACore

@Suite struct GuidanceTemplateTests {
    private func filled(_ text: String, _ values: [GuidanceTemplate.Slot: String]) -> Guidance {
        let template = GuidanceTemplate(title: "T", detail: text, causes: [Cause(text, .likely)], steps: [text], actor: .you)
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
        #expect(guidance.causes == [Cause(expected, .likely)])
    }

    @Test func aMissingValueIsReplacedByWords() {
        for slot in GuidanceTemplate.Slot.allCases where slot != .vendor {
            let words = TextRenderer().text(CorePhrase.unknown(slot))
            #expect(filled("{\(slot.rawValue)}", [:]).detail.lowercased() == words.lowercased() && !words.isEmpty)
        }
    }

    @Test func aConnectorsOwnTextGoesFirstAndTheRestIsShared() {
        let own = GuidanceTemplate(
            title: "own {host}", detail: "{vendor} says {message}", causes: [Cause("{vendor} is odd.", .likely), Cause("b", .possible)],
            steps: ["s"], fields: ["clientID"],
            actor: .vendor, retry: .safeNow, guide: GuideAnchor("Docs/Own.md", "x"))
        let catalogue = GuidanceCatalogue(vendorName: "the Tool", overrides: [.rateLimited: own])
        let guidance = catalogue.guidance(for: .rateLimited, values: [.message: "no"], evidence: "Seen {host}.")
        #expect(guidance.title == "Own its server")
        #expect(guidance.detail == "The Tool says no")
        #expect(guidance.causes == [Cause("The Tool is odd.", .likely, evidence: "Seen {host}."), Cause("B", .possible)])
        #expect(guidance.fields == ["clientID"] && guidance.actor == .vendor && guidance.retry == .safeNow)
        #expect(guidance.guide == GuideAnchor("Docs/Own.md", "x"))
        #expect(catalogue.ownCodes == [.rateLimited])
        let pointing = GuidanceCatalogue(vendorName: "the Tool", addressField: "site", overrides: [:])
        #expect(pointing.guidance(for: .networkDNSNotFound).fields == ["site"] && pointing.guidance(for: .urlMalformed).fields == ["site"])
        #expect(pointing.guidance(for: .networkTimeout).fields.isEmpty && pointing.guidance(for: .authInvalidClient).fields.isEmpty)
        #expect(catalogue.template(for: .tlsExpired).title == ErrorCode.tlsExpired.sharedTemplate.title)
        #expect(catalogue.guidance(for: .vendorUnavailable, values: [.vendor: "Other"]).detail.hasPrefix("Other at"))
    }
}
