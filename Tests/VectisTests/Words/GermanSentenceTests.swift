import Foundation
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisWeb

/// What a page shows that is stored, or that is not written by the page itself.
@Suite("Sentences in German")
struct GermanSentenceTests {
    @Test func everySentenceOfRulesAndJobsIsTranslated() {
        let missing = MissingMessages()
        MissingMessages.$current.withValue(missing) {
            Viewer.$current.withValue(Viewer(language: .german)) {
                let words =
                    ReviewReason.all.map(\.words) + UnresolvedReason.allCases.map(\.words)
                    + ReviewReason.all.map { SkipReason.wouldNeedReview($0).words }
                    + [SkipReason.connectionRemoved.words, SkipReason.companyConditions("Acme").words, DetectorObstacle.noCopy.words]
                    + SyncResource.allCases.flatMap { resource in
                        let obstacles: [DetectorObstacle] = [
                            .notOffered(resource), .notRead(resource), .stale(resource), .incomplete(resource), .changing(resource),
                        ]
                        return obstacles.map(\.words)
                    } + DetectorKind.allCases.flatMap { [HTML(term: $0.title), HTML(term: $0.explanation), HTML(term: $0.limitation)] }
                    + RuleTemplate.all.flatMap { [HTML(term: $0.name), HTML(term: $0.purpose)] } + RuleState.Name.allCases.map(\.words)
                    + Condition.Field.allCases.map(\.words) + Condition.Comparison.allCases.map(\.words)
                    + [HTML.quoted(["A", "B"]), HTML.quoted((0..<12).map { "\($0)" })]
                #expect(words.allSatisfy { !$0.isEmpty })
            }
        }
        #expect(missing.all.isEmpty, "\(missing.all.map { $0 + " | " }.joined(separator: "\n"))")
    }

    static let problems: [RuleProblem] = [
        .name, .connection, .eventTypes, .tooManyConditions(groups: 1, tests: 2), .emptyGroup(3), .textMissing, .textTooLong(limit: 4),
        .unknownValue("nobody"), .openBrace("{device"), .closingBrace("device}"), .eventType, .refusedID(.url(.insecure)), .appendTime,
        .limitCount, .limitTime, .fieldLength, .ownField, .valueNotOnOneLine(.device), .tooManyFields(limit: 5),
        .fieldsTooLarge(kibibytes: 6),
        .valueTooLarge(kibibytes: 7),
        .comparison(.hour, .contains), .valueMissing(.severity, .oneOf), .valueTooLong(.psaCompanyName, limit: 8), .severity("dreadful"),
        .yesOrNo(.psaCompanyActive), .timeOfDay, .timeZone("Nowhere"), .number("x"), .duration("x"),
    ]

    @Test(arguments: problems) func aProblemOfARuleIsEnglishForProgramsAndGermanOnPages(problem: RuleProblem) {
        let (english, german) = (problem.english, TextRenderer(.german, surface: .page).text(problem))
        #expect(EnglishWords.sentences(in: "<p>\(german)</p>").isEmpty && german != english, "\(german)")
        // Whatever was found is in both.
        for value in problem.values.values {
            guard case .verbatim(let text) = value else { continue }
            #expect(english.contains(text) && german.contains(text), "\(text)")
        }
    }

    static let remarks: [JobRemark] = [
        .foundBeforeSending, .foundAgain(["4711"]), .foundAgain(["4711", "4712"]), .other("Something else."), .other(""),
        .differences([TicketDifference(.status, requested: "2", stored: "3")]),
        .found(.foundBeforeSending, [TicketDifference(.company, requested: "7", stored: "8")]),
        .found(.foundAgain(["4711", "4712"]), [TicketDifference(.company, requested: "7", stored: "8")]),
        .differences([TicketDifference(.priority, requested: "2", stored: nil), TicketDifference(.company, requested: "7", stored: "8")]),
        .differences([TicketDifference(TicketField.ID(0), label: "Kosten “A”", requested: "X. 3", stored: "Y")]),
        .differences(
            TicketField.ID.standard.sorted { $0.rawValue < $1.rawValue }.flatMap {
                [TicketDifference($0, requested: "a", stored: "b"), TicketDifference($0, requested: "a", stored: nil)]
            }),
    ]

    @Test(arguments: remarks) func aRemarkIsReadAsItWasStored(remark: JobRemark) {
        #expect(JobRemark(stored: remark.stored) == remark)
        #expect(JobRemark(stored: remark.stored).stored == remark.stored)
    }

