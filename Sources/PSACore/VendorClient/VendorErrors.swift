/// Reads a vendor's error bodies: its words, its code, and what they mean.
///
/// A connector needs one only where the vendor writes errors in a form that ``VendorExplanation`` does not know, or where a sentence of the
/// vendor tells more than status and code.
public protocol VendorErrorParser<Message>: Sendable {
    /// The connector's catalogue of messages.
    associatedtype Message: LocalizedMessage

    /// The vendor's code, words and fields as they came; they are cut and redacted afterwards.
    func explanation(of response: TransportResponse) -> VendorExplanation

    /// What the answer means beyond what the rules say of it; nil for nothing.
    func interpretation(of failure: FailedResponse<Message>) -> ErrorInterpretation?

    /// Whether the permission that a request needs is known to be missing.
    ///
    /// - Parameters:
    ///   - scope: The permission; nil if the connector did not name one.
    ///   - granted: What was granted with the token; nil if the vendor did not say.
    /// - Returns: Nil if not known.
    func isMissing(_ scope: String?, in granted: GrantedScope?) -> Bool?
}

extension VendorErrorParser {
    /// What ``VendorExplanation`` finds, and the error code and words of a bearer challenge (RFC 6750).
    public func explanation(of response: TransportResponse) -> VendorExplanation {
        var explanation = VendorExplanation(response.body)
        let challenge = response.headers.values(of: "WWW-Authenticate").first { $0.lowercased().hasPrefix("bearer") }
        explanation.code = explanation.code ?? Self.parameter("error", of: challenge)
        if !explanation.namesReason, let words = Self.parameter("error_description", of: challenge) { explanation.message = words }
        return explanation
    }

    /// Nothing.
    public func interpretation(of failure: FailedResponse<Message>) -> ErrorInterpretation? { nil }

    /// Whether its name is not among those granted.
    public func isMissing(_ scope: String?, in granted: GrantedScope?) -> Bool? {
        scope.flatMap { scope in granted.map { !$0.contains(scope) } }
    }

    /// A quoted parameter of a challenge; a backslash in front of a character quotes it.
    private static func parameter(_ name: String, of header: String?) -> String? {
        guard let header, let start = header.firstRange(of: name + "=\"") else { return nil }
        var value = ""
        var isQuoted = false
        for character in header[start.upperBound...].prefix(2_000) {
            if isQuoted || character != "\"" && character != "\\" {
                value.append(character)
                isQuoted = false
            } else if character == "\\" {
                isQuoted = true
            } else {
                return value.isEmpty ? nil : value
            }
        }
        return nil
    }
}

/// The parser for a vendor whose errors have one of the usual forms.
public struct StandardErrorParser<Message: LocalizedMessage>: VendorErrorParser {
    /// Makes a parser.
    public init() {}
}

/// An answer that is not the one hoped for, as far as it has been read.
public struct FailedResponse<Message: LocalizedMessage>: Sendable {
    /// Where the request belongs.
    public let stage: RequestStage
    /// What it was about.
    public let object: Message?
    /// The answer.
    public let response: TransportResponse
    /// The vendor's words as they came; they may hold a secret.
    public let explanation: VendorExplanation
    /// The vendor's words, cut and redacted.
    public let reply: VendorReply
    /// The device in front of the vendor that answered in its place.
    public let frontDoor: FrontDoor?
    /// The code by the rules.
    public let code: ErrorCode
    /// The permission the request needs.
    public let requiredScope: String?
    /// Whether that permission is known to be missing; nil if not known.
    public let isScopeMissing: Bool?
    /// The members of the JSON body that the request sent with a value; of a list those of its first element.
    public let sentMembers: Set<String>
}

/// What a connector makes of an answer; whatever it leaves out, the rules and the status decide.
public struct ErrorInterpretation: Sendable {
    /// The code in place of the one by the rules.
    public var code: ErrorCode?
    /// The field or setting at fault, for the texts.
    public var field: MessageValue?
    /// The settings the occurrence itself names.
    public var concernedFields: [SettingKey]
    /// What the answer says about the causes.
    public var causes: [CauseEvidence]
    /// A value that would work.
    public var suggestion: Suggestion?

    /// States an interpretation.
    public init(
        code: ErrorCode? = nil, field: MessageValue? = nil, concernedFields: [SettingKey] = [], causes: [CauseEvidence] = [],
        suggestion: Suggestion? = nil
    ) {
        self.code = code
        self.field = field
        self.concernedFields = concernedFields
        self.causes = causes
        self.suggestion = suggestion
    }
}

