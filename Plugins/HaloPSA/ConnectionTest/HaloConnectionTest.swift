import PSACore

/// One test of a connection, within the context's time limit: first the server and the token at the same time, then either all reads at the
/// same time or, if there is no token, the checks that tell its causes apart.
struct HaloConnectionTest: Sendable {
    let settings: HaloSettings
    let client: HaloClient
    let connector: HaloConnector

    /// Runs the test; the connector given has its own token and timeouts, so that the credentials are tried again.
    func run(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        func record(_ check: ConnectionCheck) {
            progress(check)
            checks.append(check)
        }
        record(client.addressCheck)

        async let serverAnswer = client.measured { try await client.probe(settings.tenantURL) }
        async let tokenAnswer = client.measured { try await token() }
        let (server, issued) = (try await serverAnswer, try await tokenAnswer)
        // An answer to the token request, even a refusal, proves that the way there is open.
        let isAnswered = issued.value.token != nil || issued.value.error?.vendor?.status != nil
        // The endpoint may be closed on purpose; as long as a token is issued, nothing there is fatal.
        let isRequired = !isAnswered && server.value.isUnreachable
        for check in client.serverChecks(server.value, answered: .answers, took: server.duration, isRequired: isRequired) { record(check) }

        guard let token = issued.value.token else {
            guard let failure = issued.value.error else { return checks }
            if server.value.isUnreachable, !isAnswered {
                record(ConnectionCheck(skipped: .credentials))
            } else {
                let error = try await diagnosed(failure, server: server.value)
                record(ConnectionCheck(.credentials, .failed, error: error, duration: issued.duration))
            }
            return checks
        }
        record(client.tokenCheck(took: issued.duration))
        record(scopeCheck(token.grantedScope))
        return checks + (try await reads(progress))
    }

    private func token() async throws -> (token: AccessToken?, error: PSAError?) {
        do {
            return (try await client.token(), nil)
        } catch let error as PSAError {
            return (nil, error)
        }
    }

    private func scopeCheck(_ granted: GrantedScope?) -> ConnectionCheck {
        guard let granted else { return ConnectionCheck(.scope, .skipped, evidence: HaloMessage.grantUnknown) }
        let missing = Self.neededScopes.filter { granted.lacks($0) }
        guard !missing.isEmpty else { return ConnectionCheck(.scope, .passed, evidence: HaloMessage.allGranted, duration: .zero) }
        let error = client.scopeError(missing)
        return ConnectionCheck(.scope, .warning, evidence: HaloMessage.notGranted(missing), duration: .zero, error: error)
    }

    private static let neededScopes = ["read:tickets", "edit:tickets", "read:customers", "read:contracts", "read:invoices"]
}
