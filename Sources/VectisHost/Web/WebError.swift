import PSACore

/// Ends a request with a status and a sentence for the person in front of the page.
struct WebError: Error, Sendable {
    enum Kind: Int, Sendable {
        case badRequest = 400
        case signInNeeded = 401
        case forbidden = 403
        case notFound = 404
        case methodNotAllowed = 405
        case conflict = 409
        case tooLarge = 413
        case misdirected = 421
        case invalid = 422
        case tooManyTries = 429
        case defect = 500
        case unavailable = 503
        case storageFull = 507

        /// The status in words.
        var title: String {
            switch self {
            case .badRequest: "That request could not be understood"
            case .signInNeeded: "Please sign in"
            case .forbidden: "That is not allowed"
            case .notFound: "There is nothing here"
            case .methodNotAllowed: "That can't be done here"
            case .conflict: "Somebody else was faster"
            case .tooLarge: "That was too much"
            case .misdirected: "This host answers to another name"
            case .invalid: "Something has to be corrected"
            case .tooManyTries: "Too many tries"
            case .defect: "Vectis made a mistake"
            case .unavailable, .storageFull: "Vectis can't do that at the moment"
            }
        }
    }

    let kind: Kind
    /// What is wrong and what to do.
    let sentence: String

    init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }
}
