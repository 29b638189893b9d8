import Foundation

/// A child process with real SMTP servers (Python’s aiosmtpd) that record what they take, and fail where a test wants it.
///
/// The local part of the sender may name the fault of a mail; otherwise the next one of ``enqueue(_:)`` applies, if there is one.
public final class MailServerProcess: @unchecked Sendable {
    // Unchecked, yet sound: what changes is used under the lock only.

    /// The servers, each on a port of its own.
    public enum Kind: String, CaseIterable, Sendable {
        /// In clear, without a sign-in.
        case plain
        /// Encrypted after STARTTLS; a sign-in is required.
        case startTLS
        /// Encrypted from the beginning; a sign-in is required.
        case tls
        /// As `startTLS`, with a certificate that nothing vouches for.
        case untrusted
        /// In clear, without STARTTLS and without sign-in methods.
        case bare
        /// Refuses the connection with 421.
        case busy
        /// Refuses the connection with 554.
        case closed
        /// Closes the connection before it says anything.
        case gone
        /// Never says anything.
        case silent
    }

    /// A mail that a server has taken, or received without confirming it.
    public struct Mail: Sendable {
        /// The sender of the envelope.
        public let sender: String
        /// The recipients of the envelope.
        public let recipients: [String]
        /// Head and body.
        public let content: String
        /// Whether the connection was encrypted.
        public let isEncrypted: Bool
        /// Who signed in; empty without.
        public let user: String

        /// The value of a header, unfolded, as it was sent.
        public func header(_ name: String) -> String? {
            let head = content.components(separatedBy: "\r\n\r\n")[0].replacingOccurrences(of: "\r\n ", with: " ")
            return head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }

        /// The text of the body.
        public var text: String {
            let body = content.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
            return Data(base64Encoded: body.replacingOccurrences(of: "\r\n", with: "")).map { String(decoding: $0, as: UTF8.self) } ?? body
        }
    }

    /// The user that may sign in.
    public static let user = "vectis"
    /// The password of the user.
    public static let password = "s3cret-of-the-mail-server"

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let lock = NSLock()
    private let words: [String: String]

    /// Starts the servers.
    ///
    /// - Throws: What starting a process throws.
    public init() throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Not the interpreter of an environment that was activated: Debian’s has the package.
        process.arguments = ["/usr/bin/python3", "-c", Self.script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = Self.line(from: output)
        words = (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]) ?? [:]
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// The authority that signed the certificates of `startTLS` and `tls`, which are for `localhost`.
    public var authorityFile: String { words["authority", default: ""] }

    /// The port of a server; 0 if the child did not start.
    public func port(_ kind: Kind) -> Int { words[kind.rawValue].flatMap { Int($0) } ?? 0 }

    /// The faults of the next mails, such as `ok`, `message-451` or `content-drop`.
    public func enqueue(_ faults: [String]) { _ = ask("faults " + faults.joined(separator: " ")) }

    /// Everything that was received so far, the earliest first.
    public func received() -> [Mail] {
        let answer = (try? JSONSerialization.jsonObject(with: Data(ask("list").utf8)) as? [[String: String]]) ?? []
        return answer.map { mail in
            Mail(
                sender: mail["sender", default: ""], recipients: mail["recipients", default: ""].components(separatedBy: " "),
                content: mail["content", default: ""], isEncrypted: mail["encrypted"] == "yes", user: mail["user", default: ""])
        }
    }

    private func ask(_ question: String) -> String {
        lock.lock()
        defer { lock.unlock() }
        input.fileHandleForWriting.write(Data((question + "\n").utf8))
        return Self.line(from: output)
    }

