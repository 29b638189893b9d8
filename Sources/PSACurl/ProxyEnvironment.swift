internal import Glibc
internal import PSACore

/// The proxy settings of the environment, read once and interpreted by libcurl's rules (CURLOPT_PROXY, CURLOPT_NOPROXY).
///
/// The proxy is selected here, because the address policy must know whether an address is the proxy's, which libcurl 7.88 does not report.
struct ProxyEnvironment: Sendable {
    private let variables: [String: String]

    /// Reads the environment of the process.
    init() {
        let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"]
        self.init(Dictionary(uniqueKeysWithValues: names.map { ($0, getenv($0).map { String(cString: $0) } ?? "") }))
    }

    init(_ variables: [String: String]) {
        self.variables = variables.filter { !$0.value.isEmpty }
    }

    /// A proxy, and the variable that names it.
    struct Setting: Sendable {
        let variable: String
        let url: String

        /// Whether a user name stands in front of the host.
        var namesUser: Bool { url.contains("@") }

        /// Host and port, without the scheme, user name and password.
        var address: String {
            let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
            let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            return String(authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority)
        }
    }

    /// Returns the URL of the proxy for an origin, or nil for a direct connection.
    func proxy(for origin: ServiceURL) -> String? { setting(for: origin)?.url }

    /// Returns the proxy for an origin, or nil for a direct connection.
    func setting(for origin: ServiceURL) -> Setting? {
        // HTTP_PROXY in capitals is ignored on purpose: in a CGI program it is the client's header "Proxy".
        let names = origin.scheme == "http" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]
        let settings = (names + ["all_proxy", "ALL_PROXY"]).lazy.compactMap { name in
            variables[name].map { Setting(variable: name, url: $0) }
        }
        guard let proxy = settings.first else { return nil }
        return connectsDirectly(origin.host.filter { $0 != "[" && $0 != "]" }) ? nil : proxy
    }

    private func connectsDirectly(_ host: String) -> Bool {
        let address = IPAddress(host)
        if host == "localhost" || host.hasSuffix(".localhost") || address.map(Self.isLoopback) ?? false { return true }
        let exceptions = (variables["no_proxy"] ?? variables["NO_PROXY"] ?? "").lowercased()
        if exceptions == "*" { return true }
        return exceptions.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }).contains { exception in
            if let address { return Self.covers(exception, address) }
            let domain = exception.hasPrefix(".") ? exception.dropFirst() : exception
            return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
        }
    }

    private static func isLoopback(_ address: IPAddress) -> Bool {
        !AddressPolicy.publicOnly.allows(address) && AddressPolicy.allowingLoopback.allows(address)
    }

    /// Returns whether an address equals the exception or is in its network, such as `10.0.0.0/8`.
    private static func covers(_ exception: Substring, _ address: IPAddress) -> Bool {
        let parts = exception.split(separator: "/", maxSplits: 1)
        guard let text = parts.first, let network = IPAddress(String(text.filter { $0 != "[" && $0 != "]" })) else { return false }
        guard parts.count == 2 else { return network == address }
        guard let bits = Int(parts[1]), bits >= 0 else { return false }
        switch (network, address) {
        case (.v4(let lhs), .v4(let rhs)): return bits <= 32 && (lhs ^ rhs) >> UInt32(32 - bits) == 0
        case (.v6(let lhsHigh, let lhsLow), .v6(let rhsHigh, let rhsLow)):
            guard bits <= 128 else { return false }
            let high = (lhsHigh ^ rhsHigh) >> UInt64(max(0, 64 - bits))
            let low = (lhsLow ^ rhsLow) >> UInt64(min(64, 128 - bits))
            return high == 0 && low == 0
        default: return false
        }
    }
}
