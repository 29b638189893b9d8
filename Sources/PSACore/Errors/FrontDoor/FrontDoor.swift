/// An answer that did not come from the vendor's API but from something in front of it: a firewall, a content network, a proxy, an access
/// page, a page that announces maintenance.
///
/// It is read from the status, a few header fields and the first part of the body. What is kept of the page is its title and the number by
/// which the device's administrator finds the request, both cut and without secrets or control characters.
public struct FrontDoor: Sendable, Hashable {
    /// What it did with the request.
    @nonexhaustive
    public enum Act: String, Sendable, Hashable, CaseIterable {
        /// It refused the request.
        case blocked
        /// It wanted proof that a person asks.
        case challenged
        /// A proxy wanted a user name and password before it passes anything on.
        case wantsCredentials
        /// It showed a sign-in page.
        case showsSignIn
        /// A network wanted its terms accepted or a fee paid first.
        case holdsCaptive
        /// The request was larger than it passes on.
        case tooLarge
        /// The header of the request was larger than it passes on.
        case headerTooLarge
        /// There were too many requests for it.
        case tooMany
        /// It demanded a certificate of the client.
        case wantsCertificate
        /// It demanded a sign-in with an account of Windows.
        case wantsWindowsAccount
        /// It can't read its own configuration.
        case misconfigured
        /// It wanted an encrypted connection at a port where it was spoken to without.
        case wantsEncryption
        /// It said that the product is being maintained.
        case maintenance
        /// It said that the product is switched off there.
        case stopped
        /// It got no answer from the product, or the product failed.
        case down
        /// It said that a licence or trial has ended.
        case unlicensed
        /// The name is registered, but not in use.
        case parked
        /// It showed a page of which nothing more is known.
        case page
    }

    /// The device, if its answer says.
    public let device: Device?
    /// What it did.
    public let act: Act
    /// The HTTP status.
    public let status: Int
    /// The title of its page, at most 120 characters.
    public let title: String?
    /// The number by which its administrator finds the request.
    public let reference: String?
    /// What it says where it answers in JSON, at most 120 characters; empty if it says nothing, and nil for a page or plain text.
    public let words: String?
    /// What its page says about a licence, at most 120 characters; nil for other pages.
    let announcement: String?
    /// Whether its page names what was sent as a possible reason.
    let blamesContent: Bool

    /// Reads an answer; nil if it may well be the vendor's own.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - redactor: Knows the secrets that must not be repeated.
    public init?(_ response: TransportResponse, redactor: Redactor) {
        if let gateway = Gateway(response) {
            device = gateway.device
            act = response.status == 429 ? .tooMany : response.status >= 500 ? .down : .blocked
            (status, title) = (response.status, nil)
            reference = ["CF-RAY", "X-Amzn-RequestId", "X-Request-Id"].lazy.compactMap { response.headers[$0] }.first.map {
                redactor.clean($0, maximumLength: 80)
            }
            words = redactor.clean(gateway.words, maximumLength: 120)
            (blamesContent, announcement) = (false, nil)
            return
        }
        let page = PageText(response.body)
        let isRedirect = (300...399).contains(response.status)
        if isRedirect, MaintenancePage.isTarget(response.headers["Location"]) {
            (device, act, status, title, reference, words) = (nil, .maintenance, response.status, nil, nil, nil)
            (blamesContent, announcement) = (false, nil)
            return
        }
        guard !isRedirect, page.isForeign || [407, 511].contains(response.status) else { return nil }
        let device = Device.recognised(in: response, page)
        guard let act = Self.act(response, page, device) else { return nil }
        // A page of which nothing is known may mention any product, such as one the vendor works with.
        let named = act == .page ? Device.recognised(in: response, nil) : device
        self.device = act == .holdsCaptive ? .captivePortal : named
        self.act = act
        words = nil
        blamesContent = act == .blocked && page.says(PageText.blamesContent)
        status = response.status
        announcement = act == .unlicensed ? page.heading.map { redactor.clean($0, maximumLength: 120) } : nil
        title = page.title.map { redactor.clean($0, maximumLength: 120) }
        reference = Self.reference(response, page).map { redactor.clean($0, maximumLength: 80) }
    }

