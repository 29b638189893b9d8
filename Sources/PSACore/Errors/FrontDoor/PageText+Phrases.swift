/// Whole phrases by which pages tell what they are about; never one word that could stand anywhere.
extension PageText {
    static let captive = [
        "<wispaccessgatewayparam", "captive portal", "captiveportal", "network authentication required", "guest wi-fi", "guest wifi",
        "hotspot login", "wlan-gastzugang", "accept the terms to use this network",
    ]

    static let unlicensed = [
        "licence has expired", "license has expired", "licence expired", "license expired", "licence is expired", "license is expired",
        "trial has expired", "trial has ended", "trial expired", "trial period has expired", "trial period has ended",
        "subscription has expired",
        "subscription has ended", "lizenz ist abgelaufen", "no valid licence", "no valid license",
    ]

    static let stopped = [
        "web app is stopped", "web app - unavailable", "site is currently unavailable", "app is stopped", "application is stopped",
        "site has been suspended", "account has been suspended", "account suspended", "service unavailable: the application pool",
    ]

    static let maintained = [
        "scheduled maintenance", "under maintenance", "down for maintenance", "undergoing maintenance", "maintenance mode",
        "maintenance window", "planned maintenance", "maintenance in progress", "being upgraded", "upgrade in progress", "being updated",
        "update in progress", "performing maintenance", "site maintenance", "routine maintenance", "essential maintenance", "we'll be back",
        "we will be back", "be back soon", "be back shortly", "wartungsarbeiten", "wartungsmodus", "wird gewartet",
        "wird gerade aktualisiert",
    ]

    static let challenges = [
        "just a moment...", "checking your browser", "enable javascript and cookies to continue", "verify you are human",
        "verifying you are human", "are you a robot", "are you a human", "pardon our interruption", "attention required! | cloudflare",
        "please complete the security check", "ddos-guard", "_incapsula_resource", "px-captcha", "h-captcha", "g-recaptcha",
    ]

    static let refusals = [
        "the request is blocked", "requested url was rejected", "request rejected", "you have been blocked", "has been blocked",
        "request blocked", "request was blocked", "page blocked", "web page blocked", "access denied",
        "access to this page has been denied",
        "access to this page is denied", "access to this site is blocked", "access to this website is blocked", "website firewall",
        "web application firewall", "mod_security", "not acceptable!", "this site is blocked", "this page is blocked", "site blocked",
        "url blocked", "blocked by your", "blocked by the", "blocked due to", "your ip address is not allowed", "ip address rejected",
        "ip address has been", "zugriff verweigert", "zugriff gesperrt", "seite wurde gesperrt", "seite wurde blockiert",
    ]

    static let plainRefusals = [
        "requested url was rejected", "the request is blocked", "request blocked", "request was blocked", "request rejected",
        "blocked by the firewall", "blocked by your", "blocked by network policy", "host not in allowlist", "access denied by",
    ]

    static let parked = [
        "domain is for sale", "domain may be for sale", "buy this domain", "domain is parked", "domain parking", "parked domain",
        "parked free", "this domain has expired", "domain has expired", "domain expired", "domain name is available",
        "future home of something", "website coming soon", "domain steht zum verkauf", "diese domain ist geparkt",
    ]

    static let signIns = [
        "sign in", "sign-in", "signin", "log in to", "login", "log on", "single sign-on", "single sign on", "identity provider",
        "anmelden", "anmeldung", "working...", "authentication required",
    ]
}