    @Test(arguments: remarks) func aRemarkIsInTheLanguageOfTheViewer(remark: JobRemark) {
        guard case .other = remark else {
            let renderer = TextRenderer(.german, surface: .page)
            let german = JobRemark(stored: remark.stored).sentences.map { renderer.text($0) }
            #expect(!german.isEmpty && german.allSatisfy { EnglishWords.sentences(in: "<p>\($0)</p>").isEmpty }, "\(german)")
            return #expect(german.joined(separator: " ") != remark.stored)
        }
        let html = Viewer.$current.withValue(Viewer(language: .german)) { JobRemark(stored: remark.stored).words }
        #expect(html.description == remark.stored)
    }

    /// A label of a difference that the vendor sent along counts as a part of the value.
    @Test func theNameOfAStoredChoiceStays() {
        let difference = TicketDifference(.type, requested: "1", stored: "3", storedLabel: "Change “now”")
        let read = JobRemark(stored: JobRemark.differences([difference]).stored)
        #expect(read.sentences.map { TextRenderer(.german).text($0) } == [TextRenderer(.german).text(difference.sentence)])
    }

    @Test(
        arguments: [
            "The PSA stored the status.", "The PSA stored the colour 3 instead of 2.", "Found more than once: as well.",
            "Found more than once: ",
            "The PSA did not keep the colour 2.",
            "It was found in the PSA before it was to be sent, and was not sent again. ",
        ])
    func aSentenceOfAnotherVersionStaysAsItIs(text: String) {
        #expect(JobRemark(stored: text).stored == text)
        #expect(JobRemark(stored: text) == .other(text))
    }

    @Test func aRemarkThatIsTooLongStaysAsItIs() {
        let remark = JobRemark.foundAgain([String(repeating: "7", count: JobRemark.maxBytes)])
        #expect(JobRemark(stored: remark.stored) == .other(remark.stored))
    }

    @Test(
        arguments: [SkipReason.connectionRemoved, .companyConditions("Acme “& Sons”"), .companyConditions(""), .other("Something else.")]
            + ReviewReason.all.map(SkipReason.wouldNeedReview))
    func aReasonToSkipIsReadAsItWasStored(reason: SkipReason) {
        #expect(SkipReason(stored: reason.stored) == reason)
    }

    @Test func aStoredProblemIsReadInTheLanguageOfTheViewer() throws {
        let error = PSAError(.authInvalidClient, values: [.host: .verbatim("acme.example.com")])
        let german = error.guidance(in: TextRenderer(.german))
        let (inEnglish, inGerman) = (TranslatedJSON.read(error.storedProblem), TranslatedJSON.read(error.storedProblem, in: .german))
        #expect(inEnglish.map { JSONValue($0) } == error.problem, "Programs read what they always read.")
        #expect(inGerman?["title"]?.string == german.title && inGerman?["detail"]?.string == german.detail)
        #expect(inGerman?["steps"]?.elements.compactMap(\.string) == german.everyStep)
        #expect(inGerman?["correlationID"]?.string == error.correlationID.rawValue && inGerman?["translations"] == nil)
        let earlier = error.problem.encodedText
        #expect(TranslatedJSON.read(earlier, in: .german)?["title"]?.string == error.guidance.title, "An earlier version stored English.")
        #expect(TranslatedJSON.read("no JSON", in: .german) == nil)
    }

    @Test func aTranslationThatWouldBeTooLongIsLeftOut() throws {
        let json = TranslatedJSON(members: ["text"]) { ["text": .string($0.language == .german ? "Hallo" : "Hello"), "n": 1] }
        let whole = json.text(upTo: 1_000)
        #expect(json.text(upTo: whole.utf8.count) == whole && json.text(upTo: whole.utf8.count - 1) == #"{"text":"Hello","n":1}"#)
        #expect(TranslatedJSON.read(whole, in: .german)?["text"]?.string == "Hallo")
    }

    @Test func aStoredTestIsReadInTheLanguageOfTheViewer() throws {
        let error = PSAError(.authInvalidClient, values: [.host: .verbatim("acme.example.com")])
        let report = ConnectionReport(
            connector: ConnectorID("scripted"), host: "acme.example.com",
            checks: [ConnectionCheck(.credentials, .failed, evidence: HostMessage.testNotFinished, error: error)])
        let stored = ConnectionTestReport.stored(report)
        #expect(stored.utf8.count <= ConnectionTestReport.maxReportBytes)
        #expect(TranslatedJSON.read(stored).map { JSONValue($0) } == report.json(in: TextRenderer()))
        let german = TranslatedJSON.read(stored, in: .german)
        #expect(german?["headline"]?.string == report.headline(in: TextRenderer(.german)))
        #expect(german?["checks"]?.elements.first?["evidence"]?.string == TextRenderer(.german).text(HostMessage.testNotFinished))
    }

