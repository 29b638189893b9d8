/// The text of one code before the values of an occurrence are filled in: what happened, and a list of causes that carry all the rest.
///
/// Placeholders are the names of ``Slot`` in braces, and the keys of the connector's settings, which stand for the setting as a person knows
/// it. A template is data: it can be listed, checked and put into a reference page.
public struct GuidanceTemplate: Sendable {
    /// The values a text may ask for.
    @nonexhaustive
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
        /// The typed name.
        case name
        /// Names that would be right.
        case known
        /// The vendor's own words.
        case message
        /// What is in front of the vendor and answered in its place.
        case device
        /// The address from which this machine reaches the server.
        case source
        /// By what a device's administrator finds the request.
        case reference
    }

    /// See ``Guidance/title``; no placeholders.
    public let title: LocalizedText
    /// See ``Guidance/detail``.
    public let detail: LocalizedText
    /// The possible reasons, the most frequent first.
    public let causes: [CauseTemplate]
    /// See ``Guidance/retry``; a wait the vendor named replaces the one given here.
    public let retry: RetryAdvice
    /// See ``Guidance/guide``; nil takes the reference page of the code.
    public let guide: GuideAnchor?

    /// Writes a template.
    public init(
        title: LocalizedText, detail: LocalizedText, causes: [CauseTemplate], retry: RetryAdvice = .afterFix, guide: GuideAnchor? = nil
    ) {
        self.title = title
        self.detail = detail
        self.causes = causes
        self.retry = retry
        self.guide = guide
    }

    /// Every text of the template.
    public var texts: [LocalizedText] { [title, detail] + causes.flatMap { [$0.text] + $0.steps.flatMap(\.forms) } }
}
