import PSACore

/// What RT's answers mean where they differ from what the status says.
///
/// RT knows rights, and nothing like a scope; and it tells by the words of a 400 that a right is missing (seen on 5.0.3).
enum RTErrorRules {
    static let classifier = FailureClassifier(vendorRules: [
        // What is not REST 2.0 is a page of RT's to it, and it sends callers to its own sign-in.
        ClassificationRule([.discovery], 300...399, messageContains: "/NoAuth/Login", is: .urlNotVendor),
        ClassificationRule([.read, .write], 403...403, is: .permissionRoleDenied),
        ClassificationRule([.write], 400...400, messageContains: "permission denied", is: .permissionRoleDenied),
        // A comment on a ticket that is not there.
        ClassificationRule([.write], 400...400, messageContains: "message could not be recorded", is: .requestNotFound),
        ClassificationRule([.write], 400...400, messageContains: "status", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 400...400, messageContains: "queue", is: .ticketDefaultInvalid),
    ])
}
