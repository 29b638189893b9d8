/// Why an operation in the browser failed, with its selector and page.
public struct BrowserError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds a caller may want to distinguish.
    public enum Kind: String, Sendable {
        /// Chromium or its driver is not installed.
        case notInstalled
        /// The driver did not start, or has ended.
        case driverGone
        /// The page or the whole browser crashed; the session is of no further use.
        case crashed
        /// The address returned no page: connection refused, unknown host, or blocked.
        case pageNotLoaded
        /// No element matches.
        case noSuchElement
        /// More than one element matches where one was asked for.
        case severalElements
        /// The element has left the page since it was found.
        case staleElement
        /// The element is hidden, covered or disabled.
        case notInteractable
        /// What was waited for did not come in time.
        case timedOut
        /// A script threw.
        case scriptFailed
        /// Any other error of the driver.
        case refused
    }

    /// Which of the kinds it was.
    public var kind: Kind
    /// What is wrong and, where that is known, what to do.
    public var message: String
    /// The CSS selector it was about.
    public var selector: String?
    /// The address of the page it happened on.
    public var pageURL: String?

    /// States a failure.
    public init(_ kind: Kind, _ message: String, selector: String? = nil, pageURL: String? = nil) {
        self.kind = kind
        self.message = message
        self.selector = selector
        self.pageURL = pageURL
    }

    /// The message with selector and page; a page that is all in its address is cut short.
    public var description: String {
        message + (selector.map { " Selector: \($0)." } ?? "") + (pageURL.map { " Page: \($0.prefix(200))" } ?? "")
    }
}
