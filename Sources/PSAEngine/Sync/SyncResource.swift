public import PSACore

/// A list of a PSA that a local copy holds.
public enum SyncResource: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
    /// The customers, the inactive ones included; matching of companies uses them.
    case companies
    /// The people at customers, the inactive ones included.
    case contacts
    /// The staff of the MSP; the whole list is read each ``SyncPolicy/sweepInterval`` where changes cannot be asked for.
    case agents
    /// The ticket types; read whole each ``SyncPolicy/sweepInterval``, like the other picklists.
    case ticketTypes = "ticket-types"
    /// The statuses of all ticket types; read whole each ``SyncPolicy/sweepInterval``.
    case ticketStatuses = "ticket-statuses"
    /// The priorities of all scopes; read whole each ``SyncPolicy/sweepInterval``.
    case ticketPriorities = "ticket-priorities"
    /// The contracts, the ended ones included.
    case agreements
    /// The recurring invoices, as the list has them; their lines may be missing.
    case recurringInvoices = "recurring-invoices"
    /// The tickets: all at first, then those changed since the last run.
    case tickets
    /// The notes of tickets that changed after the first full run; they are read per ticket, never as a list.
    case notes

    /// The resource as commands and addresses write it.
    public var description: String { rawValue }

    /// The capability that a connector needs for it.
    public var capability: Capability {
        switch self {
        case .companies: .readCompanies
        case .contacts: .readContacts
        case .agents: .readAgents
        case .ticketTypes, .ticketStatuses, .ticketPriorities: .readPicklists
        case .agreements: .readAgreements
        case .recurringInvoices: .readRecurringInvoices
        case .tickets: .readTickets
        case .notes: .readNotes
        }
    }

    /// Whether it is a list that runs read.
    public var isList: Bool { self != .notes }

    /// How often its whole list is read where changes cannot be asked for.
    func listInterval(_ policy: SyncPolicy) -> Duration {
        switch self {
        case .agents, .ticketTypes, .ticketStatuses, .ticketPriorities: policy.sweepInterval
        default: policy.listInterval
        }
    }
}

/// How a local copy is kept in sync.
public struct SyncPolicy: Sendable {
    /// The interval between two runs that read changes; it doubles after each run without a change.
    public var changesInterval: Duration = .seconds(5 * 60)
    /// The longest interval between two runs that read changes.
    public var maxChangesInterval: Duration = .seconds(30 * 60)
    /// The interval between full runs of lists without a filter for changes.
    public var listInterval: Duration = .seconds(6 * 3_600)
    /// The interval between full runs of lists with such a filter, of agents and of picklists.
    public var sweepInterval: Duration = .seconds(24 * 3_600)
    /// By how much the span of changes begins before the latest change that is known.
    public var overlap: Duration = .seconds(10 * 60)
    /// The largest difference between this clock and the vendor's that is reckoned with.
    public var clockTolerance: Duration = .seconds(24 * 3_600)
    /// The largest share of the records that a full run may miss without asking, in percent.
    public var maxMissingPercent = 10
    /// The number of missing records from which the share counts.
    public var minMissingRows = 20
    /// The largest share of at least four records that a full run may miss without asking, in percent, also where fewer are missing than
    /// ``minMissingRows``; of two or three records, only all of them are too many.
    public var maxMissingPercentOfFew = 50
    /// The most tickets that are read one by one at the end of a turn, because they were hinted at, are missing, or have new notes.
    public var maxRereadsPerTurn = 100
    /// The longest time that one connection is worked on before others have their turn; a quarter of it is left to tickets that are read one
    /// by one.
    public var turn: Duration = .seconds(30)
    /// How many connections are worked on at the same time.
    public var maxConnections = 16
    /// How many connections have begun and not ended, those included that only wait for their rate limit or for an answer.
    public var maxWaitingConnections = 256
    /// How long a process holds a connection without renewing its lease.
    public var lease: Duration = .seconds(60)
    /// How long after a change of a ticket its notes are read.
    ///
    /// Vendors date changes to the second: a note that is added in the second of one that was read already would not be noticed.
    public var notesDelay: Duration = .seconds(2)
    /// Whether notes of changed tickets are read.
    public var readsNotes = true

    /// Creates the default policy.
    public init() {}

    /// Longer than every wait for a run or a reread.
    var maxWait: Duration {
        let intervals = SyncResource.allCases.map { $0.listInterval(self) } + [sweepInterval, maxChangesInterval, .seconds(86_400)]
        return (intervals.max() ?? sweepInterval) * 2
    }

    /// Longer than the wait between two runs of a resource that succeed.
    func maxWait(of resource: SyncResource) -> Duration { max(resource.listInterval(self), maxChangesInterval) * 2 }

    /// The age from which a resource counts as stale.
    ///
    /// - Parameters:
    ///   - resource: The resource.
    ///   - readsChanges: Whether its changes are read.
    /// - Returns: Four times the longest interval between two runs for changes, three times the interval for whole lists.
    public func staleAge(of resource: SyncResource, readsChanges: Bool) -> Duration {
        readsChanges ? maxChangesInterval * 4 : resource.listInterval(self) * 3
    }
}
