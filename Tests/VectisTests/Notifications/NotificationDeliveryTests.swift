import Foundation
import Mail
import PSACore
import PSACurl
import PSATesting
import SQL
import Sodium
import Synchronization
import TestSupport
import Testing
import WebServer

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// A receiver of webhooks over a socket, which fails as a test wants.
private final class Receiver: Sendable {
    struct Request: Sendable {
        let path: String
        let headers: WebHeaders
        let body: [UInt8]
        let at: Date
        /// Whether the receiver has taken the message, whatever it answered.
        let isTaken: Bool
    }

    enum Fault: String, CaseIterable, Sendable {
        case none
        case status500, status503, status429, status404, status400, status302, status502, status504
        /// The message is taken and the connection closed without an answer.
        case hangUp
        /// The message is taken, and the answer breaks off.
        case cut

        var status: Int { Int(rawValue.filter(\.isNumber)) ?? 200 }
        var takes: Bool { [.none, .hangUp, .cut, .status504].contains(self) }
    }

    private let requests = Mutex<[Request]>([])
    private let faults = Mutex<[Fault]>([])
    private let server = Mutex<WebServer?>(nil)
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    func start() throws -> UInt16 {
        let started = try WebServer.start(.init(connectionsPerAddress: 0, handlerDeadline: .seconds(600))) { [self] in answer($0) }
        server.withLock { $0 = started }
        return started.port
    }

    func stop() async {
        let running = server.withLock { $0 }
        await running?.stop()
    }

    var received: [Request] { requests.withLock { $0 } }

    func fail(_ next: [Fault]) { faults.withLock { $0 += next } }

    private func answer(_ request: WebRequest) -> WebResponse {
        let fault = faults.withLock { $0.isEmpty ? Fault.none : $0.removeFirst() }
        let path = request.path + (request.query.isEmpty ? "" : "?" + request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&"))
        requests.withLock {
            $0.append(Request(path: path, headers: request.headers, body: request.body, at: now(), isTaken: fault.takes))
        }
        switch fault {
        case .hangUp: return WebResponse(status: 200, body: .hangUp)
        case .cut: return WebResponse(status: 200, body: .truncated(Array("half".utf8), declaredLength: 400))
        case .status429: return WebResponse(status: 429, headers: ["Retry-After": "90"])
        case .status302: return WebResponse(status: 302, headers: ["Location": "http://127.0.0.1/elsewhere"])
        default: return WebResponse(status: fault.status, body: .bytes(Array("no_service".utf8)))
        }
    }
}

@Suite("Notifications over real connections") struct NotificationDeliveryTests {
    private static let mailServer = Result { try MailServerProcess() }

    private func sender(_ fixture: NotificationFixture, address: String? = "https://vectis.example.com") throws -> NotificationSender {
        let time = fixture.time
        return NotificationSender(
            http: CurlTransport(), mail: CurlMailTransport(certificateAuthorityFile: try Self.mailServer.get().authorityFile),
            vault: fixture.vault, policy: .allowingLoopback, address: address, now: { time.now })
    }

    private func point(_ fixture: NotificationFixture, _ kind: ContactPointKind, port: UInt16) async throws -> ContactPoint {
        let draft = NotificationFixture.draft(kind) { draft in
            draft.address = Secret("http://127.0.0.1:\(port)/hook/\(kind.rawValue)?token=a%2Fb&x=1")
            if kind == .email {
                draft.address = nil
                draft.mail = MailSettings(
                    server: "localhost", port: Int(port), security: .startTLS, user: MailServerProcess.user, sender: "vectis@example.com",
                    recipients: ["noc@example.com"])
                draft.password = Secret(MailServerProcess.password)
            }
        }
        return try await fixture.service(policy: .allowingLoopback).create(draft, by: fixture.origin).point
    }

