public import PSACore

/// The connectors that a host offers once its folder was scanned: those that are compiled in, and those that were found.
public struct FoundConnectors: Sendable {
    /// Those that are compiled in.
    public let compiledIn: ConnectorRegistry
    /// All that can be used.
    public private(set) var registry: ConnectorRegistry
    /// Those that were found.
    public private(set) var external: [ExternalConnector] = []
    /// Programs that can't be used, with what is wrong.
    public private(set) var unusable: [UnusableConnector] = []

    /// Starts with those that are compiled in.
    public init(_ registry: ConnectorRegistry) {
        compiledIn = registry
        self.registry = registry
    }

    /// Scans a folder: each program is started, asked for its description, and ended, all concurrently.
    ///
    /// An unusable program does not affect the others; a name that is taken stays with its first connector.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - limits: The limits of each.
    ///   - time: The host's time.
    /// - Returns: What was there before, and what was found.
    /// - Throws: ``ConnectorsFolder/UnsafeFolderError`` if another user could have put a program there, or `CancellationError`.
    public func adding(
        from folder: ConnectorsFolder, limits: ExternalConnectorLimits = ExternalConnectorLimits(), time: TimeSource = .system
    ) async throws -> FoundConnectors {
        let (programs, refused) = try folder.programs()
        var found = self
        found.unusable += refused
        let asked = try await withThrowingTaskGroup(of: (String, Result<ExternalConnector, UnusableConnector>).self) { group in
            for path in programs { group.addTask { (path, try await Self.ask(path, limits, time)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for path in programs {
            switch asked[path] {
            case .success(let connector): found.add(connector, at: path)
            case .failure(let problem): found.unusable.append(problem)
            case nil: break
            }
        }
        return found
    }

    private static func ask(
        _ path: String, _ limits: ExternalConnectorLimits, _ time: TimeSource
    ) async throws -> Result<ExternalConnector, UnusableConnector> {
        do {
            return .success(try await ExternalConnector(at: path, limits: limits, time: time))
        } catch let problem as UnusableConnector {
            return .failure(problem)
        }
    }

    private mutating func add(_ connector: ExternalConnector, at path: String) {
        do {
            registry = try registry.adding(connector.entry)
            external.append(connector)
        } catch {
            let descriptor = connector.entry.descriptor
            let names = Set(registry.descriptors.flatMap { [$0.id.rawValue] + $0.aliases })
            let taken = ([descriptor.id.rawValue] + descriptor.aliases).first { names.contains($0) } ?? descriptor.id.rawValue
            unusable.append(UnusableConnector(path: path, UnusableConnectorMessage.nameTaken(taken)))
        }
    }
}
