import PSACore
import Synchronization

/// What a list could not show, across its pages.
final class SkippedRows: Sendable {
    private struct State {
        var unreadable = 0
        var isCutOff = false
        var maxCounted = 0
        var counted = 0
    }

    private let state = Mutex(State())

    /// How many rows were left out because they could not be read.
    var unreadable: Int { state.withLock { $0.unreadable } }
    /// Whether the vendor held back rows.
    var isCutOff: Bool { state.withLock { $0.isCutOff } }
    /// By how much the vendor's count fell while the list was read.
    var shrinkage: Int { state.withLock { $0.maxCounted - $0.counted } }

    /// Takes the flaws of a page.
    func note<Element>(_ page: Page<Element>) {
        state.withLock { state in
            state.unreadable += page.unreadable.count
            state.isCutOff = state.isCutOff || page.isCutOff
            guard let total = page.total, total > 0, (page.rowCount ?? page.items.count + page.unreadable.count) > 0 else { return }
            state.counted = total
            state.maxCounted = max(state.maxCounted, total)
        }
    }
}
