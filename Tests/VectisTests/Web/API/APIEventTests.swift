import Foundation
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Events over the JSON API")
struct APIEventTests {
    private static let defaults: [(String, JSONValue)] = [
        ("source", "monitor"), ("id", "1"), ("type", "backup.failed"), ("severity", "error"), ("text", "The disk is full."),
    ]

    /// A program that holds a token of its own.
    private struct Sender {
        let fixture: WebFixture
        let token: String

        init(_ fixture: WebFixture, namespace: String? = nil) async throws {
            self.fixture = fixture
            let made = try APIToken.make(name: "program", namespace: namespace.flatMap(EventNamespace.Name.init), at: fixture.time.now)
            try await fixture.services.storage.add(made.token, audit: .sample(.tokenCreated))
            token = made.text.reveal()
        }

        func send(raw body: [UInt8]) async throws -> WebAnswer {
            let headers = [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")]
            return try await fixture.send("POST", "/api/v1/events", headers, body: body)
        }

        /// Sends the defaults event with other members.
        func send(_ changes: (String, JSONValue)...) async throws -> WebAnswer { try await send(changes) }

        func send(_ changes: [(String, JSONValue)]) async throws -> WebAnswer {
            let unchanged = defaults.filter { member in !changes.contains { $0.0 == member.0 } }
            return try await send(raw: JSONValue(present: unchanged + changes).encoded)
        }

        func stored() async throws -> HostEvent? { try await fixture.services.storage.events(before: nil, limit: 1).first?.event }
    }

    private func problems(_ answer: WebAnswer) -> [String] {
        (answer.json["problems"]?.elements ?? []).map { "\($0["member"]?.string ?? "?"): \($0["code"]?.string ?? "?")" }
    }

    @Test func differentContentUnderAnIDIsRejectedLoggedAndCounted() async throws {
        try await WebFixture.with { fixture in
            let (one, two) = (try await Sender(fixture), try await Sender(fixture))
            let first = try await one.send()
            #expect(first.status == 202 && first.json["repeat"] == false)
            let again = try await one.send()
            #expect(again.status == 202 && again.json["repeat"] == true && again.json["id"] == first.json["id"])
            let refused = try await one.send(("severity", "critical"), ("text", "It burns."))
            #expect(refused.status == 409 && refused.code == "other_content")
            #expect(refused.headers["Content-Type"] == "application/problem+json")
            #expect(fixture.log.text.contains("\"event\":\"event_refused\"") && fixture.log.text.contains("other_content"))
            #expect(!fixture.log.text.contains("It burns"))
            let metrics = fixture.services.metrics.text
            for line in ["accepted\"} 1", "repeat\"} 1", "other_content\"} 1"] {
                #expect(metrics.contains("vectis_events_total{result=\"\(line)"))
            }
            #expect(try await two.send(("severity", "critical"), ("text", "It burns.")).json["repeat"] == false)
        }
    }

    @Test(
        "invalid UTF-8 and invalid escapes are rejected with their position",
        arguments: [
            ("{\"source\":\"\u{1}A\"}", "column 12"), ("{\"source\":\"\u{1}B\"}", "column 12"), ("{\"\u{1}A\":1}", "column 3"),
            ("{\n\"a\":{\"b\":[\"ok\",\"x\u{1}A\"]}}", "line 2, column 18"), ("{\"a\":\"\\ud800\"}", "column 7"),
            ("{\"a\":\"x\\udc00\"}", "column 8"), ("{\"\\uDBFF\":1}", "column 3"), ("{\"a\":\"\\ud800\\u0041\"}", "column 7"),
            ("{\"a\":\"\\ud800\\ud800\\udc00\"}", "column 7"), ("{\"a\":\"\\udc00\\ud800\"}", "column 7"),
            ("{\"a\":\"\\\\\\uD800\"}", "column 9"),
            ("{\"a\":\"\u{1}C\"}", "column 7"), ("{\"a\":\"\u{1}D\"}", "column 7"), ("{\"a\":\"\u{1}E\"}", "column 7"),
        ])
    func noText(text: String, place: String) async throws {
        // A Swift string can't contain these bytes, so placeholders are replaced by them.
        let violations: [Character: [UInt8]] = [
            "A": [0xFF], "B": [0xC3], "C": [0xC0, 0xAF], "D": [0xED, 0xA0, 0x80], "E": [0xF5, 0x80, 0x80, 0x80],
        ]
        var bytes: [UInt8] = []
        for piece in text.split(separator: "\u{1}", omittingEmptySubsequences: false).enumerated() {
            guard piece.offset > 0, let first = piece.element.first else {
                bytes += Array(piece.element.utf8)
                continue
            }
            bytes += (violations[first] ?? []) + Array(piece.element.dropFirst().utf8)
        }
        try await WebFixture.with { fixture in
            let answer = try await Sender(fixture).send(raw: bytes)
            #expect(answer.status == 400 && answer.code == "malformed")
            #expect(answer.json["detail"]?.string?.contains(place) == true, "\(answer.text)")
            // Other routes read their bodies the same way.
            let session = try await fixture.send("POST", "/api/v1/session", [("Content-Type", "application/json")], body: bytes)
            #expect(session.status == 400 && session.code == "malformed")
        }
    }

