/// Turns a signal into a code: the vendor's rows first, the shared ones after, the first that fits decides.
public struct FailureClassifier: Sendable {
    /// Rows only this vendor needs, tried first.
    public let vendorRules: [ClassificationRule]

    /// Puts a vendor's rows in front of the shared ones.
    public init(vendorRules: [ClassificationRule] = []) { self.vendorRules = vendorRules }

    /// The code of an answer that is not the one hoped for.
    ///
    /// What a device in front of the vendor did, if that is known, comes before all rows. Every signal has a code: the last shared rows take
    /// whatever is left.
    public func code(for signal: FailureEvidence) -> ErrorCode {
        if let code = signal.frontDoor?.code(at: signal.stage) { return code }
        for rule in vendorRules where rule.matches(signal) { return rule.code }
        if signal.announcesMaintenance { return .vendorMaintenance }
        for rule in Self.sharedRules where rule.matches(signal) { return rule.code }
        return .vendorUnexpectedResponse
    }

    /// The code of a request that got no answer.
    ///
    /// A write that may have left the machine has an unknown outcome, whatever the technical reason was.
    public static func code(for failure: TransportError, stage: RequestStage) -> ErrorCode {
        if stage == .write, failure.delivery == .maybeSent { return .writeOutcomeUnknown }
        return switch failure.kind {
        case .nameNotFound: .networkDNSNotFound
        case .addressForbidden: .urlForbiddenAddress
        case .connectionRefused: .networkRefused
        case .timedOut: .networkTimeout
        case .interrupted: .networkInterrupted
        case .certificateUntrusted: .tlsUntrusted
        case .certificateExpired: .tlsExpired
        case .certificateNameMismatch: .tlsNameMismatch
        case .certificateSelfSigned: .tlsSelfSigned
        case .certificateNotYetValid: .tlsNotYetValid
        case .tlsNotSpoken: .tlsNotSpoken
        case .tlsHandshakeRefused: .tlsHandshakeRefused
        case .proxyAuthenticationRequired: .proxyAuthenticationRequired
        case .proxyRefused: .proxyBlocked
        case .responseTooLarge, .invalidResponse: .vendorUnexpectedResponse
        case .unusableRequest: .connectorDefect
        case .rateLimitExceeded: .rateLimited
        }
    }

