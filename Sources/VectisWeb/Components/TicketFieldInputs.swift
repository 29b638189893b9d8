import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The inputs for the fields of a ticket type, the demanded ones first.
///
/// Fields are shown whatever their conditions say, with the conditions in words: the check on saving decides, so no script is needed.
struct TicketFieldInputs: Sendable {
    /// A search in the choices of one field.
    struct Search: Sendable {
        var text = ""
        /// What it found; nil if nothing was searched for yet.
        var found: [TicketField.Choice]?
    }

    let form: TicketForm
    /// What is stored or was typed, as ``TicketFieldValue/text``.
    var typed: [TicketField.ID: String]
    /// What is wrong, in the order of the fields.
    private(set) var issues: [TicketFieldIssue] = []
    /// What is wrong, by field.
    private(set) var problems: [TicketField.ID: String] = [:]
    var searches: [TicketField.ID: Search] = [:]
    /// The names of selected choices that the form does not list.
    var labels: [TicketField.Choice.ID: String] = [:]
    /// The values that apply where a field is left empty.
    var inherited: [TicketField.ID: TicketFieldValue] = [:]
    /// Whether texts may hold values of an event.
    var takesTemplates = false
    /// Whether files of events are attached.
    var attachesFiles = false
    /// What the page says below the inputs.
    var note: HTML = .empty
    /// Whether a ticket type has to be chosen first.
    var isOfNoType = false

    /// The most choices of a list; more are searched.
    static let maxListed = 200
    /// How many choices a search shows.
    static let maxFound = 50
    /// The hidden field that says for which type the inputs are.
    static let typeField = "fields-type"
    /// What the action of a search button begins with.
    static let searchAction = "search:"

    /// What the names of all inputs begin with.
    static let prefix = "field."

    /// The name of a field's input.
    static func name(_ id: TicketField.ID) -> String { prefix + identifier(id) }

    /// An id for names and anchors, percent-encoded but for the colon that ids of custom fields have.
    private static func identifier(_ id: TicketField.ID) -> String {
        PercentEncoding.component(id.rawValue).replacing("%3A", with: ":")
    }

    /// Shows what is wrong beside the inputs.
    mutating func show(_ found: [TicketFieldIssue]) {
        issues = found
        for issue in found { problems[issue.field] = Viewer.current.renderer.text(issue.sentence) }
    }

    /// Shows a message beside an input.
    mutating func show(_ message: String, at id: TicketField.ID) { problems[id] = message }

