import VectisCore

/// The inputs of a form that filters a list, each with what is wrong with its value.
struct FilterInputs: Sendable {
    private let issues: [FilterIssue]

    init(_ issues: [FilterIssue]) { self.issues = issues }

    /// What has to be corrected, with a link to each input.
    ///
    /// - Parameter labels: What the form calls its inputs, by their names.
    /// - Returns: The summary; empty if nothing is wrong.
    func problems(_ labels: [(name: String, label: HTML)]) -> HTML {
        FormProblems(
            issues.map { issue in
                let label = labels.first { $0.name == issue.field }?.label ?? "Address of the page"
                return FormProblems.Item(anchor: "filter-\(issue.field)", label, Self.words(issue.kind))
            }
        ).html
    }

    /// A text.
    func text(_ name: String, _ label: HTML, _ value: String) -> HTML {
        field(name, label, "<input type=\"text\" value=\"\(value)\" autocomplete=\"off\" maxlength=\"200\" \(attributes(name))>")
    }

    /// A day.
    func date(_ name: String, _ label: HTML, _ value: String) -> HTML {
        field(name, label, "<input type=\"date\" value=\"\(value)\" \(attributes(name))>")
    }

    /// One of several values, or any.
    func choice(_ name: String, _ label: HTML, _ options: [(value: String, label: HTML)], _ value: String) -> HTML {
        field(
            name, label,
            """
            <select \(attributes(name))><option value="">Any</option>
            \(each: options, { "<option value=\"\($0.value)\"\(flag: "selected", $0.value == value)>\($0.label)</option>" })</select>
            """)
    }

    private func problem(_ name: String) -> HTML? { issues.first { $0.field == name }.map { Self.words($0.kind) } }

    private func attributes(_ name: String) -> HTML {
        let isWrong = problem(name) != nil
        return """
            id="filter-\(name)" name="\(name)"\(attribute: "aria-invalid", isWrong ? "true" : nil)\
            \(attribute: "aria-describedby", isWrong ? "filter-\(name)-problem" : nil)
            """
    }

    private func field(_ name: String, _ label: HTML, _ control: HTML) -> HTML {
        let problem = problem(name)
        return """
            <div class="field\(problem == nil ? "" : " wrong")"><label for="filter-\(name)">\(label)</label>\(control)\
            \(problem.map { "<p class=\"problem\" id=\"filter-\(name)-problem\"><strong>Problem:</strong> \($0)</p>" as HTML })</div>
            """
    }

    private static func words(_ kind: FilterIssue.Kind) -> HTML {
        switch kind {
        case .tooLong: "This text is too long."
        case .noDay: "This is no date such as 2026-11-24."
        case .order: "“From” is later than “To”."
        case .unknown: "There is no such value."
        }
    }
}
