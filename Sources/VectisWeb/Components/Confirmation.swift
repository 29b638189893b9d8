/// A page between a button and what it does, for what can't be taken back: it says in numbers what will happen.
struct Confirmation: WebPage {
    let context: RequestContext
    let section: Layout.Section
    /// Where the person came from, and goes back to.
    let origin: (name: HTML, path: String)
    /// A question, such as “Remove “Acme”?”.
    let question: HTML
    /// What will happen, one sentence each, with numbers.
    let consequences: [HTML]
    /// The path that the form is sent to.
    let action: String
    /// The fields that are sent along, such as a revision.
    var fields: [(name: String, value: String)] = []
    /// The word on the button.
    let verb: HTML
    /// Whether something is lost by it.
    var isDestructive = true

    var document: HTML {
        Layout(context, section, title: question).document(
            """
            <p class="crumbs"><a href="\(origin.path)">\(origin.name)</a></p>
            <h1>\(question)</h1>
            <ul class="consequences">\(each: consequences, { "<li>\($0)</li>" })</ul>
            <form method="post" action="\(action)" class="buttons">\(FormToken(context.user).field)
            \(each: fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })
            <button class="\(isDestructive ? "danger" : "primary")">\(verb)</button> <a class="button" href="\(origin.path)">Cancel</a></form>
            """)
    }
}
