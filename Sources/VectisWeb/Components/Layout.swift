import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// A whole document.
protocol WebPage: Sendable {
    var document: HTML { get }
}

/// The frame of all pages: title, menu, account, and the skip link for keyboards.
struct Layout: Sendable {
    enum Section: CaseIterable, Sendable {
        case integrations
        case rules
        case events
        case notifications
        case audit
        case guides
        case accounts
        case none

        /// The word in the menu.
        var title: HTML {
            switch self {
            case .integrations: "Integrations"
            case .rules: "Rules"
            case .events: "Events"
            case .notifications: "Notifications"
            case .audit: "Audit log"
            case .guides: "Guides"
            case .accounts: "Accounts"
            case .none: .empty
            }
        }

        var path: String {
            switch self {
            case .integrations: "/integrations"
            case .rules: "/rules"
            case .events: "/events"
            case .notifications: "/notifications"
            case .audit: "/audit"
            case .guides: "/guides"
            case .accounts: "/accounts"
            case .none: "/"
            }
        }
    }

    let user: SignedInUser?
    let section: Section
    let title: HTML
    private let notices: [Notice]
    private let refreshInterval: Int?

    /// Creates a ``Layout``.
    ///
    /// - Parameters:
    ///   - context: The request.
    ///   - section: The entry of the menu that the page belongs to.
    ///   - title: The title of the document.
    ///   - refreshInterval: The seconds after which a browser without scripts loads the page again; nil for never.
    init(_ context: RequestContext, _ section: Section, title: HTML, refreshInterval: Int? = nil) {
        self.refreshInterval = refreshInterval
        user = context.user
        notices = context.notices
        self.section = section
        self.title = title
    }

    /// Creates a ``Layout`` whose title is data, such as the name of a record.
    @_disfavoredOverload init(_ context: RequestContext, _ section: Section, title: String, refreshInterval: Int? = nil) {
        self.init(context, section, title: HTML(text: title), refreshInterval: refreshInterval)
    }

