extension GuidanceTemplate {
    static let tlsUntrusted = GuidanceTemplate(
        title: .init("The server's certificate is not trusted", german: "Dem Zertifikat des Servers wird nicht vertraut"),
        detail: .init(
            "The certificate of {host} was not issued by an authority this machine trusts, or its chain is incomplete.",
            german: "Das Zertifikat von {host} stammt nicht von einer Stelle, der dieser Rechner vertraut, "
                + "oder seine Kette ist unvollständig."),
        causes: [
            CauseTemplate(
                "incomplete_chain", .possible, english: "The server sends its own certificate without the intermediate ones.",
                german: "Der Server sendet sein eigenes Zertifikat ohne die Zwischenzertifikate.", evidence: [.certificate: .certain],
                steps: [
                    .init(
                        "Ask the administrator of the server to install the full certificate chain.",
                        german: "Die Administration des Servers bitten, die vollständige Zertifikatskette zu installieren."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "own_authority", .possible, english: "The certificate is from an authority of your company.",
                german: "Das Zertifikat stammt von einer firmeneigenen Zertifizierungsstelle.", evidence: [.certificate: .certain],
                steps: [.trustAuthority, .testAgain], responsibleParty: .you),
            .inspected,
        ])

    static let tlsSelfSigned = GuidanceTemplate(
        title: .init("The server's certificate is self-signed", german: "Das Zertifikat des Servers ist selbstsigniert"),
        detail: .init(
            "The certificate of {host} vouches for itself; no authority has signed it.",
            german: "Das Zertifikat von {host} bürgt nur für sich selbst; keine Zertifizierungsstelle hat es unterschrieben."),
        causes: [
            CauseTemplate(
                "self_signed", .likely, english: "The server still uses the certificate that was made when it was installed.",
                german: "Der Server verwendet noch das Zertifikat, das bei seiner Installation entstand.",
                evidence: [.certificate: .certain],
                steps: [
                    .init(
                        "Ask the administrator of the server to install a certificate of an authority.",
                        german: "Die Administration des Servers bitten, ein Zertifikat einer Zertifizierungsstelle zu installieren."),
                    .init(
                        "Where that is not possible, add this certificate to the trust store of the machine this runs on.",
                        german: "Geht das nicht, dieses Zertifikat auf dem Rechner, auf dem dieses Programm läuft, "
                            + "als vertrauenswürdig aufnehmen."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            .inspected,
        ])

    static let tlsExpired = GuidanceTemplate(
        title: .init("The server's certificate has expired", german: "Das Zertifikat des Servers ist abgelaufen"),
        detail: .init("The certificate of {host} is not valid today.", german: "Das Zertifikat von {host} ist heute nicht gültig."),
        causes: [
            CauseTemplate(
                "not_renewed", .likely, english: "The certificate was not renewed.", german: "Das Zertifikat wurde nicht erneuert.",
                evidence: [.certificate: .certain],
                steps: [
                    .init(
                        "Ask the administrator of the server to renew the certificate.",
                        german: "Die Administration des Servers bitten, das Zertifikat zu erneuern."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "clock", .possible, english: "The clock of the machine this runs on is ahead.",
                german: "Die Uhr des Rechners, auf dem dieses Programm läuft, geht vor.", evidence: [.clock: .certain],
                steps: [.checkClock, .testAgain], responsibleParty: .you),
        ])

    static let tlsNotYetValid = GuidanceTemplate(
        title: .init("The server's certificate is not valid yet", german: "Das Zertifikat des Servers gilt noch nicht"),
        detail: .init(
            "By the clock of this machine, the certificate of {host} becomes valid later.",
            german: "Nach der Uhr dieses Rechners gilt das Zertifikat von {host} erst später."),
        causes: [
            CauseTemplate(
                "clock", .likely, english: "The clock of the machine this runs on is behind.",
                german: "Die Uhr des Rechners, auf dem dieses Programm läuft, geht nach.", evidence: [.clock: .certain],
                steps: [.checkClock, .testAgain], responsibleParty: .you),
            CauseTemplate(
                "issued_early", .possible, english: "The certificate was issued for a later day.",
                german: "Das Zertifikat wurde für einen späteren Tag ausgestellt.", evidence: [.certificate: .likely],
                steps: [
                    .init(
                        "Ask the administrator of the server from when on the certificate is valid.",
                        german: "Bei der Administration des Servers nachfragen, ab wann das Zertifikat gilt."), .testAgain,
                ], responsibleParty: .psaAdministrator),
        ])

    static let tlsNameMismatch = GuidanceTemplate(
        title: .init("The certificate belongs to another host", german: "Das Zertifikat gehört zu einem anderen Host"),
        detail: .init(
            "The server that answers for {host} shows a certificate for another name.",
            german: "Das Zertifikat, das die Gegenstelle für {host} zeigt, gilt für einen anderen Namen."),
        causes: [
            CauseTemplate(
                "alias", .likely, english: "The address is an alias or an IP address instead of the name you log in at.",
                german: "Die Adresse ist ein Alias oder eine IP-Adresse statt des Namens, der bei der Anmeldung im Browser steht.",
                evidence: [.certificate: .certain, .otherAddress: .certain],
                steps: [
                    .init(
                        "Use exactly the host name from the browser's address bar after you logged in.",
                        german: "Genau den Hostnamen verwenden, der nach der Anmeldung in der Adresszeile des Browsers steht."), .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "wrong_server", .possible, english: "The name leads to the wrong server.", german: "Der Name führt zum falschen Server.",
                steps: [
                    .init(
                        "Ask whoever runs your name server where {host} leads.",
                        german: "Beim Betreiber des Nameservers nachfragen, wohin {host} führt."), .testAgain,
                ], fields: .address, responsibleParty: .you),
        ])

    static let tlsNotSpoken = GuidanceTemplate(
        title: .init("The server does not speak TLS there", german: "Der Server spricht dort kein TLS"),
        detail: .init(
            "{host} answers on that port, but not with an encrypted connection.",
            german: "{host} antwortet auf diesem Port, aber nicht mit einer verschlüsselten Verbindung."),
        causes: [
            CauseTemplate(
                "wrong_port", .likely, english: "The port in the address is one for plain http.",
                german: "Der Port in der Adresse ist für unverschlüsseltes http gedacht.",
                evidence: [.otherAddress: .certain, .settings: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Remove the port from the address, or put the one for https there; it is usually 443.",
                        german: "Den Port aus der Adresse entfernen oder durch den für https ersetzen; meist ist das 443."), .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "network_proxy", .possible, english: "Something else answers in place of the server, and without encryption: {device}.",
                german: "Anstelle des Servers antwortet etwas anderes, und unverschlüsselt: {device}.", evidence: [.transport: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Ask whoever runs {device} to let connections to {host} through unchanged.",
                        german: "Verbindungen zu {host} unverändert durchlassen soll, wer zuständig ist für {device}."),
                    .init(
                        "Or correct the variable HTTPS_PROXY, or name {host} in NO_PROXY if it is reached without a proxy.",
                        german: "Oder die Variable HTTPS_PROXY berichtigen, oder {host} in NO_PROXY aufnehmen, falls kein Proxy nötig ist."),
                    .testAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "access_proxy", .possible, english: "A proxy or web filter on the way answers in place of the server.",
                german: "Ein Proxy oder Webfilter auf dem Weg antwortet anstelle des Servers.", evidence: [.settings: .likely],
                needsEvidence: true, steps: [.letThrough, .testAgain], responsibleParty: .you),
        ])

    static let tlsHandshakeRefused = GuidanceTemplate(
        title: .init("The server refused the encrypted connection", german: "Der Server hat die verschlüsselte Verbindung abgelehnt"),
        detail: .init(
            "{host} was reached, but ended the TLS handshake, and will do so each time.",
            german: "{host} wurde erreicht, hat den TLS-Handshake aber abgebrochen und wird das jedes Mal tun."),
        causes: [
            CauseTemplate(
                "old_version", .possible, english: "The server speaks only old versions of TLS; at least TLS 1.2 is needed.",
                german: "Der Server spricht nur alte Versionen von TLS; nötig ist mindestens TLS 1.2.", evidence: [.transport: .likely],
                steps: [
                    .init(
                        "Ask the administrator of the server to enable TLS 1.2 or later for {host}.",
                        german: "Die Administration des Servers bitten, für {host} TLS 1.2 oder neuer einzuschalten."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "no_agreement", .possible, english: "The server and this machine have no version of TLS or no cipher in common.",
                german: "Der Server und dieser Rechner haben keine TLS-Version oder kein Verschlüsselungsverfahren gemeinsam.",
                evidence: [.transport: .likely],
                steps: [
                    .init(
                        "Ask the administrator of the server to enable TLS 1.2 or later with current ciphers for {host}.",
                        german:
                            "Die Administration des Servers bitten, für {host} TLS 1.2 oder neuer mit aktuellen Verfahren einzuschalten."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "client_certificate", .possible, english: "The server demands a client certificate, which this program does not have.",
                german: "Der Server verlangt ein Client-Zertifikat, und dieses Programm hat keines.", evidence: [.transport: .likely],
                steps: [
                    .init(
                        "Ask the administrator of the server not to demand a client certificate for /api and /auth.",
                        german: "Die Administration des Servers bitten, für /api und /auth kein Client-Zertifikat zu verlangen."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "unknown_name", .possible, english: "The server has no site of the name {host}.",
                german: "Unter dem Namen {host} hat der Server keine Website.", evidence: [.transport: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Compare {host} with the address at which you log in to {vendor}, and correct it.",
                        german: "{host} mit der Adresse vergleichen, unter der {vendor} im Browser erreichbar ist, und korrigieren."),
                    .init(
                        "If it is right, have the administrator of the server bind that name there.",
                        german: "Stimmt sie, diesen Namen von der Administration des Servers dort einrichten lassen."), .testAgain,
                ], fields: .address, responsibleParty: .you),
            CauseTemplate(
                "not_let_in", .possible, english: "The server or a firewall on the way does not let this machine in.",
                german: "Der Server oder eine Firewall auf dem Weg lässt diesen Rechner nicht zu.", evidence: [.transport: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Ask the administrator of the server, and whoever runs the firewalls on the way, to let this machine in.",
                        german: "Die Administration des Servers und die Betreiber der Firewalls auf dem Weg bitten, "
                            + "diesen Rechner zuzulassen."), .testAgain,
                ], responsibleParty: .psaAdministrator),
        ])
}

extension CauseTemplate {
    /// A device of the reader's own network is between.
    static let inspected = CauseTemplate(
        "inspected", .possible, english: "A device on the way opens encrypted connections with its own certificate.",
        german: "Ein Gerät auf dem Weg bricht verschlüsselte Verbindungen mit seinem eigenen Zertifikat auf.",
        evidence: [.certificate: .certain],
        steps: [
            .init(
                "Ask whoever runs that device in your network to exempt {host}, or add its authority to this machine's trust store.",
                german: "Beim Betreiber dieses Geräts im eigenen Netz eine Ausnahme für {host} beantragen, "
                    + "oder seine Zertifizierungsstelle auf diesem Rechner als vertrauenswürdig aufnehmen."),
            .testAgain,
        ], responsibleParty: .you)
}

extension GuidanceStep {
    fileprivate static let trustAuthority = GuidanceStep(
        "Add your company's authority to the trust store of the machine this runs on.",
        german: "Die firmeneigene Zertifizierungsstelle auf dem Rechner, auf dem dieses Programm läuft, als vertrauenswürdig aufnehmen.")

    fileprivate static let checkClock = GuidanceStep(
        "Check date, time and time zone of the machine this runs on.",
        german: "Datum, Uhrzeit und Zeitzone des Rechners prüfen, auf dem dieses Programm läuft.")
}
