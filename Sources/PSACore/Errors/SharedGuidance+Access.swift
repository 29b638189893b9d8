extension SharedErrorCode {
    var authenticationTemplate: GuidanceTemplate {
        switch self {
        case .authEndpointNotFound:
            GuidanceTemplate(
                title: "The sign-in address was not found",
                detail: "{host} has no token endpoint where {vendor} has one.",
                causes: [Cause("The address is wrong, or has a path that does not belong to it.", .likely)],
                steps: ["Use the address at which you log in, without a path.", Self.testAgain], actor: .you)
        case .authInvalidClient:
            GuidanceTemplate(
                title: "The credentials were refused",
                detail: "{vendor} at {host} did not accept the credentials.",
                causes: [
                    Cause("An id or a secret is wrong.", .likely),
                    Cause("The credentials belong to another installation.", .possible),
                ],
                steps: ["Copy the credentials again.", "Check that they were made at {host}.", Self.testAgain], actor: .you)
        case .authApplicationNotApproved:
            GuidanceTemplate(
                title: "The application is not active or not approved",
                detail: "{vendor} at {host} knows the application but does not let it sign in.",
                causes: [Cause("The application is inactive, or waits for an approval.", .likely)],
                steps: ["Ask an administrator of {vendor} to activate and approve the application.", Self.testAgain],
                actor: .psaAdministrator)
        case .authWrongGrant:
            GuidanceTemplate(
                title: "The application uses another way to sign in",
                detail: "{vendor} at {host} does not let this application sign in with an id and a secret alone.",
                causes: [Cause("Another authentication method was chosen when the application was created.", .likely)],
                steps: ["Change the application's authentication method.", Self.testAgain], actor: .psaAdministrator)
        case .authScopeRejected:
            GuidanceTemplate(
                title: "The requested scope does not exist",
                detail: "{vendor} at {host} refused the scope “{scope}”.",
                causes: [Cause("The scope is misspelt, or not known to this version of {vendor}.", .likely)],
                steps: ["Leave the scope empty, or correct it.", Self.testAgain], actor: .you)
        case .authTenantUnknown:
            GuidanceTemplate(
                title: "The tenant is not known",
                detail: "{host} does not know the tenant that was named.",
                causes: [Cause("The tenant's name is misspelt, or belongs to another server.", .likely)],
                steps: ["Compare the tenant with what {vendor} shows.", Self.testAgain], actor: .you)
        default:
            GuidanceTemplate(
                title: "The access token was refused",
                detail: "{vendor} at {host} refused a token it had just issued, when asked for {object}.",
                causes: [
                    Cause("The application was changed or deactivated meanwhile.", .possible),
                    Cause("The clocks of the two machines differ.", .possible),
                ],
                steps: ["Check that the application is still active.", Self.testAgain], actor: .psaAdministrator)
        }
    }

    var permissionTemplate: GuidanceTemplate {
        switch self {
        case .permissionScopeMissing:
            GuidanceTemplate(
                title: "The application lacks a permission",
                detail: "{vendor} at {host} did not allow access to {object}; {scope} is missing.",
                causes: [Cause("The permissions granted to the application do not include {object}.", .likely)],
                steps: ["Grant the application {scope}.", Self.testAgain], actor: .psaAdministrator)
        case .permissionRoleDenied:
            GuidanceTemplate(
                title: "The user's role does not allow it",
                detail: "{vendor} at {host} did not allow access to {object} for the user the application acts as.",
                causes: [Cause("The role of that user has no right to {object}.", .likely)],
                steps: ["Give the role access to {object}.", Self.testAgain], actor: .psaAdministrator)
        case .permissionActionDenied:
            GuidanceTemplate(
                title: "This action is not allowed",
                detail: "{vendor} at {host} refused {object}: {message}",
                causes: [Cause("The user the application acts as may not run this action.", .likely)],
                steps: ["Choose another action, or allow this one for the user.", "Try again."], actor: .psaAdministrator)
        default:
            GuidanceTemplate(
                title: "Nothing is visible",
                detail: "{vendor} at {host} answered the request for {object} with an empty list.",
                causes: [
                    Cause("The user the application acts as is restricted to rows that do not exist.", .likely),
                    Cause("There really are none.", .possible),
                ],
                steps: ["Log in as that user and look whether {object} are visible.", "Widen its restrictions.", Self.testAgain],
                actor: .psaAdministrator)
        }
    }
}
