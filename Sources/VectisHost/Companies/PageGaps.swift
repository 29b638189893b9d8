import Synchronization

/// Whether a list that is read page after page has gaps, in which what is looked for may be.
final class PageGaps: Sendable {
    private let found = Atomic(false)

    var areThere: Bool { found.load(ordering: .relaxed) }

    func note(_ isGap: Bool) {
        if isGap { found.store(true, ordering: .relaxed) }
    }
}
