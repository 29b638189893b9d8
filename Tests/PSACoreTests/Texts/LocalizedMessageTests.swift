import FoundationEssentials
import TestSupport
import Testing

@testable import PSACore

@Suite struct LanguageTests {
    /// Patterns that consist of one value, or of a word both languages share.
    static let sameInBoth: Set<String> = ["{message}", "Server"]

    static let values: [GuidanceTemplate.Slot: MessageValue] = [
        .vendor: .verbatim("HaloPSA"), .host: .verbatim("acme.halopsa.com"),
        .object: .phrase(CoreMessage.capability(.readRecurringInvoices)),
        .scope: .verbatim("read:customers"), .field: .list([.verbatim("Client ID"), .verbatim("Client Secret")]),
        .name: .verbatim("halopas"), .known: .list([.verbatim("autotask"), .verbatim("connectwise"), .verbatim("halopsa")]),
        .message: .verbatim("The value of {tickettype_id} is not one of the types."),
    ]

    static let phrases: [any LocalizedMessage] =
        corePhrases.map { $0 as any LocalizedMessage } + settingPhrases.map { $0 as any LocalizedMessage } + otherPhrases

    private static let otherPhrases: [any LocalizedMessage] =
        [MissingRowsMessage(total: 250, came: 199)]
        + TicketField.ID.standard.flatMap { field -> [any LocalizedMessage] in
            [
                TicketDifference(field, requested: "2", stored: "3", storedLabel: "Normal").sentence,
                TicketDifference(field, requested: "2", stored: nil).sentence,
            ]
        }
        + fieldIssues.map(\.sentence) + attachmentProblems

    private static let fieldIssues: [TicketFieldIssue] =
        TicketField.Kind.allCases.map { TicketFieldIssue(TicketField(RecordID(7), label: "Cause", kind: $0), .wrongForm) }
        + ([
            .missing, .wrongForm, .tooLong(300, limit: 255), .tooMany(3, limit: 2), .unknownChoice(RecordID(7), known: []),
            .unknownChoice(RecordID(7), known: [.init(RecordID(1), label: "1"), .init(RecordID(2), label: "Hardware")]), .unknownField,
            .ofAnotherCompany(RecordID(7), own: Company.ID(1), wanted: Company.ID(2)),
            .ofAnotherCompany(RecordID(7), own: Company.ID(1), wanted: nil),
            .readOnly, .tooFewAttachments(1), .tooFewAttachments(2), .unsupported, .conditionLoop, .refused("No."),
        ] as [TicketFieldIssue.Problem]).map { TicketFieldIssue(id: RecordID(7), label: "Cause", $0) }

    private static let attachmentProblems: [AttachmentProblem] = [
        .noName, .nameTooLong("report"), .nameHasPath("../report"), .nameHasControlCharacter, .mediaTypeMalformed("pdf"),
        .empty("report.pdf"), .tooLarge("report.pdf", 30_000_000),
        .otherContent("report.pdf", declared: "application/pdf", found: "image/png"),
        .otherContentThanNamed("report.pdf", expected: "application/pdf", found: "text/plain"), .tooMany(11),
    ]

    private static let corePhrases: [CoreMessage] = [
        Capability.allCases.map { .capability($0) }, Capability.allCases.map { .check(.read($0)) },
        GuidanceTemplate.Slot.allCases.map { .unknown($0) }, BodyShape.allCases.map { .answered(status: 500, shape: $0, code: nil) },
        TransportError.Kind.allCases.map { .unanswered($0) }, ConnectionCheck.Outcome.allCases.map { .outcome($0) },
        Confidence.allCases.map { .confidence($0) }, ResponsibleParty.allCases.map { .responsibleParty($0) }, subjects.map { .check($0) },
        retries.map { .retry($0) },
        [
            .ticketStatuses, .ticketPriorities,
            .connectionTest, .itsSettings, .nextPage,
            .answered(status: 400, shape: .jsonObject, code: "invalid_client"),
            .nearestName("halopsa"), .notBuilt, .escaped(type: "URLError"), .unreadablePages(3), .placeholderContactsNothing,
            .connected(host: "acme.halopsa.com"), .nothingTested,
            .workedUntil(Date(timeIntervalSince1970: 0), now: Date(timeIntervalSince1970: 0)),
            .quoting(detail: "It failed.", vendor: "HaloPSA", words: "No."),
        ],
    ].flatMap { $0 }

    private static let subjects: [ConnectionCheck.Subject] = [
        .address, .nameResolution, .connection, .certificate, .reachable, .credentials, .scope, .ticketDefaults, .write,
    ]
    private static let retries: [RetryAdvice] = [.never, .afterFix, .afterDelay(.seconds(60)), .safeNow, .unknownOutcome]

