import PSACore
import WebServer

extension APIRoutes {
    var connectorRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connectors", .viewer) { exchange in
                try exchange.allowQuery([])
                return .json(["connectors": .array(services.registry.descriptors.map(\.summaryJSON))])
            },
            Route(.get, "\(Self.root)/connectors/{connector}", .viewer) { exchange in
                try exchange.allowQuery([])
                return .json(json(try services.registry.descriptor(named: exchange.parameter("connector"))))
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
