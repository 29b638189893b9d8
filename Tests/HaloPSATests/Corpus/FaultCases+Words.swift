import HaloSimulator
import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    private static let secret = HaloSimulator.Configuration.demoClientSecret

    /// HaloPSA's answer to every read, behind a good token.
    private static func read(_ name: String, _ body: String, status: String, _ expected: ExpectedDiagnosis) -> FaultCase {
        FaultCase(name: name, peer: .signingIn { _ in FaultPeer.json(body, status: status) }, expected: expected)
    }

    /// Its answer to a token request, where the address is a HaloPSA's.
    private static func token(
        _ name: String, _ body: String, status: String, settings: [SettingKey: String] = [:], _ expected: ExpectedDiagnosis
    ) -> FaultCase {
        FaultCase(
            name: name,
            peer: .http { request, _ in
                request.hasPrefix("GET /api/authinfo")
                    ? FaultPeer.json(#"{"auth_url":"","tenant_id":""}"#) : FaultPeer.json(body, status: status)
            }, settings: settings, expected: expected)
    }

    private static func create(_ name: String, _ body: String, status: String, _ expected: ExpectedDiagnosis) -> FaultCase {
        FaultCase(
            name: name,
            peer: .signingIn { request in
                request.hasPrefix("POST /api/Tickets") ? FaultPeer.json(body, status: status) : FaultPeer.json(#"{"id":1,"fields":[]}"#)
            },
            operation: .createTicket(type: nil), expected: expected)
    }

    /// Answers whose words name the reason.
    static let explained: [FaultCase] = [
        read(
            "an IP address that is not allowed",
            #""Access denied. Your IP address 203.0.113.7 is not in the list of allowed IP addresses for this agent.""#,
            status: "403 Forbidden",
            .elsewhere(.permissionRoleDenied, "HaloPSA admits only certain IP addresses", "Ask a HaloPSA administrator to add the IP")),
        read(
            "an agent that was deactivated",
            #"{"error":"unauthorized","error_description":"The agent associated with this application has been deactivated."}"#,
            status: "401 Unauthorized",
            .elsewhere(.permissionRoleDenied, "The agent the application logs in as is disabled", "Enable that agent again")),
        read(
            "an agent without a licence", #""You do not have a valid licence to access this area""#, status: "403 Forbidden",
            .elsewhere(.vendorLicense, "The licence of this HaloPSA has expired", "Have the licence renewed")),
        read(
            "a reason of HaloPSA's own", #""Please complete the set-up wizard before you use the API""#, status: "403 Forbidden",
            .elsewhere(.permissionRoleDenied, "HaloPSA names the reason itself: Please complete", "“Please complete the set-up wizard")),
        read(
            "a status in words names no reason", #"{"message":"Access is denied."}"#, status: "403 Forbidden",
            .elsewhere(.permissionRoleDenied, "The application's login type is not Agent", "In HaloPSA open Config")),
        read(
            "success with an expired licence", #"{"Message":"Your licence has expired. Please contact Halo."}"#, status: "200 OK",
            .elsewhere(.vendorLicense, "The licence of this HaloPSA has expired", "Have the licence renewed")),
        read(
            "success with a right that is missing", #""You do not have permission to view tickets""#, status: "200 OK",
            .elsewhere(.permissionRoleDenied, "The role of the agent", "Give that agent's role access")),
        read(
            "success with an error", #"{"error":"The reporting database is being rebuilt"}"#, status: "200 OK",
            ExpectedDiagnosis(
                code: .vendorUnexpectedResponse, cause: "HaloPSA answered with an error in place of", step: "“The reporting database",
                detail: "HaloPSA said: “The reporting database is being rebuilt”")),
        read(
            "a database of another version", #""The database version does not match the application version. Please run the upgrade.""#,
            status: "500 Internal Server Error",
            .elsewhere(.vendorUnavailable, "HaloPSA names the reason itself: The database version", "Send this to whoever runs")),
        read(
            "a subscription that is not paid", #"{"message":"Subscription payment overdue"}"#, status: "402 Payment Required",
            .elsewhere(.vendorLicense, "The licence of this HaloPSA has expired", "Have the licence renewed")),
        read(
            "a database that can't answer a list",
            #""A database error occurred (8623) - The query processor ran out of internal resources.""#, status: "400 Bad Request",
            .elsewhere(.requestRejected, "HaloPSA has a fault of its own", "Send the details below")),
        read(
            "a database without a column that the program knows",
            #"{"ClassName":"System.Exception","Message":"A database error occurred (207) - Invalid column name 'fsomething'."}"#,
            status: "500 Internal Server Error",
            .elsewhere(.vendorUnavailable, "HaloPSA names the reason itself: A database error", "Send this to whoever runs")),
        read(
            "an agent without a team", #""You do not have access to any Teams""#, status: "403 Forbidden",
            .elsewhere(.permissionRoleDenied, "The agent is restricted to some customers, teams", "Check under Config")),
        read(
            "an application that logs in as an end user", #""Access is denied for end users""#, status: "403 Forbidden",
            .elsewhere(.permissionRoleDenied, "The application's login type is not Agent", "In HaloPSA open Config")),
        read(
            "an upgrade that is announced in JSON", #"{"message":"The system is currently being upgraded. Please try again later."}"#,
            status: "503 Service Unavailable",
            .elsewhere(.vendorMaintenance, "It is being upgraded", "Wait until the maintenance is over")),
        create(
            "a new ticket without a field that only a map names, in German",
            #"{"Message":"The request is invalid.","ModelState":{"[0].category_1":["Das Feld 'Kategorie' ist ein Pflichtfeld."]}}"#,
            status: "400 Bad Request",
            .elsewhere(.ticketFieldRequired, "This ticket type demands “category_1”", "Give “category_1” a value")),
        create(
            "a new ticket with a value that has another form",
            #"{"title":"One or more validation errors occurred.","status":400,"errors":{"$[0].site_id":["The JSON value could not be "#
                + #"converted to System.Int32. Path: $[0].site_id | LineNumber: 0 | BytePositionInLine: 30."]}}"#,
            status: "400 Bad Request",
            .elsewhere(.ticketFieldInvalid, "The value does not have the form that “site_id” takes", "Correct “site_id”")),
        create(
            "two refusals of a new ticket without full stops",
            #"{"errors":[{"Message":"Please select a Category"},{"Message":"Please select an Impact"}]}"#, status: "400 Bad Request",
            ExpectedDiagnosis(
                code: .ticketFieldRequired, cause: "This ticket type demands “Category”,", step: "Give “Category” a value",
                detail: "Please select a Category. Please select an Impact")),
        create(
            "a new ticket whose body did not arrive", #"{"":["A non-empty request body is required."]}"#, status: "400 Bad Request",
            .elsewhere(.requestRejected, "HaloPSA names the reason itself: A non-empty", "“A non-empty request body")),
        read(
            "a list that is cut off", #"{"record_count":50,"tickets":[{"id":1001,"summary":"Pri"#, status: "200 OK",
            ExpectedDiagnosis(
                code: .vendorUnexpectedResponse, cause: "The answer was cut off or changed", confidence: .likely,
                step: "Try again in a minute", check: (.read(.readTickets), .failed))),
        FaultCase(
            name: "lists that the web server does not know",
            peer: .signingIn { _ in FaultPeer.html("404 Not Found") },
            expected: .elsewhere(.requestNotFound, "This HaloPSA has no /api/", "Compare the Resource Server")),
        create(
            "success with a refusal of a new ticket", #""Ticket could not be created: mandatory field Impact missing""#, status: "200 OK",
            ExpectedDiagnosis(
                code: .writeOutcomeUnknown, cause: "HaloPSA answered with an error, but as if it had succeeded", step: "Look in HaloPSA",
                detail: "mandatory field Impact missing")),
        create(
            "a new ticket of a type that needs an approval", #""This ticket type requires an approval process to be started""#,
            status: "400 Bad Request",
            .elsewhere(.requestRejected, "HaloPSA wants something else done first", "Do in HaloPSA what its answer asks for")),
        create(
            "a new ticket refused with a sentence of no known form", #""Contracts are being recalculated, so no""#,
            status: "400 Bad Request",
            .elsewhere(.requestRejected, "HaloPSA names the reason itself: Contracts are", "“Contracts are being")),
        create(
            "a new ticket where there is no API", "", status: "404 Not Found",
            .elsewhere(.requestNotFound, "This HaloPSA has no /api/Tickets", "Compare the Resource Server")),
        token(
            "a token refused with success",
            #"{"error":"invalid_client","error_description":"The specified client credentials are invalid."}"#,
            status: "200 OK",
            ExpectedDiagnosis(
                code: .authInvalidClient, cause: "The client secret is wrong", confidence: .certain, step: "Copy the client secret again",
                field: "clientSecret")),
        token(
            "a token refused because of the agent", #"{"error":"invalid_grant","error_description":"The user account is disabled."}"#,
            status: "400 Bad Request",
            .elsewhere(.authTokenRefused, "The agent the application logs in as is disabled", "Enable that agent again")),
        token(
            "ID and secret in each other's place, and an unknown ID",
            #"{"error":"invalid_client","error_description":"The specified 'client_id' is invalid."}"#, status: "401 Unauthorized",
            settings: ["clientID": secret, "clientSecret": HaloSimulator.Configuration.demoClientID],
            ExpectedDiagnosis(
                code: .authInvalidClient, cause: "Client ID and client secret stand in each other's place", confidence: .certain,
                step: "Enter the client secret as", field: "clientID")),
    ]

    /// Refusals without words, which say no more than where they come from.
    static let unexplained: [FaultCase] =
        ["400 Bad Request", "401 Unauthorized", "403 Forbidden"].map { status in
            token(
                "a token refused with \(status.prefix(3)) and no word", "", status: status,
                ExpectedDiagnosis(
                    code: .authTokenRefused, cause: "The client ID or the client secret is wrong", confidence: .likely,
                    step: "Copy the client ID and the client secret", field: "clientID"))
        } + [
            FaultCase(
                name: "one list that is missing",
                peer: .signingIn { request in
                    request.hasPrefix("GET /api/RecurringInvoice")
                        ? RawConnection.response("404 Not Found") : FaultPeer.json(#"[{"id":1,"name":"A"},{"id":2,"name":"B"}]"#)
                },
                expected: .elsewhere(.requestNotFound, "This version of HaloPSA, or its licence, does not have", "Look up the version")
                    .by(.read(.readRecurringInvoices), .warning)),
            FaultCase(
                name: "one list that fails",
                peer: .signingIn { request in
                    request.hasPrefix("GET /api/RecurringInvoice")
                        ? RawConnection.response("500 Internal Server Error")
                        : FaultPeer.json(#"[{"id":1,"name":"A"},{"id":2,"name":"B"}]"#)
                },
                expected: .elsewhere(.vendorUnavailable, "HaloPSA is overloaded", "Wait a few minutes")
                    .by(.read(.readRecurringInvoices), .warning)),
            FaultCase(
                name: "a default type given by its name", peer: .noServer, settings: ["ticketTypeID": "Incident"],
                expected: ExpectedDiagnosis(
                    code: .configInvalidField, cause: "Ticket Type ID takes the number", step: "Enter its number as Ticket Type ID",
                    field: "ticketTypeID", detail: "“Incident”")),
        ]

    private static func everywhere(_ name: String, _ response: String, _ expected: ExpectedDiagnosis) -> FaultCase {
        FaultCase(name: name, peer: .always(response), expected: expected)
    }

    /// Answers of what is in front of HaloPSA, or leads elsewhere.
    static let inFront: [FaultCase] = [
        everywhere(
            "a gateway that wants a key",
            RawConnection.response(
                "401 Unauthorized", "Content-Type: application/json",
                body: #"{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include it." }"#),
            .elsewhere(.proxyBlocked, "A gateway in front of HaloPSA demands a key", "Ask whoever runs Azure API Management")),
        everywhere(
            "a gateway that says next to nothing",
            RawConnection.response("403 Forbidden", "x-amzn-ErrorType: ForbiddenException", body: #"{"message":"Forbidden"}"#),
            .elsewhere(.proxyBlocked, "A gateway in front of HaloPSA demands a key", "Ask whoever runs Amazon API Gateway")),
        everywhere(
            "a gateway that does not say what it is",
            FaultPeer.json(#"{"message":"Token of the portal required"}"#, status: "401 Unauthorized"),
            .elsewhere(.proxyBlocked, "A gateway in front of HaloPSA demands a key", "Ask whoever runs a firewall or proxy")),
        everywhere(
            "Cloudflare that refuses the server's certificate",
            RawConnection.response(
                "526 Invalid SSL Certificate", "Content-Type: text/html", "CF-RAY: 8f1c-FRA",
                body: "<!DOCTYPE html><html><head><title>acme | 526: Invalid SSL certificate</title></head></html>"),
            .elsewhere(.vendorUnavailable, "Cloudflare can't use the server behind it", "Ask whoever runs the server behind Cloudflare")),
        everywhere(
            "a proxy of the own network that reaches no server",
            RawConnection.response(
                "503 Service Unavailable", "Content-Type: text/html", "X-Squid-Error: ERR_CONNECT_FAIL 111",
                body: "<html><head><title>ERROR: The requested URL could not be retrieved</title></head></html>"),
            .elsewhere(.proxyBlocked, "Squid gets no connection to", "Ask whoever runs that proxy")),
        everywhere(
            "a reverse proxy whose server does not answer",
            RawConnection.response(
                "502 Bad Gateway", "Content-Type: text/html", "Server: Microsoft-IIS/10.0",
                body: "<html><head><title>IIS 10.0 Detailed Error - 502.3 - Bad Gateway</title></head></html>"),
            ExpectedDiagnosis(
                code: .vendorUnavailable, cause: "The web server Microsoft IIS gets no usable answer", step: "Look at the vendor's status")),
        everywhere(
            "a web filter that does not say its name",
            RawConnection.response(
                "503 Service Unavailable", "Content-Type: text/html",
                body: "<html><head><title>Web Page Blocked</title></head><body><p>Access to the web page you were trying to visit has "
                    + "been blocked in accordance with company policy.</p></body></html>"),
            .elsewhere(.proxyBlocked, "A web filter or proxy of your own network", "Ask whoever runs Palo Alto Networks")),
        everywhere(
            "a tunnel of Cloudflare's that ends nowhere",
            RawConnection.response("530 Origin Error", "Content-Type: text/plain", "CF-RAY: 8f1c-FRA", body: "error code: 1033"),
            .elsewhere(.vendorUnavailable, "Cloudflare can't use the server behind it", "Ask whoever runs the server behind Cloudflare")),
        everywhere(
            "an application that IIS can't start",
            RawConnection.response(
                "500 Internal Server Error", "Content-Type: text/html", "Server: Microsoft-IIS/10.0",
                body: "<html><head><title>HTTP Error 500.30 - ASP.NET Core app failed to start</title></head></html>"),
            .elsewhere(.vendorUnavailable, "HaloPSA is switched off or not running", "Open 127.0.0.1")),
        everywhere(
            "a guest network", RawConnection.response("302 Found", "Location: http://captive.example.net/login?url=x"),
            .elsewhere(.proxyLoginRedirect, "The network of this machine leads requests to a page of its own", "Open any website")),
        everywhere(
            "a web filter by its private address", RawConnection.response("302 Found", "Location: https://10.1.1.1:8002/index.php"),
            .elsewhere(.proxyLoginRedirect, "The network of this machine leads requests to a page of its own", "Open any website")),
        FaultCase(
            name: "a server that wants https",
            peer: .http { request, _ in
                let path = request.split(separator: " ").dropFirst().first ?? "/"
                return RawConnection.response("301 Moved Permanently", "Location: https://127.0.0.1\(path)")
            },
            expected: .address(.proxyLoginRedirect, "The server wants https", "Enter the address with https://")),
        FaultCase(
            name: "a server that redirects to itself",
            peer: .http { request, _ in
                RawConnection.response("307 Temporary Redirect", "Location: \(request.split(separator: " ").dropFirst().first ?? "/")")
            },
            expected: .elsewhere(.proxyLoginRedirect, "The server redirects to its own address", "Have the reverse proxy")),
    ]
}
