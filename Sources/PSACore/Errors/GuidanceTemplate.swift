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

    /// The texts of the template, in its own order.
    var words: GuidanceWords { GuidanceWords(title: title, detail: detail, causes: causes.map(\.text), steps: steps) }
}

/// The texts of one code in one language; their number and order are those of the template.
public struct GuidanceWords: Sendable {
    /// See ``Guidance/title``.
    public let title: String
    /// See ``Guidance/detail``.
    public let detail: String
    /// The texts of the causes.
    public let causes: [String]
    /// The steps.
    public let steps: [String]

    /// Writes the texts of a code.
    public init(title: String, detail: String, causes: [String], steps: [String]) {
        self.title = title
        self.detail = detail
        self.causes = causes
        self.steps = steps
    }
}
