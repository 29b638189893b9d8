/// Web pages that stand where JSON was expected.
///
/// They are long enough to be told from an error text.
enum Pages {
    static let login = page(
        "Log in", "<form method=\"post\" action=\"/auth/login\"><label>Username <input name=\"username\"></label></form>")
    static let stranger = page("Welcome", "<p>This domain is parked. Nothing of yours lives here.</p>")
    static let notFound = page("404 - File or directory not found.", "<h2>404 - File or directory not found.</h2>")
    static let serverError = page("Runtime Error", "<h1>Server Error in '/' Application.</h1><p>The tenant could not be resolved.</p>")
    static let badRequest = page("Bad Request", "<h2>Bad Request</h2><hr><p>HTTP Error 400. The request is badly formed.</p>")
    static let badGateway = page("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>gateway</center>")
    static let gatewayTimeout = page("504 Gateway Time-out", "<center><h1>504 Gateway Time-out</h1></center><hr><center>gateway</center>")

    private static func page(_ title: String, _ body: String) -> String {
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(title)</title></head><body>\(body)</body></html>\n"
    }
}
