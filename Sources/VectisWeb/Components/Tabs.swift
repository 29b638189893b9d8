/// The pages of one object, as links; they are pages of their own, so that each has an address.
struct Tabs: Sendable {
    struct Tab: Sendable {
        let name: HTML
        let path: String

        init(_ name: HTML, _ path: String) {
            self.name = name
            self.path = path
        }
    }

    /// What the tabs belong to, for screen readers.
    let label: HTML
    let tabs: [Tab]
    /// The path of the present page.
    let current: String

    var html: HTML {
        """
        <nav class="tabs" aria-label="\(label)"><ul>
        \(each: tabs, { "<li><a href=\"\($0.path)\"\(attribute: "aria-current", $0.path == current ? "page" : nil)>\($0.name)</a></li>" })
        </ul></nav>
        """
    }
}
