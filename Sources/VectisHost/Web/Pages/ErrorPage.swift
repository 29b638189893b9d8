import PSACore

/// What is shown when a request could not be answered as wished.
struct ErrorPage: WebPage {
    private let layout: Layout
    private let content: HTML

    init(_ services: HostServices, _ context: RequestContext, _ failure: WebError) {
        layout = Layout(context, .none, title: failure.kind.title)
        let way: HTML =
            failure.kind == .signInNeeded
            ? "<p><a class=\"button\" href=\"\(SignInPage.path(leadingTo: WebPath.pageBefore(context.request) ?? "/integrations"))\">Sign in</a></p>"
            : "<p><a class=\"button\" href=\"/integrations\">To the integrations</a></p>"
        content = """
            <h1>\(failure.kind.title)</h1>
            <p>\(failure.sentence)</p>
            <p class="help">Correlation id: <code>\(context.correlationID.rawValue)</code></p>
            \(way)
            """
    }

    init(_ services: HostServices, _ context: RequestContext, _ failure: PSAError) {
        layout = Layout(context, .none, title: failure.guidance.title)
        content = """
            <h1>That did not work</h1>
            \(GuidancePanel(error: failure, services: services, isBesideForm: false).html)
            <p><a class="button" href="/integrations">To the integrations</a></p>
            """
    }

    var document: HTML { layout.document(content) }
}
