/// The boundary through which a host uses a connection.
///
/// It checks the declared capability before each call, fills in where an error happened, lets cancellation pass untouched, and turns
/// whatever else escapes from a connector into `connector.defect`.
public struct ConnectorSession: Sendable {
    /// What the connector says about itself.
    public let descriptor: ConnectorDescriptor
    private let connection: any PSAConnection

    init(_ connection: any PSAConnection, descriptor: ConnectorDescriptor) {
        self.connection = connection
        self.descriptor = descriptor
    }

    /// Whether the connector can do something.
    public func can(_ capability: Capability) -> Bool { descriptor.capabilities.contains(capability) }

    /// Tries the connection.
    ///
    /// - Parameter progress: Called with each check as it ends.
    /// - Returns: Every check, and by it whether the connection works.
    /// - Throws: `CancellationError`, or ``PSAError`` for a fault inside the connector; a connection that does not work is a report.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void = { _ in }) async throws -> ConnectionReport {
        var report = try await attributed(CoreMessage.connectionTest) {
            try await connection.testConnection { progress($0.attributed(to: descriptor.id)) }
        }
        report.checks = report.checks.map { $0.attributed(to: descriptor.id) }
        return report
    }

    /// Runs one operation of an ability.
    func perform<Ability, Value>(
        _ capability: Capability, _ ability: Ability.Type, _ operation: (Ability) async throws -> Value
    ) async throws -> Value {
        if descriptor.tier == .placeholder { throw error(.connectorPlaceholder, about: CoreMessage.capability(capability)) }
        guard can(capability) else { throw error(.connectorUnsupported, about: CoreMessage.capability(capability)) }
        guard let able = connection as? Ability else {
            throw error(.connectorDefect, about: CoreMessage.capability(capability), evidence: CoreMessage.notBuilt)
        }
        return try await attributed(CoreMessage.capability(capability)) { try await operation(able) }
    }

    /// Runs one operation that changes data, and states in its error whether the vendor may have executed it.
    ///
    /// The judgement rests on the requests that were observed, whatever the connector makes of their answers: only what the descriptor's
    /// ``ConnectorDescriptor/nonExecutionRules`` and the transport prove counts as not executed. A cancelled task gets
    /// `write.outcome_unknown` if a request had left.
    func performWrite<Ability, Value>(
        _ capability: Capability, _ ability: Ability.Type, _ operation: (Ability) async throws -> Value
    ) async throws -> Value {
        let log = WriteLog()
        do {
            return try await WriteLog.$current.withValue(log) { try await perform(capability, ability, operation) }
        } catch let error as PSAError {
            let evidence = log.evidence(descriptor.nonExecutionRules)
            let failed = error.judged(by: evidence)
            // The transport ends a write that never left as interrupted.
            if Task.isCancelled, !failed.mayHaveBeenExecuted, error.code.area == "network" { throw CancellationError() }
            throw failed
        } catch is CancellationError where log.evidence(descriptor.nonExecutionRules).mayHaveBeenExecuted {
            var error = error(.writeOutcomeUnknown, about: CoreMessage.capability(capability), evidence: .cancelledAfterSending)
            error.execution = .unknown
            throw error
        }
    }

    private func attributed<Value>(_ object: CoreMessage, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw PSAError(escaped: error, from: descriptor, during: object)
        }
    }

    private func error(_ code: ErrorCode, about object: CoreMessage, evidence: CoreMessage? = nil) -> PSAError {
        var error = PSAError(code, catalogue: descriptor.guidance, values: [.object: .phrase(object)], evidence: evidence)
        error.connector = descriptor.id
        return error
    }
}

extension ConnectionCheck {
    /// The check with the connector filled in where an error happened.
    func attributed(to connector: ConnectorID) -> ConnectionCheck {
        var check = self
        check.error?.connector = connector
        return check
    }
}

extension PSAError {
    /// What a host sees of an error that left a connector: its own with the connector filled in, or a defect without the foreign text.
    init(escaped error: any Error, from descriptor: ConnectorDescriptor, during object: CoreMessage) {
        self =
            error as? PSAError
            ?? PSAError(
                .connectorDefect, catalogue: descriptor.guidance, values: [.object: .phrase(object)],
                evidence: CoreMessage.escaped(type: "\(type(of: error))"))
        connector = descriptor.id
    }
}
