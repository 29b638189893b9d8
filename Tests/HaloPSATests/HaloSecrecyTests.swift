import HaloSimulator
import PSACore
import PSATesting
import Synchronization
import TestSupport
import Testing

@testable import HaloPSA

@Suite("Secrets of a HaloPSA connection")
struct HaloSecrecyTests {
    @Test(
        "no log line, report, error, dump or JSON shows the secret or the token",
        arguments: [
            "", "token-invalid-client", "token-html-login-page", "token-not-found-html", "html-200", "deny:Tickets", "redirect-login",
            "hang-up", "truncated-body", "error-shape:string", "error-shape:html", "wrong-host",
        ])
    func nothingLeaks(fault: String) async throws {
        var configuration = HaloSimulator.Configuration()
        configuration.clientSecret = SecretMarker.plain
        try await HaloFixture.run(configuration, faults: fault.isEmpty ? [] : [fault]) { fixture in
            let shown = try await everythingShown(fixture, ["clientSecret": SecretMarker.plain])
            let tokens = fixture.transport.requests.compactMap { $0.headers["Authorization"]?.dropFirst("Bearer ".count) }.map(String.init)
            for text in shown {
                #expect(SecretMarker.found(in: text) == [], "\(text.prefix(200))")
                for token in tokens { #expect(!text.contains(token), "\(text.prefix(200))") }
            }
        }
    }

    /// Where a marker comes from, one spelling after another.
    enum Place: String, CaseIterable {
        case userInAddress, pathOfAddress, queryOfAddress, form, header, body, tokenErrorText, tokenErrorCode, challenge, requestID
        case errorText, errorOfException, errorFieldName, page, pageInPlaceOfToken, redirectTarget, redirectOfToken
        case serverHeader, rayHeader, plainBlock, supportID, maintenanceTitle
    }

    @Test(
        "a marker planted in one place comes out at none",
        arguments: Place.allCases, SecretMarker.spellings)
    func aPlantedMarkerStaysHidden(place: Place, spelling: String) async throws {
        let server = try RawServer { connection in connection.serve { Self.reply(to: $0, place, spelling) } }
        let address = "127.0.0.1:\(server.port)"
        let typed =
            switch place {
            case .userInAddress: "http://admin:\(spelling)@\(address)"
            case .pathOfAddress: "http://\(address)/\(spelling)/login"
            case .queryOfAddress: "http://\(address)/?token=\(spelling)"
            default: "http://\(address)"
            }
        try await HaloFixture.run { fixture in
            let shown = try await everythingShown(fixture, ["tenantURL": typed, "clientSecret": SecretMarker.plain], details: spelling)
            #expect(shown.count > 4)
            let leaks = shown.filter { !SecretMarker.found(in: $0).isEmpty }
            #expect(leaks.map { $0.prefix(400) } == [])
            if place == .form {
                #expect(
                    fixture.transport.requests.contains { !SecretMarker.found(in: String(decoding: $0.body ?? [], as: UTF8.self)).isEmpty })
            }
        }
    }

    /// Everything that a host could show of a connection: reports, checks, errors, logs and dumps, in every language.
    ///
    /// A dump holds every text of the catalogue, so there is one of each kind of value and no more.
    private func everythingShown(
        _ fixture: HaloFixture, _ settings: [SettingKey: String], details: String = SecretMarker.plain
    ) async throws -> [String] {
        let shown = Mutex<[String]>([])
        @Sendable func show(_ texts: [String]) { shown.withLock { $0 += texts } }
        do {
            let session = try fixture.session(settings)
            let report = try await session.testConnection { show(["\($0)"] + ($0.error.map(Self.texts) ?? [])) }
            for renderer in Language.allCases.map({ TextRenderer($0) }) {
                show([report.headline(in: renderer), report.json(in: renderer).encodedText])
                show(report.checks.map { renderer.text($0.evidence) })
            }
            show(["\(report)", String(reflecting: report)] + report.checks.compactMap(\.error).flatMap(Self.texts))
            if let worst = report.checks.first(where: { $0.error != nil }) { show([Self.dumped(worst)]) }
            let operations: [@Sendable () async throws -> Void] = [
                { _ = try await session.tickets().collected() },
                { _ = try await session.addPrivateNote(details, to: RecordID(1000)) },
                { _ = try await session.createTicket(TicketDraft(summary: "x", details: details)) },
            ]
            var last: (any Error)?
            for operation in operations {
                do {
                    try await operation()
                } catch {
                    show(Self.texts(error))
                    last = error
                }
            }
            show(["\(session)", String(reflecting: session), Self.dumped(session)] + (last.map { [Self.dumped($0)] } ?? []))
        } catch {
            show(Self.texts(error) + [Self.dumped(error)])
        }
        show(fixture.log.lines + fixture.transport.requests.flatMap { [$0.description, String(reflecting: $0)] })
        show(fixture.transport.requests.prefix(1).map { Self.dumped($0) })
        return shown.withLock { $0 }
    }

