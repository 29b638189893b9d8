import PostgreSQLServer
import SQL
import Testing

@testable import PostgreSQL

@Suite(.withServer, .timeLimit(.minutes(2))) struct PostgreSQLPoolTests {
    private let fixture: PostgreSQLFixture

    init() throws { fixture = try PostgreSQLFixture() }

    private static let a = LockKey(rawValue: "a")
    private static let b = LockKey(rawValue: "b")

    /// Waits until as many transactions of the database wait for an advisory lock.
    private func untilWaiting(_ count: Int) async throws {
        let waiting = """
            SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND NOT l.granted AND a.application_name = '\(fixture.schema)'
            """
        while try fixture.run(waiting) != "\(count)" { try await Task.sleep(for: .milliseconds(5)) }
    }

    // MARK: Round trips

    @Test func transactionsTakeFewRoundTrips() async throws {
        let pool = try await fixture.open(parameters: "pool_size=2")
        func roundTrips(_ work: () async throws -> Void) async throws -> Int {
            let before = await pool.roundTrips()
            try await work()
            return await pool.roundTrips() - before
        }
        for _ in 0..<2 {
            // Beginning with all locks, the statement, the commit; compiling it costs none.
            #expect(
                try await roundTrips {
                    _ = try await pool.write(.rows([Self.a, Self.b])) { try $0.run("INSERT INTO items (amount) VALUES (?)", [.integer(1)]) }
                } == 3)
            #expect(try await roundTrips { _ = try await pool.count() } == 1)
            #expect(try await roundTrips { try await pool.read { _ in } } == 0)
            // Savepoints cost none either.
            #expect(
                try await roundTrips {
                    try await pool.write(.rows([])) { (database) throws in
                        for _ in 0..<5 {
                            try database.savepoint { try database.run("INSERT INTO items (amount) VALUES (?)", [.integer(1)]) }
                        }
                    }
                } == 7)
        }
    }

    // MARK: Bounds

    @Test func readsLeaveAConnectionForWritesAndWaitInOrder() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.waitingReads = 3
        let pool = try await fixture.open(parameters: "pool_size=3", limits: limits)
        let gate = Gate()
        let order = Recorder<Int>()
        let running = (0..<2).map { _ in Task { try await pool.read { _ in gate.wait() } } }
        for _ in 0..<2 { await gate.untilArrived() }
        var waiting: [Task<Void, any Error>] = []
        for number in 0..<3 {
            waiting.append(Task { try await pool.read { _ in order.append(number) } })
            while pool.waitingForConnection <= number { try await Task.sleep(for: .milliseconds(1)) }
        }
        await #expect(throws: PostgreSQLPool.TooManyReadsError.self) { try await pool.read { _ in } }
        try await pool.write(.rows([])) { try $0.run("INSERT INTO items (amount) VALUES (1)") }
        gate.open()
        try await waiting[0].value
        gate.open()
        for task in running + waiting { try await task.value }
        #expect(order.all.first == 0)
        #expect(order.all.count == 3)
    }

    @Test func writesLeaveConnectionsForReads() async throws {
        let pool = try await fixture.open(parameters: "pool_size=4")
        let gate = Gate()
        let first = (0..<2).map { _ in Task { try await pool.write(.rows([])) { _ in gate.wait() } } }
        for _ in 0..<2 { await gate.untilArrived() }
        let others = (0..<20).map { _ in Task { try await pool.write(.rows([])) { try $0.run("INSERT INTO items (amount) VALUES (1)") } } }
        while pool.waitingForConnection < 20 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(try await pool.count() == 0)
        gate.open()
        gate.open()
        for task in first { try await task.value }
        for task in others { _ = try await task.value }
        #expect(try await pool.count() == 20)
    }

    @Test func theReadOfACancelledTaskDoesNotStartAndItsWriteDoes() async throws {
        let pool = try await fixture.open()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            await #expect(throws: CancellationError.self) { try await pool.read { _ in Issue.record("it has run") } }
            try await pool.write(.rows([])) { try $0.run("INSERT INTO items (amount) VALUES (1)") }
            try await pool.writeTogether { try $0.run("INSERT INTO items (amount) VALUES (1)") }
        }
        task.cancel()
        _ = try await task.value
        #expect(try await pool.count() == 2)
    }

    @Test func aReadThatTakesTooLongIsStopped() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.read = .milliseconds(300)
        limits.search = .milliseconds(200)
        let pool = try await fixture.open(parameters: "pool_size=2", limits: limits)
        let sleeping = "SELECT pg_sleep(60)"
        let error = await #expect(throws: ReadTimeoutError.self) { try await pool.read { try $0.run(sleeping) } }
        #expect(error?.sql == sleeping && error?.limit == .milliseconds(300))
        let search = await #expect(throws: ReadTimeoutError.self) { try await pool.search { try $0.run(sleeping) } }
        #expect(search?.limit == .milliseconds(200))
        // Many short statements together, too.
        let many = await #expect(throws: ReadTimeoutError.self) {
            try await pool.read { (database) throws in while true { try database.run("SELECT pg_sleep(0.01)") } }
        }
        #expect(many?.limit == .milliseconds(300))
        #expect(try await pool.count() == 0)
    }

    @Test func fewSearchesRunAtOnceAndWait() async throws {
        let pool = try await fixture.open()
        let gate = Gate()
        let running = (0..<PostgreSQLPool.searchers).map { _ in Task { try await pool.search { _ in gate.wait() } } }
        for _ in running { await gate.untilArrived() }
        let waiting = (0..<PostgreSQLPool.waitingSearches + 4).map { _ in Task { try await pool.search { _ in } } }
        var refused = 0
        #expect(try await pool.count() == 0)
        try await Task.sleep(for: .milliseconds(50))
        for _ in running { gate.open() }
        for task in running { try await task.value }
        for task in waiting { if case .failure(let error) = await task.result { refused += error is TooManySearchesError ? 1 : 100 } }
        #expect(refused == 4)
    }

    @Test func closingStopsStatementsThatRunForLong() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.close = .milliseconds(100)
        let pool = try await fixture.open(limits: limits)
        let gate = Gate()
        let read = Task {
            try await pool.read { (database) throws in
                gate.arrive()
                try database.run("SELECT pg_sleep(60)")
            }
        }
        await gate.untilArrived()
        await pool.close()
        await #expect(throws: (any Error).self) { try await read.value }
        await #expect(throws: PostgreSQLError.self) { try await pool.read { _ in } }
        await #expect(throws: PostgreSQLError.self) { try await pool.write { _ in } }
        await #expect(throws: PostgreSQLError.self) { try await pool.writeTogether { _ in } }
        while try fixture.run("SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(fixture.schema)'") != "0" {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Locks

    @Test(arguments: [WriteScope.everything, .rows([a])])
    func concurrentWritersCountRight(scope: WriteScope) async throws {
        let pool = try await fixture.open()
        let other = try await fixture.open()
        try await pool.write { try $0.run("INSERT INTO items (id, amount) VALUES (1, 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        try await (writer % 2 == 0 ? pool : other).write(scope) { (database) throws in
                            let amount = try database.first("SELECT amount FROM items WHERE id = 1")?.integer("amount") ?? -1_000
                            try database.run("UPDATE items SET amount = ? WHERE id = 1", [.integer(amount + 1)])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.read { try $0.first("SELECT amount FROM items")?.integer("amount") } == 80)
    }

    @Test func transactionsOfOtherRowsRunAtOnceAndEverythingExcludesThem() async throws {
        let pool = try await fixture.open()
        let gate = Gate()
        let first = Task { try await pool.write(.rows([Self.a])) { _ in gate.wait() } }
        await gate.untilArrived()
        try await pool.write(.rows([Self.b])) { try $0.run("INSERT INTO items (amount) VALUES (1)") }
        let second = Task { try await pool.write(.rows([Self.a])) { try $0.run("INSERT INTO items (amount) VALUES (2)") } }
        let everything = Task { try await pool.write { try $0.first("SELECT count(*) AS n FROM items")?.integer("n") } }
        try await untilWaiting(2)
        #expect(try await pool.count() == 1)
        gate.open()
        try await first.value
        _ = try await second.value
        let count = try await everything.value
        #expect(count == 1 || count == 2)
    }

    @Test func twoTransactionsThatLockInOppositeOrderBothEnd() async throws {
        let pool = try await fixture.open()
        let gate = Gate()
        let runs = Counter()
        let ascending = Task {
            try await pool.write(.rows([])) { (database) throws in
                try database.lock(Self.a)
                if runs.add() == 1 { gate.wait() }
                try database.lock(Self.b)
                try database.lock(Self.b)
                try database.run("INSERT INTO items (name) VALUES ('ascending')")
            }
        }
        await gate.untilArrived()
        let tries = Counter()
        let descending = Task {
            try await pool.write(.rows([])) { (database) throws in
                try database.lock(Self.b)
                if tries.add() == 1 { gate.arrive() }
                try database.lock(Self.a)
                try database.run("INSERT INTO items (name) VALUES ('descending')")
            }
        }
        await gate.untilArrived()
        // It has been rolled back, and waits for both from its beginning.
        try await untilWaiting(1)
        gate.open()
        _ = try await ascending.value
        _ = try await descending.value
        #expect(runs.value == 1 && tries.value == 2)
        #expect(try await pool.count() == 2)
    }

    @Test func aClosureThatIgnoresALockErrorRunsAgain() async throws {
        let pool = try await fixture.open()
        let gate = Gate()
        let holder = Task { try await pool.write(.rows([Self.a])) { _ in gate.wait() } }
        await gate.untilArrived()
        let runs = Counter()
        let careless = Task {
            try await pool.write(.rows([Self.b])) { (database) throws in
                runs.add()
                try database.run("INSERT INTO items (amount) VALUES (1)")
                try? database.savepoint { try database.lock(Self.a) }
                _ = try? database.run("INSERT INTO items (amount) VALUES (1)")
            }
        }
        try await untilWaiting(1)
        gate.open()
        try await holder.value
        try await careless.value
        #expect(runs.value == 2)
        #expect(try await pool.count() == 2)
    }

    @Test func aLockOfASavepointEndsWithIt() async throws {
        let pool = try await fixture.open()
        try await pool.write(.rows([])) { (database) throws in
            try? database.savepoint {
                try database.lock(Self.b)
                throw TestError()
            }
            let held = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            #expect(try database.first(held)?.integer("n") == 1)
            try database.lock(Self.b)
            #expect(try database.first(held)?.integer("n") == 2)
            try database.lock(Self.a)
            #expect(try database.first(held)?.integer("n") == 3)
        }
    }

    @Test func aLockThatIsHeldForTooLongIsAnError() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.lock = .milliseconds(50)
        limits.lockTimeouts = 1
        let pool = try await fixture.open(limits: limits)
        let gate = Gate()
        let holder = Task { try await pool.write(.rows([Self.a])) { _ in gate.wait() } }
        await gate.untilArrived()
        for scope in [WriteScope.rows([Self.a]), .everything] {
            let error = await #expect(throws: PostgreSQLError.self) { try await pool.write(scope) { _ in } }
            #expect(error?.failure == .busy && error?.sqlState == "55P03")
        }
        gate.open()
        try await holder.value
        try await pool.write(.rows([Self.a])) { _ in }
    }

    @Test func aDeadlockOfRowsIsResolvedByRunningAgain() async throws {
        let pool = try await fixture.open()
        try await pool.write { try $0.run("INSERT INTO items (id) VALUES (1), (2)") }
        let gates = [Gate(), Gate()]
        let runs = Counter()
        let tasks = (0..<2).map { place in
            let own = Counter()
            return Task {
                try await pool.write(.rows([])) { (database) throws in
                    runs.add()
                    try database.run("UPDATE items SET amount = amount + 1 WHERE id = ?", [.integer(Int64(place + 1))])
                    if own.add() == 1 { gates[place].wait() }
                    try database.run("UPDATE items SET amount = amount + 1 WHERE id = ?", [.integer(Int64(2 - place))])
                }
            }
        }
        for gate in gates { await gate.untilArrived() }
        for gate in gates { gate.open() }
        for task in tasks { _ = try await task.value }
        // The one that runs again may be first again before the other one has noticed.
        #expect(runs.value >= 3)
        #expect(try await pool.read { try $0.query("SELECT amount FROM items").map { try $0.integer("amount") } } == [2, 2])
    }

    @Test func conflictsWithoutAnEndAreAnError() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.conflicts = 2
        let pool = try await fixture.open(limits: limits)
        let runs = Counter()
        let error = await #expect(throws: PostgreSQLError.self) {
            try await pool.write(.rows([])) { (database) throws in
                runs.add()
                try database.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
            }
        }
        #expect(error?.sqlState == "40001" && error?.failure == .busy && runs.value == 3)
    }

    // MARK: Groups

    private static func insert(_ id: Int64) -> @Sendable (any Database) throws -> Void {
        { try $0.run("INSERT INTO items (id) VALUES (?)", [.integer(id)]) }
    }

    /// Runs closures that all wait before the first of them runs, in this order; nil for one that succeeds.
    private func together(
        _ pool: PostgreSQLPool, byteCount: Int = 0, _ works: [@Sendable (any Database) throws -> Void]
    ) async throws -> [(any Error)?] {
        let gate = Gate()
        let first = Task { try await pool.writeTogether { _ in gate.wait() } }
        await gate.untilArrived()
        var tasks: [Task<Void, any Error>] = []
        for (place, work) in works.enumerated() {
            tasks.append(Task { try await pool.writeTogether(byteCount: byteCount, work) })
            while pool.waiting.count <= place { try await Task.sleep(for: .microseconds(200)) }
        }
        gate.open()
        try await first.value
        var errors: [(any Error)?] = []
        for task in tasks { if case .failure(let error) = await task.result { errors.append(error) } else { errors.append(nil) } }
        return errors
    }

    private func openWithSteps(_ migrations: [Migration] = [.items]) async throws -> (PostgreSQLPool, Recorder<GroupStep>) {
        let steps = Recorder<GroupStep>()
        return (try await fixture.open(migrations) { steps.append($0) }, steps)
    }

    @Test func aClosureOfAGroupThatThrowsIsRolledBackAlone() async throws {
        let (pool, steps) = try await openWithSteps()
        let errors = try await together(
            pool,
            [
                Self.insert(1),
                { database in
                    try Self.insert(2)(database)
                    throw TestError()
                },
                Self.insert(3), Self.insert(1), Self.insert(4),
            ])
        #expect(errors.map { $0 == nil } == [true, false, true, false, true])
        #expect(errors[1] is TestError && (errors[3] as? PostgreSQLError)?.isUniqueViolation == true)
        let ids = try await pool.read { try $0.query("SELECT id FROM items ORDER BY id").map { try $0.integer("id") } }
        #expect(ids == [1, 3, 4])
        #expect(
            steps.all.count { $0 == .beforeCommit } == 1 && steps.all.count { $0 == .afterCommit } == 1
                && steps.all.count { $0 == .betweenMembers } == 1 + 4)
    }

    @Test func callersOfAGroupAreAnsweredOnceItIsCommitted() async throws {
        let fixture = fixture
        let seen = Recorder<String>()
        let answered = Counter()
        let pool = try await fixture.open { step in
            guard step != .betweenMembers else { return }
            let count = try? fixture.run("SELECT count(*) FROM items")
            seen.append("\(count ?? "?") stored, \(answered.value) answered")
        }
        let works = (1...5).map { Self.insert($0) }
        let gate = Gate()
        let first = Task { try await pool.writeTogether { _ in gate.wait() } }
        await gate.untilArrived()
        var tasks: [Task<Void, any Error>] = []
        for (place, work) in works.enumerated() {
            tasks.append(
                Task {
                    try await pool.writeTogether(work)
                    answered.add()
                })
            while pool.waiting.count <= place { try await Task.sleep(for: .microseconds(200)) }
        }
        gate.open()
        try await first.value
        for task in tasks { try await task.value }
        #expect(seen.all == ["0 stored, 0 answered", "5 stored, 0 answered"])
        #expect(answered.value == 5)
    }

    @Test func aCommitOfAGroupThatFailsFailsEveryCaller() async throws {
        let children = Migration(
            "children", script: "CREATE TABLE children (item INTEGER REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED) STRICT")
        let (pool, steps) = try await openWithSteps([.items, children])
        let errors = try await together(
            pool,
            [Self.insert(1), { _ in throw TestError() }, { try $0.run("INSERT INTO children (item) VALUES (99)") }, Self.insert(2)])
        #expect(errors.allSatisfy { ($0 as? PostgreSQLError)?.isForeignKeyViolation == true })
        #expect(try await pool.count() == 0)
        #expect(steps.all.count { $0 == .afterCommit } == 0)
    }

    @Test func aGroupWhoseMembersLockInOppositeOrderRunsAgainAsAWhole() async throws {
        let (pool, _) = try await openWithSteps()
        let gate = Gate()
        let holder = Task { try await pool.write(.rows([Self.a])) { _ in gate.wait() } }
        await gate.untilArrived()
        let runs = Counter()
        let locking: @Sendable (LockKey, Int64) -> @Sendable (any Database) throws -> Void = { key, id in
            { database in
                runs.add()
                // What a member makes of the error does not matter.
                do { try database.lock(key) } catch { throw TestError() }
                try Self.insert(id)(database)
            }
        }
        let group = Task { try await together(pool, [locking(Self.b, 1), locking(Self.a, 2), Self.insert(3)]) }
        try await untilWaiting(1)
        gate.open()
        try await holder.value
        #expect(try await group.value.allSatisfy { $0 == nil })
        #expect(runs.value == 4)
        #expect(try await pool.count() == 3)
    }

    @Test func membersOfAGroupInConflictRunAlone() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.conflicts = 1
        let pool = try await fixture.open(limits: limits)
        let failing: @Sendable (any Database) throws -> Void = {
            try $0.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
        }
        let errors = try await together(pool, [Self.insert(1), failing, Self.insert(2)])
        #expect(errors.map { $0 == nil } == [true, false, true])
        #expect((errors[1] as? PostgreSQLError)?.sqlState == "40001")
        #expect(try await pool.count() == 2)
    }

    @Test func aGroupHasALimitedNumberOfCallersAndBytes() async throws {
        let (pool, steps) = try await openWithSteps()
        let count = WaitingWrites.memberLimit + 44
        #expect(try await together(pool, (0..<count).map { Self.insert(Int64($0)) }).allSatisfy { $0 == nil })
        #expect(steps.all.count { $0 == .beforeCommit } == 2 && steps.all.count { $0 == .betweenMembers } == count - 2)
        let size = WaitingWrites.byteLimit / 2
        _ = try await together(pool, byteCount: size, (0..<4).map { Self.insert(Int64(1_000 + $0)) })
        #expect(steps.all.count { $0 == .beforeCommit } == 4)
        #expect(try await pool.count() == Int64(count + 4))
    }

    @Test func aGroupTakesOneRoundTripForEachStatement() async throws {
        let (pool, _) = try await openWithSteps()
        _ = try await together(pool, [Self.insert(1)])
        let before = await pool.roundTrips()
        _ = try await together(pool, (2..<12).map { Self.insert($0) })
        // The first group is empty but for the lock; the second one has a statement for each of ten callers.
        #expect(await pool.roundTrips() - before == 2 + 12)
    }
}
