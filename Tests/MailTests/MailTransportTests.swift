import FoundationEssentials
import PSACore
import TestSupport
import Testing

@testable import Mail

/// Over real sockets, against a real SMTP server.
@Suite("Mail through a server") struct MailTransportTests {
    private static let process = Result { try MailServerProcess() }

    private func server(_ kind: MailServerProcess.Kind, password: String? = nil) throws -> MailServer {
        let process = try Self.process.get()
        let security: MailServer.Security =
            switch kind {
            case .startTLS, .untrusted: .startTLS
            case .tls: .tls
            default: .none
            }
        let signsIn = [.startTLS, .tls, .untrusted].contains(kind) || password != nil
        return MailServer(
            host: "localhost", port: process.port(kind), security: security, user: signsIn ? MailServerProcess.user : nil,
            password: signsIn ? Secret(password ?? MailServerProcess.password) : nil, addressPolicy: .allowingLoopback)
    }

    private func message(_ sender: String = "vectis", id: String = "m-1", recipients: [String] = ["a@example.com"]) throws -> MailMessage {
        MailMessage(
            sender: try #require(MailAddress(sender + "@example.com")), recipients: try recipients.map { try #require(MailAddress($0)) },
            subject: "Störung bei Müller", text: "Zeile 1\n.\n.. ende\n", date: Date(timeIntervalSince1970: 1_795_957_200), id: id)
    }

    private func send(_ message: MailMessage, _ server: MailServer, timeout: Duration = .seconds(60)) async throws -> MailOutcome {
        let transport = CurlMailTransport(certificateAuthorityFile: try Self.process.get().authorityFile, timeout: timeout)
        return await transport.send(message, through: server)
    }

    private func received(_ id: String) throws -> [MailServerProcess.Mail] {
        try Self.process.get().received().filter { $0.header("Message-ID") == "<\(id)@example.com>" }
    }

    @Test(arguments: [MailServerProcess.Kind.plain, .startTLS, .tls])
    func aMailArrivesAsItWasWritten(kind: MailServerProcess.Kind) async throws {
        let id = "arrives-\(kind.rawValue)"
        let outcome = try await send(try message(id: id, recipients: ["a@example.com", "b@example.org"]), try server(kind))
        #expect(outcome == .sent(refused: []))
        let mails = try received(id)
        let mail = try #require(mails.first)
        #expect(mails.count == 1 && mail.sender == "vectis@example.com" && mail.recipients == ["a@example.com", "b@example.org"])
        #expect(mail.isEncrypted == (kind != .plain) && mail.user == (kind == .plain ? "" : "vectis"))
        #expect(mail.text == "Zeile 1\r\n.\r\n.. ende\r\n")
        #expect(mail.header("Subject") == "=?utf-8?B?U3TDtnJ1bmcgYmVpIE3DvGxsZXI=?=")
        #expect(mail.header("Date") == "Sun, 29 Nov 2026 13:00:00 +0000")
        #expect(mail.header("To") == "a@example.com, b@example.org" && mail.header("From") == "vectis@example.com")
    }

    @Test(
        "a server that refuses says at which step, and nothing arrives",
        arguments: [
            ("mail-450", MailReply.Step.sender, 450), ("mail-550", .sender, 550), ("mail-421", .sender, 421),
            ("rcpt-450", .recipient, 450), ("rcpt-550", .recipient, 550), ("data-451", .data, 451), ("data-554", .data, 554),
            ("message-451", .message, 451), ("message-554", .message, 554), ("message-421", .message, 421),
        ])
    func refusal(fault: String, step: MailReply.Step, code: Int) async throws {
        let outcome = try await send(try message(fault, id: "refused-\(fault)"), try server(.plain))
        guard case .refused(let reply) = outcome else { throw Unexpected(outcome) }
        #expect(reply.step == step && reply.code == code && reply.isTemporary == (code < 500) && !reply.text.isEmpty)
        #expect(try received("refused-\(fault)").isEmpty)
    }