    @Test func eachKindOfWebhookGetsItsForm() async throws {
        let fixture = try await NotificationFixture()
        let receiver = Receiver(now: { Date() })
        let port = try receiver.start()
        var points: [ContactPoint] = []
        for kind in [ContactPointKind.webhook, .teams, .slack] { points.append(try await point(fixture, kind, port: port)) }
        let service = try fixture.service(sending: try sender(fixture), policy: .allowingLoopback)
        try await fixture.breakConnection()
        await service.runOnce()
        let received = receiver.received
        await receiver.stop()
        #expect(received.count == 3)
        func body(_ kind: ContactPointKind) throws -> (request: Receiver.Request, json: JSONView) {
            let request = try #require(received.first { $0.path == "/hook/\(kind.rawValue)?token=a/b&x=1" }, "\(received.map(\.path))")
            return (request, try JSONDocument(request.body).root)
        }
        let webhook = try body(.webhook)
        let seconds = Int(fixture.time.now.timeIntervalSince1970)
        #expect(webhook.request.headers["Vectis-Timestamp"] == String(seconds))
        let signature = NotificationFormat.signature(of: webhook.request.body, at: seconds, key: Secret("signing-key-marker"))
        #expect(webhook.request.headers["Vectis-Signature"] == signature)
        #expect(webhook.json["version"]?.integer == 1 && webhook.json["id"]?.string == webhook.request.headers["Vectis-Message-Id"])
        let item = try #require(webhook.json["items"]?.elements.first)
        #expect(item["change"]?.string == "opened" && item["connection"]?["name"]?.string == "Acme")
        #expect(item["page"]?.string == "https://vectis.example.com/integrations")
        let teams = try body(.teams).json
        let card = try #require(teams["attachments"]?.elements.first)
        #expect(teams["type"]?.string == "message" && card["contentType"]?.string == "application/vnd.microsoft.card.adaptive")
        #expect(card["content"]?["type"]?.string == "AdaptiveCard" && card["content"]?["body"]?.elements.isEmpty == false)
        let slack = try body(.slack).json
        #expect(slack["text"]?.string?.hasPrefix("Acme: ") == true && slack["blocks"]?.elements.count == 3)
        #expect(try await fixture.storage.notifications(of: nil, before: nil, limit: 9).allSatisfy { $0.state == .sent })
    }

    @Test(
        "an answer says whether the message was accepted, refused or may have arrived",
        arguments: [
            (ContactPointKind.webhook, 204, "sent"), (.webhook, 429, "again"), (.webhook, 408, "again"), (.webhook, 500, "again"),
            (.slack, 500, "again"), (.teams, 500, "unknown"), (.webhook, 503, "again"), (.webhook, 502, "unknown"),
            (.slack, 504, "unknown"), (.webhook, 301, "refused"), (.teams, 400, "refused"), (.slack, 403, "refused"),
            (.slack, 404, "refused"), (.slack, 410, "refused"), (.teams, 413, "refused"), (.webhook, 501, "refused"),
        ])
    func answers(kind: ContactPointKind, status: Int, outcome: String) {
        switch NotificationSender.delivery(TransportResponse(status: status), kind, now: Date()) {
        case .sent: #expect(outcome == "sent")
        case .unknown: #expect(outcome == "unknown")
        case .refused(_, let isTemporary, _): #expect(outcome == (isTemporary ? "again" : "refused"))
        }
    }

    /// A mail server that ends every attempt in one way.
    private struct OneOutcome: MailTransport {
        let outcome: MailOutcome

        func send(_ message: MailMessage, through server: MailServer) async -> MailOutcome { outcome }
    }

    @Test(
        "a mail server's reply says what it refuses, and whether for good",
        arguments: [
            (MailOutcome.refused(MailReply(step: .recipient, code: 451, text: "4.7.1 Greylisted")), .temporarilyRefused, true),
            (.refused(MailReply(step: .signIn, code: 454, text: "4.7.0")), .temporarilyRefused, true),
            (.refused(MailReply(step: .startTLS, code: 454, text: "TLS not available")), .temporarilyRefused, true),
            (.refused(MailReply(step: .signIn, code: 535, text: "5.7.8")), .signInRefused, false),
            (.refused(MailReply(step: .signIn, code: 535, text: "5.7.139")), .signInDisabled, false),
            (.refused(MailReply(step: .signIn, code: 534, text: "")), .signInDisabled, false),
            (.refused(MailReply(step: .sender, code: 530, text: "5.7.0 Authentication required")), .signInRefused, false),
            (.refused(MailReply(step: .sender, code: 550, text: "5.7.1 not yours")), .senderRefused, false),
            (.refused(MailReply(step: .recipient, code: 550, text: "5.1.1 no such user")), .recipientRefused, false),
            (.refused(MailReply(step: .startTLS, code: 0, text: "")), .encryptionNotOffered, false),
            (.notSent(.tlsNotSpoken), .encryptionNotOffered, false), (.notSent(.certificateExpired), .tlsFailed, false),
            (.notSent(.connectionRefused), .serverUnreachable, true),
        ] as [(MailOutcome, NotificationErrorCode, Bool)])
    func repliesOfMailServers(outcome: MailOutcome, code: NotificationErrorCode, isTemporary: Bool) async throws {
        let fixture = try await NotificationFixture()
        let email = try await point(fixture, .email, port: 587)
        let sender = NotificationSender(
            http: CurlTransport(), mail: OneOutcome(outcome: outcome), vault: fixture.vault, policy: .allowingLoopback, address: nil,
            now: { Date() })
        let content = NotificationContent(summary: "Störung", items: [], language: .german)
        guard case .refused(let failure, let again, _) = await sender.send(content, key: "k1", createdAt: Date(), to: email) else {
            Issue.record("it was not refused")
            return
        }
        #expect(failure.code == code && again == isTemporary)
        if case .refused(let reply) = outcome, reply.code > 0 { #expect(failure.detail.hasPrefix(String(reply.code))) }
    }

    @Test func aReceiverMayAskForAWait() {
        for (value, wait) in [("90", Duration.seconds(90)), ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)), ("soon", nil)] {
            let response = TransportResponse(status: 429, headers: ["Retry-After": value])
            let delivery = NotificationSender.delivery(response, .webhook, now: Date(timeIntervalSince1970: 784_111_777))
            #expect(delivery == .refused(.init(.tooManyMessages, "HTTP 429"), isTemporary: true, retryAfter: wait))
        }
    }

