import PSACore
import WebServer

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

    /// The connector with the pages of this host that lead to its settings.
    private func json(_ descriptor: ConnectorDescriptor) -> JSONValue {
        let pages = descriptor.settings.fields.map { field in
            (field.key.rawValue, services.guides.path(of: field.guideAnchor).map(JSONValue.string))
        }
        return descriptor.json.adding(("guidePages", .init(present: pages)))
    }
}
