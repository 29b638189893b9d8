import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The form of a rule.
struct RuleFormPage: WebPage {
    let context: RequestContext
    /// The rule that is changed; nil for a new one.
    let rule: Rule?
    let form: RuleForm
    let connections: [StoredConnection]
    /// Whether nothing was typed yet, so that what is set comes from a template or an event.
    var isUntouched = false
    /// What is wrong, by field.
    typealias Problem = (field: String, message: any LocalizedMessage)
    var problems: [Problem] = []
    /// The revision of the rule that the form was opened with; it stays the same however often the form is shown again.
    var revision: Int
    /// Whether the rule was changed elsewhere while it was open here.
    var isStale = false
    /// Whether values were removed because they belonged to another connection.
    var isMoved = false
    /// The fields of the rule's ticket type, or why they can't be read; nil without a connection that has some.
    var fields: Result<TicketFieldInputs, PSAError>?
    /// The lists that its tickets choose from; nil where they can't be read.
    var choices: TicketChoices?
    /// What the PSA of the chosen connection calls a ticket default, where that is another word.
    var ownNames: [TicketDefault: String] = [:]
    /// What keeps its tickets from being created.
    var obstacles: RuleObstacles?
    /// The detectors of the chosen connection; nil without one.
    var detectors: DetectorSettings?
    /// Why it could not be checked; nil if it was.
    var unverified: PSAError?
    /// What it would make of the latest events; nil where that is not shown.
    var preview: RulePreview?
    /// Companies of the chosen connection that are offered for names.
    var companies: [String] = []

    /// The hidden field that says for which connection the fields and the overrides are.
    static let connectionField = "fields-connection"

    private var path: String { rule.map { "/rules/\($0.id)/edit" } ?? "/rules/new" }

