import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Sodium
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Messages of a PSA about changes")
struct ChangeHookTests {
    private static let secret = "a-secret-of-some-length"
    private static let body = Array(#"{"id":"4f0c","ticket":{"id":1042}}"#.utf8)

    private func enable(_ fixture: WebFixture, _ connection: StoredConnection, _ kind: String, user: String? = nil) async throws -> String {
        let admin = try await fixture.signIn()
        var body: JSONValue = ["authentication": .string(kind)]
        if kind != "none" { body = body.adding(("secret", .string(Self.secret))) }
        if let user { body = body.adding(("user", .string(user))) }
        let answer = try await admin.call("PUT", "/connections/\(connection.id)/hook", body)
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer.json["path"]?.string)
    }

    private func send(
        _ fixture: WebFixture, _ path: String, _ headers: [(String, String)] = [], body: [UInt8] = Self.body
    ) async throws -> WebAnswer {
        try await fixture.send("POST", path, [("Content-Type", "application/json")] + headers, body: body)
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aMessageIsAcceptedWithItsTokenAndAuthenticationOnly(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let basic = "Basic " + Data("halo:\(Self.secret)".utf8).base64EncodedString()
            let code = Data(HMACSHA256.code(of: Self.body, key: Array(Self.secret.utf8))).base64EncodedString()
            let kinds: [(String, String?, (String, String)?)] = [
                ("none", nil, nil), ("basic", "halo", ("Authorization", basic)),
                ("bearer", nil, ("Authorization", "Bearer \(Self.secret)")),
                ("hmac", nil, ("Token", code)),
            ]
            for (kind, user, header) in kinds {
                let path = try await enable(fixture, connection, kind, user: user)
                let right = try await send(fixture, path, header.map { [$0] } ?? [])
                #expect(right.status == 202 && right.body.isEmpty, "\(kind)")
                guard let header else { continue }
                let wrong: [[(String, String)]] = [
                    [], [(header.0, header.1 + "x")], [(header.0, String(header.1.dropLast()))], [(header.0, "")],
                    [(header.0 == "Token" ? "Authorization" : "Token", header.1)],
                ]
                for headers in wrong {
                    let answer = try await send(fixture, path, headers)
                    #expect(answer.status == 401 && answer.body.isEmpty && answer.headers["WWW-Authenticate"] != nil, "\(kind) \(headers)")
                }
                if kind == "hmac" {
                    #expect(try await send(fixture, path, [header], body: Self.body + [0x20]).status == 401)
                }
            }
        }
    }

