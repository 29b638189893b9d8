import CMalloc
import Glibc
import SQLite
import VectisCLI

// What the command opens must not get the number of a stream that was closed before: rows would be written into it. These descriptors refuse
// what the stream is for.
for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
    _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
}
// A reader that goes away (`vectis list … | head`) must end a write with an error, not the process with a signal.
signal(SIGPIPE, SIG_IGN)
// And a limit on the size of files (ulimit -f) a write with an error as well.
signal(SIGXFSZ, SIG_IGN)
// A page of a list takes some hundred kilobytes. By default their memory goes back to the system with each page, and comes back as page faults.
mallopt(M_MMAP_THRESHOLD, 4 << 20)
mallopt(M_TRIM_THRESHOLD, 16 << 20)
// Nothing here asks SQLite how much memory it uses.
SQLiteLibrary.stopCountingMemory()
exit(await CommandLineProgram.standard().run(Array(CommandLine.arguments.dropFirst())))
