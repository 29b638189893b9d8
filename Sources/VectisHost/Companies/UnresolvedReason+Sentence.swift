extension UnresolvedReason {
    /// Why, for a person.
    var sentence: String {
        switch self {
        case .notFound: "The PSA has no company of this id or name."
        case .ambiguous: "Several companies in the PSA have this name."
        case .unreadable: "The connection may not read companies."
        case .incomplete: "The PSA gave an incomplete list of companies, and this one is not in it."
        }
    }
}
