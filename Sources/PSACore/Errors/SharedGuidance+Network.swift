extension SharedErrorCode {
    var networkTemplate: GuidanceTemplate {
        switch self {
        case .networkDNSNotFound:
            GuidanceTemplate(
                title: "The host name does not exist",
                detail: "No address was found for {host}.",
                causes: [
                    Cause("The host name is misspelt.", .likely, id: "wrong_address"),
                    Cause("Name resolution does not work on the machine this runs on.", .possible),
                ],
                steps: ["Compare {host} with the address at which you log in to {vendor}.", "Correct the address.", Self.testAgain],
                actor: .you)
        case .networkRefused:
            GuidanceTemplate(
                title: "The server refused the connection",
                detail: "{host} was found, but nothing accepts connections there.",
                causes: [
                    Cause("The port in the address is wrong.", .likely, id: "wrong_port"),
                    Cause("A firewall rejects the connection.", .possible),
                    Cause("{vendor} is not running at the moment.", .possible),
                ],
                steps: [
                    "Remove a port from the address unless you log in with one.", "Open {host} in a browser on the machine this runs on.",
                    Self.testAgain,
                ], actor: .you)
        case .networkTimeout:
            GuidanceTemplate(
                title: "The server did not answer in time",
                detail: "{host} did not answer when asked for {object}.",
                causes: [
                    Cause("{vendor} is slow or under maintenance.", .possible),
                    Cause("{vendor} admits only listed addresses, and this machine's is not on the list.", .possible),
                    Cause("A firewall on the way drops the packets.", .possible),
                ],
                steps: [
                    "Open {host} in a browser on the machine this runs on.",
                    "Ask an administrator of {vendor} whether an IP allow-list is in force.", Self.testAgain,
                ], actor: .you, retry: .afterDelay(.seconds(60)))
        default:
            GuidanceTemplate(
                title: "The connection broke off",
                detail: "The connection to {host} ended before the answer about {object} was complete.",
                causes: [
                    Cause("The network or a proxy on the way dropped the connection.", .likely),
                    Cause("{vendor} was restarted.", .possible),
                ],
                steps: ["Wait a minute.", Self.testAgain], actor: .vendor, retry: .afterDelay(.seconds(30)))
        }
    }

    var pathTemplate: GuidanceTemplate {
        switch self {
        case .tlsUntrusted:
            GuidanceTemplate(
                title: "The server's certificate is not trusted",
                detail: "The certificate of {host} was not issued by an authority this machine trusts, or its chain is incomplete.",
                causes: [
                    Cause("The server sends its own certificate without the intermediate ones.", .possible),
                    Cause("The certificate is self-signed or from an authority of your company.", .possible),
                    Cause("A device on the way opens encrypted connections with its own certificate.", .possible),
                ],
                steps: [
                    "Check that the address is the one at which you log in.",
                    "Ask the administrator of the server to install the full certificate chain.",
                    "If your company has its own authority, add it to the trust store of the machine this runs on.", Self.testAgain,
                ], actor: .psaAdministrator)
        case .tlsExpired:
            GuidanceTemplate(
                title: "The server's certificate has expired",
                detail: "The certificate of {host} is not valid today.",
                causes: [
                    Cause("The certificate was not renewed.", .likely),
                    Cause("The clock of the machine this runs on is wrong.", .possible),
                ],
                steps: [
                    "Check the date of this machine.", "Ask the administrator of the server to renew the certificate.", Self.testAgain,
                ],
                actor: .psaAdministrator)
        case .tlsNameMismatch:
            GuidanceTemplate(
                title: "The certificate belongs to another host",
                detail: "The server that answers for {host} shows a certificate for another name.",
                causes: [
                    Cause("The address is an alias or an IP address instead of the name you log in at.", .likely),
                    Cause("The name leads to the wrong server.", .possible),
                ],
                steps: ["Use exactly the host name from the browser's address bar after you logged in.", Self.testAgain], actor: .you)
        case .proxyHTMLInsteadOfJSON:
            GuidanceTemplate(
                title: "A web page came instead of data",
                detail: "{host} answered the request for {object} with an HTML page.",
                causes: [
                    Cause("The address is not that of {vendor}, or leads to its website.", .likely, id: "wrong_address"),
                    Cause("A proxy or a web application firewall answered in its place.", .possible, id: "access_proxy"),
                ],
                steps: [
                    "Compare the address with the one at which you log in to {vendor}.",
                    "Ask whoever runs your proxy whether it lets requests to {host} pass.", Self.testAgain,
                ], actor: .you)
        default:
            GuidanceTemplate(
                title: "The request was sent on to another page",
                detail: "{host} answered the request for {object} with a redirect, as sign-in pages do.",
                causes: [
                    Cause("A single sign-on page or access proxy stands in front of {vendor}.", .likely, id: "access_proxy"),
                    Cause("{vendor} has moved to another address.", .possible, id: "wrong_address"),
                ],
                steps: [
                    "Log in to {vendor} and compare the address that the browser shows then.",
                    "Ask for an exception for the API in the access proxy.", Self.testAgain,
                ], actor: .you)
        }
    }
}
