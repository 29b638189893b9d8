import Foundation
import PostgreSQLServer
import SQL
import TestSupport
import Testing

@testable import PostgreSQL

/// Connections over a network, to a server with a certificate.
@Suite(.withServer, .serialized, .timeLimit(.minutes(2))) struct PostgreSQLConnectTests {
    /// A server whose certificate a test can replace, and the authority that it trusts.
    private final class Network: Sendable {
        static let shared = Result { try Network() }

        let server: PostgreSQLServer
        /// The folder with the certificates.
        var folder: String { server.folder }

        private init() throws {
            let script = """
                set -e; cd "$1"
                key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                openssl req -x509 $key -keyout ca.key -out ca.pem -subj "/CN=Test CA" -days 30
                printf '[a]\\ndatabase=index\\nnew_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\ncopy_extensions=copy\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n' >ca.conf
                : >index; echo 01 >serial
                signed() {
                    openssl req $key -keyout $1.key -out $1.csr -subj /CN=$1 -addext subjectAltName=$2
                    openssl ca -batch -config ca.conf -name a -cert ca.pem -keyfile ca.key -in $1.csr -out $1.pem -notext -startdate 20200101000000Z -enddate $3
                }
                signed good DNS:localhost,IP:127.0.0.1 20900101000000Z
                signed expired DNS:localhost,IP:127.0.0.1 20210101000000Z
                signed wrongName DNS:other.example 20900101000000Z
                openssl req -x509 $key -keyout selfSigned.key -out selfSigned.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 30
                """
            // They go with the folder of the server, which runs as another user, whose key must be its own.
            server = try PostgreSQLServer(network: .init(certificate: "server.pem", key: "server.key")) { data in
                let folder = String(data.dropLast("/data".count))
                try Self.run("/bin/sh", ["-c", script, "sh", folder])
                try Self.install("good", from: folder, in: data)
            }
            try server.run("CREATE ROLE app LOGIN PASSWORD 's3cret'")
            try server.run("CREATE DATABASE app OWNER app")
        }

        func use(_ certificate: String) throws {
            try Self.install(certificate, from: folder, in: server.dataFolder)
            try server.reload()
        }

        private static func install(_ certificate: String, from folder: String, in data: String) throws {
            // They belong to the owner of the data.
            try run(
                "/bin/sh",
                [
                    "-c",
                    "cat \"$1.pem\" >\"$2/server.pem\" && cp \"$1.key\" \"$2/server.key\" && chmod 600 \"$2/server.key\" && "
                        + "chown --reference=\"$2\" \"$2/server.key\" \"$2/server.pem\"", "sh", "\(folder)/\(certificate)", data,
                ])
        }

        private static func run(_ program: String, _ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitForExit()
            guard process.terminationStatus == 0 else { throw TestError() }
        }

        func url(host: String = "localhost", user: String = "app", database: String = "app", _ parameters: String = "") -> String {
            "postgresql://\(user)@\(host):\(server.port)/\(database)?\(parameters)"
        }

        var verified: String { "sslmode=verify-full&sslrootcert=\(folder)/ca.pem" }
    }

    private let network: Network

    init() throws { network = try Network.shared.get() }

    private func open(_ url: String, password: String? = "s3cret") async throws -> PostgreSQLPool {
        try await PostgreSQLPool.open(
            PostgreSQLConfiguration(url: url) { password }, application: "tests", migrations: [.items])
    }

    private func isEncrypted(_ pool: PostgreSQLPool) async throws -> Bool {
        try await pool.read { try $0.first("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")?.flag("ssl") ?? false }
    }

    @Test func theCertificateOfTheRightServerIsAccepted() async throws {
        try network.use("good")
        for host in ["localhost", "127.0.0.1"] {
            let pool = try await open(network.url(host: host, network.verified))
            #expect(try await isEncrypted(pool))
            await pool.close()
        }
        // Loopback needs none.
        let plain = try await open(network.url())
        #expect(try await !isEncrypted(plain))
        await plain.close()
    }

    @Test(arguments: [
        ("expired", "certificate verify failed"), ("wrongName", "does not match host name"), ("selfSigned", "certificate verify failed"),
    ])
    func aCertificateThatProvesNothingIsRefused(certificate: String, reason: String) async throws {
        try network.use(certificate)
        let error = await #expect(throws: PostgreSQLError.self) { try await open(network.url(network.verified)) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
        #expect(error?.failure == .cannotOpen)
        if certificate == "wrongName" {
            // The URL can ask for a proof of the authority alone.
            let pool = try await open(network.url("sslmode=verify-ca&sslrootcert=\(network.folder)/ca.pem"))
            #expect(try await isEncrypted(pool))
            await pool.close()
        }
        try network.use("good")
    }

    @Test func anAuthorityThatIsNotKnownIsRefused() async throws {
        try network.use("good")
        for parameters in ["sslmode=verify-full", "sslmode=verify-full&sslrootcert=/nonexistent.pem"] {
            let error = await #expect(throws: PostgreSQLError.self) { try await open(network.url(parameters)) }
            #expect(error?.failure == .cannotOpen, "\(error?.description ?? "no error")")
        }
    }

    @Test func aWrongPasswordAndAnUnknownDatabaseHaveDifferentErrors() async throws {
        let cases: [(url: String, password: String?, state: String?, text: String)] = [
            (network.url(), "wr0ng", "28P01", "password authentication failed"), (network.url(), nil, nil, "no password supplied"),
            (network.url(user: "unknown_role"), "wr0ng", "28P01", "password authentication failed"),
            (network.url(database: "missing"), "s3cret", "3D000", "database \"missing\" does not exist"),
        ]
        for (url, password, state, text) in cases {
            let error = await #expect(throws: PostgreSQLError.self) { try await open(url, password: password) }
            #expect(error?.sqlState == state && error?.failure == .cannotOpen, "\(error?.description ?? "")")
            #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("wr0ng") == false && error?.description.contains("s3cret") == false)
        }
    }

    @Test func aServerThatCanNotBeReachedIsUnreachable() async throws {
        let urls = [
            "postgresql://app@127.0.0.1:1/app", "postgresql:///app?host=/nonexistent",
            "postgresql://app@unknown.invalid/app?sslmode=disable",
        ]
        for url in urls {
            let error = await #expect(throws: PostgreSQLError.self) { try await open(url) }
            #expect(error?.failure == .unreachable, "\(error?.description ?? "")")
            #expect(error?.description.contains("could not be opened") == true)
        }
    }

    @Test func aPasswordFileIsUsed() async throws {
        let path = network.folder + "/passwords"
        try Data("localhost:\(network.server.port):app:app:s3cret\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let pool = try await open(network.url("passfile=\(path)"), password: nil)
        #expect(try await pool.count() == 0)
        await pool.close()
    }

    @Test func theErrorOfThePasswordIsThrown() async throws {
        let configuration = try PostgreSQLConfiguration(url: network.url()) { throw TestError() }
        await #expect(throws: TestError.self) {
            try await PostgreSQLPool.open(configuration, application: "tests", migrations: [.items])
        }
    }
}
