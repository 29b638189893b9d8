import PSACore

extension HaloGuidance {
    static let permissions: [ErrorCode: GuidanceTemplate] = [
        .permissionScopeMissing: GuidanceTemplate(
            title: "The HaloPSA application lacks a permission",
            detail: "HaloPSA at {host} did not allow access to {object}; it needs the scope {scope}.",
            causes: [
                Cause("The application's permissions do not include {scope}.", .likely, id: "scope_not_granted"),
                Cause("The scope setting asks for less than the application has.", .possible, id: "scope_setting"),
                Cause("The application's login type is not Agent.", .possible, id: "login_type"),
            ],
            steps: [
                "\(viewApplications), then the Permissions tab.",
                "Grant {scope}, with edit beside read where data is changed; or grant all.",
                "Leave the scope setting empty, or add {scope} to it.", testAgain,
            ],
            fields: [.scope], actor: .psaAdministrator, guide: guide("403-on-data")),
        .permissionRoleDenied: GuidanceTemplate(
            title: "The login agent may not do this in HaloPSA",
            detail: "HaloPSA at {host} did not allow access to {object}, although the token is valid.",
            causes: [
                Cause("The role of the agent the application logs in as has no access to {object}.", .likely, id: "role"),
                Cause("The application's login type is not Agent.", .possible, id: "login_type"),
                Cause("The agent is restricted to some customers or ticket types.", .possible, id: "restricted"),
            ],
            steps: [
                "\(viewApplications); check that the login type is Agent, and which agent it is.",
                "Give that agent's role access to {object} under Config → Teams & Agents → Roles.",
                "Check that the agent may use all customers and ticket types.", testAgain,
            ],
            actor: .psaAdministrator, guide: guide("401-on-single-resources")),
        .permissionActionDenied: GuidanceTemplate(
            title: "The login agent may not use this action",
            detail: "HaloPSA at {host} refused {object}: {message}",
            causes: [
                Cause("The action (outcome) is not available to the agent the application logs in as.", .likely),
                Cause("The workflow of the ticket does not offer the action in its present step.", .possible),
            ],
            steps: [
                "Choose another outcome in the settings.",
                "Or allow the action for that agent in HaloPSA under Config → Tickets → Actions.",
                "Try again.",
            ],
            fields: [.privateNoteOutcome, .replyOutcome], actor: .psaAdministrator, guide: guide("9-outcomes-for-notes-and-replies")),
        .permissionNothingVisible: GuidanceTemplate(
            title: "The login agent sees nothing in HaloPSA",
            detail: "HaloPSA at {host} answered the request for {object} with an empty list.",
            causes: [
                Cause("The teams, departments or customers of the login agent hide the rows.", .likely),
                Cause("There really are none.", .possible),
            ],
            steps: [
                "Log in to HaloPSA as that agent and look whether {object} are visible.", "Let the agent use all customers and teams.",
                testAgain,
            ],
            actor: .psaAdministrator, guide: guide("3-choose-the-login-agent")),
    ]
}
