public import Testing

/// What makes a placeholder an honest one; each is looked at by ``PlaceholderExamination``.
public enum PlaceholderRule: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case conformance = "the conformance suite accepts it"
    case noAbility = "it is listed as a placeholder and offers no ability"
    case names = "it connects under its name and its aliases, however they are typed"
    case test = "testing it reports the placeholder and contacts nobody"
    case operations = "every operation answers that it is a placeholder, and contacts nobody"
    case missing = "a setting without a value is missing exactly if it is required"
    case malformed = "a value that can't be right is refused with the code for it"
    case allAtOnce = "all problems of the settings come at once, in the order of the form"
    case secrecy = "no secret is in what a connection shows"
    case secretProblems = "no secret is in the problem that it causes"
    case guide = "its guide says at the top that it can't connect, and names every setting as form and environment do"

    /// The rule as a sentence.
    public var testDescription: String { rawValue }
}
