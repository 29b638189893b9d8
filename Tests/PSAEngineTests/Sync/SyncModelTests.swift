import Foundation
import PSACore
import PSAEngine
import PSATesting
import Testing

/// Local copies of a PSA that changes at random while it is read, with faults and killed processes.
@Suite struct SyncModelTests {
    /// `VECTIS_SYNC_SEEDS` states the number of seeds; the long form has 1,000.
    static let seeds: ClosedRange<UInt64> = 1...(UInt64(ProcessInfo.processInfo.environment["VECTIS_SYNC_SEEDS"] ?? "") ?? 150)

    @Test(arguments: SyncStoreKind.available) func afterQuietTheCopyEqualsThePSAAndNoDeletionWasInvented(_ kind: SyncStoreKind) async throws
    {
        // Databases take longer for the same decisions.
        let part: UInt64 =
            switch kind {
            case .inMemory: 1
            case .sqlite: 5
            case .postgreSQL: 30
            }
        let last = max(1, Self.seeds.upperBound / part)
        for seed in 1...last {
            var model = try await Model(seed: seed, store: try await kind.open())
            try await model.run()
        }
    }

    private struct Model {
        let seed: UInt64
        let fixture: SyncFixture
        var generator: SeededGenerator
        var reader = FeedReader()

        init(seed: UInt64, store: any SyncStore) async throws {
            self.seed = seed
            var generator = SeededGenerator(seed: seed)
            fixture = try await SyncFixture(
                tickets: Int.random(in: 1...70, using: &generator), companies: Int.random(in: 1...25, using: &generator),
                agreements: Int.random(in: 1...15, using: &generator), store: store, policy: SyncPolicy())
            let skew: TimeInterval = [0, 0, -7_200, 7_200].randomElement(using: &generator) ?? 0
            let appliesTickets = Int.random(in: 0..<5, using: &generator) > 0
            let appliesCompanies = Bool.random(using: &generator)
            let namesTotal = Int.random(in: 0..<4, using: &generator) > 0
            let size = Int.random(in: 3...12, using: &generator)
            fixture.psa.change { state in
                state.generator = SeededGenerator(seed: seed &* 7_919)
                state.skew = skew
                state.appliesTicketFilter = appliesTickets
                state.appliesCompanyFilter = appliesCompanies
                state.namesTotal = namesTotal
                state.pageSize = size
                state.faultPercent = 5
                state.changePercent = 30
            }
            self.generator = generator
        }

        mutating func run() async throws {
            for step in 0..<10 {
                fixture.clock.advance(by: Double.random(in: 60...2_400, using: &generator))
                let forbids = Int.random(in: 0..<8, using: &generator) == 0
                fixture.psa.change { $0.forbidden = forbids ? ["agreements"] : [] }
                try await work(full: Int.random(in: 0..<5, using: &generator) == 0)
                if step == 0 { try await endFirstRun() }
                if Bool.random(using: &generator) { try await read() }
                try await checkDeletions()
            }
            fixture.psa.change { state in
                state.faultPercent = 0
                state.changePercent = 0
                state.forbidden = []
            }
            try await settle()
            try await compare()
        }

        /// Syncs in a process that is killed now and then.
        private mutating func work(full: Bool) async throws {
            let isKilled = Int.random(in: 0..<3, using: &generator) == 0
            guard isKilled else {
                try await fixture.sync.sync(fixture.connection, full: full)
                return
            }
            let store = KilledSyncStore(
                fixture.store, after: Int.random(in: 1...120, using: &generator), storesLast: Bool.random(using: &generator))
            let process = fixture.anotherProcess(on: store)
            let hasEnded = Signal()
            let connection = fixture.connection
            let working = Task {
                // It ends with an error, or with its work done before.
                _ = try? await process.sync(connection, full: full)
                hasEnded.fire()
            }
            while hasEnded.count == 0 {
                fixture.clock.advance(by: 1)
                await Task.yield()
            }
            await working.value
            // The next process waits for the end of its lease.
            fixture.clock.advance(by: 61)
        }

        private func endFirstRun() async throws {
            fixture.psa.change { $0.faultPercent = 0 }
            fixture.clock.advance(by: 4_000)
            try await fixture.sync.sync(fixture.connection)
            fixture.psa.change { state in
                state.faultPercent = 5
                state.isRecording = true
            }
        }

