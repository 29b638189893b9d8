import FoundationEssentials
import Testing

@testable import PSACore

@Suite struct TicketFieldValueTests {
    /// A value of each kind, with its text and its JSON.
    struct Sample: Sendable, CustomTestStringConvertible {
        let kind: TicketField.Kind
        let value: TicketFieldValue
        let text: String
        let json: JSONValue

        init(_ kind: TicketField.Kind, _ value: TicketFieldValue, _ text: String, _ json: JSONValue? = nil) {
            self.kind = kind
            self.value = value
            self.text = text
            self.json = json ?? .string(text)
        }

        var testDescription: String { "\(kind): \(text)" }
    }

    static let samples: [Sample] =
        [.text, .longText, .richText].map { Sample($0, .text("A <b>bold</b> & “Füße” 火"), "A <b>bold</b> & “Füße” 火") }
        + [
            Sample(.longText, .text("two\nlines"), "two\nlines"),
            Sample(.url, .text("https://acme.example.com/x?y=1"), "https://acme.example.com/x?y=1"),
            Sample(.integer, .number(-42), "-42", -42),
            Sample(.integer, .number(999_999_999_999_999), "999999999999999", 999_999_999_999_999),
            Sample(.number, .number(12.5), "12.5", .double(12.5)), Sample(.number, .number(3), "3", 3),
            Sample(.number, .number(-0.000_000_25), "-0.00000025", .double(-0.000_000_25)),
            Sample(.money, .number(1_234_567_890_123.45), "1234567890123.45", .double(1_234_567_890_123.45)),
        ]
        + [
            CalendarDate("2024-02-29").map { Sample(.date, .date($0), "2024-02-29") },
            GregorianUTC.instant(iso8601: "2026-11-28T14:30:05Z").map { Sample(.dateTime, .dateTime($0), "2026-11-28T14:30:05Z") },
            TimeOfDay("14:30").map { Sample(.time, .time($0), "14:30:00") },
        ].compactMap { $0 }
        + [
            Sample(.checkbox, .checkbox(true), "true", true), Sample(.checkbox, .checkbox(false), "false", false),
            Sample(.choice, .choice(RecordID(38)), "38"), Sample(.reference, .choice(RecordID(-1)), "-1"),
            Sample(.categoryPath, .choice(RecordID(known: "Hardware>Laptop, big")), "Hardware>Laptop, big"),
            Sample(.choices, .choices([RecordID(1), RecordID(2)]), "1\n2", ["1", "2"]),
            Sample(.references, .choices([RecordID(known: "a, b"), RecordID(7)]), "a, b\n7", ["a, b", "7"]),
        ]

    static func field(_ kind: TicketField.Kind, choices: TicketField.Choices = .none) -> TicketField {
        TicketField(RecordID(known: "f"), label: "Field", kind: kind, choices: choices)
    }

    @Test func everyKindThatTakesAValueHasASample() {
        let kinds = Set(Self.samples.map(\.kind)).union([.attachment, .unsupported])
        #expect(kinds == Set(TicketField.Kind.allCases))
    }

    @Test(arguments: samples) func aValueReadsBackFromItsTextItsJSONAndItsStoredForm(sample: Sample) throws {
        let field = Self.field(sample.kind)
        #expect(sample.value.text == sample.text)
        #expect(sample.value.json == sample.json)
        #expect(sample.value.fits(sample.kind))
        #expect(try TicketFieldValue(sample.text, for: field) == sample.value)
        let sent = JSONValue(try JSONDocument(sample.value.json.encoded).root)
        #expect(try TicketFieldValue(json: sent, for: field) == sample.value)
        let stored = JSONValue(try JSONDocument(sample.value.stored.encoded).root)
        #expect(TicketFieldValue(stored: stored) == sample.value)
    }

    @Test(arguments: TicketField.Kind.allCases) func anEmptyTextIsNoValueOfAnyKind(kind: TicketField.Kind) {
        for text in ["", "  ", "\n"] {
            let issue = #expect(throws: TicketFieldIssue.self) { try TicketFieldValue(text, for: Self.field(kind)) }
            #expect(issue?.problem == .missing && issue?.kind == kind)
        }
    }

    @Test(
        arguments: [
            (.url, "javascript:alert(1)"), (.url, "acme.example.com"), (.integer, "1.5"), (.integer, "1000000000000000"),
            (.integer, "0x1F"),
            (.integer, "99999999999999999999"), (.integer, String(Int.min)), (.integer, String(Int.max)), (.number, "1,5"),
            (.number, "1e3"), (.number, "."), (.number, "nan"), (.number, "--1"),
            (.money, "12.50 €"), (.money, "1234567890123.456"), (.date, "2026-02-30"), (.date, "28.11.2026"), (.date, "2026-1-1"),
            (.date, "0000-01-01"), (.dateTime, "yesterday"), (.dateTime, "2026-11-28T25:00:00Z"), (.time, "24:00"), (.time, "9:00"),
            (.time, "12:60"), (.checkbox, "yes"), (.checkbox, "1"), (.choice, "a\u{0}b"), (.choice, String(repeating: "x", count: 201)),
            (.categoryPath, "a\tb"), (.reference, "a\u{2028}b"), (.choices, "1,a\u{7}"), (.references, ","), (.attachment, "report.pdf"),
            (.unsupported, "x"),
        ] as [(TicketField.Kind, String)])
    func aTextOfAnotherFormIsRefused(kind: TicketField.Kind, text: String) {
        let issue = #expect(throws: TicketFieldIssue.self) { try TicketFieldValue(text, for: Self.field(kind)) }
        #expect(issue?.problem == .wrongForm)
    }

