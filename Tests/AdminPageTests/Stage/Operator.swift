import BrowserSupport
import PSACore
import Testing

/// How a person operates the pages.
enum InputMode: String, CaseIterable, CustomTestStringConvertible {
    case mouse
    case keyboard
    case mouseWithoutScripts

    var testDescription: String { rawValue }
    var options: BrowserOptions { BrowserOptions(runsScripts: self != .mouseWithoutScripts) }
}

/// A person in front of the browser.
struct Operator {
    let browser: Browser
    let input: InputMode

    /// Presses a control that opens another page.
    func follow(_ css: String) async throws { try await browser.expectPageLoad { try await press(css) } }

    /// Presses a button or link.
    func press(_ css: String) async throws {
        guard input == .keyboard else { return try await browser.click(css) }
        try await reach(css)
        // Links know only Enter; buttons and boxes are pressed with Space by many.
        let isLink = try await browser.script("return document.activeElement.localName === 'a'") == true
        try await browser.press(isLink ? .enter : .space)
    }

    /// Types into a field, in place of what it holds.
    func type(_ text: String, into css: String) async throws {
        guard input == .keyboard else { return try await browser.fill(css, with: text) }
        try await reach(css)
        let held = try await browser.find(css).value().count
        try await browser.press(.end)
        for _ in 0..<held { try await browser.press(.backspace) }
        try await browser.activeElement().type(text)
    }

    /// Chooses from a list.
    func choose(_ option: String, in css: String) async throws {
        guard input == .keyboard else { return try await browser.choose(option, in: css) }
        try await reach(css)
        try await browser.press(.home)
        for _ in 0..<20 {
            if try await chosen(in: css) == option { return }
            try await browser.press(.down)
        }
        Issue.record("The arrow keys do not lead to “\(option)” in \(css).")
    }

    /// The option a list shows.
    func chosen(in css: String) async throws -> String {
        try await browser.script("return document.querySelector(arguments[0])?.selectedOptions[0]?.text ?? ''", [.string(css)]).string ?? ""
    }

    /// Presses Tab until a control has the focus; the focus must be visible at every stop.
    func reach(_ css: String) async throws {
        for _ in 0..<80 {
            if try await browser.script("return document.activeElement.matches(arguments[0])", [.string(css)]) == true { return }
            try await browser.press(.tab)
            let hidden = try await browser.script(Self.hiddenFocus).string ?? ""
            #expect(hidden.isEmpty, "The focus can't be seen on \(hidden).")
        }
        Issue.record("Tab does not lead to \(css).")
    }

    /// Names the focused control if its focus is invisible or it is outside the window.
    private static let hiddenFocus = """
        const e = document.activeElement;
        if (e === document.body) return '';
        const look = getComputedStyle(e), box = e.getBoundingClientRect();
        const isSeen = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2;
        const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
        return isSeen && isInside ? '' : e.outerHTML.slice(0, 120) + (isSeen ? ' outside the window' : ' without an outline');
        """
}