        /// Reads a part of the feed, as a program does that keeps its place.
        private mutating func read() async throws {
            let limit = Int.random(in: 1...40, using: &generator)
            let page = try await fixture.sync.changes(of: .tickets, in: fixture.connection, after: reader.place, limit: limit)
            try reader.take(page, seed)
        }

        private func checkDeletions() async throws {
            let truth = fixture.psa.current.everDeleted
            for record in try await fixture.records(.tickets).values where record.state == .deleted {
                #expect(truth.contains(try #require(Int(record.id.rawValue))), "seed \(seed): ticket \(record.id) was never deleted")
            }
        }

        private func settle() async throws {
            for _ in 0..<4 {
                fixture.clock.advance(by: 90_000)
                try await fixture.sync.sync(fixture.connection, full: true)
                let held = try await fixture.sync.statuses(of: fixture.connection).filter { $0.progress.missing != nil }.map(\.resource)
                guard !held.isEmpty else { continue }
                try await fixture.sync.request(.acceptMissing, Set(held), of: fixture.connection)
                try await fixture.sync.sync(fixture.connection)
            }
        }

        private mutating func compare() async throws {
            let truth = fixture.psa.current
            let tickets = try await fixture.records(.tickets)
            for ticket in truth.tickets.values {
                let record = tickets[String(ticket.id)]
                let state = record?.state
                if ticket.isListed {
                    #expect(state == (ticket.isClosed ? .closed : .present), "seed \(seed): ticket \(ticket.id) is \(state as Any)")
                    #expect(record?.content.withoutDetails == ticket.row.json, "seed \(seed): ticket \(ticket.id)")
                } else if ticket.isDeleted {
                    #expect(state == nil || state == .deleted, "seed \(seed): deleted ticket \(ticket.id) is \(state as Any)")
                } else if ticket.mergedInto != nil {
                    #expect(
                        state == nil || state == .merged || state == .unreachable,
                        "seed \(seed): merged ticket \(ticket.id) is \(state as Any)")
                } else {
                    #expect(state == nil || state == .unreachable, "seed \(seed): hidden ticket \(ticket.id) is \(state as Any)")
                }
            }
            #expect(tickets.keys.allSatisfy { truth.tickets[Int($0) ?? 0] != nil }, "seed \(seed)")
            try await compareNotes(truth)
            let companies = try await fixture.records(.companies)
            for company in truth.listedCompanies(since: nil) {
                #expect(companies[company.id.rawValue]?.state == .present, "seed \(seed): company \(company.id)")
                #expect(companies[company.id.rawValue]?.content == company.json, "seed \(seed): company \(company.id)")
            }
            for company in truth.companies.values where company.isHidden {
                #expect([nil, .unreachable].contains(companies[String(company.id)]?.state), "seed \(seed): company \(company.id)")
            }
            let agreements = try await fixture.records(.agreements)
            for agreement in truth.agreements.values {
                let state = agreements[String(agreement.id)]?.state
                #expect(
                    agreement.isHidden ? [nil, .unreachable].contains(state) : state == .present, "seed \(seed): agreement \(agreement.id)")
            }
            try reader.take(
                try await fixture.sync.changes(of: .tickets, in: fixture.connection, after: reader.place, limit: SyncLimits.page), seed)
            #expect(reader.mirror == tickets, "seed \(seed): the feed leads to the copy")
            #expect(try await fixture.issues().isEmpty, "seed \(seed)")
        }

        private func compareNotes(_ truth: ChangingPSA.State) async throws {
            var texts: [String: Set<String>] = [:]
            for note in try await fixture.records(.notes).values where note.state == .present {
                texts[note.facts.ticket?.rawValue ?? "", default: []].insert(note.content["text"]?.string ?? "")
            }
            for ticket in truth.tickets.values where ticket.isListed && truth.touched.contains(ticket.id) {
                #expect(texts[String(ticket.id)] ?? [] == Set(ticket.notes), "seed \(seed): notes of ticket \(ticket.id)")
            }
        }
    }

    /// A program that follows the changes and keeps what it has seen.
    private struct FeedReader {
        var place = ChangeSequence.beginning
        var mirror: [String: SyncRecord] = [:]

        mutating func take(_ page: [SyncRecord], _ seed: UInt64) throws {
            for record in page {
                #expect(record.sequence > place, "seed \(seed): the sequence goes on")
                place = record.sequence
                mirror[record.id.rawValue] = record
            }
        }
    }
}

extension JSONValue {
    /// A ticket without what only a reading of its own brings.
    var withoutDetails: JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !["details", "customFields"].contains($0.name) })
    }
}