    @Test(arguments: [TicketField.Kind.number, .money, .integer]) func aNumberThatItsTextDoesNotBringBackDoesNotFit(kind: TicketField.Kind)
    {
        for number in [1e20, -1e15, Double.infinity, .nan] { #expect(!TicketFieldValue.number(number).fits(kind)) }
        #expect(TicketFieldValue.number(999_999_999_999_999).fits(kind))
    }

    @Test func whatAPersonTypesIsReadLeniently() throws {
        #expect(try TicketFieldValue(" TRUE ", for: Self.field(.checkbox)) == .checkbox(true))
        #expect(try TicketFieldValue("1, 2 ,3", for: Self.field(.choices)) == .choices([RecordID(1), RecordID(2), RecordID(3)]))
        #expect(try TicketFieldValue("007.50", for: Self.field(.money)) == .number(7.5))
        #expect(try TicketFieldValue("2026-11-28", for: Self.field(.dateTime)).text == "2026-11-28T00:00:00Z")
        #expect(try TicketFieldValue("2026-11-28T15:30:00+01:00", for: Self.field(.dateTime)).text == "2026-11-28T14:30:00Z")
        let listed = Self.field(.choices, choices: .listed([.init(RecordID(known: "Miller, Sons"), label: "Miller, Sons")]))
        #expect(try TicketFieldValue("Miller, Sons", for: listed) == .choices([RecordID(known: "Miller, Sons")]))
    }

    @Test(
        arguments: [
            (.checkbox, 1), (.choices, [1]), (.choices, []), (.choices, [""]), (.choice, ["1"]), (.text, nil), (.text, ["a": 1]),
            (.number, .double(1e21)), (.integer, .double(1.5)), (.attachment, ["report.pdf"]),
        ] as [(TicketField.Kind, JSONValue)])
    func JSONOfAnotherFormIsRefused(kind: TicketField.Kind, json: JSONValue) {
        let issue = #expect(throws: TicketFieldIssue.self) { try TicketFieldValue(json: json, for: Self.field(kind)) }
        #expect(issue?.problem == .wrongForm)
    }

    @Test func aNumberInJSONIsTakenForAnID() throws {
        #expect(try TicketFieldValue(json: 38, for: Self.field(.choice)) == .choice(RecordID(38)))
    }

    @Test(
        arguments: [
            nil, "text", [], [:], ["text": 1], ["number": "1"], ["date": "2026-02-30"], ["dateTime": "now"], ["time": "25:00"],
            ["checkbox": 1], ["choice": ""], ["choices": "1"], ["choices": [1]], ["choices": ["1", ""]], ["colour": "red"],
            ["text": "a", "number": 1],
        ] as [JSONValue])
    func aStoredValueOfAnotherFormIsNotRead(stored: JSONValue) {
        #expect(TicketFieldValue(stored: stored) == nil)
    }

    @Test(arguments: TicketField.Kind.allCases) func aValueFitsOnlyKindsOfItsForm(kind: TicketField.Kind) {
        let forms = Self.samples.filter { $0.kind == kind }.map(\.value.form)
        for sample in Self.samples where !forms.contains(sample.value.form) {
            #expect(!sample.value.fits(kind), "\(sample.value)")
        }
    }

    @Test func aNumberThatIsNoneAndAnAddressThatIsNoneFitNoKind() {
        for number in [Double.nan, .infinity, -.infinity] {
            for kind in TicketField.Kind.allCases { #expect(!TicketFieldValue.number(number).fits(kind)) }
        }
        #expect(!TicketFieldValue.number(1.5).fits(.integer))
        #expect(!TicketFieldValue.text("javascript:alert(1)").fits(.url))
    }

    @Test func onlyBlankTextAndNoChoicesCountAsNoValue() {
        #expect(TicketFieldValue.text(" \n").isEmpty && TicketFieldValue.choices([]).isEmpty)
        #expect(!TicketFieldValue.checkbox(false).isEmpty && !TicketFieldValue.number(0).isEmpty && !TicketFieldValue.text("x").isEmpty)
    }

    @Test func aFieldAsJSONStatesEverythingThatIsKnown() {
        let field = TicketField(
            RecordID(known: "cf:105"), label: "Cause", kind: .choices, requirement: .required,
            choices: .listed([.init(RecordID(1), label: "<b>A</b>")]), defaultValue: .choices([RecordID(1)]),
            conditions: [.init(RecordID(known: "kind"), isOneOf: ["b", "a"])], maxLength: 9, maxSelections: 2, minAttachments: 1,
            mustBeChecked: true, dependsOn: [.company])
        #expect(
            field.json == [
                "id": "cf:105", "label": "Cause", "kind": "choices", "requirement": "required",
                "choices": [["id": "1", "label": "<b>A</b>"]], "default": ["1"],
                "conditions": [["field": "kind", "values": ["a", "b"]]], "maxLength": 9, "maxSelections": 2, "minAttachments": 1,
                "mustBeChecked": true, "dependsOn": ["company"],
            ])
        #expect(
            TicketField.standard(.company).json == [
                "id": "company", "label": "Company", "kind": "reference", "requirement": "optional", "searched": true,
            ])
    }

    @Test func everyStandardFieldHasAKindOfItsOwnDraftProperty() {
        for id in TicketField.ID.standard {
            let field = TicketField.standard(id, isRequired: true)
            #expect(field.id == id && field.isRequired && field.label != id.rawValue)
            #expect([.choice, .reference].contains(field.kind) == (field.choices == .searched))
        }
    }
}

extension TicketFieldValue {
    /// The name of the case.
    fileprivate var form: String? {
        if case .object(let members) = stored { members.first?.name } else { nil }
    }
}