    /// The document around a content.
    func document(_ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(Viewer.current.language.rawValue)"\(flag: "data-zone-unknown", !Viewer.current.isZoneKnown)>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title) · Vectis</title>\(refreshInterval.map { "<noscript><meta http-equiv=\"refresh\" content=\"\($0)\"></noscript>" as HTML })
        <link rel="icon" href="\(WebAsset.icon.path)" type="image/svg+xml">
        <link rel="stylesheet" href="\(WebAsset.style.path)">
        <script src="\(WebAsset.script.path)" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to content</a>
        <header class="bar">
        <a class="brand" href="/integrations"><span class="mark" aria-hidden="true"></span>Vectis</a>
        \(user.map(menu) ?? .empty)
        </header>
        <main id="content" tabindex="-1">
        \(each: notices, \.html)\(content)
        </main>
        \(user == nil ? .empty : Self.signedOut)
        </body>
        </html>

        """
    }

    /// What the script shows beside the button of a form whose session has ended, in place of sending the form.
    private static var signedOut: HTML {
        """
        <template id="signed-out"><p>You are not signed in with this account any more. What you typed is still here:
        <a href="/sign-in" target="_blank" rel="noopener">sign in in another tab</a>, then press the button again.</p></template>
        """
    }

    private func menu(_ user: SignedInUser) -> HTML {
        let sections = Layout.Section.allCases.filter { $0 != .none && ($0 != .accounts || user.isAdmin) }
        return """
            <nav aria-label="Main">
            <ul>
            \(each: sections, { """
                <li><a href="\($0.path)"\(attribute: "aria-current", $0 == section ? "page" : nil)>\($0.title)</a></li>

                """ })
            </ul>
            </nav>
            <div class="who">
            <a href="/account">\(user.account.name.rawValue)<span class="role">\(HTML(term: user.account.role.rawValue))</span></a>
            <form method="post" action="/sign-out">\(FormToken(user).field)<button class="quiet">Sign out</button></form>
            </div>
            """
    }
}

/// The hidden field that proves that a form was made for this session.
struct FormToken: Sendable {
    private let token: String

    init(_ user: SignedInUser?) { token = user?.formToken ?? "" }

    var field: HTML { "<input type=\"hidden\" name=\"\(RequestAuthorizer.tokenField)\" value=\"\(token)\">" }
}

/// A message at the top of a page: a result, or a decision to make.
struct Notice: Sendable {
    enum Kind: String, Sendable {
        case done
        case information
        case warning
        case problem

        /// The prefix of the message, so that its kind does not depend on colour.
        var word: HTML {
            switch self {
            case .done: "Done"
            case .information: "Note"
            case .warning: "Warning"
            case .problem: "Problem"
            }
        }
    }

    let kind: Kind
    let content: HTML
    /// The id by which inputs refer to it; nil for none.
    var id: String?
    /// Whether it has the focus when the page opens: it says why a form was refused.
    var takesFocus = false

    init(_ kind: Kind, _ content: HTML) {
        self.kind = kind
        self.content = content
    }

    /// The notice of a form that was refused as a whole.
    func refusing(id: String? = nil) -> Notice {
        var notice = self
        (notice.id, notice.takesFocus) = (id, true)
        return notice
    }

    var html: HTML {
        """
        <div class="notice \(kind.rawValue)" role="\(kind == .done || kind == .information ? "status" : "alert")"\(attribute: "id", id)\(attribute: "tabindex", takesFocus ? "-1" : nil)\(flag: "autofocus", takesFocus)>
        <strong>\(kind.word):</strong> \(content)
        </div>
        """
    }
}

/// One input of a form with its label, help, example, guide link and issue.
struct FieldRow: Sendable {
    enum Input: Sendable {
        case text(value: String)
        case lines(value: String)
        /// What is stored or was typed earlier is never shown; `kept` says that there is something.
        case secret(kept: HTML?)
        /// An id of the vendor, which is any text; `offered` are those that are known.
        case id(value: String, offered: [(id: String, name: String)])
        case number(value: String)
        case decimal(value: String)
        case date(value: String)
        /// A timestamp without its zone.
        case dateTime(value: String)
        case time(value: String)
        case choices(values: Set<String>, options: [(value: String, label: HTML)])
        case choice(value: String, options: [(value: String, label: HTML)], empty: HTML)
        case password(autocomplete: String)
        case oneTimeCode
    }

    let name: String
    let label: HTML
    let input: Input
    var help: HTML = .empty
    var example = ""
    var guide: String?
    var isRequired = false
    /// What is wrong with the value, in the words of a validation.
    var problem: String?
    /// The same in the viewer's language already.
    var message: HTML?
    /// Whether guidance on this page says more about the problem.
    var hasGuidance = false
    var takesFocus = false
    /// The word beside the label; nil says “optional” where the field is.
    var marker: HTML?
    /// What belongs to the input, such as a search in its choices.
    var more: HTML = .empty

    /// Creates a ``FieldRow``.
    init(
        name: String, label: HTML, input: Input, help: HTML = .empty, example: String = "", guide: String? = nil, isRequired: Bool = false,
        problem: String? = nil, message: HTML? = nil, hasGuidance: Bool = false, takesFocus: Bool = false, marker: HTML? = nil,
        more: HTML = .empty
    ) {
        self.name = name
        self.label = label
        self.input = input
        self.help = help
        self.example = example
        self.guide = guide
        self.isRequired = isRequired
        self.problem = problem
        self.message = message
        self.hasGuidance = hasGuidance
        self.takesFocus = takesFocus
        self.marker = marker
        self.more = more
    }

    /// Creates a ``FieldRow`` whose label and help are words that are declared as a `String` elsewhere, such as those of a setting.
    @_disfavoredOverload init(
        name: String, label: String, input: Input, help: String = "", example: String = "", guide: String? = nil, isRequired: Bool = false,
        problem: String? = nil, message: HTML? = nil, hasGuidance: Bool = false, takesFocus: Bool = false, marker: HTML? = nil,
        more: HTML = .empty
    ) {
        self.init(
            name: name, label: HTML(term: label), input: input, help: HTML(term: help), example: example, guide: guide,
            isRequired: isRequired, problem: problem, message: message, hasGuidance: hasGuidance, takesFocus: takesFocus, marker: marker,
            more: more)
    }

    private var id: String { "field-\(name)" }

    var html: HTML {
        """
        <div class="field\(shown == nil ? "" : " wrong")">
        <label for="\(id)">\(label)\(word.map { " <span class=\"optional\">\($0)</span>" as HTML })</label>
        \(control)\(more)
        <p class="help" id="\(id)-help">\(help)\(example.isEmpty ? .empty : " Example: <code>\(example)</code>." as HTML)\(guideLink)</p>
        \(shown.map { "<p class=\"problem\" id=\"\(id)-problem\"><strong>Problem:</strong> \($0)\(hasGuidance ? Self.guidanceLink : .empty)</p>" as HTML })
        </div>
        """
    }

    private var shown: HTML? { message ?? problem.map { HTML(term: $0) } }

    private var word: HTML? { marker ?? (isRequired ? nil : "optional") }

    private static var guidanceLink: HTML { " <a href=\"#guidance-title\">What to do</a>" }

    private var guideLink: HTML {
        guide.map {
            " <a href=\"\($0)\" target=\"_blank\" rel=\"noopener\">Where to find \(label)<span class=\"hidden\"> (opens a new tab)</span></a>"
        }
            ?? .empty
    }

    private var attributes: HTML {
        let described = "\(id)-help" + (shown == nil ? "" : " \(id)-problem")
        return """
            id="\(id)" name="\(name)" aria-describedby="\(described)"\(flag: "required", isRequired && !keepsSomething)\
            \(attribute: "aria-invalid", shown == nil ? nil : "true")\(flag: "autofocus", takesFocus)
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
        case .id(let value, let offered):
            """
            <input type="text" value="\(value)" autocomplete="off" spellcheck="false" autocapitalize="off" list="\(id)-list" \(attributes)>
            <datalist id="\(id)-list">\(each: offered, { "<option value=\"\($0.id)\">\($0.name)</option>" })</datalist>
            """
        case .number(let value):
            "<input type=\"text\" inputmode=\"numeric\" value=\"\(value)\" autocomplete=\"off\" \(attributes)>"
        case .decimal(let value):
            "<input type=\"text\" inputmode=\"decimal\" value=\"\(value)\" autocomplete=\"off\" \(attributes)>"
        case .date(let value):
            "<input type=\"date\" value=\"\(value)\" \(attributes)>"
        case .dateTime(let value):
            "<input type=\"datetime-local\" step=\"1\" value=\"\(value)\" \(attributes)>"
        case .time(let value):
            "<input type=\"time\" step=\"1\" value=\"\(value)\" \(attributes)>"
        case .choices(let values, let options):
            """
            <select multiple size="\(min(max(options.count, 2), 8))" \(attributes)>
            \(each: options, { "<option value=\"\($0.value)\"\(flag: "selected", values.contains($0.value))>\($0.label)</option>" })
            </select>
            """
        case .lines(let value):
            "<textarea rows=\"7\" spellcheck=\"true\" \(attributes)>\n\(value)</textarea>"
        case .password(let autocomplete):
            "<input type=\"password\" autocomplete=\"\(autocomplete)\" \(attributes)>"
        case .oneTimeCode:
            "<input type=\"text\" inputmode=\"numeric\" autocomplete=\"one-time-code\" spellcheck=\"false\" autocapitalize=\"off\" \(attributes)>"
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