    /// The values that were typed, and those that don't have the form of their field.
    ///
    /// - Parameter stored: The stored values, of which those of fields that the type no longer has are kept while their input is not emptied.
    /// - Returns: The values, and what is wrong with the others.
    func values(
        keeping stored: [TicketField.ID: TicketFieldValue]
    ) -> (values: [TicketField.ID: TicketFieldValue], wrong: [TicketFieldIssue]) {
        var values: [TicketField.ID: TicketFieldValue] = [:]
        var wrong: [TicketFieldIssue] = []
        for (id, text) in typed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let field = form[id] else {
                values[id] = stored[id]
                continue
            }
            do throws(TicketFieldIssue) {
                values[id] = try TicketFieldValue(text, for: field)
            } catch {
                wrong.append(error)
            }
        }
        return (values, wrong)
    }

    /// The fields that have an input.
    var inputIDs: Set<TicketField.ID> { Set(shown.map(\.id) + gone) }

    private var shown: [TicketField] { form.fillableFields }

    /// What is wrong, for the summary of the form.
    var summary: [FormProblems.Item] {
        (shown.map(\.id) + gone).compactMap { id in
            problems[id].map { .init(field: Self.name(id), HTML(text: form[id]?.label ?? id.rawValue), HTML(text: $0)) }
        }
    }

    var html: HTML {
        guard !isOfNoType else { return "<div id=\"ticket-fields\"><p class=\"help\">They are shown once the type is chosen.</p></div>" }
        let demanded = shown.filter(\.isDemanded).prefix(TicketFieldLimits.maxFields)
        let others = shown.filter { !$0.isDemanded }.prefix(TicketFieldLimits.maxFields - demanded.count)
        let hidden = shown.count - demanded.count - others.count
        return """
            <div id="ticket-fields">
            <input type="hidden" name="\(Self.typeField)" value="\(form.type?.rawValue ?? "")">
            \(unsupported)\(files)
            \(demanded.isEmpty ? .empty : "<h3>Fields that the ticket type demands</h3>\(each: demanded, row)" as HTML)
            \(others.isEmpty ? .empty : otherFields(Array(others)))
            \(hidden == 0 ? .empty : "<p class=\"help\">\(hidden) more fields are not shown.</p>" as HTML)
            \(each: gone, goneRow)\(isEmpty ? "<p class=\"help\">This ticket type has no further fields.</p>" : .empty)\(note)
            </div>
            """
    }

    /// Whether there is nothing to fill in and nothing to say.
    var isEmpty: Bool { shown.isEmpty && gone.isEmpty && form.unsupportedFields.isEmpty && form.demandedFiles == nil }

    private func otherFields(_ fields: [TicketField]) -> HTML {
        let isOpen = fields.contains { !(typed[$0.id] ?? "").isEmpty || problems[$0.id] != nil || searches[$0.id]?.found != nil }
        return """
            <details\(flag: "open", isOpen)><summary>Other fields of the ticket type (\(fields.count))</summary>
            \(each: fields, row)
            </details>
            """
    }

    private var unsupported: HTML {
        let fields = form.unsupportedFields
        guard !fields.isEmpty else { return .empty }
        let names = HTML.quoted(fields.map(\.label))
        return Notice(
            .warning,
            """
            Tickets of this type can’t be created from here: the type demands \(names), which can only be filled in inside the PSA. Choose another type, or
            let an administrator of the PSA make \(fields.count == 1 ? "it" : "them" as HTML) optional.
            """
        ).html
    }

    private var files: HTML {
        guard let field = form.demandedFiles else { return .empty }
        let count = max(1, field.minAttachments ?? 1)
        let what: HTML = "The type demands \(count == 1 ? "a file" : "\(count) files" as HTML) (“\(field.label)”)."
        return attachesFiles
            ? "<p class=\"help\">\(what) A default can’t hold a file: the events bring it, as <code>attachments</code>.</p>"
            : Notice(.warning, "\(what) This connector can’t attach files, so tickets of this type can’t be created from here.").html
    }

    /// Stored values of fields that the type no longer has.
    private var gone: [TicketField.ID] {
        typed.filter { !$0.value.isEmpty && form[$0.key] == nil }.map(\.key).sorted { $0.rawValue < $1.rawValue }
    }

    private func goneRow(_ id: TicketField.ID) -> HTML {
        FieldRow(
            name: Self.name(id), label: HTML(text: id.rawValue), input: .text(value: typed[id] ?? ""),
            help: "The ticket type no longer has this field. Empty it to remove the value.",
            message: problems[id].map { HTML(text: $0) } ?? "The ticket type has no such field."
        ).html
    }

    private func row(_ field: TicketField) -> HTML {
        let problem = problems[field.id]
        return FieldRow(
            name: Self.name(field.id), label: HTML(text: field.label), input: input(field), help: help(field),
            message: problem.map { HTML(text: $0) },
            marker: field.marker, more: isSearched(field) ? search(field) : .empty
        ).html
    }

    // MARK: Inputs

    private func input(_ field: TicketField) -> FieldRow.Input {
        let value = typed[field.id] ?? ""
        switch field.kind {
        case .longText, .richText: return .lines(value: value)
        case .integer: return .number(value: value)
        case .number, .money: return .decimal(value: value)
        case .date: return .date(value: value)
        case .dateTime: return .dateTime(value: Self.localTime(value))
        case .time: return .time(value: value.count == 8 && value.hasSuffix(":00") ? String(value.prefix(5)) : value)
        case .checkbox: return .choice(value: value, options: [("true", "Yes"), ("false", "No")], empty: emptyChoice(field))
        case .choice, .categoryPath, .reference:
            return .choice(value: value, options: options(field, selected: value.isEmpty ? [] : [value]), empty: emptyChoice(field))
        case .choices, .references:
            let selected = value.split(separator: "\n").map(String.init)
            return .choices(values: Set(selected), options: options(field, selected: selected))
        default: return .text(value: value)
        }
    }

    /// A timestamp without its zone, as browsers edit it.
    private static func localTime(_ text: String) -> String {
        guard text.hasSuffix("Z"), text.count == 20 else { return text }
        return String(text.hasSuffix(":00Z") ? text.prefix(16) : text.prefix(19))
    }

    private func emptyChoice(_ field: TicketField) -> HTML {
        inherited[field.id] == nil ? "Not set" : "As in the ticket defaults"
    }

    private func isSearched(_ field: TicketField) -> Bool {
        switch field.choices {
        case .none: false
        case .listed(let choices): choices.count > Self.maxListed
        case .searched: true
        }
    }

    /// The selectable choices: all, or those that are selected or were found; what is selected stays even if the PSA no longer offers it.
    private func options(_ field: TicketField, selected: [String]) -> [(value: String, label: HTML)] {
        var listed: [TicketField.Choice] = []
        if case .listed(let choices) = field.choices { listed = choices }
        let names = Dictionary(listed.map { ($0.id.rawValue, $0.label) }, uniquingKeysWith: { first, _ in first })
        let kept = selected.filter { !$0.isEmpty }
        func label(_ value: String) -> HTML {
            if let name = names[value] { return HTML(text: name) }
            if field.choices == .searched { return HTML(text: TicketField.Choice.ID(value).flatMap { labels[$0] } ?? value) }
            return "\(value) (no longer offered)"
        }
        guard isSearched(field) else {
            return kept.filter { names[$0] == nil }.map { ($0, label($0)) } + listed.map { ($0.id.rawValue, HTML(text: $0.label)) }
        }
        let found = (searches[field.id]?.found ?? []).filter { !kept.contains($0.id.rawValue) }
        return kept.map { ($0, label($0)) } + found.map { ($0.id.rawValue, HTML(text: $0.label)) }
    }

    private func search(_ field: TicketField) -> HTML {
        let id = "search-\(Self.identifier(field.id))"
        let search = searches[field.id] ?? Search()
        return """
            <div class="search">
            <label for="\(id)">Search “\(field.label)”</label>
            <input type="text" id="\(id)" name="search.\(Self.identifier(field.id))" value="\(search.text)" autocomplete="off">
            <button name="action" value="\(Self.searchAction)\(field.id.rawValue)">Search<span class="hidden"> “\(field.label)”</span></button>
            \(search.found.map { "<p class=\"help\" role=\"status\">\(Self.outcome($0.count))</p>" as HTML })
            </div>
            """
    }

    private static func outcome(_ count: Int) -> HTML {
        switch count {
        case 0: "Nothing was found."
        case maxFound...: "The first \(count) are in the list above. Search for more of the name to see others."
        default: count == 1 ? "One is in the list above." : "\(count) are in the list above."
        }
    }

    // MARK: Help

    private func help(_ field: TicketField) -> HTML {
        var sentences: [HTML] = []
        let conditions = field.conditions.map(condition)
        if !conditions.isEmpty { sentences.append("Only if \(Self.list(conditions, ", and ")).") }
        if let form = Self.form(of: field.kind) { sentences.append(form) }
        if let limit = field.maxLength {
            sentences.append("At most \(limit) characters\(takesTemplates ? "; a longer text is cut" : .empty as HTML).")
        }
        if let limit = field.maxSelections { sentences.append("At most \(limit) choices.") }
        if field.mustBeChecked { sentences.append("It has to be “Yes”.") }
        if takesTemplates, field.kind.takesTemplate { sentences.append("Values as above.") }
        if let value = inherited[field.id] {
            sentences.append("Left empty, the ticket default: \(words(for: value, of: field)).")
        } else if let value = field.defaultValue, !value.isEmpty {
            sentences.append("Left empty, the PSA’s own default: \(words(for: value, of: field)).")
        }
        return Self.list(sentences, HTML(rendered: " "))
    }

    private static func list(_ pieces: [HTML], _ separator: HTML) -> HTML {
        HTML.all(pieces.enumerated().map { $0 == 0 ? $1 : separator + $1 })
    }

    private static func form(of kind: TicketField.Kind) -> HTML? {
        switch kind {
        case .integer: "A whole number."
        case .number, .money: "A number with a point, such as 12.50."
        case .dateTime: "In UTC."
        case .url: "A web address that begins with https://."
        case .richText: "HTML."
        case .choices, .references: "Several can be selected."
        default: nil
        }
    }

    private func condition(_ condition: TicketField.Condition) -> HTML {
        let other = form[condition.field]
        let values = condition.values.sorted().prefix(10).map { text -> HTML in
            "“\(other.map { words(for: text, of: $0) } ?? HTML(text: text))”"
        }
        return "“\(other?.label ?? condition.field.rawValue)” is \(Self.list(values, " or "))"
    }

    private func words(for value: TicketFieldValue, of field: TicketField) -> HTML {
        HTML.joined(value.texts.prefix(10).map { "“\(words(for: $0, of: field))”" })
    }

    private func words(for text: String, of field: TicketField) -> HTML {
        if field.kind == .checkbox { return text == "true" ? "Yes" : "No" }
        guard case .listed(let choices) = field.choices else {
            return HTML(text: String((TicketField.Choice.ID(text).flatMap { labels[$0] } ?? text).prefix(80)))
        }
        return HTML(text: String((choices.first { $0.id.rawValue == text }?.label ?? text).prefix(80)))
    }
}

