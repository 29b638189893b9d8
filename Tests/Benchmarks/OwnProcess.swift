import Foundation

/// What this program does when a part of the benchmark starts it again, so that each measurement has a process of its own.
enum OwnProcess {
    /// The simulator with rows as large as a production tenant's; it prints its address and serves until standard input ends.
    case serve(tickets: Int, padding: Int)
    /// Writes the simulator's pages of tickets to files.
    case pages(folder: String, tickets: Int, padding: Int)
    /// Downloads all pages and prints what it took.
    case bare(address: String)
    /// Reads the list through the library and prints what it took.
    case list(address: String)
    /// Syncs the tickets into a folder and prints what it took.
    case sync(address: String, folder: String)

    /// The words that ``words`` made; nil for other words.
    init?(_ words: [String]) {
        switch (words.first, words.count) {
        case ("own-serve", 3): self = .serve(tickets: Int(words[1]) ?? 0, padding: Int(words[2]) ?? 0)
        case ("own-pages", 4): self = .pages(folder: words[1], tickets: Int(words[2]) ?? 0, padding: Int(words[3]) ?? 0)
        case ("own-bare", 2): self = .bare(address: words[1])
        case ("own-list", 2): self = .list(address: words[1])
        case ("own-sync", 3): self = .sync(address: words[1], folder: words[2])
        default: return nil
        }
    }

    /// The command line that starts it.
    var words: [String] {
        switch self {
        case .serve(let tickets, let padding): ["own-serve", "\(tickets)", "\(padding)"]
        case .pages(let folder, let tickets, let padding): ["own-pages", folder, "\(tickets)", "\(padding)"]
        case .bare(let address): ["own-bare", address]
        case .list(let address): ["own-list", address]
        case .sync(let address, let folder): ["own-sync", address, folder]
        }
    }

    /// Does it in this process.
    func run() async throws {
        switch self {
        case .serve(let tickets, let padding): try await TicketServer.serve(tickets: tickets, padding: padding)
        case .pages(let folder, let tickets, let padding):
            try await TicketServer.writePages(to: folder, tickets: tickets, padding: padding)
        case .bare(let address): try Measurement.print(try await Measurement.bareDownload(address: address))
        case .list(let address): try Measurement.print(try await Measurement.listing(address: address))
        case .sync(let address, let folder): try await SyncBenchmark.measure(address: address, folder: folder)
        }
    }

    /// Starts it in a process of its own, which ends with its input.
    func start() throws -> (input: FileHandle, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = words
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        return (input.fileHandleForWriting, output.fileHandleForReading)
    }

    /// What such a process measured.
    func measured<Result: Decodable>() throws -> Result {
        try JSONDecoder().decode(Result.self, from: Data(Self.line(of: try start().output)))
    }

    /// This program.
    static var program: String { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path }

    /// `vectis` of the same build.
    static var vectis: String { URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("vectis").path }

    /// The first line that arrives.
    static func line(of handle: FileHandle) -> [UInt8] {
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")), case let more = handle.availableData, !more.isEmpty { bytes += more }
        return Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
    }
}
