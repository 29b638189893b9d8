import PSACore
import Synchronization

/// What a list could not show, across its pages.
final class ListFlaws: Sendable {
    private let state = Mutex((unreadable: 0, isCutOff: false))

    /// How many rows were left out because they could not be read.
    var unreadable: Int { state.withLock { $0.unreadable } }
    /// Whether the vendor held back rows.
    var isCutOff: Bool { state.withLock { $0.isCutOff } }

    /// Takes the flaws of a page.
    func note<Element>(_ page: Page<Element>) {
        state.withLock { $0 = ($0.unreadable + page.unreadable.count, $0.isCutOff || page.isCutOff) }
    }
}
