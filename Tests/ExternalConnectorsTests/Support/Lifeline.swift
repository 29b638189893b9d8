import Foundation
import Glibc
import PSATesting
import TestSupport

/// Reports the end of a process without polling: the process holds the writing end, and its death closes it.
final class Lifeline: Sendable {
    /// A file the process opens for writing and never closes.
    let path: String

    init(in folder: String) throws {
        path = folder + "/lifeline"
        guard mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// Returns once a process has opened it and every process has closed it.
    func cut() async {
        await withCheckedContinuation { continuation in
            let path = path
            startThread {
                let descriptor = open(path, O_RDONLY)
                var byte: UInt8 = 0
                while read(descriptor, &byte, 1) > 0 {}
                close(descriptor)
                continuation.resume()
            }
        }
    }
}
