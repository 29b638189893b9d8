import CPostgreSQL
public import SQL

/// An error of PostgreSQL, with the statement but never with a value bound to it.
///
/// The details that PostgreSQL sends with an error quote values, such as those of a violated key; they are not kept.
public struct PostgreSQLError: DatabaseError, Sendable, Equatable {
    /// PostgreSQL's code of five characters, such as 23505 for a violated key; nil if the error is not from the server.
    public let sqlState: String?
    /// The error message, from PostgreSQL or from this module.
    ///
    /// It never contains values bound to the statement.
    public let message: String
    /// The constraint that was violated, by its name in the schema; nil for another error.
    public let constraint: String?
    /// The table, if PostgreSQL names it.
    public let table: String?
    /// The text of the statement, with `?` instead of values; nil if no statement was involved.
    public let sql: String?
    /// What it says about the database, whatever was asked; nil if it is about the statement.
    public let failure: DatabaseFailure?

    init(
        _ message: String, sqlState: String? = nil, failure: DatabaseFailure? = nil, sql: String? = nil, constraint: String? = nil,
        table: String? = nil
    ) {
        self.message = message
        self.sqlState = sqlState
        self.failure = failure
        self.sql = sql
        self.constraint = constraint
        self.table = table
    }

    /// The message, the code, a recommendation and the statement.
    public var description: String {
        let code = sqlState.map { " (code \($0))" } ?? ""
        let advice = advice.map { " \($0)" } ?? ""
        return "PostgreSQL: \(message)\(code).\(advice)\(sql.map { " In: \($0)" } ?? "")"
    }

    private var advice: String? {
        switch failure {
        case .full: "Free some space on the server's disk, then try again."
        case .readOnly: "Connect to the primary server, with a role that may write."
        case .damaged: "Keep a copy of the server's data folder, then restore a backup."
        case .failing: "The server's disk failed to read or write; check its log."
        case .cannotOpen where isAboutEncryption:
            "Check the server's certificate, its authority in sslrootcert, and the host of the URL."
        case .cannotOpen: "Check the role, its password and the name of the database."
        case .busy: "Another transaction keeps the rows locked; try again."
        case .unreachable: "Check that the server runs, and the host and port of its URL."
        case .commitUnknown: "Check what was stored before it is repeated."
        // The message names what is missing.
        case .unsuitable, nil: nil
        }
    }

    /// Whether the connection was not opened because it could not be encrypted, or the server is not proven to be the right one.
    public var isAboutEncryption: Bool { failure == .cannotOpen && sqlState == nil && Self.isAboutEncryption(message) }

    /// Whether the server offers no encryption.
    public var offersNoEncryption: Bool { isAboutEncryption && message.contains("does not support SSL") }
}

extension PostgreSQLError {
    /// Whether a row violates any constraint of the schema.
    public var isConstraintViolation: Bool { sqlState?.hasPrefix("23") == true }
    /// Whether a row with the same key exists: a PRIMARY KEY, or a UNIQUE constraint or index.
    public var isUniqueViolation: Bool { sqlState == "23505" }
    /// Whether a row refers to a missing row, or a deleted row is still referred to.
    public var isForeignKeyViolation: Bool { sqlState == "23503" }
}

extension PostgreSQLError {
    static let closed = PostgreSQLError("the connections to the database have been closed")

    static func misuse(_ message: String, sql: String? = nil) -> PostgreSQLError { PostgreSQLError(message, sql: sql) }

    static func lost(_ message: String = "the connection to the server was lost", sqlState: String? = nil) -> PostgreSQLError {
        PostgreSQLError(message, sqlState: sqlState, failure: .unreachable)
    }

    /// Reads the error of a result.
    init(result: OpaquePointer, sql: String?) {
        let state = Self.field(result, cpostgresql_sqlstate)
        let constraint = Self.field(result, cpostgresql_constraint)
        let table = Self.field(result, cpostgresql_table)
        let message = Self.field(result, cpostgresql_message)
        guard let state else {
            // Without a code it is libpq's own error, whose only cause in a result is the connection.
            self = .lost()
            return
        }
        let isValueFree = Self.classesWithoutValues.contains(String(state.prefix(2)))
        self.init(
            isValueFree ? message ?? Self.describe(state) : Self.describe(state), sqlState: state, failure: Self.failure(of: state),
            sql: sql,
            constraint: constraint, table: table)
    }

    /// Describes why a connection could not be opened; its messages must have been asked for with their codes.
    init(connecting connection: OpaquePointer?, to location: String) {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        var state: String?
        // "connection to server at … failed: FATAL:  28P01: password authentication failed …", and lines that say where in the server.
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }.map { line -> String in
            guard let code = line.firstMatch(of: /:\s\s([0-9A-Z]{5}):\s/) else { return String(line) }
            state = String(code.output.1)
            return line[..<code.output.1.startIndex] + String(line[code.range.upperBound...])
        }
        let reason = lines.isEmpty ? "no connection" : lines.joined(separator: "; ")
        self.init("\(location) could not be opened: \(reason)", sqlState: state, failure: Self.connectFailure(state: state, reason: reason))
    }

    /// Whether the server has ended the connection with the error.
    static func isFatal(_ result: OpaquePointer) -> Bool {
        guard let severity = field(result, cpostgresql_severity) else { return field(result, cpostgresql_sqlstate) == nil }
        return severity == "FATAL" || severity == "PANIC"
    }

    private static func field(_ result: OpaquePointer, _ code: CInt) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    /// The classes of codes whose messages name only the schema, the statement's own text and the server.
    ///
    /// Others quote what could not be converted, or say what a function chooses.
    private static let classesWithoutValues: Set<String> = [
        "08", "0A", "23", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57",
    ]

    private static func describe(_ state: String) -> String {
        switch state {
        case "22001": return "a text is too long for its column"
        case "22003": return "a number is out of range"
        case "22012": return "a division by zero"
        case "22021": return "a text contains bytes that the database can't store"
        case "22P02", "22P03": return "a value has the wrong form for its type"
        default: break
        }
        switch state.prefix(2) {
        case "22": return "a value can't be stored or calculated"
        case "58": return "the server's system failed to read or write"
        case "XX": return "an internal error of the server"
        case "P0": return "a function of the database raised an error"
        default: return "the statement failed"
        }
    }

    static func failure(of state: String) -> DatabaseFailure? {
        switch state {
        case "53100": return .full
        case "25006": return .readOnly
        case "XX001", "XX002": return .damaged
        case "58030": return .failing
        case "55P03", "40001", "40P01": return .busy
        case "57P01", "57P02", "57P03", "57P05", "25P03", "53300": return .unreachable
        case "3D000": return .cannotOpen
        default: break
        }
        switch state.prefix(2) {
        case "08": return .unreachable
        case "28": return .cannotOpen
        default: return nil
        }
    }

    private static func connectFailure(state: String?, reason: String) -> DatabaseFailure {
        if let state { return failure(of: state) ?? .cannotOpen }
        // Without a code it is the network, or what libpq itself refuses, which will not fit later either.
        return isAboutEncryption(reason) || reason.contains("no password supplied") ? .cannotOpen : .unreachable
    }

    private static func isAboutEncryption(_ message: String) -> Bool {
        ["certificate", "SSL error", "does not support SSL"].contains { message.contains($0) }
    }
}
