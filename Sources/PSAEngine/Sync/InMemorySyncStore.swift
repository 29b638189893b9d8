#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// A store of local copies in memory, for tests of a host; its contents end with the process.
///
/// It passes the same test suite as the durable store.
public actor InMemorySyncStore: SyncStore {
    private struct Stored {
        var record: SyncRecord
        var content: [UInt8]
        var details: [JSONValue.Member]
        var generation: Int64
    }

    private struct Copy {
        var copy: LocalCopy
        var lease: (holder: ProcessID, until: Date)?
        var statuses: [SyncResource: SyncStatus] = [:]
        var records: [SyncResource: [SyncRecord.ID: Stored]] = [:]
        var rereads: [RereadKey: (reread: Reread, dueAt: Date, order: Int)] = [:]
    }

    private struct RereadKey: Hashable {
        let ticket: Ticket.ID
        let isForNotes: Bool
    }

    private var stored: [ConnectionID: Copy] = [:]
    private var lastSequence: Int64 = 0
    private var lastReread = 0

    /// Creates an empty store.
    public init() {}

    /// As ``SyncStore/register(_:connector:tenant:)``.
    public func register(_ connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) {
        let copy = LocalCopy(connection: connection, connector: connector, tenant: tenant)
        guard stored[connection]?.copy != copy else { return }
        let other = stored.first { $0.value.copy.connector == connector && $0.value.copy.tenant == tenant }
        var taken = other?.value ?? Copy(copy: copy)
        if let other { stored[other.key] = nil }
        taken.copy = copy
        stored[connection] = taken
    }

    /// As ``SyncStore/copies()``.
    public func copies() -> [LocalCopy] {
        stored.values.map(\.copy).sorted { $0.connection.rawValue < $1.connection.rawValue }
    }

    /// As ``SyncStore/removeCopy(of:)``.
    public func removeCopy(of connection: ConnectionID) { stored[connection] = nil }

    /// As ``SyncStore/removeDeleted(before:limit:)``.
    public func removeDeleted(before time: Date, limit: Int) -> Int {
        var removed = 0
        for (connection, copy) in stored {
            for (resource, records) in copy.records {
                for (id, stored) in records where removed < limit && stored.record.state.isGone && stored.record.changedAt < time {
                    self.stored[connection]?.records[resource]?[id] = nil
                    removed += 1
                }
            }
        }
        return removed
    }

    /// As ``SyncStore/lease(_:by:now:until:)``.
    public func lease(_ connection: ConnectionID, by holder: ProcessID, now: Date, until: Date) -> Bool {
        guard let copy = stored[connection] else { return false }
        if let lease = copy.lease, lease.holder != holder, lease.until > now, !WrongClock.isTooFarAhead(lease.until, of: now) {
            return false
        }
        stored[connection]?.lease = (holder, until)
        return true
    }

    /// As ``SyncStore/renew(_:by:until:)``.
    public func renew(_ connection: ConnectionID, by holder: ProcessID, until: Date) -> Bool {
        guard holds(connection, holder) else { return false }
        stored[connection]?.lease = (holder, until)
        return true
    }

    /// As ``SyncStore/release(_:by:)``.
    public func release(_ connection: ConnectionID, by holder: ProcessID) {
        if holds(connection, holder) { stored[connection]?.lease = nil }
    }

    private func holds(_ connection: ConnectionID, _ holder: ProcessID) -> Bool { stored[connection]?.lease?.holder == holder }

    /// As ``SyncStore/statuses(of:countingRecords:)``.
    public func statuses(of connection: ConnectionID, countingRecords: Bool) -> [SyncStatus] {
        guard let copy = stored[connection] else { return [] }
        return copy.statuses.values.map { status in
            guard countingRecords else { return status }
            var status = status
            status.counts = (copy.records[status.resource] ?? [:]).values.reduce(into: [:]) { $0[$1.record.state, default: 0] += 1 }
            return status
        }.sorted { $0.resource.rawValue < $1.resource.rawValue }
    }

    /// As ``SyncStore/prepare(_:of:dueAt:)``.
    public func prepare(_ resources: [SyncResource], of connection: ConnectionID, dueAt time: Date) {
        for resource in resources where stored[connection]?.statuses[resource] == nil {
            stored[connection]?.statuses[resource] = SyncStatus(resource: resource, nextRunAt: time)
        }
    }

    /// As ``SyncStore/schedule()``.
    public func schedule() -> [ConnectionID: Date] {
        stored.compactMapValues { copy in
            let runs = copy.statuses.values.filter { !$0.isPaused && $0.resource.isList }.map {
                $0.request == nil ? $0.nextRunAt : .distantPast
            }
            let tickets = copy.rereads.values.compactMap { waiting -> Date? in
                guard copy.statuses[.tickets]?.isPaused == false else { return nil }
                guard waiting.reread.reason == .notes else { return waiting.dueAt }
                guard let notes = copy.statuses[.notes], !notes.isPaused else { return nil }
                return max(waiting.dueAt, notes.nextRunAt)
            }
            return (runs + tickets).min()
        }
    }

    /// As ``SyncStore/setPaused(_:_:of:)``.
    public func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, of connection: ConnectionID) {
        for resource in resources { stored[connection]?.statuses[resource]?.isPaused = isPaused }
    }

    /// As ``SyncStore/request(_:_:of:)``.
    public func request(_ request: SyncRequest, _ resources: Set<SyncResource>, of connection: ConnectionID) {
        for resource in resources {
            let known = stored[connection]?.statuses[resource]?.request
            stored[connection]?.statuses[resource]?.request = known.map { max($0, request) } ?? request
        }
    }

    /// As ``SyncStore/save(_:of:of:nextRunAt:begins:by:)``.
    public func save(
        _ progress: SyncProgress, of resource: SyncResource, of connection: ConnectionID, nextRunAt: Date?, begins: Bool,
        by holder: ProcessID
    ) -> Bool {
        guard holds(connection, holder) else { return false }
        stored[connection]?.statuses[resource]?.progress = progress
        if let nextRunAt { stored[connection]?.statuses[resource]?.nextRunAt = nextRunAt }
        if begins { stored[connection]?.statuses[resource]?.request = nil }
        return true
    }

    /// As ``SyncStore/apply(_:of:by:at:)``.
    public func apply(_ page: SyncPage, of connection: ConnectionID, by holder: ProcessID, at time: Date) -> SyncChanges? {
        guard holds(connection, holder), var copy = stored[connection] else { return nil }
        var changes = SyncChanges()
        let generation = (page.progress ?? copy.statuses[page.resource]?.progress ?? SyncProgress()).generation
        if lastSequence == 0 { lastSequence = ChangeSequence.origin(at: time) }
        for row in page.rows {
            guard let isNew = merge(row, page, &copy, generation, time) else { continue }
            if isNew { changes.added += 1 } else { changes.changed += 1 }
            if let dueAt = page.notesDueAt, row.state != .deleted, let ticket = Ticket.ID(row.id.rawValue) {
                enqueue(Reread(ticket, .notes), &copy, dueAt)
            }
        }
        if let ticket = page.allNotesOf {
            let seen = Set(page.rows.map(\.id))
            for (id, note) in copy.records[.notes] ?? [:]
            where note.record.facts.ticket == ticket && note.record.state == .present && !seen.contains(id) {
                setState(.unreachable, of: id, .notes, &copy, time)
            }
        }
        if let progress = page.progress {
            var progress = progress
            progress.run?.added += changes.added
            progress.run?.changed += changes.changed
            copy.statuses[page.resource]?.progress = progress
        }
        if let reread = page.reread { copy.rereads[RereadKey(ticket: reread.ticket, isForNotes: reread.reason == .notes)] = nil }
        stored[connection] = copy
        return changes
    }

    /// Stores a row; returns whether it was new, or nil if nothing changed.
    private func merge(_ row: SyncRow, _ page: SyncPage, _ copy: inout Copy, _ generation: Int64, _ time: Date) -> Bool? {
        guard var known = copy.records[page.resource]?[row.id] else {
            guard !page.onlyKnown else { return nil }
            lastSequence += 1
            let record = SyncRecord(
                resource: page.resource, id: row.id, sequence: ChangeSequence(rawValue: lastSequence), state: row.state, facts: row.facts,
                content: row.content(with: row.details), native: row.native, firstSeenAt: time, changedAt: time)
            copy.records[page.resource, default: [:]][row.id] = Stored(
                record: record, content: row.content, details: row.details(after: []), generation: generation)
            return true
        }
        if page.resource == .tickets, row.precedes(updatedAt: known.record.facts.updatedAt, changedAt: known.record.changedAt) {
            copy.records[page.resource]?[row.id]?.generation = generation
            return nil
        }
        let details = row.details(after: known.details)
        let isChanged = known.content != row.content || known.details != details || known.record.state != row.state
        known.generation = generation
        known.content = row.content
        known.details = details
        known.record.native = row.native
        if isChanged {
            lastSequence += 1
            known.record.sequence = ChangeSequence(rawValue: lastSequence)
            known.record.state = row.state
            known.record.facts = row.facts
            known.record.content = row.content(with: details)
            known.record.changedAt = time
        }
        copy.records[page.resource]?[row.id] = known
        return isChanged ? false : nil
    }

    private func setState(_ state: SyncRecord.State, of id: SyncRecord.ID, _ resource: SyncResource, _ copy: inout Copy, _ time: Date) {
        guard copy.records[resource]?[id]?.record.state != state, copy.records[resource]?[id] != nil else { return }
        lastSequence += 1
        copy.records[resource]?[id]?.record.state = state
        copy.records[resource]?[id]?.record.sequence = ChangeSequence(rawValue: lastSequence)
        copy.records[resource]?[id]?.record.changedAt = time
    }

    private func enqueue(_ reread: Reread, _ copy: inout Copy, _ time: Date) {
        let key = RereadKey(ticket: reread.ticket, isForNotes: reread.reason == .notes)
        let known = copy.rereads[key]
        guard known != nil || copy.rereads.count < SyncLimits.rereads else { return }
        lastReread += 1
        // A hint is read before what a full run missed.
        let reason: Reread.Reason = known?.reread.reason == .hint ? .hint : reread.reason
        copy.rereads[key] = (Reread(reread.ticket, reason), time, lastReread)
    }

    /// As ``SyncStore/missing(_:of:generation:)``.
    public func missing(_ resource: SyncResource, of connection: ConnectionID, generation: Int64) -> Int {
        (stored[connection]?.records[resource] ?? [:]).values.count { $0.generation < generation && $0.record.state.isListed }
    }

    /// As ``SyncStore/resolveMissing(_:of:generation:by:at:)``.
    public func resolveMissing(
        _ resource: SyncResource, of connection: ConnectionID, generation: Int64, by holder: ProcessID, at time: Date
    ) -> Bool {
        guard holds(connection, holder), var copy = stored[connection] else { return false }
        let missing = (copy.records[resource] ?? [:]).values.filter { $0.generation < generation && $0.record.state.isListed }
        for record in missing.map(\.record).sorted(by: { $0.sequence < $1.sequence }) {
            if resource == .tickets, let ticket = Ticket.ID(record.id.rawValue) {
                enqueue(Reread(ticket, .missing), &copy, time)
            } else {
                setState(.unreachable, of: record.id, resource, &copy, time)
            }
        }
        stored[connection] = copy
        return true
    }

    /// As ``SyncStore/enqueue(_:of:at:)``.
    public func enqueue(_ rereads: [Reread], of connection: ConnectionID, at time: Date) {
        guard var copy = stored[connection] else { return }
        for reread in rereads { enqueue(reread, &copy, time) }
        stored[connection] = copy
    }

    /// As ``SyncStore/rereads(of:now:limit:)``.
    public func rereads(of connection: ConnectionID, now: Date, limit: Int) -> [Reread] {
        let due = (stored[connection]?.rereads ?? [:]).values.filter {
            $0.dueAt <= now || WrongClock.isTooFarAhead($0.dueAt, of: now)
        }
        return due.sorted { ($0.reread.reason.rank, $0.order) < ($1.reread.reason.rank, $1.order) }.prefix(limit).map(\.reread)
    }

    /// As ``SyncStore/postponeRereads(of:until:)``.
    public func postponeRereads(of connection: ConnectionID, until time: Date) {
        for (key, waiting) in stored[connection]?.rereads ?? [:] where waiting.dueAt < time {
            stored[connection]?.rereads[key]?.dueAt = time
        }
    }

    /// As ``SyncStore/postpone(_:of:until:)``.
    public func postpone(_ reread: Reread, of connection: ConnectionID, until time: Date) {
        let key = RereadKey(ticket: reread.ticket, isForNotes: reread.reason == .notes)
        stored[connection]?.rereads[key]?.dueAt = time
        stored[connection]?.rereads[key]?.reread.attempts += 1
    }

    /// As ``SyncStore/finish(_:of:as:by:at:)``.
    public func finish(_ reread: Reread, of connection: ConnectionID, as state: SyncRecord.State?, by holder: ProcessID, at time: Date) {
        guard holds(connection, holder), var copy = stored[connection] else { return }
        copy.rereads[RereadKey(ticket: reread.ticket, isForNotes: reread.reason == .notes)] = nil
        if let state, let id = SyncRecord.ID(reread.ticket.rawValue), copy.records[.tickets]?[id]?.record.state.isListed == true {
            setState(state, of: id, .tickets, &copy, time)
        }
        stored[connection] = copy
    }

    /// As ``SyncStore/changes(of:in:after:limit:)``.
    public func changes(of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int) -> [SyncRecord] {
        let records = (stored[connection]?.records[resource] ?? [:]).values.map(\.record).filter { $0.sequence > place }
        return Array(records.sorted { $0.sequence < $1.sequence }.prefix(limit))
    }

    /// As ``SyncStore/record(_:of:in:)``.
    public func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) -> SyncRecord? {
        stored[connection]?.records[resource]?[id]?.record
    }

    /// As ``SyncStore/records(_:in:)``.
    public func records(_ query: SyncQuery, in connection: ConnectionID) -> SyncRecordPage {
        let matching = (stored[connection]?.records[query.resource] ?? [:]).values.map(\.record).filter(query.matches)
        let sorted = matching.sorted { query.precedes($0, $1) }
        let start = query.after.flatMap { place in sorted.firstIndex { query.place(of: $0) == place }.map { $0 + 1 } } ?? 0
        let records = Array(sorted[min(start, sorted.count)...].prefix(query.limit))
        let isMore = start + records.count < sorted.count
        return SyncRecordPage(records: records, next: isMore ? records.last.map(query.place) : nil)
    }

    /// As ``SyncStore/latestUpdate(of:in:before:)``.
    public func latestUpdate(of resource: SyncResource, in connection: ConnectionID, before time: Date) -> Date? {
        (stored[connection]?.records[resource] ?? [:]).values.compactMap(\.record.facts.updatedAt).filter { $0 <= time }.max()
    }

    /// As ``SyncStore/latestSequence(of:in:)``.
    public func latestSequence(of resource: SyncResource, in connection: ConnectionID) -> ChangeSequence {
        (stored[connection]?.records[resource] ?? [:]).values.map(\.record.sequence).max() ?? .beginning
    }

    /// As ``SyncStore/close()``.
    public func close() {}
}

