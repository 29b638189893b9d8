internal import Glibc
internal import PSACore

/// The proxy settings of the environment, read once and understood as libcurl documents them (CURLOPT_PROXY, CURLOPT_NOPROXY).
///
/// The decision is made here, because the address guard has to know whether an address is the proxy's, and libcurl 7.88 does not tell.
struct ProxyEnvironment: Sendable {
    private let variables: [String: String]

    /// Reads the process's environment.
    init() {
        let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"]
        self.init(Dictionary(uniqueKeysWithValues: names.map { ($0, getenv($0).map { String(cString: $0) } ?? "") }))
    }

    init(_ variables: [String: String]) {
        self.variables = variables.filter { !$0.value.isEmpty }
    }

    /// The proxy for an origin, or nil to connect directly.
    func proxy(for origin: ServiceURL) -> String? {
        // HTTP_PROXY in capitals is left out on purpose: in a CGI program it is the client's header field "Proxy".
        let names = origin.scheme == "http" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]
        guard let proxy = (names + ["all_proxy", "ALL_PROXY"]).lazy.compactMap({ variables[$0] }).first else { return nil }
        return goesDirectly(origin.host.filter { $0 != "[" && $0 != "]" }) ? nil : proxy
    }

    private func goesDirectly(_ host: String) -> Bool {
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

    /// Whether an address is the exception or lies in it, as in `10.0.0.0/8`.
    private static func covers(_ exception: Substring, _ address: IPAddress) -> Bool {
        let parts = exception.split(separator: "/", maxSplits: 1)
        guard let text = parts.first, let network = IPAddress(String(text.filter { $0 != "[" && $0 != "]" })) else { return false }
        guard parts.count == 2 else { return network == address }
        guard let bits = Int(parts[1]), bits >= 0 else { return false }
        switch (network, address) {
        case (.v4(let left), .v4(let right)): return bits <= 32 && (left ^ right) >> UInt32(32 - bits) == 0
        case (.v6(let leftHigh, let leftLow), .v6(let rightHigh, let rightLow)):
            let high = (leftHigh ^ rightHigh) >> UInt64(max(0, 64 - bits))
            let low = (leftLow ^ rightLow) >> UInt64(min(64, 128 - bits))
            return bits <= 128 && high == 0 && low == 0
        default: return false
        }
    }
}