/// All that is wrong with the fields of a ticket, with links to their inputs where they are on the page.
struct TicketFieldProblems: Sendable {
    let issues: [TicketFieldIssue]
    /// The fields whose inputs are on the page.
    var beside: Set<TicketField.ID> = []

    var html: HTML {
        guard !issues.isEmpty else { return .empty }
        return """
            <div class="notice problem" role="alert">
            <strong>\(issues.count == 1 ? "One field has" : "\(issues.count) fields have" as HTML) to be corrected:</strong>
            \(list)
            </div>
            """
    }

    /// The list alone.
    var list: HTML {
        let renderer = Viewer.current.renderer
        return """
            <ul class="ticket-fields">\(each: issues, { issue in
                let sentence = renderer.text(issue.sentence)
                let link: HTML =
                    beside.contains(issue.field) ? "<a href=\"#field-\(TicketFieldInputs.name(issue.field))\">\(sentence)</a>" : "\(sentence)"
                return "<li>\(link)</li>" as HTML
            })</ul>
            """
    }
}

extension TicketField {
    /// Whether the PSA refuses a ticket without it.
    fileprivate var isDemanded: Bool { isRequired || mustBeChecked }

    /// The word beside the label.
    fileprivate var marker: HTML {
        switch requirement {
        case .recommended: "recommended"
        default: isDemanded ? (conditions.isEmpty ? "demanded by the PSA" : "demanded under a condition") : "optional"
        }
    }
}

