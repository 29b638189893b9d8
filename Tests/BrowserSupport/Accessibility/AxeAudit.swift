import Foundation
import PSACore

/// Checks of a page by axe-core, the rules that browsers' own tools and accessibility auditors use.
///
/// axe-core is not part of this package: `.ci/axe` gets it from PyPI.
public struct AxeAudit: Sendable {
    /// An element that breaks a rule.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// The rule's id in axe-core, such as `color-contrast`.
        public var rule: String
        /// A selector of the element.
        public var selector: String
        /// What is wrong with it.
        public var message: String

        /// Rule, selector and what is wrong.
        public var description: String { "\(rule) at \(selector): \(message)" }
    }

    /// The text of axe-core.
    private let script: String

    /// Reads axe-core.
    ///
    /// - Throws: An error of the file system if `.ci/axe` has not been run.
    public init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../.build/axe/axe.min.js")
        script = try String(contentsOf: root.standardizedFileURL, encoding: .utf8)
    }

    /// Checks the page a browser shows, as it is.
    ///
    /// - Parameters:
    ///   - browser: The browser, with the page open.
    ///   - rules: The ids of the rules to check; nil for all.
    /// - Returns: The findings, none if all is well.
    /// - Throws: ``BrowserError``.
    public func findings(in browser: Browser, rules: [String]? = nil) async throws -> [Finding] {
        if try await browser.script("return typeof axe").string != "object" { try await browser.script(script) }
        let result = try await browser.script(Self.run, [rules.map { .array($0.map(JSONValue.string)) } ?? .null])
        guard case .array(let rows) = result else {
            throw BrowserError(.scriptFailed, "axe-core brought back no list.", pageURL: try? await browser.url())
        }
        return rows.map {
            Finding(
                rule: $0["rule"]?.string ?? "", selector: $0["selector"]?.string ?? "", message: $0["message"]?.string ?? "")
        }
    }

    /// Rules about frames and media do not concern these pages, and only slow the audit down.
    private static let run = #"""
        const options = { resultTypes: ['violations'], iframes: false };
        if (arguments[0]) options.runOnly = { type: 'rule', values: arguments[0] };
        // Half-way through a transition colours are not what they will be.
        const still = new CSSStyleSheet();
        still.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important; }');
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
        const restore = () => { document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== still); };
        // What is folded up is drawn by no one, and lies over what follows only by its measures.
        const isFoldedUp = node => document.querySelector(node.target.join(' '))?.closest('details:not([open]) > :not(summary)');
        const seen = (id, nodes) => id === 'color-contrast' ? nodes.filter(node => !isFoldedUp(node)) : nodes;
        return axe.run(document, options).finally(restore).then(({ violations }) => violations.flatMap(({ id, help, nodes }) => seen(id, nodes).map(node => ({
            rule: id, selector: node.target.join(' '), message: `${help}. ${node.failureSummary ?? ''}`.replace(/\s+/g, ' ').trim(),
        }))));
        """#
}
