import CPostgreSQL
import Glibc
import SQL
import Synchronization

/// A connection of libpq, which one dispatch queue uses at a time.
///
/// It stays in libpq's pipeline mode: what is sent together costs one round trip, and after an error the rest of it is not run.
final class ServerConnection {
    /// A command of one statement.
    enum Command {
        /// A statement without values, which is not kept.
        case plain(String)
        /// Compiles a statement under a name.
        case prepare(name: String, sql: String, types: [Oid])
        /// Runs a compiled statement.
        case run(name: String, values: BoundValues)
    }

    /// What a command returned.
    enum Response {
        case success(ServerResult)
        case failure(ServerResult)
        /// An earlier command of the same round trip has failed.
        case skipped
    }

    private let handle: OpaquePointer
    /// Stops the statement that runs, from any thread.
    let cancellation: Cancellation
    /// The process of the server that serves this connection.
    let serverProcess: Int32
    /// How often this connection has waited for the server.
    private(set) var roundTrips = 0
    /// The numbers of commands whose responses have not been read.
    private var unread: [Int] = []
    /// Whether the connection has been lost.
    private(set) var isLost = false
    /// When the statement that runs is stopped; nil for no limit.
    var deadline: ContinuousClock.Instant?

    private init(_ handle: OpaquePointer) {
        self.handle = handle
        cancellation = Cancellation(handle)
        serverProcess = PQbackendPID(handle)
    }

    deinit { PQfinish(handle) }

