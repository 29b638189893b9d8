import PSACore
import WebServer

extension WebResponse {
    /// A page.
    static func page(_ status: Int = 200, _ page: some WebPage) -> WebResponse {
        WebResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(page.document.description.utf8)))
    }

    /// A piece of a page, fetched by the script.
    static func fragment(_ html: HTML) -> WebResponse {
        WebResponse(status: 200, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(html.description.utf8)))
    }

    /// Sends the browser to another page, with `GET`.
    static func redirect(to path: String) -> WebResponse { WebResponse(status: 303, headers: ["Location": path]) }

    /// JSON.
    static func json(_ value: JSONValue, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(value.encoded))
    }

    /// Problem JSON, RFC 9457.
    static func problem(_ status: Int, _ value: JSONValue) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/problem+json"], body: .bytes(value.encoded))
    }
}

/// Paths of this site.
enum WebPath {
    /// A text as one value of a query.
    static func encoded(_ text: String) -> String { PercentEncoding.component(text) }

    /// Path and query of a request.
    static func address(of request: WebRequest) -> String {
        guard !request.query.isEmpty else { return request.path }
        return request.path + "?" + PercentEncoding.form(request.query.map { QueryItem($0.name, $0.value) })
    }

    /// The path of the page of ours that a form was sent from, if the browser tells.
    static func pageBefore(_ request: WebRequest) -> String? {
        let parts = request.headers["Referer"]?.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false) ?? []
        guard parts.count == 4, parts[2].lowercased() == request.headers["Host"]?.lowercased() else { return nil }
        return "/" + parts[3]
    }

    /// Where to go after signing in: a path of this site, or the overview.
    ///
    /// `//host` and `/\host` are addresses of other sites to a browser.
    static func safe(_ path: String) -> String {
        let isOurs =
            path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
            && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isOurs && !path.hasPrefix("/sign-in") ? path : "/integrations"
    }
}
