import Foundation
import HaloSimulator

/// Listing all tickets from prepared pages: this project's programs, the practical limit in C++, and other clients.
enum ListingBenchmark {
    /// A program that lists all tickets, and one way to run it.
    struct Client {
        var name: String
        var mode: String
        var process: ChildProcess
        /// Whether the output must be the same, byte by byte, as that of `vectis` in this mode.
        var isExact = false
    }

    private static let tickets = 100_000
    private static let rounds = 3
    private static let limit = "C++ limit"

    static func run(_ figures: Figures) async throws {
        figures.section(
            "Listing",
            "\(tickets) tickets from prepared pages of nginx; medians of \(rounds) interleaved rounds, each run in a new process.")
        let tools = try TemporaryFolder("clients")
        defer { tools.remove() }
        let built = try Clients.build(in: tools.path)
        built.skipped.forEach { print("Skipped: \($0)") }
        for size in TicketServer.sizes {
            guard let server = try PreparedServer.start(tickets: tickets, padding: size.padding) else {
                print("Skipped: the listing, because nginx is not installed (Debian package nginx-light)")
                return
            }
            defer { server.stop() }
            try measure(built.clients(server.address), size.title, figures, tools.path)
        }
    }

    private static func measure(_ clients: [Client], _ size: String, _ figures: Figures, _ folder: String) throws {
        try compareOutput(clients, folder)
        var runs: [[Usage]] = clients.map { _ in [] }
        for _ in 0..<rounds {
            for (index, client) in clients.enumerated() { runs[index].append(try run(client)) }
        }
        let results = zip(clients, runs).map { client, runs in
            (
                client: client, seconds: median(runs.map(\.seconds)), cpu: median(runs.map(\.cpuSeconds)),
                peak: median(runs.map(\.peakMegabytes))
            )
        }
        print(
            Table.row([
                ("rows of \(size)", 24), ("mode", 9), ("wall s", -9), ("CPU s", -9), ("peak MB", -9), ("wall/C++", -10), ("CPU/C++", -10),
                ("wall/vectis", -13), ("CPU/vectis", -12), ("CPU/recorded", -14),
            ]))
        for result in results {
            func ratios(to name: String) -> (wall: String, cpu: String) {
                let other = results.first { $0.client.name == name && $0.client.mode == result.client.mode }
                guard let other else { return ("", "") }
                return (format(result.seconds / other.seconds), format(result.cpu / other.cpu))
            }
            let name = "rows of \(size), \(result.client.name) \(result.client.mode)"
            figures.note(name + ": wall", result.seconds, "s")
            let cpu = figures.note(name + ": CPU", result.cpu, "s")
            figures.note(name + ": peak", result.peak, "MB")
            print(
                Table.row([
                    (result.client.name, 24), (result.client.mode, 9), (format(result.seconds), -9), (format(result.cpu), -9),
                    (String(format: "%.1f", result.peak), -9), (ratios(to: limit).wall, -10), (ratios(to: limit).cpu, -10),
                    (ratios(to: "vectis").wall, -13), (ratios(to: "vectis").cpu, -12), (cpu.ratio ?? "", -14),
                ]))
        }
        print("")
        fflush(nil)
    }

    /// Warms the pages up, and says where the output of a client that must agree does not.
    private static func compareOutput(_ clients: [Client], _ folder: String) throws {
        for client in clients where client.isExact || client.name == "vectis" {
            var client = client
            client.process.output = "\(folder)/\(client.name).out"
            _ = try run(client)
        }
        for client in clients where client.isExact {
            guard let own = clients.first(where: { $0.name == "vectis" && $0.mode == client.mode }) else { continue }
            var pair: [ChildProcess] = [own.process, client.process]
            for index in pair.indices {
                pair[index].output = "\(folder)/\(index).out"
                _ = try pair[index].run()
            }
            if !FileManager.default.contentsEqual(atPath: folder + "/0.out", andPath: folder + "/1.out") {
                print("The output of \(client.name) \(client.mode) differs from that of vectis.")
            }
        }
    }

    private static func run(_ client: Client) throws -> Usage {
        let usage = try client.process.run()
        guard usage.status == 0 else {
            throw ChildProcess.Failure(description: "\(client.name) \(client.mode) failed: \(usage.messages)")
        }
        return usage
    }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func format(_ value: Double) -> String { String(format: "%.2f", value) }
}