    @Test(
        "a connection that breaks before the end of the content is proven not to have delivered",
        arguments: [
            "mail-drop", "rcpt-drop", "data-drop", "content-drop",
        ])
    func earlyEnd(fault: String) async throws {
        let outcome = try await send(try message(fault, id: "early-\(fault)"), try server(.plain))
        // With a few bytes, libcurl may have sent the end before it sees that the connection is gone.
        #expect(outcome == .notSent(.interrupted) || fault == "content-drop" && outcome == .unknown, "\(outcome)")
        #expect(try received("early-\(fault)").isEmpty)
    }

    @Test func aLostConfirmationLeavesTheOutcomeUnknown() async throws {
        #expect(try await send(try message("message-drop", id: "lost"), try server(.plain)) == .unknown)
        #expect(try received("lost").count == 1)
    }

    @Test func aTimeoutBeforeTheContentIsNotSentAndOneAfterItIsUnknown() async throws {
        #expect(try await send(try message("mail-slow"), try server(.plain), timeout: .seconds(2)) == .notSent(.timedOut))
        #expect(try await send(try message("message-slow"), try server(.plain), timeout: .seconds(2)) == .unknown)
        #expect(try await send(try message(), try server(.silent), timeout: .seconds(2)) == .notSent(.timedOut))
    }

    @Test func aRecipientThatIsRefusedForGoodDoesNotKeepTheOthersFromTheMail() async throws {
        let two = ["a@example.com", "b@example.com"]
        let outcome = try await send(try message("second-550", id: "second-550", recipients: two), try server(.plain))
        #expect(outcome == .sent(refused: [MailReply(step: .recipient, code: 550, text: "not this one")]))
        #expect(try received("second-550").map(\.recipients) == [["a@example.com"]])
        let later = try await send(try message("second-450", id: "second-450", recipients: two), try server(.plain))
        #expect(later == .refused(MailReply(step: .recipient, code: 450, text: "not this one")))
        #expect(try received("second-450").isEmpty)
    }

    @Test func serversThatRefuseTheConnectionAreToldApart() async throws {
        #expect(try await send(try message(), try server(.busy)) == .refused(MailReply(step: .greeting, code: 421, text: "too busy")))
        #expect(try await send(try message(), try server(.closed)) == .refused(MailReply(step: .greeting, code: 554, text: "no mail here")))
        #expect(try await send(try message(), try server(.gone)) == .notSent(.interrupted))
        var nowhere = try server(.plain)
        nowhere.port = 1
        #expect(try await send(try message(), nowhere) == .notSent(.connectionRefused))
        nowhere.host = "no-such-host.invalid"
        nowhere.security = .tls
        nowhere.addressPolicy = .publicOnly
        #expect(try await send(try message(), nowhere) == .notSent(.nameNotFound))
    }

    @Test func aWrongPasswordIsRefusedAtTheSignInAndOnlyTheStatusOfItsReplyIsKept() async throws {
        for kind in [MailServerProcess.Kind.startTLS, .tls] {
            let outcome = try await send(try message(), try server(kind, password: "wrong"))
            #expect(outcome == .refused(MailReply(step: .signIn, code: 535, text: "5.7.8")))
        }
    }

    @Test(
        "the enhanced status is what the words begin with",
        arguments: [
            ("5.7.8 Authentication credentials invalid", "5.7.8"), ("5.7.139", "5.7.139"), ("4.7.0 Try again", "4.7.0"), ("", nil),
            ("Denied by 5.7.8", nil), ("5.7", nil), ("5.7.8.1 no", nil), ("6.7.8 no", nil), ("5.7.1234 no", nil),
        ] as [(String, String?)])
    func enhancedStatus(text: String, status: String?) {
        #expect(MailReply(step: .signIn, code: 535, text: text).enhancedStatus == status)
    }

