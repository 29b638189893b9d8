import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The index of everything that can go wrong, which can be searched in the words of the guidance.
struct ErrorIndexPage: WebPage {
    let services: HostServices
    let context: RequestContext
    /// What is searched for; empty for everything.
    let search: String

    /// The maximum length of a search, in characters.
    static let maxSearchLength = 100

    var document: HTML {
        let found = ErrorReference.codes.filter(matches)
        return Layout(context, .guides, title: "Error reference").document(
            """
            <p class="crumbs"><a href="/guides">Guides</a></p>
            <h1>Error reference</h1>
            <p class="lead">What can go wrong between Vectis and a PSA, why, and what to do about it.</p>
            <form method="get" action="/errors" class="search" role="search"><div class="field"><label for="field-q">Search</label>
            <input type="search" id="field-q" name="q" value="\(search)" maxlength="\(Self.maxSearchLength)" aria-describedby="field-q-help">
            <p class="help" id="field-q-help">Words of what you see, such as “secret expired” or “certificate”.</p></div>
            <div class="actions"><button class="primary">Search</button>\(search.isEmpty ? .empty : "<a class=\"button quiet\" href=\"/errors\">Show everything</a>" as HTML)</div></form>
            \(search.isEmpty ? .empty : count(found.count))
            \(found.isEmpty ? .empty : groups(found))
            """)
    }

    private func count(_ number: Int) -> HTML {
        switch number {
        case 0: "<p role=\"status\">Nothing has all of these words. Try fewer words, or another word for the same thing.</p>"
        case 1: "<p role=\"status\">1 page has all of these words.</p>"
        default: "<p role=\"status\">\(number) pages have all of these words.</p>"
        }
    }

    private func groups(_ codes: [ErrorCode]) -> HTML {
        var areas: [ErrorCode.Area] = []
        for code in codes where !areas.contains(code.area) { areas.append(code.area) }
        return .all(
            areas.map { area in
                """
                <section aria-labelledby="area-\(area.rawValue)"><h2 id="area-\(area.rawValue)">\(Self.title(of: area))</h2>
                <ul class="errors">\(each: codes.filter { $0.area == area }, row)</ul></section>
                """
            })
    }

    private func row(_ code: ErrorCode) -> HTML {
        let guidance = ErrorCodePage.guidance(of: code, ErrorReference.catalogue(of: code))
        let detail: HTML = Self.isWhole(code) ? " <span class=\"help\">\(guidance.detail)</span>" : .empty
        // The anchor is that of the one long page of earlier versions.
        return "<li id=\"\(code.anchor)\"><a href=\"\(code.page)\">\(guidance.title)</a>\(detail)</li>"
    }

    /// Whether the detail of a code says something without the values of an occurrence.
    private static func isWhole(_ code: ErrorCode) -> Bool {
        let pattern = ErrorReference.catalogue(of: code).template(for: code).detail.english
        return !GuidanceTemplate.Slot.allCases.contains { ![.vendor, .host].contains($0) && pattern.contains("{\($0.rawValue)}") }
    }

    private func matches(_ code: ErrorCode) -> Bool {
        let words = search.lowercased().split { $0.isWhitespace }
        guard !words.isEmpty else { return true }
        let catalogues = [ErrorReference.catalogue(of: code)] + ErrorCodePage.connectors(with: code, services).map(\.guidance)
        let text = code.rawValue + " " + catalogues.map { ErrorCodePage.words(ErrorCodePage.guidance(of: code, $0)) }.joined(separator: " ")
        let lowercased = text.lowercased()
        return words.allSatisfy { lowercased.contains($0) }
    }

    /// What the codes of an area are about.
    static func title(of area: ErrorCode.Area) -> HTML {
        switch area {
        case .usage: "Commands"
        case .config: "Settings of a connection"
        case .url: "Addresses"
        case .network: "Network"
        case .tls: "Certificates and encryption"
        case .proxy: "Proxies and firewalls"
        case .auth: "Signing in to the PSA"
        case .permission: "Permissions in the PSA"
        case .rate: "Rate limits"
        case .vendor: "The PSA does not answer as it should"
        case .request: "Requests that the PSA refuses"
        case .ticket: "Tickets and their fields"
        case .write: "Changes whose outcome is unknown"
        case .sync: "The local copy"
        case .connector: "Connectors"
        case .host: "This computer and its data folder"
        case .notification: "Notifications"
        default: "Other"
        }
    }
}

