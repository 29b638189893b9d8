import CrashHarness
import EngineCrashHarness
import Foundation
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
// The kind `engine` names the part for the engine alone; any other kind names rows of the host.
let kind = arguments.dropFirst(3).first ?? ""
var status: Int32 = 0
if kind.isEmpty || kind == "engine" { status = try await EngineTortureCommand.run(arguments: arguments) }
// The kind `fleet` names the part in which several hosts share a database.
if kind.isEmpty || kind == "fleet" {
    let fleet = try await FleetCommand.run(arguments: arguments, environment: ProcessInfo.processInfo.environment)
    status = max(status, fleet)
}
if kind != "engine", kind != "fleet" {
    let host = try await TortureCommand.run(arguments: arguments, environment: ProcessInfo.processInfo.environment)
    status = max(status, host)
}
exit(status)