    @Test func whatIsStoredIsShownInGerman() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let language = [("Accept-Language", "de")]
            let connection = try await fixture.connect(mode: .refused)
            _ = try await browser.post("/integrations/\(connection.id)/check")
            try await fixture.addRule(for: connection)
            let job = try await Self.addJobs(fixture, connection)
            var paths = [
                "/integrations", "/integrations/\(connection.id)", "/integrations/\(connection.id)/settings",
                "/integrations/\(connection.id)/tests/1", "/rules", "/rules/companies", "/connections/\(connection.id)/detectors",
                "/errors", "/errors/auth.invalid_client", "/errors/ticket.field_required", "/jobs",
            ]
            paths += (1...job).map { "/jobs/\($0)" }
            paths += try await fixture.services.storage.rules().map { "/rules/\($0.id)" }
            let missing = MissingMessages()
            try await MissingMessages.$current.withValue(missing) {
                for path in paths {
                    let page = try await browser.get(path, language)
                    #expect(page.status == 200, "\(path)")
                    // The text of the event is data.
                    let found = EnglishWords.sentences(in: page.text.replacing("The disk is full.", with: ""))
                    #expect(found.isEmpty, "\(path): \(found.prefix(5))")
                }
            }
            let all = missing.all.filter { !$0.hasPrefix("Label of ") && $0 != "Help." }
            #expect(all.isEmpty, "\(all.joined(separator: "\n"))")
        }
    }

    /// Adds a job in each state that has a reason, and a rule for each reason to pause.
    ///
    /// - Returns: The number of the last job.
    private static func addJobs(_ fixture: WebFixture, _ connection: StoredConnection) async throws -> Int64 {
        let storage = fixture.services.storage
        let error = PSAError(.requestRejected, values: [.object: .phrase(CoreMessage.capability(.createTickets))])
        let fields = PSAError(
            ticketFields: [TicketFieldIssue(SampleForms.everyKind[0], .missing)], catalogue: .shared,
            object: CoreMessage.capability(.createTickets))
        let states: [TicketJob.State] =
            ReviewReason.all.map { .needsReview($0) } + ReviewReason.all.map { .skipped(SkipReason.wouldNeedReview($0).stored) }
            + [
                .skipped(SkipReason.connectionRemoved.stored), .skipped(SkipReason.companyConditions("Acme").stored),
                .failed(error.code, problem: error.storedProblem), .failed(fields.code, problem: fields.storedProblem), .waiting,
                .wouldCreate,
            ]
        let pauses: [(isRateLimited: Bool, refusal: ErrorCode?, fields: TicketFieldsPause?)] = [
            (true, nil, nil), (false, .permissionRoleDenied, nil), (false, nil, TicketFieldsPause(type: "Vorfall", fields: ["A", "B"])),
        ]
        for (isRateLimited, refusal, fields) in pauses {
            let rule = Rule(
                id: RuleID(), name: "Regel", revision: 1, mode: .active, isRateLimited: isRateLimited, refusal: refusal, fieldPause: fields,
                definition: .sample(connection: connection.id), createdAt: fixture.time.now, changedAt: fixture.time.now)
            try await storage.add(rule, audit: .sample(.ruleCreated))
            for (number, state) in states.enumerated() {
                let event = HostEvent.sample(senderID: "\(rule.id)-\(number)", receivedAt: fixture.time.now)
                _ = try await storage.accept(event, from: nil) { event, _, _ in [RuleEngine.decision(event, rule, state)] }
            }
        }
        return try await storage.jobs(TicketJob.Filter(), before: nil, limit: 1).first?.id.rawValue ?? 0
    }

    @Test func theErrorReferenceIsSearchedInTheLanguageOfThePage() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            let word = "Zertifikat"
            let german = try await browser.get("/errors?q=\(word)", [("Accept-Language", "de")]).text
            let english = try await browser.get("/errors?q=\(word)", [("Accept-Language", "en")]).text
            #expect(german.contains("href=\"/errors/tls.") && !english.contains("href=\"/errors/tls."))
        }
    }
}

/// Finds English on a German page.
enum EnglishWords {
    /// Words that no German sentence has.
    private static let words: Set<Substring> = [
        "the", "is", "are", "of", "with", "not", "its", "it", "has", "have", "that", "and", "for", "to", "this", "from",
    ]

    /// The texts of a page that have at least two of the words; code and what was sent or answered is data.
    static func sentences(in html: String) -> [String] {
        let text = html.replacing(/(?s)<(script|style|pre|textarea|code|title)\b.*?<\/\1>/, with: "")
            .replacing(/(?s)<dl class="facts">.*?<\/dl>/, with: "")
        let nodes = text.replacing(/<\/?(a|strong|span|em|time|b)\b[^>]*>/, with: "").split(separator: /<[^>]*>/)
        return nodes.filter { node in
            let found = node.lowercased().split { !$0.isLetter }.filter { words.contains($0) }
            return found.count >= 2
        }.map { String($0.prefix(160)) }
    }
}
