import PSACore

/// What the form of the settings says before anybody is blamed: HaloPSA's client IDs are GUIDs of 36 characters, its secrets two GUIDs joined
/// by a hyphen, 73 characters (seen by two independent clients).
///
/// It is evidence and no rule: another version may make other secrets. Nothing of a value is repeated but its length, and of scopes only words
/// made like scopes.
enum HaloShape {
    /// What is odd about the client ID and the secret, the surest first.
    static func credentials(_ settings: HaloSettings) -> [Finding] {
        let (id, secret) = (settings.credentials.clientID, settings.credentials.clientSecret.reveal())
        if isSecret(id), isGUID(secret) || isSecret(secret) {
            return [Finding("swapped", .likely, evidence: HaloShapePhrase.swapped(idLength: id.count, secretLength: secret.count))]
        }
        if secret == id { return [Finding("swapped", .likely, evidence: HaloShapePhrase.sameTwice)] }
        var findings: [Finding] = []
        if let wrapping = wrapping(of: secret, isRight: isSecret) {
            findings.append(Finding("cut_off", .likely, evidence: HaloShapePhrase.wrapped(.secret, wrapping)))
        } else if isMask(secret) {
            findings.append(Finding("cut_off", .likely, evidence: HaloShapePhrase.mask))
        } else if !isSecret(secret) {
            findings.append(Finding("cut_off", .likely, evidence: HaloShapePhrase.length(.secret, secret.count)))
        }
        if let wrapping = wrapping(of: id, isRight: isGUID) {
            findings.append(Finding("cut_off", .likely, evidence: HaloShapePhrase.wrapped(.id, wrapping)))
        } else if !isGUID(id) {
            findings.append(Finding("wrong_client_id", .likely, evidence: HaloShapePhrase.length(.id, id.count)))
        }
        return findings
    }

    /// Whether what is odd concerns the client ID, the secret, or both.
    static func fields(_ settings: HaloSettings) -> [SettingKey] {
        let isIDFine = isGUID(settings.credentials.clientID)
        let isSecretFine = isSecret(settings.credentials.clientSecret.reveal())
        return (isSecretFine ? [] : [.clientSecret]) + (isIDFine ? [] : [.clientID])
    }

    /// What is odd about the scopes that are asked for.
    static func scope(_ scope: String) -> [Finding] {
        let blanks = scope.split { $0 == " " }
        if scope.contains(where: { ",;|+\t".contains($0) }) {
            return [Finding("separators", .certain, evidence: HaloShapePhrase.separator)]
        }
        if scope.contains(where: { "\"'“”„‘’`".contains($0) }) {
            return [Finding("separators", .certain, evidence: HaloShapePhrase.quotesAroundScope)]
        }
        let unknown = blanks.map(String.init).filter { !HaloScopes.known.contains($0) }
        guard let word = unknown.first else { return [] }
        guard isScopeLike(word) else { return [Finding("no_such_scope", .likely, evidence: HaloShapePhrase.noScope)] }
        if let known = HaloScopes.nearest(to: word) {
            return [Finding("no_such_scope", .likely, evidence: HaloShapePhrase.nearScope(word, known: known))]
        }
        return [Finding("no_such_scope", .likely, evidence: HaloShapePhrase.unknownScope(word))]
    }

    /// The scope as it was meant, if that is clear.
    static func meantScope(_ scope: String) -> String? {
        let words = scope.split { " ,;|+\t\"'“”„‘’`".contains($0) }.map(String.init)
        let meant = words.map { HaloScopes.known.contains($0) ? $0 : HaloScopes.nearest(to: $0) }
        guard !words.isEmpty, meant.allSatisfy({ $0 != nil }) else { return nil }
        let text = meant.compactMap { $0 }.joined(separator: " ")
        return text == scope ? nil : text
    }

    static func isGUID(_ text: some StringProtocol) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.joined().utf8.allSatisfy(isHexadecimal)
    }

    static func isSecret(_ text: some StringProtocol) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12, 8, 4, 4, 4, 12] && groups.joined().utf8.allSatisfy(isHexadecimal)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) }

    private static func isScopeLike(_ word: String) -> Bool {
        word.utf8.count <= 40 && word.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || $0 == 0x3A || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isMask(_ text: String) -> Bool { !text.isEmpty && text.allSatisfy { "*•●·.xX".contains($0) } }

    /// What surrounds a value that would be right without it.
    private static func wrapping(of text: String, isRight: (String) -> Bool) -> HaloShapePhrase.Wrapping? {
        guard !isRight(text) else { return nil }
        let quotes: Set<Character> = ["\"", "'", "“", "”", "„", "‘", "’", "`", "«", "»"]
        let brackets: Set<Character> = ["<", ">", "{", "}", "(", ")", "[", "]"]
        if isRight(text.filter { !quotes.contains($0) }) { return .quotes }
        if isRight(text.filter { !brackets.contains($0) }) { return .brackets }
        // Blanks of every kind, and marks that leave no ink, also inside.
        let inked = text.unicodeScalars.filter { !$0.properties.isWhitespace && ![.format, .control].contains($0.properties.generalCategory) }
        if isRight(String(String.UnicodeScalarView(inked))) { return .blanks }
        let dashed = text.map { "‐‑‒–—−".contains($0) ? "-" : $0 }
        if isRight(String(dashed)) { return .dashes }
        let parts = text.split { ":= \t,;".contains($0) }.map(String.init)
        return parts.contains(where: isRight) ? .words : nil
    }
}
