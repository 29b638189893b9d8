import PSACore

/// What the sample PSA's answers mean where they differ from what the status says.
enum SampleErrorRules {
    static let classifier = FailureClassifier(vendorRules: [
        ClassificationRule([.write], 422...422, messageContains: "no such type", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 422...422, messageContains: "no such status", is: .ticketDefaultInvalid),
    ])
}