    /// Whether what it says is not the vendor's: all but a page of which nothing is known, and the end of a licence.
    var hasWordsOfItsOwn: Bool { words != nil || act != .page && act != .unlicensed }

    /// The code of the failure; nil where the status says it better.
    ///
    /// A write that was answered with success or a server's failure may have been executed, whatever the page says.
    public func code(at stage: RequestStage) -> ErrorCode? {
        if stage == .write, !(400...499).contains(status) { return act == .unlicensed && status < 500 ? .vendorLicense : nil }
        return switch act {
        case .blocked, .challenged, .tooLarge, .headerTooLarge, .wantsCertificate: .proxyBlocked
        case .wantsCredentials: .proxyAuthenticationRequired
        case .showsSignIn, .holdsCaptive, .parked, .wantsWindowsAccount: .proxyHTMLInsteadOfJSON
        case .tooMany: .rateLimited
        case .wantsEncryption: .urlInsecure
        case .maintenance: .vendorMaintenance
        case .stopped, .misconfigured: .vendorUnavailable
        case .unlicensed: .vendorLicense
        // A proxy of the own network that reaches no server says nothing of the server.
        case .down where device?.guardsNetworks == true: .proxyBlocked
        case .down: status < 500 ? .vendorUnavailable : nil
        case .page: nil
        }
    }

    private static func act(_ response: TransportResponse, _ page: PageText, _ device: Device?) -> Act? {
        let status = response.status
        if status == 407 { return .wantsCredentials }
        if status == 511 || page.says(PageText.captive) { return .holdsCaptive }
        if status >= 400, page.says(PageText.wantsEncryption) { return .wantsEncryption }
        if let code = page.cloudflareCode { return act(cloudflare: code) }
        if page.announces(PageText.unlicensed) { return .unlicensed }
        if let number = page.iisError, let act = act(iis: number) { return act }
        if status >= 400, page.says(PageText.wantsCertificate) { return .wantsCertificate }
        guard page.isHTML else {
            if status >= 500, page.says(PageText.plainFailures) { return .down }
            // Behind such a server, the status in words is its own; the product on IIS may well write it.
            if status == 429, let device, device != .iis, page.isOnly(PageText.tooMany) { return .tooMany }
            // A plain text may be the vendor's own, so only words that no vendor uses tell.
            return page.says(PageText.plainRefusals) && status < 500 ? .blocked : nil
        }
        if page.announces(PageText.stopped) { return .stopped }
        if page.announces(PageText.maintained) { return .maintenance }
        if status == 431 || status == 400 && page.announces(PageText.headerTooLarge) { return .headerTooLarge }
        if [413, 414].contains(status) { return .tooLarge }
        if status == 429 { return .tooMany }
        // On a page that came with success, such words may stand anywhere.
        let tells = status < 400 ? page.announces : page.says
        if response.headers["cf-mitigated"] == "challenge" { return .challenged }
        if tells(PageText.ruledOut) { return .blocked }
        if tells(PageText.challenges) { return .challenged }
        if tells(PageText.refusals) { return .blocked }
        if page.announces(PageText.parked) { return .parked }
        if status < 400, page.hasPasswordField || page.announces(PageText.signIns) { return .showsSignIn }
        if [403, 406, 451].contains(status) { return .blocked }
        if status == 401 { return wantsWindowsAccount(response.headers) ? .wantsWindowsAccount : .showsSignIn }
        return status >= 500 ? .down : .page
    }

    /// The numbers Cloudflare documents for its 1XXX errors: rules of the site's owner, limits, and names or origins that lead nowhere.
    private static func act(cloudflare code: Int) -> Act {
        switch code {
        case 1015, 1027: .tooMany
        case 1005...1013, 1020, 1025, 1035: .blocked
        default: .down
        }
    }

    /// The numbers Microsoft documents for errors of IIS and its request filter.
    private static func act(iis number: String) -> Act? {
        switch number {
        case "403.7", "403.12", "403.13", "403.16", "403.17": .wantsCertificate
        case "404.13", "404.14", "404.15", "413.1": .tooLarge
        case "500.19", "500.21", "500.22", "500.23", "500.24": .misconfigured
        default: nil
        }
    }

