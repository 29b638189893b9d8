/// A place in a list, opaque to everyone but the connector that made it.
///
/// It can be stored as text and used later with the same connector, kind of list and version; anything else is refused with
/// `sync.cursor_rejected`. It holds no host and no secret.
public struct PageCursor: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The whole cursor as text.
    public let rawValue: String

    /// Makes a cursor; connectors do.
    ///
    /// - Parameters:
    ///   - connector: Who made it.
    ///   - list: The list it belongs to.
    ///   - version: Rises when the payload changes its meaning.
    ///   - payload: What the connector needs to go on.
    public init(connector: ConnectorID, list: String, version: Int, payload: String) {
        rawValue = "\(connector)/\(list)/\(version)/\(payload)"
    }

    /// Takes a stored cursor back.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The payload, if the cursor is from this connector, list and version.
    public func payload(connector: ConnectorID, list: String, version: Int) -> String? {
        let prefix = "\(connector)/\(list)/\(version)/"
        return rawValue.hasPrefix(prefix) ? String(rawValue.dropFirst(prefix.count)) : nil
    }

    /// The whole cursor as text.
    public var description: String { rawValue }
}
