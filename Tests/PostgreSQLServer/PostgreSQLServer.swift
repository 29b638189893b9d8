import Foundation
import Synchronization
import TestSupport

/// A PostgreSQL server of Debian's package in a temporary folder, which ends with the process that started it.
///
/// It runs as an ordinary user, on a private socket, and keeps to what it says about its disk. A shell between the tests and the server
/// stops the server and removes the folder once the tests end, however they end.
public final class PostgreSQLServer: Sendable {
    /// How the server ends.
    public enum Stop: String, Sendable {
        /// Ends all connections and writes everything to the disk.
        case fast
        /// Ends all processes at once, like a crash.
        case immediate
        /// Kills the first process, like the system when memory is short; the others notice.
        case kill
    }

    /// A port on loopback, besides the socket.
    public struct Network: Sendable {
        /// The file of the certificate, in the folder of the data; nil for no encryption.
        public var certificate: String?
        /// The file of its key.
        public var key: String?

        /// Creates a ``Network``.
        public init(certificate: String? = nil, key: String? = nil) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// An error of starting or stopping the server.
    public struct ServerError: Error, CustomStringConvertible {
        /// What the server or its tools printed.
        public let description: String
    }

    /// The folder of the server's programs, of the newest version from 15 on; nil if there is none.
    public static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let version = versions.compactMap { Int($0) }.filter { $0 >= 15 }.filter {
            FileManager.default.isExecutableFile(atPath: "\(root)/\($0)/bin/initdb")
        }.max()
        return version.map { "\(root)/\($0)/bin" }
    }()

    /// Whether tests that need a server run; without one they are skipped, unless the environment demands them.
    public static var isAvailable: Bool { programs != nil || isRequired }

    /// Whether the environment demands that tests with a server run, as in CI.
    public static var isRequired: Bool { ProcessInfo.processInfo.environment["REQUIRE_POSTGRESQL"] == "1" }

    /// Why tests are skipped, for a message.
    public static let skipReason: String = "PostgreSQL 15 or newer is not installed: install Debian's package postgresql"

    /// The folder with the socket.
    public let folder: String
    /// The folder with the data, which belongs to the user of the server.
    public var dataFolder: String { folder + "/data" }
    /// The port on loopback; 5432 in the name of the socket without one.
    public let port: Int
    private let shell = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let commands = Mutex(())
    private let databases = Atomic(0)

    /// The server that all tests of a process share.
    ///
    /// - Throws: ``ServerError`` if it can't be started.
    public static func shared() throws -> PostgreSQLServer {
        try sharedServer.withLock { server in
            if let server { return server }
            let started = try PostgreSQLServer()
            server = started
            return started
        }
    }

    private static let sharedServer = Mutex<PostgreSQLServer?>(nil)

    /// Makes a new cluster, and starts a server on it.
    ///
    /// - Parameters:
    ///   - network: Also listens on a port of loopback, where passwords are needed; nil for the socket alone.
    ///   - prepare: Puts files into the folder of the data before the server starts.
    /// - Throws: ``ServerError`` if it can't be started, or what `prepare` throws.
    public init(network: Network? = nil, prepare: (_ dataFolder: String) throws -> Void = { _ in }) throws {
        guard let programs = Self.programs else { throw ServerError(description: Self.skipReason) }
        // The path of a socket has less than 108 bytes.
        var template = Array("/tmp/postgresql.XXXXXX".utf8CString)
        guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) != nil else {
            throw ServerError(description: "no temporary folder")
        }
        folder = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        port = network == nil ? 5_432 : Self.unusedPort()
        let user = getuid() == 0 ? "nobody" : ""
        if !user.isEmpty, let account = getpwnam(user) { chown(folder, account.pointee.pw_uid, account.pointee.pw_gid) }

        var settings = [
            "listen_addresses = '\(network == nil ? "" : "127.0.0.1")'", "port = \(port)", "unix_socket_directories = '\(folder)'",
            "shared_buffers = 32MB", "max_connections = 200", "fsync = on", "synchronous_commit = on", "wal_level = minimal",
            "max_wal_senders = 0", "log_min_messages = fatal", "lc_messages = 'C'", "timezone = 'UTC'",
        ]
        if let certificate = network?.certificate, let key = network?.key {
            settings += ["ssl = on", "ssl_cert_file = '\(certificate)'", "ssl_key_file = '\(key)'"]
        }
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        // A process of root alone can change its user.
        let prefix = user.isEmpty ? [] : ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=nogroup", "--clear-groups"]
        let words = prefix + ["/bin/sh", "-c", Self.script, "sh", programs, folder, settings.joined(separator: "\n")]
        shell.arguments = ["-c", "exec \"$@\"", "sh"] + words
        shell.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": folder]
        shell.currentDirectoryURL = URL(fileURLWithPath: "/")
        shell.standardInput = input
        shell.standardOutput = output
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        try expect("ready")
        try prepare(dataFolder)
        try start()
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Starts the server after ``stop(_:)``, and waits until it accepts connections.
    ///
    /// - Throws: ``ServerError``.
    public func start() throws { try command("start") }

