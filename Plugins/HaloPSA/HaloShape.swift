import PSACore

/// What the form of the settings reveals: HaloPSA's client IDs are GUIDs of 36 characters, its secrets two GUIDs joined
/// by a hyphen, 73 characters (seen by two independent clients).
///
/// It is evidence and no rule: another version may make other secrets. Nothing of a value is repeated but its length, and of scopes only words
/// made like scopes.
enum HaloShape {
    /// What is odd about the client ID and the secret, the surest first.
    static func credentials(_ settings: HaloSettings) -> [CauseEvidence] {
        let (id, secret) = (settings.credentials.clientID, settings.credentials.clientSecret.reveal())
        if isSecret(id), isGUID(secret) || isSecret(secret) {
            return [found("swapped", HaloShapeMessage.swapped(idLength: id.count, secretLength: secret.count))]
        }
        if secret == id { return [found("swapped", HaloShapeMessage.sameTwice)] }
        var findings: [CauseEvidence] = []
        if let wrapping = wrapping(of: secret, isRight: isSecret) {
            findings.append(found("cut_off", HaloShapeMessage.wrapped(.secret, wrapping)))
        } else if holdsSecret(secret) {
            findings.append(found("cut_off", HaloShapeMessage.wrapped(.secret, .words)))
        } else if isMask(secret) {
            findings.append(found("cut_off", HaloShapeMessage.mask))
        } else if !isSecret(secret) {
            findings.append(found(isPartOfSecret(secret) ? "cut_off" : "wrong_secret", HaloShapeMessage.length(.secret, secret.count)))
        }
        if let wrapping = wrapping(of: id, isRight: isGUID) {
            findings.append(found("wrong_client_id", HaloShapeMessage.wrapped(.id, wrapping)))
        } else if !isGUID(id) {
            findings.append(found("wrong_client_id", HaloShapeMessage.length(.id, id.count)))
        }
        return findings
    }

    /// What was typed where no secret belongs and may be one by its form.
    static func misplacedSecrets(_ settings: HaloSettings) -> [Secret] {
        let (id, secret) = (settings.credentials.clientID, settings.credentials.clientSecret.reveal())
        var found: [String] = []
        if !isGUID(id) {
            // Where the secret has the form of an ID, the two were mixed up, whatever the other looks like.
            if isGUID(secret) || id.maySecretBeIn { found.append(id) }
            found += words(of: id).filter(\.maySecretBeIn)
        }
        found += words(of: settings.credentials.scope).filter(\.maySecretBeIn)
        let names = [settings.tenant, settings.privateNoteOutcome, settings.replyOutcome].compactMap { $0 }
        found += names.flatMap(words).filter { isGUID($0) || isSecret($0) || holdsSecret($0) }
        return found.map { Secret($0) }
    }

    private static func words(of text: String) -> [String] { text.split { " \t\n,;|=:+\"'“”".contains($0) }.map(String.init) }

    private static func found(_ cause: CauseID, _ evidence: HaloShapeMessage) -> CauseEvidence {
        CauseEvidence(cause, by: .settingShape, evidence: evidence)
    }

