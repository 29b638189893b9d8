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
        /// There were too many requests for it.
        case tooMany
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

    /// Reads an answer; nil if it may well be the vendor's own.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - redactor: Knows the secrets that must not be repeated.
    public init?(_ response: HTTPResponse, redactor: Redactor) {
        let page = PageText(response.body)
        let isRedirect = (300...399).contains(response.status)
        guard !isRedirect, page.isForeign || [407, 511].contains(response.status) else { return nil }
        let device = Device.recognised(in: response, page)
        guard let act = Self.act(response, page, device) else { return nil }
        // A page of which nothing is known may mention any product, such as one the vendor works with.
        let named = act == .page ? Device.recognised(in: response, nil) : device
        self.device = act == .holdsCaptive ? .captivePortal : named
        self.act = act
        status = response.status
        title = page.title.map { redactor.clean($0, maximumLength: 120) }
        reference = Self.reference(response, page).map { redactor.clean($0, maximumLength: 80) }
    }

    /// The code of the failure; nil where the status says it better.
    ///
    /// A write that was answered with success or a server's failure may have been executed, whatever the page says.
    public func code(at stage: RequestStage) -> ErrorCode? {
        if stage == .write, !(400...499).contains(status) { return act == .unlicensed && status < 500 ? .vendorLicense : nil }
        return switch act {
        case .blocked, .challenged, .tooLarge: .proxyBlocked
        case .wantsCredentials: .proxyAuthenticationRequired
        case .showsSignIn, .holdsCaptive, .parked: .proxyHTMLInsteadOfJSON
        case .tooMany: .rateLimited
        case .maintenance: .vendorMaintenance
        case .stopped: .vendorUnavailable
        case .unlicensed: .vendorLicense
        case .down: status < 500 ? .vendorUnavailable : nil
        case .page: nil
        }
    }

    private static func act(_ response: HTTPResponse, _ page: PageText, _ device: Device?) -> Act? {
        let status = response.status
        if status == 407 { return .wantsCredentials }
        if status == 511 || page.says(PageText.captive) { return .holdsCaptive }
        if let code = page.cloudflareCode { return act(cloudflare: code) }
        if page.announces(PageText.unlicensed) { return .unlicensed }
        guard page.isHTML else {
            // A plain text may be the vendor's own, so only words that no vendor uses tell.
            return page.says(PageText.plainRefusals) && status < 500 ? .blocked : nil
        }
        if page.announces(PageText.stopped) { return .stopped }
        if page.announces(PageText.maintained) { return .maintenance }
        if [413, 414, 431].contains(status) { return .tooLarge }
        if status == 429 { return .tooMany }
        // On a page that came with success, such words may stand anywhere.
        let tells = status < 400 ? page.announces : page.says
        if response.headers["cf-mitigated"] == "challenge" || tells(PageText.challenges) { return .challenged }
        if tells(PageText.refusals) { return .blocked }
        if page.announces(PageText.parked) { return .parked }
        if status < 400, page.hasPasswordField || page.announces(PageText.signIns) { return .showsSignIn }
        if [403, 406, 451].contains(status) { return .blocked }
        if status == 401 { return .showsSignIn }
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

    private static func reference(_ response: HTTPResponse, _ page: PageText) -> String? {
        let fields = ["CF-RAY", "X-Azure-Ref", "X-Amz-Cf-Id", "X-Iinfo", "X-Sucuri-ID", "X-Request-Id"]
        return page.reference ?? fields.lazy.compactMap { response.headers[$0] }.first { !$0.isEmpty }
    }
}
