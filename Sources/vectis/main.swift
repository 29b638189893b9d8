import Glibc
import VectisCLI

// A reader that goes away (`vectis list … | head`) must end a write with an error, not the process with a signal.
signal(SIGPIPE, SIG_IGN)
// And a limit on the size of files (ulimit -f) a write with an error as well.
signal(SIGXFSZ, SIG_IGN)
exit(await CommandLineProgram.standard().run(Array(CommandLine.arguments.dropFirst())))
