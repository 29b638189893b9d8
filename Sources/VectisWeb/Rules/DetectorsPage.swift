import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The detectors of a connection: their settings, what they find now, and what they would have found lately.
struct DetectorsPage: WebPage {
    let context: RequestContext
    let connection: StoredConnection
    /// The connector; nil if it is missing.
    var descriptor: ConnectorDescriptor?
    var settings: DetectorSettings
    let revision: Int
    /// The days as they were typed, where they are no possible number.
    var typedDays: [DetectorKind: String] = [:]
    var results: [DetectorKind: DetectorService.Result] = [:]
    var runs: [DetectorKind: DetectorService.Run] = [:]
    /// Whether the settings were changed elsewhere while they were open here.
    var isStale = false
    var notice: Notice?

    /// The number of days that the page looks back.
    static let lookback = 30
    /// The most findings of a detector that the page lists.
    static let maxRows = 100
    /// How many of them are open; the others are folded, so that each detector can be seen without a long way.
    private static let openRows = 10

    private var isAdmin: Bool { context.user?.isAdmin ?? false }
    private var path: String { "/connections/\(connection.id)/detectors" }

    var document: HTML {
        Layout(context, .integrations, title: "Detectors of \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>Detectors of “\(connection.name)”</h1>
            \(ConnectionTabs(connection: connection, descriptor: descriptor, context: context, current: .detectors).html)
            <p class="lead">A detector looks at the local copy of this connection after each sync run, and at least once an hour. It raises one event for each
            thing that it finds; <a href="/rules">rules</a> of this connection make tickets of it. Events of detectors never reach rules of other connections.</p>
            \(notice?.html)\(isStale ? staleNotice : .empty)\(problemSummary)
            \(isAdmin ? form : facts)
            <h2>What they find</h2>
            <p class="help">Found in the local copy as it is now, also for detectors that are off. Nothing on this page raises an event. Days are days of UTC.</p>
            \(each: DetectorKind.allCases, findings)
            """)
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            The detectors were changed after you opened them, and your changes are not saved.
            <a href="\(path)">Open them again</a> and repeat your change.
            """
        ).refusing().html
    }

    // MARK: Settings

    private var form: HTML {
        """
        <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
        <input type="hidden" name="revision" value="\(revision)">
        \(each: DetectorKind.allCases, inputs)
        <div class="buttons"><button class="primary">Save</button><a class="button quiet" href="/rules">Cancel</a></div>
        </form>
        """
    }

    private func inputs(_ kind: DetectorKind) -> HTML {
        let id = "on-\(kind.rawValue)"
        return """
            <fieldset class="group"><legend>\(HTML(term: kind.title))</legend>
            <p class="tick"><input type="checkbox" id="\(id)" name="\(Self.field(kind))"\(flag: "checked", settings[kind].isOn) \
            aria-describedby="\(id)-help"><label for="\(id)">Raise events of the type <code>\(kind.rawValue)</code></label></p>
            <p class="help" id="\(id)-help">\(HTML(term: kind.explanation))</p>
            \(kind.daysLabel.map { daysInput(kind, $0) })\(run(of: kind))
            </fieldset>
            """
    }

    private func daysInput(_ kind: DetectorKind, _ label: String) -> HTML {
        let range = DetectorKind.daysRange
        let isWrong = typedDays[kind] != nil
        return FieldRow(
            name: Self.daysField(kind), label: HTML(term: label),
            input: .number(value: typedDays[kind] ?? settings[kind].days.map { String($0) } ?? ""),
            help: "From \(range.lowerBound) to \(range.upperBound).", isRequired: true,
            message: isWrong ? Self.daysProblem : nil
        ).html
    }

    private static var daysProblem: HTML {
        "Enter a whole number from \(DetectorKind.daysRange.lowerBound) to \(DetectorKind.daysRange.upperBound)."
    }

    private var problemSummary: HTML {
        FormProblems(
            DetectorKind.allCases.filter { typedDays[$0] != nil }.map { kind in
                .init(field: Self.daysField(kind), HTML(term: kind.title), Self.daysProblem)
            }
        ).html
    }