    @Test func mailsArriveThroughARealServer() async throws {
        let fixture = try await NotificationFixture()
        let mail = try MailServerProcess()
        let time = fixture.time
        let sender = NotificationSender(
            http: CurlTransport(), mail: CurlMailTransport(certificateAuthorityFile: mail.authorityFile), vault: fixture.vault,
            policy: .allowingLoopback, address: nil, now: { time.now })
        _ = try await point(fixture, .email, port: UInt16(mail.port(.startTLS)))
        let service = try fixture.service(sending: sender, policy: .allowingLoopback)
        try await fixture.breakConnection()
        await service.runOnce()
        let received = try #require(mail.received().first)
        #expect(received.isEncrypted && received.user == "vectis" && received.recipients == ["noc@example.com"])
        #expect(
            received.text.contains("NEW\r\n") && received.text.contains("  Page: /integrations") && received.text.contains("First step: "))
        #expect(received.header("Subject")?.hasPrefix("[Vectis] Acme: ") == true)
    }

    @Test("nothing is lost and nothing doubled through servers that fail", arguments: 0..<6)
    func faults(seed: UInt64) async throws {
        let fixture = try await NotificationFixture()
        let time = fixture.time
        let mail = try MailServerProcess()
        let receiver = Receiver(now: { time.now })
        let port = try receiver.start()
        let sender = NotificationSender(
            http: CurlTransport(), mail: CurlMailTransport(certificateAuthorityFile: mail.authorityFile), vault: fixture.vault,
            policy: .allowingLoopback, address: nil, now: { time.now })
        let service = try fixture.service(sending: sender, policy: .allowingLoopback)
        let webhook = try await point(fixture, .webhook, port: port)
        let email = try await point(fixture, .email, port: UInt16(mail.port(.startTLS)))
        await service.runOnce()
        fixture.pass(minutes: 1)
        var random = SeededGenerator(seed: seed)
        let mailFaults = [
            "ok", "ok", "ok", "mail-450", "mail-550", "mail-drop", "rcpt-450", "rcpt-550", "rcpt-drop", "data-451", "data-554", "data-drop",
            "content-drop", "message-451", "message-554", "message-drop",
        ]
        mail.enqueue((0..<20).map { _ in random.pick(mailFaults) ?? "ok" })
        receiver.fail((0..<20).map { _ in random.pick(Receiver.Fault.allCases) ?? .none })
        let codes: [ErrorCode] = [.networkTimeout, .authInvalidClient, .rateLimited, .vendorUnavailable]
        for _ in 0..<60 {
            let code = random.pick(codes) ?? .networkTimeout
            if Bool.random(using: &random) {
                try await fixture.breakConnection(code)
            } else {
                try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: [code.area], at: time.now)
            }
            await service.runOnce()
            fixture.pass(minutes: 4)
        }
        for _ in 0..<40 {
            await service.runOnce()
            fixture.pass(minutes: 20)
        }
        await receiver.stop()
        // What has arrived, by contact point: the titles with their beginning, and when.
        let taken = receiver.received.filter(\.isTaken)
        #expect(Set(taken.map { $0.headers["Vectis-Message-Id"] ?? "" }).count == taken.count)
        let mails = mail.received()
        #expect(Set(mails.map { $0.header("Message-ID") ?? "" }).count == mails.count)
        var arrivals: [String: [Date]] = [:]
        for request in taken {
            for item in try JSONDocument(request.body).root["items"]?.elements ?? [] {
                let name = "\(item["title"]?.string ?? "") \(item["since"]?.string ?? "") \(item["change"]?.string ?? "")"
                arrivals[name, default: []].append(request.at)
            }
        }
        for (name, times) in arrivals {
            for (earlier, later) in zip(times, times.dropFirst()) {
                #expect(later.timeIntervalSince(earlier) >= 15 * 60, "\(name): \(times)")
            }
        }
        // Both got the same occurrences in the end.
        let conditions = try await fixture.storage.queue.read { database in
            try database.query("SELECT code FROM observed_condition WHERE kind <> 'contact_point_broken'").map { try $0.text("code") }
        }
        for code in Set(conditions) {
            let title = "Acme: " + PSAError(try #require(ErrorCode(rawValue: code))).guidance.title
            let count = conditions.count { $0 == code }
            let began = Set(
                arrivals.keys.filter { $0.hasPrefix(title) && !$0.hasSuffix("ended") }.map { $0.replacing("passed", with: "opened") })
            #expect(began.count == count, "\(title): \(began)")
            #expect(mails.contains { $0.text.contains("* \(title)") })
        }
        let states = try await fixture.storage.contactPoints().map(\.state)
        #expect(states.allSatisfy { $0.failures == 0 && $0.lastSentAt != nil })
        let sent = try await fixture.storage.notifications(of: nil, before: nil, limit: 999)
        #expect(sent.allSatisfy { [.sent, .failed, .unknown].contains($0.state) })
        let of = { (point: ContactPoint) in sent.filter { $0.point == point.id } }
        // For each message that was accepted, one has arrived; of those of unknown outcome perhaps.
        #expect(taken.count >= of(webhook).count { $0.state == .sent } && mails.count >= of(email).count { $0.state == .sent })
    }

    /// Every place where a secret could come to light.
    @Test func secretsOfContactPointsAreNowhereInClear() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-notify-\(CorrelationID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = try await DatabaseStorage.open(folder + "/vectis.db")
        let fixture = try await NotificationFixture(storage)
        for kind in ContactPointKind.allCases { try await fixture.addPoint(kind) }
        let forbidden = NotificationSender(
            http: CurlTransport(), mail: CurlMailTransport(connectTimeout: .seconds(1), timeout: .seconds(1)), vault: fixture.vault,
            policy: .publicOnly, address: nil, now: { Date() }, timeout: .seconds(1))
        let service = try fixture.service(sending: forbidden)
        try await fixture.breakConnection()
        await service.runOnce()
        for stored in try await storage.contactPoints() { _ = try await service.test(stored.point, by: fixture.origin) }
        var texts = try await storage.contactPoints().map { "\($0)" }
        texts += try await storage.notifications(of: nil, before: nil, limit: 99).map { "\($0)" }
        texts += try await storage.audit(AuditFilter(), before: nil, limit: 99).map { "\($0)" }
        #expect(texts.count > 10 && texts.allSatisfy { !$0.contains("marker") })
        await storage.close()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
            #expect(bytes.range(of: Data("marker".utf8)) == nil, "\(file)")
        }
    }
}