/// Everything about one error code, with words in place of the values that an occurrence has.
struct ErrorCodePage: WebPage {
    let services: HostServices
    let context: RequestContext
    let code: ErrorCode

    /// The guidance of a code without an occurrence.
    static func guidance(of code: ErrorCode, _ catalogue: GuidanceCatalogue) -> Guidance {
        PSAError(code, catalogue: catalogue).guidance(in: Viewer.current.renderer)
    }

    /// The connectors that have texts of their own for a code.
    static func connectors(with code: ErrorCode, _ services: HostServices) -> [ConnectorDescriptor] {
        services.guides.errors.descriptors.filter { $0.guidance.ownCodes.contains(code) }
    }

    /// Every word of a guidance.
    static func words(_ guidance: Guidance) -> String {
        ([guidance.title, guidance.detail] + guidance.causes.flatMap { [$0.text] + $0.steps }).joined(separator: " ")
    }

    var document: HTML {
        let shared = Self.guidance(of: code, ErrorReference.catalogue(of: code))
        return Layout(context, .guides, title: "\(shared.title) – Error reference").document(
            """
            <p class="crumbs"><a href="/guides">Guides</a> · <a href="/errors">Error reference</a></p>
            <h1>\(shared.title)</h1>
            \(explanation(shared, descriptor: nil))
            \(each: Self.connectors(with: code, services), own)
            <dl class="facts"><dt>Code in logs and for support</dt><dd><code>\(code.rawValue)</code></dd></dl>
            """)
    }

    private func own(_ descriptor: ConnectorDescriptor) -> HTML {
        let guidance = Self.guidance(of: code, descriptor.guidance)
        let id = "with-\(descriptor.id)"
        return """
            <section aria-labelledby="\(id)"><h2 id="\(id)">With \(descriptor.displayName)</h2>
            \(explanation(guidance, descriptor: descriptor))</section>
            """
    }

    private func explanation(_ guidance: Guidance, descriptor: ConnectorDescriptor?) -> HTML {
        let renderer = Viewer.current.renderer
        let guide = guidance.guide.flatMap { $0.document == GuidePlaces.errorDocument ? nil : services.guides.path(of: $0) }
        let fields = guidance.fields.compactMap { descriptor?.settings[$0].map { HTML(term: $0.label) } }
        return """
            <p class="detail">\(guidance.detail)</p>
            \(descriptor == nil && !guidance.causes.isEmpty ? "<h2>Why, and what to do</h2>" : .empty)
            \(each: guidance.causes, cause)
            <dl class="facts"><dt>Who has to act</dt><dd>\(renderer.text(CoreMessage.responsibleParty(guidance.responsibleParty)))</dd>
            \(fields.isEmpty ? .empty : "<dt>Settings to change</dt><dd>\(HTML.joined(fields))</dd>" as HTML)
            <dt>Next</dt><dd>\(renderer.text(CoreMessage.retry(guidance.retry)))</dd>
            \(guide.map { "<dt>Read on</dt><dd><a href=\"\($0)\">The step in the guide</a></dd>" as HTML })</dl>
            """
    }

    private func cause(_ cause: Cause) -> HTML {
        """
        <section class="cause"><h3>\(cause.text)</h3>
        <p class="help"><span class="confidence \(cause.confidence.rawValue)">\(Viewer.current.renderer.text(CoreMessage.confidence(cause.confidence)))</span></p>
        <ol class="steps">\(each: cause.steps, { "<li>\($0)</li>" })</ol></section>
        """
    }
}

extension PageRoutes {
    var errorRoutes: [Route] {
        [
            Route(.get, "/errors", .viewer) { context in
                let search = context.request.queryValue("q")?.trimmingSpaces ?? ""
                guard search.count <= ErrorIndexPage.maxSearchLength else {
                    throw WebError(.badRequest, "A search has at most \(ErrorIndexPage.maxSearchLength) characters.")
                }
                return .page(200, ErrorIndexPage(services: services, context: context, search: search))
            },
            Route(.get, "/errors/{code}", .viewer) { context in
                guard let code = ErrorReference.codes.first(where: { $0.rawValue == context.parameter("code") }) else {
                    throw WebError(.notFound, "There is no error of this code. The error reference lists every one.")
                }
                return .page(200, ErrorCodePage(services: services, context: context, code: code))
            },
        ]
    }
}