    /// The name of the box that turns a detector on.
    static func field(_ kind: DetectorKind) -> String { "\(kind.rawValue).on" }
    /// The name of the field for its days.
    static func daysField(_ kind: DetectorKind) -> String { "\(kind.rawValue).days" }

    private var facts: HTML {
        """
        <dl class="facts">\(each: DetectorKind.allCases, { kind in
            let setting = settings[kind]
            let days: HTML? = setting.days.map { ", \($0) days" }
            return "<dt>\(HTML(term: kind.title))</dt><dd>\(setting.isOn ? "On" : "Off" as HTML)\(days)\(run(of: kind))</dd>"
        })</dl>
        """
    }

    private func run(of kind: DetectorKind) -> HTML {
        guard settings[kind].isOn, let run = runs[kind] else { return .empty }
        if let obstacle = run.obstacle {
            return "<p class=\"help\">Latest run \(TimestampView(run.at).html): nothing could be found. \(obstacle.words)</p>"
        }
        let raised: HTML = run.raised == 1 ? "one event" : "\(run.raised) events"
        let left: HTML =
            run.left == 0
            ? .empty : " \(run.left) more wait for the next run, because a run raises at most \(DetectorService.maxFindings)."
        return "<p class=\"help\">Latest run \(TimestampView(run.at).html): \(run.found) found, \(raised) raised.\(left)</p>"
    }

    // MARK: Findings

    private func findings(_ kind: DetectorKind) -> HTML {
        let id = "findings-\(kind.rawValue)"
        return """
            <section aria-labelledby="\(id)"><h3 id="\(id)">\(HTML(term: kind.title))</h3>
            \(results[kind].map { content(kind, $0, id) } ?? .empty)
            \(context.user?.isOperator ?? false ? rule(for: kind) : .empty)
            </section>
            """
    }

    private func rule(for kind: DetectorKind) -> HTML {
        guard let template = RuleTemplate.all.first(where: { $0.detector == kind }) else { return .empty }
        return
            "<p class=\"actions\"><a class=\"button quiet\" href=\"/rules/new?template=\(template.id)\">New rule “\(HTML(term: template.name))”</a></p>"
    }

    private func content(_ kind: DetectorKind, _ result: DetectorService.Result, _ id: String) -> HTML {
        if let obstacle = result.obstacle { return Notice(.information, "Nothing can be found. \(obstacle.words)").html }
        let now = result.findings.count(where: \.isCurrent)
        let lately = result.findings.count { $0.began(within: Self.lookback, before: context.now) }
        let cut = result.count - result.findings.count
        let rows = result.findings.prefix(Self.maxRows)
        let unlisted = result.count - rows.count
        return """
            <p>\(now == 0 ? "Nothing" : "\(now)" as HTML)\(cut > 0 ? " or more" : .empty as HTML) now; \(lately == 0 ? "nothing" : "\(lately)" as HTML) would have been found new in the last \
            \(Self.lookback) days.</p>
            <p class="help">\(HTML(term: kind.limitation))</p>
            \(rows.isEmpty ? .empty : table(rows.prefix(Self.openRows), id))
            \(rows.count > Self.openRows ? folded(rows.dropFirst(Self.openRows), id) : .empty)
            \(unlisted > 0 ? "<p class=\"help\">\(unlisted) more are not listed here.</p>" : .empty)
            """
    }

    private func folded(_ findings: ArraySlice<Finding>, _ id: String) -> HTML {
        "<details><summary>Further findings (\(findings.count))</summary>\(table(findings, id))</details>"
    }

    private func table(_ findings: ArraySlice<Finding>, _ id: String) -> HTML {
        DataTable(name: .heading(id), columns: ["Found", "Company", "Since", "Holds now"], rows: findings.map(row)).html
    }