    /// What statuses mean when no vendor says otherwise.
    ///
    /// A 5xx at a write leaves its outcome unknown: gateways answer 502 and 504 for requests that were executed, and servers fail after
    /// they have stored.
    public static let sharedRules: [ClassificationRule] = {
        let all = Set(RequestStage.allCases)
        let api: Set<RequestStage> = [.read, .write]
        return [
            // Whoever redirects or answers outside of HTTP's statuses may do so after the vendor has acted.
            ClassificationRule([.write], Int.min...199, 300...399, 600...Int.max, is: .writeOutcomeUnknown),
            // “Not modified” answers only who asked for changes: a cache mistook one request for another.
            ClassificationRule(all, 304...304, is: .vendorUnexpectedResponse),
            ClassificationRule(all, 300...399, is: .proxyLoginRedirect),
            ClassificationRule(all, 429...429, is: .rateLimited),
            ClassificationRule([.write], 500...599, 408...408, is: .writeOutcomeUnknown),
            // A write that was answered by something unreadable with a success status may have been executed too.
            ClassificationRule([.write], 200...299, is: .writeOutcomeUnknown),
            // OAuth's own codes tell, with a success status too; not with a server's failure, which says nothing of the credentials.
            ClassificationRule([.token], 200...499, vendorCode: "invalid_scope", is: .authScopeRejected),
            ClassificationRule([.token], 200...499, vendorCode: "unauthorized_client", is: .authApplicationNotApproved),
            ClassificationRule([.token], 200...499, vendorCode: "unsupported_grant_type", is: .authWrongGrant),
            ClassificationRule([.token], 200...499, vendorCode: "invalid_client", is: .authInvalidClient),
            ClassificationRule([.token], 200...299, vendorCode: "access_denied", is: .authTokenRefused),
            ClassificationRule([.token], 200...299, vendorCode: "invalid_grant", is: .authTokenRefused),
            ClassificationRule([.token], 200...299, vendorCode: "invalid_request", is: .authTokenRefused),
            ClassificationRule([.discovery], 400...499, is: .urlNotVendor),
            ClassificationRule([.discovery], 200...299, is: .urlNotVendor),
            ClassificationRule(all, 500...599, is: .vendorUnavailable),
            ClassificationRule(all, 200...299, shapes: [.html], is: .proxyHTMLInsteadOfJSON),
            ClassificationRule(all, 200...299, is: .vendorUnexpectedResponse),
            ClassificationRule(all, 407...407, is: .proxyHTMLInsteadOfJSON),
            ClassificationRule(all, 408...408, is: .networkTimeout),
            ClassificationRule([.token], 404...405, is: .authEndpointNotFound),
            // A firewall's page says nothing about the credentials.
            ClassificationRule([.token], 400...499, shapes: [.html], is: .proxyHTMLInsteadOfJSON),
            // Any other refusal says nothing about the credentials either; the vendor is quoted.
            ClassificationRule([.token], 400...499, is: .authTokenRefused),
            ClassificationRule(api, 400...499, shapes: [.html], is: .proxyHTMLInsteadOfJSON),
            ClassificationRule(api, 403...403, vendorCode: "insufficient_scope", is: .permissionScopeMissing),
            ClassificationRule(api, 401...401, is: .authTokenRejected),
            ClassificationRule(api, 403...403, scopeIsMissing: false, is: .permissionRoleDenied),
            ClassificationRule(api, 403...403, is: .permissionScopeMissing),
            ClassificationRule(api, 404...404, 410...410, is: .requestNotFound),
            ClassificationRule(api, 409...409, 412...412, 423...423, is: .requestConflict),
            ClassificationRule(api, 405...405, 406...406, 411...411, 415...415, is: .connectorDefect),
            ClassificationRule(api, 400...499, is: .requestRejected),
        ]
    }()
}

/// One row of the classification table: what a signal must look like, and the code it then gets.
public struct ClassificationRule: Sendable {
    /// The stages it applies to.
    public let stages: Set<RequestStage>
    /// The statuses it applies to.
    public let statuses: [ClosedRange<Int>]
    /// The body shapes it applies to; nil for all.
    public let shapes: Set<BodyShape>?
    /// The vendor code it needs; nil for any or none.
    public let vendorCode: String?
    /// Text the vendor's message must contain, whatever its case; nil for any or none.
    public let messageContains: String?
    /// What must be known about the missing scope; nil if it doesn't matter.
    public let scopeIsMissing: Bool?
    /// The code the signal gets.
    public let code: ErrorCode

    /// Writes a row.
    public init(
        _ stages: Set<RequestStage>, _ statuses: ClosedRange<Int>..., shapes: Set<BodyShape>? = nil, vendorCode: String? = nil,
        messageContains: String? = nil, scopeIsMissing: Bool? = nil, is code: ErrorCode
    ) {
        self.stages = stages
        self.statuses = statuses
        self.shapes = shapes
        self.vendorCode = vendorCode
        self.messageContains = messageContains?.lowercased()
        self.scopeIsMissing = scopeIsMissing
        self.code = code
    }

    /// Whether a signal fits the row.
    public func matches(_ signal: FailureEvidence) -> Bool {
        stages.contains(signal.stage)
            && statuses.contains { $0.contains(signal.status) }
            && shapes.map { $0.contains(signal.shape) } ?? true
            && vendorCode.map { $0 == signal.vendorCode } ?? true
            && messageContains.map { signal.vendorMessage?.lowercased().contains($0) ?? false } ?? true
            && scopeIsMissing.map { $0 == signal.scopeIsMissing } ?? true
    }
}

