import PSACore
import PSAEngine

/// The form of a rule.
struct RuleFormPage: WebPage {
    let context: RequestContext
    /// The rule that is changed; nil for a new one.
    let rule: Rule?
    let form: RuleForm
    let connections: [StoredConnection]
    var problems: [(field: String, message: String)] = []
    /// Whether somebody else changed the rule while it was open here.
    var isStale = false

    private var path: String { rule.map { "/rules/\($0.id)/edit" } ?? "/rules/new" }

    var document: HTML {
        let title = rule.map { "Change “\($0.name)”" } ?? "New rule"
        return Layout(context, .rules, title: title).document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>\(title)</h1>
            \(isStale ? staleNotice : .empty)\(problemSummary)
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            \(rule.map { "<input type=\"hidden\" name=\"revision\" value=\"\($0.revision)\">" as HTML })
            \(Self.enter)
            \(row("name", "Name", .text(value: form.name), isRequired: true))
            <h2>When</h2>
            \(row("eventTypes", "Event types", .text(value: form.eventTypes), help: "Separated by commas. Left empty, every event counts.", example: "alert.raised, backup.failed"))
            <p class="help" id="groups">The rule fires if all conditions of any group hold; without conditions always. A line without a value does not count.
            What is asked about the company in the PSA is looked up through the connection of the ticket; whether it is active is compared with yes or no.</p>
            \(each: Array(shownGroups.enumerated()), { group($0.offset, $0.element) })
            <div class="actions"><button name="action" value="add-line">Add a line to each group</button>
            <button name="action" value="add-group">Add a group</button></div>
            <h2>Then create a ticket</h2>
            \(row("connection", "Connection", .choice(value: form.connection, options: connections.map { ($0.id.rawValue, $0.name) }, empty: "Choose a connection"), isRequired: true))
            \(row("summary", "Summary", .text(value: form.summary), help: "Values: \(Self.names)", isRequired: true))
            \(row("details", "Details", .lines(value: form.details), help: "The first message. Values as above."))
            <details\(flag: "open", hasOverrides)><summary>Other than the ticket defaults</summary>
            \(each: TicketDefault.allCases, { row($0.rawValue, Self.label($0), .number(value: form.overrides[$0]), help: "The id in the PSA. Left empty, the connection’s ticket default.") })
            </details>
            \(row("appendMinutes", "Minutes in which a further event becomes a note", .number(value: form.appendMinutes), help: "While an open ticket of the same rule, company and device is younger than this, it gets a note instead of a second ticket. 0 for never."))
            <h2>At most</h2>
            \(row("limitCount", "Jobs", .number(value: form.limitCount), help: "What goes beyond is held back, and the rule pauses.", problemField: "limit"))
            \(row("limitMinutes", "In so many minutes", .number(value: form.limitMinutes), problemField: "limit"))
            <div class="buttons"><button class="primary" name="action" value="save">Save in dry run</button>
            <a class="button quiet" href="\(rule.map { "/rules/\($0.id)" } ?? "/rules")">Cancel</a></div>
            </form>
            """)
    }

    private static let names = TextTemplate.Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")

    private static func label(_ choice: TicketDefault) -> String {
        switch choice {
        case .type: "Ticket type id"
        case .status: "Status id"
        case .priority: "Priority id"
        }
    }

    private var hasOverrides: Bool { TicketDefault.allCases.contains { !form.overrides[$0].isEmpty } }

    /// The groups with an empty line at the end of each, and one group at least; no more than can be sent back.
    private var shownGroups: [[RuleForm.Line]] {
        (form.groups.isEmpty ? [[]] : form.groups).prefix(RuleDefinition.maxGroups).map { lines in
            let hasRoom = lines.count < RuleDefinition.maxTests && lines.last?.condition != nil
            return lines.isEmpty || hasRoom ? lines + [RuleForm.Line()] : Array(lines.prefix(RuleDefinition.maxTests))
        }
    }

    private func problem(_ field: String) -> String? {
        let messages = problems.filter { $0.field == field }.map(\.message)
        return messages.isEmpty ? nil : messages.joined(separator: " ")
    }

    private var problemSummary: HTML {
        guard !problems.isEmpty else { return .empty }
        return """
            <div class="notice problem" role="alert">
            <strong>\(problems.count == 1 ? "One thing has" : "\(problems.count) things have") to be corrected:</strong>
            <ul>\(each: ordered, { "<li><a href=\"#\($0.anchor)\">\($0.title)</a>: \($0.message)</li>" })</ul>
            </div>
            """
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            Somebody else has changed this rule since you opened it, and nothing of yours is saved.
            <a href="\(path)">Open it again</a> and repeat your change.
            """
        ).html
    }

    /// Enter presses the first button of a form; it must be this one.
    private static let enter: HTML = "<button name=\"action\" value=\"save\" hidden>Save in dry run</button>"

    /// The fields in the page's order, as the summary of problems calls them.
    private static let fields: [(name: String, title: String, anchor: String)] = [
        ("name", "Name", "field-name"), ("eventTypes", "Event types", "field-eventTypes"), ("groups", "Conditions", "groups"),
        ("connection", "Connection", "field-connection"), ("summary", "Summary", "field-summary"), ("details", "Details", "field-details"),
        ("appendMinutes", "Time for notes", "field-appendMinutes"), ("limit", "At most", "field-limitCount"),
    ]

    /// All problems, in the order of the page.
    private var ordered: [(title: String, anchor: String, message: String)] {
        Self.fields.flatMap { field in
            problems.filter { $0.field == field.name }.map { (field.title, field.anchor, $0.message) }
        }
    }

    private func row(
        _ name: String, _ label: String, _ input: FieldRow.Input, help: String = "", example: String = "", isRequired: Bool = false,
        problemField: String? = nil
    ) -> HTML {
        FieldRow(
            name: name, label: label, input: input, help: help, example: example, isRequired: isRequired,
            problem: problem(problemField ?? name),
            takesFocus: ordered.first?.anchor == "field-\(name)"
        ).html
    }

    private func group(_ index: Int, _ lines: [RuleForm.Line]) -> HTML {
        """
        <fieldset class="group"><legend>Group \(index + 1)\(index > 0 ? " (or)" : "")</legend>
        \(each: Array(lines.enumerated()), { line(index, $0.offset, $0.element) })
        </fieldset>
        """
    }

    private func line(_ group: Int, _ test: Int, _ line: RuleForm.Line) -> HTML {
        let place = "of condition \(test + 1) in group \(group + 1)"
        func name(_ part: String) -> String { RuleForm.name(group, test, part) }
        let problem = problems.isEmpty ? nil : line.condition?.problem
        let words = "group\(group)-test\(test)-problem"
        return """
            <div class="test\(problem == nil ? "" : " wrong")">
            <select name="\(name("field"))" aria-label="Field \(place)">
            \(each: Condition.Field.allCases, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == line.field)>\($0.title)</option>" })</select>
            <select name="\(name("comparison"))" aria-label="Comparison \(place)">
            \(each: Condition.Comparison.allCases, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == line.comparison)>\($0.title)</option>" })</select>
            <input type="text" name="\(name("value"))" aria-label="Value \(place)" value="\(line.value)" autocomplete="off" \
            aria-describedby="\(problem == nil ? "groups" : words)"\(attribute: "aria-invalid", problem == nil ? nil : "true")\
            \(flag: "autofocus", problem != nil && ordered.first?.anchor == "groups")>
            \(problem.map { "<p class=\"problem\" id=\"\(words)\"><strong>Problem:</strong> \($0)</p>" as HTML })
            </div>
            """
    }
}
