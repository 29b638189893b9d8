import Synchronization

/// The latest lines of the log of this process, in memory, for a person who asks for support.
package final class RecentLogLines: Sendable {
    private struct State {
        var lines: [String] = []
        /// Where the next line goes, once there are as many as are kept.
        var next = 0
    }

    /// How many lines are kept.
    package static let maxLines = 500
    /// How long a line may be; a longer one is cut.
    package static let maxLineLength = 2_000

    private let state = Mutex(State())

    /// Creates a ``RecentLogLines``.
    package init() {}

    /// Keeps a line, and forgets the oldest one if there are too many.
    package func add(_ line: String) {
        let line = String(line.prefix(Self.maxLineLength))
        state.withLock { state in
            if state.lines.count < Self.maxLines {
                state.lines.append(line)
            } else {
                state.lines[state.next] = line
                state.next = (state.next + 1) % Self.maxLines
            }
        }
    }

    /// The lines in their order.
    package var all: [String] { state.withLock { Array($0.lines[$0.next...] + $0.lines[..<$0.next]) } }
}
