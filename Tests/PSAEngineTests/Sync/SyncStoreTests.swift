import Foundation
import PSACore
import PSAEngine
import PSAEngineSQLite
import PSATesting
import Testing

/// What every store of local copies does.
@Suite struct SyncStoreTests {
    @Test(arguments: SyncStoreKind.available)
    func aRowWithTheSameContentIsNoChange(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let first = try #require(try await store.apply(page([try row(1, "One"), try row(2, "Two")])))
        #expect(first.added == 2 && first.changed == 0)
        let second = try #require(try await store.apply(page([try row(1, "One"), try row(2, "Three")]), at: 10))
        #expect(second.added == 0 && second.changed == 1)
        let changes = try await store.changes(of: .tickets, in: Sample.id("one"), after: .beginning, limit: 10)
        #expect(changes.map(\.id.rawValue) == ["1", "2"])
        #expect(changes.map { $0.sequence.rawValue - ChangeSequence.origin(at: .at(0)) } == [1, 3])
        #expect(changes.map(\.changedAt) == [.at(0), .at(10)])
        #expect(changes.map(\.firstSeenAt) == [.at(0), .at(0)])
    }

    @Test(arguments: SyncStoreKind.available)
    func anotherRowOfTheVendorWithTheSameMeaningIsKeptWithoutBeingAChange(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        _ = try await store.apply(page([try row(1, "One", native: "{\"age\":1}")]))
        #expect(try await store.apply(page([try row(1, "One", native: "{\"age\":2}")])) == SyncChanges())
        let record = try #require(try await store.record(Sample.record(1), of: .tickets, in: Sample.id("one")))
        #expect(record.native.map { String(decoding: $0, as: UTF8.self) } == "{\"age\":2}")
        #expect(record.sequence.rawValue == ChangeSequence.origin(at: .at(0)) + 1)
    }

    @Test(arguments: SyncStoreKind.available)
    func aReadingWithoutDetailsKeepsTheDetailsOfAnEarlierOne(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        _ = try await store.apply(page([try row(1, "One", details: "Long text")]))
        #expect(try await store.apply(page([try row(1, "One")])) == SyncChanges())
        #expect(try await store.apply(page([try row(1, "One", details: "Long text")])) == SyncChanges())
        _ = try await store.apply(page([try row(1, "Two")]))
        let record = try #require(try await store.record(Sample.record(1), of: .tickets, in: Sample.id("one")))
        #expect(record.content["details"]?.string == "Long text" && record.content["summary"]?.string == "Two")
    }

    @Test(arguments: SyncStoreKind.available)
    func aWholeReadingRemovesTheDetailsThatItLacks(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        _ = try await store.apply(page([try row(1, "One", details: "Long text")]))
        var whole = try row(1, "One")
        whole.isWhole = true
        #expect(try await store.apply(page([whole]))?.changed == 1)
        let record = try #require(try await store.record(Sample.record(1), of: .tickets, in: Sample.id("one")))
        #expect(record.content["details"] == nil && record.content["summary"]?.string == "One")
        #expect(try await store.apply(page([whole])) == SyncChanges())
    }

    @Test(arguments: SyncStoreKind.available)
    func aTicketRowThatWasFetchedBeforeANewerOneIsSeenAndChangesNothing(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        func ticket(_ summary: String, updatedAt: TimeInterval, fetchedAt: TimeInterval) throws -> SyncRow {
            var row = try row(1, summary)
            row.facts.updatedAt = .at(updatedAt)
            row.fetchedAt = .at(fetchedAt)
            return row
        }
        func summary() async throws -> String? {
            try await store.record(Sample.record(1), of: .tickets, in: Sample.id("one"))?.facts.name
        }
        _ = try await store.apply(page([try ticket("New", updatedAt: 20, fetchedAt: 29)]), at: 30)
        var progress = SyncProgress()
        progress.generation = 2
        let old = page([try ticket("Old", updatedAt: 10, fetchedAt: 25)], progress: progress)
        #expect(try await store.apply(old, at: 31) == SyncChanges())
        #expect(try await summary() == "New")
        #expect(try await store.missing(.tickets, of: Sample.id("one"), generation: 2) == 0)
        // Within a second, dates do not say which one is older.
        #expect(try await store.apply(page([try ticket("Same second", updatedAt: 20, fetchedAt: 25)]), at: 32)?.changed == 1)
        // A row that was fetched later stands, whatever its date is: the vendor may have corrected it.
        #expect(try await store.apply(page([try ticket("Corrected", updatedAt: 5, fetchedAt: 40)]), at: 41)?.changed == 1)
        #expect(try await summary() == "Corrected")
    }

