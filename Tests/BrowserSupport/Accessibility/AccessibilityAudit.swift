import PSACore

/// Automated accessibility checks of a page, done inside the page by one script.
///
/// The page is looked at as it is: viewport, colour scheme, what is open and what is filled in. Audit it in each state that matters.
/// Transitions and animations are off meanwhile, and every focusable control is focused once, so a page's focus handlers run; focus and
/// viewport are put back.
///
/// Limits: frames and shadow trees are not entered; text over a picture or gradient is reported because its contrast is unknown; what
/// overlaps something by position is measured against its ancestors' backgrounds; the quality of texts is not checked.
public struct AccessibilityAudit: Sendable {
    /// An accessibility issue.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// The rule that is broken.
        public var rule: AccessibilityRule
        /// A selector of the element, unique on the page.
        public var selector: String
        /// What is wrong.
        public var message: String

        /// Rule, selector and what is wrong.
        public var description: String { "\(rule.rawValue) at \(selector): \(message)" }
    }

    /// The rules to check.
    public var rules: Set<AccessibilityRule>

    /// Chooses rules, all by default.
    public init(rules: Set<AccessibilityRule> = Set(AccessibilityRule.allCases)) { self.rules = rules }

    /// The narrowest screen that must do without scrolling sideways.
    private static let narrowWidth = 360

    /// Checks the page a browser shows.
    ///
    /// - Parameter browser: The browser, with the page open.
    /// - Returns: The findings, none if all is well.
    /// - Throws: ``BrowserError``.
    public func findings(in browser: Browser) async throws -> [Finding] {
        let inPage = rules.subtracting([.horizontalScrolling])
        var found = try await run(inPage, in: browser)
        if rules.contains(.horizontalScrolling) { found += try await atNarrowWidth(browser) }
        return found
    }

    private func run(_ rules: Set<AccessibilityRule>, in browser: Browser) async throws -> [Finding] {
        let names = rules.map(\.rawValue).sorted().map(JSONValue.string)
        guard case .array(let rows) = try await browser.script(AccessibilityScript.text, [.array(names)]) else {
            throw BrowserError(.scriptFailed, "The audit brought back no list.", pageURL: try? await browser.url())
        }
        return rows.compactMap { row in
            guard let rule = row["rule"]?.string.flatMap(AccessibilityRule.init), let selector = row["selector"]?.string,
                let message = row["message"]?.string
            else { return nil }
            return Finding(rule: rule, selector: selector, message: message)
        }
    }

    private func atNarrowWidth(_ browser: Browser) async throws -> [Finding] {
        guard case .array(let size) = try await browser.script("return [innerWidth, innerHeight]"), case .integer(let width) = size.first,
            case .integer(let height) = size.last
        else { return [] }
        try await browser.setViewport(width: Self.narrowWidth, height: height)
        let found: [Finding]
        do {
            found = try await run([.horizontalScrolling], in: browser)
        } catch {
            try? await browser.setViewport(width: width, height: height)
            throw error
        }
        try await browser.setViewport(width: width, height: height)
        return found
    }
}

extension Browser {
    /// Checks the page shown against all rules, or some.
    ///
    /// - Parameter rules: The rules to check.
    /// - Returns: The findings, none if all is well.
    /// - Throws: ``BrowserError``.
    public func auditAccessibility(_ rules: Set<AccessibilityRule> = Set(AccessibilityRule.allCases)) async throws
        -> [AccessibilityAudit.Finding]
    { try await AccessibilityAudit(rules: rules).findings(in: self) }
}
