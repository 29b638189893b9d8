import WebServer

extension PageRoutes {
    var guideRoutes: [Route] {
        [
            Route(.get, "/guides", .viewer) { .page(200, GuidesPage(services: services, exchange: $0)) },
            Route(.get, "/guides/{slug}", .viewer) { exchange in
                guard let guide = services.guides.guide(exchange.parameter("slug")) else {
                    throw WebFailure(.notFound, "There is no guide of this name. The list of guides shows those there are.")
                }
                return .page(200, DocumentPage(exchange: exchange, guide: guide))
            },
            Route(.get, "/errors", .viewer) { .page(200, DocumentPage(exchange: $0, guide: services.guides.errorReference)) },
        ]
    }
}
