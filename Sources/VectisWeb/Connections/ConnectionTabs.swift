import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The pages of one connection.
struct ConnectionTabs: Sendable {
    enum Page: Sendable {
        case overview
        case settings
        case ticketDefaults
        case data
        case detectors
    }

    let connection: StoredConnection
    /// The connector; nil if it is missing.
    let descriptor: ConnectorDescriptor?
    let context: RequestContext
    /// The present page; nil for a page below one of them.
    let current: Page?

    private var pages: [Page] {
        let isAdmin = context.user?.isAdmin ?? false
        let hasDefaults = descriptor.map { $0.hasTicketDefaults || $0.capabilities.contains(.createTestTickets) } ?? false
        return [.overview] + (isAdmin && descriptor != nil ? [.settings] : []) + (hasDefaults ? [.ticketDefaults] : []) + [
            .data, .detectors,
        ]
    }

    var html: HTML {
        Tabs(
            label: "Pages of “\(connection.name)”", tabs: pages.map { Tabs.Tab(Self.name($0), path($0)) },
            current: current.map(path) ?? ""
        ).html
    }

    private static func name(_ page: Page) -> HTML {
        switch page {
        case .overview: "Overview"
        case .settings: "Settings"
        case .ticketDefaults: "Ticket defaults"
        case .data: "Data"
        case .detectors: "Detectors"
        }
    }

    private func path(_ page: Page) -> String {
        let path = ConnectionOverviewPage.path(of: connection.id)
        return switch page {
        case .overview: path
        case .settings: path + "/settings"
        case .ticketDefaults: path + "/ticket-defaults"
        case .data: DataPage.path(of: connection.id)
        case .detectors: "/connections/\(connection.id)/detectors"
        }
    }
}

extension ConnectorDescriptor {
    /// Whether tickets of the connector can have defaults.
    var hasTicketDefaults: Bool { settings.fields.contains { if case .ticketDefault = $0.purpose { true } else { false } } }
}