    /// What is odd about the scopes that are asked for.
    static func scope(_ scope: String) -> [CauseEvidence] {
        let scopes = scope.split { $0 == " " }
        if scope.contains(where: { ",;|+\t".contains($0) }) {
            return [found("separators", HaloShapeMessage.separator)]
        }
        if scope.contains(where: { "\"'“”„‘’`".contains($0) }) {
            return [found("separators", HaloShapeMessage.quotesAroundScope)]
        }
        let unknown = scopes.map(String.init).filter { !HaloScopes.known.contains($0) }
        guard let word = unknown.first else { return [] }
        guard isScopeLike(word) else { return [found("no_such_scope", HaloShapeMessage.noScope)] }
        if let known = HaloScopes.nearest(to: word) {
            return [found("no_such_scope", HaloShapeMessage.nearScope(word, known: known))]
        }
        return [found("no_such_scope", HaloShapeMessage.unknownScope(word))]
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

    /// Whether it is a piece of a secret: hexadecimal digits and hyphens as in one, but fewer.
    private static func isPartOfSecret(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        let lengths = [8, 4, 4, 4, 12, 8, 4, 4, 4, 12]
        guard (2...10).contains(groups.count), groups.joined().utf8.allSatisfy(isHexadecimal) else { return false }
        return (0...(lengths.count - groups.count)).contains { start in
            groups.enumerated().allSatisfy { index, group in
                let isEdge = index == 0 || index == groups.count - 1
                return isEdge ? group.count <= lengths[start + index] : group.count == lengths[start + index]
            }
        }
    }

    /// Whether a whole secret stands somewhere in a longer text.
    private static func holdsSecret(_ text: String) -> Bool {
        let (characters, length) = (Array(text), 73)
        guard characters.count > length else { return false }
        return (0...(characters.count - length)).contains { isSecret(String(characters[$0..<($0 + length)])) }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) }

    private static func isScopeLike(_ word: String) -> Bool {
        word.utf8.count <= 40 && word.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || $0 == 0x3A || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isMask(_ text: String) -> Bool { !text.isEmpty && text.allSatisfy { "*•●·.xX".contains($0) } }

    /// What surrounds a value that would be right without it.
    private static func wrapping(of text: String, isRight: (String) -> Bool) -> HaloShapeMessage.Wrapping? {
        guard !isRight(text) else { return nil }
        let quotes: Set<Character> = ["\"", "'", "“", "”", "„", "‘", "’", "`", "«", "»"]
        let brackets: Set<Character> = ["<", ">", "{", "}", "(", ")", "[", "]"]
        if isRight(text.filter { !quotes.contains($0) }) { return .quotes }
        if isRight(text.filter { !brackets.contains($0) }) { return .brackets }
        // Whitespace of every kind and invisible characters, also inside.
        let inked = text.unicodeScalars.filter {
            !$0.properties.isWhitespace && ![.format, .control].contains($0.properties.generalCategory)
        }
        if isRight(String(String.UnicodeScalarView(inked))) { return .spaces }
        let dashed = text.map { "‐‑‒–—−".contains($0) ? "-" : $0 }
        if isRight(String(dashed)) { return .dashes }
        let parts = text.split { ":= \t,;".contains($0) }.map(String.init)
        return parts.contains(where: isRight) ? .words : nil
    }
}

/// The scopes HaloPSA is known to have.
enum HaloScopes {
    private static let areas = [
        "tickets", "calendar", "customers", "crm", "contracts", "suppliers", "items", "projects", "sales", "quotes", "sos", "pos",
        "invoices",
        "reporting", "timesheets", "softwarelicensing", "software", "kb", "assets", "distributionlists",
    ]

    /// Every scope that documents and clients name.
    static let known: Set<String> = Set(
        areas.flatMap { ["read:" + $0, "edit:" + $0] } + [
            "all", "all:standard", "all:teams", "admin", "admin:webhooks", "editMine:timesheets", "access:chat", "access:adpasswordreset",
            "read:mailcampaign", "read:events", "openid", "email", "profile", "offline_access", "roles",
        ])

    /// The scope a word most likely stands for: one in other letters' case, with another mark between its halves, or a letter or two away.
    static func nearest(to word: String) -> String? {
        let spelt = word.lowercased().replacing(".", with: ":").replacing("_", with: ":").replacing("/", with: ":")
        if let known = known.first(where: { $0.lowercased() == spelt }) { return known }
        // Words the vendor has none for; the nearest in letters would be another thing.
        guard !["read:users", "read:agents", "read:attachments", "read:clients", "read:status"].contains(spelt) else { return nil }
        return NearestName.of(spelt, in: known.sorted(), edits: 2)
    }
}
