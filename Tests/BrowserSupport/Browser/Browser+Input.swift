import PSACore

extension Browser {
    /// Presses keys one after another, wherever the focus is.
    ///
    /// A page that a key opens needs ``expectPageLoad(within:_:)``.
    public func press(_ keys: Key...) async throws {
        var actions: [JSONValue] = []
        func add(_ type: String, _ value: Character) { actions.append(["type": .string(type), "value": .string(String(value))]) }
        for key in keys {
            if key.shift { add("keyDown", Key.shiftValue) }
            add("keyDown", key.value)
            add("keyUp", key.value)
            if key.shift { add("keyUp", Key.shiftValue) }
        }
        _ = try await command(
            .post, "/actions", body: ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }

    /// The element the keyboard's input goes to; the body if there is none.
    public func activeElement() async throws -> Element {
        let reference = try await command(.get, "/element/active")
        guard let element = Element(browser: self, reference: reference, selector: ":focus") else {
            throw BrowserError(.noSuchElement, "Nothing has the focus.", selector: ":focus", pageURL: try? await url())
        }
        return element
    }

    /// Clicks the one element that matches.
    public func click(_ css: String) async throws { try await find(css).click() }

    /// Types a text at the end of what the one field that matches holds.
    public func type(_ text: String, into css: String) async throws { try await find(css).type(text) }

    /// Empties the one field that matches.
    public func clear(_ css: String) async throws { try await find(css).clear() }

    /// Empties the one field that matches and types a text.
    public func fill(_ css: String, with text: String) async throws { try await find(css).fill(text) }

    /// Chooses an option by the text it shows.
    public func choose(_ option: String, in css: String) async throws { try await find(css).choose(option) }

    /// Submits the form that matches, or the form of the control that does.
    public func submit(_ css: String) async throws { try await find(css).submit() }

    /// The text a visitor sees of the one element that matches.
    public func text(_ css: String) async throws -> String { try await find(css).text() }

    /// An attribute of the one element that matches, or nil.
    public func attribute(_ name: String, of css: String) async throws -> String? { try await find(css).attribute(name) }

    /// Whether the one element that matches has the focus.
    public func isFocused(_ css: String) async throws -> Bool { try await find(css).isFocused() }
}
