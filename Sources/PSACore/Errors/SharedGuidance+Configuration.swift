extension SharedErrorCode {
    var configurationTemplate: GuidanceTemplate {
        switch self {
        case .usageInvalid:
            GuidanceTemplate(
                title: "The command line is not understood",
                detail: "{message}",
                causes: [Cause("A word is misspelt, missing, or belongs to another command.", .likely)],
                steps: ["Compare the command with its help: vectis help, or --help behind the command.", "Try again."], actor: .you)
        case .configMissingField:
            GuidanceTemplate(
                title: "A required setting is missing",
                detail: "The connection can't be tried yet: nothing was entered for {field}.",
                causes: [Cause("The setting was left empty, or its environment variable is not set.", .certain)],
                steps: ["Enter {field}; the guide shows where to find it.", Self.testAgain], actor: .you)
        case .configInvalidField:
            GuidanceTemplate(
                title: "A setting has a value that can't be right",
                detail: "The connection can't be tried yet. {message}",
                causes: [Cause("The value was cut off, or copied together with something else.", .likely)],
                steps: ["Copy the value of {field} again from the place the guide shows.", Self.testAgain], actor: .you)
        case .configUnknownField:
            GuidanceTemplate(
                title: "A setting is not known",
                detail: "The connector has no setting “{name}”.",
                causes: [Cause("The name is misspelt, or belongs to another connector or version.", .likely)],
                steps: ["Use one of the known settings: {known}.", Self.testAgain], actor: .you)
        default:
            GuidanceTemplate(
                title: "There is no connector of that name",
                detail: "No connector is registered under “{name}”.",
                causes: [
                    Cause("The name is misspelt.", .likely),
                    Cause("The connector was not added to the registry of this host.", .possible),
                ],
                steps: ["Use one of the registered names: {known}.", "If the connector should be there, add it to the host's registry."],
                actor: .you)
        }
    }

    var addressTemplate: GuidanceTemplate {
        switch self {
        case .urlMalformed:
            GuidanceTemplate(
                title: "The address can't be read",
                detail: "{message}",
                causes: [Cause("The address was typed or copied incompletely, or with something that does not belong to it.", .likely)],
                steps: [
                    "Open {vendor} in the browser and log in.",
                    "Copy the address up to the first single slash, such as https://acme.example.com.",
                    Self.testAgain,
                ], actor: .you)
        case .urlInsecure:
            GuidanceTemplate(
                title: "The address must start with https://",
                detail: "{message}",
                causes: [Cause("The address was typed with http://.", .certain)],
                steps: ["Change http:// to https:// in {field}.", Self.testAgain], actor: .you)
        case .urlForbiddenAddress:
            GuidanceTemplate(
                title: "The address points into a private network",
                detail: "{message}",
                causes: [
                    Cause("The address is one of this machine or of a local network, not of {vendor}.", .likely),
                    Cause("The name of the host leads to such an address.", .possible),
                ],
                steps: [
                    "Use the public address at which you log in to {vendor}.",
                    "If {vendor} really runs inside your network, allow private addresses in the host's configuration.", Self.testAgain,
                ], actor: .you)
        default:
            GuidanceTemplate(
                title: "The address does not belong to the PSA",
                detail: "{host} answers, but not as {vendor} does.",
                causes: [
                    Cause("The address is that of another service, a website or a portal.", .likely, id: "wrong_address"),
                    Cause("A proxy or sign-in page stands in front of {vendor}.", .possible),
                ],
                steps: ["Use the address at which you log in to {vendor}.", Self.testAgain], actor: .you)
        }
    }
}