/// Where in a connection's life a request belongs; the same status means something else at each.
@nonexhaustive
public enum RequestStage: String, Sendable, CaseIterable {
    /// An endpoint that needs no credentials, asked to see whether the vendor answers there at all.
    case discovery
    /// Fetching a token.
    case token
    /// Reading data.
    case read
    /// Creating or changing data.
    case write
}

/// What an answer's body looks like from the outside.
@nonexhaustive
public enum BodyShape: String, Sendable, CaseIterable {
    /// No bytes, or only spaces and line breaks.
    case empty
    /// It starts with `<`: a web page, or XML of a device, which no JSON API sends.
    case html
    /// XML with data or with an error, in which some servers answer in place of JSON.
    case xml
    /// It starts with `{`; the rest is not looked at.
    case jsonObject
    /// It starts with `[`; the rest is not looked at.
    case jsonArray
    /// It starts like a string, or is a number, `true`, `false` or `null`.
    case jsonScalar
    /// Text or bytes that start like neither JSON nor a web page.
    case other

    /// Whether it is a web page or XML, and no JSON.
    public var isMarkup: Bool { self == .html || self == .xml }

    /// What names its data or its message in XML; the errors with a code are those of stores and gateways in front of servers.
    private static func isXML(_ body: ArraySlice<UInt8>) -> Bool {
        let start = String(decoding: body.prefix(400), as: UTF8.self).lowercased()
        guard ["<html", "<!doctype html", "<code>"].allSatisfy({ !start.contains($0) }) else { return false }
        return ["<?xml", "<error>", "<string", "<arrayof"].contains(where: start.hasPrefix)
    }

    /// Looks at the first bytes, because content types are often wrong.
    public init(of body: [UInt8]) {
        var start = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body[...]
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        start = start.drop(while: isBlank)
        guard let first = start.first, let last = start.lastIndex(where: { !isBlank($0) }) else {
            self = .empty
            return
        }
        switch first {
        case UInt8(ascii: "<"): self = Self.isXML(start) ? .xml : .html
        case UInt8(ascii: "{"): self = .jsonObject
        case UInt8(ascii: "["): self = .jsonArray
        case UInt8(ascii: "\""): self = .jsonScalar
        // Plain text may begin with a number: “404 page not found”.
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            self = start[...last].allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? .jsonScalar : .other
        default: self = ["true", "false", "null"].contains { start[...last].elementsEqual($0.utf8) } ? .jsonScalar : .other
        }
    }
}

/// Everything about an answer that decides which failure it is.
public struct FailureEvidence: Sendable, Hashable {
    /// Where the request belongs.
    public var stage: RequestStage
    /// The HTTP status.
    public var status: Int
    /// The body's looks.
    public var shape: BodyShape
    /// The vendor's own code in lower case, if there is one.
    public var vendorCode: String?
    /// The vendor's own words, if there are any.
    public var vendorMessage: String?
    /// Whether the permissions granted to the connection are known to lack the one needed here; nil if not known.
    public var scopeIsMissing: Bool?
    /// What is in front of the vendor and answered in its place.
    public var frontDoor: FrontDoor?

    /// Whether a server that fails says that it is being maintained.
    var announcesMaintenance: Bool {
        guard stage == .token || stage == .read, (500...599).contains(status), let words = vendorMessage?.lowercased() else { return false }
        return PageText.maintained.contains { words.contains($0) }
    }

    /// States a signal.
    public init(
        stage: RequestStage, status: Int, shape: BodyShape, vendorCode: String? = nil, vendorMessage: String? = nil,
        scopeIsMissing: Bool? = nil, frontDoor: FrontDoor? = nil
    ) {
        self.stage = stage
        self.status = status
        self.shape = shape
        self.vendorCode = vendorCode?.lowercased()
        self.vendorMessage = vendorMessage
        self.scopeIsMissing = scopeIsMissing
        self.frontDoor = frontDoor
    }
}
