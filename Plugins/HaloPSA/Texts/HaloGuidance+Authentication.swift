import PSACore

extension HaloGuidance {
    static let authentication: [ErrorCode: GuidanceTemplate] = [
        .authInvalidClient: GuidanceTemplate(
            title: "HaloPSA refused the client ID or secret",
            detail: "HaloPSA at {host} refused the client ID and secret when a token was requested.",
            causes: [
                Cause("The client ID or the client secret is wrong, or was cut off when it was copied.", .likely, id: "wrong_secret"),
                Cause(
                    "The tenant URL is that of another HaloPSA than the one the application was made in.", .likely, id: "other_installation"
                ),
                Cause("The application is not active, or waits for agent approval.", .possible, id: "not_approved"),
                Cause("Its authentication method is not “Client ID and Secret (Services)”.", .possible),
                Cause("The client ID changed when the application was last saved.", .possible),
            ],
            steps: [
                "Compare the tenant URL with the address at which you log in to HaloPSA.",
                "\(viewApplications); copy the client ID again.",
                "Check there that it is active, approved, and uses “Client ID and Secret (Services)”.",
                "If the secret was lost, generate a new one there and paste it; HaloPSA shows it once.", testAgain,
            ],
            fields: [.clientID, .clientSecret, .tenantURL], actor: .you, guide: guide("400-or-401-when-a-token-is-requested")),
        .authEndpointNotFound: GuidanceTemplate(
            title: "There is no HaloPSA sign-in at this address",
            detail: "{host} has no /auth/token, where every HaloPSA issues its tokens.",
            causes: [
                Cause("The tenant URL is not the one you log in at.", .likely, id: "wrong_address"),
                Cause("The address belongs to a portal, a website or a proxy in front of HaloPSA.", .possible, id: "not_halo"),
            ],
            steps: [
                "Log in to HaloPSA in the browser and copy the host from the address bar, such as https://acme.halopsa.com.",
                "Paste it as tenant URL: no /api, no /auth, no slash at the end.", testAgain,
            ],
            fields: [.tenantURL], actor: .you, guide: guide("404-on-authtoken")),
        .authApplicationNotApproved: GuidanceTemplate(
            title: "The HaloPSA application may not sign in yet",
            detail: "HaloPSA at {host} knows the application but does not issue a token to it.",
            causes: [
                Cause("The application is not active.", .likely),
                Cause("“Agent approval required” is set in HaloPSA and nobody has approved the application.", .likely),
                Cause("Its authentication method is not “Client ID and Secret (Services)”.", .possible),
            ],
            steps: [
                "\(viewApplications); tick Active.", "Ask a HaloPSA administrator to approve it.",
                "Check that its authentication method is “Client ID and Secret (Services)”.", testAgain,
            ],
            actor: .psaAdministrator, guide: guide("1-create-the-application")),
        .authWrongGrant: GuidanceTemplate(
            title: "The application uses another authentication method",
            detail: "HaloPSA at {host} does not let this application sign in with a client ID and secret.",
            causes: [Cause("The authentication method is not “Client ID and Secret (Services)”.", .likely)],
            steps: [
                "\(viewApplications); set its authentication method to “Client ID and Secret (Services)”.",
                "Save, and copy the client ID again.", testAgain,
            ],
            fields: [.clientID], actor: .psaAdministrator, guide: guide("1-create-the-application")),
        .authScopeRejected: GuidanceTemplate(
            title: "HaloPSA does not know the requested scope",
            detail: "HaloPSA at {host} refused the scope “{scope}”.",
            causes: [
                Cause("The scope is misspelt; there is no read:users or read:agents, for instance.", .likely),
                Cause("This version of HaloPSA does not have it.", .possible),
            ],
            steps: [
                "Leave the scope empty to ask for all that the application has.",
                "Or list scopes from the Permissions tab of the application, separated by blanks.", testAgain,
            ],
            fields: [.scope], actor: .you, guide: guide("2-grant-permissions")),
        .authTenantUnknown: GuidanceTemplate(
            title: "HaloPSA does not know this tenant",
            detail: "{host} failed when a token was requested for the tenant that is set.",
            causes: [
                Cause("The tenant name is wrong; HaloPSA is known to answer that with a server error.", .likely, id: "wrong_tenant"),
                Cause("HaloPSA has a fault of its own.", .possible, id: "vendor_fault"),
            ],
            steps: [
                "Empty the tenant; on an address of your own such as acme.halopsa.com it is not needed.",
                "Otherwise copy it from Config → Integrations → HaloPSA API.", testAgain,
            ],
            fields: [.tenant], actor: .you, guide: guide("6-find-the-tenant-name")),
        .authTokenRejected: GuidanceTemplate(
            title: "HaloPSA refused its own access token",
            detail: "HaloPSA at {host} issued a token and then refused it for {object}, twice.",
            causes: [
                Cause("The application was deactivated, or its agent disabled, meanwhile.", .possible),
                Cause("The tenant URL leads to another installation than the token's.", .possible),
            ],
            steps: ["\(viewApplications); check that it is active.", "Check that its login agent is enabled.", testAgain],
            fields: [.tenantURL], actor: .psaAdministrator, guide: guide("3-choose-the-login-agent")),
    ]
}
