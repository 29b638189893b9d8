/// The tokens in circulation.
///
/// Whether a new token of the same application ends older ones is not known of the vendor; here they live on side by side.
struct TokenLedger: Sendable {
    struct Grant: Sendable {
        var scopes: [String]
        var expires: HaloTime
        /// The user of a password grant, or nil for an application.
        var username: String?
    }

    private var grants: [String: Grant] = [:]
    private var refreshable: [String: Grant] = [:]
    private(set) var issued = 0

    mutating func issue(scopes: [String], lifetime: Int, username: String?, now: HaloTime) -> (access: String, refresh: String) {
        if grants.count > 10_000 { grants = grants.filter { $0.value.expires > now } }
        if refreshable.count > 10_000 { refreshable = [:] }
        let grant = Grant(scopes: scopes, expires: now.adding(seconds: lifetime), username: username)
        let tokens = (access: Self.random(length: 640), refresh: Self.random(length: 96))
        grants[tokens.access] = grant
        refreshable[tokens.refresh] = grant
        issued += 1
        return tokens
    }

    /// The scopes of a token that is still good.
    func scopes(of token: String, now: HaloTime) -> Set<String>? {
        guard let grant = grants[token], grant.expires > now else { return nil }
        return Set(grant.scopes)
    }

    mutating func redeem(refreshToken: String) -> Grant? { refreshable.removeValue(forKey: refreshToken) }

    mutating func revokeAll() { grants = [:] }

    private static func random(length: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        let characters = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9." + String(decoding: characters, as: UTF8.self)
    }
}
