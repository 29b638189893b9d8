import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The form of one connection, generated from the connector's settings, with the result of a test or a save.
struct ConnectionPage: WebPage {
    /// What has to be decided before saving.
    enum Question: Sendable {
        case untested
        case otherTenant(old: TenantIdentity, new: TenantIdentity, openJobs: Int)
        case duplicate(StoredConnection)
        case stale
    }

    let services: HostServices
    let context: RequestContext
    let descriptor: ConnectorDescriptor
    /// The saved connection; nil for a new one.
    let existing: StoredConnection?
    /// The revision of the saved connection that the form was opened with; nil for the present one.
    var revision: Int?
    var name = ""
    /// The values to show; secrets are not among them.
    var values: [SettingKey: String] = [:]
    /// Secrets that were typed and are kept for the next submission, encrypted.
    var carried: [SettingKey: String] = [:]
    var problems: [SettingIssue] = []
    /// The issues of the saved connection.
    var issues: [ConnectionIssue] = []
    var report: ConnectionReport?
    /// The id under which the report is kept.
    var kept: Int64?
    var proof: TestProof?
    var question: Question?
    /// Whether the name has to be shortened.
    var isNameTooLong = false
    var notice: Notice?

    private var isPlaceholder: Bool { descriptor.tier == .placeholder }
    private var path: String {
        existing.map { "\(ConnectionOverviewPage.path(of: $0.id))/settings" } ?? "/integrations/new/\(descriptor.id)"
    }

