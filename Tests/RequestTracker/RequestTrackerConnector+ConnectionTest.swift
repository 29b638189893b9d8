public import PSACore

extension RequestTrackerConnector {
    /// Checks the way to the server, the token, one read of each resource and the queue of new tickets, within the context's limit.
    ///
    /// The token is sent only after the server has answered as RT does.
    public func testConnection(progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let connector = RequestTrackerConnector(
            settings: settings, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
        return try await withoutActuallyEscaping(progress) { progress in
            try await client.connectionTest(about: .connectionTest, progress: progress) { progress in
                try await RTConnectionTest(connector: connector).run(progress)
            }
        }
    }
}
