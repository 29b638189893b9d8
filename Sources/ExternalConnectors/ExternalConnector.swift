public import PSACore

/// A connector that is a program of its own, in any language: `Docs/ExternalConnectors.md` says what it speaks.
///
/// It runs in a process for each connection, gets settings and secrets over its standard input only, and makes its HTTP requests through the
/// host. Whatever it does (crash, hang, flood, speak nonsense) ends in a ``PSAError`` and with the program; the host and the other connectors
/// go on. It is not a sandbox: the program has the rights of the host's user.
public struct ExternalConnector: Sendable {
    /// The version of the contract this host speaks.
    public static let contractVersion = 1

    /// What it says about itself, and how a connection is made.
    public let entry: ConnectorRegistration
    /// The document that leads a person through connecting, in Markdown; nil if it has none.
    public let guide: String?

    /// Starts a program, asks what it is, and ends it.
    ///
    /// - Parameters:
    ///   - path: The program's absolute path.
    ///   - limits: How much it may take, now and later.
    ///   - time: The clock by which the limits are kept; retries and the pace go by the clock of each connection.
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
    ///   - limits: How much it may take, now and later.
    ///   - time: The clock by which the limits are kept; retries and the pace go by the clock of each connection.
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
        // A program that can't say what it is within its start has to be mended first.
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
