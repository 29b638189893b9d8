extension Unicode.Scalar {
    /// Whether it is only a space to the eye: Unicode white space of any width, line ends among it, and what has no width at all.
    ///
    /// Joiners and marks of direction do not count: at the end of a text they belong to what stands before them.
    public var isBlank: Bool {
        switch value {
        // Mongolian vowel separator, zero width space, word joiner, byte order mark: no white space to Unicode, and nothing to see.
        case 0x180E, 0x200B, 0x2060, 0xFEFF: true
        default: properties.isWhitespace
        }
    }
}

extension StringProtocol {
    /// The text without blanks at its ends, by the one definition of ``Swift/Unicode/Scalar/isBlank``; empty if it has nothing else.
    public var trimmingSpaces: String {
        let scalars = String(self).unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isBlank }), let last = scalars.lastIndex(where: { !$0.isBlank }) else {
            return ""
        }
        return String(scalars[first...last])
    }
}