    private func row(_ finding: Finding) -> DataTable.Row {
        let line = String(finding.text.prefix { $0 != "\n" }.prefix(500))
        let found: HTML = link(to: finding).map { "<a href=\"\($0)\">\(line)</a>" } ?? HTML(text: line)
        return DataTable.Row([
            found, HTML(text: finding.companyName), finding.since.map { TimestampView($0).html } ?? "not known",
            finding.isCurrent ? "yes" : "no",
        ])
    }

    /// The page of the record that a finding is about.
    private func link(to finding: Finding) -> String? {
        finding.record.map { RecordLinks(connection: connection.id).path(finding.resource, $0.rawValue) }
    }
}

extension PageRoutes {
    /// The page of a connection's detectors.
    var detectorRoutes: [Route] {
        [
            Route(.get, "/connections/{id}/detectors", .viewer) { context in
                let connection = try await connection(context)
                let stored = try await services.storage.detectorSettings(of: connection.id)
                var page = try await detectorsPage(context, connection, stored.settings, revision: stored.revision)
                page.notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/connections/{id}/detectors", .admin) { try await saveDetectors($0) },
        ]
    }

    private func detectorsPage(
        _ context: RequestContext, _ connection: StoredConnection, _ settings: DetectorSettings, revision: Int
    ) async throws -> DetectorsPage {
        var page = DetectorsPage(
            context: context, connection: connection, descriptor: try? descriptor(of: connection), settings: settings, revision: revision)
        for kind in DetectorKind.allCases {
            let days = settings[kind].days.flatMap { DetectorKind.daysRange.contains($0) ? $0 : nil }
            page.results[kind] = try await services.detectors.findings(
                kind, days: days, lookback: DetectorsPage.lookback, of: connection)
        }
        page.runs = try await services.detectors.latestRuns(of: connection.id)
        return page
    }

    private func saveDetectors(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let form = try context.form()
        var settings = DetectorSettings()
        var typed: [DetectorKind: String] = [:]
        for kind in DetectorKind.allCases {
            settings[kind].isOn = form.has(DetectorsPage.field(kind))
            guard kind.defaultDays != nil else { continue }
            let text = form.text(DetectorsPage.daysField(kind)).trimmingSpaces
            // Anything but a number is outside of the range.
            settings[kind].days = Int(text) ?? 0
            if settings.issues.contains(kind) { typed[kind] = text }
        }
        let revision = Int(form.text("revision")) ?? -1
        guard typed.isEmpty else {
            var page = try await detectorsPage(context, connection, settings, revision: revision)
            page.typedDays = typed
            return .page(422, page)
        }
        do {
            let audit = context.audit(.detectorsChanged, connection.name, .done, settings.sentence)
            _ = try await services.storage.setDetectorSettings(settings, of: connection.id, revision: revision, audit: audit)
        } catch StoreError.stale {
            var page = try await detectorsPage(context, connection, settings, revision: revision)
            page.isStale = true
            return .page(409, page)
        }
        services.detectors.wake()
        return .redirect(to: "/connections/\(connection.id)/detectors?notice=detectors")
    }
}

extension APIRoutes {
    /// The detectors of a connection.
    var detectorRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connections/{id}/detectors", .viewer, for: .readConnections) { context in
                try context.allowQuery([])
                let connection = try await stored(context.parameter("id"))
                return .json(try await services.storage.detectorSettings(of: connection.id).json)
            },
            Route(.put, "\(Self.root)/connections/{id}/detectors", .admin) { try await saveDetectors($0) },
            Route(.get, "\(Self.root)/connections/{id}/detectors/{kind}/findings", .viewer, for: .readConnections) {
                try await findings($0)
            },
        ]
    }

    /// The possible numbers of days to look back.
    private static let lookbackRange = 0...365

    private func saveDetectors(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await stored(context.parameter("id"))
        var body = try APIBody(context.request)
        let revision = body.integer("revision")
        var settings = try await services.storage.detectorSettings(of: connection.id).settings
        body.read("detectors", into: &settings)
        try body.finish()
        let audit = context.audit(.detectorsChanged, connection.name, .done, settings.sentence)
        let saved = try await services.storage.setDetectorSettings(settings, of: connection.id, revision: revision, audit: audit)
        services.detectors.wake()
        return .json(saved.json)
    }

    private func findings(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["days"])
        let connection = try await stored(context.parameter("id"))
        guard let kind = DetectorKind(rawValue: context.parameter("kind")) else {
            let known = DetectorKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw WebError(.notFound, "There is no detector of this name. There are: \(known).")
        }
        let days = context.request.queryValue("days").map { Int($0) ?? -1 } ?? 0
        guard Self.lookbackRange.contains(days) else { throw APIError([BodyError("days", .outOfRange(Self.lookbackRange))]) }
        let setting = try await services.storage.detectorSettings(of: connection.id).settings[kind]
        let result = try await services.detectors.findings(kind, days: setting.days, lookback: days, of: connection)
        return .json(
            .init(present: [
                ("detector", .string(kind.rawValue)), ("on", .bool(setting.isOn)), ("count", .integer(result.count)),
                ("obstacle", result.obstacle.map { .string($0.sentence) }), ("limitation", .string(kind.limitation)),
                ("findings", .array(result.findings.map(\.json))),
            ]))
    }
}

