import WebServer

/// Where a request goes.
enum Route: Sendable, Hashable {
    case token
    case openIDConfiguration
    case authInfo
    case instanceInfo
    case loginPage
    case agentMe
    /// HaloPSA fact: `/Client/me` is 401 even with a good token.
    case clientMe
    case resource(Resource, id: String?)
    case unknownAPI
    case unknown

    init(_ request: WebRequest) {
        let words = request.segments.map { $0.lowercased() }
        switch words {
        case ["auth", "token"]: self = .token
        case ["auth", "login"], []: self = .loginPage
        case [".well-known", "openid-configuration"], ["auth", ".well-known", "openid-configuration"]: self = .openIDConfiguration
        case ["api", "authinfo"]: self = .authInfo
        case ["api", "instanceinfo"]: self = .instanceInfo
        case ["api", "agent", "me"]: self = .agentMe
        case ["api", "client", "me"]: self = .clientMe
        default:
            guard words.first == "api" else {
                self = .unknown
                return
            }
            guard words.count == 2 || words.count == 3, let resource = Resource(route: words[1]) else {
                self = .unknownAPI
                return
            }
            self = .resource(resource, id: words.count == 3 ? request.segments[2] : nil)
        }
    }

    var isAPI: Bool {
        switch self {
        case .authInfo, .instanceInfo, .agentMe, .clientMe, .resource, .unknownAPI: true
        case .token, .openIDConfiguration, .loginPage, .unknown: false
        }
    }

    var resource: Resource? {
        switch self {
        case .resource(let resource, _): resource
        case .agentMe: .agent
        case .clientMe: .client
        default: nil
        }
    }
}