extension SubmittedForm {
    /// The texts that were typed for fields; those left empty are not among them.
    ///
    /// - Parameters:
    ///   - ids: The fields.
    ///   - form: Their definitions, for the forms in which browsers send values.
    /// - Returns: The texts by field; several choices are on lines of their own.
    func fields(_ ids: some Sequence<TicketField.ID>, of form: TicketForm?) -> [TicketField.ID: String] {
        var typed: [TicketField.ID: String] = [:]
        for id in ids {
            let texts = texts(TicketFieldInputs.name(id)).map { $0.replacing("\r\n", with: "\n") }.filter { !$0.trimmingSpaces.isEmpty }
            guard !texts.isEmpty else { continue }
            let text = texts.joined(separator: "\n")
            typed[id] = form?[id]?.kind == .dateTime ? Self.zoned(text) : text
        }
        return typed
    }

    /// A timestamp as browsers send it, which is UTC here.
    private static func zoned(_ text: String) -> String {
        switch text.count {
        case 16: text + ":00Z"
        case 19: text + "Z"
        default: text
        }
    }

    /// The field whose choices are to be searched, if a search button was pressed.
    var searchedField: TicketField.ID? {
        let action = text("action")
        guard action.hasPrefix(TicketFieldInputs.searchAction) else { return nil }
        return TicketField.ID(String(action.dropFirst(TicketFieldInputs.searchAction.count)))
    }
}

