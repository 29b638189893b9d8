import Glibc

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "serve":
    let numbers = words.dropFirst().compactMap { Int($0) }
    try await TicketServer.serve(tickets: numbers.first ?? 100_000, padding: numbers.dropFirst().first ?? 6_800)
case "bare": try await Measurement.print(Measurement.bareDownload(address: words[1]))
case "host": try await HostBenchmark.run()
case "rules": try await RulesBenchmark.run()
case "sync": try await SyncBenchmark.measure(address: words[1], folder: words[2])
case "copies": try await SyncBenchmark.run(tickets: Int(words.dropFirst().first ?? "") ?? 100_000)
case "list": try await Measurement.print(Measurement.listing(address: words[1]))
default: exit(try await ListingBenchmark.run(tickets: Int(words.first ?? "") ?? 100_000))
}
