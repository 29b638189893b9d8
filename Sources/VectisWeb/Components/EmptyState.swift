/// What a list shows while it has no entry: why, and the next step.
struct EmptyState: Sendable {
    let title: HTML
    let text: HTML
    /// The button or link of the next step.
    var action: HTML = .empty

    var html: HTML {
        """
        <div class="empty"><p><strong>\(title)</strong></p><p>\(text)</p>\(action == .empty ? .empty : "<p class=\"actions\">\(action)</p>" as HTML)</div>
        """
    }
}
