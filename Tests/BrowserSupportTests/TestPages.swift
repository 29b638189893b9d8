import BrowserSupport
import WebServer

/// The browser that all suites here share, so that one Chromium serves them.
enum TestBrowser {
    static let shared = SharedBrowser()
}

/// A page as a data URL.
func dataURL(_ html: String) -> String {
    "data:text/html;charset=utf-8,"
        + html.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
}

/// A few pages on loopback, for what needs a server: cookies, headers, forms, history.
struct TestPages {
    private let server: WebServer

    init() throws {
        server = try WebServer.start { request in
            var headers: WebHeaders = ["Content-Type": "text/html; charset=utf-8"]
            switch request.path {
            case "/favicon.ico": return WebResponse(status: 204)
            case "/missing": return WebResponse(status: 404, headers: headers, body: .bytes(Array("<title>Missing</title>".utf8)))
            case "/form":
                headers.append("Set-Cookie", "session=s1; HttpOnly; SameSite=Strict; Path=/")
                return WebResponse(status: 200, headers: headers, body: .bytes(Array(Self.form.utf8)))
            default:
                let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                let facts = [request.method, request.path, query, request.headers["Accept-Language"] ?? "no language"]
                let page = "<!doctype html><title>Echo</title><p id=facts>\(facts.joined(separator: " "))</p>"
                return WebResponse(status: 200, headers: headers, body: .bytes(Array(page.utf8)))
            }
        }
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }

    private static let form = """
        <!doctype html><title>Form</title><script>document.title = 'Form with scripts'</script>
        <form action=/sent>
        <label>Name <input id=name name=name value=old required></label>
        <label>Colour <select id=colour name=colour><option value=r>Red<option value=b>Blue</select></label>
        <label><input id=agree name=agree type=checkbox> Agree</label>
        <button id=send>Send</button></form>
        <p id=plain title=hint>Plain <b>text</b></p><p class=row>one</p><p class=row>two</p>
        <a id=onward href=/onward>Onward</a>
        """
}
