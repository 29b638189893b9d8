import Foundation
import HaloSimulator

/// The clients that can run on this machine, and what is missing for the others.
struct Clients {
    private(set) var skipped: [String] = []
    private var limit: String?
    private var php: String?
    private var python: String?
    private var libraries: [String] = []
    private var before: String?
    private let secret: String

    /// The sources of the other clients.
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Clients").path

    private init(secret: String) { self.secret = secret }

    /// Builds and installs what is needed.
    ///
    /// - Parameter folder: A temporary folder for the program in C++ and the secret.
    /// - Returns: The clients, with the names of those that are missing.
    /// - Throws: An error of the file system if the secret cannot be written.
    static func build(in folder: String) throws -> Clients {
        var clients = Clients(secret: folder + "/secret")
        try HaloSimulator.Configuration.demoClientSecret.write(toFile: clients.secret, atomically: true, encoding: .utf8)
        clients.buildLimit(folder)
        clients.findPHP()
        clients.installPython()
        clients.before = ProcessInfo.processInfo.environment["BENCH_BEFORE"].flatMap {
            FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
        }
        if clients.before == nil { clients.skipped.append("an earlier vectis, because BENCH_BEFORE names no program") }
        return clients
    }

    /// Every client in every mode, for a server.
    func clients(_ address: String) -> [ListingBenchmark.Client] {
        func vectis(_ name: String, _ program: String) -> [ListingBenchmark.Client] {
            [("plain", []), ("json", ["--json"]), ("native", ["--json", "--native"])].map { mode, options in
                let words = [
                    "list", "tickets", "--connector", "halopsa", "--setting", "tenantURL=" + address, "--setting",
                    "clientID=" + HaloSimulator.Configuration.demoClientID, "--setting-file", "clientSecret=" + secret, "--allow-loopback",
                    "--no-rate-limit",
                ]
                return .init(
                    name: name, mode: mode, process: ChildProcess(program: program, arguments: words + options), isExact: name != "vectis")
            }
        }
        func other(_ name: String, _ program: String?, _ words: (String) -> [String], modes: [String] = ["plain", "json"])
            -> [ListingBenchmark.Client]
        {
            guard let program else { return [] }
            return modes.map { .init(name: name, mode: $0, process: ChildProcess(program: program, arguments: words($0))) }
        }
        var limits = other("C++ limit", limit, { [address, $0] }, modes: ["plain", "json", "native"])
        for index in limits.indices { limits[index].isExact = true }
        let own = [("bare download", OwnProcess.bare(address: address)), ("library", .list(address: address))].map {
            ListingBenchmark.Client(name: $0, mode: "none", process: ChildProcess(program: OwnProcess.program, arguments: $1.words))
        }
        let scripts = libraries.flatMap { library in
            other(
                library == "halopsa" ? "PyPI halopsa" : "Python with \(library)", python,
                { [Self.sources + "/list.py", library, address, $0] })
        }
        return limits + vectis("vectis", OwnProcess.vectis) + (before.map { vectis("before", $0) } ?? []) + own
            + other("PHP", php, { [Self.sources + "/list.php", address, $0] }) + scripts
    }

    private mutating func buildLimit(_ folder: String) {
        guard let compiler = ChildProcess.find("g++") else {
            return skipped.append("the limit in C++, because g++ is not installed")
        }
        let words = ["-O3", "-std=c++17", "-o", folder + "/limit", Self.sources + "/limit.cpp", "-lcurl", "-lsimdjson"]
        guard let usage = try? ChildProcess(program: compiler, arguments: words).run(), usage.status == 0 else {
            return skipped.append("the limit in C++, because it does not compile (Debian packages libsimdjson-dev, libcurl4-openssl-dev)")
        }
        limit = folder + "/limit"
    }

    private mutating func findPHP() {
        guard let found = ChildProcess.find("php"),
            (try? ChildProcess(program: found, arguments: ["-r", "exit(function_exists('curl_init') ? 0 : 1);"]).run())?.status == 0
        else { return skipped.append("PHP, because it is not installed (Debian packages php-cli, php-curl)") }
        php = found
    }

    /// A Python environment below the build folder, with the libraries that could be installed.
    private mutating func installPython() {
        let environment = URL(fileURLWithPath: ".build/bench-clients").path
        let program = environment + "/bin/python"
        if access(program, X_OK) != 0 {
            guard let base = ChildProcess.find("python3"),
                (try? ChildProcess(program: base, arguments: ["-m", "venv", environment]).run())?.status == 0
            else { return skipped.append("Python, because it is not installed (Debian package python3-venv)") }
        }
        python = program
        for (library, package, module) in [
            ("json", "requests==2.34.2", "requests"), ("orjson", "orjson>=3.10", "orjson"), ("halopsa", "halopsa==2.0.2", "HaloPSA.Halo"),
        ] {
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15", package]
            let isThere = { (try? ChildProcess(program: program, arguments: ["-c", "import \(module)"]).run())?.status == 0 }
            if !isThere() { _ = try? ChildProcess(program: program, arguments: pip).run() }
            if isThere() {
                libraries.append(library)
            } else {
                skipped.append("Python with \(library), because \(package) could not be installed from PyPI")
            }
        }
    }
}
