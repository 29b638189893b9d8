import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import WebServer

/// How long what has ended is kept: a form for administrators, a list for viewers, and the archives of the audit log.
struct RetentionPage: WebPage {
    let context: RequestContext
    /// The values as they were typed, by field.
    var values: [String: String]
    /// The revision that the form was opened with.
    var revision: Int
    let archives: [AuditArchive]
    /// The folder of the archives; nil if there is none.
    let folder: String?
    /// Until when nothing is removed; nil if things are removed.
    let waitsUntil: Date?
    var problems: [(field: String, message: HTML)] = []
    /// Whether the settings were changed elsewhere while they were open here.
    var isStale = false
    var notice: Notice?

    init(context: RequestContext, _ stored: StoredRetentionSettings, _ archives: [AuditArchive], _ folder: String?, waitsUntil: Date?) {
        self.context = context
        values = Dictionary(
            RetentionSettings.fields.map { ($0.name, String(stored.settings[keyPath: $0.path])) }, uniquingKeysWith: { $1 })
        revision = stored.revision
        self.archives = archives
        self.folder = folder
        self.waitsUntil = waitsUntil
    }

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        Layout(context, .audit, title: "Retention").document(
            """
            <p class="crumbs"><a href="/audit">Audit log</a></p>
            <h1>Retention</h1>
            <p class="lead">How long Vectis keeps what has ended. What is open or needs review is never removed.</p>
            \(notice?.html)\(isStale ? staleNotice : .empty)\(waitNotice)\(problemSummary)
            \(isAdmin ? form : facts)
            <h2 id="archives">Archives of the audit log</h2>
            \(archiveText)
            """)
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            The settings were changed after you opened them, and your changes are not saved.
            <a href="/retention">Open them again</a> and repeat your change.
            """
        ).refusing().html
    }

    private var problemSummary: HTML {
        FormProblems(
            RetentionSettings.fields.flatMap { field in
                problems.filter { $0.field == field.name }.map { .init(field: field.name, field.label, $0.message) }
            }
        ).html
    }

    private var waitNotice: HTML {
        guard let until = waitsUntil else { return .empty }
        return Notice(
            .information,
            "Nothing is removed until \(TimestampView(until).exact): this is the first start with retention, or the clock of the machine has jumped."
        ).html
    }

    private var form: HTML {
        """
        <form method="post" action="/retention" novalidate>\(FormToken(context.user).field)
        <input type="hidden" name="revision" value="\(revision)">
        \(each: RetentionSettings.fields, row)
        <p class="help">Removal runs once an hour in small steps. The database file does not shrink; the space is used again.</p>
        <div class="buttons"><button class="primary">Save</button><a class="button quiet" href="/audit">Cancel</a></div>
        </form>
        """
    }

    private func row(_ field: RetentionSettings.Field) -> HTML {
        FieldRow(
            name: field.name, label: field.label, input: .number(value: values[field.name] ?? ""),
            help: "\(field.help) From \(field.range.lowerBound) to \(field.range.upperBound) days.", isRequired: true,
            message: problems.first { $0.field == field.name }?.message
        ).html
    }

    private var facts: HTML {
        """
        <dl class="facts">\(each: RetentionSettings.fields, { "<dt>\($0.label)</dt><dd>\(values[$0.name] ?? "")</dd>" })</dl>
        """
    }

    private var archiveText: HTML {
        guard let folder, let last = archives.last else {
            return """
                <p class="empty">No entry is archived yet. Entries are moved to files when they are older than the setting says, about a month at a time.</p>
                """
        }
        return """
            <p>Entries up to \(TimestampView(last.lastAt).exact) are in these files in <code>\(folder)</code>. They are never removed by Vectis.
            To read one: <code>zcat \(last.file)</code>. To check all: <code>vectis database check</code>.</p>
            \(DataTable(
                name: .label("Archives"), columns: ["File", "From", "To", "Entries", "Bytes"],
                rows: archives.reversed().map { archive in
                    DataTable.Row([
                        "<code>\(archive.file)</code>", TimestampView(archive.firstAt).exact, TimestampView(archive.lastAt).exact,
                        "\(archive.count)", "\(archive.byteCount)",
                    ])
                }
            ).html)
            """
    }
}

extension RetentionSettings.Field {
    fileprivate var label: HTML {
        switch name {
        case "eventDays": "Days an event is kept"
        case "jobDays": "Days a finished job is kept"
        case "deletedRecordDays": "Days a deleted record is kept"
        case "tokenDays": "Days a revoked token is listed"
        default: "Days until audit entries are archived"
        }
    }

    fileprivate var help: HTML {
        switch name {
        case "eventDays": "After that, an event that is sent again under the same id is a new event. An event stays as long as a job of it."
        case "jobDays":
            "Counted from its last change: sent, skipped, failed, discarded, or tried in dry run. Jobs of detectors stay two years at least."
        case "deletedRecordDays":
            "In the local copy, after the PSA has deleted or merged it. Programs that follow the changes must ask more often."
        case "tokenDays": "Counted from its revocation."
        default: "They move from the database to compressed files in the data folder, and stay there."
        }
    }
}

extension PageRoutes {
    /// The form of retention.
    var retentionRoutes: [Route] {
        [
            Route(.get, "/retention", .viewer) { context in
                var page = try await retentionPage(context)
                page.notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/retention", .admin) { try await saveRetention($0) },
        ]
    }

    private func retentionPage(_ context: RequestContext) async throws -> RetentionPage {
        RetentionPage(
            context: context, try await services.storage.retention(), try await services.storage.auditArchives(),
            services.retention.archiveFolder, waitsUntil: try await services.retention.waitsUntil())
    }

    private func saveRetention(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        var page = try await retentionPage(context)
        var settings = RetentionSettings.default
        for field in RetentionSettings.fields {
            let text = form.text(field.name).trimmingSpaces
            page.values[field.name] = text
            // Anything but a number is outside of every range.
            settings[keyPath: field.path] = Int(text) ?? 0
        }
        page.revision = Int(form.text("revision")) ?? -1
        page.problems = settings.issues.map { field in
            (field.name, "Enter a whole number from \(field.range.lowerBound) to \(field.range.upperBound).")
        }
        guard page.problems.isEmpty else { return .page(422, page) }
        do {
            let audit = context.audit(.retentionChanged, "", .done, settings.sentence)
            _ = try await services.storage.setRetention(settings, revision: page.revision, audit: audit)
        } catch StoreError.stale {
            page.isStale = true
            return .page(409, page)
        }
        return .redirect(to: "/retention?notice=retention")
    }
}

extension APIRoutes {
    /// For how long things are kept.
    var retentionRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/retention", .viewer) { context in
                try context.allowQuery([])
                return .json(try await services.storage.retention().json)
            },
            Route(.put, "\(Self.root)/retention", .admin) { try await saveRetention($0) },
        ]
    }

    private func saveRetention(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        var settings = RetentionSettings.default
        for field in RetentionSettings.fields { settings[keyPath: field.path] = body.integer(field.name) }
        let revision = body.integer("revision")
        for field in settings.issues where !body.hasProblem(field.name) { body.note(field.name, .outOfRange(field.range)) }
        try body.finish()
        let audit = context.audit(.retentionChanged, "", .done, settings.sentence)
        return .json(try await services.storage.setRetention(settings, revision: revision, audit: audit).json)
    }
}

extension StoredRetentionSettings {
    /// The settings for programs.
    fileprivate var json: JSONValue {
        .init(
            present: [("revision", .integer(revision))]
                + RetentionSettings.fields.map { ($0.name, .integer(settings[keyPath: $0.path])) })
    }
}
