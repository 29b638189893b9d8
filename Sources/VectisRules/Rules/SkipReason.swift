import PSACore
package import PSAEngine

/// Why a job was skipped, as it is stored in a sentence.
package enum SkipReason: Sendable, Hashable {
    /// The connection was removed before it was sent.
    case connectionRemoved
    /// The conditions on the company don't hold for the company of this name.
    case companyConditions(String)
    /// In dry run, what would need review.
    case wouldNeedReview(ReviewReason)
    /// A sentence of another version.
    case other(String)

    private static let removed = "The connection was removed."
    private static let conditions = (before: "The rule’s conditions on the company don’t hold for “", after: "”.")
    private static let review = "Dry run: it would need review. "

    /// The reason as it is stored.
    package var stored: String {
        switch self {
        case .connectionRemoved: Self.removed
        case .companyConditions(let name): Self.conditions.before + name + Self.conditions.after
        case .wouldNeedReview(let reason): Self.review + (reason.sentence ?? "")
        case .other(let sentence): sentence
        }
    }

    /// Reads what is stored.
    package init(stored text: String) {
        let (before, after) = Self.conditions
        if text == Self.removed {
            self = .connectionRemoved
        } else if text.hasPrefix(before), text.hasSuffix(after), text.count >= before.count + after.count {
            self = .companyConditions(String(text.dropFirst(before.count).dropLast(after.count)))
        } else if text.hasPrefix(Self.review),
            let reason = ReviewReason.all.first(where: { $0.sentence == String(text.dropFirst(Self.review.count)) })
        {
            self = .wouldNeedReview(reason)
        } else {
            self = .other(text)
        }
    }
}