    @Test func validEscapesAreAccepted() async throws {
        try await WebFixture.with { fixture in
            let sender = try await Sender(fixture)
            let body = #"{"source":"m\u00fcnchen","id":"\ud83d\ude00","type":"t","severity":"info","text":"\\ud800 \u0000 \uFFFD"}"#
            let answer = try await sender.send(raw: Array(body.utf8))
            #expect(answer.status == 202, "\(answer.text)")
            let event = try #require(try await sender.stored())
            // PostgreSQL can't store U+0000.
            let zero = TestDatabase.isPostgreSQL ? "\u{FFFD}" : "\0"
            #expect(event.source == "münchen" && event.senderID == "😀" && event.text == "\\ud800 \(zero) \u{FFFD}")
        }
    }

    @Test(
        "an invalid company id is rejected with its member",
        arguments: [
            ("3.0", false), ("3e0", false), ("-0", false), ("9007199254740992", false), ("1e400", false), ("\"a\\u0000\"", false),
            ("\"a\\nb\"", false), ("3", true), ("0", true), ("-1", true), ("99999999999", true), ("\"0\"", true), ("\"+3\"", true),
            ("\"6f9619ff-8b86 d0\"", true), ("\" 3\\u00a0\"", true), ("\"\\u3000abc\\u2028\"", true), ("\"\"", true),
            ("\" \\ufeff\"", true), ("null", true),
        ])
    func companyID(literal: String, isTaken: Bool) async throws {
        try await WebFixture.with { fixture in
            let sender = try await Sender(fixture)
            let rest = Self.defaults.map { "\"\($0.0)\":\($0.1.encodedText)" }.joined(separator: ",")
            let answer = try await sender.send(raw: Array("{\(rest),\"companyID\":\(literal)}".utf8))
            #expect(answer.status == (isTaken ? 202 : 422), "\(answer.text)")
            guard isTaken else {
                #expect(problems(answer) == ["companyID: invalid"])
                return
            }
            let ids = [
                "\" 3\\u00a0\"": "3", "\"\\u3000abc\\u2028\"": "abc", "\"\"": "", "\" \\ufeff\"": "", "null": "",
            ]
            let expected = ids[literal] ?? literal.filter { $0 != "\"" }
            #expect(try await sender.stored()?.companyID == expected)
        }
    }

    @Test(
        "other invalid members are rejected by name",
        arguments: [
            ("source", "\u{A0}\u{3000}\u{200B}", "source: missing"), ("id", "a\u{0}b", "id: invalid"), ("id", "a\u{2028}b", "id: invalid"),
            ("type", "a\tb", "type: invalid"), ("text", " \n\u{FEFF}", "text: missing"),
            ("source", String(repeating: "ä", count: 101), "source: too_long"),
            ("companyID", "a" + String(repeating: "\u{301}", count: 1_000), "companyID: too_long"),
            ("companyID", String(repeating: "a", count: 201), "companyID: invalid"),
            ("device", String(repeating: "x", count: 1_001), "device: too_long"), ("at", "2026-02-30T00:00:00Z", "at: invalid"),
            ("at", "yesterday", "at: invalid"), ("at", "", "at: invalid"), ("severity", "ERROR", "severity: invalid"),
            ("text", String(repeating: "x", count: EventLimits.text + 1), "text: too_long"),
        ])
    func members(name: String, value: String, problem: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await Sender(fixture).send((name, .string(value)))
            #expect(answer.status == 422 && problems(answer) == [problem], "\(answer.text.prefix(300))")
        }
    }

