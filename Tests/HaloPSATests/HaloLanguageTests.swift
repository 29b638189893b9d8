import TestSupport
import Testing
@testable import HaloPSA
@testable import PSACore

@Suite struct HaloLanguageTests {
    private static let values: [GuidanceTemplate.Slot: MessageValue] = [
        .host: .verbatim("acme.halopsa.com"), .object: .phrase(HaloMessage.recurringInvoice("17")), .scope: .verbatim("read:customers"),
        .field: .phrase(HaloMessage.theStatus), .name: .verbatim("halopas"), .known: .list([.verbatim("halopsa"), .verbatim("autotask")]),
        .message: .verbatim("The value of {tickettype_id} is not one of the types."),
    ]

    private static let phrases: [HaloMessage] =
        HaloResource.allCases.flatMap { [.rows($0), .noList($0), .readable($0, count: 3), .empty($0)] } + objects + problems + observations

    private static let objects: [HaloMessage] = [
        .signInData, .accessToken, .newTicket, .testTicket, .ticket("7"), .recurringInvoice("7"), .contact("7"), .ticketType("7"),
        .privateNote(ticket: "7"), .reply(ticket: "7"), .statusOf(ticket: "7"), .ticketDefaults, .theStatus,
    ]

    private static let problems: [HaloMessage] = [
        .noSummary, .noteVisible, .noText, .noRecipient, .notANumber("x"), .contactOfAnotherCompany(contact: "1", own: "2", wanted: "3"),
        .statusNotKept("7"), .noSuchID("7"), .typeNotCreatable(name: "Incident"), .priorityOfAnotherSLA("7"),
    ]

    private static let observations: [HaloMessage] = [
        .noSavedRecord, .noSuchRecord, .answers, .answersOtherwise, .allGranted,
        .notGranted(["read:tickets", "read:crm"]), .grantUnknown, .oneCompanyOnly,
        .answersElsewhere("https://acme.halopsa.com"), .credentialsReachHalo, .oauthRefusal("ID2055"),
        .vendorField("Site"), .worksWithoutTenant,
        .worksWithTenant("acme"), .failsWithoutTenantToo, .scopeLacks("read:tickets"), .scopeHas("read:tickets"), .otherReadsWork,
        .allReadsRefused, .defaultsFit, .defaultsNotSet, .created("7"), .createdAndDeleted("7"), .createdAndClosed("7"),
        .createdAndLeft("7"), .storedOtherwise([TicketDifference(.status, requested: "2", stored: "1")], .createdAndLeft("7")),
    ]

    private static let examination = GuidanceExamination(HaloGuidance.catalogue, values: values.filter { $0.key != .message })

    @Test func everyTemplateIsCompleteInEveryLanguageAndCertainOnlyByProof() {
        #expect(Self.examination.flawsOfTemplates == [])
    }

    @Test func stepsFieldsAndActorFollowTheSurestCauseWhateverWasFoundOut() {
        #expect(Self.examination.flawsOfGuidance == [])
    }

    @Test(arguments: HaloGuidance.catalogue.ownCodes) func germanKeepsTheWordsOfTheMenus(code: ErrorCode) {
        for text in HaloGuidance.catalogue.template(for: code).texts {
            for word in [
                "Config → Integrations → HaloPSA API → View Applications", "Config → Integrations → HaloPSA API",
                "Config → Tickets → Ticket Types", "Config → Tickets → Actions", "Config → Teams & Agents → Roles",
                "Client ID and Secret (Services)", "Agent approval required", "Permissions tab",
            ] where text.english.contains(word) {
                let german = text.text(in: .german)
                #expect(german.contains(word == "Permissions tab" ? "Reiter Permissions" : word), "\(code): \(german)")
            }
        }
    }

    @Test(arguments: ErrorCode.allCases, [values, [:]]) func everyGermanTextIsWhole(
        code: ErrorCode, values: [GuidanceTemplate.Slot: MessageValue]
    ) {
        let guidance = PSAError(code, catalogue: HaloGuidance.catalogue, values: values).guidance(in: TextRenderer(.german))
        for text in [guidance.title, guidance.detail] + guidance.everyStep + guidance.causes.map(\.text) {
            #expect(!text.contains("”"), "\(text)")
            #expect(text.filter { $0 == "„" }.count == text.filter { $0 == "“" }.count, "\(text)")
            #expect(text.first?.isUppercase == true || text.hasPrefix("acme.halopsa.com"), "\(text)")
            #expect(!text.replacing("{tickettype_id}", with: "").contains("{"), "\(text)")
        }
    }

    /// Words that German readers of a HaloPSA stumble over, and what stands in their place.
    @Test func germanReadsLikeGerman() {
        let texts =
            ErrorCode.allCases.flatMap { HaloGuidance.catalogue.template(for: $0).texts }.map { $0.text(in: .german) }
            + Self.phrases.map { $0.pattern(in: .german) }
        for word in [
            "Anmelde-Agent", "Anmeldedaten der Instanz", "kann keiner von", "Den Tenant leeren", "durch einen Agent ", "Connectoren",
        ] {
            #expect(!texts.contains { $0.contains(word) }, "\(word)")
        }
    }

    @Test func everyPhraseHasWordsInBothLanguages() {
        for phrase in Self.phrases {
            let english = TextRenderer(.english).text(phrase)
            let german = TextRenderer(.german).text(phrase)
            for text in [english, german] { #expect(!text.isEmpty && !text.contains("{") && !text.contains("}"), "\(text)") }
            #expect(english != german && !german.contains("”"), "\(german)")
            #expect(phrase.pattern(in: .english).namesInBraces == phrase.pattern(in: .german).namesInBraces, "\(german)")
        }
    }

    @Test(arguments: ErrorCode.allCases, Language.allCases) func noTextIsGluedOntoAPhrase(code: ErrorCode, language: Language) {
        let renderer = TextRenderer.pseudo(language)
        var error = PSAError(
            code, catalogue: HaloGuidance.catalogue, values: Self.values,
            evidence: CoreMessage.answered(status: 400, shape: .jsonObject, code: "invalid_{client}"))
        error.findings += HaloGuidance.catalogue.template(for: code).causes.map {
            CauseEvidence($0.id, .certain, by: .grantedScope, evidence: HaloMessage.scopeLacks("read:tickets"))
        }
        let guidance = error.guidance(in: renderer)
        let texts = [guidance.title, guidance.detail] + guidance.everyStep + guidance.causes.map(\.text)
        for text in texts + guidance.causes.compactMap(\.evidence) { #expect(text.isOnePhrase, "\(code): \(text)") }
        let detail = HaloGuidance.catalogue.template(for: code).detail.text(in: language)
        for (name, value) in Self.values {
            guard case .verbatim(let value) = value, detail.namesInBraces.contains(name.rawValue) else { continue }
            #expect(guidance.detail.contains(value), "\(code): \(guidance.detail)")
        }
    }

    @Test(arguments: Language.allCases) func everyPhraseStandsInsideOnePattern(language: Language) {
        for phrase in Self.phrases {
            let text = TextRenderer.pseudo(language).text(phrase)
            #expect(text.isOnePhrase, "\(text)")
        }
    }
}
