import PSACore

/// One input of a form with its label, help, example, guide link and problem.
struct FieldRow: Sendable {
    enum Input: Sendable {
        case text(value: String)
        case lines(value: String)
        /// What is stored or was typed earlier is never shown; `kept` says that there is something.
        case secret(kept: String?)
        case number(value: String)
        case choice(value: String, options: [(value: String, label: String)], empty: String)
        case password(autocomplete: String)
    }

    let name: String
    let label: String
    let input: Input
    var help = ""
    var example = ""
    var guide: String?
    var isRequired = false
    var problem: String?
    /// Whether guidance on this page says more about the problem.
    var hasGuidance = false
    var takesFocus = false

    private var id: String { "field-\(name)" }

    var html: HTML {
        """
        <div class="field\(problem == nil ? "" : " wrong")">
        <label for="\(id)">\(label)\(isRequired ? "" : " <span class=\"optional\">optional</span>" as HTML)</label>
        \(control)
        <p class="help" id="\(id)-help">\(help)\(example.isEmpty ? .empty : " Example: <code>\(example)</code>." as HTML)\(guideLink)</p>
        \(problem.map { "<p class=\"problem\" id=\"\(id)-problem\"><strong>Problem:</strong> \($0)\(hasGuidance ? Self.guidanceLink : .empty)</p>" as HTML })
        </div>
        """
    }

    private static let guidanceLink: HTML = " <a href=\"#guidance-title\">What to do</a>"

    private var guideLink: HTML {
        guide.map {
            " <a href=\"\($0)\" target=\"_blank\" rel=\"noopener\">Where to find \(label)<span class=\"hidden\"> (opens a new tab)</span></a>"
        }
            ?? .empty
    }

    private var attributes: HTML {
        let described = "\(id)-help" + (problem == nil ? "" : " \(id)-problem")
        return """
            id="\(id)" name="\(name)" aria-describedby="\(described)"\(flag: "required", isRequired && !keepsSomething)\
            \(attribute: "aria-invalid", problem == nil ? nil : "true")\(flag: "autofocus", takesFocus)
            """
    }

    private var keepsSomething: Bool {
        if case .secret(_?) = input { return true }
        return false
    }

    private var control: HTML {
        switch input {
        case .text(let value):
            "<input type=\"text\" value=\"\(value)\" autocomplete=\"off\" spellcheck=\"false\" autocapitalize=\"off\" \(attributes)>"
        case .number(let value):
            "<input type=\"text\" inputmode=\"numeric\" value=\"\(value)\" autocomplete=\"off\" \(attributes)>"
        case .lines(let value):
            "<textarea rows=\"7\" spellcheck=\"true\" \(attributes)>\n\(value)</textarea>"
        case .password(let autocomplete):
            "<input type=\"password\" autocomplete=\"\(autocomplete)\" \(attributes)>"
        case .secret(let kept):
            """
            <input type="password" autocomplete="new-password" \(attributes)>
            \(kept.map { "<p class=\"kept\">\($0)</p>" as HTML })
            """
        case .choice(let value, let options, let empty):
            """
            <select \(attributes)>
            <option value="">\(empty)</option>
            \(each: options, { "<option value=\"\($0.value)\"\(flag: "selected", $0.value == value)>\($0.label)</option>" })
            </select>
            """
        }
    }
}
