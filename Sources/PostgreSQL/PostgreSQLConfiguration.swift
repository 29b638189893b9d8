import CPostgreSQL

/// How a PostgreSQL server is reached, and how many connections a process has.
///
/// It is created from a URL such as `postgresql://vectis@db.example/vectis` or `postgresql:///vectis?host=/run/postgresql`. The
/// connection to another machine is encrypted and the server's certificate is verified, unless the URL says otherwise.
public struct PostgreSQLConfiguration: Sendable, CustomStringConvertible {
    /// The numbers of connections that a process may have.
    public static let poolSizes = 2...64
    /// The number of connections of a process without another setting.
    public static let defaultPoolSize = 8
    /// The schema without another setting.
    public static let defaultSchema = "vectis"
    /// The file of trusted certificate authorities without another setting.
    public static let defaultAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// The schema that contains the tables: lower-case ASCII letters, digits and underscores, at most 63.
    public private(set) var schema: String
    /// How many connections a process has at most, without the one that waits for notifications.
    public let poolSize: Int
    /// The parameters of libpq, without a password.
    let parameters: [String: String]
    private let password: @Sendable () throws -> String?

    /// Creates a configuration from a URL.
    ///
    /// Besides the parameters of libpq, the URL can have `schema` and `pool_size`.
    ///
    /// - Parameters:
    ///   - url: The URL, without a password.
    ///   - defaultSchema: The schema if the URL names none.
    ///   - password: Returns the password, each time that a connection is opened; nil to use libpq's own password file.
    /// - Throws: ``PostgreSQLConfigurationError`` if the URL is invalid or not secure.
    public init(
        url: String, schema defaultSchema: String = defaultSchema, password: @escaping @Sendable () throws -> String? = { nil }
    ) throws {
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else { throw PostgreSQLConfigurationError.notAURL }
        guard !url.utf8.contains(0) else { throw PostgreSQLConfigurationError.notAURL }
        guard !Self.hasPassword(url) else { throw PostgreSQLConfigurationError.passwordInURL }
        let (libraryURL, own) = try Self.separate(url)
        var parameters = try Self.parse(libraryURL)

        for name in parameters.keys.sorted() where Self.secretParameters.contains(name) { throw PostgreSQLConfigurationError.passwordInURL }
        for name in parameters.keys.sorted() where !Self.knownParameters.contains(name) {
            throw PostgreSQLConfigurationError.parameterNotAllowed(name)
        }
        guard let database = parameters["dbname"], !database.isEmpty else { throw PostgreSQLConfigurationError.noDatabase }

        schema = own["schema"] ?? defaultSchema
        guard Self.isName(schema) else { throw PostgreSQLConfigurationError.invalidValue(parameter: "schema") }
        poolSize =
            try own["pool_size"].map { text in
                guard let size = Int(text), Self.poolSizes.contains(size) else {
                    throw PostgreSQLConfigurationError.invalidValue(parameter: "pool_size")
                }
                return size
            } ?? Self.defaultPoolSize

        if (parameters["host"] ?? "").isEmpty { parameters["host"] = Self.defaultSocketDirectory }
        try Self.secure(&parameters)
        parameters.merge(Self.defaults) { given, _ in given }
        guard let timeout = Int(parameters["connect_timeout"] ?? ""), (1...60).contains(timeout) else {
            throw PostgreSQLConfigurationError.invalidValue(parameter: "connect_timeout")
        }
        self.parameters = parameters
        self.password = password
    }

    /// Returns the same database with another schema.
    ///
    /// - Parameter suffix: What is added to the name of the schema: lower-case ASCII letters, digits and underscores.
    /// - Returns: The same server and database, and the other schema.
    /// - Throws: ``PostgreSQLConfigurationError`` if the name is too long or not valid.
    public func inSchema(withSuffix suffix: String) throws -> PostgreSQLConfiguration {
        var other = self
        other.schema += suffix
        guard Self.isName(other.schema) else { throw PostgreSQLConfigurationError.invalidValue(parameter: "schema") }
        return other
    }

    /// The server and the database, without any secret.
    public var description: String {
        let user = parameters["user"].map { "\($0)@" } ?? ""
        let host = parameters["host", default: ""]
        let port = parameters["port"].map { ":\($0)" } ?? ""
        let database = parameters["dbname", default: ""]
        if Self.isSocketDirectory(host) { return "postgresql://\(user)\(port)/\(database)?host=\(host) (schema \(schema))" }
        return "postgresql://\(user)\(host.contains(":") ? "[\(host)]" : host)\(port)/\(database) (schema \(schema))"
    }

    /// The parameters for one connection, with the password.
    func connectionParameters(options: [String: String]) throws -> [String: String] {
        var all = parameters
        // An empty one would not be the same as none: libpq then looks into its password file.
        if let password = try password(), !password.isEmpty { all["password"] = password }
        all["options"] = options.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }.joined(separator: " ")
        all["client_encoding"] = "UTF8"
        return all
    }
}

extension PostgreSQLConfiguration {
    private static let defaultSocketDirectory = "/var/run/postgresql"
    private static let secretParameters: Set<String> = ["password", "sslpassword"]

    private static let knownParameters: Set<String> = [
        "host", "hostaddr", "port", "dbname", "user", "passfile", "connect_timeout", "application_name", "sslmode", "sslrootcert",
        "sslcert",
        "sslkey", "sslcrl", "sslcrldir", "sslsni", "ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding", "gssencmode",
        "krbsrvname", "requirepeer", "target_session_attrs", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout",
    ]

