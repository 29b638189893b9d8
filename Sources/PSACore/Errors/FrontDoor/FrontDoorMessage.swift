/// What was seen of a device in front of the vendor, and who is to be asked about it.
@nonexhaustive
public enum FrontDoorMessage: LocalizedMessage, Hashable {
    /// What was seen.
    case seen(FrontDoor)
    /// The device, for a sentence: “Cloudflare”, “a firewall or proxy”.
    case device(FrontDoor)
    /// What its administrator needs to find the request by.
    case reference(FrontDoor)
    /// The address from which this machine reaches the server.
    case source(IPAddress)
    /// The server wants https where it was spoken to by http.
    case wantsEncryption

    /// The values of the case.
    public var values: [String: MessageValue] {
        switch self {
        case .seen(let door):
            [
                "device": .phrase(Self.device(door)), "status": .verbatim(String(door.status)), "title": .verbatim(door.title ?? ""),
                "reference": .verbatim(door.reference ?? ""), "words": .verbatim(door.words ?? ""),
            ]
        case .device(let door): ["name": .verbatim(door.device?.rawValue ?? "")]
        case .reference(let door): ["reference": .verbatim(door.reference ?? "")]
        case .source(let address): ["address": .verbatim(address.description)]
        case .wantsEncryption: [:]
        }
    }

    /// The pattern of the case.
    public func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .seen(let door) where door.words?.isEmpty == false:
            door.reference == nil
                ? "HTTP {status} came from {device}, which said “{words}”."
                : "HTTP {status} came from {device}, which said “{words}”; its reference is {reference}."
        case .seen(let door):
            switch (door.title == nil, door.reference == nil) {
            case (true, true): "HTTP {status} came from {device}."
            case (false, true): "HTTP {status} came from {device}, with the page “{title}”."
            case (true, false): "HTTP {status} came from {device}; its reference is {reference}."
            case (false, false): "HTTP {status} came from {device}, with the page “{title}”; its reference is {reference}."
            }
        case .device(let door):
            switch door.device {
            case nil: door.kind.english
            case .captivePortal: "the sign-in page of a guest network"
            case let device? where device.isWebServer: "the web server {name}"
            case _?: "{name}"
            }
        case .reference(let door):
            door.reference == nil ? "the time of the request" : "the time of the request and the reference {reference}"
        case .source(let address):
            AddressPolicy.publicOnly.allows(address)
                ? "{address}"
                : "the public address of this machine (inside your network it is {address}; whoever runs the network knows the public one)"
        case .wantsEncryption: "The server at this port wants https, and was asked by http."
        }
    }

    // Words whose nominative and accusative are the same, because they stand in sentences of both kinds.
    private var german: String {
        switch self {
        case .seen(let door) where door.words?.isEmpty == false:
            door.reference == nil
                ? "Geantwortet hat {device}: HTTP {status}, mit der Meldung „{words}“."
                : "Geantwortet hat {device}: HTTP {status}, mit der Meldung „{words}“, Vorgangsnummer {reference}."
        case .seen(let door):
            switch (door.title == nil, door.reference == nil) {
            case (true, true): "Geantwortet hat {device}: HTTP {status}."
            case (false, true): "Geantwortet hat {device}: HTTP {status}, Seite „{title}“."
            case (true, false): "Geantwortet hat {device}: HTTP {status}, Vorgangsnummer {reference}."
            case (false, false): "Geantwortet hat {device}: HTTP {status}, Seite „{title}“, Vorgangsnummer {reference}."
            }
        case .device(let door):
            switch door.device {
            case nil: door.kind.german
            case .captivePortal: "die Anmeldeseite eines Gastnetzes"
            case let device? where device.isWebServer: "die Webserver-Software {name}"
            case _?: "{name}"
            }
        case .reference(let door):
            door.reference == nil ? "den Zeitpunkt der Anfrage" : "den Zeitpunkt der Anfrage und die Vorgangsnummer {reference}"
        case .source(let address):
            AddressPolicy.publicOnly.allows(address)
                ? "{address}"
                : "die öffentliche Adresse dieses Rechners (im eigenen Netz ist sie {address}; die öffentliche kennt, wer das Netz betreut)"
        case .wantsEncryption: "Der Server an diesem Port verlangt https und wurde über http angesprochen."
        }
    }
}

extension FrontDoor {
    /// What it is when it does not say its name, by what it did.
    fileprivate var kind: (english: String, german: String) {
        switch act {
        case .blocked: ("a firewall or proxy", "eine Firewall oder andere Zwischenstation")
        case .challenged: ("a protection against bots", "eine Bot-Abwehr")
        case .wantsCredentials: ("a proxy", "eine Zwischenstation (Proxy)")
        case .showsSignIn: ("a sign-in page", "eine Anmeldeseite")
        case .holdsCaptive: ("the sign-in page of a guest network", "die Anmeldeseite eines Gastnetzes")
        case .parked: ("the page of an unused domain", "die Seite einer ungenutzten Domain")
        case .maintenance: ("a maintenance page", "eine Wartungsseite")
        case .wantsEncryption, .wantsCertificate, .wantsWindowsAccount, .misconfigured: ("a web server", "ein Webserver")
        case .tooLarge, .headerTooLarge, .tooMany, .stopped, .down, .unlicensed, .page: ("a web page", "eine Webseite")
        }
    }
}
