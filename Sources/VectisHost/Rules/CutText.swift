import PSACore

/// Cuts texts to what a PSA takes, and says at the place that something is gone.
enum CutText {
    /// The text, or its beginning and a mark that counts what was cut.
    ///
    /// Lengths are those of UTF-16, by which most vendors count. It is cut between characters as people see them, unless one is so long
    /// that nothing would be left.
    static func cut(_ text: String, to limit: Int, mark: (_ characters: Int) -> String) -> String {
        guard text.utf16.count > limit else { return text }
        let all = text.count
        // No count has more digits than that of the whole.
        let room = max(0, limit - mark(max(all, text.unicodeScalars.count)).utf16.count)
        var kept = text[..<end(of: text.indices, in: text, room)]
        if room - kept.utf16.count > maxCharacterLength {
            kept = text[..<end(of: text.unicodeScalars.indices, in: text, room)]
        }
        return kept.trimmingEnd + mark(max(1, all - kept.count))
    }

    /// A longer character than that is no writing any more, and may be taken apart.
    private static let maxCharacterLength = 64

    /// The last of some places that leaves no more than a length before it.
    private static func end(of places: some Sequence<String.Index>, in text: String, _ room: Int) -> String.Index {
        let units = text.utf16
        guard let limit = units.index(units.startIndex, offsetBy: room, limitedBy: units.endIndex) else { return text.endIndex }
        var end = text.startIndex
        for place in places {
            guard place <= limit else { return end }
            end = place
        }
        return end
    }
}

extension Substring {
    /// Without blanks at its end; those at its beginning stay.
    fileprivate var trimmingEnd: String {
        guard let last = unicodeScalars.lastIndex(where: { !$0.isSpace }) else { return "" }
        return String(unicodeScalars[...last])
    }
}
