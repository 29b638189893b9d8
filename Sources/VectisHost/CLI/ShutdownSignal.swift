import Dispatch
import Foundation

/// Waits until the program is asked to stop.
enum ShutdownSignal {
    /// Returns at SIGINT or SIGTERM, or when standard input ends and that counts: then a parent that dies takes this program along.
    static func wait(inputCounts: Bool) async {
        let (stopped, continuation) = AsyncStream<Void>.makeStream()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.finish() }
            source.resume()
            return source
        }
        if inputCounts {
            DispatchQueue(label: "standard input").async {
                while getchar() != EOF {}
                continuation.finish()
            }
        }
        for await _ in stopped {}
        sources.forEach { $0.cancel() }
    }
}
