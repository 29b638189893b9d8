import FoundationEssentials
import PSACore
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Fields of rules") struct RuleFieldTests {
    private struct NoCounts: TicketJobCounts {
        func jobs(of rule: RuleID, since moment: Date, until end: Date) -> Int { 0 }
        func jobs(through connection: ConnectionID, since moment: Date, until end: Date) -> Int { 0 }
    }

    private static let file = AttachmentFile.sample("log.txt", "The disk is full.")

    private func definition(_ fields: [TicketField.ID: RuleFieldValue]) -> RuleDefinition {
        var definition = RuleDefinition.sample()
        definition.action.fields = fields
        return definition
    }

    @Test("a rule can't state a field that the event or another input decides", arguments: TicketField.ID.standard)
    func standardFields(field: TicketField.ID) {
        var action = RuleDefinition.sample().action
        action.fields = [field: .template(FieldTemplate(TextTemplate("14")))]
        #expect(action.fieldIssues.contains { $0.field == "field.\(field)" && $0.problem == .ownField })
    }

    @Test func aTemplateIsFilledFromTheEventAndCutToTheLimitOfTheField() {
        func value(_ pattern: String, maxLength: Int? = nil, keepsLines: Bool = false) -> String? {
            RuleFieldValue.template(FieldTemplate(TextTemplate(pattern), maxLength: maxLength, keepsLines: keepsLines))
                .value(for: EventValues(.sample(device: "SRV-1", text: "first\nsecond")))?.text
        }
        #expect(value("On {device}") == "On SRV-1")
        #expect(value("On {device}", maxLength: 5) == "On SR")
        #expect(value("{text}") == "first second" && value("{text}", keepsLines: true) == "first\nsecond")
        let long = value(String(repeating: "x", count: 500), maxLength: 100)
        #expect(long?.count == 100 || (long?.count ?? 0) < 100 && long?.contains("…") == true)
        #expect(RuleFieldValue.template(FieldTemplate(TextTemplate("{device}"))).value(for: EventValues(.sample(device: ""))) == nil)
    }

    @Test func valuesOfTheEventAreTextInAFieldThatHoldsHTML() throws {
        let field = TicketField(SampleForms.id("rich"), label: "Rich", kind: .richText)
        let value = try RuleFieldValue("<p>{device}</p><p>{text}</p>", for: field)
        let event = HostEvent.sample(device: "<script>alert(1)</script>", text: "a & b\n\"c\"")
        let filled = try #require(value.value(for: EventValues(event))).text
        #expect(filled == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>a &amp; b<br>&quot;c&quot;</p>")
        #expect(RuleFieldValue(json: try JSONDocument(value.json.encoded).root) == value)
    }

    @Test(arguments: [3, 7, 8, 20, 60, 79, 80, 120, 333, 1_000, 5_000])
    func longHTMLIsCutInTheValuesAndNeverInsideOfMarkup(limit: Int) throws {
        let event = HostEvent.sample(device: "<A&B>", text: String(repeating: "<i>\"ä\" & 'b'</i>\n", count: 500))
        for pattern in ["<p>{text}</p>", "<p>{device}: {text}</p><p>{text}</p>", "<p>{device}</p>", "{text}"] {
            let template = FieldTemplate(TextTemplate(pattern), maxLength: limit, keepsLines: true, isHTML: true)
            // Nothing is left where the pattern alone is too long.
            guard let html = template.text(for: EventValues(event)) else {
                #expect(limit < 40, "\(pattern)")
                continue
            }
            #expect(html.utf16.count <= limit, "\(pattern)")
            let text = html.replacing(/<\/?p>|<br>/, with: "").replacing(/&(?:amp|lt|gt|quot|#39);/, with: "")
            #expect(!text.contains { "<>&;".contains($0) }, "\(pattern): \(text.suffix(80))")
            #expect(html.matches(of: /<p>/).count == html.matches(of: /<\/p>/).count)
        }
    }

    @Test func theMarkInHTMLCountsTheCharactersOfTheText() throws {
        let event = HostEvent.sample(text: String(repeating: "<", count: 1_000))
        let template = FieldTemplate(TextTemplate("<p>{text}</p>"), maxLength: 300, keepsLines: true, isHTML: true)
        let html = try #require(template.text(for: EventValues(event)))
        let kept = html.matches(of: /&lt;/).count
        #expect(kept > 50 && html.hasSuffix("… [cut here: \(1_000 - kept) more characters]</p>"), "\(html)")
    }

    @Test func aValueGetsTheLimitsOfItsField() {
        let given = RuleFieldValue.template(FieldTemplate(TextTemplate("{text}"), maxLength: 9_999, isHTML: false))
        let rich = TicketField(SampleForms.id("rich"), label: "Rich", kind: .richText, maxLength: 100)
        #expect(given.fitted(to: rich) == .template(FieldTemplate(TextTemplate("{text}"), maxLength: 100, keepsLines: true, isHTML: true)))
        let choice = TicketField(SampleForms.id("choice"), label: "Choice", kind: .choice)
        #expect(given.fitted(to: choice) == given, "The check says what is wrong.")
    }

    @Test func textKindsTakeTemplatesAndOthersFixedValues() throws {
        for field in SampleForms.everyKind {
            let texts = try #require(SampleForms.validTexts.first { $0.0 == field.id }).1
            let text = field.kind == .dateTime ? texts[0] + ":00Z" : texts.joined(separator: "\n")
            let value = try RuleFieldValue(text, for: field)
            if case .template(let template) = value {
                #expect(field.kind.takesTemplate && template.maxLength == field.maxLength)
            } else {
                #expect(!field.kind.takesTemplate)
            }
        }
        #expect(throws: TicketFieldIssue.self) { try RuleFieldValue("ftp://x", for: SampleForms.everyKind[3]) }
        #expect(throws: TicketFieldIssue.self) { try RuleFieldValue("{device}", for: SampleForms.everyKind[4]) }
    }

    @Test func fieldsAreReadBackAsTheyWereStored() throws {
        var fields: [TicketField.ID: RuleFieldValue] = [
            SampleForms.id("text"): .template(FieldTemplate(TextTemplate("{device} “x”"), maxLength: 10, keepsLines: true))
        ]
        for field in SampleForms.everyKind where !field.kind.takesTemplate {
            let texts = try #require(SampleForms.validTexts.first { $0.0 == field.id }).1
            fields[field.id] = try RuleFieldValue(
                field.kind == .dateTime ? texts[0] + ":00Z" : texts.joined(separator: "\n"), for: field)
        }
        let definition = definition(fields)
        let read = RuleDefinition(json: try JSONDocument(definition.json.encoded).root)
        #expect(read?.action.fields == fields && read?.json == definition.json)
        let without = RuleDefinition.sample()
        #expect(without.json["fields"] == nil)
        #expect(try RuleDefinition(json: JSONDocument(without.json.encoded).root)?.action.fields.isEmpty == true)
    }

    @Test func fieldsAreLimitedInNumberAndSizeAndTheirNamesAreChecked() {
        let hundred = Dictionary(uniqueKeysWithValues: (1...100).map { (SampleForms.id("f\($0)"), RuleFieldValue.fixed(.text("x"))) })
        #expect(definition(hundred).issues.isEmpty)
        #expect(definition(hundred.merging([SampleForms.id("f101"): .fixed(.text("x"))]) { $1 }).issues.map(\.field) == ["fields"])
        let long = String(repeating: "x", count: TicketFieldLimits.maxValueBytes + 1)
        let wrong = definition([
            SampleForms.id("a"): .template(FieldTemplate(TextTemplate("{nope}"))), SampleForms.id("b"): .fixed(.text(long)),
        ])
        #expect(wrong.issues.map(\.field) == ["field.a", "field.b"])
    }

    @Test func thePayloadHasTheFieldsAndOnlyAttachedFiles() throws {
        var event = HostEvent.sample()
        event.attachments = [Self.file]
        let rule = Rule.sample(definition([SampleForms.device: .fixed(.choice(RecordID(38)))]))
        let connection = rule.definition.action.connection
        let sent = try #require(try RuleEngine.decide(event, [rule], NoCounts(), attaching: [connection]).first)
        #expect(sent.payload.fields == [SampleForms.device: .choice(RecordID(38))] && sent.attachments == [Self.file])
        let without = try #require(try RuleEngine.decide(event, [rule], NoCounts()).first)
        #expect(without.attachments.isEmpty, "The connector can't attach files.")
        var dry = rule
        dry.mode = .dryRun
        let dryRun = try #require(try RuleEngine.decide(event, [dry], NoCounts(), attaching: [connection]).first)
        #expect(dryRun.attachments.isEmpty && dryRun.payload.fields.count == 1)
    }

    @Test func templatesBecomeNoMoreThanAJobHolds() {
        let template = RuleFieldValue.template(FieldTemplate(TextTemplate("{text}"), keepsLines: true))
        let fields = Dictionary(uniqueKeysWithValues: (1...100).map { (SampleForms.id("f\($0)"), template) })
        let event = HostEvent.sample(text: String(repeating: "漢", count: 20_000))
        let values = definition(fields).action.values(for: EventValues(event))
        let bytes = values.reduce(0) { $0 + $1.value.text.utf8.count }
        #expect(bytes > 200_000 && bytes <= TicketJob.Payload.maxFieldsBytes - TicketFieldLimits.maxBytes)
    }

    @Test(
        arguments: [
            ([], true, ["Device kind", "Cost centre", "Category"]), ([], false, ["Device kind", "Cost centre", "Category", "Attachments"]),
            ([SampleForms.device], true, ["Cost centre", "Category"]),
            ([SampleForms.device, SampleForms.costCentre, SampleForms.category], true, []),
        ] as [([TicketField.ID], Bool, [String])])
    func everyDemandedFieldThatNothingFillsIsAnObstacle(filled: [TicketField.ID], attachesFiles: Bool, named: [String]) {
        let values: [TicketField.ID: TicketFieldValue] = [
            SampleForms.device: .choice(RecordID(36)), SampleForms.costCentre: .text("4711"),
            SampleForms.category: .choice(SampleForms.choice("Software", "").id),
        ]
        let outline = TicketOutline(
            standard: TicketDefaultValues(), fields: values.filter { filled.contains($0.key) }, attachesFiles: attachesFiles)
        #expect(TicketForm(fields: SampleForms.hardware).obstacles(outline).map(\.label) == named)
    }

    @Test func aUnsupportedDemandIsAnObstacleThatNothingRemoves() {
        let form = TicketForm(fields: SampleForms.table)
        let outline = TicketOutline(standard: TicketDefaultValues(), fields: [:], attachesFiles: true)
        #expect(form.obstacles(outline).map(\.problem) == [.unsupported])
        #expect(form.unsupportedFields.map(\.label) == ["Price table"] && form.fillableFields.isEmpty)
    }

    @Test func aPauseNamesItsFieldsAndIsReadBack() {
        let pause = TicketFieldsPause(type: "Type “1”", fields: ["A", "B", "C"])
        #expect(pause.fields.quotedList == "“A”, “B” and “C”" && pause.sentence.contains(pause.fields.quotedList))
        #expect(TicketFieldsPause(stored: pause.stored) == pause)
        #expect((1...12).map { "F\($0)" }.quotedList.hasSuffix("“F10” and 2 more"))
        #expect(TicketFieldsPause(stored: "rate_limited") == nil)
    }
}

extension AttachmentFile {
    /// A file that is known to be allowed.
    static func sample(_ name: String = "log.txt", _ text: String = "x") -> AttachmentFile {
        guard let file = try? AttachmentFile(name: name, bytes: Array(text.utf8)) else { preconditionFailure("\(name) is no file") }
        return file
    }
}
