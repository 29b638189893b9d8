/// The first part of a web page or plain text, for the few questions that tell whose it is.
struct PageText {
    /// Whether it is a web page.
    let isHTML: Bool
    /// What is in its title, on one line.
    let title: String?
    /// Whether it asks for a password.
    let hasPasswordField: Bool
    private let isPlain: Bool
    /// The page as it came.
    private let source: String
    /// The page in lower case, markup included.
    private let text: String
    /// Title, headings and the first words, in lower case.
    private let head: String

    /// As much of a page as is looked at: the words that tell are in its head and its first lines.
    private static let limit = 32_768

    init(_ body: [UInt8]) {
        let shape = BodyShape(of: body)
        isHTML = shape == .html
        isPlain = shape == .other
        let start = String(decoding: body.prefix(Self.limit), as: UTF8.self)
        source = isHTML ? start : ""
        text = isHTML || isPlain ? Self.oneLine(start.lowercased()) : ""
        title = isHTML ? Self.title(of: start) : nil
        hasPasswordField =
            isHTML && (text.contains("type=\"password\"") || text.contains("type='password'") || text.contains("type=password"))
        head = isHTML ? Self.headings(of: text, title) : String(text.prefix(400))
    }

    /// Whether it can't be what an API of JSON answers.
    var isForeign: Bool { isHTML || isPlain }

    /// The status and its part in the title of an IIS error page: `404.13` of “… Detailed Error - 404.13 - Not Found”.
    var iisError: String? {
        guard isHTML else { return nil }
        for mark in ["detailed error - ", "http error ", ""] {
            let rest = mark.isEmpty ? head[...] : head.firstRange(of: mark).map { head[$0.upperBound...] } ?? ""
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let parts = number.split(separator: ".")
            if parts.count == 2, parts[0].count == 3, rest.dropFirst(number.count).hasPrefix(" - ") { return String(number) }
        }
        return nil
    }

    /// Its first heading, or its title.
    var heading: String? {
        for name in ["h1", "h2", "title"] {
            guard let inner = Self.element(name, in: source) else { continue }
            let words = Self.withoutTags(Self.decodingEntities(String(inner.prefix(600))))
            if !words.isEmpty { return words }
        }
        return nil
    }

    /// Whether one of some phrases is anywhere in it.
    func says(_ phrases: [String]) -> Bool { phrases.contains { text.contains($0) } }

    /// Whether it is one of some phrases and nothing else.
    func isOnly(_ phrases: [String]) -> Bool { phrases.contains(text.hasSuffix(".") ? String(text.dropLast()) : text) }

    /// Whether one of some phrases is where a page says what it is about: in its title, its headings and its first words.
    func announces(_ phrases: [String]) -> Bool { phrases.contains { head.contains($0) } }

    /// The number of a Cloudflare error in plain text: `error code: 1020`.
    var cloudflareCode: Int? {
        guard isPlain, text.utf8.count < 200, let mark = text.firstRange(of: "error code: ") else { return nil }
        return Int(text[mark.upperBound...].prefix { $0.isNumber }).flatMap { (1000...1999).contains($0) ? $0 : nil }
    }

