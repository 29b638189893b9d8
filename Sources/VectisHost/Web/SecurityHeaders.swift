import WebServer

/// What every answer tells the browser to refuse.
struct SecurityHeaders: Sendable {
    let isBehindTLS: Bool

    /// Nothing but our own files: no inline script or style, no frame, no other origin.
    static let contentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    func added(to response: WebResponse) -> WebResponse {
        var response = response
        response.headers["Content-Security-Policy"] = Self.contentPolicy
        response.headers["X-Content-Type-Options"] = "nosniff"
        // Not “no-referrer”: browsers then send “Origin: null” with a form, as if another site had made it.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if isBehindTLS { response.headers["Strict-Transport-Security"] = "max-age=31536000" }
        // Pages hold what only their reader may see; only files with their digest in the address may be kept.
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
        return response
    }
}