    private static func texts(_ error: any Error) -> [String] {
        var texts = ["\(error)", String(reflecting: error), error.localizedText]
        guard let error = error as? PSAError else { return texts }
        for renderer in Language.allCases.map({ TextRenderer($0) }) {
            texts += ["\(error.guidance(in: renderer))", error.problem(in: renderer).encodedText]
        }
        return texts
    }

    /// What `dump` finds in a value, without the texts of a descriptor, which are the same in each of a few hundred dumps; bytes are read
    /// as text.
    private static func dumped(_ value: some Any) -> String {
        var text = ""
        var seen: Set<ObjectIdentifier> = []
        func add(_ value: Any, _ label: String?) {
            if value is GuidanceCatalogue || value is ConnectorDescriptor { return }
            if let bytes = value as? [UInt8] {
                text += "\(label ?? "-"): \(String(decoding: bytes, as: UTF8.self))\n"
                return
            }
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .class, !seen.insert(ObjectIdentifier(value as AnyObject)).inserted { return }
            if mirror.children.isEmpty || mirror.displayStyle == .enum { text += "\(label ?? "-"): \(value)\n" }
            for child in mirror.children { add(child.value, child.label) }
        }
        add(value, nil)
        return text
    }
}

extension Error {
    /// What a program prints that ends with this error.
    fileprivate var localizedText: String { "Fatal error: Error raised at top level: \(String(reflecting: self))" }
}

extension HaloSecrecyTests {
    /// A peer that signs in, unless the place is the token's, and then answers with the marker in its place.
    private static func reply(to request: String, _ place: Place, _ marker: String) -> String {
        if request.hasPrefix("GET /api/authinfo") { return FaultPeer.json(#"{"auth_url":"","tenant_id":""}"#) }
        return request.hasPrefix("POST /auth/token") ? token(place, marker) : data(place, marker)
    }

    private static func token(_ place: Place, _ marker: String) -> String {
        switch place {
        case .tokenErrorText:
            FaultPeer.json(
                #"{"error":"invalid_client","error_description":"The secret \#(marker) (id:\#(marker)) is wrong."}"#,
                status: "401 Unauthorized")
        case .tokenErrorCode: FaultPeer.json(#"{"error":"\#(marker)"}"#, status: "400 Bad Request")
        case .challenge: RawConnection.response("401 Unauthorized", #"WWW-Authenticate: Basic realm="x", error="\#(marker)""#)
        case .requestID: RawConnection.response("401 Unauthorized", "X-Request-Id: \(marker)")
        case .pageInPlaceOfToken: RawConnection.response(body: "<html><title>\(marker)</title><body>\(marker)</body></html>")
        case .redirectOfToken: RawConnection.response("302 Found", "Location: https://sso.example.com/\(marker)?secret=\(marker)#\(marker)")
        // The token itself is the secret then.
        case .header: FaultPeer.json(#"{"access_token":"\#(SecretMarker.plain)","expires_in":3600,"scope":"all"}"#)
        default: FaultPeer.json(FaultPeer.tokenBody)
        }
    }

    private static func data(_ place: Place, _ marker: String) -> String {
        switch place {
        case .header:
            RawConnection.response("401 Unauthorized", #"WWW-Authenticate: Bearer error="invalid_token", error_description="\#(marker)""#)
        case .errorText: FaultPeer.json(#""The value \#(marker) is not valid.""#, status: "400 Bad Request")
        case .errorOfException:
            FaultPeer.json(#"{"ClassName":"System.Exception","Message":"status \#(marker)"}"#, status: "400 Bad Request")
        case .errorFieldName: FaultPeer.json(#"{"[0].\#(marker)":["\#(marker) can't be read as status."]}"#, status: "400 Bad Request")
        case .page: RawConnection.response("403 Forbidden", body: "<html><title>\(marker)</title><body>\(marker)</body></html>")
        case .serverHeader: RawConnection.response("403 Forbidden", "Server: \(marker)", body: "<html><title>Access denied</title></html>")
        case .rayHeader: RawConnection.response("403 Forbidden", "CF-RAY: \(marker)", body: "error code: 1020")
        case .plainBlock: RawConnection.response("403 Forbidden", "Content-Type: text/plain", body: "error code: 1020 \(marker)")
        case .supportID:
            RawConnection.response(
                "200 OK", "Content-Type: text/html",
                body: "<html><title>Request Rejected</title>The requested URL was rejected. Your support ID is: \(marker)</html>")
        case .maintenanceTitle: RawConnection.response("503 Service Unavailable", body: "<html><title>Maintenance \(marker)</title></html>")
        case .redirectTarget: RawConnection.response("302 Found", "Location: http://127.0.0.1:9/\(marker)?secret=\(marker)")
        default: RawConnection.response("403 Forbidden")
        }
    }
}