    /// The number that the page tells people to quote.
    var reference: String? {
        for mark in [
            "your support id is:", "incident id:", "ray id:", "reference #", "block id:", "event id:", "request id:", "reference id:",
            "attack id:",
        ] {
            guard let found = text.firstRange(of: mark) else { continue }
            let rest = text[found.upperBound...].prefix(200)
            // Between the words and the number there may be markup and spaces.
            let number = Self.withoutTags(String(rest)).drop { $0 == " " || $0 == ":" }.prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0))
            }
            if number.count >= 4, number.contains(where: \.isNumber) { return String(number.prefix(80)) }
        }
        return nil
    }

    private static func title(of page: String) -> String? {
        guard let inner = element("title", in: page) else { return nil }
        let decoded = decodingEntities(String(inner.prefix(2_000)))
        let visible = String(String.UnicodeScalarView(decoded.unicodeScalars.filter { !$0.isInvisible }))
        let words = visible.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.isEmpty ? nil : words
    }

    /// What is between the first two tags of a name.
    private static func element(_ name: String, in page: String) -> Substring? {
        let lowered = page.lowercased()
        // Lower case can change lengths outside ASCII; then the places would not fit.
        let source = lowered.utf8.count == page.utf8.count ? page : lowered
        guard let opening = lowered.firstRange(of: "<" + name), let start = lowered[opening.upperBound...].firstIndex(of: ">") else {
            return nil
        }
        // A title that does not end within what is looked at is reported as far as it goes.
        let end = lowered[start...].firstRange(of: "</" + name)?.lowerBound ?? lowered.endIndex
        let utf8 = source.utf8
        let from = utf8.index(utf8.startIndex, offsetBy: lowered.utf8.distance(from: lowered.startIndex, to: start) + 1)
        let to = utf8.index(utf8.startIndex, offsetBy: lowered.utf8.distance(from: lowered.startIndex, to: end))
        return from <= to ? source[from..<to] : nil
    }

    private static func headings(of page: String, _ title: String?) -> String {
        var parts = [title?.lowercased() ?? ""]
        for name in ["h1", "h2"] { if let heading = element(name, in: page) { parts.append(withoutTags(String(heading.prefix(600)))) } }
        let body = element("body", in: page) ?? ""
        parts.append(String(withoutTags(String(body.prefix(4_000))).prefix(300)))
        return parts.joined(separator: "\n")
    }

    private static func withoutTags(_ text: String) -> String {
        var result = ""
        var isInside = false
        for character in text {
            if character == "<" {
                isInside = true
            } else if character == ">" {
                isInside = false; result.append(" ")
            } else if !isInside {
                result.append(character)
            }
        }
        return oneLine(result)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func decodingEntities(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            let after = rest[rest.index(after: start)...]
            guard let end = after.prefix(10).firstIndex(of: ";"), let character = character(named: after[..<end]) else {
                result += "&"
                rest = after
                continue
            }
            result += character
            rest = after[after.index(after: end)...]
        }
        return result + rest
    }

    private static func character(named name: Substring) -> String? {
        let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "hellip": "…", "ndash": "–", "mdash": "—"]
        if let character = known[String(name)] { return character }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let number = digits.hasPrefix("x") || digits.hasPrefix("X") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map(String.init)
    }
}

extension Unicode.Scalar {
    /// Control characters, and those that turn the direction of a text or leave no ink.
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control: !properties.isWhitespace
        case .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}

/// Whole phrases by which pages tell what they are about; never one word that could stand anywhere.
extension PageText {
    static let captive = [
        "<wispaccessgatewayparam", "captive portal", "captiveportal", "network authentication required", "guest wi-fi", "guest wifi",
        "hotspot login", "wlan-gastzugang", "accept the terms to use this network",
    ]

    /// What Go, nginx and Apache say at an encrypted port to whoever speaks plain http.
    static let wantsEncryption = [
        "client sent an http request to an https server", "plain http request was sent to https port",
        "speaking plain http to an ssl-enabled server port",
    ]

    /// What nginx and IIS say where they demand a client certificate.
    static let wantsCertificate = [
        "no required ssl certificate was sent", "the ssl certificate error", "ssl client certificate that the web server recognizes",
        "client certificate required",
    ]

    /// What nginx, IIS and Apache say with status 400 of a request whose header they have no room for.
    static let headerTooLarge = [
        "request header or cookie too large", "request too long", "size of the request headers is too long",
        "size of a request header field exceeds server limit",
    ]

    /// What a gateway says in plain text that reaches no server.
    static let plainFailures = ["upstream connect error or disconnect", "no healthy upstream"]

    static let tooMany = ["too many requests", "429 too many requests"]

    static let unlicensed = [
        "licence has expired", "license has expired", "licence expired", "license expired", "licence is expired", "license is expired",
        "trial has expired", "trial has ended", "trial expired", "trial period has expired", "trial period has ended",
        "subscription has expired",
        "subscription has ended", "lizenz ist abgelaufen", "no valid licence", "no valid license",
    ]

    static let stopped = [
        "web app is stopped", "web app - unavailable", "site is currently unavailable", "app is stopped", "application is stopped",
        "site has been suspended", "account has been suspended", "account suspended", "service unavailable: the application pool",
        // IIS: the application pool is stopped, or the application ends as soon as it is started.
        "http error 503. the service is unavailable", "app failed to start", "app failed to load", "http error 502.5",
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

    /// What Cloudflare says where a rule refuses a request; the title of the page is that of its challenges.
    static let ruledOut = ["sorry, you have been blocked"]

    /// What a page says that blames what was sent.
    static let blamesContent = ["a certain word or phrase", "a sql command", "malformed data"]

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
        "blocked request. this host",
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
