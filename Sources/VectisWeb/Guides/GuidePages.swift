import Markdown
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The list of guides.
struct GuidesPage: WebPage {
    let services: HostServices
    let context: RequestContext

    var document: HTML {
        Layout(context, .guides, title: "Guides").document(
            """
            <h1>Guides</h1>
            <ul class="links">\(each: services.guides.guides + services.guides.topics, { "<li><a href=\"\($0.path)\">\($0.title.text)</a></li>" })
            <li><a href="/errors">Error reference: what can go wrong, why, and what to do</a></li></ul>
            """)
    }
}

/// One guide.
struct DocumentPage: WebPage {
    let context: RequestContext
    let guide: GuidePage

    var document: HTML {
        let steps = guide.headings.filter { $0.level == 2 }
        return Layout(context, .guides, title: guide.title.text).document(
            """
            <p class="crumbs"><a href="/guides">Guides</a></p>
            <h1>\(guide.title.text)</h1>
            <details class="contents"><summary>On this page</summary>
            <ul>\(each: steps, { "<li><a href=\"#\($0.id)\">\($0.text)</a></li>" })</ul></details>
            <article class="document">\(HTML(rendered: guide.html))</article>
            """)
    }
}

extension PageRoutes {
    var guideRoutes: [Route] {
        [
            Route(.get, "/guides", .viewer) { .page(200, GuidesPage(services: services, context: $0)) },
            Route(.get, "/guides/{slug}", .viewer) { context in
                guard let guide = services.guides.guide(context.parameter("slug")) else {
                    throw WebError(.notFound, "There is no guide of this name. The list of guides shows those there are.")
                }
                return .page(200, DocumentPage(context: context, guide: guide))
            },
        ] + errorRoutes
    }
}
