/// A browser and its system in a few words, from the header field that it sends; nothing is decided by it.
package struct UserAgent: Sendable {
    /// Such as “Firefox on Linux”; empty if neither is known.
    package let words: String

    /// Reads a header field.
    package init(_ field: String) {
        let field = String(field.prefix(400))
        // In this order: most browsers name others, too.
        let browsers = [
            ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrom", "Chrome"), ("CriOS/", "Chrome"),
            ("Safari/", "Safari"), ("curl/", "curl"), ("Python", "Python"), ("python", "Python"),
        ]
        let systems = [
            ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"), ("Linux", "Linux"),
        ]
        let parts = [browsers, systems].compactMap { names in names.first { field.contains($0.0) }?.1 }
        words = parts.joined(separator: " on ")
    }
}