    var document: HTML {
        let title: HTML = rule.map { "Change “\($0.name)”" } ?? "New rule"
        return Layout(context, .rules, title: title).document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>\(title)</h1>
            \(isStale ? staleNotice : .empty)\(isMoved ? movedNotice : .empty)\(FormProblems(ordered).html)\(obstacleNotice)\(unverified.map(Self.unverifiedNotice))
            <form method="post" action="\(path)" id="rule-form" data-preview="/rules/preview" novalidate>\(FormToken(context.user).field)
            \(rule == nil ? UsedForms.input() : "<input type=\"hidden\" name=\"revision\" value=\"\(revision)\">" as HTML)
            \(enter)
            \(row("name", "Name", .text(value: form.name), isRequired: true))
            \(row("connection", "Connection", .choice(value: form.connection, options: connections.map { ($0.id.rawValue, HTML(text: $0.name)) }, empty: "Choose a connection"), isRequired: true))
            <h2>When</h2>
            \(row("eventTypes", "Event types of programs", .text(value: form.eventTypes), help: "Separated by commas; a type with a comma is written in quotation marks. If this is left empty and no box below is ticked, every event counts.", example: "alert.raised, backup.failed"))
            \(detectorChoices)
            <h3>Conditions</h3>
            <p class="help" id="groups">The rule fires if all conditions of any group hold; without conditions always. Several values are separated by commas; a value
            with a comma is written in quotation marks. Conditions on the company in the PSA are evaluated through the connection of the ticket.</p>
            \(RuleConditionsView(form: form, problems: conditionProblems, companies: companies).html)
            <h2>Then create a ticket</h2>
            \(row("summary", "Summary", .text(value: form.summary), help: "Values: \(Self.names)", isRequired: true))
            \(row("details", "Details", .lines(value: form.details), help: "The first message. Values as above."))
            <div id="rule-fields"><input type="hidden" name="\(Self.connectionField)" value="\(form.connection)">\(fieldSection)</div>
            \(AdvancedFields(isOpen: opensAdvanced, content: advanced).html)
            \(previewSection)
            \(savingNote)
            <div class="buttons"><button class="primary" name="action" value="save">\(saveWords)</button>
            \(obstacles == nil ? .empty : Self.obstacleButtons)\(unverified == nil ? .empty : Self.unverifiedButton)
            <a class="button quiet" href="\(rule.map { "/rules/\($0.id)" } ?? "/rules")">Cancel</a></div>
            </form>
            """)
    }

    /// What is seldom needed.
    private var advanced: HTML {
        """
        \(row("appendMinutes", "Add notes for", .text(value: form.appendMinutes), help: "While an open ticket of the same rule, company and device is younger than this, a further event becomes a note on it instead of a second ticket. 0 for never.", example: "2 days"))
        <fieldset><legend>Limit</legend>
        \(row("limitCount", "Jobs", .number(value: form.limitCount), help: "Jobs beyond this limit are on hold until a person decides, and the rule pauses."))
        \(row("limitMinutes", "In this time", .text(value: form.limitMinutes), example: "10 minutes"))
        </fieldset>
        <fieldset><legend>Override ticket defaults</legend>
        \(each: TicketDefault.allCases, { row($0.rawValue, label($0), .id(value: form.overrides[$0], offered: choices?.offered($0) ?? []), help: $0 == .type ? "The id in the PSA. Left empty, the connection’s ticket default." : "The id in the PSA. Left empty, the connection’s ticket default, if the ticket has the type of the ticket defaults.") })
        </fieldset>
        """
    }

    /// A new rule is in dry run, and a rule that is turned off stays so.
    private var saveWords: HTML { rule == nil ? "Save in dry run" : "Save" }

    /// What happens to the state of an active rule when it is saved.
    private var savingNote: HTML {
        rule?.mode == .active
            ? "<p class=\"help\">If more than the name is changed, the rule is in dry run afterwards.</p>" : .empty
    }

    /// What it would have made of the latest events, shown before it is saved.
    private var previewSection: HTML {
        guard let preview else { return .empty }
        return """
            <section class="preview" aria-labelledby="preview-title"><h2 id="preview-title">Preview</h2>
            <div class="actions"><label for="preview-event">Shown with</label>
            <select id="preview-event" name="event"><option value="">the latest event that matches</option>
            \(each: offered(preview), { event in
                "<option value=\"\(String(event.id.rawValue))\"\(flag: "selected", form.event == String(event.id.rawValue))>\(event.event.type) · \(event.event.device.isEmpty ? event.event.source : event.event.device) · \(TimestampView(event.event.receivedAt).text)</option>"
            })
            <option value="sample"\(flag: "selected", form.event == "sample")>a sample event</option></select>
            <button name="action" value="preview">Preview</button></div>
            \(RulePreviewView(preview: preview, isIncomplete: form.hasInvalidConditions).html)
            </section>
            """
    }

    /// The newest events, and the chosen one.
    private func offered(_ preview: RulePreview) -> [StoredEvent] {
        let chosen = preview.event.map { event in preview.recent.contains { $0.id == event.id } ? [] : [event] } ?? []
        return chosen + preview.recent
    }

    /// The problems of conditions, each shown at its own.
    private var conditionProblems: [String: HTML] {
        Dictionary(
            problems.filter { $0.field.hasPrefix("groups.") }.map { ($0.field, HTML($0.message)) }, uniquingKeysWith: { first, _ in first })
    }

    private static let advancedFields = ["appendMinutes", "limitCount", "limitMinutes"] + TicketDefault.allCases.map(\.rawValue)

    /// Whether a person set something under “Advanced”, or has to correct it.
    private var opensAdvanced: Bool {
        if problems.contains(where: { Self.advancedFields.contains($0.field) }) { return true }
        if isUntouched { return false }
        let isUsual =
            DurationText.minutes(form.appendMinutes) == 0 && form.limitCount == String(RuleRateLimit.default.count)
            && DurationText.minutes(form.limitMinutes) == RuleRateLimit.default.minutes
        return hasOverrides || !isUsual
    }

    /// The events that detectors raise, each with a hint if its detector is off.
    private var detectorChoices: HTML {
        """
        <details class="detector-choices"\(flag: "open", !form.detectors.isEmpty)><summary>What Vectis detects by itself</summary>
        <fieldset class="detectors"><legend>Detectors</legend>\(each: DetectorKind.allCases, detectorChoice)</fieldset></details>
        """
    }

    private func detectorChoice(_ kind: DetectorKind) -> HTML {
        let id = "detector-\(kind.rawValue)"
        let isChosen = form.detectors.contains(kind)
        var hint = HTML.empty
        if let detectors, !detectors[kind].isOn {
            let path = "/connections/\(form.connection)/detectors"
            hint =
                " This detector is off for the chosen connection. <a href=\"\(path)\">Switch it on<span class=\"hidden\">: \(HTML(term: kind.title))</span></a>"
        }
        return """
            <p class="tick"><input type="checkbox" id="\(id)" name="detector" value="\(kind.rawValue)"\(flag: "checked", isChosen) \
            aria-describedby="\(id)-help"><label for="\(id)">\(HTML(term: kind.title)) (<code>\(kind.rawValue)</code>)</label></p>
            <p class="help" id="\(id)-help">\(HTML(term: kind.explanation))\(hint)</p>
            """
    }

    /// The fields of the ticket type, each with the rule's own value.
    private var fieldSection: HTML {
        let reload: HTML =
            "<p><button class=\"quiet\" name=\"action\" value=\"reload\">Show the fields of this connection and ticket type</button></p>"
        switch fields {
        case nil: return reload
        case .success(let inputs): return "\(reload)\(inputs.html)"
        case .failure:
            let stored = rule?.definition.action.fields.count ?? 0
            let kept: HTML =
                stored == 0
                ? .empty : stored == 1 ? " The value of the rule stays as stored." : " The \(stored) values of the rule stay as stored."
            return "\(reload)\(Notice(.warning, "The fields of the ticket type can’t be read now.\(kept)").html)"
        }
    }

    private var obstacleNotice: HTML {
        guard let obstacles else { return .empty }
        let inputs: Set<TicketField.ID> = if case .success(let inputs)? = fields { inputs.inputIDs } else { [] }
        let type: HTML = obstacles.type.isEmpty ? "without a ticket type" : "of the type “\(obstacles.type)”"
        return """
            <div class="notice warning" role="alert" tabindex="-1" autofocus>
            <strong>Warning:</strong> This rule could not create a ticket \(type):
            \(TicketFieldProblems(issues: obstacles.issues, beside: inputs).list)
            Correct that here or in the ticket defaults. Saved paused, the rule resumes once a check of the connection finds it corrected.
            </div>
            """
    }

    private static var obstacleButtons: HTML {
        """
        <button name="action" value="save-paused">Save paused</button>
        <button name="action" value="save-anyway">Save in spite of that</button>
        """
    }

    private static func unverifiedNotice(_ error: PSAError) -> HTML {
        Notice(
            .warning,
            """
            It can’t be checked now whether this rule could create a ticket. \(error.guidance(in: Viewer.current.renderer).detail)
            <a href="/errors/\(error.code.rawValue)"><code>\(error.code.rawValue)</code></a> Correct that, or save the rule unverified.
            """
        ).refusing().html
    }

    private static var unverifiedButton: HTML { "<button name=\"action\" value=\"save-unverified\">Save unverified</button>" }

    private static let names = TextTemplate.Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")

    private func label(_ choice: TicketDefault) -> String {
        if let own = ownNames[choice] { return "\(own) id" }
        return switch choice {
        case .type: "Ticket type id"
        case .status: "Status id"
        case .priority: "Priority id"
        }
    }

    private var hasOverrides: Bool { TicketDefault.allCases.contains { !form.overrides[$0].isEmpty } }

    private func problem(_ field: String) -> HTML? {
        let messages = problems.filter { $0.field == field || $0.field.hasPrefix(field + ".") }.map { HTML($0.message) }
        return messages.isEmpty ? nil : .all(messages.enumerated().map { $0 == 0 ? $1 : " " + $1 })
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            This rule was changed after you opened it, and your changes are not saved.
            <a href="\(path)">Open it again</a> and repeat your change.
            """
        ).refusing().html
    }

    private var movedNotice: HTML {
        Notice(
            .warning,
            """
            The connection was changed. Field values and overrides were ids of the former connection’s PSA, and are removed. Check the rule and
            save it.
            """
        ).refusing().html
    }

    /// Enter presses the first button of a form; it must be this one.
    private var enter: HTML { "<button name=\"action\" value=\"save\" hidden>\(saveWords)</button>" }

    /// The fields in the page's order, as the summary of problems calls them.
    private var named: [(name: String, title: HTML, anchor: String)] {
        [
            ("name", "Name", "field-name"), ("connection", "Connection", "field-connection"),
            ("eventTypes", "Event types", "field-eventTypes"), ("groups", "Conditions", "groups"), ("summary", "Summary", "field-summary"),
            ("details", "Details", "field-details"), ("fields", "Fields", "ticket-fields"),
            ("appendMinutes", "Add notes for", "field-appendMinutes"), ("limitCount", "Limit", "field-limitCount"),
            ("limitMinutes", "In this time", "field-limitMinutes"),
        ] + TicketDefault.allCases.map { ($0.rawValue, HTML(term: label($0)), "field-\($0.rawValue)") }
    }

    /// All problems, in the order of the page.
    private var ordered: [FormProblems.Item] {
        let known = named.flatMap { field in
            problems.filter { $0.field == field.name || $0.field.hasPrefix(field.name + ".") }.map { problem in
                FormProblems.Item(
                    anchor: problem.field.hasPrefix("groups.") ? problem.field.replacing(".", with: "-") : field.anchor, field.title,
                    HTML(problem.message))
            }
        }
        return known
            + problems.filter { $0.field.hasPrefix(Self.fieldPrefix) }.map { problem in
                let id = TicketField.ID(String(problem.field.dropFirst(Self.fieldPrefix.count)))
                return FormProblems.Item(
                    anchor: id.map { "field-" + TicketFieldInputs.name($0) } ?? "ticket-fields", label(of: id), HTML(problem.message))
            }
    }

    /// What the names of problems of ticket fields begin with.
    static let fieldPrefix = "field."

    private func label(of id: TicketField.ID?) -> HTML {
        guard let id else { return "Fields" }
        guard case .success(let inputs)? = fields else { return "\(id.rawValue)" }
        return "\(inputs.form[id]?.label ?? id.rawValue)"
    }

    private func row(
        _ name: String, _ label: String, _ input: FieldRow.Input, help: String = "", example: String = "", isRequired: Bool = false
    ) -> HTML {
        FieldRow(
            name: name, label: label, input: input, help: help, example: example, isRequired: isRequired,
            message: problem(name)
        ).html
    }
}
