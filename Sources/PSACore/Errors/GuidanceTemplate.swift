/// The text of one code before the values of an occurrence are filled in.
///
/// Placeholders are the names of ``Slot`` in braces. A template is data: it can be listed, checked and put into a reference page.
public struct GuidanceTemplate: Sendable {
    /// The values a text may ask for.
    public enum Slot: String, Sendable, CaseIterable {
        /// The vendor's product.
        case vendor
        /// The server that was asked.
        case host
        /// What was asked for: “tickets”, “a new ticket”.
        case object
        /// The permission that is missing, as the vendor writes it.
        case scope
        /// The settings or body fields concerned.
        case field
        /// The name somebody typed.
        case name
        /// Names that would be right.
        case known
        /// The vendor's own words.
        case message

        /// What stands in when an occurrence has no value.
        var fallback: String {
            switch self {
            case .vendor: "the PSA"
            case .host: "its server"
            case .object: "the requested data"
            case .scope: "the permission for it"
            case .field: "a field"
            case .name: "the given name"
            case .known: "none"
            case .message: "no further explanation"
            }
        }
    }

    /// See ``Guidance/title``; no placeholders.
    public let title: String
    /// See ``Guidance/detail``.
    public let detail: String
    /// See ``Guidance/causes``.
    public let causes: [Cause]
    /// See ``Guidance/steps``.
    public let steps: [String]
    /// See ``Guidance/fields``.
    public let fields: [SettingKey]
    /// See ``Guidance/actor``.
    public let actor: Actor
    /// See ``Guidance/retry``; a wait the vendor named replaces the one given here.
    public let retry: RetryClass
    /// See ``Guidance/guide``; nil takes the reference page of the code.
    public let guide: GuideAnchor?

    /// Writes a template.
    public init(
        title: String, detail: String, causes: [Cause], steps: [String], fields: [SettingKey] = [], actor: Actor,
        retry: RetryClass = .afterFix, guide: GuideAnchor? = nil
    ) {
        self.title = title
        self.detail = detail
        self.causes = causes
        self.steps = steps
        self.fields = fields
        self.actor = actor
        self.retry = retry
        self.guide = guide
    }

    /// Fills in the values of an occurrence.
    func filled(with values: [Slot: String]) -> Guidance {
        Guidance(
            title: title,
            detail: Self.fill(detail, values),
            causes: causes.map { Cause(Self.fill($0.text, values), $0.confidence, evidence: $0.evidence.map { Self.fill($0, values) }) },
            steps: steps.map { Self.fill($0, values) },
            fields: fields, actor: actor, retry: retry, guide: guide)
    }

    private static func fill(_ text: String, _ values: [Slot: String]) -> String {
        guard text.contains("{") else { return text }
        // Piece by piece, so that braces inside a value are not taken for placeholders.
        return text.split(separator: "{", omittingEmptySubsequences: false).enumerated()
            .map { index, piece in
                guard index > 0, let end = piece.firstIndex(of: "}"), let slot = Slot(rawValue: String(piece[..<end])) else {
                    return index > 0 ? "{" + piece : String(piece)
                }
                return (values[slot] ?? slot.fallback) + piece[piece.index(after: end)...]
            }
            .joined()
    }
}
