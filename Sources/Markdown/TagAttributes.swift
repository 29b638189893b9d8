/// Adds attributes that the library does not support to the rendered tags: anchors of headings, and `rel="noreferrer noopener"` for
/// links to other sites.
///
/// In the rendered HTML a `<` outside a tag is always escaped, so the searched texts are always tags. The search works on bytes, because
/// as a `Character` the `<` may be combined with the preceding one.
struct TagAttributes {
    private static let link = Array("<a href=\"".utf8)
    private static let externalLink = Array("<a rel=\"noreferrer noopener\" href=\"".utf8)
    /// Browsers accept a missing slash after the scheme.
    private static let externalPrefixes = ["http:", "https:", "//"].map { Array($0.utf8) }

    private var anchors: ArraySlice<String>
    private var result: [UInt8] = []

    /// Adds the attributes to a document.
    ///
    /// - Parameters:
    ///   - html: The HTML rendered by the library.
    ///   - anchors: The anchors of its headings, in order.
    /// - Returns: The HTML with all attributes.
    static func added(to html: UnsafeRawBufferPointer, anchors: [String]) -> [UInt8] {
        var attributes = TagAttributes(anchors: anchors[...])
        attributes.result.reserveCapacity(html.count + html.count / 8)
        var rest = html[...]
        while let byte = rest.first {
            let length = byte == UInt8(ascii: "<") ? attributes.replaceTag(at: rest) : 0
            if length == 0 { attributes.result.append(byte) }
            rest = rest.dropFirst(max(1, length))
        }
        return attributes.result
    }

    /// Writes the start of a link or heading tag with its attributes, and returns the number of bytes replaced; 0 for other text.
    private mutating func replaceTag(at rest: Slice<UnsafeRawBufferPointer>) -> Int {
        if rest.starts(with: Self.link) {
            let target = rest.dropFirst(Self.link.count)
            result += Self.externalPrefixes.contains(where: target.starts) ? Self.externalLink : Self.link
            return Self.link.count
        }
        let opening = Array(rest.prefix(4))
        guard opening.count == 4, opening[1] == UInt8(ascii: "h"), opening[3] == UInt8(ascii: ">") else { return 0 }
        let anchor = anchors.popFirst() ?? ""
        result += opening[..<3]
        if !anchor.isEmpty { result += " id=\"\(anchor)\"".utf8 }
        result.append(opening[3])
        return opening.count
    }
}
