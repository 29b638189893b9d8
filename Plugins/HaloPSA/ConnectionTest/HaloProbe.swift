import PSACore

/// What stands at an address, by its answer at the one endpoint of HaloPSA that needs no credentials.
enum HaloProbe: Sendable {
    /// HaloPSA, with the sign-in data it gives to anybody.
    case halo(authURL: ServiceURL?, tenant: String?)
    /// Something else answered, and perhaps pointed elsewhere.
    case stranger(PSAError, redirect: ServiceURL?)
    /// Nothing answered.
    case silent(PSAError)

    /// Whether HaloPSA answers there.
    var isHalo: Bool {
        guard case .halo = self else { return false }
        return true
    }

    /// What is wrong, unless HaloPSA answers.
    var error: PSAError? {
        switch self {
        case .halo: nil
        case .stranger(let error, _), .silent(let error): error
        }
    }

    /// The addresses this answer points to, and those above them.
    var pointers: [ServiceURL] {
        let pointed: ServiceURL? =
            switch self {
            case .halo(let authURL, _): authURL
            case .stranger(_, let redirect): redirect
            case .silent: nil
            }
        return pointed.map { [$0] + $0.parents } ?? []
    }
}

extension HaloClient {
    /// Asks an address whether HaloPSA is there.
    ///
    /// No credentials are sent, so it may be one that nobody typed; the address policy holds.
    func probe(_ origin: ServiceURL) async throws -> HaloProbe {
        let response: HTTPResponse
        do {
            response = try await openAnswer(at: origin, route: "/api/authinfo")
        } catch let failure as TransportError {
            return .silent(
                unanswered(failure, stage: .discovery, object: .signInData, request: "GET \(origin.host)\(origin.path)/api/authinfo"))
        }
        if (200...299).contains(response.status), let info = try? JSONDocument(response.body).root, info.isObject,
            info["auth_url"] != nil || info["tenant_id"] != nil
        {
            let authURL = info["auth_url"]?.string.flatMap { HaloAddress.named($0, settings.policy) }
            return .halo(authURL: authURL, tenant: info["tenant_id"]?.string.flatMap { $0.isEmpty ? nil : $0 })
        }
        let location = response.headers["Location"].flatMap { $0.contains("://") ? HaloAddress.named($0, settings.policy) : nil }
        return .stranger(stranger(response, at: origin), redirect: location)
    }
}