@Suite("Docs/Notifications.md") struct NotificationDocumentTests {
    /// Runs the samples of the document on a message that was signed here.
    @Test func theSamplesVerifySignaturesAndRejectOthers() throws {
        let document = try RepositoryFile("Docs/Notifications.md").text
        func sample(_ language: String) throws -> String {
            let start = try #require(document.firstRange(of: "```\(language)\n"))
            let end = try #require(document[start.upperBound...].firstRange(of: "```"))
            return String(document[start.upperBound..<end.lowerBound])
        }
        let content = NotificationContent(summary: "Störung", items: [], language: .german)
        let body = NotificationFormat(content, point: "x", address: nil).webhook(id: "k1", createdAt: Date(timeIntervalSince1970: 1))
        let (seconds, key) = (1_790_000_000, "signing-key of 22 bytes")
        let good = NotificationFormat.signature(of: body, at: seconds, key: Secret(key))
        let file = FileManager.default.temporaryDirectory.path + "/vectis-body-\(CorrelationID())"
        try Data(body).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        for (signature, isGenuine) in [(good, true), (String(good.dropLast()) + (good.hasSuffix("0") ? "1" : "0"), false)] {
            let python =
                try sample("python") + """

                    headers = {"Vectis-Timestamp": "\(seconds)", "Vectis-Signature": "\(signature)"}
                    print(is_genuine(headers, open("\(file)", "rb").read(), "\(key)", now=\(seconds + 10)))
                    print(is_genuine(headers, open("\(file)", "rb").read(), "\(key)", now=\(seconds + 1000)))
                    """
            #expect(try run(["python3", "-c", python]) == (isGenuine ? "True\nFalse\n" : "False\nFalse\n"))
            let shell = try sample("sh") + "\nif is_genuine \(seconds) '\(signature)' '\(file)' '\(key)'; then echo yes; else echo no; fi"
            #expect(try run(["sh", "-c", shell]) == (isGenuine ? "yes\n" : "no\n"))
        }
    }

