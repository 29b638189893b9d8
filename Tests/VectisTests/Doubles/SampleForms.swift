import PSACore

/// Forms of ticket types for tests.
enum SampleForms {
    /// An id that is known to be one.
    static func id(_ text: String) -> TicketField.ID { TicketField.ID(text) ?? .summary }

    static func choice(_ id: String, _ label: String) -> TicketField.Choice {
        TicketField.Choice(TicketField.Choice.ID(id) ?? TicketField.Choice.ID(0), label: label)
    }

    static let device = id("cf:105")
    static let costCentre = id("cf:106")
    static let category = id("category_1")

    /// What a hardware request demands: a choice, a text of at most ten characters, a category and a file.
    static let hardware = [
        TicketField.standard(.summary, isRequired: true),
        TicketField(
            device, label: "Device kind", kind: .choice, requirement: .required,
            choices: .listed([choice("36", "Laptop"), choice("37", "Phone"), choice("38", "Screen")])),
        TicketField(costCentre, label: "Cost centre", kind: .text, requirement: .required, maxLength: 10),
        TicketField(
            category, label: "Category", kind: .categoryPath, requirement: .required,
            choices: .listed([choice("Hardware>Laptop", "Hardware > Laptop"), choice("Software", "Software")])),
        TicketField(.attachments, label: "Attachments", kind: .attachment, requirement: .required, minAttachments: 1),
    ]

    /// One field of each kind that can be filled in, none demanded, and conditions between them.
    static let everyKind: [TicketField] = [
        TicketField(id("text"), label: "A <b>bold</b> & “odd” label", kind: .text, maxLength: 20),
        TicketField(id("longText"), label: "Long", kind: .longText), TicketField(id("richText"), label: "Rich", kind: .richText),
        TicketField(id("url"), label: "Link", kind: .url), TicketField(id("integer"), label: "Whole", kind: .integer),
        TicketField(id("number"), label: "Number", kind: .number), TicketField(id("money"), label: "Money", kind: .money),
        TicketField(id("date"), label: "Day", kind: .date), TicketField(id("dateTime"), label: "Moment", kind: .dateTime),
        TicketField(id("time"), label: "Time", kind: .time), TicketField(id("checkbox"), label: "Check", kind: .checkbox),
        TicketField(
            id("choice"), label: "Choice", kind: .choice, choices: .listed([choice("1", "One"), choice("2", "Two")]),
            conditions: [TicketField.Condition(id("checkbox"), isOneOf: ["true"])]),
        TicketField(
            id("choices"), label: "Choices", kind: .choices,
            choices: .listed([choice("a", "Ay"), choice("b", "Be"), choice("c,d", "See")]),
            conditions: [TicketField.Condition(id("choice"), isOneOf: ["1", "2"])], maxSelections: 2),
        TicketField(id("categoryPath"), label: "Path", kind: .categoryPath, choices: .listed([choice("A>B", "A > B")])),
        TicketField(id("reference"), label: "Team", kind: .reference, choices: .listed([choice("5", "Field service")])),
        TicketField(id("references"), label: "Assets", kind: .references, choices: .listed([choice("7", "SRV-7"), choice("8", "SRV-8")])),
    ]

    /// Valid texts for ``everyKind``, in the form that a browser sends.
    static let validTexts: [(TicketField.ID, [String])] = [
        (id("text"), ["A <i>text</i>"]), (id("longText"), ["Two\r\nlines"]), (id("richText"), ["<p>x</p>"]),
        (id("url"), ["https://example.com/a?b=c&d"]), (id("integer"), ["-3"]), (id("number"), ["12.5"]), (id("money"), ["0.1"]),
        (id("date"), ["2026-11-28"]), (id("dateTime"), ["2026-11-28T14:30"]), (id("time"), ["14:30"]), (id("checkbox"), ["true"]),
        (id("choice"), ["2"]), (id("choices"), ["a", "c,d"]), (id("categoryPath"), ["A>B"]), (id("reference"), ["5"]),
        (id("references"), ["7", "8"]),
    ]

    /// A choice of ten thousand, and one that is searched.
    static let many = [
        TicketField(
            id("huge"), label: "Huge", kind: .choice, choices: .listed((1...10_000).map { choice("h\($0)", "Choice number \($0)") })),
        TicketField(id("searched"), label: "Searched", kind: .reference, choices: .searched),
    ]

    /// A type that demands a table.
    static let table = [TicketField(id("table"), label: "Price table", kind: .unsupported, requirement: .required)]

    /// The form that a tenant of this name has for every type; none for others.
    static func form(of tenant: String, for type: TicketType.ID?) -> TicketForm {
        let fields: [String: [TicketField]] = ["hardware": hardware, "every-kind": everyKind, "many": many, "table": table]
        return TicketForm(type: type, fields: fields[tenant] ?? [])
    }
}
