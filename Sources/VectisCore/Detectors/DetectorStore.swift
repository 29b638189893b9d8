package import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisRules

/// The part of the storage that keeps the settings of detectors, and knows which tickets were created for findings.
package protocol DetectorStore: Sendable {
    /// The settings of a connection; all off with revision 0 before the first change.
    func detectorSettings(of connection: ConnectionID) async throws -> StoredDetectorSettings

    /// The settings of all connections that have a detector on.
    func detectorSettings() async throws -> [ConnectionID: DetectorSettings]

    /// Replaces the settings whose stored revision is the given one, and returns them with the next; the detectors are due then.
    ///
    /// - Throws: ``StoreError/stale``, or ``StoreError/notFound`` if there is no such connection.
    func setDetectorSettings(
        _ settings: DetectorSettings, of connection: ConnectionID, revision: Int, audit: AuditEntry
    ) async throws -> StoredDetectorSettings

    /// The latest run of the detectors of a connection, whichever process made it; nil before the first.
    func detectorRuns(of connection: ConnectionID) async throws -> StoredDetectorRuns?

    /// Stores a run; does nothing if the connection does not exist any more.
    func setDetectorRuns(_ runs: StoredDetectorRuns, of connection: ConnectionID) async throws

    /// The tickets of a connection that were created for findings of its detectors, or may have been.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - origin: Where the findings were reported, see ``EventNamespace/origin(of:)``.
    /// - Returns: Their ids and write references.
    /// - Throws: Errors of the storage.
    func ticketsOfFindings(of connection: ConnectionID, origin: String) async throws -> FindingTickets
}

/// The latest run of the detectors of a connection.
package struct StoredDetectorRuns: Sendable, Equatable {
    /// When it began.
    package var at: Date
    /// What the copy was like, see ``DetectorService``; empty if the detectors are due whatever it is like.
    package var copy: String
    /// How each detector ended.
    package var runs: [DetectorKind: DetectorService.Run]

    /// Creates a run.
    package init(at: Date, copy: String, runs: [DetectorKind: DetectorService.Run]) {
        self.at = at
        self.copy = copy
        self.runs = runs
    }
}

extension StoredDetectorRuns {
    /// How each detector ended, as it is stored.
    package var storedRuns: String {
        let members = runs.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, run in
            let facts = JSONValue(present: [
                ("at", .integer(Int((run.at.timeIntervalSince1970 * 1_000).rounded()))), ("found", .integer(run.found)),
                ("raised", .integer(run.raised)), ("left", .integer(run.left)),
                ("obstacle", run.obstacle.map { .string($0.stored) }),
            ])
            return (kind.rawValue, JSONValue?.some(facts))
        }
        return JSONValue(present: members).encodedText
    }

    /// Reads what ``storedRuns`` wrote; nil if it is something else.
    ///
    /// Kinds and obstacles that are not known are left out.
    package static func runs(stored text: String) -> [DetectorKind: DetectorService.Run]? {
        guard let root = try? JSONDocument(Array(text.utf8)).root else { return nil }
        var runs: [DetectorKind: DetectorService.Run] = [:]
        for kind in DetectorKind.allCases {
            guard let view = root[kind.rawValue], let at = view["at"]?.integer else { continue }
            runs[kind] = DetectorService.Run(
                at: Date(timeIntervalSince1970: Double(at) / 1_000), found: view["found"]?.integer ?? 0,
                raised: view["raised"]?.integer ?? 0, left: view["left"]?.integer ?? 0,
                obstacle: view["obstacle"]?.string.flatMap(DetectorObstacle.init(stored:)))
        }
        return runs
    }
}

extension DetectorObstacle {
    fileprivate var stored: String {
        switch self {
        case .noCopy: "no_copy"
        case .notOffered(let resource): "not_offered/\(resource.rawValue)"
        case .notRead(let resource): "not_read/\(resource.rawValue)"
        case .stale(let resource): "stale/\(resource.rawValue)"
        case .incomplete(let resource): "incomplete/\(resource.rawValue)"
        case .changing(let resource): "changing/\(resource.rawValue)"
        }
    }

    fileprivate init?(stored text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        let resource = parts.count == 2 ? SyncResource(rawValue: parts[1]) : nil
        switch (parts.first, resource) {
        case ("no_copy", nil): self = .noCopy
        case ("not_offered", let resource?): self = .notOffered(resource)
        case ("not_read", let resource?): self = .notRead(resource)
        case ("stale", let resource?): self = .stale(resource)
        case ("incomplete", let resource?): self = .incomplete(resource)
        case ("changing", let resource?): self = .changing(resource)
        default: return nil
        }
    }
}

/// The tickets that were created for findings: none of them is a finding again.
package struct FindingTickets: Sendable, Equatable {
    /// The ids of those that are known to exist.
    package var ids: Set<String> = []
    /// The references of all writes, also of those whose outcome is unknown, in lower case.
    package var references: Set<String> = []

    /// Creates an empty set.
    package init() {}

    /// Whether a ticket of a local copy is one of them: by its id, by its external reference or, where it has none, by its text.
    package func contains(_ ticket: SyncRecord) -> Bool {
        if ids.contains(ticket.id.rawValue) { return true }
        guard !references.isEmpty, let text = (ticket.content["externalReference"] ?? ticket.content["details"])?.string else {
            return false
        }
        return !WriteReference.all(in: text).isDisjoint(with: references)
    }
}
