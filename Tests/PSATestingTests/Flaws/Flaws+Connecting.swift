import PSACore
import PSATesting
import SampleConnector

extension Flaw {
    /// Connectors whose test of a connection proves something else than it should.
    static let connecting: [Flaw] = [
        testing("connection.works") { good, progress in
            var report = try await good.testConnection(progress: progress)
            report.host = ""
            return report
        },
        testing("connection.reads") { good, progress in
            let tickets = ConnectionCheck.Subject.read(.readTickets)
            var report = try await good.testConnection { if $0.subject != tickets { progress($0) } }
            report.checks.removeAll { $0.subject == tickets }
            return report
        },
        testing("connection.credentials") { good, progress in
            let report = try await good.testConnection { _ in }
            guard report.failure?.code.area == "auth" else { return try await good.testConnection(progress: progress) }
            let check = ConnectionCheck(.credentials, .passed, evidence: CoreMessage.connectionTest)
            progress(check)
            return ConnectionReport(connector: report.connector, host: report.host, checks: [check])
        },
        testing("connection.harmless") { good, progress in
            let report = try await good.testConnection(progress: progress)
            if report.isConnected { _ = try await good.createTicket(TicketDraft(summary: "A test")) }
            return report
        },
        testing("connection.progress") { good, _ in try await good.testConnection { _ in } },
        testing("connection.unreachable") { good, progress in
            let report = try await good.testConnection(progress: progress)
            if let failure = report.failure, failure.code == .networkDNSNotFound { throw failure }
            return report
        },
        Flaw(
            rule: "connection.patience",
            borrow: { context in
                var context = context
                context.connectionTestLimit = .seconds(2_000)
                return context
            }),
        testing("cancellation.testing") { good, progress in
            do {
                return try await good.testConnection(progress: progress)
            } catch is CancellationError {
                return ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: [])
            }
        },
    ]

    private static func testing(
        _ rule: String,
        _ test: @escaping @Sendable (SampleConnector, @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport
    ) -> Flaw {
        .acting(.init(rule)) { $0.test = test }
    }
}
