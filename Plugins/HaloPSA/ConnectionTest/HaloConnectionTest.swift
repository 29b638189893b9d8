import FoundationEssentials
import PSACore

/// One test of a connection, within the context's time limit: first the server and the token at the same time, then either all reads at the
/// same time or, if there is no token, the checks that tell its causes apart.
struct HaloConnectionTest: Sendable {
    let settings: HaloSettings
    let client: HaloClient
    let connector: HaloConnector

    /// Runs the test; the connector given has its own token and patience, so that credentials are tried anew.
    func run(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        func note(_ check: ConnectionCheck) {
            progress(check)
            checks.append(check)
        }
        note(ConnectionCheck(.address, .passed, evidence: HaloMessage.wellFormed(settings.tenantURL.text), duration: .zero))

        async let serverAnswer = timed { try await client.probe(settings.tenantURL) }
        async let tokenAnswer = timed { try await token() }
        let (server, issued) = (try await serverAnswer, try await tokenAnswer)
        // An answer to the token request, even a refusal, proves that the way there is open.
        let isAnswered = issued.value.token != nil || issued.value.error?.vendor?.status != nil
        for check in serverChecks(server.value, took: server.duration, isFatal: !isAnswered) { note(check) }

        guard let token = issued.value.token else {
            guard let failure = issued.value.error else { return checks }
            if case .silent = server.value, !isAnswered {
                note(ConnectionCheck(.credentials, .skipped, evidence: HaloMessage.notReached))
            } else {
                let told = try await diagnosed(failure, server: server.value)
                note(ConnectionCheck(.credentials, .failed, evidence: told.observed, duration: issued.duration, error: told))
            }
            return checks
        }
        note(ConnectionCheck(.credentials, .passed, evidence: HaloMessage.tokenIssued, duration: issued.duration))
        note(scopeCheck(token.grantedScope))
        return checks + (try await reads(progress))
    }

    private func token() async throws -> (token: AccessToken?, error: PSAError?) {
        do {
            return (try await client.token(), nil)
        } catch let error as PSAError {
            return (nil, error)
        }
    }

    /// The steps on the way to the server, told from where its answer failed.
    ///
    /// The endpoint may be closed on purpose; as long as a token is issued, nothing here is fatal.
    private func serverChecks(_ probe: HaloProbe, took: Duration, isFatal: Bool) -> [ConnectionCheck] {
        let steps: [(ConnectionCheck.Subject, HaloMessage)] = [
            (.nameResolution, .nameResolved), (.connection, .connectionMade), (.certificate, .certificateInOrder), (.reachable, .answers),
        ]
        let failing: Int? =
            switch probe {
            case .halo: nil
            case .stranger: 3
            case .silent(let error):
                switch error.code {
                case .networkDNSNotFound, .urlForbiddenAddress: 0
                case .networkRefused, .networkTimeout, .networkInterrupted, .proxyAuthenticationRequired: 1
                case .tlsUntrusted, .tlsSelfSigned, .tlsExpired, .tlsNotYetValid, .tlsNameMismatch, .tlsNotSpoken: 2
                default: 3
                }
            }
        return steps.enumerated().map { index, step in
            if let failing, index > failing { return ConnectionCheck(step.0, .skipped, evidence: HaloMessage.notReached) }
            if index == failing, let error = probe.error {
                let isSilent = probe.pointers.isEmpty && error.code != .urlNotVendor
                let outcome: ConnectionCheck.Outcome = isFatal && isSilent && !isStranger(probe) ? .failed : .warning
                return ConnectionCheck(step.0, outcome, evidence: error.observed, duration: took, error: error)
            }
            if step.0 == .certificate, settings.tenantURL.scheme == "http" {
                return ConnectionCheck(.certificate, .skipped, evidence: HaloMessage.plainHTTP)
            }
            return ConnectionCheck(step.0, .passed, evidence: step.1, duration: index == 3 ? took : nil)
        }
    }

    private func isStranger(_ probe: HaloProbe) -> Bool {
        guard case .stranger = probe else { return false }
        return true
    }

    private func scopeCheck(_ granted: GrantedScope?) -> ConnectionCheck {
        guard let granted else { return ConnectionCheck(.scope, .skipped, evidence: HaloMessage.grantUnknown) }
        let missing = Self.neededScopes.filter { granted.lacks($0) }
        guard !missing.isEmpty else { return ConnectionCheck(.scope, .passed, evidence: HaloMessage.allGranted, duration: .zero) }
        let error = client.scopeError(missing)
        return ConnectionCheck(.scope, .warning, evidence: HaloMessage.notGranted(missing), duration: .zero, error: error)
    }

    private static let neededScopes = ["read:tickets", "edit:tickets", "read:customers", "read:contracts", "read:invoices"]

    /// A piece of work with the time it took, by the context's clock.
    func timed<Value: Sendable>(_ work: () async throws -> Value) async rethrows -> (value: Value, duration: Duration) {
        let start = client.time.instant()
        let value = try await work()
        return (value, client.time.instant() - start)
    }
}

extension PSAError {
    /// What was observed about its first cause, or what happened, as a phrase.
    var observed: any LocalizedMessage { observation ?? findings.first { $0.evidence != nil }?.evidence ?? HaloMessage.notReached }
}
