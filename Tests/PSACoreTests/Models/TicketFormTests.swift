import FoundationEssentials
import Testing

@testable import PSACore

private func id(_ text: StaticString) -> TicketField.ID { RecordID(known: text) }

private func choice(_ text: StaticString, _ label: String = "Label") -> TicketField.Choice { .init(RecordID(known: text), label: label) }

private func text(_ name: StaticString, if conditions: [TicketField.Condition] = [], isRequired: Bool = true) -> TicketField {
    TicketField(id(name), label: "\(name)", kind: .text, requirement: isRequired ? .required : .optional, conditions: conditions)
}

private func form(_ fields: TicketField...) -> TicketForm { TicketForm(fields: fields) }

private func draft(_ fields: [TicketField.ID: TicketFieldValue] = [:]) -> TicketDraft { TicketDraft(summary: "Printer", fields: fields) }

@Suite struct TicketFormIssueTests {
    @Test func everyMissingAndInvalidFieldIsNamedAtOnceInTheOrderOfTheFields() throws {
        var limited = text("limited")
        limited.maxLength = 3
        let form = form(
            .standard(.summary, isRequired: true), text("cause"), limited,
            TicketField(id("amount"), label: "Amount", kind: .integer),
            TicketField(id("several"), label: "Several", kind: .choices, choices: .listed([choice("1"), choice("2")]), maxSelections: 1),
            TicketField(id("one"), label: "One", kind: .choice, choices: .listed([choice("1", "First")])),
            TicketField(id("number"), label: "Number", kind: .text, requirement: .readOnly),
            TicketField(id("agreed"), label: "Agreed", kind: .checkbox, mustBeChecked: true),
            TicketField(id("table"), label: "Table", kind: .unsupported, requirement: .required),
            TicketField(.attachments, label: "Attachments", kind: .attachment, minAttachments: 2))
        let issues = form.issues(
            with: TicketDraft(
                summary: " ",
                fields: [
                    id("limited"): .text("four"), id("amount"): .number(1.5), id("several"): .choices([RecordID(1), RecordID(2)]),
                    id("one"): .choice(RecordID(9)), id("number"): .text("x"), id("agreed"): .checkbox(false), id("zebra"): .text("x"),
                    id("colour"): .text("red"),
                ]))
        #expect(
            issues.map { "\($0.field)" } == [
                "summary", "cause", "limited", "amount", "several", "one", "number", "agreed", "table", "attachments", "colour", "zebra",
            ])
        #expect(
            issues.map(\.problem) == [
                .missing, .missing, .tooLong(4, limit: 3), .wrongForm, .tooMany(2, limit: 1),
                .unknownChoice(RecordID(9), known: [choice("1", "First")]), .readOnly, .missing, .unsupported, .tooFewAttachments(2),
                .unknownField, .unknownField,
            ])
        #expect(issues.filter(\.isMissing).map(\.field) == [.summary, id("cause"), id("agreed"), id("table"), .attachments])
    }

    @Test func aDraftThatSatisfiesEveryFieldHasNoIssues() throws {
        let file = try AttachmentFile(name: "a.txt", bytes: [65])
        var agreed = TicketField(id("agreed"), label: "Agreed", kind: .checkbox, requirement: .required)
        agreed.mustBeChecked = true
        let form = form(
            .standard(.summary, isRequired: true, maxLength: 7), .standard(.company, isRequired: true), text("cause"), agreed,
            TicketField(id("hint"), label: "Hint", kind: .text, requirement: .recommended),
            TicketField(id("table"), label: "Table", kind: .unsupported),
            TicketField(.attachments, label: "Attachments", kind: .attachment, requirement: .required))
        let draft = TicketDraft(
            summary: "Printer", company: RecordID(1), fields: [id("cause"): .text("x"), id("agreed"): .checkbox(true)],
            attachments: [.file(file)])
        #expect(form.issues(with: draft).isEmpty)
        #expect(form.issues(with: TicketDraft(summary: "Printer")).map(\.field) == [.company, id("cause"), id("agreed"), .attachments])
    }

    @Test func aValueForFilesOrForAKindThatCannotBeFilledInIsOfTheWrongForm() {
        let form = form(
            TicketField(id("files"), label: "Files", kind: .attachment), TicketField(id("table"), label: "Table", kind: .unsupported))
        let issues = form.issues(with: draft([id("files"): .text("a.pdf"), id("table"): .text("x")]))
        #expect(issues.map(\.problem) == [.wrongForm, .wrongForm])
    }

    @Test func tenThousandChoicesAreCheckedAndTenAreNamed() throws {
        let choices = (1...10_000).map { TicketField.Choice(RecordID($0), label: "Choice \($0)") }
        let form = form(TicketField(id("one"), label: "One", kind: .choice, choices: .listed(choices)))
        #expect(form.issues(with: draft([id("one"): .choice(RecordID(10_000))])).isEmpty)
        let issue = try #require(form.issues(with: draft([id("one"): .choice(RecordID(10_001))])).first)
        #expect(issue.problem == .unknownChoice(RecordID(10_001), known: Array(choices.prefix(10))))
        #expect(TextRenderer().text(issue.sentence).count < 300)
        #expect(ChoiceQuery("choice 99", limit: 5).matches(in: choices).map(\.id.rawValue) == ["99", "990", "991", "992", "993"])
        #expect(ChoiceQuery(limit: 9_999).matches(in: choices).count == 200)
    }

    @Test func searchedChoicesAreLeftToTheVendor() {
        let form = form(TicketField(id("one"), label: "One", kind: .reference, choices: .searched))
        #expect(form.issues(with: draft([id("one"): .choice(RecordID(9))])).isEmpty)
    }

    @Test(arguments: Language.allCases) func aLabelWithMarkupIsShownUnchanged(language: Language) throws {
        let label = "<script>alert(1)</script> {field} & “x”"
        let field = TicketField(id("f"), label: label, kind: .text, requirement: .required)
        let issue = try #require(form(field).issues(with: draft()).first)
        #expect(TextRenderer(language).text(issue.sentence).contains(label))
        #expect(issue.json()["label"]?.string == label)
    }
}