    private static func wantsWindowsAccount(_ headers: TransportHeaders) -> Bool {
        let schemes = headers.values(of: "WWW-Authenticate").map { $0.lowercased() }
        return schemes.contains { $0.hasPrefix("negotiate") || $0.hasPrefix("ntlm") } && !schemes.contains { $0.hasPrefix("bearer") }
    }

    private static func reference(_ response: TransportResponse, _ page: PageText) -> String? {
        let fields = ["CF-RAY", "X-Azure-Ref", "X-Amz-Cf-Id", "X-Iinfo", "X-Sucuri-ID", "X-Request-Id"]
        return page.reference ?? fields.lazy.compactMap { response.headers[$0] }.first { !$0.isEmpty }
    }
}

/// The page to which a server sends everyone while it is maintained.
private enum MaintenancePage {
    static func isTarget(_ location: String?) -> Bool {
        guard let location else { return false }
        let path = location.lowercased().prefix { $0 != "?" && $0 != "#" }
        guard let name = path.split(separator: "/").last else { return false }
        return ["maintenance", "wartung", "app_offline", "offline.htm"].contains(where: name.hasPrefix)
    }
}

/// A gateway that refuses in the form in which an API answers; only its own marks tell it from the vendor.
private struct Gateway {
    var device: FrontDoor.Device
    var words: String

    init?(_ response: TransportResponse) {
        guard response.status >= 400, BodyShape(of: response.body) == .jsonObject, let root = try? JSONDocument(response.body).root,
            let device = Self.device(response.headers, root)
        else { return nil }
        self.device = device
        words = VendorExplanation(response.body).message ?? ""
    }

    private static func device(_ headers: TransportHeaders, _ root: JSONView) -> FrontDoor.Device? {
        let challenge = headers["WWW-Authenticate"]?.lowercased() ?? ""
        let words = root["message"]?.string?.lowercased() ?? ""
        if headers["X-Amzn-ErrorType"] != nil { return .awsAPIGateway }
        if challenge.hasPrefix("azureapimanagement") || root["statusCode"] != nil && words.contains("subscription key") {
            return .azureAPIManagement
        }
        if headers["CF-RAY"] != nil, root["aud"] != nil, root["status_code"] != nil { return .cloudflareAccess }
        if headers["Server"]?.lowercased().hasPrefix("kong/") ?? false { return .kong }
        if root["fault"]?["faultstring"] != nil { return .apigee }
        return nil
    }
}

