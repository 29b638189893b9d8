import PSACore

/// A whole document.
protocol WebPage: Sendable {
    var document: HTML { get }
}

/// What all pages have around their content: title, menu, the account, the way past the menu for keyboards.
struct Layout: Sendable {
    enum Section: String, CaseIterable, Sendable {
        case integrations = "Integrations"
        case rules = "Rules"
        case audit = "Audit log"
        case guides = "Guides"
        case accounts = "Accounts"
        case none = ""

        var path: String {
            switch self {
            case .integrations: "/integrations"
            case .rules: "/rules"
            case .audit: "/audit"
            case .guides: "/guides"
            case .accounts: "/accounts"
            case .none: "/"
            }
        }
    }

    let user: SignedInUser?
    let section: Section
    let title: String
    private let notices: [Notice]

    init(_ context: RequestContext, _ section: Section, title: String) {
        user = context.user
        notices = context.notices
        self.section = section
        self.title = title
    }

    /// The document around a content.
    func document(_ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title) · Vectis</title>
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
        </body>
        </html>

        """
    }

    private func menu(_ user: SignedInUser) -> HTML {
        let sections = Layout.Section.allCases.filter { $0 != .none && ($0 != .accounts || user.isAdmin) }
        return """
            <nav aria-label="Main">
            <ul>
            \(each: sections, { """
                <li><a href="\($0.path)"\(attribute: "aria-current", $0 == section ? "page" : nil)>\($0.rawValue)</a></li>

                """ })
            </ul>
            </nav>
            <div class="who">
            <a href="/account">\(user.account.name.rawValue)<span class="role">\(user.account.role.rawValue)</span></a>
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
