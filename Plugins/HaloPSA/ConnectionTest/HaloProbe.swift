import PSACore

/// The sign-in data that HaloPSA gives without credentials.
struct HaloSignInData: Sendable {
    var authURL: ServiceURL?
    var tenant: String?
}

/// What answers at an address, by its answer at the one endpoint of HaloPSA that needs no credentials.
typealias HaloProbe = ServerProbe<HaloSignInData>

extension HaloProbe {
    /// The addresses this answer points to, and those above them.
    var pointers: [ServiceURL] {
        let target: ServiceURL? =
            switch self {
            case .vendor(let data): data.authURL
            case .otherService(_, let redirect): redirect
            case .unreachable: nil
            }
        return target.map { [$0] + $0.parents } ?? []
    }
}

extension HaloClient {
    /// Asks an address whether HaloPSA is there.
    func probe(_ origin: ServiceURL) async throws -> HaloProbe {
        try await probe("/api/authinfo", at: origin, about: .signInData) { response in
            guard (200...299).contains(response.status), let info = try? JSONDocument(response.body).root, info.isObject,
                info["auth_url"] != nil || info["tenant_id"] != nil
            else { return nil }
            return HaloSignInData(
                authURL: info["auth_url"]?.string.flatMap { address($0) },
                tenant: info["tenant_id"]?.string.flatMap { $0.isEmpty ? nil : $0 })
        }
    }
}
