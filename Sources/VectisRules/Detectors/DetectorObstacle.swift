package import FoundationEssentials
package import PSAEngine

/// Why a detector finds nothing at present: the copy can't be relied on for it.
package enum DetectorObstacle: Sendable, Hashable {
    /// There is no copy of the connection's tenant yet.
    case noCopy
    /// The connector can't read a list.
    case notOffered(SyncResource)
    /// A list was not read to its end yet.
    case notRead(SyncResource)
    /// A list is too old.
    case stale(SyncResource)
    /// A list came with gaps or unreadable rows, or misses so many records that a person has to decide.
    case incomplete(SyncResource)
    /// A list changed again and again while it was looked at.
    case changing(SyncResource)

    /// What is the matter, for a person.
    package var sentence: String {
        switch self {
        case .noCopy: "There is no local copy of this connection yet."
        case .notOffered(let resource): "The connector can’t read \(resource.title)."
        case .notRead(let resource): "The list of \(resource.title) was not read to its end yet."
        case .stale(let resource): "The local copy of \(resource.title) is stale."
        case .incomplete(let resource):
            "The list of \(resource.title) is not complete: it came with gaps or unreadable rows, or misses many records. What is missing in it proves nothing."
        case .changing(let resource): "The local copy of \(resource.title) changed while it was looked at. The next run looks again."
        }
    }
}

extension DetectorKind {
    /// Why the copy can't be relied on; nil if it can.
    ///
    /// Each list that a detector reads has to be read to its end once, and must not be stale. A list in which something has to be missing
    /// must be complete as well: its latest run was a full one without gaps and unreadable rows, and no guard has stopped it.
    ///
    /// - Parameters:
    ///   - statuses: How the resources of the connection stand.
    ///   - policy: How the copy is kept in sync.
    ///   - now: The time.
    /// - Returns: The first obstacle.
    package func obstacle(_ statuses: [SyncStatus], _ policy: SyncPolicy, at now: Date) -> DetectorObstacle? {
        guard !statuses.isEmpty else { return .noCopy }
        for (resource, isNeeded) in reads {
            guard let status = statuses.first(where: { $0.resource == resource }) else {
                if isNeeded { return .notOffered(resource) }
                continue
            }
            if status.progress.lastFullAt == nil || status.progress.freshAt == nil { return .notRead(resource) }
            if status.isStale(at: now, policy) { return .stale(resource) }
            if self == .companyWithoutAgreement, resource == .agreements, !status.progress.isComplete { return .incomplete(resource) }
        }
        return nil
    }

    /// The lists that it reads, and whether it finds nothing without them.
    private var reads: [(SyncResource, isNeeded: Bool)] {
        switch self {
        case .agreementEnding: [(.agreements, true), (.companies, false)]
        case .ticketWaiting: [(.tickets, true)]
        case .companyWithoutAgreement: [(.agreements, true), (.companies, true), (.tickets, true)]
        case .syncStale: []
        }
    }
}

extension SyncProgress {
    /// Whether the copy has every record of the list, as far as that can be known.
    fileprivate var isComplete: Bool {
        missing == nil && lastRun.map { $0.kind == .full && !$0.hasGap && $0.unreadable == 0 } ?? false
    }
}