    /// A server whose machine has vanished is noticed after about 20 seconds.
    private static let defaults = [
        "connect_timeout": "5", "application_name": "vectis", "gssencmode": "disable", "keepalives": "1", "keepalives_idle": "10",
        "keepalives_interval": "3", "keepalives_count": "3", "tcp_user_timeout": "15000",
    ]

    /// Looks for a password between `//` and `@`, before any text of the URL can be part of a message.
    private static func hasPassword(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@") else {
            // A slash or a question mark in a password hides the @ that follows it; what precedes it looks like a port.
            let hasOnlyPorts = authority.split(separator: ",").allSatisfy { host in
                let address = host.lastIndex(of: "]").map { host[$0...] } ?? host
                return address.firstIndex(of: ":").map { address[$0...].dropFirst().allSatisfy(\.isNumber) } ?? true
            }
            return !hasOnlyPorts || (authority.contains(":") && url[start...].prefix { $0 != "?" }.contains("@"))
        }
        return authority[..<at].contains(":")
    }

    /// Takes the parameters out of a URL that libpq does not know.
    private static func separate(_ url: String) throws -> (libraryURL: String, own: [String: String]) {
        guard let mark = url.firstIndex(of: "?") else { return (url, [:]) }
        var own: [String: String] = [:]
        var rest: [Substring] = []
        for pair in url[url.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, ["schema", "pool_size"].contains(name) else {
                rest.append(pair)
                continue
            }
            guard parts.count == 2, own.updateValue(String(parts[1]), forKey: String(name)) == nil else {
                throw PostgreSQLConfigurationError.invalidValue(parameter: String(name))
            }
        }
        return (url[..<mark] + (rest.isEmpty ? "" : "?" + rest.joined(separator: "&")), own)
    }

    private static func parse(_ url: String) throws -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(message) }
        guard let options = PQconninfoParse(url, &message) else {
            throw PostgreSQLConfigurationError.unreadable(reason: message.map { withoutQuotations(String(cString: $0)) } ?? "no memory")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }

    /// libpq quotes the text that it could not read, which may be a part of a password.
    private static func withoutQuotations(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        let text = parts.enumerated().map { $0.offset.isMultiple(of: 2) ? String($0.element) : "\"…\"" }.joined()
        return text.split(separator: "\n").joined(separator: " ")
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...63).contains(name.utf8.count) else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_") }
        return isLetter(first) && !name.hasPrefix("pg_")
            && name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Chooses verification for servers on other machines, and refuses encryption that proves nothing.
    private static func secure(_ parameters: inout [String: String]) throws {
        let mode = parameters["sslmode"] ?? (isLocal(parameters) ? "disable" : "verify-full")
        switch mode {
        case "disable": break
        case "verify-ca", "verify-full":
            if parameters["sslrootcert"] == nil { parameters["sslrootcert"] = defaultAuthorities }
        case "allow", "prefer", "require": throw PostgreSQLConfigurationError.notVerified(mode: mode)
        default: throw PostgreSQLConfigurationError.invalidValue(parameter: "sslmode")
        }
        parameters["sslmode"] = mode
    }

    /// Whether all hosts are socket directories or addresses of this machine.
    private static func isLocal(_ parameters: [String: String]) -> Bool {
        let addresses = parameters["hostaddr"].flatMap { $0.isEmpty ? nil : $0 } ?? parameters["host", default: ""]
        return addresses.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { isSocketDirectory($0) || isLoopback($0) }
    }

    private static func isSocketDirectory(_ host: some StringProtocol) -> Bool { host.hasPrefix("/") || host.hasPrefix("@") }

    private static func isLoopback(_ host: some StringProtocol) -> Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// A URL of a database can't be used; it contains no part of the URL that can be secret.
public enum PostgreSQLConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text does not begin with `postgresql://`.
    case notAURL
    /// libpq can't read the URL.
    case unreadable(reason: String)
    /// The URL contains a password, which other users of the machine can read in the list of processes.
    case passwordInURL
    /// The URL names no database.
    case noDatabase
    /// The URL has a parameter that this program sets itself or does not use.
    case parameterNotAllowed(String)
    /// A parameter has a value that is not valid.
    case invalidValue(parameter: String)
    /// The mode of encryption does not verify the server.
    case notVerified(mode: String)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .notAURL: "This is not the URL of a PostgreSQL database. Write postgresql://user@host/database."
        case .unreadable(let reason): "The URL of the database can't be read: \(reason). Write postgresql://user@host/database."
        case .passwordInURL:
            "The URL contains a password, which the list of processes shows to other users. Remove it, and give the password separately."
        case .noDatabase: "The URL names no database. Write postgresql://user@host/database."
        case .parameterNotAllowed(let name): "The URL has the parameter \(name), which can't be set there. Remove it."
        case .invalidValue("pool_size"):
            "pool_size is not a number from \(PostgreSQLConfiguration.poolSizes.lowerBound) to \(PostgreSQLConfiguration.poolSizes.upperBound)."
        case .invalidValue("schema"):
            "schema must consist of at most 63 lower-case letters, digits and underscores, and not begin with pg_."
        case .invalidValue("connect_timeout"): "connect_timeout is not a number of seconds from 1 to 60."
        case .invalidValue(let parameter): "The value of \(parameter) in the URL is not valid."
        case .notVerified(let mode):
            "sslmode=\(mode) encrypts without proof of who the server is, so that another machine can take its place. "
                + "Use verify-full with sslrootcert, or disable on a network that you trust."
        }
    }
}