/// Builds every error of a vendor's connection: its values, its evidence, and what the vendor said without anything secret.
struct VendorErrorBuilder<Message: LocalizedMessage>: Sendable {
    let declaration: VendorDeclaration<Message>
    let time: TimeSource

    func error(
        _ code: ErrorCode, about object: Message?, field: MessageValue? = nil, message: MessageValue? = nil, scope: String? = nil,
        request: String?, evidence: (any LocalizedMessage)?, vendor: VendorReply? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: MessageValue] = [.host: .verbatim(declaration.origin.location)]
        values[.object] = object.map { .phrase($0) }
        values[.field] = field
        values[.message] = message
        values[.scope] = scope.map(MessageValue.verbatim)
        return Redactor(declaration.authentication.secrets).clean(
            PSAError(code, catalogue: declaration.descriptor.guidance, values: values, evidence: evidence, request: request, vendor: vendor)
        )
    }

    /// The error of a request that got no answer.
    func error(for failure: TransportError, at stage: RequestStage, about object: Message?, scope: String?, request: String?) -> PSAError {
        let wait = failure.retryAfter.map { Int($0.seconds.rounded(.up)) }
        let observed: any LocalizedMessage =
            wait.map { CoreMessage.shareUsedUp(seconds: $0) } ?? failure.proxy.map { ProxyMessage.seen($0) }
            ?? CoreMessage.unanswered(failure.kind)
        var error = error(
            FailureClassifier.code(for: failure, stage: stage), about: object, message: .phrase(observed), scope: scope, request: request,
            evidence: observed)
        error.findings += failure.findings(for: error.code, now: time.now())
        // A rate limit without an answer is the one on this side: of the connection, or the share of a person.
        if failure.kind == .rateLimitExceeded { error.findings.append(CauseEvidence("own_limit", by: .settings)) }
        error.values[.device] = failure.proxy.map { .phrase(ProxyMessage.device($0)) }
        if error.code == .networkRefused || error.code == .tlsNotSpoken, let port = declaration.origin.port {
            error.findings.append(CauseEvidence("wrong_port", by: .settings, evidence: VendorClientMessage.portNamed(port)))
        }
        if error.code == .tlsNotSpoken, failure.proxy == nil {
            let isPossible = declaration.origin.port != nil
            error.findings.append(CauseEvidence("access_proxy", isPossible ? .possible : .likely, by: .settings))
        }
        if let wait { error.retry = .afterDelay(.seconds(wait)) }
        return error
    }

    /// The error of an answer.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - stage: Where the request belongs.
    ///   - object: What it was about.
    ///   - scope: The permissions it needs, or those a token was asked for.
    ///   - request: What was answered.
    ///   - absent: What the answer lacks, if it is JSON and not what was asked for.
    ///   - tokens: The tokens issued of late, which must not be repeated, and the permissions of the present one.
    /// - Returns: The error, with its evidence and without secrets.
    func error(
        for response: TransportResponse, at stage: RequestStage, about object: Message?, scope: String?, request: TransportRequest,
        absent: (any LocalizedMessage)? = nil, tokens: IssuedTokens = IssuedTokens()
    ) -> PSAError {
        let redactor = Redactor(declaration.authentication.secrets + tokens.secrets)
        let failure = read(response, to: request, at: stage, about: object, scope: scope, granted: tokens.grantedScope, redactor)
        let interpretation = declaration.errorParser.interpretation(of: failure) ?? ErrorInterpretation()
        let shape = BodyShape(of: response.body)
        let isDamaged = [.jsonObject, .jsonArray].contains(shape) && (try? JSONDocument(response.body)) == nil
        let answered: any LocalizedMessage =
            isDamaged
            ? CoreMessage.unreadableJSON(status: response.status)
            : CoreMessage.answered(status: response.status, shape: shape, code: failure.reply.code)
        var error = error(
            interpretation.code ?? failure.code, about: object, field: interpretation.field,
            message: failure.reply.message.map(MessageValue.verbatim), scope: scope, request: request.description,
            evidence: failure.frontDoor.map { FrontDoorMessage.seen($0) } ?? absent ?? answered,
            vendor: failure.reply)
        error.concernedFields = interpretation.concernedFields
        error.suggestion = interpretation.suggestion
        error.findings += interpretation.causes
        error.findings += failure.frontDoor?.findings(for: error.code, at: stage) ?? []
        error.findings += LoginRedirect.findings(error.code, response, to: request)
        if error.code == .proxyLoginRedirect, let filter = LoginRedirect.filter(response, to: request) {
            error.values[.device] = .verbatim(filter.rawValue)
        }
        if error.code == .vendorUnexpectedResponse, isDamaged { error.findings.append(CauseEvidence("damaged", by: .answer)) }
        if error.code == .vendorUnexpectedResponse, response.status == 304 { error.findings.append(CauseEvidence("cached", by: .answer)) }
        if let announcement = failure.frontDoor?.announcement { error.values[.message] = .verbatim(announcement) }
        if error.code == .authTokenRejected { error.findings += tokenFindings(failure, response) }
        if error.code == .urlInsecure {
            error.values[.message] = .phrase(FrontDoorMessage.wantsEncryption)
            error.values[.field] = declaration.descriptor.guidance.addressName
            error.concernedFields = declaration.descriptor.guidance.addressField.map { [$0] } ?? []
        }
        error.findings += reasonFindings(error, failure) + stageFindings(error.code, failure)
        if stage == .read || stage == .write, error.code == .requestNotFound, response.status == 404 || response.status == 410 {
            error.values[.name] = .verbatim(request.route)
            let isRoute = !failure.explanation.namesReason || failure.frontDoor != nil
            error.findings += isRoute || request.namesRecord ? Self.routeFindings(request, isPage: shape == .html) : []
        }
        if error.code == .proxyBlocked, stage == .write { error.values[.name] = .verbatim(request.route) }
        error.values.merge(failure.frontDoor?.values(source: response.localAddress) ?? [:]) { $1 }
        if error.code == .authTokenRejected, let skew = ClockSkew.finding(response.headers, now: time.now()) { error.findings.append(skew) }
        if error.code == .authTokenRejected, response.refusesNewToken == false {
            error.findings.append(CauseEvidence("token_ended", by: .answer))
        }
        if declaration.authentication.usesTokens, stage == .read || stage == .write { error.findings += pageFindings(error.code) }
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = error.retry {
            error.retry = .afterDelay(wait)
            // “A few minutes” is true of a short wait only.
            if wait > .seconds(900) { error.values[.wait] = .phrase(CoreMessage.waiting(seconds: Int(wait.seconds.rounded(.up)))) }
        }
        return redactor.clean(error)
    }

    /// What the words of a bearer challenge say; a token that ended before its time is none of the servers' faults.
    private func tokenFindings(_ failure: FailedResponse<Message>, _ response: TransportResponse) -> [CauseEvidence] {
        guard response.refusesNewToken != false, let cause = TokenComplaint.cause(failure.reply.message) else { return [] }
        return [CauseEvidence(cause, by: .vendorWords)]
    }

    /// The vendor's own words come first where they give a reason that nothing else has made more of.
    private func reasonFindings(_ error: PSAError, _ failure: FailedResponse<Message>) -> [CauseEvidence] {
        let isRead = error.findings.contains { $0.cause != nil && ($0.probe == .vendorWords || $0.probe == .vendorCode) }
        guard failure.explanation.namesReason, failure.frontDoor == nil, !isRead else {
            // Without words it is not known what was refused, and a value is likely.
            let isMute = error.code == .requestRejected && !isRead && !failure.explanation.namesReason
            return isMute ? [CauseEvidence("value", by: .answer)] : []
        }
        // “Timeout expired” is what an overloaded server looks like from inside, and no reason for it.
        let kind = error.code == .vendorUnavailable ? failure.reply.message.flatMap { VendorRejection($0) }?.kind : nil
        if kind == .busy { return [] }
        // Only an answer with success says that the vendor took the write.
        let isFailure = error.code == .writeOutcomeUnknown && !failure.response.isSuccess
        return [CauseEvidence(isFailure ? "failure_reason" : "vendor_reason", by: .vendorWords)]
    }

    /// What is possible only as long as the vendor has not issued a token, and no device says more.
    private func stageFindings(_ code: ErrorCode, _ failure: FailedResponse<Message>) -> [CauseEvidence] {
        let isSaid = failure.frontDoor.map { $0.device?.isWebServer == false || $0.act == .stopped } ?? false
        guard code == .vendorUnavailable, failure.stage == .token || failure.stage == .discovery, !isSaid else { return [] }
        return ["stopped", "wrong_address"].map { CauseEvidence($0, .possible, by: .answer) }
    }

    /// A record that is not found may be gone; where the path names none, or a web page answers, it is the route that is missing.
    private static func routeFindings(_ request: TransportRequest, isPage: Bool) -> [CauseEvidence] {
        if isPage { return [CauseEvidence("no_route", by: .operation)] }
        return request.namesRecord
            ? [CauseEvidence("gone", by: .operation), CauseEvidence("invisible", .possible, by: .operation)]
            : [CauseEvidence("no_route", by: .operation, evidence: VendorClientMessage.namesNoRecord(request.route))]
    }

    private func read(
        _ response: TransportResponse, to request: TransportRequest, at stage: RequestStage, about object: Message?, scope: String?,
        granted: GrantedScope?, _ redactor: Redactor
    ) -> FailedResponse<Message> {
        let door = FrontDoor(response, redactor: redactor)
        // Where the vendor may not be the one who answers, the words are not the vendor's; and a record's own text is none of its words.
        let isVendors =
            stage != .discovery && door?.hasWordsOfItsOwn != true && !(response.isSuccess && VendorExplanation.isRecord(response.body))
        let explanation = isVendors ? declaration.errorParser.explanation(of: response) : VendorExplanation([])
        let identifier = response.headers["X-Request-Id"] ?? response.headers["Request-Id"]
        let reply = VendorReply(
            status: response.status, code: explanation.code.map { redactor.clean($0, maximumLength: 60) },
            message: explanation.message.map { redactor.clean($0) },
            requestID: stage == .discovery ? nil : identifier.map { redactor.clean($0, maximumLength: 100) })
        let isScopeMissing: Bool? =
            switch stage {
            case .discovery, .token: nil
            case .read, .write: declaration.errorParser.isMissing(scope, in: granted)
            }
        let evidence = FailureEvidence(
            stage: stage, status: response.status, shape: BodyShape(of: response.body), vendorCode: reply.code,
            vendorMessage: reply.message,
            scopeIsMissing: isScopeMissing, frontDoor: door)
        return FailedResponse(
            stage: stage, object: object, response: response, explanation: explanation, reply: reply, frontDoor: door,
            code: FailureClassifier(vendorRules: declaration.rules).code(for: evidence), requiredScope: scope,
            isScopeMissing: isScopeMissing, sentMembers: stage == .write ? Self.sentMembers(request) : [])
    }

    private static func sentMembers(_ request: TransportRequest) -> Set<String> {
        guard let body = request.body, let root = try? JSONDocument(body).root, let record = root.isArray ? root.elements.first : root
        else { return [] }
        return Set(record.members.filter { !$0.value.isNull && $0.value.string?.isEmpty != true }.map(\.name))
    }

    /// What it says about a web page or redirect that the same server has issued a token before.
    private func pageFindings(_ code: ErrorCode) -> [CauseEvidence] {
        guard code == .proxyHTMLInsteadOfJSON || code == .proxyLoginRedirect else { return [] }
        return [
            CauseEvidence(
                "access_proxy", by: .otherReads,
                evidence: VendorClientMessage.tokenIssued(vendor: declaration.descriptor.displayName)),
            CauseEvidence("wrong_address", .possible, by: .otherReads),
        ]
    }
}