    @Test func displayNamesAreTrimmedAndCleaned() async throws {
        try await WebFixture.with { fixture in
            let sender = try await Sender(fixture)
            let answer = try await sender.send(
                ("source", "\u{3000}monitor\u{A0}"), ("id", " \u{2003}1\r\n"), ("company", "\u{2028}Acme\u{0}Ltd\n"),
                ("device", "\tSRV\u{1B}[1\u{85}"),
                ("at", " 2026-11-24T03:00:00.5+01:00 "))
            #expect(answer.status == 202, "\(answer.text)")
            let event = try #require(try await sender.stored())
            #expect(event.source == "monitor" && event.senderID == "1" && event.company == "Acme Ltd" && event.device == "SRV [1")
            #expect(event.at.timeIntervalSince1970 == 1_795_485_600.5 && event.isTimed)
            #expect(try await sender.send(("company", "Acme Ltd"), ("device", "SRV [1")).json["repeat"] == true)
        }
    }

    @Test("the longest text is accepted in every encoding", arguments: ["x", "ä", "漢", "😀", "\n"])
    func longText(character: String) async throws {
        try await WebFixture.with(.overASocket) { fixture in
            let sender = try await Sender(fixture)
            let text = "!" + String(repeating: character, count: (EventLimits.text - 2) / character.utf8.count) + "!"
            #expect(try await sender.send(("text", .string(text))).status == 202)
            #expect(try await sender.stored()?.text == text)
            // As programs write it that escape everything beyond ASCII.
            let escaped = text.utf16.map { unit -> String in
                if unit == 0x0A { return "\\n" }
                let isPlain = unit >= 0x20 && unit < 0x80
                return isPlain
                    ? String(Character(Unicode.Scalar(UInt8(unit)))) : "\\u" + String(UInt32(unit) | 0x10000, radix: 16).dropFirst()
            }
            let rest = Self.defaults.dropLast().map { "\"\($0.0)\":\($0.1.encodedText)" }.joined(separator: ",")
            let answer = try await sender.send(raw: Array("{\(rest),\"text\":\"\(escaped.joined())\"}".utf8))
            #expect(answer.status == 202 && answer.json["repeat"] == true, "\(answer.text)")
        }
    }

    private static func file(_ name: String, _ bytes: Int, mediaType: String? = nil) -> JSONValue {
        .init(present: [
            ("name", .string(name)), ("mediaType", mediaType.map(JSONValue.string)),
            ("content", .string(Data(repeating: 0x78, count: bytes).base64EncodedString())),
        ])
    }

    @Test func filesUpToTheLimitAreTakenTogetherWithTheLongestText() async throws {
        try await WebFixture.with(.overASocket) { fixture in
            let sender = try await Sender(fixture)
            let files = (1...EventLimits.files).map { Self.file("f\($0).log", $0 == 1 ? EventLimits.fileBytes - 4 : 1) }
            let text = String(repeating: "\n", count: EventLimits.text - 1) + "!"
            let answer = try await sender.send(("text", .string(text)), ("attachments", .array(files)))
            #expect(answer.status == 202, "\(answer.text.prefix(300))")
            let id = try #require(try await fixture.services.storage.events(before: nil, limit: 1).first?.id)
            let stored = try await fixture.services.storage.files(of: [id])[id]
            #expect(stored?.map(\.name) == (1...5).map { "f\($0).log" } && stored?.first?.byteCount == EventLimits.fileBytes - 4)
            #expect(stored?.first?.mediaType == "text/plain")
        }
    }