    @Test func aWrongAddressDoesNotTellWhichConnectionsExist() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let other = try await fixture.connect("other", name: "Other")
            let path = try await enable(fixture, connection, "none")
            let token = try #require(path.split(separator: "/").last)
            let answers = [
                try await send(fixture, "/hooks/\(connection.id)/\(token)x"), try await send(fixture, "/hooks/\(connection.id)/x"),
                try await send(fixture, "/hooks/\(other.id)/\(token)"), try await send(fixture, "/hooks/nowhere/\(token)"),
                try await send(fixture, "/hooks/NO%20ID/\(token)"),
            ]
            for answer in answers {
                #expect(answer.status == 404 && answer.body.isEmpty)
                #expect(answer.headers.fields.map { $0.name } == answers[0].headers.fields.map { $0.name })
            }
        }
    }

    @Test func aReplacedOrRemovedAddressIsNoLongerValid() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let first = try await enable(fixture, connection, "none")
            let second = try await enable(fixture, connection, "none")
            #expect(try await send(fixture, first).status == 404)
            #expect(try await send(fixture, second).status == 202)
            let admin = try await fixture.signIn()
            #expect(try await admin.call("DELETE", "/connections/\(connection.id)/hook").status == 204)
            #expect(try await send(fixture, second).status == 404)
            #expect(try await admin.call("DELETE", "/connections/\(connection.id)/hook").status == 404)
            #expect(try await admin.call("GET", "/connections/\(connection.id)/hook").json == ["enabled": false])
            let third = try await enable(fixture, connection, "none")
            #expect(try await admin.call("DELETE", "/connections/\(connection.id)").status == 204)
            #expect(try await send(fixture, third).status == 404)
            let actions = try await fixture.audit().map(\.action)
            #expect(actions.count { $0 == .changeHookEnabled } == 3 && actions.count { $0 == .changeHookDisabled } == 1)
        }
    }

    @Test func tokenAndSecretAreInNoFileAndNoText() async throws {
        let folder = try TemporaryFolder()
        let storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        let fixture = try await HostFixture(storage)
        let connection = try await fixture.saved()
        let log = RecordingSink()
        let hooks = ChangeHookService(
            storage: storage, vault: fixture.vault, sync: fixture.service.sync, log: HostLog(sink: log, time: fixture.time.source),
            time: fixture.time.source)
        let origin = RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: "192.0.2.1")
        let path = try await hooks.enable(of: connection, authentication: .bearer(Secret(Self.secret)), by: origin)
        let token = String(try #require(path.split(separator: "/").last))
        #expect(token.count >= 43)
        let stored = try #require(try await hooks.status(of: connection.id))
        #expect(!"\(stored)".contains(Self.secret))
        let entries = try await fixture.log()
        #expect(!entries.contains { "\($0)".contains(token) || "\($0)".contains(Self.secret) } && !log.text.contains(token))
        await storage.close()
        for file in ["vectis.db", "vectis.db-wal"] {
            let text = String(decoding: folder.bytes(file), as: Unicode.ASCII.self)
            #expect(!text.contains(token) && !text.contains(Self.secret), "\(file)")
        }
    }

    @Test func aNewKeySealsTheSecretsOfHooksToo() async throws {
        let fixture = try await HostFixture()
        let connection = try await fixture.saved()
        let hooks = ChangeHookService(
            storage: fixture.storage, vault: fixture.vault, sync: fixture.service.sync,
            log: HostLog(sink: RecordingSink(), time: fixture.time.source), time: fixture.time.source)
        let origin = RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: "192.0.2.1")
        _ = try await hooks.enable(of: connection, authentication: .bearer(Secret(Self.secret)), by: origin)
        let other = Vault(try KeyRing([try SealingKey.random()]), time: fixture.time.source)
        let vault = fixture.vault
        let count = try await fixture.storage.reencryptSecrets(audit: .sample(.keyRotated)) { sealed, id, key in
            try other.seal(try vault.open(sealed, of: id, key), of: id, key)
        }
        #expect(count == connection.secrets.count + 1)
        let hook = try #require(try await hooks.status(of: connection.id))
        let secret = try other.open(try #require(hook.secret), of: connection.id, ChangeHook.secretKey)
        #expect(secret.reveal() == Self.secret)
    }

    @Test func aFloodIsRefusedAndEndsWithTheMinute() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let quiet = try await fixture.connect("quiet", name: "Quiet")
            let path = try await enable(fixture, connection, "none")
            let other = try await enable(fixture, quiet, "none")
            for _ in 0..<ChangeHookLimits.perMinute { #expect(try await send(fixture, path).status == 202) }
            let refused = try await send(fixture, path)
            #expect(refused.status == 429 && refused.headers["Retry-After"] == "60")
            #expect(try await send(fixture, other).status == 202)
            fixture.time.advance(by: 61)
            #expect(try await send(fixture, path).status == 202)
        }
    }

    @Test func messagesWithAWrongSecretKeepNoOthersOut() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let path = try await enable(fixture, connection, "bearer")
            let wrong = [("Authorization", "Bearer wrong")]
            for _ in 0..<ChangeHookLimits.perMinute { #expect(try await send(fixture, path, wrong).status == 401) }
            #expect(try await send(fixture, path, wrong).status == 429)
            #expect(try await send(fixture, path, [("Authorization", "Bearer \(Self.secret)")]).status == 202)
        }
    }

    @Test func strangersDoNotUseUpTheMessagesOfAConnection() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let path = try await enable(fixture, connection, "none")
            for _ in 0...ChangeHookLimits.perMinute { #expect(try await send(fixture, "/hooks/\(connection.id)/guess").status == 404) }
            #expect(try await send(fixture, path).status == 202)
        }
    }

    @Test(
        "a body that is no message",
        arguments: [("", 400), ("ticket=1042", 400), ("{", 400), ("[]", 202), ("{}", 202), (#"{"ticket":{"id":"no id"}}"#, 202)])
    func otherBodies(body: String, status: Int) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let path = try await enable(fixture, connection, "none")
            #expect(try await send(fixture, path, body: Array(body.utf8)).status == status)
        }
    }

    @Test func aMessageThatIsSentAgainWaitsOnce() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let sync = fixture.services.sync
            try await sync.seed([("42", "Printer")], of: .tickets, in: connection, at: fixture.time.now)
            let ticket = try #require(Ticket.ID("42"))
            for _ in 0..<3 { try await sync.readAgain([ticket], of: connection.id) }
            #expect(try await sync.store.rereads(of: connection.id, now: fixture.time.now, limit: 10).map(\.ticket) == [ticket])
        }
    }

    @Test func aBodyBeyond256KiBIsRefused() async throws {
        try await WebFixture.with(.overASocket) { fixture in
            let connection = try await fixture.connect()
            let path = try await enable(fixture, connection, "none")
            let large = Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x61, count: 256 * 1_024) + Array("\"}".utf8)
            #expect(try await send(fixture, path, body: large).status == 413)
        }
    }

    @Test(
        "settings of a hook that do not fit are named",
        arguments: [
            (["authentication": "sso"], "authentication"), (["authentication": "bearer"], "secret"),
            (["authentication": "hmac", "secret": "short"], "secret"),
            (["authentication": "bearer", "secret": "with a space inside"], "secret"),
            (["authentication": "basic", "secret": "a-secret-of-some-length"], "user"),
            (["authentication": "basic", "user": "a:b", "secret": "a-secret-of-some-length"], "user"),
            (["authentication": "bearer", "user": "halo", "secret": "a-secret-of-some-length"], "user"),
            (["authentication": "none", "secret": "a-secret-of-some-length"], "secret"), ([:], "authentication"),
        ] as [([String: String], String)])
    func invalidSettings(members: [String: String], member: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let admin = try await fixture.signIn()
            let body = JSONValue.object(members.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .string($0.value)) })
            let answer = try await admin.call("PUT", "/connections/\(connection.id)/hook", body)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.json["problems"]?.elements.first?["member"]?.string == member, "\(answer.text)")
            #expect(try await admin.call("GET", "/connections/\(connection.id)/hook").json == ["enabled": false])
        }
    }
}
