import CrashHarness
import Glibc

exit(try await TortureCommand.run(arguments: Array(CommandLine.arguments.dropFirst())))
