/// A place in one of the project's guides: a document and a heading in it, checked to exist by the tests.
public struct GuideAnchor: Sendable, Hashable, CustomStringConvertible {
    /// The document's path from the repository's root, such as `Docs/ConnectHaloPSA.md`.
    public let document: String
    /// The heading's anchor, without `#`.
    public let heading: String

    /// Points at a heading.
    public init(_ document: String, _ heading: String) {
        self.document = document
        self.heading = heading
    }

    /// Path and anchor as a link target.
    public var description: String { heading.isEmpty ? document : document + "#" + heading }
}
