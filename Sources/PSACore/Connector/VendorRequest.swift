/// A request of a host to a vendor's API, for what the neutral model does not cover.
///
/// It is checked when it is made: its path can't leave the tenant's API.
public struct VendorRequest: Sendable {
    /// The longest path, in bytes.
    public static let maxPathBytes = 2_000
    /// The longest query as it is sent, in bytes.
    public static let maxQueryBytes = 6_000
    /// The largest body, in bytes.
    public static let maxBodyBytes = 8 << 20

    /// What is done to the resource; anything but GET and HEAD counts as a write.
    public let method: TransportMethod
    /// Query parameters in clear.
    public let query: [QueryItem]
    /// What is sent as JSON.
    public let body: JSONValue?
    /// The parts of the path, in clear.
    private let segments: [String]

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: What is done to the resource.
    ///   - path: The path below the root of the tenant's API, in clear, such as `/Tickets/5`; it is percent-encoded when it is sent.
    ///   - query: Query parameters in clear.
    ///   - body: What is sent as JSON; nothing for GET and HEAD.
    /// - Throws: ``VendorRequestIssue``.
    public init(_ method: TransportMethod, path: String, query: [QueryItem] = [], body: JSONValue? = nil) throws(VendorRequestIssue) {
        guard path.utf8.count <= Self.maxPathBytes else { throw .pathTooLong }
        guard PercentEncoding.form(query).utf8.count <= Self.maxQueryBytes else { throw .queryTooLong }
        guard body == nil || !method.isSafe else { throw .bodyOfRead }
        guard (body?.encoded.count ?? 0) <= Self.maxBodyBytes else { throw .bodyTooLarge }
        self.method = method
        self.query = query
        self.body = body
        segments = try Self.segments(of: path)
    }

    /// The path as a template, which logs and errors show, and its values: all but the name of the resource may be personal.
    var route: (template: String, values: [String]) {
        let shown = segments.first.flatMap { $0.utf8.count <= 40 && $0.utf8.allSatisfy(Self.isLetter) ? $0 : nil }
        let hidden = segments.dropFirst(shown == nil ? 0 : 1)
        let template = ([shown].compactMap { $0 } + hidden.map { $0.isEmpty ? "" : "{value}" }).map { "/" + $0 }.joined()
        return (template, hidden.filter { !$0.isEmpty })
    }

    private static func segments(of path: String) throws(VendorRequestIssue) -> [String] {
        let isPlain = path.unicodeScalars.allSatisfy { !"%\\?#{}".unicodeScalars.contains($0) && $0.properties.generalCategory != .control }
        guard isPlain else { throw .forbiddenCharacter }
        let relative = path.utf8.first == 0x2F ? path.dropFirst() : path[...]
        let segments = relative.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        // An empty part at the end is a slash that some APIs demand; elsewhere it is how another host is named.
        guard !segments.dropLast().contains(""), segments.first != "", !segments.contains("."), !segments.contains("..") else {
            throw .leavesAPI
        }
        return segments
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F || byte == 0x2D }
}

/// Why a ``VendorRequest`` can't be made.
@nonexhaustive
public enum VendorRequestIssue: Error, LocalizedMessage, Hashable, CaseIterable {
    /// The path is an absolute address, or has `.`, `..` or an empty part.
    case leavesAPI
    /// The path has a percent sign, a backslash, a question mark, a number sign, a brace or a control character.
    case forbiddenCharacter
    /// The path is longer than ``VendorRequest/maxPathBytes``.
    case pathTooLong
    /// The query is longer than ``VendorRequest/maxQueryBytes``.
    case queryTooLong
    /// The body is larger than ``VendorRequest/maxBodyBytes``.
    case bodyTooLarge
    /// A GET or HEAD has a body.
    case bodyOfRead

    /// The limit that was exceeded.
    public var values: [String: MessageValue] {
        switch self {
        case .pathTooLong: ["limit": .verbatim(String(VendorRequest.maxPathBytes))]
        case .queryTooLong: ["limit": .verbatim(String(VendorRequest.maxQueryBytes))]
        case .bodyTooLarge: ["limit": .verbatim(String(VendorRequest.maxBodyBytes))]
        default: [:]
        }
    }

