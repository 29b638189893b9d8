import Foundation
import Glibc

/// nginx on a free port, which answers the requests of a listing with prepared pages of the simulator.
struct PreparedServer {
    let address: String
    /// The file of a page.
    let folder: TemporaryFolder
    private let process: pid_t

    /// Prepares the pages and starts the server; nil if nginx is not installed.
    static func start(tickets: Int, padding: Int) throws -> PreparedServer? {
        guard let nginx = ChildProcess.find("nginx") else { return nil }
        let folder = try TemporaryFolder("pages")
        try FileManager.default.createDirectory(atPath: folder.path + "/pages", withIntermediateDirectories: true)
        let made = try OwnProcess.pages(folder: folder.path + "/pages", tickets: tickets, padding: padding).start()
        guard String(decoding: OwnProcess.line(of: made.output), as: UTF8.self) == "done" else {
            throw ChildProcess.Failure(description: "The pages could not be prepared.")
        }
        let port = try freePort()
        try configuration(folder.path, port).write(toFile: folder.path + "/nginx.conf", atomically: true, encoding: .utf8)
        let words = ["-p", folder.path, "-e", folder.path + "/error.log", "-c", folder.path + "/nginx.conf"]
        let process = try ChildProcess(program: nginx, arguments: words).spawn(messages: folder.path + "/messages")
        try waitUntilItListens(port, folder.path + "/messages")
        return PreparedServer(address: "http://127.0.0.1:\(port)", folder: folder, process: process)
    }

    /// Stops the server and removes the pages.
    func stop() {
        kill(process, SIGTERM)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        Cleanup.shared.ended(process)
        folder.remove()
    }

    /// One process in the foreground, under the account of this program, that writes below its folder only.
    private static func configuration(_ folder: String, _ port: UInt16) -> String {
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        return """
            daemon off;
            master_process off;
            pid \(folder)/nginx.pid;
            error_log \(folder)/error.log;
            events {}
            http {
                access_log off;
                \(kinds.map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " "))
                sendfile on;
                tcp_nopush on;
                keepalive_requests 1000000;
                types {}
                default_type application/json;
                server {
                    listen 127.0.0.1:\(port);
                    location = /auth/token {
                        return 200 '{"scope":"all","token_type":"Bearer","access_token":"prepared","expires_in":3600}';
                    }
                    location = /api/Tickets { root \(folder)/pages; try_files /$arg_page_no.json =404; }
                    location / { return 404; }
                }
            }
            """
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard code == 0 else { throw ChildProcess.Failure(description: "No port is free.") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func waitUntilItListens(_ port: UInt16, _ messages: String) throws {
        for _ in 0..<500 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = loopback(port)
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if code == 0 { return }
            usleep(10_000)
        }
        throw ChildProcess.Failure(description: "nginx did not start: " + ((try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