extension FrontDoor {
    /// A kind of device or service that is in front of servers or networks.
    ///
    /// The case is the product's name as its administrator knows it.
    @nonexhaustive
    public enum Device: String, Sendable, Hashable, CaseIterable {
        /// Cloudflare's filter for what leaves a network, not the network in front of servers.
        case cloudflareGateway = "Cloudflare Gateway"
        /// The content network in front of a server, recognised by the header field `CF-RAY`, among others.
        case cloudflare = "Cloudflare"
        /// Microsoft's content network and firewall, recognised by the header field `X-Azure-Ref`.
        case azureFrontDoor = "Azure Front Door"
        /// Microsoft's load balancer and firewall in front of servers in Azure.
        case azureApplicationGateway = "Azure Application Gateway"
        /// Microsoft's hosting of web applications, whose own pages say that an application is stopped.
        case azureAppService = "Azure App Service"
        /// Microsoft's sign-in, which an access proxy shows before it passes anything on.
        case entra = "Microsoft Entra"
        /// Amazon's content network, recognised by the header field `X-Amz-Cf-Id`.
        case cloudFront = "Amazon CloudFront"
        /// Amazon's load balancer, recognised by the server name `awselb`.
        case awsLoadBalancer = "AWS load balancer"
        /// A content network and firewall in front of servers.
        case akamai = "Akamai"
        /// A firewall in front of servers, earlier named Incapsula, recognised by the header field `X-Iinfo`.
        case imperva = "Imperva"
        /// A firewall in front of servers, recognised by the header field `X-Sucuri-ID`.
        case sucuri = "Sucuri"
        /// A load balancer and firewall in front of servers, whose pages name a support id.
        case bigIP = "F5 BIG-IP"
        /// Fortinet's firewall in front of servers; what it refuses is allowed there, not at the network's own firewall.
        case fortiWeb = "FortiWeb"
        /// FortiGate, a firewall that also filters what leaves a network.
        case fortinet = "Fortinet"
        /// A cloud proxy that filters what leaves a network.
        case zscaler = "Zscaler"
        /// A cloud proxy that filters what leaves a network.
        case netskope = "Netskope"
        /// A firewall that also filters what leaves a network.
        case paloAlto = "Palo Alto Networks"
        /// A filter of host names for what leaves a network, earlier named OpenDNS.
        case umbrella = "Cisco Umbrella"
        /// A firewall that also filters what leaves a network; its page is called UserCheck.
        case checkPoint = "Check Point"
        /// A firewall that also filters what leaves a network.
        case sophos = "Sophos"
        /// A maker of firewalls and filters; taken for one in front of servers.
        case barracuda = "Barracuda"
        /// A firewall that also filters what leaves a network.
        case sonicWall = "SonicWall"
        /// A firewall that also filters what leaves a network.
        case watchGuard = "WatchGuard"
        /// A proxy that filters what leaves a network, earlier named Websense.
        case forcepoint = "Forcepoint"
        /// A proxy that filters what leaves a network, earlier named McAfee Web Gateway.
        case skyhigh = "Skyhigh"
        /// A proxy that filters what leaves a network, earlier named Blue Coat.
        case blueCoat = "Symantec ProxySG"
        /// A load balancer and firewall in front of servers, also named Citrix ADC.
        case citrix = "Citrix NetScaler"
        /// A content network in front of servers.
        case fastly = "Fastly"
        /// A sign-in that an access proxy shows before it passes anything on.
        case okta = "Okta"
        /// A second factor that an access proxy asks for before it passes anything on.
        case duo = "Duo"
        /// A firewall that runs within a web server such as Apache or nginx.
        case modSecurity = "ModSecurity"
        /// A proxy at the exit of a network, recognised by the header field `X-Squid-Error`, among others.
        case squid = "Squid"
        /// A cache in front of servers, whose page says “Guru Meditation”.
        case varnish = "Varnish"
        /// A load balancer in front of servers.
        case haproxy = "HAProxy"
        /// A proxy within clusters of servers, which passes requests on to them.
        case envoy = "Envoy"
        /// Microsoft's web server, which may be the one that the product runs on.
        case iis = "Microsoft IIS"
        /// A web server or reverse proxy, which may be the product's own; OpenResty counts as it.
        case nginx = "nginx"
        /// A web server or reverse proxy, which may be the product's own.
        case apache = "Apache"
        /// Amazon's gateway for APIs, whose refusals have the header field `X-Amzn-ErrorType`.
        case awsAPIGateway = "Amazon API Gateway"
        /// Microsoft's gateway for APIs, which wants a subscription key.
        case azureAPIManagement = "Azure API Management"
        /// Cloudflare's access proxy; to a program it answers in JSON.
        case cloudflareAccess = "Cloudflare Access"
        /// A gateway for APIs, recognised by its own server name.
        case kong = "Kong"
        /// A gateway for APIs, whose refusals are a `fault` with a `faultstring`.
        case apigee = "Apigee"
        /// The page of a guest network; it has no product's name.
        case captivePortal = "captive portal"

        /// Whether it is a plain web server, which may be the product's own.
        public var isWebServer: Bool { [.iis, .nginx, .apache].contains(self) }

        /// The first device whose marks an answer bears; without a page, the header fields alone count.
        static func recognised(in response: TransportResponse, _ page: PageText?) -> Device? {
            let server = [response.headers["Server"], response.headers["Via"], response.headers["Proxy-Agent"]].compactMap {
                $0?.lowercased()
            }
            .joined(separator: " ")
            return marks.first { mark in
                mark.fields.contains { response.headers[$0] != nil } || mark.servers.contains { server.contains($0) }
                    || page?.says(mark.words) ?? false
            }?.device
        }

        private struct Mark: Sendable {
            var device: Device
            var fields: [String] = []
            var servers: [String] = []
            var words: [String] = []
        }