extension APIBody {
    /// The settings of detectors: an object by type, of objects with `on` and `days`; a detector that is left out stays as it is.
    fileprivate mutating func read(_ name: String, into settings: inout DetectorSettings) {
        guard let view = view(name) else {
            if !hasProblem(name) { note(name, .missing) }
            return
        }
        guard view.isObject else { return note(name, .wrongType(.object)) }
        var seen: Set<String> = []
        for member in view.members {
            let path = "\(name).\(member.name)"
            guard let kind = DetectorKind(rawValue: member.name) else {
                let known = DetectorKind.allCases.map(\.rawValue)
                note(path, .unknown(nearest: NearestName.of(member.name, in: known), known: known))
                continue
            }
            guard seen.insert(member.name).inserted else {
                note(path, .duplicate)
                continue
            }
            guard member.value.isObject else {
                note(path, .wrongType(.object))
                continue
            }
            read(member.value, path, kind, into: &settings)
        }
    }

    private mutating func read(_ view: JSONView, _ path: String, _ kind: DetectorKind, into settings: inout DetectorSettings) {
        var isOn: Bool?
        for member in view.members {
            let place = "\(path).\(member.name)"
            switch (member.name, JSONValue(member.value)) {
            case ("on", .bool(let value)): isOn = value
            case ("on", _): note(place, .wrongType(.flag))
            case ("days", .integer(let days)) where kind.defaultDays != nil:
                settings[kind].days = days
                if !DetectorKind.daysRange.contains(days) { note(place, .outOfRange(DetectorKind.daysRange)) }
            case ("days", _) where kind.defaultDays != nil: note(place, .wrongType(.wholeNumber))
            default: note(place, .unknown(nearest: nil, known: []))
            }
        }
        if let isOn { settings[kind].isOn = isOn } else if !hasProblem("\(path).on") { note("\(path).on", .missing) }
    }
}

extension StoredDetectorSettings {
    /// The settings for programs.
    fileprivate var json: JSONValue {
        let detectors = DetectorKind.allCases.map { kind in
            let setting = settings[kind]
            let json = JSONValue(present: [("on", .bool(setting.isOn)), ("days", setting.days.map(JSONValue.integer))])
            return (kind.rawValue, JSONValue?.some(json))
        }
        return ["revision": .integer(revision), "detectors": .init(present: detectors)]
    }
}

extension Finding {
    /// The finding for programs.
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .string(senderID)), ("severity", .string(severity.rawValue)),
            (
                "company",
                company.map { id in
                    .init(present: [("id", .string(id.rawValue)), ("name", companyName.isEmpty ? nil : .string(companyName))])
                }
            ),
            ("subject", subject.isEmpty ? nil : .string(subject)), ("text", .string(text)),
            ("since", since.map { .string($0.formatted(.iso8601)) }), ("current", .bool(isCurrent)),
            ("resource", .string(resource.rawValue)), ("record", record.map { .string($0.rawValue) }),
        ])
    }
}
