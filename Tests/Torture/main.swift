import CrashHarness
import EngineCrashHarness
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
// The kind `engine` names the part for the engine alone; any other kind names rows of the host.
let kind = arguments.dropFirst(3).first ?? ""
var status: Int32 = 0
if kind.isEmpty || kind == "engine" { status = try await EngineTortureCommand.run(arguments: arguments) }
if kind != "engine" {
    let host = try await TortureCommand.run(arguments: arguments)
    status = max(status, host)
}
exit(status)
