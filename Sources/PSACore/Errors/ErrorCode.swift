/// The stable name of a failure; everything a person reads about it hangs on this name.
///
/// The text of a code never changes its meaning. The codes that hold for every vendor are static members, listed in ``allCases``; more may
/// come. A connector may have codes of its own, such as `acme.queue_closed`: it makes them from their text and brings the guidance. Code
/// that does not know a code falls back to its ``area``.
public struct ErrorCode: RawRepresentable, Sendable, Hashable, CaseIterable, Codable, CustomStringConvertible {
    /// The code's text, such as `auth.invalid_client`.
    public let rawValue: String

    /// The code of a text: an area and a name in lower case, with a dot between them.
    ///
    /// A text of that form is a code, whether or not this version has a text for it; ``known(_:)`` says that.
    ///
    /// - Returns: Nil if the text does not have that form.
    public init?(rawValue: String) {
        let parts = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard rawValue.utf8.count <= 80, parts.count == 2, parts.allSatisfy(Self.isWord) else { return nil }
        self.rawValue = rawValue
    }

    init(_ shared: SharedErrorCode) { rawValue = shared.rawValue }

    /// The codes that hold for every vendor.
    public static let allCases: [ErrorCode] = SharedErrorCode.allCases.map { ErrorCode($0) }

    /// The code of a text, if it holds for every vendor.
    public static func known(_ text: String) -> ErrorCode? { SharedErrorCode(rawValue: text).map { ErrorCode($0) } }

    /// The word before the dot, such as `auth` or `network`.
    public var area: String { String(rawValue.prefix { $0 != "." }) }

    /// The code as an HTML anchor and document heading: `auth-invalid-client`.
    public var anchor: String { String(rawValue.map { $0 == "." || $0 == "_" ? "-" : $0 }) }

    /// The code as the `type` of an RFC 9457 problem: `urn:psa-connectors:error:auth.invalid_client`.
    ///
    /// It is an absolute URI that stays the same wherever the problem is read; a host that has a page about the code links to it on its own.
    public var problemType: String { "urn:psa-connectors:error:" + rawValue }

    /// The code's text.
    public var description: String { rawValue }

    /// The code as one of those that hold for every vendor.
    var shared: SharedErrorCode? { SharedErrorCode(rawValue: rawValue) }

    private static func isWord(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
