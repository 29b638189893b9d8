import TestSupport
import Testing

@testable import HaloPSA
@testable import PSACore

@Suite struct HaloLanguageTests {
    private static let values: [GuidanceTemplate.Slot: PhraseValue] = [
        .host: .verbatim("acme.halopsa.com"), .object: .phrase(HaloPhrase.recurringInvoice("17")), .scope: .verbatim("read:customers"),
        .field: .phrase(HaloPhrase.theStatus), .name: .verbatim("halopas"), .known: .list([.verbatim("halopsa"), .verbatim("autotask")]),
        .message: .verbatim("The value of {tickettype_id} is not one of the types."),
    ]

    private static let phrases: [HaloPhrase] =
        HaloResource.allCases.flatMap { [.rows($0), .noList($0), .readable($0, count: 3), .empty($0)] } + objects + problems + observations

    private static let objects: [HaloPhrase] = [
        .signInData, .accessToken, .newTicket, .testTicket, .ticket("7"), .recurringInvoice("7"), .contact("7"), .ticketType("7"),
        .privateNote(ticket: "7"), .reply(ticket: "7"), .statusOf(ticket: "7"), .ticketDefaults, .theStatus,
    ]

    private static let problems: [HaloPhrase] = [
        .noSummary, .noteVisible, .noText, .nobodyToTell, .notANumber("x"), .contactOfAnotherCompany(contact: "1", own: "2", wanted: "3"),
        .statusNotKept("7"), .noSuchID("7"), .typeNotCreatable(name: "Incident"), .priorityOfAnotherSLA("7"),
    ]

    private static let observations: [HaloPhrase] = [
        .noSavedRecord, .noSuchRecord, .wellFormed("https://acme.halopsa.com"), .answers, .answersOtherwise, .tokenIssued, .allGranted,
        .notGranted(["read:tickets", "read:crm"]), .grantUnknown, .oneCompanyOnly, .nameResolved, .connectionMade, .certificateInOrder,
        .plainHTTP, .notReached, .answersElsewhere("https://acme.halopsa.com"), .credentialsReachHalo, .worksWithoutTenant,
        .worksWithTenant("acme"), .failsWithoutTenantToo, .scopeLacks("read:tickets"), .scopeHas("read:tickets"), .otherReadsWork,
        .allReadsRefused, .defaultsFit, .defaultsNotSet, .created("7"), .createdAndDeleted("7"), .createdAndClosed("7"),
        .createdAndLeft("7"), .storedOtherwise([TicketDifference(.status, requested: "2", stored: "1")], .createdAndLeft("7")),
    ]

    @Test func everyOwnTextHasAGermanOneAndNoOtherDoes() {
        #expect(Set(HaloGuidance.german.keys) == Set(HaloGuidance.catalogue.ownCodes))
    }

    @Test(arguments: ErrorCode.allCases) func germanSaysAsMuchAsEnglishInOtherWords(code: ErrorCode) {
        let english = HaloGuidance.catalogue.words(for: code, in: .english)
        let german = HaloGuidance.catalogue.words(for: code, in: .german)
        #expect(german.causes.count == english.causes.count && german.steps.count == english.steps.count)
        #expect((1...60).contains(german.title.count) && !german.title.contains("{"))
        for (one, other) in zip(english.all, german.all) {
            #expect(one.namesInBraces == other.namesInBraces, "\(code): \(other)")
            #expect(one != other || one == "{message}", "\(code): \(other)")
        }
    }

    @Test(arguments: HaloGuidance.catalogue.ownCodes) func germanKeepsTheWordsOfTheMenus(code: ErrorCode) {
        let english = HaloGuidance.catalogue.words(for: code, in: .english)
        let german = HaloGuidance.catalogue.words(for: code, in: .german)
        for (one, other) in zip(english.causes + english.steps, german.causes + german.steps) {
            for word in [
                "Config → Integrations → HaloPSA API → View Applications", "Config → Integrations → HaloPSA API",
                "Config → Tickets → Ticket Types", "Config → Tickets → Actions", "Config → Teams & Agents → Roles",
                "Client ID and Secret (Services)", "Agent approval required", "Permissions tab",
            ] where one.contains(word) {
                #expect(other.contains(word == "Permissions tab" ? "Reiter Permissions" : word), "\(code): \(other)")
            }
        }
    }

    @Test(arguments: ErrorCode.allCases, [values, [:]]) func everyGermanTextIsWholeAndShort(
        code: ErrorCode, values: [GuidanceTemplate.Slot: PhraseValue]
    ) {
        let guidance = PSAError(code, catalogue: HaloGuidance.catalogue, values: values).guidance(in: TextRenderer(.german))
        #expect((1...200).contains(guidance.detail.count), "\(code): \(guidance.detail.count)")
        for text in [guidance.title, guidance.detail] + guidance.steps + guidance.causes.map(\.text) {
            #expect(!text.contains("  ") && !text.contains("”"), "\(text)")
            #expect(text.filter { $0 == "„" }.count == text.filter { $0 == "“" }.count, "\(text)")
            #expect(text.first?.isUppercase == true || text.hasPrefix("acme.halopsa.com"), "\(text)")
            #expect(!text.replacing("{tickettype_id}", with: "").contains("{"), "\(text)")
        }
        for text in guidance.steps + guidance.causes.map(\.text) { #expect(text.hasSuffix("."), "\(text)") }
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
            evidence: CorePhrase.answered(status: 400, shape: .jsonObject, code: "invalid_{client}"))
        error.findings += HaloGuidance.catalogue.template(for: code).causes.compactMap(\.id).map {
            Finding($0, .certain, evidence: HaloPhrase.scopeLacks("read:tickets"))
        }
        let guidance = error.guidance(in: renderer)
        let texts = [guidance.title, guidance.detail] + guidance.steps + guidance.causes.map(\.text)
        for text in texts + guidance.causes.compactMap(\.evidence) { #expect(text.isOnePhrase, "\(code): \(text)") }
        let words = HaloGuidance.catalogue.words(for: code, in: language)
        for (pattern, text) in zip([words.detail] + words.steps, [guidance.detail] + guidance.steps) {
            for (name, value) in Self.values {
                guard case .verbatim(let value) = value, pattern.namesInBraces.contains(name.rawValue) else { continue }
                #expect(text.contains(value), "\(code): \(text)")
            }
        }
    }

    @Test(arguments: Language.allCases) func everyPhraseStandsInsideOnePattern(language: Language) {
        for phrase in Self.phrases {
            let text = TextRenderer.pseudo(language).text(phrase)
            #expect(text.isOnePhrase, "\(text)")
        }
    }
}