@Suite struct TicketFormConditionTests {
    private func condition(_ field: StaticString, _ values: String...) -> TicketField.Condition { .init(id(field), isOneOf: Set(values)) }

    private func missing(_ form: TicketForm, _ fields: [TicketField.ID: TicketFieldValue] = [:]) -> [String] {
        form.issues(with: draft(fields)).map(\.field.rawValue)
    }

    @Test func aHiddenFieldIsNotDemandedAndItsValueIsNotSent() {
        let form = form(text("kind", isRequired: false), text("cause", if: [condition("kind", "fault", "defect")]))
        #expect(missing(form) == [] && missing(form, [id("kind"): .text("wish")]) == [])
        #expect(missing(form, [id("kind"): .text("fault")]) == ["cause"])
        let given = draft([id("kind"): .text("wish"), id("cause"): .text("x")])
        #expect(form.issues(with: given).isEmpty)
        #expect(form.sendable(given).fields == [id("kind"): .text("wish")])
    }

    @Test func aConditionHoldsForOneOfSeveralChoicesAndForAStandardField() {
        let form = form(
            .standard(.type), TicketField(id("areas"), label: "Areas", kind: .choices),
            text("site", if: [condition("areas", "2"), condition("type", "7")]))
        var draft = draft([id("areas"): .choices([RecordID(1), RecordID(2)])])
        #expect(form.issues(with: draft).isEmpty)
        draft.type = RecordID(7)
        #expect(form.issues(with: draft).map(\.field.rawValue) == ["site"])
    }

    @Test func inAChainAHiddenFieldHidesThoseThatDependOnIt() {
        let form = form(
            text("c", if: [condition("b", "1")]), text("b", if: [condition("a", "1")], isRequired: false), text("a", isRequired: false))
        #expect(missing(form, [id("a"): .text("1"), id("b"): .text("1")]) == ["c"])
        #expect(missing(form, [id("a"): .text("2"), id("b"): .text("1")]) == [])
        #expect(form.visibleFields(with: [id("b"): .text("1")]).map(\.id.rawValue) == ["a"])
    }

