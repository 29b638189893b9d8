import Glibc

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "serve": try await TicketServer.serve(tickets: Int(words.dropFirst().first ?? "") ?? 100_000)
case "bare": try await Measurement.print(Measurement.bareDownload(address: words[1]))
case "host": try await HostBenchmark.run()
case "rules": try await RulesBenchmark.run()
case "list": try await Measurement.print(Measurement.listing(address: words[1]))
default: exit(try await ListingBenchmark.run(tickets: Int(words.first ?? "") ?? 100_000))
}