extension PageRoutes {
    /// The inputs for the fields of a type, with what is searched for.
    ///
    /// - Parameters:
    ///   - connection: Whose fields they are.
    ///   - type: The ticket type.
    ///   - typed: What is stored, by field; replaced by what was sent.
    ///   - sent: The form that was sent, if one was.
    /// - Returns: The inputs, or why the fields can't be read; nil if the connector creates no tickets.
    /// - Throws: `CancellationError`.
    func fieldInputs(
        of connection: StoredConnection, for type: TicketType.ID?, typed: [TicketField.ID: String], sent: SubmittedForm? = nil
    ) async throws -> Result<TicketFieldInputs, PSAError>? {
        guard services.connections.createsTickets(connection) else { return nil }
        do {
            let form = try await services.connections.ticketForm(of: connection, for: type)
            var inputs = TicketFieldInputs(form: form, typed: typed)
            inputs.attachesFiles = services.connections.attachesFiles(connection)
            if let sent, let shownFor = sent[TicketFieldInputs.typeField] {
                // What was sent for a field of another type is dropped with that type.
                let kept = shownFor == type?.rawValue ?? "" ? typed.keys.filter { form[$0] == nil } : []
                inputs.typed = sent.fields(form.fillableFields.map(\.id) + kept, of: form)
                for field in form.fillableFields {
                    inputs.searches[field.id] = .init(text: sent.text("search." + TicketFieldInputs.name(field.id).dropFirst(6)))
                }
                if let id = sent.searchedField, let field = form[id] {
                    var wanted = inputs.searches[id] ?? TicketFieldInputs.Search()
                    wanted.found = try await search(field, wanted.text, of: connection, for: type)
                    inputs.searches[id] = wanted
                }
            }
            inputs.labels = await labels(of: inputs, connection, type)
            return .success(inputs)
        } catch let error as PSAError {
            return .failure(error)
        }
    }

    private func search(
        _ field: TicketField, _ text: String, of connection: StoredConnection, for type: TicketType.ID?
    ) async throws -> [TicketField.Choice] {
        let query = ChoiceQuery(text, limit: TicketFieldInputs.maxFound)
        if case .listed(let choices) = field.choices { return query.matches(in: choices) }
        return try await services.connections.fieldChoices(of: connection, field: field.id, for: type, matching: query)
    }

    /// The names of selected choices that have to be searched for; an id without a name is shown as it is.
    private func labels(
        of inputs: TicketFieldInputs, _ connection: StoredConnection, _ type: TicketType.ID?
    ) async -> [TicketField.Choice.ID: String] {
        var labels: [TicketField.Choice.ID: String] = [:]
        // Each is a request; a page with more of them shows the other ids.
        var requests = 10
        for field in inputs.form.fillableFields where field.choices == .searched {
            for id in (inputs.typed[field.id] ?? "").split(separator: "\n").compactMap({ TicketField.Choice.ID(String($0)) }) {
                guard requests > 0 else { return labels }
                requests -= 1
                let found = try? await services.connections.fieldChoices(
                    of: connection, field: field.id, for: type, matching: ChoiceQuery(id.rawValue))
                labels[id] = found?.first { $0.id == id }?.label
            }
        }
        return labels
    }
}
