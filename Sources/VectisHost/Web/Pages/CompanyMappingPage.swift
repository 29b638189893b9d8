import PSACore
import PSAEngine

/// Lets a person look for the company that is meant, and choose it.
struct CompanyMappingPage: WebPage {
    let context: RequestContext
    let unmatched: UnmatchedCompany
    let connection: StoredConnection
    /// What was looked for.
    var search: String
    var found: [CompanyFacts] = []
    /// Whether the connection may read companies.
    var isReadable = true
    var problem: String?
    var notice: Notice?

    /// How many are offered at most.
    static let most = 50

    private var path: String { "/rules/companies/\(unmatched.id.rawValue)" }

    var document: HTML {
        Layout(context, .rules, title: "Map \(unmatched.sent.label)").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a> · <a href="/rules/companies">Companies not found</a></p>
            <h1>Which company is “\(unmatched.sent.label)”?</h1>
            <p class="lead">Programs named it \(SentCompanyLine(sent: unmatched.sent).html). \(unmatched.reason.sentence) Tickets that are sent from now on
            through “\(connection.name)” go to the company that you choose; those that exist already stay as they are.</p>
            \(notice?.html)
            <form method="get" action="\(path)" role="search">
            \(FieldRow(name: "search", label: "Search by name", input: .text(value: search), help: "Part of the name as it is in the PSA, or the company’s id.").html)
            <div class="buttons"><button>Search</button></div></form>
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            \(choices)
            \(FieldRow(name: "id", label: "Id of the company in the PSA", input: .text(value: ""), help: isReadable ? "Instead of a choice above; it is looked up before it is kept." : "The connection may not read companies, so the id can’t be looked up.", problem: problem, takesFocus: problem != nil).html)
            <div class="buttons"><button class="primary">Map</button><a class="button quiet" href="/rules/companies">Cancel</a></div></form>
            """)
    }

    private var choices: HTML {
        guard isReadable else { return .empty }
        guard !found.isEmpty else {
            return search.isEmpty ? .empty : "<p class=\"empty\">No company in the PSA has all of these words in its name.</p>"
        }
        let more: HTML = found.count == Self.most ? "<p class=\"help\">The first \(Self.most); add a word to see others.</p>" : .empty
        return """
            <fieldset><legend>Companies in the PSA</legend>\(each: found, choice)</fieldset>
            \(more)
            """
    }

    private func choice(_ company: CompanyFacts) -> HTML {
        """
        <p><label><input type="radio" name="company" value="\(company.id.rawValue)"> \(company.name) <code>\(company.id.rawValue)</code>\(company.isActive == false ? " (inactive)" : "")</label></p>
        """
    }
}