        /// In the order in which they are looked for: what sits nearer to this machine first, plain servers last.
        private static let marks: [Mark] = [
            Mark(device: .zscaler, servers: ["zscaler"], words: ["zscaler"]),
            Mark(device: .netskope, servers: ["netskope"], words: ["netskope"]),
            Mark(device: .umbrella, servers: ["opendns"], words: ["cisco umbrella", "block.opendns.com"]),
            Mark(device: .cloudflareGateway, words: ["cloudflare gateway"]),
            Mark(device: .fortiWeb, servers: ["fortiweb"], words: ["fortiweb"]),
            Mark(
                device: .fortinet, servers: ["fortigate"],
                words: ["fortiguard", "fortigate", "fortinet", "in violation of your internet usage policy"]),
            Mark(
                device: .paloAlto,
                words: ["palo alto networks", "pan-os", "paloaltonetworks", "has been blocked in accordance with company policy"]),
            Mark(device: .checkPoint, words: ["check point", "usercheck"]),
            Mark(device: .sophos, words: ["sophos"]), Mark(device: .barracuda, servers: ["barracuda"], words: ["barracuda"]),
            Mark(device: .sonicWall, servers: ["sonicwall"], words: ["sonicwall"]),
            Mark(device: .watchGuard, words: ["watchguard"]), Mark(device: .forcepoint, words: ["forcepoint", "websense"]),
            Mark(device: .skyhigh, servers: ["mcafee web gateway"], words: ["mcafee web gateway", "skyhigh"]),
            Mark(device: .blueCoat, servers: ["bluecoat"], words: ["blue coat", "proxysg"]),
            Mark(device: .squid, fields: ["X-Squid-Error"], servers: ["squid"], words: ["generated by squid", "(squid/"]),
            Mark(device: .azureFrontDoor, fields: ["X-Azure-Ref"], words: ["azure front door"]),
            Mark(
                device: .azureApplicationGateway, servers: ["microsoft-azure-application-gateway"],
                words: ["microsoft-azure-application-gateway"]),
            Mark(device: .imperva, fields: ["X-Iinfo"], servers: ["imperva", "incapsula"], words: ["incapsula", "imperva"]),
            Mark(device: .sucuri, fields: ["X-Sucuri-ID", "X-Sucuri-Block"], servers: ["sucuri"], words: ["sucuri website firewall"]),
            Mark(device: .akamai, servers: ["akamai"], words: ["errors.edgesuite.net", "akamai"]),
            Mark(device: .cloudFront, fields: ["X-Amz-Cf-Id"], servers: ["cloudfront"], words: ["generated by cloudfront"]),
            Mark(
                device: .bigIP, servers: ["big-ip", "bigip"],
                words: ["requested url was rejected. please consult with your administrator", "your support id is:"]),
            Mark(device: .citrix, servers: ["netscaler"], words: ["netscaler", "citrix adc"]),
            Mark(device: .okta, words: [".okta.com", "oktacdn.com"]), Mark(device: .duo, words: ["duosecurity.com"]),
            Mark(device: .entra, words: ["login.microsoftonline.com", "aadcdn.msauth", "aadcdn.msftauth"]),
            Mark(
                device: .cloudflare, fields: ["CF-RAY"], servers: ["cloudflare"],
                words: ["cloudflare ray id", "cf-wrapper", "error code: 10"]),
            Mark(device: .azureAppService, words: ["web app - unavailable", "this web app is stopped", "microsoft azure web app"]),
            Mark(device: .fastly, fields: ["X-Fastly-Request-ID"], servers: ["fastly"], words: ["fastly error"]),
            Mark(device: .awsLoadBalancer, servers: ["awselb"]), Mark(device: .modSecurity, words: ["mod_security", "modsecurity"]),
            Mark(device: .haproxy, servers: ["haproxy"], words: ["no server is available to handle this request"]),
            Mark(device: .envoy, servers: ["envoy"], words: PageText.plainFailures),
            Mark(device: .varnish, servers: ["varnish"], words: ["guru meditation"]),
            Mark(
                device: .iis, servers: ["microsoft-iis", "microsoft-httpapi"],
                words: ["internet information services", "<h1>server error</h1>"]),
            Mark(device: .nginx, servers: ["nginx", "openresty"], words: ["<center>nginx", "<center>openresty"]),
            Mark(device: .apache, servers: ["apache"], words: ["<address>apache"]),
        ]
    }
}

