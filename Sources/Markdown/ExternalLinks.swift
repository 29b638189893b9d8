/// Marks links to other sites in rendered HTML, so that those learn nothing of this one.
///
/// The library has no attribute of a link to set. In what it renders a `<` outside a tag is always escaped, so this opening can be nothing
/// else than a link. It works on bytes, because a character may swallow the `<` behind it.
enum ExternalLinks {
    private static let opening = Array("<a href=\"".utf8)
    private static let marked = Array("<a rel=\"noreferrer noopener\" href=\"".utf8)
    private static let starts = ["http://", "https://", "//"].map { Array($0.utf8) }

    static func marked(_ html: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(html.count + html.count / 8)
        var rest = html[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "<"), rest.starts(with: opening) {
                rest = rest.dropFirst(opening.count)
                result += starts.contains(where: rest.starts) ? marked : opening
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
