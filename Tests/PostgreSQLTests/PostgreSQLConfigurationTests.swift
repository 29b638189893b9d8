import Testing

@testable import PostgreSQL

@Suite struct PostgreSQLConfigurationTests {
    /// What a URL must become: some of the parameters of libpq, or an error.
    typealias Case = (url: String, expected: [String: String])

    @Test(
        arguments: [
            // Another machine is verified.
            (
                "postgresql://u@db.example/d",
                [
                    "host": "db.example", "user": "u", "dbname": "d", "sslmode": "verify-full", "connect_timeout": "5",
                    "sslrootcert": "/etc/ssl/certs/ca-certificates.crt", "application_name": "vectis", "keepalives": "1",
                ]
            ),
            ("postgres://u@10.0.0.5:6432/d", ["host": "10.0.0.5", "port": "6432", "sslmode": "verify-full"]),
            ("postgresql://u@[2001:db8::1]:5432/d", ["host": "2001:db8::1", "port": "5432", "sslmode": "verify-full"]),
            ("postgresql://u@localhost,db.example/d", ["host": "localhost,db.example", "sslmode": "verify-full"]),
            ("postgresql://u@127.0.0.1.example/d", ["sslmode": "verify-full"]),
            ("postgresql://u@localhost/d?hostaddr=10.0.0.5", ["sslmode": "verify-full"]),
            // This machine is not.
            ("postgresql://u@localhost/d", ["sslmode": "disable"]), ("postgresql://u@127.0.0.1/d", ["sslmode": "disable"]),
            ("postgresql://u@127.9.9.9:5433/d", ["sslmode": "disable"]), ("postgresql://u@[::1]/d", ["host": "::1", "sslmode": "disable"]),
            ("postgresql:///d?host=/run/pg", ["host": "/run/pg", "dbname": "d", "sslmode": "disable"]),
            ("postgresql://u@%2Frun%2Fpg/d", ["host": "/run/pg", "sslmode": "disable"]),
            ("postgresql:///d", ["host": "/var/run/postgresql", "sslmode": "disable"]),
            ("postgresql://db.example/d?hostaddr=127.0.0.1", ["sslmode": "disable"]),
            // What the URL says.
            ("postgresql://u@localhost/d?sslmode=verify-full&sslrootcert=/ca.pem", ["sslmode": "verify-full", "sslrootcert": "/ca.pem"]),
            ("postgresql://u@db.example/d?sslmode=verify-ca", ["sslmode": "verify-ca"]),
            ("postgresql://u@db.example/d?sslmode=disable", ["sslmode": "disable"]),
            (
                "postgresql://u@db.example/d?connect_timeout=9&application_name=other",
                ["connect_timeout": "9", "application_name": "other"]
            ),
            (
                "postgresql://u@db.example/d?passfile=/etc/vectis/pgpass&target_session_attrs=read-write",
                ["passfile": "/etc/vectis/pgpass", "target_session_attrs": "read-write"]
            ),
        ] as [Case])
    func aURLBecomesParametersOfTheLibrary(url: String, expected: [String: String]) throws {
        let configuration = try PostgreSQLConfiguration(url: url)
        for (name, value) in expected { #expect(configuration.parameters[name] == value, "\(name)") }
        #expect(configuration.schema == "vectis" && configuration.poolSize == 8)
        #expect(configuration.parameters["password"] == nil)
    }

    @Test(
        arguments: [
            ("", .notAURL), ("sqlite:data", .notAURL), ("host=db dbname=d", .notAURL), ("mysql://u@h/d", .notAURL),
            ("postgresql://h/d\0", .notAURL),
            ("postgresql://u:secret@db.example/d", .passwordInURL), ("postgresql://u:@db.example/d", .passwordInURL),
            ("postgresql://u:se/cret@db.example/d", .passwordInURL), ("postgresql://u:se?cret@db.example/d", .passwordInURL),
            ("postgresql://u:12/3@db.example/d", .passwordInURL), ("postgresql://u:se@cret@db.example/d", .passwordInURL),
            ("postgresql://u:%zzsecret@db.example/d", .passwordInURL), ("postgresql://db.example/d?password=secret", .passwordInURL),
            ("postgresql://db.example/d?sslpassword=secret", .passwordInURL),
            ("postgresql://u@db.example", .noDatabase), ("postgresql://u@db.example/", .noDatabase),
            ("postgresql://h/d?options=-csearch_path%3Dx", .parameterNotAllowed("options")),
            ("postgresql://h/d?client_encoding=LATIN1", .parameterNotAllowed("client_encoding")),
            ("postgresql://h/d?service=x", .parameterNotAllowed("service")),
            ("postgresql://h/d?replication=1", .parameterNotAllowed("replication")),
            ("postgresql://h/d?pool_size=1", .invalidValue(parameter: "pool_size")),
            ("postgresql://h/d?pool_size=65", .invalidValue(parameter: "pool_size")),
            ("postgresql://h/d?pool_size=many", .invalidValue(parameter: "pool_size")),
            ("postgresql://h/d?pool_size", .invalidValue(parameter: "pool_size")),
            ("postgresql://h/d?schema=", .invalidValue(parameter: "schema")),
            ("postgresql://h/d?schema=Vectis", .invalidValue(parameter: "schema")),
            ("postgresql://h/d?schema=1a", .invalidValue(parameter: "schema")),
            ("postgresql://h/d?schema=a%20b", .invalidValue(parameter: "schema")),
            ("postgresql://h/d?schema=pg_x", .invalidValue(parameter: "schema")),
            ("postgresql://h/d?schema=a&schema=b", .invalidValue(parameter: "schema")),
            ("postgresql://h/d?connect_timeout=0", .invalidValue(parameter: "connect_timeout")),
            ("postgresql://h/d?connect_timeout=61", .invalidValue(parameter: "connect_timeout")),
            ("postgresql://h/d?sslmode=strong", .invalidValue(parameter: "sslmode")),
            ("postgresql://h/d?sslmode=require", .notVerified(mode: "require")),
            ("postgresql://h/d?sslmode=prefer", .notVerified(mode: "prefer")),
            ("postgresql://localhost/d?sslmode=allow", .notVerified(mode: "allow")),
        ] as [(String, PostgreSQLConfigurationError)])
    func aURLThatIsInvalidOrNotSecureIsRefused(url: String, expected: PostgreSQLConfigurationError) {
        let error = #expect(throws: PostgreSQLConfigurationError.self) { try PostgreSQLConfiguration(url: url) }
        #expect(error == expected)
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test(arguments: ["postgresql://h/d?sslmod=x", "postgresql://%zz@h/d", "postgresql://h/d?host"])
    func aURLThatTheLibraryCanNotReadIsRefusedWithoutItsText(url: String) {
        let error = #expect(throws: PostgreSQLConfigurationError.self) { try PostgreSQLConfiguration(url: url) }
        guard case .unreadable(let reason) = error else {
            Issue.record("\(error?.description ?? "no error")")
            return
        }
        #expect(!reason.contains("%zz") && !reason.contains("sslmod=") && !reason.contains("[::1"))
    }

    @Test(arguments: [2, 8, 64])
    func thePoolAndTheSchemaAreParametersOfTheURL(size: Int) throws {
        let configuration = try PostgreSQLConfiguration(url: "postgresql://u@db.example/d?pool_size=\(size)&sslmode=verify-ca&schema=a_1")
        #expect(configuration.poolSize == size && configuration.schema == "a_1")
        #expect(configuration.parameters["sslmode"] == "verify-ca")
    }

    @Test func noDescriptionContainsThePassword() throws {
        let configuration = try PostgreSQLConfiguration(url: "postgresql://u@db.example:5433/d") { "s3cret" }
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] { #expect(!text.contains("s3cret")) }
        #expect("\(configuration)" == "postgresql://u@db.example:5433/d (schema vectis)")
        #expect(try configuration.connectionParameters(options: ["a": "1", "b": "2"])["password"] == "s3cret")
        #expect(try configuration.connectionParameters(options: ["a": "1", "b": "2"])["options"] == "-c a=1 -c b=2")
        let socket = try PostgreSQLConfiguration(url: "postgresql:///d?host=/run/pg") { "" }
        #expect("\(socket)" == "postgresql:///d?host=/run/pg (schema vectis)")
        #expect(try socket.connectionParameters(options: [:])["password"] == nil)
    }
}
