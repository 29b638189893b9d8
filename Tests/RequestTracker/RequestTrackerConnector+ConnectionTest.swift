import FoundationEssentials
public import PSACore

extension RequestTrackerConnector {
    /// Checks the way to the server, the token, one read of each resource and the queue of new tickets, within the context's limit.
    ///
    /// The token is sent only after the server has answered as RT does.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let tester = RequestTrackerConnector(
            settings: settings, context: context, patience: .test(within: context.connectionTestLimit))
        let checks = try await ConnectionTestDeadline.run(context.connectionTestLimit, time: context.time, progress) { progress in
            try await RTConnectionTest(connector: tester).run(progress)
        } whenLate: {
            let error = client.unanswered(
                TransportError(.timedOut, delivery: .maybeSent), stage: .read, object: .connectionTest, request: nil)
            return ConnectionCheck(.reachable, .failed, evidence: CoreMessage.unanswered(.timedOut), error: error)
        }
        return ConnectionReport(connector: Self.descriptor.id, host: settings.serverURL.authority, checks: checks)
    }
}
