import PSACore

/// A cookie as the browser keeps it.
public struct Cookie: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String
    /// The host or domain it is sent to.
    public var domain: String
    /// The path it is sent below.
    public var path: String
    /// Whether scripts can't read it.
    public var isHTTPOnly: Bool
    /// Whether it is sent over https only.
    public var isSecure: Bool
    /// `Strict`, `Lax` or `None`; nil if the server did not say.
    public var sameSite: String?
    /// When it ends, in seconds since 1970; nil if with the browser.
    public var expiry: Int?
}

extension Browser {
    /// The cookies the page's address gets, `HttpOnly` ones included.
    public func cookies() async throws -> [Cookie] {
        guard case .array(let cookies) = try await command(.get, "/cookie") else { return [] }
        return cookies.map { cookie in
            var expiry: Int?
            if case .integer(let seconds) = cookie["expiry"] { expiry = seconds }
            return Cookie(
                name: cookie["name"]?.string ?? "", value: cookie["value"]?.string ?? "", domain: cookie["domain"]?.string ?? "",
                path: cookie["path"]?.string ?? "", isHTTPOnly: cookie["httpOnly"] == true, isSecure: cookie["secure"] == true,
                sameSite: cookie["sameSite"]?.string, expiry: expiry)
        }
    }

    /// Gives the page's host a cookie.
    public func setCookie(_ name: String, _ value: String) async throws {
        _ = try await command(.post, "/cookie", body: ["cookie": ["name": .string(name), "value": .string(value)]])
    }

    /// Forgets the cookies the page's address gets.
    public func deleteCookies() async throws { _ = try await command(.delete, "/cookie") }
}