    @Test(
        "a wrong file is rejected with its path",
        arguments: [
            (.string("x"), "attachments: wrong_type"), (.array((1...6).map { file("\($0)", 1) }), "attachments: invalid"),
            (.array([file("a", EventLimits.fileBytes), file("b", 1)]), "attachments: invalid"),
            (.array(["x"]), "attachments[0]: wrong_type"), (.array([file("a", 1), file("x/y", 1)]), "attachments[1].name: invalid"),
            (.array([file("..", 1)]), "attachments[0].name: invalid"), (.array([file("a", 0)]), "attachments[0].content: invalid"),
            (.array([["name": "a"]]), "attachments[0].content: missing"), (.array([["content": "eA=="]]), "attachments[0].name: missing"),
            (.array([["name": "a", "content": "e"]]), "attachments[0].content: invalid"),
            (.array([["name": "a", "content": "eA==\n"]]), "attachments[0].content: invalid"),
            (.array([["name": "a", "content": 1]]), "attachments[0].content: wrong_type"),
            (.array([["name": "a", "content": "eA==", "path": "/"]]), "attachments[0].path: unknown"),
            (.array([file("a.pdf", 9)]), "attachments[0].name: invalid"),
            (.array([file("a", 1, mediaType: "pdf")]), "attachments[0].mediaType: invalid"),
        ] as [(JSONValue, String)])
    func wrongFiles(value: JSONValue, problem: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await Sender(fixture).send(("attachments", value))
            #expect(answer.status == 422 && problems(answer) == [problem], "\(answer.text.prefix(300))")
            #expect(try await fixture.services.storage.events(before: nil, limit: 1).isEmpty)
        }
    }

    @Test func otherFilesAreOtherContentAndTheSameOnesAreARepeat() async throws {
        try await WebFixture.with { fixture in
            let sender = try await Sender(fixture)
            #expect(try await sender.send(("attachments", .array([Self.file("a", 3)]))).json["repeat"] == false)
            #expect(try await sender.send(("attachments", .array([Self.file("a", 3)]))).json["repeat"] == true)
            #expect(try await sender.send(("attachments", .array([Self.file("a", 4)]))).code == "other_content")
            #expect(try await sender.send().code == "other_content")
        }
    }

    @Test func theHistorySaysThatFilesAreLeftOutWhereTheConnectorCanNotAttachThem() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let rule = Rule.sample(.sample(connection: connection.id))
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            _ = try await Sender(fixture).send(("attachments", .array([Self.file("trace.log", 2_048)])))
            let job = try #require(try await fixture.services.storage.jobs(TicketJob.Filter(), before: nil, limit: 1).first)
            #expect(job.attachments.isEmpty)
            let history = try await fixture.signIn().get("/rules/\(rule.id)").text
            #expect(history.contains("Files: trace.log (2 KiB). The connector can’t attach files, so the ticket is created without them."))
        }
    }

    @Test func bodiesHaveALimitPerRoute() async throws {
        try await WebFixture.with(.overASocket) { fixture in
            let sender = try await Sender(fixture)
            let large = try await sender.send(raw: [UInt8](repeating: 0x20, count: EventLimits.body + 1))
            #expect(large.status == 413 && large.code == "too_large" && large.text.contains("1441792"))
            #expect(try await sender.send(raw: [UInt8](repeating: 0x20, count: EventLimits.body)).status == 400)
            let body = [UInt8](repeating: 0x20, count: 256 * 1024 + 1)
            let other = try await fixture.send("POST", "/api/v1/session", [("Content-Type", "application/json")], body: body)
            #expect(other.status == 413 && other.text.contains("262144"))
        }
    }

    @Test func aBodyWithManyErrorsGetsAShortResponse() async throws {
        try await WebFixture.with { fixture in
            let members = (0..<60_000).map { "\"m\($0)\":1" }.joined(separator: ",")
            let answer = try await Sender(fixture).send(raw: Array("{\(members)}".utf8))
            #expect(answer.status == 422 && problems(answer).count == 50)
        }
    }

    @Test func aFormThatIsNotUTF8IsUnreadableAndNotForged() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let headers = [
                ("Cookie", browser.cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://\(fixture.host)"),
            ]
            for value in ["%ff", "%C3", "%ED%A0%80", "%00"] {
                let body = Array("form_token=\(browser.formToken)&name=\(value)".utf8)
                let answer = try await fixture.send("POST", "/api-keys", headers, body: body)
                #expect(answer.status == 400 && answer.text.contains("no UTF-8"))
            }
            let raw = Array("form_token=\(browser.formToken)&name=".utf8) + [0xFF]
            #expect(try await fixture.send("POST", "/api-keys", headers, body: raw).status == 400)
        }
    }
}
