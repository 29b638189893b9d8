/// Text for a terminal or a message, with a button that copies it; without scripts the button is not shown.
struct CodeBlock: Sendable {
    /// The id of the text; a page with two blocks needs two.
    let id: String
    let text: String
    /// The word on the button.
    var copy: HTML = "Copy"

    var html: HTML {
        """
        <div class="code-block"><pre id="\(id)" tabindex="0"><code>\(text)</code></pre>
        <button type="button" class="quiet" data-copy="\(id)" hidden>\(copy)</button>
        <span class="help" role="status" data-copied="\(id)" hidden>Copied</span></div>
        """
    }
}
