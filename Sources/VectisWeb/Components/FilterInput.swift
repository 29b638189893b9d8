/// An input of a form that filters a list.
struct FilterInput: Sendable {
    private let name: String
    private let label: HTML
    private let control: HTML

    /// A text.
    static func text(_ name: String, _ label: HTML, _ value: String) -> HTML {
        FilterInput(
            name: name, label: label,
            control:
                "<input type=\"text\" id=\"filter-\(name)\" name=\"\(name)\" value=\"\(value)\" autocomplete=\"off\" maxlength=\"200\">"
        ).html
    }

    /// A day.
    static func date(_ name: String, _ label: HTML, _ value: String) -> HTML {
        FilterInput(
            name: name, label: label, control: "<input type=\"date\" id=\"filter-\(name)\" name=\"\(name)\" value=\"\(value)\">"
        ).html
    }

    /// One of several values, or any.
    static func choice(_ name: String, _ label: HTML, _ options: [(value: String, label: HTML)], _ value: String) -> HTML {
        FilterInput(
            name: name, label: label,
            control: """
                <select id="filter-\(name)" name="\(name)"><option value="">Any</option>
                \(each: options, { "<option value=\"\($0.value)\"\(flag: "selected", $0.value == value)>\($0.label)</option>" })</select>
                """
        ).html
    }

    private var html: HTML { "<div class=\"field\"><label for=\"filter-\(name)\">\(label)</label>\(control)</div>" }
}
