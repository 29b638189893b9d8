/// Adds the attributes for which the library has no place to the tags it rendered: the anchors of headings, and on links to other sites
/// that those shall learn nothing of this one.
///
/// In what the library renders a `<` outside a tag is always escaped, so these openings can be nothing else than tags. It works on bytes,
/// because as a character the `<` may be swallowed by the one before it.
struct TagAttributes {
    private static let link = Array("<a href=\"".utf8)
    private static let externalLink = Array("<a rel=\"noreferrer noopener\" href=\"".utf8)
    /// Browsers read a missing slash behind the scheme into the address.
    private static let externalStarts = ["http:", "https:", "//"].map { Array($0.utf8) }

    private var anchors: ArraySlice<String>
    private var result: [UInt8] = []

    /// Completes a document.
    ///
    /// - Parameters:
    ///   - html: What the library rendered.
    ///   - anchors: The anchor of each heading in it, in order.
    /// - Returns: The HTML with all attributes.
    static func added(to html: UnsafeRawBufferPointer, anchors: [String]) -> [UInt8] {
        var attributes = TagAttributes(anchors: anchors[...])
        attributes.result.reserveCapacity(html.count + html.count / 8)
        var rest = html[...]
        while let byte = rest.first {
            let length = byte == UInt8(ascii: "<") ? attributes.tag(at: rest) : 0
            if length == 0 { attributes.result.append(byte) }
            rest = rest.dropFirst(max(1, length))
        }
        return attributes.result
    }

    /// Writes the opening of a link or heading anew; zero if there is none.
    private mutating func tag(at rest: Slice<UnsafeRawBufferPointer>) -> Int {
        if rest.starts(with: Self.link) {
            let target = rest.dropFirst(Self.link.count)
            result += Self.externalStarts.contains(where: target.starts) ? Self.externalLink : Self.link
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