    var document: HTML {
        let title: HTML = existing.map { "\(descriptor.displayName): \($0.name)" } ?? "Connect \(descriptor.displayName)"
        return Layout(context, .integrations, title: title).document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>\(title)</h1>
            \(existing.map { ConnectionTabs(connection: $0, descriptor: descriptor, context: context, current: .settings).html })
            \(notice?.html)\(KeyNotice(issues: issues).html)\(question.map(ask))\(ProblemSummary(problems: problems, descriptor: descriptor).html)\(FormProblems(isNameTooLong ? [.init(field: "connection-name", "Name in Vectis", HTML(term: ConnectionDraft.nameRule))] : []).html)
            <p class="lead">\(isPlaceholder ? placeholderLead : lead)</p>
            \(demo)
            \(openIssues)
            <div class="split">
            <div id="result" aria-live="polite">\(result)</div>
            <form method="post" action="\(path)" id="connection" novalidate data-stream="\(path)/test"
            data-word-testing="Testing …" data-word-checks="Checks" data-word-problem="Problem:" data-word-guidance="What to do">
            \(FormToken(context.user).field)
            \(existing.map { "<input type=\"hidden\" name=\"revision\" value=\"\(revision ?? $0.revision)\">" as HTML })
            \(proof.map { "<input type=\"hidden\" name=\"receipt\" value=\"\($0.rawValue)\">" as HTML })
            \(fields)
            \(confirmation)
            \(isPlaceholder ? .empty : buttons)
            </form>
            </div>
            """)
    }

    /// The issues with their guidance, unless a test that was run just now says more.
    private var openIssues: HTML {
        guard report == nil, issues.contains(where: { $0.resolvedAt == nil }) else { return .empty }
        return """
            <section aria-labelledby="open-issues"><h2 id="open-issues">Open issues</h2>
            <p class="help">A test that passes closes them, and so does a ticket that goes through.</p>\(IssueList.exception(issues))
            \(IssueList(issues: issues, descriptor: descriptor, services: services).collapsed)</section>
            """
    }

    private var result: HTML {
        guard let report else { return .empty }
        let address: HTML? = kept.flatMap { kept in
            existing.map { "<p><a href=\"\(ConnectionTestPage.path(of: kept, $0.id))\">The address of this test</a></p>" }
        }
        return "\(TestResult(report: report, services: services, isBesideForm: true, takesFocus: focus == nil).html)\(address)"
    }

    private var lead: HTML {
        let guide = services.guides.path(of: GuideAnchor(descriptor.guide, ""))
        return """
            Fill in the values, press Test, then Save.\
            \(guide.map { " The <a href=\"\($0)\" target=\"_blank\" rel=\"noopener\">guide<span class=\"hidden\"> (opens a new tab)</span></a> leads to each of them in about five minutes." as HTML })
            """
    }

    private var placeholderLead: HTML {
        "\(descriptor.displayName) can't be connected yet. These are the settings it will ask for."
    }

    private var demo: HTML {
        guard existing == nil, values.isEmpty, !isPlaceholder, services.environment.demo?.connector == descriptor.id else { return .empty }
        return Notice(
            .information,
            """
            A demo tenant runs beside Vectis; no account is needed. <a href="\(path)?fill=demo">Fill in the demo tenant’s values</a>
            """
        ).html
    }

    private var buttons: HTML {
        """
        <div class="buttons">
        <button class="primary" name="action" value="test" id="test">Test</button>
        <button name="action" value="save">Save</button>
        <a class="button quiet" href="/integrations">Cancel</a>
        </div>
        """
    }
}

// MARK: Fields

extension ConnectionPage {
    private var fields: HTML {
        let shown = descriptor.settings.fields.filter { field in
            if case .ticketDefault = field.purpose { return isPlaceholder }
            return true
        }
        let required = shown.filter(\.isRequired)
        let others = shown.filter { !$0.isRequired }
        let isRenamed = !name.isEmpty && name != existing?.tenant.rawValue
        let more: HTML = "\(each: others, row)\(isPlaceholder ? .empty : nameRow)"
        return """
            <fieldset\(flag: "disabled", isPlaceholder)><legend class="hidden">Settings of \(descriptor.displayName)</legend>
            \(each: required, row)
            \(AdvancedFields(isOpen: isPlaceholder || isRenamed || isNameTooLong || others.contains(where: isInUse), content: more).html)
            </fieldset>
            """
    }

    /// Whether a setting has a value of its own, or is one to correct.
    private func isInUse(_ field: SettingField) -> Bool {
        let value = values[field.key] ?? ""
        return !value.isEmpty && value != field.defaultValue || field.isSecret && kept(field.key) != nil
            || problems.contains { $0.field == field.key } || report?.failure?.fields.contains(field.key) ?? false
    }

    private var nameRow: HTML {
        FieldRow(
            name: "connection-name", label: "Name in Vectis", input: .text(value: name),
            help: "What you call this connection here. Left empty, it is called by its tenant.",
            message: isNameTooLong ? HTML(term: ConnectionDraft.nameRule) : nil
        ).html
    }

    private func row(_ field: SettingField) -> HTML {
        var help = HTML(term: field.help)
        if let value = field.defaultValue {
            let isChoice = if case .flag = field.kind { true } else { false }
            help = help + (isChoice ? " Not set, it is “\(value == "yes" ? "Yes" : "No" as HTML)”." : " Left empty, it is “\(value)”.")
        }
        let renderer = Viewer.current.renderer
        let typing = problems.first { $0.field == field.key }.map { renderer.text($0.localizedMessage) }
        // The PSA's error is shown at the field as well, because the guidance may be out of sight.
        let refused = report?.failure.flatMap { $0.fields.contains(field.key) ? $0.guidance(in: renderer).title + "." : nil }
        let html = FieldRow(
            name: field.key.rawValue, label: HTML(term: field.label), input: input(field),
            help: help, example: field.example == field.defaultValue ? "" : field.example,
            guide: services.guides.path(of: field.guideAnchor), isRequired: field.isRequired,
            message: (typing ?? refused).map { HTML(text: $0) }, hasGuidance: typing == nil && refused != nil,
            takesFocus: field.key == focus
        ).html
        guard let text = carried[field.key] else { return html }
        return html + "<input type=\"hidden\" name=\"\(ConnectionForm.carriedPrefix)\(field.key.rawValue)\" value=\"\(text)\">"
    }

    private func input(_ field: SettingField) -> FieldRow.Input {
        if field.isSecret { return .secret(kept: kept(field.key)) }
        let value = values[field.key] ?? ""
        guard case .flag = field.kind else { return .text(value: value) }
        // A value that is neither stays to be seen, with its problem.
        let known: [(value: String, label: HTML)] = [("yes", "Yes"), ("no", "No")]
        let options = value.isEmpty || known.contains { $0.0 == value } ? known : known + [(value, HTML(text: value))]
        return .choice(value: value, options: options, empty: "Not set")
    }

    private func kept(_ key: SettingKey) -> HTML? {
        if carried[key] != nil { return "The value you entered is kept for this form. Enter another one only to change it." }
        if existing?.secrets[key] != nil { return "A value is stored and never shown. Leave it empty to keep it." }
        return nil
    }

    /// The field to correct first by the diagnosis of a test, which never leads into a secret, but to its guidance.
    private var focus: SettingKey? {
        report?.failure?.fields.first { key in
            descriptor.settings[key].map { $0.purpose == .access || $0.purpose == .tenant } ?? false
        }.flatMap { descriptor.settings[$0]?.isSecret == true ? nil : $0 }
    }
}

// MARK: Questions

extension ConnectionPage {
    private func ask(_ question: Question) -> HTML {
        switch question {
        case .untested:
            Notice(
                .warning,
                "These settings were not tested successfully. Press Test first, or tick the box below the fields and save them as they are; rules and reports will not work until a test passes."
            ).refusing().html
        case .otherTenant(let old, let new, let openJobs):
            Notice(
                .warning,
                """
                So far this connection leads to <strong>\(old.rawValue)</strong>, now it would lead to <strong>\(new.rawValue)</strong>, another tenant.
                To keep both, <a href="/integrations/new/\(descriptor.id.rawValue)">connect the other tenant separately</a>. To continue with this one, tick the box below
                the fields, enter its secrets and save.
                """
            ).refusing().html + openJobsNotice(openJobs)
        case .duplicate(let other):
            Notice(
                .problem,
                """
                “\(other.name)” leads to this tenant already; a second connection would do everything twice.
                <a href="/integrations/\(other.id.rawValue)/settings">Change that one instead</a>
                """
            ).refusing().html
        case .stale:
            Notice(
                .problem,
                "This connection was changed after you opened it. <a href=\"\(path)\">Open it again</a> and repeat your change."
            ).refusing().html
        }
    }

    /// What becomes of the jobs that were made for the former tenant.
    private func openJobsNotice(_ count: Int) -> HTML {
        guard count > 0 else { return .empty }
        return Notice(
            .warning,
            count == 1
                ? "1 job of this connection is not finished. It is not sent to the other tenant by itself: a new ticket is on hold until a person releases it, which sends it to the other tenant; a note, reply or change of status fails."
                : "\(count.grouped) jobs of this connection are not finished. They are not sent to the other tenant by themselves: new tickets are on hold until a person releases them, which sends them to the other tenant; notes, replies and changes of status fail."
        ).html
    }

    /// The box to tick, beside the button it belongs to.
    private var confirmation: HTML {
        switch question {
        case .untested: tick("accept-untested", "Save although these settings were not tested successfully")
        case .otherTenant(_, let new, _): tick("accept-other-tenant", "Let this connection lead to \(new.rawValue) from now on")
        default: .empty
        }
    }

    private func tick(_ name: String, _ words: String) -> HTML {
        "<p class=\"tick\"><input type=\"checkbox\" id=\"\(name)\" name=\"\(name)\"><label for=\"\(name)\">\(words)</label></p>"
    }
}

/// All issues of settings at once, each linked to its field.
struct ProblemSummary: Sendable {
    let problems: [SettingIssue]
    let descriptor: ConnectorDescriptor

    var html: HTML {
        FormProblems(
            problems.map { problem in
                let label = descriptor.settings[problem.field].map { HTML(term: $0.label) } ?? HTML(text: problem.field.rawValue)
                return FormProblems.Item(field: problem.field.rawValue, label, HTML(problem.localizedMessage))
            }
        ).html
    }
}

/// How a test ended: the headline or the guidance, then every check.
struct TestResult: Sendable {
    let report: ConnectionReport
    let services: HostServices
    let isBesideForm: Bool
    /// Whether the checks are on the page already, because they were streamed.
    var hasChecks = true
    /// Whether the title of the guidance has the focus when the page opens.
    var takesFocus = false

    var html: HTML {
        """
        \(report.isConnected ? success : report.failure.map { GuidancePanel(error: $0, services: services, isBesideForm: isBesideForm, takesFocus: takesFocus).html })
        \(hasChecks ? "<h2>Checks</h2>\(CheckList.list(report.checks))" : .empty)
        """
    }

    private var success: HTML {
        let warnings = Array(report.warnings.compactMap(\.error).enumerated())
        return """
            \(Notice(.done, "<span class=\"headline\">\(report.headline(in: Viewer.current.renderer))</span>").html)
            \(each: warnings, { index, error in
                GuidancePanel(
                    error: error, services: services, isBesideForm: isBesideForm, isWarning: true, titleID: "guidance-warning-\(index)"
                ).html
            })
            """
    }
}

/// A connection test whose checks reach the browser as they finish.
struct StreamedTest: Sendable {
    let services: HostServices
    let draft: ConnectionDraft
    let audit: AuditEntry

    /// A line of JSON for each check, `{"check": "<li>…"}`, and at the end `{"result": "…", "receipt": "…"}`.
    ///
    /// The test continues when the browser disconnects: it is short, and the audit log records its outcome.
    var lines: AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        let send: @Sendable ([(String, JSONValue?)]) -> Void = { members in
            continuation.yield(JSONValue(present: members).encoded + [UInt8(ascii: "\n")])
        }
        Task {
            defer { continuation.finish() }
            guard draft.validation.issues.isEmpty else {
                let problems = ProblemSummary(problems: draft.validation.issues, descriptor: draft.descriptor)
                let fields = draft.validation.issues.map { problem -> JSONValue in
                    ["field": .string(problem.field.rawValue), "message": .string(Viewer.current.renderer.text(problem.localizedMessage))]
                }
                return send([("result", .string(problems.html.description)), ("problems", .array(fields))])
            }
            do {
                let outcome = try await services.connections.test(draft, audit: audit) { check in
                    send([("check", .string(CheckList.item(check).description))])
                }
                let result = TestResult(report: outcome.report, services: services, isBesideForm: true, hasChecks: false)
                send([
                    ("result", .string(result.html.description)), ("receipt", outcome.proof.map { .string($0.rawValue) }),
                    ("refused", outcome.report.failure.map(Self.refused)),
                ])
            } catch {
                services.log.record(
                    .error, "defect", [("type", .string("\(type(of: error))")), ("correlationID", .string(audit.correlationID))])
                let notice = Notice(
                    .problem,
                    "The test could not be written down, so its result does not count. Correlation id: <code>\(audit.correlationID)</code>")
                send([("result", .string(notice.html.description))])
            }
        }
        return stream
    }

    /// The messages at the fields that the guidance is about.
    private static func refused(_ failure: PSAError) -> JSONValue {
        let title = failure.guidance(in: Viewer.current.renderer).title + "."
        return .array(failure.fields.map { ["field": .string($0.rawValue), "message": .string(title)] })
    }
}
