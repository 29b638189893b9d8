import Foundation

/// A child process that speaks TLS with one certificate for each case, all made on the spot.
public final class CertificateServer: @unchecked Sendable {
    // Unchecked, yet sound: everything is set in the initialiser and only read afterwards.

    /// The cases, each on a port of its own.
    public enum Certificate: String, CaseIterable, Sendable {
        case good, selfSigned, expired, notYetValid, wrongName, wrongAddress
        /// Signed on the way by the authority of an inspecting proxy, which is not trusted here.
        case inspected
    }

    private let process = Process()
    /// Its end is the child's sign to tidy up and leave, so that it can't outlive the tests.
    private let input = Pipe()
    private let words: [String: String]

    /// Makes the certificates and starts the child.
    ///
    /// - Throws: What starting a process throws.
    public init() throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.contains("\n"), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
            line += String(decoding: more, as: UTF8.self)
        }
        words = Dictionary(
            uniqueKeysWithValues: line.split { $0 == " " || $0 == "\n" }.compactMap { word in
                let parts = word.split(separator: "=")
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            })
    }

    /// The authority that signed all but `selfSigned` and `inspected`.
    public var authorityFile: String { words["folder", default: ""] + "/ca.pem" }

    /// The port on which a case is served; nil if the child did not start.
    public func port(_ certificate: Certificate) -> Int? { words[certificate.rawValue].flatMap { Int($0) } }

    private static let script = """
        import os, socket, ssl, subprocess, sys, tempfile, threading
        folder = tempfile.TemporaryDirectory()
        os.chdir(folder.name)

        def openssl(*arguments):
            subprocess.run(("openssl",) + arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        here = "DNS:localhost,IP:127.0.0.1"
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "30")
        open("ca.conf", "w").write("[a]\\ndatabase=index\\nnew_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\n"
            "copy_extensions=copy\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n")
        open("index", "w"); open("serial", "w").write("01")

        def signed(name, names, start, end):
            openssl("req", *key, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name, "-addext",
                "subjectAltName=" + names)
            openssl("ca", "-batch", "-config", "ca.conf", "-name", "a", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", name + ".csr",
                "-out", name + ".pem", "-notext", "-startdate", start, "-enddate", end)

        past, future, far = "20200101000000Z", "20900101000000Z", "20910101000000Z"
        signed("good", here, past, far)
        signed("expired", here, past, "20210101000000Z")
        signed("notYetValid", here, future, far)
        signed("wrongName", "DNS:other.example", past, far)
        signed("wrongAddress", "IP:127.0.0.2", past, far)
        openssl("req", "-x509", *key, "-keyout", "selfSigned.key", "-out", "selfSigned.pem", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=" + here, "-days", "30")

        # What a proxy shows that opens encrypted connections: the right name, signed by the proxy's own authority.
        openssl("req", "-x509", *key, "-keyout", "inspector.key", "-out", "inspector.pem", "-days", "30", "-subj",
            "/C=US/O=Zscaler Inc./OU=Zscaler Inc./CN=Zscaler Intermediate Root CA (zscloud.net)")
        openssl("req", *key, "-keyout", "inspected.key", "-out", "inspected.csr", "-subj", "/CN=localhost")
        open("inspected.ext", "w").write("subjectAltName=" + here)
        openssl("x509", "-req", "-in", "inspected.csr", "-CA", "inspector.pem", "-CAkey", "inspector.key", "-out", "inspected.pem",
            "-days", "20", "-extfile", "inspected.ext", "-set_serial", "77")

        def answer(context, client):
            try:
                with context.wrap_socket(client, server_side=True) as stream:
                    while stream.recv(65536):
                        stream.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nsafe")
            except OSError:
                pass

        def serve(context, listener):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=answer, args=(context, client), daemon=True).start()

        words = ["folder=" + folder.name]
        for name in ("good", "expired", "notYetValid", "wrongName", "wrongAddress", "selfSigned", "inspected"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(name + ".pem", name + ".key")
            listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=serve, args=(context, listener), daemon=True).start()
            words.append(name + "=" + str(listener.getsockname()[1]))
        print(*words, flush=True)
        sys.stdin.read()
        os.chdir("/")
        folder.cleanup()
        """
}
