import FoundationEssentials
import PSACore
import Synchronization

/// Tells a person how far a long list has got: redrawn in place on a terminal, otherwise a line every two seconds.
final class Progress: Sendable {
    private struct State: Sendable {
        var rows = 0
        var total: Int?
        var lastShown: Date
        var isDrawn = false
    }

    private let console: Console
    private let label: String
    private let time: TimeSource
    private let isSilent: Bool
    private let state: Mutex<State>

    init(_ label: String, console: Console, time: TimeSource, isSilent: Bool) {
        self.console = console
        self.label = label
        self.time = time
        self.isSilent = isSilent
        state = Mutex(State(lastShown: time.now()))
    }

    /// Counts rows that arrived.
    func add(_ rows: Int, total: Int?) {
        guard !isSilent else { return }
        let interval = console.messagesAreTerminal ? 0.2 : 2
        let text: String? = state.withLock { state in
            state.rows += rows
            state.total = total ?? state.total
            guard time.now().timeIntervalSince(state.lastShown) >= interval else { return nil }
            state.lastShown = time.now()
            state.isDrawn = true
            return "\(state.rows)\(state.total.map { " of \($0)" } ?? "") \(label)"
        }
        if let text { console.messages.write(console.messagesAreTerminal ? "\r\u{1B}[K\(text) …" : "\(text) …\n") }
    }

    /// Clears what was drawn in place.
    func finish() {
        let wasDrawn = state.withLock { $0.isDrawn }
        if wasDrawn, console.messagesAreTerminal { console.messages.write("\r\u{1B}[K") }
    }
}
