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
    case empty
    case html
    case jsonObject
    case jsonArray
    case jsonScalar
    case other

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
        case UInt8(ascii: "<"): self = .html
        case UInt8(ascii: "{"): self = .jsonObject
        case UInt8(ascii: "["): self = .jsonArray
        case UInt8(ascii: "\""), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): self = .jsonScalar
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
