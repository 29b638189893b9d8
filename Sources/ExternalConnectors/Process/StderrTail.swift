import PSACore
import Synchronization

/// The last lines that a connector wrote to standard error, as evidence when it fails; earlier lines are discarded.
final class StderrTail: Sendable {
    private struct State {
        var lines: [String] = []
        var open: [UInt8] = []
        var isEnded = false

        mutating func endLine() {
            keep(String(decoding: open, as: UTF8.self))
            open = []
        }

        mutating func keep(_ line: String) {
            guard line.contains(where: { !$0.isWhitespace }) else { return }
            lines.append(line)
            if lines.count > StderrTail.count { lines.removeFirst() }
        }
    }

    /// How many lines are kept.
    static let count = 10
    private static let bytesInLine = 4_000

    private let state = Mutex(State())

    /// Appends bytes of its standard error.
    func append(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            guard !state.isEnded else { return }
            for (index, part) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
                if index > 0 { state.endLine() }
                state.open += part.prefix(max(0, Self.bytesInLine - state.open.count))
            }
        }
    }

    /// Appends a line of its log.
    func append(line: String) {
        state.withLock { state in
            if !state.isEnded { state.keep(String(decoding: line.utf8.prefix(Self.bytesInLine), as: UTF8.self)) }
        }
    }

    /// Keeps nothing more: what a program writes once it is asked to exit does not say what was wrong with it.
    func end() { state.withLock { $0.isEnded = true } }

    /// The lines so far, without secrets and each cut to a length that can be shown.
    func text(_ redactor: Redactor) -> [String] {
        let (lines, open) = state.withLock { ($0.lines, $0.open) }
        let all = open.isEmpty ? lines : lines + [String(decoding: open, as: UTF8.self)]
        return all.suffix(Self.count).map { redactor.clean($0, maximumLength: 200) }
    }
}