    @Test func aConditionOnAFieldThatTheFormLacksIsLeftToTheVendor() {
        #expect(missing(form(text("cause", if: [condition("gone", "1")]))) == ["cause"])
    }

    @Test func aConditionThatLoopsDemandsAValueAndSaysWhy() {
        let form = form(
            text("a", if: [condition("b", "1")]), text("b", if: [condition("a", "1")]), text("own", if: [condition("own", "1")]))
        #expect(form.issues(with: draft()).map(\.problem) == [.conditionLoop, .conditionLoop, .conditionLoop])
        let given = draft([id("a"): .text("x"), id("b"): .text("x"), id("own"): .text("x")])
        #expect(form.issues(with: given).isEmpty)
        #expect(form.sendable(given).fields.count == 3)
    }

    @Test func aLongChainOfConditionsIsDecided() throws {
        let ids = try (0..<400).map { try #require(TicketField.ID("f\($0)")) }
        let fields = ids.indices.map { index in
            TicketField(
                ids[index], label: "F", kind: .text, requirement: .required, defaultValue: .text("1"),
                conditions: index == 0 ? [] : [.init(ids[index - 1], isOneOf: ["1"])])
        }
        let form = TicketForm(fields: fields.reversed())
        #expect(form.issues(with: draft()).map(\.field) == [ids[0]])
        #expect(form.completing(draft()).fields.count == 400)
    }

    @Test func defaultsFillShownFieldsAndThoseTheyShowInTurn() {
        var kind = text("kind")
        kind.defaultValue = .text("fault")
        var cause = text("cause", if: [condition("kind", "fault")])
        cause.defaultValue = .text("unknown")
        var wish = text("wish", if: [condition("kind", "wish")])
        wish.defaultValue = .text("any")
        var number = TicketField(id("number"), label: "Number", kind: .text, requirement: .readOnly)
        number.defaultValue = .text("1")
        var summary = TicketField.standard(.summary, isRequired: true)
        summary.defaultValue = .text("Default")
        var priority = TicketField.standard(.priority)
        priority.defaultValue = .choice(RecordID(4))
        let form = form(cause, wish, kind, number, summary, priority)
        let completed = form.completing(draft())
        #expect(completed.fields == [id("kind"): .text("fault"), id("cause"): .text("unknown")])
        #expect(completed.summary == "Printer" && completed.priority == nil)
        #expect(form.issues(with: completed).isEmpty)
        // A value that was given stays, and hides what it hides.
        #expect(form.completing(draft([id("kind"): .text("wish")])).fields == [id("kind"): .text("wish"), id("wish"): .text("any")])
    }
}

@Suite struct TicketFormFingerprintTests {
    private static let field = TicketField(
        id("f"), label: "F", kind: .choice, requirement: .required, choices: .listed([choice("1"), choice("2")]),
        conditions: [.init(id("g"), isOneOf: ["a", "b"]), .init(id("g"), isOneOf: ["c"])], maxLength: 5)

    private static func fingerprint(_ change: (inout TicketField) -> Void = { _ in }) -> String {
        var changed = field
        change(&changed)
        return form(changed, text("g")).fingerprint
    }

    private static let changes: [@Sendable (inout TicketField) -> Void] = [
        { $0.id = id("h") }, { $0.kind = .choices }, { $0.requirement = .optional }, { $0.choices = .searched }, { $0.choices = .none },
        { $0.choices = .listed([]) }, { $0.choices = .listed([choice("1")]) }, { $0.choices = .listed([choice("1"), choice("3")]) },
        { $0.conditions = [] }, { $0.conditions.removeLast() }, { $0.conditions[0].values = ["a"] }, { $0.conditions[0].field = id("i") },
        { $0.maxLength = nil }, { $0.maxLength = 6 }, { $0.maxSelections = 5 }, { $0.minAttachments = 5 }, { $0.mustBeChecked = true },
    ]

