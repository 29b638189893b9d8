public import PSACore

/// An element of the page, as it was found; once the page changes it may be stale.
public struct Element: Sendable {
    /// The standard's name for a reference to an element.
    private static let referenceName = "element-6066-11e4-a52e-4f735466cecf"

    /// The selector it was found by.
    public let selector: String
    private let browser: Browser
    private let id: String

    init?(browser: Browser, reference: JSONValue, selector: String) {
        guard let id = reference[Self.referenceName]?.string else { return nil }
        self.browser = browser
        self.id = id
        self.selector = selector
    }

    /// The element as a value for ``Browser/script(_:_:)``.
    public var argument: JSONValue { .object([]).adding((Self.referenceName, .string(id))) }

    /// Clicks its middle as a mouse would; something that covers it is an error.
    public func click() async throws { _ = try await command(.post, "click") }

    /// Types a text at the end of what the field holds.
    public func type(_ text: String) async throws { _ = try await command(.post, "value", body: ["text": .string(text)]) }

    /// Empties the field.
    public func clear() async throws { _ = try await command(.post, "clear") }

    /// Empties the field and types a text.
    public func fill(_ text: String) async throws {
        try await clear()
        try await type(text)
    }

    /// Chooses the option of a select that shows a text.
    ///
    /// - Throws: ``BrowserError`` of kind `noSuchElement` that names the options there are.
    public func choose(_ option: String) async throws {
        let listed = try await command(.post, "elements", body: ["using": "css selector", "value": "option"])
        guard case .array(let references) = listed else { return }
        var labels: [String] = []
        for choice in references.compactMap({ Element(browser: browser, reference: $0, selector: selector + " option") }) {
            let label = try await choice.text()
            if label == option { return try await choice.click() }
            labels.append("“\(label)”")
        }
        throw BrowserError(
            .noSuchElement, "No option “\(option)”; there are \(labels.joined(separator: ", ")).", selector: selector,
            pageURL: try? await browser.url())
    }

    /// Submits the form it is or belongs to, with the browser's own validation.
    public func submit() async throws {
        let done = try await browser.script(
            "const f = arguments[0].form ?? arguments[0].closest('form'); f?.requestSubmit(); return f !== null", [argument])
        guard done == true else {
            throw BrowserError(.notInteractable, "The element is in no form.", selector: selector, pageURL: try? await browser.url())
        }
    }

    /// The text a visitor sees of it.
    public func text() async throws -> String { try await command(.get, "text").string ?? "" }

    /// An attribute as the page has it now, or nil; a truth attribute that is set reads `true`.
    public func attribute(_ name: String) async throws -> String? { try await command(.get, "attribute/{name}", [name]).string }

    /// A property of the DOM object, such as `value` or `checked`.
    public func property(_ name: String) async throws -> JSONValue { try await command(.get, "property/{name}", [name]) }

    /// What a field holds.
    public func value() async throws -> String { try await property("value").string ?? "" }

    /// The name assistive technology gets, as the browser computes it.
    public func accessibleName() async throws -> String { try await command(.get, "computedlabel").string ?? "" }

    /// The role assistive technology gets, as the browser computes it.
    public func accessibleRole() async throws -> String { try await command(.get, "computedrole").string ?? "" }

    /// Whether a visitor can see it.
    public func isDisplayed() async throws -> Bool { try await command(.get, "displayed") == true }

    /// Whether a form control is enabled.
    public func isEnabled() async throws -> Bool { try await command(.get, "enabled") == true }

    /// Whether the keyboard's input goes to it.
    public func isFocused() async throws -> Bool {
        try await browser.script("return document.activeElement === arguments[0]", [argument]) == true
    }

    private func command(_ method: TransportMethod, _ action: String, _ values: [String] = [], body: JSONValue? = nil) async throws
        -> JSONValue
    {
        try await browser.command(method, "/element/{element}/" + action, [id] + values, body: body, selector: selector)
    }
}