/// What a server for data says of a token that the sign-in server has just issued, in the sentences of ASP.NET's bearer handler.
enum TokenComplaint {
    private static let causes: [(start: String, cause: CauseID)] = [
        ("the issuer ", "issuer"), ("the audience ", "issuer"), ("the audiences ", "issuer"), ("the token expired at ", "server_clocks"),
        ("the token is expired", "server_clocks"), ("the token lifetime is invalid", "server_clocks"),
        ("the token is not valid before ", "server_clocks"), ("the signature key was not found", "keys"),
        ("the signature is invalid", "keys"),
    ]

    /// The cause that a whole sentence speaks for; nil for other words.
    static func cause(_ words: String?) -> CauseID? {
        guard let words = words?.lowercased() else { return nil }
        return causes.first { words.hasPrefix($0.start) }?.cause
    }
}

/// What the target of a redirect tells about the causes of a failure.
///
/// Only the host's name is repeated.
enum LoginRedirect {
    private static let identityProviders = [
        "microsoftonline.com", "login.windows.net", "sts.windows.net", "okta.com", "oktapreview.com", "onelogin.com", "duosecurity.com",
        "auth0.com", "pingidentity.com", "pingone.com", "accounts.google.com", "cloudflareaccess.com", "jumpcloud.com", "b2clogin.com",
        "ciamlogin.com", "zscaler.com", "gateway.zscloud.net", "netskope.com", "appgateportal.com",
    ]