    private static let settingPhrases: [SettingMessage] =
        [
            .missing(label: "Client ID", help: "HaloPSA shows it."), .tooLong(label: "Client ID", count: 300, limit: 100),
            .notANumber(label: "Status ID", shown: nil, lowest: 1, highest: 9),
            .notANumber(label: "Status ID", shown: "x", lowest: 1, highest: 9), .controlCharacter(label: "Client ID"),
            .unknownKey("clientid", nearest: "clientID", known: ["clientID"]), .unknownKey("x", nearest: nil, known: ["clientID"]),
            .unknownKey("x", nearest: nil, known: []), .url(.insecure), .url(.credentials), .url(.forbiddenAddress("127.0.0.1")),
            .secretAmongArguments(label: "Client Secret", variable: "HALOPSA_CLIENT_SECRET", key: "clientSecret"),
            .notAFlag(label: "Validation", shown: "perhaps"), .noSuchChoice("Note", known: ["Internal Note"]),
            .noSuchChoice("Note", known: []), .ambiguousChoice("Note", count: 2),
        ] + reasons.map { .url(.malformed($0)) }

    private static let reasons: [ServiceURL.Problem.Reason] = [
        .empty, .tooLong, .forbiddenCharacter, .otherScheme("ftp"), .openBracket, .textAfterBracket, .noHost, .notAnIPv6Address("1::x"),
        .foreignLetters, .notAHostName, .noDomain, .badPort,
    ]

    @Test(
        arguments: [
            ("de_AT.UTF-8", .german), ("de", .german), ("DE", .german), ("de-CH", .german), ("en_US", .english), ("C", .english),
            (nil, .english), ("", .english), ("fr_FR", .english), ("den", .english),
        ] as [(String?, Language)])
    func aLocaleNamesALanguageAndAnyOtherMeansEnglish(locale: String?, expected: Language) {
        #expect(Language(locale: locale) == expected)
    }

    @Test func everyTitleIsUniqueInEveryLanguage() {
        for language in Language.allCases {
            let titles = ErrorCode.allCases.map { GuidanceCatalogue.shared.template(for: $0).title.text(in: language) }
            #expect(Set(titles).count == ErrorCode.allCases.count, "\(language)")
        }
    }

    @Test func whatIsNotWrittenInALanguageIsToldInEnglishAndInNoOther() {
        #expect(LocalizedText("Yes").text(in: .german) == "Yes" && !LocalizedText("Yes").isWritten(in: .german))
        #expect(LocalizedText("Yes", german: "Ja").text(in: .english) == "Yes" && LocalizedText("Yes", german: "Ja").isWritten(in: .german))
    }

    @Test(arguments: ErrorCode.allCases, [values, [:]]) func everyGermanTextIsWhole(
        code: ErrorCode, values: [GuidanceTemplate.Slot: MessageValue]
    ) {
        let guidance = PSAError(code, values: values).guidance(in: TextRenderer(.german))
        for text in [guidance.title, guidance.detail] + guidance.everyStep + guidance.causes.map(\.text) {
            #expect(!text.contains("”"), "\(text)")
            #expect(text.filter { $0 == "„" }.count == text.filter { $0 == "“" }.count, "\(text)")
            #expect(text.first?.isUppercase == true || text.hasPrefix("acme.halopsa.com"), "\(text)")
            #expect(!text.replacing("{tickettype_id}", with: "").contains("{"), "\(text)")
        }
    }

