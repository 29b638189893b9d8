import Dispatch
import PostgreSQLServer
import SQL
import Synchronization
import Testing

@testable import PostgreSQL

/// A schema of its own on the server that the tests share.
struct PostgreSQLFixture {
    static let application = "tests"
    /// A database would take longer to create.
    private static let database = Result { try PostgreSQLServer.shared().createDatabase() }
    private static let schemas = Atomic(0)

    let server: PostgreSQLServer
    let database: String
    /// The schema, and the name under which its connections are known to the server.
    let schema: String

    init() throws {
        server = try PostgreSQLServer.shared()
        database = try Self.database.get()
        schema = "test\(Self.schemas.add(1, ordering: .relaxed).newValue)"
    }

    func configuration(_ parameters: String = "", user: String = "postgres") throws -> PostgreSQLConfiguration {
        let own = "schema=\(schema)&application_name=\(schema)" + (parameters.isEmpty ? "" : "&" + parameters)
        return try PostgreSQLConfiguration(url: server.url(database, user: user, parameters: own))
    }

    /// Opens the database with one table, or with the given migrations.
    func open(
        _ migrations: [Migration] = [.items], parameters: String = "", user: String = "postgres",
        opening: PostgreSQLPool.Opening = .migrating, limits: PostgreSQLPool.Limits = PostgreSQLPool.Limits(),
        reached: @escaping @Sendable (GroupStep) -> Void = { _ in }
    ) async throws -> PostgreSQLPool {
        try await PostgreSQLPool.open(
            configuration(parameters, user: user), application: Self.application, migrations: migrations, opening: opening, limits: limits,
            reached: reached)
    }

    /// Runs statements over another connection.
    @discardableResult func run(_ script: String) throws -> String {
        try server.run("SET search_path = \(schema); " + script, database: database)
    }
}

extension Migration {
    static let items = Migration(
        "items",
        script: "CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, amount INTEGER NOT NULL DEFAULT 0) STRICT")
}

extension PostgreSQLPool {
    func count(_ table: String = "items") async throws -> Int64 {
        try await read { try $0.first("SELECT count(*) AS number FROM \(table)")?.integer("number") ?? -1 }
    }
}

/// What a closure throws, for use in the closures of transactions.
func thrownError(_ work: () throws -> Void) -> (any Error)? {
    do {
        try work()
        return nil
    } catch {
        return error
    }
}

struct TestError: Error, Equatable {}

extension Trait where Self == ConditionTrait {
    /// Skips tests without PostgreSQL, unless the environment demands them, as CI does; then they fail.
    static var withServer: Self { .enabled(if: PostgreSQLServer.isAvailable, Comment(rawValue: PostgreSQLServer.skipReason)) }
}

/// Lets a closure wait for the test, and the test for the closure.
final class Gate: Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)

    /// Says that the closure is here, and waits until it may go on.
    func wait() {
        arrived.signal()
        opened.wait()
    }

    func arrive() { arrived.signal() }
    func open() { opened.signal() }
    /// Waits until a closure is here.
    func untilArrived() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.arrived.wait()
                continuation.resume()
            }
        }
    }
}

final class Counter: Sendable {
    private let count = Atomic(0)
    @discardableResult func add() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}

/// What closures have recorded, in order.
final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func append(_ element: Element) { elements.withLock { $0.append(element) } }
}