    @Test func certificatesAreVerifiedAndStartTLSIsNeverSkipped() async throws {
        let untrusted = try await send(try message(), try server(.untrusted))
        #expect(untrusted == .notSent(.certificateSelfSigned) || untrusted == .notSent(.certificateUntrusted), "\(untrusted)")
        var bare = try server(.bare)
        bare.security = .startTLS
        #expect(try await send(try message(id: "bare"), bare) == .refused(MailReply(step: .startTLS, code: 0, text: "")))
        var plain = try server(.plain)
        plain.security = .tls
        #expect(try await send(try message(), plain) == .notSent(.tlsNotSpoken))
        #expect(try received("bare").isEmpty)
        let other = CurlMailTransport()
        let unknown = await other.send(try message(), through: try server(.tls))
        #expect(unknown == .notSent(.certificateUntrusted), "\(unknown)")
    }

    @Test func forbiddenAddressesAreNeverConnectedTo() async throws {
        var local = try server(.plain)
        local.addressPolicy = .publicOnly
        local.security = .startTLS
        #expect(try await send(try message(id: "forbidden"), local) == .notSent(.addressForbidden))
        local.host = "127.0.0.1"
        #expect(try await send(try message(id: "forbidden"), local) == .notSent(.addressForbidden))
        local.security = .none
        #expect(try await send(try message(id: "forbidden"), local) == .notSent(.unusableRequest))
        #expect(try received("forbidden").isEmpty)
    }

    private struct Unexpected: Error {
        let outcome: MailOutcome
        init(_ outcome: MailOutcome) { self.outcome = outcome }
    }
}

@Suite("The form of a mail") struct MailMessageTests {
    @Test(
        "addresses that could end a header or a command are refused",
        arguments: [
            "", "a", "a@", "@b", "a@b@c d", "a b@c.de", "a@c.de\r\nBcc: x@y.z", "a@c.de\n", "<a@b.de>", "a@b.de,c@d.de", "\"a\"@b.de",
            "a@-b.de", "a@b..de", ".a@b.de", "ä@b.de", "a@[300.1.1.1]", "a@[ipv6:zz]", "a@[0x7f.1]",
            "a@" + String(repeating: "b", count: 64) + ".de", String(repeating: "a", count: 65) + "@b.de",
        ])
    func refused(text: String) { #expect(MailAddress(text) == nil) }

    @Test(
        "usual addresses are taken",
        arguments: ["a@b.de", "first.last+tag@Sub.Example.COM", "root@localhost", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]"])
    func taken(text: String) { #expect(MailAddress(text)?.description.lowercased() == text.lowercased()) }

    @Test(
        "a subject is one header, whatever is in it",
        arguments: [
            "a\r\nBcc: x@y.z", "a\u{2028}b", "=?utf-8?B?eA==?=", String(repeating: "ü", count: 400),
            "e" + String(repeating: "\u{301}", count: 100),
        ])
    func subjects(text: String) throws {
        let sender = try #require(MailAddress("a@b.de"))
        let mail = MailMessage(
            sender: sender, recipients: [sender], subject: text, text: "x", date: Date(timeIntervalSince1970: 0), id: "1\r\n2")
        let head = String(decoding: mail.bytes, as: UTF8.self).split(separator: "\r\n\r\n")[0]
        let lines = head.split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } })
        #expect(lines.filter { !$0.hasPrefix(" ") }.count == 9 && head.contains("Message-ID: <12@b.de>"))
    }

    @Test func longTextsHaveShortLines() throws {
        let sender = try #require(MailAddress("a@b.de"))
        let text = String(repeating: "Straße ", count: 3_000)
        let mail = MailMessage(
            sender: sender, recipients: [sender], subject: "x", text: text, date: Date(timeIntervalSince1970: 0), id: "1")
        #expect(String(decoding: mail.bytes, as: UTF8.self).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }
}
