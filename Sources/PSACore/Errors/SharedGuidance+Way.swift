extension SharedErrorCode {
    var wayTemplate: GuidanceTemplate {
        switch self {
        case .tlsSelfSigned:
            GuidanceTemplate(
                title: "The server's certificate is self-signed",
                detail: "The certificate of {host} vouches for itself; no authority has signed it.",
                causes: [
                    Cause("The server still uses the certificate it made at its installation.", .likely, id: "self_signed"),
                    Cause("A device on the way opens encrypted connections with its own certificate.", .possible, id: "inspected"),
                ],
                steps: [
                    "Ask the administrator of the server to install a certificate of an authority.",
                    "If that is not possible, add this certificate to the trust store of the machine this runs on.", Self.testAgain,
                ], actor: .psaAdministrator)
        case .tlsNotYetValid:
            GuidanceTemplate(
                title: "The server's certificate is not valid yet",
                detail: "By the clock of this machine, the certificate of {host} becomes valid later.",
                causes: [
                    Cause("The clock of the machine this runs on is behind.", .likely, id: "clock"),
                    Cause("The certificate was issued for a later day.", .possible, id: "issued_early"),
                ],
                steps: [
                    "Check date, time and time zone of this machine.", "Ask the administrator of the server from when on it is valid.",
                    Self.testAgain,
                ], actor: .you)
        case .tlsNotSpoken:
            GuidanceTemplate(
                title: "The server does not speak TLS there",
                detail: "{host} answers on that port, but not with an encrypted connection.",
                causes: [
                    Cause("The port in the address is one for plain http.", .likely, id: "wrong_port"),
                    Cause("A proxy on the way answers in place of the server.", .possible, id: "access_proxy"),
                ],
                steps: [
                    "Remove the port from the address, or put the one for https there; it is usually 443.",
                    "Ask whoever runs your proxy whether it lets requests to {host} pass.", Self.testAgain,
                ], actor: .you)
        case .proxyAuthenticationRequired:
            GuidanceTemplate(
                title: "A proxy on the way demands a sign-in",
                detail: "The request for {object} did not reach {host}: a proxy wants a user name and password first.",
                causes: [
                    Cause("The proxy of your network lets only known users out.", .likely, id: "network_proxy")
                ],
                steps: [
                    "Ask whoever runs the proxy for an exception for {host}, or for a user for this machine.",
                    "Put that user into the variable HTTPS_PROXY of this machine, as http://user:password@proxy:port.", Self.testAgain,
                ], actor: .you)
        default:
            GuidanceTemplate(
                title: "Something on the way blocked the request",
                detail: "A firewall or proxy in front of {host} refused the request for {object}.",
                causes: [
                    Cause("A firewall admits only listed addresses, and this machine's is not on its list.", .likely, id: "not_listed"),
                    Cause("A protection against bots took this program for one.", .possible, id: "bot_protection"),
                ],
                steps: [
                    "Ask whoever runs the firewall in front of {host} to allow the outgoing address of this machine.",
                    "Ask for an exception from the bot protection for the paths of the API.", Self.testAgain,
                ], actor: .psaAdministrator)
        }
    }

    var refusalTemplate: GuidanceTemplate {
        switch self {
        case .vendorMaintenance:
            GuidanceTemplate(
                title: "The PSA is under maintenance",
                detail: "{vendor} at {host} announced maintenance when asked for {object}.",
                causes: [Cause("{vendor} is being upgraded or maintained. The settings are not to blame.", .likely, id: "maintenance")],
                steps: ["Wait until the maintenance is over; the vendor's status page names its end.", Self.testAgain], actor: .vendor,
                retry: .afterDelay(.seconds(600)))
        case .vendorLicense:
            GuidanceTemplate(
                title: "The PSA's licence does not cover this",
                detail: "{vendor} at {host} refused {object} because of its licence: {message}",
                causes: [
                    Cause("The licence of this {vendor} has expired, or does not include what was asked for.", .likely, id: "licence")
                ],
                steps: ["Have the licence renewed or extended by whoever orders {vendor}.", Self.testAgain], actor: .psaAdministrator)
        default:
            GuidanceTemplate(
                title: "No access token was issued",
                detail: "{vendor} at {host} refused the request for a token: {message}",
                causes: [
                    Cause("{vendor} has a reason of its own, which it names in its answer.", .likely, id: "vendor_reason"),
                    Cause(
                        "A proxy changed the request on the way, so that a part of it did not arrive.", .possible, id: "changed_on_the_way"),
                ],
                steps: [
                    "Read what {vendor} said, and have it put right there.",
                    "Ask whoever runs a proxy on the way whether it changes requests.", Self.testAgain,
                ], actor: .psaAdministrator)
        }
    }

    var ticketTemplate: GuidanceTemplate {
        switch self {
        case .requestCompanyUnusable:
            GuidanceTemplate(
                title: "The company can't be used",
                detail: "{vendor} at {host} did not take the company of {object}: {message}",
                causes: [
                    Cause("The company is inactive, or was deleted.", .likely, id: "inactive"),
                    Cause("The id is not that of a company.", .possible, id: "wrong_id"),
                ],
                steps: ["Look the company up in {vendor}, and reactivate it there or choose another company.", "Try again."], actor: .you)
        case .ticketFieldRequired:
            GuidanceTemplate(
                title: "The ticket lacks a mandatory field",
                detail: "{vendor} at {host} demands {field} for {object}: {message}",
                causes: [Cause("{field} is mandatory for this kind of ticket and was not sent.", .likely, id: "mandatory")],
                steps: ["Send {field}, or make that field optional for this kind of ticket in {vendor}.", "Try again."], actor: .you)
        case .ticketFieldInvalid:
            GuidanceTemplate(
                title: "A field of the ticket has an unknown value",
                detail: "{vendor} at {host} did not take {field} of {object}: {message}",
                causes: [
                    Cause("The value of {field} is not one of those {vendor} has, or was deleted there.", .likely, id: "no_such_value")
                ],
                steps: ["List the values {vendor} has, and choose {field} anew.", "Try again."], actor: .you)
        case .ticketStatusNotAllowed:
            GuidanceTemplate(
                title: "The status can't be set now",
                detail: "{vendor} at {host} did not set the status of {object}: {message}",
                causes: [Cause("The ticket's workflow does not allow that status in its present step.", .likely, id: "workflow")],
                steps: ["Open the ticket in {vendor}, and look which statuses its workflow offers.", "Try again with one of them."],
                actor: .you)
        case .ticketNotWritable:
            GuidanceTemplate(
                title: "The ticket can't be changed",
                detail: "{vendor} at {host} refused {object}: {message}",
                causes: [
                    Cause("The ticket is closed, locked by somebody, merged into another, or deleted.", .likely, id: "state"),
                    Cause("The user the application acts as may not change it.", .possible, id: "permission"),
                ],
                steps: ["Open the ticket in {vendor}, and look what state it is in.", "Try again, or use the ticket it was merged into."],
                actor: .you)
        default:
            GuidanceTemplate(
                title: "The action demands more than was sent",
                detail: "{vendor} at {host} refused {object}: {message}",
                causes: [Cause("The action used for it demands something that was not sent.", .likely, id: "action_demands")],
                steps: ["Choose an action that demands nothing more, or change this action in {vendor}.", "Try again."],
                actor: .psaAdministrator)
        }
    }
}
