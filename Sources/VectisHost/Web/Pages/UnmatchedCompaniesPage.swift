import PSACore
import PSAEngine

/// The companies that senders named and that were not found, and what persons said about them.
struct UnmatchedCompaniesPage: WebPage {
    let context: RequestContext
    let connections: [StoredConnection]
    let unmatched: [UnmatchedCompany]
    let mappings: [CompanyMapping]
    var notice: Notice?

    /// How many are shown; more are counted.
    private static let most = 200

    var document: HTML {
        let open = unmatched.filter { $0.dismissedAt == nil }
        let dismissed = unmatched.filter { $0.dismissedAt != nil }
        return Layout(context, .rules, title: "Companies not found").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>Companies not found</h1>
            <p class="lead">Programs named these companies, and Vectis could not tell which company of the PSA is meant. Their tickets have no company.
            Say which one it is, and the next ticket has it.</p>
            \(notice?.html)
            \(open.isEmpty ? "<p class=\"empty\">Every company that was named was found.</p>" : list(open, "Companies not found"))
            \(mappings.isEmpty ? .empty : mapped)
            \(dismissed.isEmpty ? .empty : "<details><summary>Dismissed (\(dismissed.count))</summary>\(list(dismissed, "Dismissed companies"))</details>")
            """)
    }

    private func list(_ companies: [UnmatchedCompany], _ label: String) -> HTML {
        let more: HTML =
            companies.count > Self.most ? "<p class=\"help\">\(companies.count - Self.most) more are not shown.</p>" : .empty
        return """
            <div class="table-scroll" tabindex="0" role="region" aria-label="\(label)">
            <table>
            <thead><tr><th scope="col">Named as</th><th scope="col">Connection</th><th scope="col">Why</th><th scope="col">Last seen</th>
            <th scope="col">Times</th><th scope="col">What to do</th></tr></thead>
            <tbody>\(each: companies.prefix(Self.most), row)</tbody>
            </table>
            </div>
            \(more)
            """
    }

    private func row(_ company: UnmatchedCompany) -> HTML {
        let isDismissed = company.dismissedAt != nil
        let path = "/rules/companies/\(company.id.rawValue)"
        return """
            <tr><td>\(SentCompanyLine(sent: company.sent).html)</td><td>\(name(of: company.connection))</td><td>\(company.reason.sentence)</td>
            <td>\(TimestampView(company.lastSeenAt).html)</td><td>\(company.count)</td>
            <td><div class="actions"><a class="button" href="\(path)">Map<span class="hidden"> \(company.sent.label)</span></a>
            <form method="post" action="\(path)/dismiss">\(FormToken(context.user).field)
            <input type="hidden" name="dismissed" value="\(isDismissed ? "0" : "1")">
            <button class="quiet">\(isDismissed ? "Show again" : "Dismiss")<span class="hidden"> \(company.sent.label)</span></button></form></div></td></tr>
            """
    }

    private var mapped: HTML {
        """
        <section aria-labelledby="mapped"><h2 id="mapped">Mapped by a person</h2>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Mapped by a person">
        <table>
        <thead><tr><th scope="col">Named as</th><th scope="col">Connection</th><th scope="col">Company in the PSA</th><th scope="col">Mapped by</th>
        <th scope="col">What to do</th></tr></thead>
        <tbody>\(each: mappings, row)</tbody>
        </table>
        </div>
        </section>
        """
    }

    private func row(_ mapping: CompanyMapping) -> HTML {
        """
        <tr><td>\(SentCompanyLine(sent: mapping.sent).html)</td><td>\(name(of: mapping.connection))\(isOutdated(mapping) ? " <span class=\"help\">(another tenant; not used)</span>" : .empty)</td>
        <td>\(mapping.companyName) <code>\(mapping.company.rawValue)</code></td>
        <td>\(mapping.mappedBy), \(TimestampView(mapping.mappedAt).html)</td>
        <td><form method="post" action="/rules/companies/mappings/\(String(mapping.id.rawValue))/remove">\(FormToken(context.user).field)
        <button class="danger">Remove<span class="hidden"> the mapping of \(mapping.sent.label)</span></button></form></td></tr>
        """
    }

    private func isOutdated(_ mapping: CompanyMapping) -> Bool {
        connections.first { $0.id == mapping.connection }.map { $0.tenant != mapping.tenant } ?? true
    }

    private func name(of id: ConnectionID) -> String { connections.first { $0.id == id }?.name ?? "a connection that was removed" }
}

/// A company as it was named: its name, its id, or both.
struct SentCompanyLine: Sendable {
    let sent: SentCompany

    var html: HTML {
        let id: HTML = sent.id.isEmpty ? .empty : " <span class=\"help\">id <code>\(sent.id)</code></span>"
        return "<strong>\(sent.name)</strong>\(id)"
    }
}

extension SentCompany {
    /// The company in words.
    var label: String { CompanyName.key(of: name).isEmpty ? "the id \(id)" : name }
}