    /// The hosts to which web filters lead requests that they hold back, each with those below it.
    private static let filters: [(host: String, device: FrontDoor.Device)] =
        ["zscaler.net", "zscalerone.net", "zscalertwo.net", "zscalerthree.net", "zscalerbeta.net"].map { ($0, .zscaler) }
        + ["opendns.com", "umbrella.com"].map { ($0, .umbrella) } + [("goskope.com", .netskope)]
        + ["forcepoint.com", "forcepoint.net", "mailcontrol.com"].map { ($0, .forcepoint) }
        + ["fortiguard.com", "fortinet.com"].map { ($0, .fortinet) }

    /// The web filter whose page a redirect leads to; nil for any other.
    static func filter(_ response: TransportResponse, to request: TransportRequest) -> FrontDoor.Device? {
        guard let location = response.headers["Location"], let target = Target(location, of: request.origin) else { return nil }
        return filters.first { target.host == $0.host || target.host.hasSuffix("." + $0.host) }?.device
    }

    static func findings(_ code: ErrorCode, _ response: TransportResponse, to request: TransportRequest) -> [CauseEvidence] {
        guard code == .proxyLoginRedirect, let location = response.headers["Location"], let target = Target(location, of: request.origin)
        else { return [] }
        let evidence = VendorClientMessage.redirectTarget(target.shown)
        func found(_ cause: CauseID, _ confidence: Confidence? = .likely) -> [CauseEvidence] {
            [CauseEvidence(cause, confidence, by: .frontDoor, evidence: evidence)]
                + ["wrong_address", "access_proxy"].filter { $0 != cause }.map { CauseEvidence($0, .possible, by: .frontDoor) }
        }
        if filter(response, to: request) != nil { return found("network_proxy") }
        let isSameHost = target.host == request.origin.host
        if isSameHost, target.path == request.origin.path + request.path {
            return found(request.origin.scheme == "http" && target.isEncrypted ? "use_https" : "plain_on_the_way")
        }
        let isProvider = identityProviders.contains { target.host == $0 || target.host.hasSuffix("." + $0) }
        if isProvider { return found("access_proxy", nil) }
        if !isSameHost, !target.isEncrypted || target.isPrivate { return found("captive_portal") }
        let loginPaths = ["/saml", "/sso", "/adfs", "/oauth2", "/authorize", "/login", "/signin", "/idp"]
        if loginPaths.contains(where: target.path.contains) || isSameHost { return found("access_proxy") }
        return found("wrong_address")
    }

