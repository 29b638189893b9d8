/// A list in a source file with one entry on each line, kept in alphabetical order.
struct SourceList: Sendable {
    /// The line before the first entry.
    let opening: String
    /// What each entry begins with; lines after them that begin otherwise are left alone.
    let prefix: String
    /// The line that ends the list.
    let closing: String

    /// The text with one more entry, or nil if the list is not there, or not in the expected form.
    func inserting(_ entry: String, into text: String) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: opening),
            let end = lines[start...].firstIndex(of: closing),
            case let entries = lines[(start + 1)..<end].prefix(while: { $0.hasPrefix(prefix) }), !entries.isEmpty,
            entries.allSatisfy({ $0.hasSuffix(",") })
        else { return nil }
        let line = prefix + entry + ","
        lines.insert(line, at: entries.firstIndex { $0 > line } ?? entries.endIndex)
        return lines.joined(separator: "\n")
    }
}

/// The imports at the beginning of a source file, in alphabetical order of the modules.
enum ImportList {
    /// The text with one more import, or nil if it does not begin with imports.
    static func inserting(_ module: String, into text: String) -> String? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let imports = lines.prefix { $0.firstMatch(of: /^(public )?import \w+$/) != nil }
        guard !imports.isEmpty else { return nil }
        let following = imports.firstIndex { ($0.split(separator: " ").last ?? "") > module }
        lines.insert("import " + module, at: following ?? imports.endIndex)
        return lines.joined(separator: "\n")
    }
}