    /// Connects, and waits for it at most as long as the configuration says.
    ///
    /// - Throws: ``PostgreSQLError``, or what the closure of the password throws.
    static func open(_ configuration: PostgreSQLConfiguration, options: [String: String]) throws -> ServerConnection {
        let parameters = try configuration.connectionParameters(options: options)
        guard let handle = start(parameters) else { throw PostgreSQLError("there is no memory for a connection") }
        var isOpen = false
        defer { if !isOpen { PQfinish(handle) } }
        // Messages with their codes, which distinguish a wrong password from a server that is starting.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQsetNoticeProcessor(handle, { _, _ in }, nil)

        let limit = ContinuousClock.now + .seconds(Int(parameters["connect_timeout"] ?? "") ?? 5)
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else {
                throw PostgreSQLError(connecting: handle, to: configuration.description)
            }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard wait(for: events, on: PQsocket(handle), until: limit) else {
                throw PostgreSQLError(
                    "\(configuration) could not be opened: the server did not answer in time", failure: .unreachable)
            }
            state = PQconnectPoll(handle)
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw PostgreSQLError("libpq can't send several statements at once")
        }
        isOpen = true
        return ServerConnection(handle)
    }

    private static func start(_ parameters: [String: String]) -> OpaquePointer? {
        var keywords: [UnsafeMutablePointer<CChar>?] = []
        var values: [UnsafeMutablePointer<CChar>?] = []
        defer { for text in keywords + values { free(text) } }
        for (keyword, value) in parameters {
            keywords.append(strdup(keyword))
            values.append(strdup(value))
        }
        let keywordPointers = keywords.map { UnsafePointer($0) } + [nil]
        let valuePointers = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywordPointers, valuePointers, 0)
    }

    /// Runs commands in one round trip.
    ///
    /// - Returns: The response to each of them.
    /// - Throws: ``PostgreSQLError`` if the connection was lost, even if the server had run them.
    func exchange(_ commands: [Command]) throws -> [Response] {
        try sendAll(commands)
        roundTrips += 1
        while let count = unread.first {
            _ = try responses(count)
            unread.removeFirst()
        }
        return try responses(commands.count)
    }

    /// Sends commands without waiting for their responses, which the next round trip reads and ignores.
    ///
    /// - Throws: ``PostgreSQLError`` if the connection was lost.
    func send(withoutWaiting commands: [Command]) throws {
        try sendAll(commands)
        unread.append(commands.count)
    }

    private func sendAll(_ commands: [Command]) throws {
        guard !isLost else { throw PostgreSQLError.lost() }
        for command in commands { try require(send(command)) }
        try require(PQpipelineSync(handle))
        try flush()
    }

    private func responses(_ count: Int) throws -> [Response] {
        let responses = try (0..<count).map { _ in try response() }
        try finish()
        return responses
    }

    private func send(_ command: Command) -> CInt {
        switch command {
        case .plain(let sql): PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1)
        case .prepare(let name, let sql, let types): PQsendPrepare(handle, name, sql, CInt(types.count), types)
        case .run(let name, let values):
            values.withPointers { pointers, lengths, formats in
                PQsendQueryPrepared(handle, name, CInt(lengths.count), pointers, lengths, formats, 1)
            }
        }
    }

    /// The result of a command, and the end of it.
    private func response() throws -> Response {
        var response: Response?
        while let result = try nextResult() {
            switch PQresultStatus(result.handle) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: response = .success(result)
            case PGRES_PIPELINE_ABORTED: response = .skipped
            default:
                if PostgreSQLError.isFatal(result.handle) { throw lose(PostgreSQLError(result: result.handle, sql: nil)) }
                response = .failure(result)
            }
        }
        guard let response else { throw lose(.lost()) }
        return response
    }

    /// Reads the end of a round trip.
    private func finish() throws {
        guard let result = try nextResult(), PQresultStatus(result.handle) == PGRES_PIPELINE_SYNC else { throw lose(.lost()) }
    }

    private func nextResult() throws -> ServerResult? {
        while PQisBusy(handle) == 1 { try receive(POLLIN) }
        return PQgetResult(handle).map { ServerResult($0) }
    }

    private func flush() throws {
        while true {
            switch PQflush(handle) {
            case 0: return
            // The server may wait until its answers to the first commands are read.
            case 1: try receive(POLLIN | POLLOUT)
            default: throw lose(.lost())
            }
        }
    }

    private func receive(_ events: Int32) throws {
        if !Self.wait(for: events, on: PQsocket(handle), until: deadline) {
            // The server answers that it has stopped the statement; without an answer, the connection is of no more use.
            cancellation.cancel()
            deadline = nil
            guard Self.wait(for: POLLIN, on: PQsocket(handle), until: .now + .seconds(2)) else { throw lose(.lost()) }
        }
        guard PQconsumeInput(handle) == 1 else { throw lose(.lost()) }
    }

    private func require(_ status: CInt) throws {
        guard status != 1 else { return }
        guard PQstatus(handle) == CONNECTION_BAD else { throw lose(PostgreSQLError("libpq did not accept a statement")) }
        throw lose(.lost())
    }

    private func lose(_ error: PostgreSQLError) -> PostgreSQLError {
        isLost = true
        return PostgreSQLError.lost(error.message, sqlState: error.sqlState)
    }

    /// Waits until a socket is ready.
    ///
    /// - Returns: False if the time is over.
    private static func wait(for events: Int32, on socket: CInt, until deadline: ContinuousClock.Instant?) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            var milliseconds: Int32 = -1
            if let deadline { milliseconds = Int32(clamping: Int64((max(.zero, deadline - .now) / .milliseconds(1)).rounded(.up))) }
            let count = poll(&descriptor, 1, milliseconds)
            if count > 0 { return true }
            if count == 0 { return false }
            guard errno == EINTR else { return true }
        }
    }
}

extension ServerConnection {
    /// Waits for notifications, and returns the payloads that have arrived; empty if `wakeUp` became readable.
    ///
    /// - Throws: ``PostgreSQLError`` if the connection was lost.
    func notifications(orUntil wakeUp: CInt) throws -> [String] {
        while true {
            var payloads: [String] = []
            while let notification = PQnotifies(handle) {
                payloads.append(String(cString: notification.pointee.extra))
                PQfreemem(notification)
            }
            guard payloads.isEmpty else { return payloads }
            var descriptors = [
                pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0), pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) > 0 || errno == EINTR else { throw lose(.lost()) }
            if descriptors[1].revents != 0 { return [] }
            if descriptors[0].revents != 0 {
                guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else { throw lose(.lost()) }
            }
        }
    }
}

/// Stops the statement that a connection runs.
final class Cancellation: Sendable {
    // A cancel object of libpq is not changed after it was made, and may be used by any thread.
    private nonisolated(unsafe) let handle: OpaquePointer?

    fileprivate init(_ connection: OpaquePointer) { handle = PQgetCancel(connection) }

    deinit { PQfreeCancel(handle) }

    /// Asks the server to stop the statement, and waits until the server has the request.
    func cancel() {
        guard let handle else { return }
        var message = [CChar](repeating: 0, count: 256)
        // If it fails, the connection is lost, too.
        _ = PQcancel(handle, &message, 256)
    }
}