    @Test(arguments: SyncStoreKind.available)
    func theChangesOfANewStoreComeBehindThoseOfTheOneBefore(_ kind: SyncStoreKind) async throws {
        var last = ChangeSequence.beginning
        for time in [0, 0.5, 60] {
            let store = try await Self.store(kind)
            _ = try await store.apply(page(try (1...300).map { try row($0, "Ticket \($0)") }), at: time)
            let changes = try await store.changes(of: .tickets, in: Sample.id("one"), after: last, limit: 1_000)
            #expect(changes.count == 300, "nothing is passed over by a reader that goes on at its place")
            last = try #require(changes.last).sequence
        }
        // The number stays one that every reader of JSON takes exactly.
        #expect(ChangeSequence.origin(at: .distantFuture) < 1 << 53 && ChangeSequence.origin(at: .distantPast) == 0)
    }

    @Test(arguments: SyncStoreKind.available)
    func recordsThatThePSAHasDeletedOrMergedAreRemovedAfterATimeAndNoOthers(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        for (number, state) in SyncRecord.State.allCases.enumerated() {
            _ = try await store.apply(page([try row(number, "a", state: state)]), at: Double(number))
            _ = try await store.apply(page([try row(100 + number, "b", state: state)]), at: 50)
        }
        #expect(try await store.removeDeleted(before: .at(2), limit: 10) == 0)
        #expect(try await store.removeDeleted(before: .at(40), limit: 1) == 1)
        #expect(try await store.removeDeleted(before: .at(40), limit: 10) == 1)
        #expect(try await store.removeDeleted(before: .at(40), limit: 10) == 0)
        let left = try await store.changes(of: .tickets, in: id, after: .beginning, limit: 20)
        #expect(left.map(\.state).filter { [.merged, .deleted].contains($0) }.count == 2 && left.count == 8)
        // A record that is seen again is a new one.
        #expect(try await store.apply(page([try row(2, "a")]), at: 60)?.added == 1)
    }

