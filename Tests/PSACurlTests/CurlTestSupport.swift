import Foundation
import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

/// Creates a request to a test server.
func request(
    _ method: TransportMethod, _ server: RawServer, path: String = "/", policy: AddressPolicy = .allowingLoopback,
    change: (inout TransportRequest) -> Void = { _ in }
) throws -> TransportRequest {
    var request = TransportRequest(method, try server.origin(), route: path, addressPolicy: policy)
    request.timeout = .seconds(30)
    change(&request)
    return request
}

/// Sends a request and returns its error.
func failure(of request: TransportRequest, over transport: CurlTransport = CurlTransport()) async throws -> TransportError {
    try #require(await #expect(throws: TransportError.self) { try await transport.send(request) })
}

extension TransportResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A child process with a self-signed certificate that records what it receives.
final class EchoingTLSServer: @unchecked Sendable {
    // `@unchecked Sendable` is safe: everything is set in the initializer and only read afterwards.
    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    struct StartError: Error {}

    init() throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.contains("\n"), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
            line += String(decoding: more, as: UTF8.self)
        }
        guard let port = Int(line.dropLast()) else { throw StartError() }
        self.port = port
    }

    /// Stops the server and returns everything it received.
    var seen: String {
        // A line, and a mark at the end, because an end of file may not come: a child that another test started at the same time may have
        // inherited the other end of a pipe.
        input.fileHandleForWriting.write(Data("stop\n".utf8))
        var text = ""
        while !text.contains(Self.end), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
            text += String(decoding: more, as: UTF8.self)
        }
        return text.replacing(Self.end, with: "")
    }

    /// What the server prints last.
    private static let end = "\u{4}"

    private static let script = """
        import os, socket, ssl, subprocess, sys, tempfile, threading
        folder = tempfile.TemporaryDirectory()
        os.chdir(folder.name)
        subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem",
            "-out", "c.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "9"), check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("c.pem", "k.pem")
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        seen = []

        def serve():
            while True:
                client, _ = listener.accept()
                try:
                    with context.wrap_socket(client, server_side=True) as stream:
                        seen.append(stream.recv(65536).decode())
                        stream.sendall(b"HTTP/1.1 200 OK\\r\\nDate: Sun, 06 Nov 1994 08:49:37 GMT\\r\\nContent-Length: 0\\r\\n\\r\\n")
                except OSError:
                    pass

        threading.Thread(target=serve, daemon=True).start()
        sys.stdin.readline()
        print("".join(seen) + "\\x04", flush=True)
        os.chdir("/")
        folder.cleanup()
        """
}
