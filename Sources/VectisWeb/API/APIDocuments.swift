package import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// The documents about errors and about the API itself.
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

extension APIRoutes {
    var connectorRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connectors", .viewer) { context in
                try context.allowQuery([])
                return .json(["connectors": .array(services.registry.descriptors.map(\.summaryJSON))])
            },
            Route(.get, "\(Self.root)/connectors/{connector}", .viewer) { context in
                try context.allowQuery([])
                return .json(json(try services.registry.descriptor(named: context.parameter("connector"))))
            },
        ]
    }

    /// The connector with links to the pages of its settings.
    private func json(_ descriptor: ConnectorDescriptor) -> JSONValue {
        let pages = descriptor.settings.fields.map { field in
            (field.key.rawValue, services.guides.path(of: field.guideAnchor).map(JSONValue.string))
        }
        return descriptor.json.adding(("guidePages", .init(present: pages)))
    }
}

extension ConnectorDescriptor {
    /// The connector in a list, for programs.
    package var summaryJSON: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(displayName)), ("tier", .string(tier.rawValue)),
            ("grade", grade.map { .string($0.rawValue) }), ("capabilities", .array(capabilities.sorted().map { .string($0.rawValue) })),
        ])
    }

    /// The connector's full description, for programs.
    package var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("aliases", .array(aliases.map(JSONValue.string))), ("name", .string(displayName)),
            ("tier", .string(tier.rawValue)), ("grade", grade.map { .string($0.rawValue) }), ("guide", .string(guide)),
            ("settings", .array(settings.fields.map { $0.json(for: id) })),
            ("capabilities", .array(capabilities.sorted().map { .string($0.rawValue) })),
        ])
    }
}

extension SettingField {
    fileprivate func json(for connector: ConnectorID) -> JSONValue {
        .init(present: [
            ("key", .string(key.rawValue)), ("label", .string(label)), ("help", .string(help)), ("example", .string(example)),
            ("required", .bool(isRequired)), ("secret", .bool(isSecret)), ("purpose", .string(purpose.name)),
            ("default", defaultValue.map(JSONValue.string)),
            ("environment", .string(key.environmentVariable(for: connector))), ("guide", .string(guideAnchor.description)),
        ])
    }
}

extension SettingField.Purpose {
    /// The purpose in one word.
    fileprivate var name: String {
        switch self {
        case .tenant: "tenant"
        case .access: "access"
        case .ticketDefault: "ticketDefault"
        case .behaviour: "behaviour"
        }
    }
}

extension ErrorCode {
    /// The entry of the catalogue, for programs: a problem without what only an occurrence has.
    package func catalogueEntry(in renderer: TextRenderer) -> JSONValue {
        let error = PSAError(self, catalogue: ErrorReference.catalogue(of: self))
        guard case .object(let members) = error.problem(in: renderer) else { return nil }
        return .object(members.filter { $0.name != "correlationID" })
    }
}