    @Test(arguments: SyncStoreKind.available)
    func aProcessWithoutTheLeaseChangesNothing(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        #expect(try await !store.lease(id, by: Sample.second, now: .at(59), until: .at(120)))
        #expect(try await store.apply(page([try row(1, "One")]), of: id, by: Sample.second, at: .at(0)) == nil)
        #expect(
            try await !store.save(SyncProgress(), of: .tickets, of: id, nextRunAt: .at(900), begins: true, by: Sample.second))
        #expect(try await !store.resolveMissing(.tickets, of: id, generation: 9, by: Sample.second, at: .at(0)))
        #expect(try await store.record(Sample.record(1), of: .tickets, in: id) == nil)
        // A lease that has expired can be taken over, and the first process notices.
        #expect(try await store.lease(id, by: Sample.second, now: .at(60), until: .at(120)))
        #expect(try await store.apply(page([try row(1, "One")]), of: id, by: Sample.first, at: .at(61)) == nil)
        try await store.release(id, by: Sample.first)
        #expect(try await !store.lease(id, by: Sample.first, now: .at(61), until: .at(120)))
        // Renewing keeps a lease and takes none, be it free or another's.
        #expect(try await store.renew(id, by: Sample.second, until: .at(200)))
        #expect(try await !store.renew(id, by: Sample.first, until: .at(300)))
        #expect(try await !store.lease(id, by: Sample.first, now: .at(199), until: .at(300)))
        try await store.release(id, by: Sample.second)
        #expect(try await !store.renew(id, by: Sample.second, until: .at(300)))
        #expect(try await store.lease(id, by: Sample.first, now: .at(61), until: .at(120)))
    }

    @Test(arguments: SyncStoreKind.available)
    func rowsAndTheProgressAfterThemAreStoredTogether(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        var progress = SyncProgress()
        progress.generation = 3
        progress.freshAt = .at(0.123_456)
        progress.unreadable = [SyncUnreadableRow(page: 1, position: 2, member: "id")]
        _ = try await store.apply(page([try row(1, "One")], progress: progress))
        let status = try #require(try await store.statuses(of: id).first { $0.resource == .tickets })
        #expect(status.progress == progress)
        #expect(status.counts == [.present: 1] && status.rows == 1)
        var uncounted = status
        uncounted.counts = [:]
        #expect(try await store.statuses(of: id, countingRecords: false).contains(uncounted))
        // What another run saw is not missing in this one.
        #expect(try await store.missing(.tickets, of: id, generation: 3) == 0)
        #expect(try await store.missing(.tickets, of: id, generation: 4) == 1)
    }

    @Test(arguments: SyncStoreKind.available)
    func missingRecordsBecomeUnreachableAndMissingTicketsAreReadOneByOne(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        _ = try await store.apply(page([try row(1, "One"), try row(2, "Two", state: .closed), try row(3, "Three", state: .merged)]))
        _ = try await store.apply(page([try row(7, "Acme")], of: .companies))
        #expect(try await store.missing(.tickets, of: id, generation: 1) == 2)
        #expect(try await store.resolveMissing(.tickets, of: id, generation: 1, by: Sample.first, at: .at(5)))
        #expect(try await store.resolveMissing(.companies, of: id, generation: 1, by: Sample.first, at: .at(5)))
        #expect(try await store.record(Sample.record(7), of: .companies, in: id)?.state == .unreachable)
        #expect(try await store.record(Sample.record(1), of: .tickets, in: id)?.state == .present)
        let rereads = try await store.rereads(of: id, now: .at(5), limit: 10)
        #expect(Set(rereads) == [Reread(Ticket.ID(1), .missing), Reread(Ticket.ID(2), .missing)])
        try await store.finish(rereads[0], of: id, as: .unreachable, by: Sample.first, at: .at(6))
        #expect(try await store.record(Sample.record(1), of: .tickets, in: id)?.state == .unreachable)
        #expect(try await store.rereads(of: id, now: .at(6), limit: 10).count == 1)
        // A row brings it back.
        #expect(try await store.apply(page([try row(1, "One")]))?.changed == 1)
        #expect(try await store.record(Sample.record(1), of: .tickets, in: id)?.state == .present)
    }

    @Test(arguments: SyncStoreKind.available)
    func hintsComeFirstAndEachTicketWaitsOnce(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        try await store.enqueue([Reread(Ticket.ID(1), .notes), Reread(Ticket.ID(2), .missing)], of: id, at: .at(0))
        try await store.enqueue(
            [Reread(Ticket.ID(3), .hint), Reread(Ticket.ID(2), .hint), Reread(Ticket.ID(3), .missing)], of: id, at: .at(1))
        let due = try await store.rereads(of: id, now: .at(1), limit: 10)
        #expect(due.count == 3)
        #expect(Set(due.prefix(2)) == [Reread(Ticket.ID(2), .hint), Reread(Ticket.ID(3), .hint)])
        #expect(due.last == Reread(Ticket.ID(1), .notes))
        try await store.postpone(due[0], of: id, until: .at(100))
        #expect(try await store.rereads(of: id, now: .at(99), limit: 10).count == 2)
        #expect(try await store.rereads(of: id, now: .at(100), limit: 10).first?.attempts == 1)
        #expect(try await store.schedule()[id] ?? .distantFuture <= .at(1))
    }

    @Test(arguments: SyncStoreKind.available)
    func leasesAndRereadsOfTheFutureDelayNothing(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        let ahead = 400 * 86_400.0
        #expect(try await store.lease(id, by: Sample.first, now: .at(ahead), until: .at(ahead + 60)))
        #expect(try await store.lease(id, by: Sample.second, now: .at(100), until: .at(160)))
        #expect(try await !store.lease(id, by: Sample.first, now: .at(101), until: .at(161)))
        try await store.enqueue([Reread(Ticket.ID(1), .hint)], of: id, at: .at(ahead))
        #expect(try await store.rereads(of: id, now: .at(100), limit: 10).count == 1)
        try await store.postpone(Reread(Ticket.ID(1), .hint), of: id, until: .at(86_400))
        #expect(try await store.rereads(of: id, now: .at(100), limit: 10).isEmpty)
    }

    @Test(arguments: SyncStoreKind.available)
    func theScheduleKnowsWhatIsPausedPostponedAndAskedFor(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        for resource in [SyncResource.companies, .tickets] {
            _ = try await store.save(SyncProgress(), of: resource, of: id, nextRunAt: .at(900), begins: true, by: Sample.first)
        }
        #expect(try await store.schedule() == [id: .at(900)])
        try await store.enqueue([Reread(Ticket.ID(1), .notes)], of: id, at: .at(5))
        #expect(try await store.schedule() == [id: .at(5)])
        _ = try await store.save(SyncProgress(), of: .notes, of: id, nextRunAt: .at(300), begins: true, by: Sample.first)
        #expect(try await store.schedule() == [id: .at(300)])
        try await store.enqueue([Reread(Ticket.ID(2), .hint)], of: id, at: .at(6))
        #expect(try await store.schedule() == [id: .at(6)])
        try await store.postponeRereads(of: id, until: .at(400))
        #expect(try await store.schedule() == [id: .at(400)])
        try await store.setPaused(true, [.tickets], of: id)
        #expect(try await store.schedule() == [id: .at(900)])
        try await store.request(.now, [.companies], of: id)
        #expect(try await store.schedule()[id] ?? .distantFuture < .at(0))
    }

    @Test(arguments: SyncStoreKind.available)
    func hintsBeyondTheLimitAreDropped(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        let hints = (1...SyncLimits.rereads + 10).map { Reread(Ticket.ID($0), .hint) }
        try await store.enqueue(hints, of: id, at: .at(0))
        #expect(try await store.rereads(of: id, now: .at(0), limit: .max / 2).count == SyncLimits.rereads)
    }

    @Test(arguments: SyncStoreKind.available)
    func theCopyOfAnotherTenantIsRemovedAndThatOfTheSameTenantGoesOn(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let (one, two, connector) = (try Sample.id("one"), try Sample.id("two"), try #require(ConnectorID("sample")))
        _ = try await store.apply(page([try row(1, "One")]))
        try await store.register(two, connector: connector, tenant: TenantIdentity(rawValue: "one.example.com"))
        #expect(try await store.copies().map(\.connection) == [two])
        #expect(try await store.record(Sample.record(1), of: .tickets, in: two)?.facts.name == "One")
        #expect(try await store.record(Sample.record(1), of: .tickets, in: one) == nil)
        try await store.register(two, connector: connector, tenant: TenantIdentity(rawValue: "other.example.com"))
        #expect(try await store.record(Sample.record(1), of: .tickets, in: two) == nil)
        try await store.prepare([.tickets], of: two, dueAt: .at(0))
        #expect(try await store.lease(two, by: Sample.first, now: .at(0), until: .at(60)))
        _ = try await store.apply(page([try row(1, "One")]), of: two, by: Sample.first, at: .at(0))
        // Sequence numbers never go back, whatever was removed.
        let sequence = try #require(try await store.record(Sample.record(1), of: .tickets, in: two)).sequence
        #expect(sequence.rawValue == ChangeSequence.origin(at: .at(0)) + 2)
    }

    @Test(arguments: SyncStoreKind.available)
    func aRemovedCopyLeavesNothing(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        _ = try await store.apply(page(try (1...2_500).map { try row($0, "Ticket \($0)") }))
        try await store.enqueue([Reread(Ticket.ID(1), .hint)], of: id, at: .at(0))
        try await store.removeCopy(of: id)
        #expect(try await store.copies().isEmpty)
        #expect(try await store.statuses(of: id).isEmpty)
        #expect(try await store.schedule().isEmpty)
        try await store.removeCopy(of: id)
    }

    @Test(arguments: SyncStoreKind.available)
    func aTenantThatIsConnectedWhileItsCopyIsRemovedGetsAnEmptyOne(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let (one, two, connector) = (try Sample.id("one"), try Sample.id("two"), try #require(ConnectorID("sample")))
        var progress = SyncProgress()
        progress.lastFullAt = .at(0)
        _ = try await store.apply(page(try (1...20_000).map { try row($0, "Ticket \($0)") }, progress: progress))
        let removing = Task { try await store.removeCopy(of: one) }
        while try await store.statuses(of: one).first(where: { $0.resource == .tickets })?.rows == 20_000 { await Task.yield() }
        try await store.register(two, connector: connector, tenant: TenantIdentity(rawValue: "one.example.com"))
        try await store.prepare([.tickets], of: two, dueAt: .at(0))
        // Who worked on the old copy stores nothing more.
        #expect(try await store.apply(page([try row(1, "One")])) == nil)
        #expect(try await store.lease(two, by: Sample.second, now: .at(0), until: .at(60)))
        _ = try await store.apply(page([try row(7, "Seven")]), of: two, by: Sample.second, at: .at(0))
        try await removing.value
        let status = try #require(try await store.statuses(of: two).first)
        #expect(status.progress.lastFullAt == nil && status.counts == [.present: 1])
        #expect(try await store.copies().map(\.connection) == [two])
    }

    @Test(arguments: SyncStoreKind.available)
    func searchesFindWordsStatesCompaniesAndDates(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        var rows = [
            try row(1, "Printer on fire"), try row(2, "PRINTER jammed", state: .closed), try row(3, "Disk full"),
            try row(4, "Ünïcode printer", state: .deleted),
        ]
        rows[0].facts.company = Company.ID(12)
        rows[0].facts.lastActivityAt = .at(-1_000)
        rows[2].facts.endsAt = .at(500)
        rows[2].facts.isActive = false
        _ = try await store.apply(page(rows))
        func found(_ change: (inout SyncQuery) -> Void) async throws -> [String] {
            var query = SyncQuery(.tickets)
            change(&query)
            return try await store.records(query, in: id).records.map(\.id.rawValue)
        }
        #expect(try await found { _ in } == ["3", "1", "2"].sorted { names[$0] ?? "" < names[$1] ?? "" })
        #expect(try await found { $0.text = "printer" } == ["2", "1"])
        #expect(try await found { $0.text = "FIRE printer" } == ["1"])
        #expect(try await found { $0.text = "3" } == ["3"])
        #expect(try await found { $0.text = "%" } == [])
        #expect(
            try await found {
                $0.text = "printer"; $0.states = []
            } == ["2", "1", "4"])
        #expect(try await found { $0.states = [.closed] } == ["2"])
        #expect(try await found { $0.company = Company.ID(12) } == ["1"])
        #expect(try await found { $0.isActive = false } == ["3"])
        #expect(try await found { $0.endsFrom = .at(500) } == ["3"])
        #expect(try await found { $0.endsBefore = .at(500) } == [])
        #expect(try await found { $0.quietSince = .at(-999) } == ["1"])
        #expect(try await found { $0.order = .latestChange } == ["3", "2", "1"])
    }

    private let names = ["1": "printer on fire", "2": "printer jammed", "3": "disk full"]

    @Test(arguments: SyncStoreKind.available, [SyncQuery.Order.name, .latestChange])
    func searchesGoOnAtTheirPlace(_ kind: SyncStoreKind, _ order: SyncQuery.Order) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        // Several have the same name.
        _ = try await store.apply(page(try (1...23).map { try row($0, "Ticket \($0 % 4)") }))
        var query = SyncQuery(.tickets)
        query.limit = 5
        query.order = order
        var ids: [String] = []
        repeat {
            let page = try await store.records(query, in: id)
            ids += page.records.map(\.id.rawValue)
            query.after = page.next
        } while query.after != nil
        #expect(ids.count == 23 && Set(ids).count == 23)
    }

    @Test(arguments: SyncStoreKind.available)
    func aRequestForMoreStandsForOneForLess(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        let id = try Sample.id("one")
        for (asked, stands) in [
            (SyncRequest.now, SyncRequest.now), (.full, .full), (.now, .full), (.acceptMissing, .acceptMissing), (.full, .acceptMissing),
        ] {
            try await store.request(asked, [.tickets], of: id)
            #expect(try await store.statuses(of: id).first { $0.resource == .tickets }?.request == stands)
        }
        #expect(try await store.statuses(of: id).first { $0.resource == .companies }?.request == nil)
        _ = try await store.save(SyncProgress(), of: .tickets, of: id, nextRunAt: nil, begins: true, by: Sample.first)
        #expect(try await store.statuses(of: id).first { $0.resource == .tickets }?.request == nil)
    }

    @Test(arguments: SyncStoreKind.available)
    func theLatestUpdateLeavesOutDatesOfTheFuture(_ kind: SyncStoreKind) async throws {
        let store = try await Self.store(kind)
        var rows = [try row(1, "One"), try row(2, "Two"), try row(3, "Three")]
        rows[0].facts.updatedAt = .at(-50)
        rows[1].facts.updatedAt = .at(-20)
        rows[2].facts.updatedAt = Date(timeIntervalSince1970: 3_093_527_980_799)
        _ = try await store.apply(page(rows))
        #expect(try await store.latestUpdate(of: .tickets, in: Sample.id("one"), before: .at(0)) == .at(-20))
        #expect(try await store.latestUpdate(of: .companies, in: Sample.id("one"), before: .at(0)) == nil)
    }

    @Test func aFileKeepsItsCopyAndItsSequenceAcrossProcesses() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sync-store-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("copy.db").path
        let first = try await SQLiteSyncStore.open(path)
        try await Self.prepare(first)
        _ = try await first.apply(page([try row(1, "One"), try row(2, "Two")]))
        await first.close()
        let second = try await SQLiteSyncStore.open(path)
        _ = try await second.apply(page([try row(2, "Three")]))
        let changes = try await second.changes(of: .tickets, in: Sample.id("one"), after: .beginning, limit: 10)
        #expect(changes.map { $0.sequence.rawValue - ChangeSequence.origin(at: .at(0)) } == [1, 3])
        await second.close()
        let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(rights == 0o600, "it holds customers' data")
    }

    // MARK: Support

    private static func store(_ kind: SyncStoreKind) async throws -> any SyncStore {
        let store = try await kind.open()
        try await prepare(store)
        return store
    }

    private static func prepare(_ store: any SyncStore) async throws {
        let id = try Sample.id("one")
        try await store.register(
            id, connector: try #require(ConnectorID("sample")), tenant: TenantIdentity(rawValue: "one.example.com"))
        try await store.prepare([.companies, .tickets, .notes], of: id, dueAt: .at(0))
        #expect(try await store.lease(id, by: Sample.first, now: .at(0), until: .at(60)))
    }

    private func page(_ rows: [SyncRow], of resource: SyncResource = .tickets, progress: SyncProgress? = nil) -> SyncPage {
        SyncPage(resource, rows: rows, progress: progress)
    }

    private func row(
        _ id: Int, _ summary: String, state: SyncRecord.State = .present, details: String? = nil, native: String = "{}"
    ) throws -> SyncRow {
        let content = JSONValue(present: [
            ("id", .string(String(id))), ("summary", .string(summary)), ("details", details.map(JSONValue.string)),
        ])
        return try #require(
            SyncRow(
                id: SyncRecord.ID(id), state: state, facts: SyncFacts(name: summary), content: content, details: ["details"],
                native: NativeRecord(bytes: Array(native.utf8), fetchedAt: .start)))
    }
}

extension SyncStore {
    /// Stores a page of the first process at so many seconds after ``Date/start``.
    fileprivate func apply(_ page: SyncPage, at seconds: TimeInterval = 0) async throws -> SyncChanges? {
        try await apply(page, of: Sample.id("one"), by: Sample.first, at: .at(seconds))
    }
}

extension Sample {
    static func record(_ id: Int) -> SyncRecord.ID { SyncRecord.ID(id) }
}
