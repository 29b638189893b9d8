import PSACore

extension Browser {
    /// The one element that matches a CSS selector now.
    ///
    /// - Throws: ``BrowserError`` of kind `noSuchElement` or `severalElements`.
    public func find(_ css: String) async throws -> Element {
        let found = try await findAll(css)
        if found.count == 1 { return found[0] }
        let page = try? await url()
        throw found.isEmpty
            ? BrowserError(.noSuchElement, "No element matches.", selector: css, pageURL: page)
            : BrowserError(
                .severalElements, "\(found.count) elements match where one was meant; narrow the selector or use findAll.", selector: css,
                pageURL: page)
    }

    /// All elements that match a CSS selector now, in the page's order.
    public func findAll(_ css: String) async throws -> [Element] {
        let answer = try await command(.post, "/elements", body: ["using": "css selector", "value": .string(css)], selector: css)
        guard case .array(let found) = answer else { return [] }
        return found.compactMap { Element(browser: self, reference: $0, selector: css) }
    }

    /// Waits until exactly one element matches and is shown.
    ///
    /// - Throws: ``BrowserError`` of kind `timedOut`, which describes the page.
    @discardableResult
    public func waitFor(_ css: String, within limit: Duration = .seconds(10)) async throws -> Element {
        var shown: Element?
        try await wait(for: "one shown element", selector: css, within: limit) {
            let found = try await self.findAll(css)
            shown = found.count == 1 ? found[0] : nil
            return try await shown?.isDisplayed() ?? false
        }
        return try shown ?? { throw BrowserError(.noSuchElement, "No element matches.", selector: css) }()
    }

    /// Waits until no element matches or none that does is shown.
    public func waitForAbsence(of css: String, within limit: Duration = .seconds(10)) async throws {
        try await wait(for: "no shown element", selector: css, within: limit) {
            for element in try await self.findAll(css) where try await element.isDisplayed() { return false }
            return true
        }
    }

    /// Waits until an element that matches shows a text.
    public func waitFor(_ css: String, toContain text: String, within limit: Duration = .seconds(10)) async throws {
        try await wait(for: "the text “\(text)”", selector: css, within: limit) {
            for element in try await self.findAll(css) where try await element.text().contains(text) { return true }
            return false
        }
    }

    /// Does something that opens a page, the same address included, and waits until that page has loaded.
    ///
    /// - Parameters:
    ///   - limit: How long the page may take.
    ///   - action: What opens it: a click, a key, submitting a form.
    /// - Throws: ``BrowserError`` of kind `timedOut` if the page stays, or what the action throws.
    public func expectPageLoad(within limit: Duration = .seconds(10), _ action: () async throws -> Void) async throws {
        // A page that comes back from the browser's cache still has the mark of an earlier call, so each call has its own.
        let mark = JSONValue.string(String(UInt64.random(in: .min ... .max)))
        try await script("window.markOfPageBefore = arguments[0]", [mark])
        try await action()
        try await wait(for: "another page to load", within: limit) {
            try await self.script("return document.readyState === 'complete' && window.markOfPageBefore !== arguments[0]", [mark]) == true
        }
    }

    /// Waits until the page's address contains a text.
    public func waitForURL(containing text: String, within limit: Duration = .seconds(10)) async throws {
        try await wait(for: "an address with “\(text)”", selector: nil, within: limit) { try await self.url().contains(text) }
    }

    /// Waits until a condition holds; an element that leaves the page meanwhile counts as not yet.
    ///
    /// - Parameters:
    ///   - what: What is waited for, for the error.
    ///   - selector: The selector it is about.
    ///   - limit: How long it may take.
    ///   - condition: Asked again and again.
    /// - Throws: ``BrowserError`` of kind `timedOut`, which describes the page, or what the condition throws.
    public func wait(
        for what: String, selector: String? = nil, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            do {
                if try await condition() { return }
            } catch let error as BrowserError where error.kind == .staleElement {}
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(30))
        }
        let shown = (try? await script("return document.title + ' | ' + document.body.innerText"))?.string ?? "no page"
        let words = shown.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        throw BrowserError(
            .timedOut, "Waited \(limit) for \(what). The page showed: \(words.prefix(500)).", selector: selector, pageURL: try? await url())
    }
}
