/// Help made from the forms of the commands.
enum HelpText {
    /// All commands, a line each.
    static func overview(_ forms: [CommandDefinition]) -> String {
        let width = forms.map(\.usage.count).max() ?? 0
        let lines = forms.map { "  " + Columns.pad($0.usage, to: width) + "  " + $0.summary }
        return """
            vectis connects to the PSA an MSP works in, by the connector's name.

            \(lines.joined(separator: "\n"))

            Settings come from the environment (HALOPSA_TENANT_URL, HALOPSA_CLIENT_ID, HALOPSA_CLIENT_SECRET …),
            from --setting KEY=VALUE, and for secrets from --setting-file KEY=PATH or a prompt.
            Exit status: 0 done, 2 usage or settings, 3 refused by the PSA or the network, 4 outcome of a write unknown, 1 a defect.
            “vectis COMMAND --help” shows a command's options.
            """
    }

    /// One command with its options.
    static func page(_ form: CommandDefinition) -> String {
        let options = form.options + [.help]
        let names = options.map { option in option.valueName.map { "\(option.rawValue) \($0)" } ?? option.rawValue }
        let width = names.map(\.count).max() ?? 0
        let lines = zip(names, options).map { "  " + Columns.pad($0, to: width) + "  " + $1.help }
        return "\(form.usage)\n\(form.summary)\n\n\(lines.joined(separator: "\n"))"
    }
}

/// Text in columns.
enum Columns {
    /// The text with blanks up to a width, cut with an ellipsis if it is longer and a cut was asked for.
    static func pad(_ text: String, to width: Int, cutting: Bool = false) -> String {
        let count = text.count
        if count <= width { return text + String(repeating: " ", count: width - count) }
        return cutting ? text.prefix(max(width - 1, 0)) + "…" : text
    }
}

extension String {
    /// The text without line breaks, control and direction characters: subjects and names come from strangers, and a terminal obeys escapes.
    var onOneLine: String {
        let harmful: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
        guard unicodeScalars.contains(where: { harmful.contains($0.properties.generalCategory) }) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { harmful.contains($0.properties.generalCategory) ? " " : $0 }))
    }
}