    private static func line(from pipe: Pipe) -> String {
        var bytes = Data()
        while bytes.last != UInt8(ascii: "\n"), case let more = pipe.fileHandleForReading.availableData, !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let script = """
        import asyncio, json, os, ssl, subprocess, sys, tempfile, threading, warnings
        warnings.simplefilter("ignore")
        from aiosmtpd.smtp import SMTP, AuthResult

        folder = tempfile.TemporaryDirectory()
        here = folder.name + "/"

        def openssl(*arguments):
            subprocess.run(("openssl",) + arguments, check=True, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "30")
        openssl("req", *key, "-keyout", "good.key", "-out", "good.csr", "-subj", "/CN=localhost")
        open(here + "names", "w").write("subjectAltName=DNS:localhost,IP:127.0.0.1")
        openssl("x509", "-req", "-in", "good.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "good.pem", "-days", "20",
            "-extfile", "names", "-set_serial", "7")
        openssl("req", "-x509", *key, "-keyout", "own.key", "-out", "own.pem", "-subj", "/CN=localhost", "-days", "30", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1")

        def context(name):
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.load_cert_chain(here + name + ".pem", here + name + ".key")
            return made

        received, faults = [], []
        names = {stage + "-" + fault for stage in ("mail", "rcpt", "data", "message") for fault in
            ("421", "450", "451", "550", "554", "drop", "slow")} | {"content-drop", "second-450", "second-550"}

        class Handler:
            def fault(self, server, stage):
                return server.fault[len(stage) + 1:] if server.fault.startswith(stage + "-") else ""

            async def reply(self, server, stage, good):
                fault = self.fault(server, stage)
                if fault == "drop":
                    server.transport.abort()
                    return "421 gone"
                if fault == "slow":
                    await asyncio.sleep(600)
                return good if not fault else fault + (" later" if fault[0] == "4" else " no")

            async def handle_MAIL(self, server, session, envelope, address, options):
                local = address.split("@")[0]
                server.fault = local if local in names else faults.pop(0) if faults else ""
                reply = await self.reply(server, "mail", "250 OK")
                if reply.startswith("250"):
                    envelope.mail_from = address
                return reply

            async def handle_RCPT(self, server, session, envelope, address, options):
                reply = await self.reply(server, "rcpt", "250 OK")
                if server.fault.startswith("second-") and envelope.rcpt_tos:
                    reply = server.fault[7:] + " not this one"
                if reply.startswith("250"):
                    envelope.rcpt_tos.append(address)
                return reply

            async def handle_DATA(self, server, session, envelope):
                fault = self.fault(server, "message")
                if fault in ("", "drop", "slow"):
                    user = (session.auth_data or b"").decode()
                    received.append({"sender": envelope.mail_from, "recipients": " ".join(envelope.rcpt_tos),
                        "content": envelope.original_content.decode("latin-1"), "encrypted": "yes" if session.ssl or
                        server.transport.get_extra_info("sslcontext") else "no", "user": user})
                return await self.reply(server, "message", "250 OK")

        class Server(SMTP):
            fault = ""

            async def smtp_DATA(self, argument):
                fault = self.event_handler.fault(self, "data")
                if fault == "drop":
                    return self.transport.abort()
                if fault == "slow":
                    await asyncio.sleep(600)
                if fault:
                    return await self.push(fault + " not now")
                await super().smtp_DATA(argument)

            async def push(self, status):
                await super().push(status)
                if self.fault == "content-drop" and str(status).startswith("354"):
                    self.transport.abort()

        class Bare(Server):
            async def smtp_EHLO(self, argument):
                await super().smtp_HELO(argument)

        def authenticate(server, session, envelope, mechanism, data):
            good = data.login == b"vectis" and data.password == b"s3cret-of-the-mail-server"
            return AuthResult(success=good, handled=False, auth_data=data.login)

        async def serve(factory, **options):
            server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, **options)
            return str(server.sockets[0].getsockname()[1])

        class Raw(asyncio.Protocol):
            def __init__(self, line):
                self.line = line

            def connection_made(self, transport):
                if self.line is None:
                    return
                if self.line:
                    transport.write(self.line)
                transport.close()

        async def main():
            signed = {"authenticator": authenticate, "auth_required": True, "hostname": "localhost"}
            good, own = context("good"), context("own")
            words = {
                "authority": here + "ca.pem",
                "plain": await serve(lambda: Server(Handler(), hostname="localhost")),
                "startTLS": await serve(lambda: Server(Handler(), tls_context=good, require_starttls=True, **signed)),
                "tls": await serve(lambda: Server(Handler(), auth_require_tls=False, **signed), ssl=good),
                "untrusted": await serve(lambda: Server(Handler(), tls_context=own, require_starttls=True, **signed)),
                "bare": await serve(lambda: Bare(Handler(), hostname="localhost")),
                "busy": await serve(lambda: Raw(b"421 too busy\\r\\n")), "closed": await serve(lambda: Raw(b"554 no mail here\\r\\n")),
                "gone": await serve(lambda: Raw(b"")), "silent": await serve(lambda: Raw(None)),
            }
            print(json.dumps(words), flush=True)
            loop = asyncio.get_running_loop()
            while True:
                line = await loop.run_in_executor(None, sys.stdin.readline)
                if not line:
                    folder.cleanup()
                    os._exit(0)
                parts = line.split()
                if parts[0] == "faults":
                    faults.extend(parts[1:])
                    print("{}", flush=True)
                else:
                    print(json.dumps(received), flush=True)

        asyncio.run(main())
        """
}