    private func run(_ arguments: [String]) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitForExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("every code has a title, a detail, causes with steps and a check, in both languages", arguments: NotificationErrorCode.allCases)
    func guidance(code: NotificationErrorCode) {
        #expect(code.code.area == .notification && code.code.rawValue == code.rawValue)
        let error = PSAError(code, name: "mail.example.com", reason: SystemReason("550 no"))
        let (english, german) = (error.guidance(in: TextRenderer()), error.guidance(in: TextRenderer(.german)))
        #expect(english.title != german.title && english.detail != german.detail)
        for text in [english.title, english.detail] + english.steps + english.otherSteps + german.steps + german.otherSteps {
            #expect(!text.contains("{") && !text.isEmpty)
        }
        for cause in GuidanceCatalogue.notifications.template(for: code.code).causes {
            #expect(cause.steps.count >= 2 && cause.steps.last?.isCheck == true && cause.steps.dropLast().allSatisfy { !$0.isCheck })
            #expect(([cause.text] + cause.steps.flatMap(\.forms)).allSatisfy { $0.text(in: .german) != $0.english })
        }
    }
}

@Suite("The forms of messages") struct NotificationFormatTests {
    private func content(_ count: Int, title: String = "Acme: *bold* <b>_x_</b> & [a](http://evil)", language: Language = .english)
        -> NotificationContent
    {
        NotificationContent(
            summary: title,
            items: (0..<count).map { number in
                NotificationContent.Item(
                    change: number % 4 == 3 ? .ended : .opened, kind: .connectionBroken, connection: "c1", name: "Acme", title: title,
                    place: "Connection “Acme”", reason: String(repeating: "reason ", count: 40),
                    step: String(repeating: "step ", count: 50),
                    path: "/integrations", since: Date(timeIntervalSince1970: 1_790_000_000),
                    endedAt: number % 4 == 3 ? Date(timeIntervalSince1970: 1_790_003_600) : nil, isUncertain: number == 0)
            }, more: 4, others: 2, language: language)
    }

    @Test func teamsMessagesStayBelowTheirLimitAndCountWhatIsLeftOut() throws {
        let body = NotificationFormat(content(30), point: "NOC", address: "https://v.example.com").teams
        #expect(body.count <= NotificationFormat.maxTeamsBytes && body.count > 10_000)
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(" more; the pages show them.") && !text.contains("And 4 more"))
    }

    @Test func namesMakeNoMarkup() throws {
        let format = NotificationFormat(content(1), point: "NOC", address: nil)
        let slack = String(decoding: format.slack, as: UTF8.self)
        #expect(!slack.contains("<b>") && slack.contains("&lt;b&gt;") && !slack.contains("*bold*"))
        let teams = String(decoding: format.teams, as: UTF8.self)
        #expect(!teams.contains("[a](") && !teams.contains(" *bold*"))
    }

    @Test func slackMessagesHaveAtMostFiftyBlocksOfBoundedLength() throws {
        let root = try JSONDocument(NotificationFormat(content(30), point: "NOC", address: nil).slack).root
        let blocks = root["blocks"]?.elements ?? []
        #expect((3...50).contains(blocks.count) && blocks.allSatisfy { ($0["text"]?["text"]?.string?.count ?? 9_999) <= 3_000 })
    }

    @Test func aMailIsReadableInBothLanguages() {
        let english = NotificationFormat(content(4), point: "NOC", address: "https://v.example.com").plainText
        #expect(
            english.contains("NEW\n") && english.contains("RECOVERED\n") && english.contains("Page: https://v.example.com/integrations"))
        #expect(english.contains("since 2026-09-21, ") && english.contains("An earlier message with this may have arrived."))
        let german = NotificationFormat(content(4, language: .german), point: "NOC", address: nil).plainText
        #expect(german.contains("NEU\n") && german.contains("BEHOBEN\n") && german.contains("Erster Schritt: "))
    }

    @Test func theStoredFormIsReadBackAsItWas() throws {
        let content = content(5)
        #expect(NotificationContent(json: try JSONDocument(content.json.encoded).root) == content)
    }
}
