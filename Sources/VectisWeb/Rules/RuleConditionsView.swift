import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The conditions in the form of a rule: each is added to and removed from its own group with buttons that send the form.
struct RuleConditionsView: Sendable {
    let form: RuleForm
    /// What is wrong, by the place of the condition as ``RuleDefinition/issues`` names it.
    var problems: [String: HTML] = [:]
    /// Companies that are offered for names.
    var companies: [String] = []

    var html: HTML {
        let groups = form.groups.isEmpty ? [[]] : form.groups
        return """
            <div id="conditions">
            <input type="hidden" name="groups" value="\(groups.count)">
            \(each: Array(groups.enumerated()), { group($0.offset, $0.element, of: groups.count) })
            <div class="actions"><button name="action" value="add-group" data-part\(flag: "disabled", groups.count >= RuleDefinition.maxGroups)>Add a group</button></div>
            \(form.groups.joined().contains { $0.field == .hour } ? zones : .empty)
            <datalist id="companies">\(Self.options(companies))</datalist>
            <datalist id="\(Self.listed)">\(Self.options(companies.map(CommaSeparated.quoted)))</datalist>
            </div>
            """
    }

    /// The list of names as they are written among others, for the comparison with several.
    static let listed = "companies-listed"

    /// Names as the choices of a list.
    static func options(_ names: [String]) -> HTML { "\(each: names, { "<option value=\"\($0)\"></option>" })" }

    private var zones: HTML {
        "<datalist id=\"time-zones\">\(each: TimeZoneID.all, { "<option value=\"\($0.rawValue)\"></option>" })</datalist>"
    }

    private func group(_ index: Int, _ lines: [Condition], of count: Int) -> HTML {
        let isFull = lines.count >= RuleDefinition.maxTests
        return """
            <fieldset class="group" id="groups-\(index)"><legend>Group \(index + 1)\(index > 0 ? " (or)" as HTML : .empty)</legend>
            \(lines.isEmpty ? "<p class=\"help\">No condition yet.</p>" : .empty)
            \(each: Array(lines.enumerated()), { line(index, $0.offset, $0.element) })
            <div class="actions add"><label for="group\(index)-add">New condition</label>
            <select id="group\(index)-add" name="group\(index).add"\(flag: "autofocus", form.focus == .adding(group: index))>
            <optgroup label="The event">\(each: Condition.Kind.all.filter { !$0.field.isInPSA }, option)</optgroup>
            <optgroup label="The company in the PSA">\(each: Condition.Kind.all.filter(\.field.isInPSA), option)</optgroup></select>
            <button name="action" value="add:\(index)" data-part\(flag: "disabled", isFull)>Add<span class="hidden"> the condition to group \(index + 1)</span></button>
            \(count > 1 ? "<button class=\"quiet\" name=\"action\" value=\"remove-group:\(index)\" data-part>Remove group \(index + 1)</button>" as HTML : .empty)</div>
            </fieldset>
            """
    }

    private func option(_ kind: Condition.Kind) -> HTML {
        let isFirst = Condition.Kind.all.first { $0.field == kind.field } == kind
        return "<option value=\"\(kind.name)\">\(kind.field.words)\(isFirst ? .empty : " \(kind.comparison.words)" as HTML)</option>"
    }

    private func line(_ group: Int, _ test: Int, _ line: Condition) -> HTML {
        let id = "groups-\(group)-\(test)"
        let problem = problems["groups.\(group).\(test)"]
        let place: HTML = "condition \(test + 1) of group \(group + 1)"
        let comparison: HTML =
            line.alternatives.count < 2
            ? "<input type=\"hidden\" name=\"\(name(group, test, "comparison"))\" value=\"\(line.comparison.rawValue)\"><span>\(line.comparison.words)</span>"
            : """
            <select name="\(name(group, test, "comparison"))" aria-label="Comparison of \(place)">
            \(each: line.alternatives, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == line.comparison)>\($0.words)</option>" })</select>
            """
        return """
            <div class="test\(problem == nil ? "" : " wrong")" id="\(id)" role="group" aria-label="\(line.field.words), \(place)">
            <input type="hidden" name="\(name(group, test, "field"))" value="\(line.field.rawValue)"><span class="test-field">\(line.field.words)</span>
            \(comparison)
            <div class="value">\(editor(group, test, line, problem))</div>
            <button class="quiet" name="action" value="remove:\(group).\(test)" data-part>Remove<span class="hidden"> \(place): \(line.field.words)</span></button>
            \(problem.map { "<p class=\"problem\" id=\"\(id)-problem\"><strong>Problem:</strong> \($0)</p>" as HTML })
            </div>
            """
    }

    private func name(_ group: Int, _ test: Int, _ part: String) -> String { RuleForm.name(group, test, part) }

    /// The input for the value of a condition.
    private func editor(_ group: Int, _ test: Int, _ line: Condition, _ problem: HTML?) -> HTML {
        let value = name(group, test, "value")
        let described = problem == nil ? "groups" : "groups-\(group)-\(test)-problem"
        let attributes: HTML = """
            aria-describedby="\(described)"\(attribute: "aria-invalid", problem == nil ? nil : "true")\
            \(flag: "autofocus", form.focus == .line(group: group, test: test))
            """
        let label: HTML = "Value of condition \(test + 1) of group \(group + 1)"
        switch Condition.Editor(line.field, line.comparison) {
        case .severity:
            let known = HostEvent.Severity(rawValue: line.value.trimmingSpaces.lowercased())
            let unknown: HTML = known == nil ? "<option value=\"\(line.value)\" selected>\(line.value)</option>" : .empty
            return """
                <select name="\(value)" aria-label="\(label)" \(attributes)>\(unknown)
                \(each: HostEvent.Severity.allCases, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == known)>\($0.words)</option>" })</select>
                """
        case .severities:
            let chosen = Set(line.choices)
            return """
                <span class="ticks">\(each: Array(HostEvent.Severity.allCases.enumerated()), { index, severity in
                    "<label><input type=\"checkbox\" name=\"\(value)\" value=\"\(severity.rawValue)\"\(flag: "checked", chosen.contains(severity.rawValue))\(index == 0 ? " \(attributes)" : .empty)> \(severity.words)</label> "
                })</span>
                """
        case .yesOrNo:
            let isNo = line.value.trimmingSpaces.lowercased() == "no"
            return """
                <select name="\(value)" aria-label="\(label)" \(attributes)><option value="yes">Yes</option>
                <option value="no"\(flag: "selected", isNo)>No</option></select>
                """
        case .times:
            let times = line.times
            func clock(_ minutes: Int?) -> String { minutes.map { DayTimes.clock($0 == 1_440 ? 0 : $0) } ?? "" }
            return """
                <span class="times"><input type="time" name="\(name(group, test, "from"))" value="\(clock(times?.from))" aria-label="From, condition \(test + 1) of group \(group + 1)" \(attributes)>
                <span>and</span>
                <input type="time" name="\(name(group, test, "to"))" value="\(clock(times?.to))" aria-label="To, condition \(test + 1) of group \(group + 1)">
                <input type="text" list="time-zones" name="\(name(group, test, "zone"))" value="\(line.timeZone.rawValue)" autocomplete="off" aria-label="Time zone, condition \(test + 1) of group \(group + 1)"></span>
                """
        case .company:
            return
                "<input type=\"text\" list=\"\(line.comparison == .oneOf ? Self.listed : "companies")\" name=\"\(value)\" aria-label=\"\(label)\" value=\"\(line.value)\" autocomplete=\"off\" data-companies \(attributes)>"
        case .text, nil:
            return
                "<input type=\"text\" name=\"\(value)\" aria-label=\"\(label)\" value=\"\(line.value)\" autocomplete=\"off\" \(attributes)>"
        }
    }
}
