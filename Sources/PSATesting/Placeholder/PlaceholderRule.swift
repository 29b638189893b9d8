/// A rule that an honest placeholder keeps; ``PlaceholderExamination`` checks it.
public enum PlaceholderRule: String, Sendable, CaseIterable, CustomStringConvertible {
    /// The conformance suite accepts it.
    case conformance = "the conformance suite accepts it"
    /// Its tier is `placeholder`; it declares and offers no capability.
    case noAbility = "it is listed as a placeholder and offers no ability"
    /// A registry finds it under its id and its aliases, in any case and with spaces around them.
    case names = "it connects under its name and its aliases, however they are typed"
    /// Its connection test fails with `connector.placeholder`, makes no request, and names the product.
    case test = "testing it reports the placeholder and contacts no server"
    /// Every operation of the session throws `connector.placeholder` and makes no request.
    case operations = "every operation answers that it is a placeholder, and contacts no server"
    /// An empty setting is an issue exactly if the setting is required, and the issue names the field's label.
    case missing = "a setting without a value is missing exactly if it is required"
    /// A malformed value of each kind of setting is refused, such as an address without TLS.
    case malformed = "a value that can't be right is refused with the code for it"
    /// Connecting with several bad settings and an unknown one reports all of them.
    case allAtOnce = "all problems of the settings come at once, in the order of the form"
    /// No secret is in descriptions, dumps, reports and errors.
    case secrecy = "no secret is in what a connection shows"
    /// A malformed secret is refused, without its value in the issue.
    case secretProblems = "no secret is in the problem that it causes"
    /// One of the first five lines of the guide contains “can't connect yet”; the guide names each setting's label, key and environment
    /// variable, and its links to its own headings lead somewhere.
    case guide = "its guide says at the top that it can't connect, and names every setting as form and environment do"

    /// The rule as a sentence.
    public var description: String { rawValue }
}
