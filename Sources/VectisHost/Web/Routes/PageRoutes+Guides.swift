import WebServer

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
            Route(.get, "/errors", .viewer) { .page(200, DocumentPage(context: $0, guide: services.guides.errorReference)) },
        ]
    }
}
