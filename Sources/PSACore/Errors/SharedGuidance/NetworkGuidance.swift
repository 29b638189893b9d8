extension GuidanceTemplate {
    static let networkDNSNotFound = GuidanceTemplate(
        title: .init("The host name does not exist", german: "Der Hostname existiert nicht"),
        detail: .init("No address was found for {host}.", german: "Zu {host} wurde keine Adresse gefunden."),
        causes: [
            CauseTemplate(
                "wrong_address", .likely, english: "The host name is misspelt.", german: "Der Hostname ist falsch geschrieben.",
                evidence: [.otherAddress: .certain, .settingShape: .likely],
                steps: [
                    .init(
                        "Compare {host} with the address at which you log in to {vendor}, and correct it.",
                        german: "{host} mit der Adresse vergleichen, unter der {vendor} im Browser erreichbar ist, und korrigieren."),
                    .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "no_resolver", .possible, english: "Name resolution does not work on the machine this runs on.",
                german: "Auf dem Rechner, auf dem dieses Programm läuft, funktioniert die Namensauflösung nicht.",
                evidence: [.history: .likely], steps: [.openHere, .testAgain], responsibleParty: .you),
        ])

    static let networkRefused = GuidanceTemplate(
        title: .init("The server refused the connection", german: "Der Server hat die Verbindung abgelehnt"),
        detail: .init(
            "{host} was found, but nothing accepts connections there.", german: "{host} wurde gefunden, nimmt aber keine Verbindung an."),
        causes: [
            CauseTemplate(
                "wrong_port", .likely, english: "The port in the address is wrong.", german: "Der Port in der Adresse ist falsch.",
                evidence: [.otherAddress: .certain, .settings: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Remove the port from the address unless you log in with one.",
                        german: "Den Port aus der Adresse entfernen, sofern er nicht auch im Browser nötig ist."), .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "not_running", .possible, english: "{vendor} is not running at the moment.", german: "{vendor} läuft gerade nicht.",
                evidence: [.history: .likely], steps: [.openHere, .testAgain], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "firewall", .possible, english: "A firewall rejects the connection.", german: "Eine Firewall weist die Verbindung ab.",
                steps: [.letThrough, .testAgain], responsibleParty: .you),
        ])

    static let networkTimeout = GuidanceTemplate(
        title: .init("The server did not answer in time", german: "Der Server hat nicht rechtzeitig geantwortet"),
        detail: .init(
            "{host} kept silent until the time was up, when asked for {object}.",
            german: "{host} hat bis zum Ablauf der Frist geschwiegen. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "slow", .possible, english: "{vendor} is slow or under maintenance.",
                german: "{vendor} ist langsam oder wird gerade gewartet.",
                evidence: [.history: .likely], steps: [.openHere, .testAgain], responsibleParty: .vendor),
            CauseTemplate(
                "not_listed", .possible, english: "{vendor} admits only addresses on an allow-list, and this machine's is not on it.",
                german: "{vendor} lässt nur Adressen einer Freigabeliste zu, und die dieses Rechners gehört nicht dazu.",
                steps: [
                    .init(
                        "Ask an administrator of {vendor} whether an IP allow-list is in force, and to put {source} on it.",
                        german: "Bei der Administration nachfragen, ob {vendor} eine IP-Freigabeliste verwendet, "
                            + "und diese Adresse eintragen lassen: {source}."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "firewall", .possible, english: "A firewall on the way drops the packets.",
                german: "Eine Firewall auf dem Weg verwirft die Pakete.",
                steps: [.letThrough, .testAgain], responsibleParty: .you),
        ], retry: .afterDelay(.seconds(60)))

    static let networkInterrupted = GuidanceTemplate(
        title: .init("The connection broke off", german: "Die Verbindung ist abgebrochen"),
        detail: .init(
            "The connection to {host} ended before the answer about {object} was complete.",
            german: "Die Verbindung zu {host} endete, bevor die Antwort vollständig war. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "dropped", .likely, english: "The network or a proxy on the way dropped it.",
                german: "Das Netz oder ein Proxy auf dem Weg hat sie getrennt.",
                steps: [.init("Wait a minute.", german: "Eine Minute warten."), .testAgain], responsibleParty: .vendor),
            CauseTemplate(
                "restarted", .possible, english: "{vendor} was restarted.", german: "{vendor} wurde neu gestartet.",
                steps: [.init("Wait a minute.", german: "Eine Minute warten."), .testAgain], responsibleParty: .vendor),
        ], retry: .afterDelay(.seconds(30)))

    static let proxyHTMLInsteadOfJSON = GuidanceTemplate(
        title: .init("A web page came instead of data", german: "Statt Daten kam eine Webseite"),
        detail: .init(
            "{host} answered the request for {object} with an HTML page.",
            german: "{host} hat mit einer HTML-Seite geantwortet. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "wrong_address", .likely, english: "The address is not that of {vendor}, or leads to its website.",
                german: "Unter der Adresse ist nicht {vendor} zu finden, oder nur die zugehörige Website.",
                evidence: [.otherAddress: .certain, .discovery: .likely],
                steps: [
                    .init(
                        "Compare the address with the one at which you log in to {vendor}.",
                        german: "Die Adresse mit der vergleichen, unter der {vendor} im Browser erreichbar ist."), .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "access_proxy", .possible, english: "A proxy, a firewall or a sign-in page answered in its place.",
                german: "Ein Proxy, eine Firewall oder eine Anmeldeseite hat stattdessen geantwortet.",
                evidence: [.frontDoor: .certain, .otherReads: .likely, .history: .likely], steps: [.letThrough, .testAgain],
                responsibleParty: .you),
            CauseTemplate(
                "captive_portal", .possible,
                english: "The network of this machine shows a sign-in page of its own before it lets anything out.",
                german: "Das Netz dieses Rechners zeigt zuerst eine eigene Anmeldeseite, bevor es etwas hinauslässt.",
                evidence: [.frontDoor: .certain],
                steps: [
                    .init(
                        "Open any website in a browser on the machine this runs on, and sign in to the network.",
                        german: "In einem Browser auf dem Rechner, auf dem dieses Programm läuft, eine beliebige Website öffnen "
                            + "und sich im Netz anmelden."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "windows_account", .possible, english: "The web server demands a sign-in with an account of Windows.",
                german: "Der Webserver verlangt eine Anmeldung mit einem Windows-Konto.", evidence: [.frontDoor: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs the web server of {host} to allow anonymous access to /api and /auth; {vendor} has its own sign-in.",
                        german: "Wer den Webserver von {host} betreibt, soll für /api und /auth anonymen Zugriff erlauben; "
                            + "eine eigene Anmeldung hat {vendor}."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "parked", .possible, english: "The name belongs to an unused domain, or one that is for sale.",
                german: "Der Name gehört zu einer Domain, die niemand nutzt oder die zum Verkauf steht.", evidence: [.frontDoor: .certain],
                steps: [
                    .init(
                        "Compare {host} letter by letter with the address at which you log in to {vendor}.",
                        german: "{host} Buchstabe für Buchstabe mit der Adresse vergleichen, unter der {vendor} im Browser erreichbar ist."),
                    .testAgain,
                ], fields: .address, responsibleParty: .you),
        ])

    static let proxyLoginRedirect = GuidanceTemplate(
        title: .init("The request was sent on to another page", german: "Die Anfrage wurde auf eine andere Seite umgeleitet"),
        detail: .init(
            "{host} answered the request for {object} with a redirect.",
            german: "{host} hat mit einer Weiterleitung geantwortet. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "network_proxy", .possible, english: "A web filter of your own network leads the request to a page of its own: {device}.",
                german: "Ein Webfilter des eigenen Netzes leitet die Anfrage auf eine eigene Seite um: {device}.",
                evidence: [.frontDoor: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} in your network to let requests to {host} through.",
                        german: "Wer im eigenen Netz zuständig ist für {device}, soll Anfragen an {host} durchlassen."), .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "captive_portal", .possible,
                english: "The network of this machine leads requests to a page of its own, as guest networks and web filters do.",
                german: "Das Netz dieses Rechners leitet Anfragen auf eine eigene Seite um, wie Gastnetze und Webfilter es tun.",
                evidence: [.frontDoor: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Open any website in a browser on the machine this runs on, and sign in to the network if it asks for it.",
                        german: "In einem Browser auf dem Rechner, auf dem dieses Programm läuft, eine beliebige Website öffnen "
                            + "und sich im Netz anmelden, falls es das verlangt."),
                    .init(
                        "Otherwise ask whoever runs your network to let requests to {host} through.",
                        german: "Sonst beim Betreiber des eigenen Netzes erreichen, dass Anfragen an {host} durchgelassen werden."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "plain_on_the_way", .possible,
                english: "The server redirects to its own address: its reverse proxy does not say that requests come by https.",
                german:
                    "Der Server leitet auf seine eigene Adresse um: Sein Reverse-Proxy sagt ihm nicht, dass Anfragen über https kommen.",
                evidence: [.frontDoor: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Have the reverse proxy in front of {host} send X-Forwarded-Proto: https.",
                        german: "Den Reverse-Proxy vor {host} so einstellen lassen, dass er X-Forwarded-Proto: https sendet."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "use_https", .possible, english: "The server wants https, and the address was entered with http.",
                german: "Der Server verlangt https, und die Adresse wurde mit http eingegeben.", evidence: [.frontDoor: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Enter the address with https:// in place of http://.", german: "Die Adresse mit https:// statt http:// eingeben."),
                    .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "access_proxy", .likely, english: "A single sign-on page or access proxy stands in front of {vendor}.",
                german: "Eine Single-Sign-on-Seite oder ein Zugangsproxy schirmt {vendor} ab.",
                evidence: [.frontDoor: .certain, .otherReads: .likely],
                steps: [
                    .init(
                        "Ask for an exception for the API in the access proxy in front of {host}.",
                        german: "Im Zugangsproxy vor {host} eine Ausnahme für die API einrichten lassen."), .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "wrong_address", .possible, english: "{vendor} has moved to another address, or sends everybody elsewhere.",
                german: "{vendor} ist auf eine andere Adresse umgezogen oder leitet alle dorthin weiter.",
                evidence: [.otherAddress: .certain, .frontDoor: .likely],
                steps: [
                    .init(
                        "Log in to {vendor} in the browser, and compare the address that it shows then.",
                        german: "{vendor} im Browser öffnen, sich anmelden und die dann angezeigte Adresse vergleichen."), .testAgain,
                ], fields: .address, responsibleParty: .you),
        ])

    static let proxyBlocked = GuidanceTemplate(
        title: .init("Something on the way blocked the request", german: "Die Anfrage wurde unterwegs blockiert"),
        detail: .init(
            "The request for {object} did not get past {device} on the way to {host}.",
            german: "Die Anfrage ist nicht bis {host} gekommen ({object}); aufgehalten hat sie {device}."),
        causes: [
            CauseTemplate(
                "content_rule", .possible,
                english: "A rule of the firewall fits what was sent, such as a word, a command or a link in the text.",
                german: "Eine Regel der Firewall greift bei dem, was gesendet wurde, etwa bei einem Wort, Befehl oder Link im Text.",
                evidence: [.frontDoor: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} in front of {host} to exempt requests to {name} from rules about content; tell them {reference}.",
                        german:
                            "Wer vor {host} zuständig ist für {device}, soll Anfragen hierher von Regeln über Inhalte ausnehmen: {name}. "
                            + "Dabei angeben: {reference}."),
                    .init(
                        "Or send less: shorten the text, or the template that it comes from.",
                        german: "Oder weniger senden: den Text kürzen oder die Vorlage, aus der er stammt."),
                    .tryAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "not_listed", .possible,
                english: "A firewall refuses this request: its allow-list lacks this machine's IP address, or a rule of it fits.",
                german: "Eine Firewall weist die Anfrage ab: Die IP-Adresse dieses Rechners fehlt auf ihrer Freigabeliste, "
                    + "oder eine ihrer Regeln greift.",
                evidence: [.frontDoor: .likely],
                steps: [
                    .init(
                        "Ask whoever runs {device} in front of {host} to let requests from {source} through; tell them {reference}.",
                        german: "Wer vor {host} zuständig ist für {device}, soll Anfragen von dieser Adresse durchlassen: {source}. "
                            + "Dabei angeben: {reference}."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "bot_protection", .possible, english: "A protection against bots took this program for one, and wants a challenge solved.",
                german: "Ein Schutz gegen Bots hat dieses Programm für einen gehalten und verlangt eine Prüfung.",
                evidence: [.frontDoor: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} in front of {host} for an exception for /api and /auth from {source}; tell them {reference}.",
                        german: "Wer vor {host} zuständig ist für {device}, soll /api und /auth von der Prüfung ausnehmen, "
                            + "für diese Adresse: {source}. Dabei angeben: {reference}."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "network_proxy", .possible, english: "A web filter or proxy of your own network does not let requests to {host} out.",
                german: "Ein Webfilter oder Proxy des eigenen Netzes lässt keine Anfragen an {host} hinaus.",
                evidence: [.transport: .likely, .frontDoor: .certain],
                steps: [
                    .init(
                        "Ask whoever runs {device} in your network to let requests to {host} through; tell them {reference}.",
                        german: "Wer im eigenen Netz zuständig ist für {device}, soll Anfragen an {host} durchlassen. "
                            + "Dabei angeben: {reference}."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "proxy_unreachable", .possible, english: "{device} is down, or that is not its address.",
                german: "Der Proxy läuft nicht, oder seine Adresse ist falsch; eingestellt ist {device}.", evidence: [.transport: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Check the variables HTTPS_PROXY and NO_PROXY of this machine: correct the proxy, or name {host} in NO_PROXY if it is reached without one.",
                        german: "Die Variablen HTTPS_PROXY und NO_PROXY dieses Rechners prüfen: den Proxy berichtigen, "
                            + "oder {host} in NO_PROXY aufnehmen, falls kein Proxy nötig ist."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "proxy_without_way", .possible,
                english: "{device} gets no connection to {host} itself: it can't resolve that name, or has no way there.",
                german: "Auch der Proxy bekommt keine Verbindung zu {host}: Er kann den Namen nicht auflösen oder hat keinen Weg dorthin. "
                    + "Eingestellt ist {device}.", evidence: [.transport: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs that proxy why it gets no connection to {host}; or name {host} in NO_PROXY if it is reached without one.",
                        german: "Beim Betreiber des Proxys nachfragen, warum er keine Verbindung zu {host} bekommt, "
                            + "oder {host} in NO_PROXY aufnehmen, falls kein Proxy nötig ist."),
                    .init(
                        "Compare {host} with the address at which you log in to {vendor}.",
                        german: "{host} mit der Adresse vergleichen, unter der {vendor} im Browser erreichbar ist."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "gateway", .possible, english: "A gateway in front of {vendor} demands a key or a sign-in of its own.",
                german: "Ein Gateway vor {vendor} verlangt einen eigenen Schlüssel oder eine eigene Anmeldung.",
                evidence: [.frontDoor: .likely, .discovery: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} in front of {host} to let requests from {source} through without it; tell them {reference}.",
                        german:
                            "Wer vor {host} zuständig ist für {device}, soll Anfragen von dieser Adresse ohne ihn durchlassen: {source}. "
                            + "Dabei angeben: {reference}."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "client_certificate", .possible, english: "The web server demands a client certificate, which this program does not have.",
                german: "Der Webserver verlangt ein Client-Zertifikat, und dieses Programm hat keines.", evidence: [.frontDoor: .certain],
                needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs the web server of {host} not to demand a client certificate for /api and /auth.",
                        german: "Wer den Webserver von {host} betreibt, soll für /api und /auth kein Client-Zertifikat verlangen."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "too_large", .possible, english: "The request is larger than what is let through.",
                german: "Die Anfrage ist größer, als durchgelassen wird.", evidence: [.frontDoor: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} in front of {host} to raise the largest size of a request; tell them {reference}.",
                        german: "Wer vor {host} zuständig ist für {device}, soll die größte zulässige Anfrage heraufsetzen. "
                            + "Dabei angeben: {reference}."),
                    .tryAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "header_too_large", .possible,
                english: "The header of the request, which holds the access token, is larger than what is let through.",
                german: "Der Kopf der Anfrage mit dem Zugriffstoken ist größer, als durchgelassen wird.",
                evidence: [.frontDoor: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} in front of {host} to raise the largest size of a request's header; tell them {reference}.",
                        german: "Wer vor {host} zuständig ist für {device}, soll die größte zulässige Länge der Kopfzeilen heraufsetzen. "
                            + "Dabei angeben: {reference}."),
                    .tryAgain,
                ], responsibleParty: .psaAdministrator),
        ])

    static let proxyAuthenticationRequired = GuidanceTemplate(
        title: .init("A proxy on the way demands a sign-in", german: "Ein Proxy auf dem Weg verlangt eine Anmeldung"),
        detail: .init(
            "The request for {object} did not reach {host}: a proxy wants a user name and password first.",
            german: "Die Anfrage hat {host} nicht erreicht ({object}): Ein Proxy verlangt zuerst Benutzername und Kennwort."),
        causes: [
            CauseTemplate(
                "wrong_user", .possible, english: "{device} does not take the user name and password that are set for it.",
                german: "Benutzername oder Kennwort, die dafür eingestellt sind, lehnt der Proxy ab: {device}.",
                evidence: [.transport: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Correct user name and password in the variable HTTPS_PROXY of this machine: http://user:password@proxy:port.",
                        german: "Benutzername und Kennwort in der Variable HTTPS_PROXY dieses Rechners berichtigen: "
                            + "http://benutzer:kennwort@proxy:port."),
                    .init(
                        "Percent-encode characters such as @, : and / in the password, or ask whoever runs the proxy for a new one.",
                        german: "Zeichen wie @, : und / im Kennwort prozentkodieren, oder beim Betreiber des Proxys ein neues beantragen."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "network_proxy", .likely, english: "The proxy of your network lets only known users out.",
                german: "Der Proxy des eigenen Netzes lässt nur bekannte Benutzer hinaus.", evidence: [.transport: .likely],
                steps: [
                    .init(
                        "Ask whoever runs the proxy for an exception for {host}, or for a user for this machine.",
                        german: "Beim Betreiber des Proxys eine Ausnahme für {host} oder einen Benutzer für diesen Rechner beantragen."),
                    .init(
                        "Put such a user into the variable HTTPS_PROXY of this machine, as http://user:password@proxy:port.",
                        german: "Einen solchen Benutzer in die Variable HTTPS_PROXY dieses Rechners eintragen, "
                            + "als http://benutzer:kennwort@proxy:port."),
                    .testAgain,
                ], responsibleParty: .you),
        ])
}