    @Test func itChangesWithEachDemand() {
        let prints = [Self.fingerprint()] + Self.changes.map { Self.fingerprint($0) } + [form(Self.field).fingerprint, form().fingerprint]
        #expect(Set(prints).count == prints.count)
        #expect(prints.allSatisfy { $0.count == 16 })
    }

    @Test func labelsDefaultsAndOrderDoNotCount() {
        #expect(
            Self.fingerprint {
                $0.label = "Other"
                $0.defaultValue = .choice(RecordID(1))
                $0.choices = .listed([choice("2", "Two"), choice("1", "One")])
                $0.conditions.reverse()
            } == Self.fingerprint())
        #expect(form(text("g"), Self.field).fingerprint == Self.fingerprint())
    }

    @Test func anElementOfOneListIsNotOneOfTheNext() {
        let choices = Self.fingerprint {
            $0.choices = .listed([choice("1"), choice("2")])
            $0.conditions = []
        }
        let condition = Self.fingerprint {
            $0.choices = .listed([choice("1")])
            $0.conditions = [.init(id("2"), isOneOf: [])]
        }
        #expect(choices != condition)
    }

    @Test func itIsTheSameInEveryVersion() { #expect(form(.standard(.summary, isRequired: true)).fingerprint == "259701525b03c6c9") }

    @Test func ofTwoFieldsWithOneIDTheFirstCounts() {
        let form = form(text("a"), text("b"), text("a", isRequired: false))
        #expect(form.fields.map(\.id.rawValue) == ["a", "b"])
        #expect(form[id("a")]?.isRequired == true && form[id("c")] == nil)
    }
}

@Suite struct TicketFieldErrorTests {
    private let vendor = GuidanceCatalogue(vendorName: "Sample PSA", overrides: [:])

    private func error(_ problems: TicketFieldIssue.Problem...) -> PSAError {
        let issues = problems.enumerated().map { TicketFieldIssue(id: RecordID($0.offset), label: "Field \($0.offset)", $0.element) }
        return PSAError(ticketFields: issues, catalogue: vendor, object: CoreMessage.capability(.createTickets))
    }

    @Test func onlyMissingFieldsAreCalledRequiredAndAnyInvalidOneInvalid() {
        #expect(error(.missing, .tooFewAttachments(1), .conditionLoop, .unsupported).code == .ticketFieldRequired)
        #expect(error(.missing, .wrongForm).code == .ticketFieldInvalid)
        #expect(error(.unknownChoice(RecordID(1), known: [])).findings.map(\.cause) == ["no_such_value"])
        #expect(error(.readOnly).findings.map(\.cause) == ["wrong_form"])
        #expect(error(.unknownField, .missing).findings.map(\.cause) == ["no_such_field"])
        #expect(error(.unknownField, .wrongForm).findings.map(\.cause) == ["wrong_form"])
        #expect(error(.missing).findings.map(\.cause) == ["mandatory"])
    }

    @Test(arguments: Language.allCases) func theGuidanceNamesEveryFieldAndEveryProblem(language: Language) {
        let error = error(.missing, .tooFewAttachments(2))
        let guidance = error.guidance(in: TextRenderer(language))
        for label in ["Field 0", "Field 1"] { #expect(guidance.detail.contains(label), "\(guidance.detail)") }
        for issue in error.ticketFieldIssues { #expect(guidance.detail.contains(TextRenderer(language).text(issue.sentence))) }
        #expect(guidance.causes.first?.confidence == .certain)
        #expect(guidance.causes.first?.steps.isEmpty == false)
    }

    @Test func theProblemDocumentListsTheFields() {
        #expect(
            error(.missing).problem["ticketFields"] == [["field": "0", "label": "Field 0", "message": "“Field 0” needs a value."]])
        #expect(PSAError(.ticketFieldRequired).problem["ticketFields"] == nil)
    }
}