extension FrontDoor {
    /// What it says about the causes of a failed request.
    ///
    /// A read sends nothing that a rule about content could fit.
    func findings(for code: ErrorCode, at stage: RequestStage) -> [CauseEvidence] {
        let findings = findings(for: code)
        guard code == .proxyBlocked, stage == .write, blamesContent else { return findings }
        let others = findings.map { CauseEvidence($0.cause, .possible, by: $0.probe, evidence: $0.evidence) }
        return [CauseEvidence("content_rule", by: .frontDoor, evidence: FrontDoorMessage.seen(self))] + others
    }

    /// What it says about the causes of a failure.
    ///
    /// Its own marks prove that it is there. Why it refused a request, it does not say: that stays likely.
    public func findings(for code: ErrorCode) -> [CauseEvidence] {
        let evidence = FrontDoorMessage.seen(self)
        func found(_ cause: CauseID, _ confidence: Confidence? = nil) -> [CauseEvidence] {
            [CauseEvidence(cause, confidence, by: .frontDoor, evidence: evidence)]
        }
        switch code {
        case .proxyBlocked:
            switch act {
            case .challenged: return found("bot_protection")
            case .tooLarge: return found("too_large")
            case .headerTooLarge: return found("header_too_large")
            case .wantsCertificate: return found("client_certificate")
            case .down: return found("proxy_without_way", .likely)
            default: return found(device?.guardsNetworks == true ? "network_proxy" : words != nil ? "gateway" : "not_listed")
            }
        case .proxyHTMLInsteadOfJSON, .urlNotVendor:
            switch act {
            case .holdsCaptive: return found("captive_portal")
            case .parked: return found("parked")
            case .wantsWindowsAccount: return found("windows_account")
            case .page where device?.isWebServer ?? true: return []
            default: return found("access_proxy", .likely)
            }
        case .proxyAuthenticationRequired: return found("network_proxy", .likely)
        case .vendorMaintenance: return found("maintenance")
        case .rateLimited: return found("limit_in_front", .likely) + [CauseEvidence("limit", .possible, by: .frontDoor)]
        case .vendorLicense: return found("licence", .likely)
        case .vendorUnavailable:
            let cause = act == .stopped ? "stopped" : act == .misconfigured ? "misconfigured" : serverBehind ?? "fault"
            return found(cause, .likely) + (cause == "fault" ? [] : [CauseEvidence("fault", .possible, by: .frontDoor)])
        default: return []
        }
    }

    /// The cause, where it is Cloudflare that says why it got no usable answer: by its own statuses 520 to 530.
    private var serverBehind: CauseID? {
        if device == .envoy, status >= 500 { return "server_behind" }
        // By their definition, these two are the statuses of one that passes requests on.
        if device != nil, device != .cloudflare, status == 502 || status == 504 { return "server_behind" }
        guard device == .cloudflare else { return nil }
        return switch status {
        case 520...524: "server_behind"
        case 525, 526, 530: "server_behind_setup"
        default: nil
        }
    }

    /// The values that texts about it ask for.
    ///
    /// - Parameter source: The address of this machine on the connection.
    /// - Returns: Device, reference and, if it is known, the source.
    public func values(source: IPAddress?) -> [GuidanceTemplate.Slot: MessageValue] {
        var values: [GuidanceTemplate.Slot: MessageValue] = [
            .device: .phrase(FrontDoorMessage.device(self)), .reference: .phrase(FrontDoorMessage.reference(self)),
        ]
        values[.source] = source.map { .phrase(FrontDoorMessage.source($0)) }
        return values
    }
}

extension FrontDoor.Device {
    /// Whether it watches what leaves a network, rather than what arrives at a server.
    fileprivate var guardsNetworks: Bool {
        switch self {
        case .zscaler, .netskope, .umbrella, .cloudflareGateway, .fortinet, .paloAlto, .checkPoint, .sophos, .sonicWall, .watchGuard,
            .forcepoint,
            .skyhigh, .blueCoat, .squid, .captivePortal:
            true
        default: false
        }
    }
}
