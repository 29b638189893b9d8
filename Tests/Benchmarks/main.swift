import Glibc

/// The parts of the benchmark, in the order of `bench all`.
enum Part: String, CaseIterable {
    case listing, sync, connections, host, pages, rules, growth, large, cold

    func run(_ figures: Figures) async throws {
        switch self {
        case .listing: try await ListingBenchmark.run(figures)
        case .sync: try await SyncBenchmark.run(figures)
        case .connections: try await ConnectionTestBenchmark.run(figures)
        case .host: try await HostBenchmark.run(figures)
        case .pages: try await PagesBenchmark.run(figures)
        case .rules: try await RulesBenchmark.run(figures)
        case .growth: try await GrowthBenchmark.run(figures)
        case .large: try await LargeTablesBenchmark.run(figures)
        case .cold: try await ColdBenchmark.run(figures)
        }
    }
}

let words = Array(CommandLine.arguments.dropFirst())
if let own = OwnProcess(words) {
    // One measurement of a part, which starts this program again for it.
    try await own.run()
} else {
    let names = words.filter { $0 != "--record" }
    let parts = names.isEmpty || names == ["all"] ? Part.allCases : names.compactMap(Part.init)
    guard parts.count == max(names.count, 1) || names.isEmpty || names == ["all"] else {
        print("usage: bench [all|\(Part.allCases.map(\.rawValue).joined(separator: "|"))]… [--record]")
        exit(2)
    }
    Cleanup.runWhenInterrupted()
    let recorded = FigureRecord.load()
    print(recorded.map { "Compared with the run of \($0.day) on \($0.machine)." } ?? "No run is recorded to compare with.")
    print("This machine: \(FigureRecord.thisMachine).")
    let figures = Figures(comparedWith: recorded)
    for part in parts {
        try await part.run(figures)
        // A later part that fails takes back nothing.
        if words.contains("--record") { try FigureRecord.save(figures.all) }
    }
    if words.contains("--record") { print("\nRecorded in Docs/Benchmarks.md and Docs/Benchmarks.json.") }
}
