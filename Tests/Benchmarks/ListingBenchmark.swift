import Foundation

/// Runs both measurements, each in its own process, and prints them side by side.
enum ListingBenchmark {
    private static let rounds = 3

    static func run(tickets: Int) async throws -> Int32 {
        let server = try start(["serve", "\(tickets)"])
        defer { server.input.closeFile() }
        let address = String(decoding: line(of: server.output), as: UTF8.self)
        print("\(tickets) tickets from a simulator in its own process; \(rounds) alternating rounds of each, each in a new process.\n")
        print(row(["", "tickets/s", "MB/s", "seconds", "CPU s", "peak MB", "requests"]))
        var ratios: [Double] = []
        for _ in 0..<rounds {
            let bare = try measure("bare", address)
            let list = try measure("list", address)
            ratios.append(list.seconds / bare.seconds)
            print(row(["bare download"] + cells(bare)))
            print(row(["list of tickets"] + cells(list)))
        }
        ratios.sort()
        print(
            "\nTime of the list over that of the bare download: \(ratios.map { format($0, 2) }.joined(separator: ", ")); median \(format(ratios[rounds / 2], 2))."
        )
        try await SyncBenchmark.run(tickets: tickets)
        try await ConnectionTestBenchmark.run(address: address)
        try await HostBenchmark.run()
        try await RulesBenchmark.run()
        return 0
    }

    static func measure(_ kind: String, _ address: String) throws -> Measurement {
        let process = try start([kind, address])
        return try JSONDecoder().decode(Measurement.self, from: Data(line(of: process.output)))
    }

    static func start(_ arguments: [String]) throws -> (input: FileHandle, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        return (input.fileHandleForWriting, output.fileHandleForReading)
    }

    static func line(of handle: FileHandle) -> [UInt8] {
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")), case let more = handle.availableData, !more.isEmpty { bytes += more }
        return Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
    }

    static func cells(_ measurement: Measurement) -> [String] {
        [
            format(Double(measurement.rows) / measurement.seconds, 0), format(Double(measurement.bytes) / 1e6 / measurement.seconds, 0),
            format(measurement.seconds, 2), format(measurement.cpuSeconds, 2), format(measurement.peakMegabytes, 0),
            "\(measurement.requests)",
        ]
    }

    static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    static func row(_ cells: [String]) -> String {
        cells.enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, (index == 0 ? 16 : 11) - cell.count))
            return index == 0 ? cell + padding : padding + cell
        }.joined()
    }
}
