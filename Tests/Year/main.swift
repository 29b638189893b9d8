import Glibc

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000_000
guard (36_500...100_000_000).contains(events) else {
    print("usage: year [EVENTS], from 36500 to 100000000")
    exit(2)
}
let host = try await YearHost.open()
try await host.run(events: events)
await host.close()