    /// Ends the server, and waits until it has ended.
    ///
    /// - Throws: ``ServerError``.
    public func stop(_ stop: Stop) throws { try command(stop.rawValue) }

    /// Lets the server read its settings and certificates again.
    ///
    /// - Throws: ``ServerError``.
    public func reload() throws { try command("reload") }

    /// Runs statements as the server's administrator.
    ///
    /// - Returns: What they print: values without decoration, one row a line.
    /// - Throws: ``ServerError`` with the message of the first one that fails.
    @discardableResult public func run(_ script: String, database: String = "postgres") throws -> String {
        guard let programs = Self.programs else { throw ServerError(description: Self.skipReason) }
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: programs + "/psql")
        process.arguments = [
            "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", "\(port)", "-U", "postgres", "-d", database, "-c", script,
        ]
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitForExit()
        guard process.terminationStatus == 0 else { throw ServerError(description: message) }
        return text.split(separator: "\n").joined(separator: "\n")
    }

    /// Creates an empty database for one test.
    ///
    /// - Parameters:
    ///   - options: What follows the name, such as `ENCODING 'SQL_ASCII'`.
    ///   - template: The database it is a copy of, which must not be in use meanwhile.
    /// - Returns: Its name.
    /// - Throws: ``ServerError``.
    public func createDatabase(_ options: String = "", template: String = "template0") throws -> String {
        let name = "test\(databases.add(1, ordering: .relaxed).newValue)"
        try run("CREATE DATABASE \(name) TEMPLATE \(template) \(options)")
        return name
    }

    /// The URL of a database over the socket.
    public func url(_ database: String, user: String = "postgres", parameters: String = "") -> String {
        "postgresql://\(user)@/\(database)?host=\(folder)&port=\(port)\(parameters.isEmpty ? "" : "&" + parameters)"
    }

    private func command(_ command: String) throws {
        try commands.withLock { _ in
            try input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
            try expect("done")
        }
    }

    /// Reads one line.
    private func expect(_ word: String) throws {
        var line = ""
        while !line.hasSuffix("\n"), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
            line += String(decoding: more, as: UTF8.self)
        }
        guard line.hasSuffix(word + "\n") else { throw ServerError(description: "the server did not start: \(line)") }
    }

    private static func unusedPort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(descriptor, pointer, size) == 0, getsockname(descriptor, pointer, &size) == 0 else { return 0 }
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int($0.pointee.sin_port.bigEndian) }
            }
        }
    }

    /// Reads commands until the end of the input, which comes when the tests end.
    private static let script = """
        programs=$1 folder=$2 settings=$3
        trap '' INT TERM HUP QUIT PIPE
        cd "$folder" || exit 1
        control() { "$programs/pg_ctl" -D "$folder/data" -s -w -t 60 "$@" >>"$folder/log" 2>&1 </dev/null; }
        answer() { if [ "$1" -eq 0 ]; then echo done; else cat "$folder/log" "$folder/server.log" | tail -n 9 | tr "\\n" " "; echo failed; fi; }
        running() { for each in /proc/[0-9]*; do [ "$(readlink "$each/cwd")" = "$folder/data" ] && return 0; done 2>/dev/null; return 1; }
        "$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale=C -N >log 2>&1 </dev/null || { tail -n 5 log; exit 1; }
        printf '%s\\n' "$settings" >>data/postgresql.conf
        printf 'local all all trust\\nhost all all 127.0.0.1/32 scram-sha-256\\n' >data/pg_hba.conf
        echo ready
        while read -r command; do
            case $command in
            start) control -l "$folder/server.log" start; answer $? ;;
            fast | immediate) control -m "$command" stop; answer $? ;;
            reload) control reload; answer $? ;;
            kill)
                kill -9 "$(head -n 1 data/postmaster.pid)"
                # The other processes end by themselves; the next server can't start before.
                while running; do sleep 0.05; done
                rm -f data/postmaster.pid .s.PGSQL.*
                answer 0 ;;
            esac
        done
        control -m immediate stop
        rm -rf "$folder"
        """
}