extension Reread.Reason {
    /// Its place among the reasons: the lower, the earlier it is read.
    public var rank: Int {
        switch self {
        case .hint: 0
        case .missing: 1
        case .notes: 2
        }
    }
}

extension SyncRow {
    /// The whole neutral record.
    func content(with details: [JSONValue.Member]) -> JSONValue {
        guard let document = try? JSONDocument(content), case .object(let members) = JSONValue(document.root) else {
            return .object(details)
        }
        return .object(members + details)
    }
}

extension [JSONValue.Member] {
    /// These members with others in their place or after them.
    public func merged(with others: [JSONValue.Member]) -> [JSONValue.Member] {
        var merged = self
        for member in others {
            if let index = merged.firstIndex(where: { $0.name == member.name }) { merged[index] = member } else { merged.append(member) }
        }
        return merged.sorted { $0.name < $1.name }
    }
}

extension SyncQuery {
    /// The words that a name must contain, normalized.
    public var words: [String] { CompanyName.key(of: text).split(separator: " ").map { String($0) } }

    func matches(_ record: SyncRecord) -> Bool {
        let facts = record.facts
        let key = CompanyName.key(of: facts.name)
        let isNamed = words.allSatisfy { key.contains($0) } || record.id.rawValue == text.trimmingSpaces
        return isNamed && (states.isEmpty || states.contains(record.state)) && (company == nil || facts.company == company)
            && (ticket == nil || facts.ticket == ticket) && (isActive == nil || (facts.isActive ?? true) == isActive)
            && (endsFrom.map { limit in facts.endsAt.map { $0 >= limit } ?? false } ?? true)
            && (endsBefore.map { limit in facts.endsAt.map { $0 < limit } ?? false } ?? true)
            && (quietSince.map { limit in facts.lastActivityAt.map { $0 < limit } ?? false } ?? true)
    }

    func precedes(_ first: SyncRecord, _ second: SyncRecord) -> Bool {
        switch order {
        case .latestChange: first.sequence > second.sequence
        case .name:
            (CompanyName.key(of: first.facts.name), first.id.rawValue) < (CompanyName.key(of: second.facts.name), second.id.rawValue)
        }
    }

    /// The place of a record in the result.
    public func place(of record: SyncRecord) -> SyncRecordPage.Place {
        switch order {
        case .latestChange: SyncRecordPage.Place(rawValue: String(record.sequence.rawValue))
        case .name: SyncRecordPage.Place(rawValue: record.id.rawValue + "\n" + CompanyName.key(of: record.facts.name))
        }
    }
}