    @Test func everyPhraseHasWordsInBothLanguages() {
        for phrase in Self.phrases {
            let english = TextRenderer(.english).text(phrase)
            let german = TextRenderer(.german).text(phrase)
            #expect(!english.isEmpty && !english.contains("{") && !english.contains("}"))
            #expect(!german.isEmpty && !german.contains("{") && !german.contains("}"))
            #expect(english != german || Self.sameInBoth.contains(english), "\(german)")
            #expect(!german.contains("”"), "\(german)")
            // The help of a setting exists in English only; a German sentence does without it.
            #expect(
                phrase.pattern(in: .english).namesInBraces.subtracting(["help"]) == phrase.pattern(in: .german).namesInBraces, "\(german)")
        }
    }

    @Test(arguments: ErrorCode.allCases, Language.allCases) func noTextIsGluedOntoAPhrase(code: ErrorCode, language: Language) {
        let renderer = TextRenderer.pseudo(language)
        var error = PSAError(
            code, values: Self.values, evidence: CoreMessage.answered(status: 400, shape: .jsonObject, code: "invalid_{client}"),
            vendor: VendorReply(status: 400, code: "invalid_{client}", message: "No ⟨such⟩ client."))
        error.findings += GuidanceCatalogue.shared.template(for: code).causes.dropFirst().map {
            CauseEvidence($0.id, .certain, by: .otherTenant, evidence: CoreMessage.nearestName("acme"))
        }
        let guidance = error.guidance(in: renderer)
        for text in guidance.everyText { #expect(text.isOnePhrase, "\(code): \(text)") }
        let detail = GuidanceCatalogue.shared.template(for: code).detail.text(in: language)
        for name in detail.namesInBraces {
            #expect(guidance.detail.contains(TextRenderer.verbatim(name, of: Self.values)), "\(guidance.detail)")
        }
        #expect(
            PSAError(code, evidence: CoreMessage.answered(status: 400, shape: .jsonObject, code: "invalid_{client}"))
                .guidance(in: renderer).causes.first?.evidence?.contains("invalid_{client}") == true)
        let vendor = error.problem(in: renderer)["vendor"]
        #expect(vendor?["code"] == .string("invalid_{client}") && vendor?["message"] == .string("No ⟨such⟩ client."))
    }

    @Test(arguments: Language.allCases) func everyPhraseAndReportStandsInsideOnePattern(language: Language) {
        let renderer = TextRenderer.pseudo(language)
        for phrase in Self.phrases { #expect(renderer.text(phrase).isOnePhrase, "\(renderer.text(phrase))") }
        let passed = ConnectionCheck(.read(.readTickets), .passed, evidence: CoreMessage.connectionTest)
        let failed = ConnectionCheck(.address, .failed, evidence: CoreMessage.notBuilt, error: PSAError(.urlNotVendor, values: Self.values))
        for checks in [[], [passed], [failed]] {
            let report = ConnectionReport(connector: ConnectorID("sample"), host: "acme.halopsa.com", checks: checks)
            #expect(report.headline(in: renderer).isOnePhrase)
            guard case .array(let rows)? = report.json(in: renderer)["checks"] else { continue }
            #expect(rows.count == checks.count)
            for row in rows { #expect(row["check"]?.string?.isOnePhrase == true && row["evidence"]?.string?.isOnePhrase == true) }
        }
    }

    @Test func textOutsideAPatternIsSeen() {
        #expect("⟦a ⟦b⟧~⟧".isOnePhrase)
        for glued in ["⟦a⟧.", "x ⟦a⟧", "⟦a⟧ ⟦b⟧", "⟦a⟧, ⟦b⟧", "a", "", "⟦a"] { #expect(!glued.isOnePhrase, "\(glued)") }
    }
}

extension TextRenderer {
    /// A value's first word as it must come through, or nothing where a value is itself a phrase.
    fileprivate static func verbatim(_ name: String, of values: [GuidanceTemplate.Slot: MessageValue]) -> String {
        switch GuidanceTemplate.Slot(rawValue: name).flatMap({ values[$0] }) {
        case .verbatim(let text): text
        case .list(let parts), .sentences(let parts): parts.map { TextRenderer().text($0) }.joined(separator: ", ")
        case .setting(let label, _): label
        case .phrase, .moment, nil: "⟦"
        }
    }
}

extension Guidance {
    fileprivate var everyText: [String] { [title, detail] + causes.map(\.text) + causes.compactMap(\.evidence) + everyStep }
}

@Suite("Spaces around a text")
struct TrimmingTests {
    /// Everything Unicode calls white space, and what has no width.
    private static let spaces: [UInt32] =
        [0x20, 0x85, 0xA0, 0x1680, 0x180E, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x200B, 0x3000, 0xFEFF] + Array(0x09...0x0D)
        + Array(0x2000...0x200A)

    @Test("each of them is trimmed at both ends, alone and with others", arguments: spaces)
    func isTrimmed(value: UInt32) throws {
        let blank = String(Character(try #require(Unicode.Scalar(value))))
        #expect("\(blank)a\(blank)b\(blank)".trimmingSpaces == "a\(blank)b")
        #expect("\(blank) \(blank)".trimmingSpaces == "")
        #expect(" \(blank)\u{A0}a".trimmingSpaces == "a")
    }

    @Test(
        "what has ink, or belongs to what is before it, stays",
        arguments: [
            "a", "\u{0}", "\u{7}", "👩‍👩‍👧", "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "e\u{301}", "\u{200D}", "\u{200F}", "-",
            "0",
        ])
    func stays(text: String) {
        #expect(text.trimmingSpaces.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test func aLineEndOfTwoCharactersIsTrimmedWhole() {
        #expect("\r\n a \r\n".trimmingSpaces == "a")
        #expect("a b"[...].dropLast().trimmingSpaces == "a")
    }
}