    /// The pattern of the case.
    public func pattern(in language: Language) -> String {
        switch (language, self) {
        case (.english, .leavesAPI): "The path leaves the tenant's API. Give a path below it, such as /Tickets/5."
        case (.english, .forbiddenCharacter): "The path has a character that it can't have. Give it in clear, and the query apart from it."
        case (.english, .pathTooLong): "The path has more than {limit} bytes."
        case (.english, .queryTooLong): "The query has more than {limit} bytes."
        case (.english, .bodyTooLarge): "The body has more than {limit} bytes."
        case (.english, .bodyOfRead): "GET and HEAD have no body."
        case (.german, .leavesAPI): "Der Pfad verlässt die API des Mandanten. Nötig ist ein Pfad darunter, etwa /Tickets/5."
        case (.german, .forbiddenCharacter):
            "Der Pfad hat ein Zeichen, das er nicht haben kann. Er wird unkodiert und ohne Abfrage angegeben."
        case (.german, .pathTooLong): "Der Pfad hat mehr als {limit} Bytes."
        case (.german, .queryTooLong): "Die Abfrage hat mehr als {limit} Bytes."
        case (.german, .bodyTooLarge): "Der Inhalt hat mehr als {limit} Bytes."
        case (.german, .bodyOfRead): "GET und HEAD haben keinen Inhalt."
        }
    }
}

/// A vendor's answer to a ``VendorRequest``: a success, as it came.
public struct VendorAnswer: Sendable {
    /// The status, from 200 to 299.
    public let status: Int
    /// The header fields, without cookies.
    public let headers: TransportHeaders
    /// The body, at most 32 MiB.
    public let body: [UInt8]
    /// The body as JSON; nil if it is not JSON.
    public let json: JSONView?

    init(_ response: TransportResponse, json: JSONView?) {
        status = response.status
        var headers = response.headers
        headers["Set-Cookie"] = nil
        headers["Set-Cookie2"] = nil
        self.headers = headers
        body = response.body
        self.json = json
    }
}

/// Makes requests of the host's own to the vendor.
///
/// It is no capability. A connector with a ``VendorClient`` passes the request to ``VendorClient/answer(to:)``.
public protocol VendorRequesting: PSAConnection {
    /// The vendor's answer to a request.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`; for a write as for the connector's own writes.
    func vendorRequest(_ request: VendorRequest) async throws -> VendorAnswer
}

extension VendorClient {
    /// The vendor's answer to a request of the host.
    ///
    /// It has the connection's credentials and limits. A read is repeated like any read. A write waits for ``createGate`` and is sent once; only
    /// where it is proven that nothing was sent is it sent again.
    ///
    /// - Parameter request: The request; its path lies below ``VendorDeclaration/basePath``.
    /// - Returns: The answer, which has a success status and is no web page.
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func answer(to request: VendorRequest) async throws -> VendorAnswer {
        guard !request.method.isSafe else { return try await answer(to: request, at: .read) }
        return try await createGate.pass { try await answer(to: request, at: .write) }
    }

    private func answer(to vendorRequest: VendorRequest, at stage: RequestStage) async throws -> VendorAnswer {
        let route = vendorRequest.route
        let request = request(vendorRequest.method, route.template, route.values, vendorRequest.query, vendorRequest.body)
        let response = try await send(request, at: stage, about: nil, nil)
        guard response.isSuccess, !BodyShape(of: response.body).isMarkup else {
            throw await error(for: response, at: stage, about: nil, requiredScope: nil, request: request)
        }
        do throws(JSONSyntaxError) {
            return VendorAnswer(response, json: try await JSONDocument.parse(response).root)
        } catch  where error.reason == .tooManyValues {
            throw tooLarge(at: stage, about: nil, nil, request)
        } catch {
            return VendorAnswer(response, json: nil)
        }
    }
}
