public import PSACore

/// A connector that is a program of its own, in any language: `Docs/ExternalConnectors.md` specifies the protocol.
///
/// It runs in a process for each connection, gets settings and secrets over its standard input only, and makes its HTTP requests through
/// the host. Every fault (crash, hang, flood, invalid messages) ends the program and throws a ``/PSACore/PSAError``; the host and the other
/// connectors continue. It is not a sandbox: the program has the rights of the host's user.
public struct ExternalConnector: Sendable {
    /// The contract version that this host supports.
    public static let contractVersion = 1

    /// Its description, and the factory of connections.
    public let entry: ConnectorRegistration
    /// The connection guide, in Markdown; nil if it has none.
    public let guide: String?

    /// Starts a program, asks for its description, and ends it.
    ///
    /// - Parameters:
    ///   - path: The program's absolute path.
    ///   - limits: The limits of its resources and timeouts, now and later.
    ///   - time: The clock for the limits; retries and the rate limit use the clock of each connection.
    /// - Throws: ``UnusableConnector`` with what is wrong, or `CancellationError`.
    public init(
        at path: String, limits: ExternalConnectorLimits = ExternalConnectorLimits(), time: TimeSource = .system
    ) async throws {
        let description = try await Self.description(path, limits, time)
        guide = description.guide
        entry = ConnectorRegistration(descriptor: description.descriptor) { settings, context in
            ExternalConnection(path: path, description: description, settings: settings, context: context, limits: limits, time: time)
        }
    }

    /// The entry of the program at a path, for a registry.
    ///
    /// - Parameters:
    ///   - path: The program's absolute path.
    ///   - limits: The limits of its resources and timeouts, now and later.
    ///   - time: The clock for the limits; retries and the rate limit use the clock of each connection.
    /// - Returns: The entry.
    /// - Throws: ``UnusableConnector`` with what is wrong, or `CancellationError`.
    public static func entry(
        at path: String, limits: ExternalConnectorLimits = ExternalConnectorLimits(), time: TimeSource = .system
    ) async throws -> ConnectorRegistration {
        try await ExternalConnector(at: path, limits: limits, time: time).entry
    }

    private static func description(
        _ path: String, _ limits: ExternalConnectorLimits, _ time: TimeSource
    ) async throws -> ConnectorDescription {
        var brief = limits
        // A program that can't describe itself within the start timeout has to be repaired first.
        brief.silence = limits.start
        do {
            let conversation = try await ProgramSession.start(path, limits: brief, time: time, relay: nil, redactor: Redactor([]))
            defer { conversation.end() }
            let outcome = try await conversation.call(.describe, [:])
            switch outcome.ending {
            case .result(let view): return try ConnectorDescription(view)
            case .refusal: throw UnusableConnector(path: path, UnusableConnectorMessage.wontDescribe, stderrTail: outcome.trace.stderrTail)
            case .fault(let fault): throw UnusableConnector(path: path, fault, stderrTail: outcome.trace.stderrTail)
            }
        } catch let failure as ProgramSession.Failure {
            throw UnusableConnector(path: path, failure.fault, stderrTail: failure.stderrTail)
        } catch let mismatch as WireMismatch {
            throw UnusableConnector(path: path, mismatch)
        }
    }
}
