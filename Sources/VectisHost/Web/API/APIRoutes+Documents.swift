import PSACore
import WebServer

extension APIRoutes {
    /// What can be read about errors and about the API itself.
    var documentRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/errors", .viewer) { context in
                try context.allowQuery([])
                return .json(["errors": .array(ErrorCode.allCases.map { $0.catalogueEntry(in: context.renderer) })])
            },
            Route(.get, "\(Self.root)/errors/{code}", .viewer) { context in
                try context.allowQuery([])
                guard let code = ErrorCode.known(context.parameter("code")) else {
                    throw WebError(.notFound, "There is no error of this code. “\(Self.root)/errors” lists them all.")
                }
                return .json(code.catalogueEntry(in: context.renderer))
            },
            Route(.get, "\(Self.root)/openapi.json", .open) { _ in
                WebResponse(
                    status: 200, headers: ["Content-Type": "application/json"], body: .bytes(Array(EmbeddedFile.openAPI.text.utf8)))
            },
        ]
    }
}