    /// Where a redirect leads, whatever the address policy says: nothing is sent there.
    private struct Target {
        let host: String
        let path: String
        let isEncrypted: Bool
        /// What is shown of it: its scheme if that is the point, and its host.
        let shown: String

        /// Whether the host is an address of a private network.
        var isPrivate: Bool { IPAddress(host.filter { $0 != "[" && $0 != "]" }).map { !AddressPolicy.publicOnly.allows($0) } ?? false }

        init?(_ location: String, of origin: ServiceURL) {
            let isWhole = location.contains("://")
            let base = isWhole ? location : origin.text
            isEncrypted = !base.lowercased().hasPrefix("http://")
            let afterScheme = base.firstRange(of: "://").map { base[$0.upperBound...] } ?? base[...]
            let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
            // In brackets stands an IPv6 address, whose colons begin no port.
            let name = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
            // Nothing else is repeated: a user name or password may stand in front of the host.
            guard !authority.contains("@"), name.utf8.count <= 253, name.utf8.allSatisfy(Self.isHostByte),
                name.contains(where: \.isLetter) || name.contains(".")
            else { return nil }
            host = String(name)
            let rest = isWhole ? afterScheme.drop { $0 != "/" && $0 != "?" && $0 != "#" } : location[...]
            path = String(rest.prefix { $0 != "?" && $0 != "#" })
            shown = (isEncrypted ? "" : "http://") + host
        }

        private static func isHostByte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x3A, 0x61...0x7A, 0x2D, 0x2E, 0x5B, 0x5D, 0x5F: true
            default: false
            }
        }
    }
}
