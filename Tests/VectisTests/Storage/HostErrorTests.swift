import Foundation
import Glibc
import PSACore
import SQL
import Testing
import VectisCore
import VectisStorage
import WebServer

@testable import PostgreSQL
@testable import SQLite

@Suite("Errors of the host itself")
struct HostErrorTests {
    @Test("every code has a title, a detail, causes with steps and a check, in both languages", arguments: HostErrorCode.allCases)
    func guidance(code: HostErrorCode) throws {
        #expect(code.code.area == .host && code.code.rawValue == code.rawValue)
        let error = PSAError(code, name: "d/vectis.db", reason: SystemReason("No space left on device"))
        let english = error.guidance(in: TextRenderer())
        let german = error.guidance(in: TextRenderer(.german))
        let template = GuidanceCatalogue.host.template(for: code.code)
        #expect(english.title != german.title)
        // A detail that is the message alone is in the language of the message.
        #expect(english.detail != german.detail || template.detail.english == "{message}")
        for text in [english.title, english.detail] + english.steps + english.otherSteps + german.steps + german.otherSteps {
            #expect(!text.contains("{") && !text.isEmpty)
        }
        #expect(!template.causes.isEmpty)
        for cause in template.causes {
            #expect(cause.steps.count >= 2 && cause.steps.count <= 6, "step one acts, the last one checks")
            #expect(cause.steps.last?.isCheck == true && cause.steps.dropLast().allSatisfy { !$0.isCheck })
            let texts = [cause.text] + cause.steps.flatMap(\.forms)
            #expect(texts.allSatisfy { $0.text(in: .german) != $0.english })
        }
    }

    @Test func noCodeIsOneOfThoseThatHoldForEveryVendor() {
        let own = Set(HostErrorCode.allCases.map(\.code))
        #expect(own.count == HostErrorCode.allCases.count && own.isDisjoint(with: ErrorCode.allCases))
    }

    @Test("a failure of the storage keeps its reason", arguments: StorageFailure.allCases)
    func storageFailure(failure: StorageFailure) {
        let error = failure.guided(database: "d/vectis.db")
        #expect(HostErrorCode(error.code) != nil)
        #expect(!error.guidance.detail.isEmpty && !error.guidance.steps.isEmpty)
    }

    @Test(
        "the code of a database decides which cause and which step come first",
        arguments: [
            (SQLiteError(5, "database is locked"), HostErrorCode.databaseUnusable, "fuser"),
            (SQLiteError(8, "attempt to write a readonly database"), .databaseUnusable, "ls -l"),
            (SQLiteError(10, "disk I/O error"), .databaseUnusable, "dmesg"),
            (SQLiteError(4_874, "disk I/O error"), .diskFull, ""),
            (SQLiteError(11, "database disk image is malformed"), .databaseDamaged, ""),
            (PostgreSQLError("read-only", failure: .readOnly), .databaseUnsuitable, "primary server"),
            (PostgreSQLError("permission denied", sqlState: "42501"), .databaseUnsuitable, "OWNER TO"),
            (PostgreSQLError("stores text as LATIN1", failure: .unsuitable), .databaseUnsuitable, "ENCODING 'UTF8'"),
            (PostgreSQLError("locked", sqlState: "55P03", failure: .busy), .databaseUnsuitable, "pg_stat_activity"),
            (PostgreSQLError("wrong password", sqlState: "28P01", failure: .cannotOpen), .databaseRefused, "psql"),
            (
                PostgreSQLError("server does not support SSL, but SSL was required", failure: .cannotOpen), .databaseRefused, "ssl = on"
            ),
            (PostgreSQLError("SSL error: certificate verify failed", failure: .cannotOpen), .databaseRefused, "sslrootcert"),
            (PostgreSQLError("no such database", sqlState: "3D000", failure: .cannotOpen), .databaseUnknown, ""),
        ] as [(any DatabaseError, HostErrorCode, String)])
    func firstSteps(error: any DatabaseError, code: HostErrorCode, step: String) throws {
        let error = StorageFileError(error).guided(database: "NAME")
        #expect(error.code == code.code)
        let first = try #require(error.guidance.steps.first)
        #expect(step.isEmpty || first.contains(step), "\(first)")
        if code == .databaseUnsuitable { #expect(error.guidance.steps.allSatisfy { !$0.contains("ls -l") && !$0.contains("fuser") }) }
    }
}

@Suite("A host that can't start")
struct StartFailureTests {
    private let folder: TemporaryFolder
    private let fixture = CommandLineFixture()

