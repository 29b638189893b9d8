package import PSACore

/// Why a search has no result: searches that read whole tables may not keep everything else waiting.
package enum SearchError: String, Error, LocalizedMessage, CaseIterable {
    /// It took longer than a search may.
    case tooLong = "too_long"
    /// Too many searches run and wait.
    case tooMany = "too_many"

    /// How long a program should wait before it searches again, in seconds.
    package static let retryAfter = 30

    package var values: [String: MessageValue] { [:] }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.tooLong, .english): "The search took too long and was ended. Narrow it, by a shorter time for instance, and search again."
        case (.tooLong, .german):
            "Die Suche dauerte zu lange und wurde beendet. Sie eingrenzen, etwa auf eine kürzere Zeit, und erneut suchen."
        case (.tooMany, .english): "Too many searches run at present. Search again in half a minute."
        case (.tooMany, .german): "Zurzeit laufen zu viele Suchen. In einer halben Minute erneut suchen."
        }
    }
}
