/// How many rows the pages of a list hold where they don't hold the same number: `100/99/51`.
struct PageSizes: Sendable, Equatable {
    private let sizes: [Int]

    /// Nil for what is no list of numbers.
    init?(_ text: String) {
        let sizes = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard !sizes.isEmpty, sizes.allSatisfy({ $0 > 0 && $0 <= 1000 }) else { return nil }
        self.sizes = sizes
    }

    static func problem(with text: String?) -> String? {
        text.flatMap(PageSizes.init) == nil ? "needs numbers of rows behind a colon, such as 100/99/51" : nil
    }

    /// The rows of a page; pages behind the last number hold as many as it says.
    func range(ofPage page: Int, of total: Int) -> Range<Int> {
        let before = sizes.prefix(page - 1).reduce(0, +) + max(0, page - 1 - sizes.count) * (sizes.last ?? 1)
        let size = page <= sizes.count ? sizes[page - 1] : sizes.last ?? 1
        return min(before, total)..<min(before + size, total)
    }
}