    init() throws { folder = try TemporaryFolder() }

    private func expect(_ code: HostErrorCode, from options: String, _ comment: Comment? = nil) async throws {
        let port = options.contains("--port") ? "" : "--port 0"
        let result = try await fixture.run("serve --json \(port) --until-input-ends \(options)")
        #expect(result.status == 5 && result.json?["code"]?.string == code.rawValue, comment ?? "\(result.output)")
        #expect(result.json?["steps"]?.elements.isEmpty == false)
    }

    @Test func aTakenPortHasItsOwnCode() async throws {
        let other = try WebServer.start(WebServer.Configuration()) { _ in WebResponse(status: 204) }
        try await expect(.portInUse, from: "--data \(folder.file("d")) --port \(other.port)")
        await other.stop()
    }

    @Test func anAddressOfAnotherMachineHasItsOwnCode() async throws {
        try await expect(.addressUnusable, from: "--data \(folder.file("d")) --address 192.0.2.1 --allow-remote")
    }

    @Test func aFileInThePlaceOfTheDataFolderHasItsOwnCode() async throws {
        try folder.write("a file", to: "d")
        try await expect(.folderUnusable, from: "--data \(folder.file("d"))")
    }

    @Test func aLockedFolderHasItsOwnCode() async throws {
        let data = DataFolder(path: folder.file("d"))
        try data.prepare()
        let lock = try DataFolderLock.take(data)
        try await expect(.folderInUse, from: "--data \(data.path)")
        withExtendedLifetime(lock) {}
    }

    @Test func databasesThatCanNotBeUsedHaveCodesOfTheirOwn() async throws {
        let data = DataFolder(path: folder.file("d"))
        try data.prepare()
        _ = try data.openKeys()
        try data.confirmKeys()
        try await expect(.databaseMissing, from: "--data \(data.path)")
        try folder.write("", to: "d/vectis.db")
        try await expect(.databaseEmpty, from: "--data \(data.path)")
        try folder.write(String(repeating: "A letter, not a database. ", count: 300), to: "d/vectis.db")
        try await expect(.databaseDamaged, from: "--data \(data.path)")
        for (id, name, code): (Int32, String, HostErrorCode) in [
            (42, "theirs", .databaseForeign), (HostSchema.applicationID, "9999-future", .databaseNewer),
        ] {
            try FileManager.default.removeItem(atPath: data.database)
            let queue = try await DatabaseQueue.open(
                .file(data.database), migrator: try Migrator(applicationID: id, [Migration(name) { try $0.execute("CREATE TABLE t (x)") }]))
            await queue.close()
            try await expect(code, from: "--data \(data.path)", "\(name)")
        }
    }

    @Test func keyFilesThatCanNotBeUsedHaveCodesOfTheirOwn() async throws {
        let data = DataFolder(path: folder.file("d"))
        try data.prepare()
        let storage = try await DatabaseStorage.open(data.database)
        await storage.close()
        try await expect(.keyMissing, from: "--data \(data.path)")
        try folder.write("no key", to: "d/vectis.key")
        try await expect(.keyDamaged, from: "--data \(data.path)")
        chmod(data.keyFile.path, 0o644)
        try await expect(.keyExposed, from: "--data \(data.path)")
        unlink(data.keyFile.path)
        mkfifo(data.keyFile.path, 0o600)
        try await expect(.keyNotAFile, from: "--data \(data.path)")
        unlink(data.keyFile.path)
        symlink("nowhere", data.keyFile.path)
        try await expect(.keyUnreadable, from: "--data \(data.path)")
    }

    @Test func anUnusableLocalCopyIsNamed() async throws {
        let data = DataFolder(path: folder.file("d"))
        try data.prepare()
        try folder.write(String(repeating: "A letter, not a database. ", count: 300), to: "d/copy.db")
        try await expect(.copyUnusable, from: "--data \(data.path)")
    }

    @Test func aLogThatCanNotBeOpenedHasItsOwnCode() async throws {
        try await expect(.logUnusable, from: "--data \(folder.file("d")) --log \(folder.file("nowhere/log"))")
    }

    @Test func aConnectorsFolderThatOthersMayChangeHasItsOwnCode() async throws {
        try FileManager.default.createDirectory(atPath: folder.file("c"), withIntermediateDirectories: true)
        chmod(folder.file("c"), 0o777)
        try await expect(.connectorsUnsafe, from: "--data \(folder.file("d")) --connectors \(folder.file("c"))")
    }
}
