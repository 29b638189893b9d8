import FoundationEssentials
import Mail
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// A contact point: its form for administrators, its facts for others, a test and its latest messages.
struct ContactPointPage: WebPage {
    let context: RequestContext
    /// Nil for a new one.
    let stored: StoredContactPoint?
    /// The revision that the form was opened with; nil for the present one.
    var revision: Int?
    var draft: ContactPointDraft
    let connections: [StoredConnection]
    var messages: [StoredNotification] = []
    /// Numbers as they were typed, where they are none.
    var typed: [ContactPointDraft.Field: String] = [:]
    var problems: [ContactPointDraft.Problem] = []
    /// Secrets that were typed and are kept for the next submission, encrypted.
    var carried: [ContactPointDraft.Field: String] = [:]
    /// The secrets that the form was shown with before, while it is read.
    private var earlier: [ContactPointDraft.Field: Secret] = [:]
    /// Whether it was changed elsewhere while it was open here.
    var isStale = false
    /// How a test ended.
    var test: Delivery?
    var notice: Notice?

    private var isAdmin: Bool { context.user?.isAdmin ?? false }
    private var path: String { stored.map { "/notifications/\($0.point.id)" } ?? "/notifications/new" }
    private var title: HTML { stored.map { HTML(text: $0.point.name) } ?? "New contact point: \(HTML(term: draft.kind.title))" }

    var document: HTML {
        Layout(context, .notifications, title: title).document(
            """
            <p class="crumbs"><a href="/notifications">Notifications</a></p>
            <h1>\(title)</h1>
            \(notice?.html)\(isStale ? staleNotice : .empty)\(problemSummary)\(testResult)
            \(stored.map { ContactPointStatus(stored: $0).html } ?? Self.lead(draft.kind))
            \(isAdmin ? form : facts)
            \(stored == nil ? .empty : actions)
            \(stored == nil ? .empty : "<h2 id=\"messages\">Latest messages</h2>\(NotificationTable(messages: messages, names: [:]).html)" as HTML)
            """)
    }

    private static func lead(_ kind: ContactPointKind) -> HTML {
        switch kind {
        case .email: "<p class=\"lead\">Messages are handed to a mail server by SMTP.</p>"
        case .webhook: "<p class=\"lead\">Messages are sent as signed JSON to a program of yours.</p>"
        case .teams:
            "<p class=\"lead\">In Teams, add the workflow “Post to a channel when a webhook request is received” to the channel, and copy its address.</p>"
        case .slack: "<p class=\"lead\">In Slack, create an app with an incoming webhook for the channel, and copy its address.</p>"
        }
    }

    /// Creates a ``ContactPointPage``.
    init(
        context: RequestContext, stored: StoredContactPoint?, draft: ContactPointDraft, connections: [StoredConnection],
        messages: [StoredNotification] = [], notice: Notice? = nil
    ) {
        self.context = context
        self.stored = stored
        self.draft = draft
        self.connections = connections
        self.messages = messages
        self.notice = notice
    }

    // MARK: Notices

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            The contact point was changed after you opened it, and your changes are not saved.
            <a href="\(path)">Open it again</a> and repeat your change.
            """
        ).refusing().html
    }

    private var problemSummary: HTML {
        FormProblems(
            ContactPointDraft.Field.allCases.flatMap { field in
                problems.filter { $0.field == field }.map { .init(anchor: Self.anchor(field), Self.label(field), HTML($0.message)) }
            }
        ).html
    }

    private var testResult: HTML {
        guard let test, let point = stored?.point else { return .empty }
        let error = test.error(of: point)
        let notice: Notice =
            switch test {
            case .sent(nil): Notice(.done, "The test message was accepted by \(point.host). Look whether it has arrived.")
            case .sent: Notice(.warning, "The test message was accepted by \(point.host), but not for all recipients.")
            case .refused: Notice(.problem, "The test message was not accepted.")
            case .unknown: Notice(.warning, "It is not known whether the test message was accepted.")
            }
        return notice.html + (error.map(guidance) ?? .empty)
    }

    private func guidance(_ error: PSAError) -> HTML {
        let guidance = error.guidance(in: Viewer.current.renderer)
        return """
            <section class="guidance" aria-labelledby="guidance-title">
            <h2 id="guidance-title" tabindex="-1">\(guidance.title)</h2>
            <p class="detail">\(guidance.detail)</p>
            <h3>Why</h3>
            <ul class="causes">\(each: guidance.causes, { "<li><span class=\"confidence \($0.confidence.rawValue)\">\(Viewer.current.renderer.text(CoreMessage.confidence($0.confidence)))</span> <span>\($0.text)</span></li>" })</ul>
            <h3>What to do</h3>
            <ol class="steps">\(each: guidance.steps, { "<li>\($0)</li>" })</ol>
            \(guidance.otherSteps.isEmpty ? .empty : "<h3>If that was not it</h3><ol class=\"steps\" start=\"\(guidance.steps.count + 1)\">\(each: guidance.otherSteps, { "<li>\($0)</li>" })</ol>" as HTML)
            <dl class="facts"><dt>Read on</dt><dd><a href="/errors/\(error.code.rawValue)">Error reference: <code>\(error.code.rawValue)</code></a></dd></dl>
            </section>
            """
    }

    // MARK: Form

    private var form: HTML {
        """
        <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
        \(stored.map { "<input type=\"hidden\" name=\"revision\" value=\"\(revision ?? $0.point.revision)\">" } ?? "<input type=\"hidden\" name=\"kind\" value=\"\(draft.kind.rawValue)\">" as HTML)
        \(row(.name, .text(value: draft.name), help: "As the list of contact points calls it.", isRequired: true))
        \(draft.kind == .email ? mailRows + signInRows : webhookRows)
        <h2>What about</h2>
        \(kindTicks)
        \(connectionChoice)
        \(AdvancedFields(isOpen: opensAdvanced, content: advanced).html)
        <p class="tick"><input type="checkbox" id="field-enabled" name="enabled"\(flag: "checked", draft.isEnabled)> <label for="field-enabled">Send messages to this contact point</label></p>
        <div class="buttons"><button class="primary">Save</button><a class="button quiet" href="/notifications">Cancel</a></div>
        </form>
        """
    }

    /// What is seldom changed.
    private var advanced: HTML {
        """
        \(row(.groupingMinutes, .number(value: typed[.groupingMinutes] ?? String(draft.subscription.groupingMinutes)), help: "Everything that begins or ends in this time is one message. From 5 to 1440.", isRequired: true))
        \(row(.repeatHours, .number(value: typed[.repeatHours] ?? draft.subscription.repeatHours.map(String.init) ?? ""), help: "What lasts is reported again after so many hours. From 1 to 168; left empty, never."))
        \(languageRow)
        """
    }

    /// Whether something under “Advanced” was set, or has to be corrected.
    private var opensAdvanced: Bool {
        let usual = ContactPointDraft(kind: draft.kind)
        let isUsual =
            draft.subscription.groupingMinutes == usual.subscription.groupingMinutes
            && draft.subscription.repeatHours == usual.subscription.repeatHours && draft.language == usual.language
        let fields: [ContactPointDraft.Field] = [.groupingMinutes, .repeatHours, .language]
        return !isUsual || problems.contains { fields.contains($0.field) }
    }

    private var actions: HTML {
        guard context.user?.isOperator ?? false else { return .empty }
        return """
            <h2 id="test">Test</h2>
            <p class="help">The saved settings are used, also while the contact point is off.</p>
            <div class="actions">
            <form method="post" action="\(path)/test">\(FormToken(context.user).field)<button>Send a test message</button></form>
            \(isAdmin ? "<a class=\"button quiet\" href=\"\(path)/remove\">Remove</a>" : .empty)</div>
            """
    }

    private var mailRows: HTML {
        let mail = draft.mail
        let securities: [(String, HTML)] = [
            ("starttls", "STARTTLS (usually port 587)"), ("tls", "TLS (usually port 465)"),
            ("none", "None, only for a server on this machine"),
        ]
        return """
            \(row(.server, .text(value: mail.server), help: "The host name of the server that takes mails from this account.", example: "smtp.example.com", isRequired: true))
            \(row(.port, .number(value: typed[.port] ?? String(mail.port)), help: "587 for STARTTLS, 465 for TLS.", isRequired: true))
            \(select(.security, securities.map { (value: $0.0, label: $0.1) }, chosen: mail.security.rawValue, help: "The certificate of the server is always verified."))
            \(row(.sender, .text(value: mail.sender), help: "The address from which messages come.", example: "vectis@example.com", isRequired: true))
            \(row(.recipients, .lines(value: mail.recipients.joined(separator: "\n")), help: "One address a line, at most \(NotificationLimits.recipients).", isRequired: true))
            """
    }

    private var signInRows: HTML {
        """
        \(row(.user, .text(value: draft.mail.user), help: "Left empty, Vectis does not sign in."))
        \(row(.password, .secret(kept: carriedWords(.password) ?? (stored?.point.password == nil ? nil : "A password is stored. Left empty, it is kept.")), help: "Stored encrypted, and never shown."))
        """
    }

    private var webhookRows: HTML {
        let kept: HTML? = stored == nil ? nil : "An address at \(stored?.point.host ?? "") is stored. Left empty, it is kept."
        let address = row(
            .address, .secret(kept: carriedWords(.address) ?? kept),
            help: "Whoever knows it can send messages: it is stored encrypted, and never shown.",
            example: draft.kind == .slack
                ? "https://hooks.slack.com/services/…"
                : draft.kind == .teams ? "https://….logic.azure.com/workflows/…" : "https://example.com/vectis",
            isRequired: true)
        guard draft.kind == .webhook else { return address }
        return address
            + row(
                .signingKey,
                .secret(kept: carriedWords(.signingKey) ?? (stored == nil ? nil : "A signing key is stored. Left empty, it is kept.")),
                help: "With it your program verifies that a message is from Vectis. 16 to 200 bytes; stored encrypted, and never shown.",
                isRequired: true)
    }

    private var kindTicks: HTML {
        let problem = problems.first { $0.field == .kinds }
        return """
            <fieldset class="detectors" id="\(Self.anchor(.kinds))"\(attribute: "aria-describedby", problem == nil ? nil : "field-kinds-problem")><legend>Kinds</legend>
            \(each: ConditionKind.allCases, { kind in
                """
                <p class="tick"><input type="checkbox" id="kind-\(kind.rawValue)" name="kinds" value="\(kind.rawValue)"\(flag: "checked", draft.subscription.kinds.contains(kind))> <label for="kind-\(kind.rawValue)">\(HTML(term: kind.title))</label></p>
                """
            })
            \(problem.map { "<p class=\"problem\" id=\"field-kinds-problem\"><strong>Problem:</strong> \(HTML($0.message))</p>" as HTML })
            </fieldset>
            """
    }

    private var connectionChoice: HTML {
        let chosen = draft.subscription.connections
        let options = connections.map { (value: $0.id.rawValue, label: HTML(text: $0.name)) }
        return """
            <p class="tick"><input type="checkbox" id="all-connections" name="allConnections"\(flag: "checked", chosen == nil)> <label for="all-connections">All connections, also later ones</label></p>
            \(options.isEmpty ? .empty : row(.connections, .choices(values: Set((chosen ?? []).map(\.rawValue)), options: options), help: "They count if the box above is not ticked."))
            """
    }

    private var languageRow: HTML {
        select(
            .language, [(value: "en", label: "English"), (value: "de", label: "Deutsch")], chosen: draft.language.rawValue,
            help: "The language of messages.")
    }

    private func select(
        _ field: ContactPointDraft.Field, _ options: [(value: String, label: HTML)], chosen: String, help: HTML
    ) -> HTML {
        let problem = problems.first { $0.field == field }
        let id = Self.anchor(field)
        return """
            <div class="field\(problem == nil ? "" : " wrong")"><label for="\(id)">\(Self.label(field))</label>
            <select id="\(id)" name="\(field.rawValue)" aria-describedby="\(id)-help\(problem == nil ? "" : " \(id)-problem")"\(attribute: "aria-invalid", problem == nil ? nil : "true")>
            \(each: options, { "<option value=\"\($0.value)\"\(flag: "selected", $0.value == chosen)>\($0.label)</option>" })</select>
            <p class="help" id="\(id)-help">\(help)</p>
            \(problem.map { "<p class=\"problem\" id=\"\(id)-problem\"><strong>Problem:</strong> \(Viewer.current.renderer.text($0.message))</p>" as HTML })</div>
            """
    }

    private func row(
        _ field: ContactPointDraft.Field, _ input: FieldRow.Input, help: HTML = .empty, example: String = "", isRequired: Bool = false
    ) -> HTML {
        let html = FieldRow(
            name: field.rawValue, label: Self.label(field), input: input, help: help, example: example, isRequired: isRequired,
            message: problems.first { $0.field == field }.map { HTML($0.message) }
        ).html
        guard let text = carried[field] else { return html }
        return html + "<input type=\"hidden\" name=\"\(ConnectionForm.carriedPrefix)\(field.rawValue)\" value=\"\(text)\">"
    }

    /// What a secret field says of a value that was typed into the form before.
    private func carriedWords(_ field: ContactPointDraft.Field) -> HTML? {
        carried[field].map { _ in "The value you entered is kept for this form. Enter another one only to change it." }
    }

    private static func anchor(_ field: ContactPointDraft.Field) -> String { "field-\(field.rawValue)" }

    private static func label(_ field: ContactPointDraft.Field) -> HTML {
        switch field {
        case .name: "Name"
        case .server: "Mail server"
        case .port: "Port"
        case .security: "Encryption"
        case .user: "User"
        case .password: "Password"
        case .sender: "Sender"
        case .recipients: "Recipients"
        case .address: "Webhook address"
        case .signingKey: "Signing key"
        case .connections: "Connections"
        case .kinds: "Kinds"
        case .groupingMinutes: "Minutes between two messages"
        case .repeatHours: "Hours until what lasts is repeated"
        case .language: "Language"
        }
    }

    // MARK: Facts

    private var facts: HTML {
        guard let point = stored?.point else { return .empty }
        var rows: [(HTML, HTML)] = [
            ("Kind", HTML(term: point.kind.title)),
            ("Server", HTML(text: point.kind == .email ? "\(point.host):\(point.mail.port)" : point.host)),
        ]
        if point.kind == .email {
            rows += [
                ("Sender", HTML(text: point.mail.sender)), ("Recipients", HTML(text: point.mail.recipients.joined(separator: ", "))),
            ]
        }
        let names = point.subscription.connections.map { chosen in
            connections.filter { chosen.contains($0.id) }.map(\.name).joined(separator: ", ")
        }
        rows += [
            ("Connections", names.map { HTML(text: $0) } ?? "All"),
            ("Kinds", HTML.joined(ConditionKind.allCases.filter(point.subscription.kinds.contains).map { HTML(term: $0.title) })),
            ("Minutes between two messages", "\(point.subscription.groupingMinutes)"),
            ("Repeated after hours", point.subscription.repeatHours.map { "\($0)" } ?? "never"),
        ]
        return "<dl class=\"facts\">\(each: rows, { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>"
    }
}

extension ContactPointPage {
    /// Takes what a form says, and keeps the secrets for the case that it is shown again.
    ///
    /// - Throws: An error of the key ring.
    mutating func read(_ form: SubmittedForm, for user: SignedInUser, _ vault: Vault) throws {
        for field in [ContactPointDraft.Field.password, .address, .signingKey] {
            let place = SettingKey("contact-point/\(field.rawValue)")
            let typed = form.text(field.rawValue)
            if !typed.isEmpty {
                carried[field] = try vault.sealForForm(Secret(typed), of: user.session, place)
            } else if let kept = form[ConnectionForm.carriedPrefix + field.rawValue],
                let secret = vault.openFromForm(kept, of: user.session, place)
            {
                carried[field] = kept
                earlier[field] = secret
            }
        }
        read(form)
        earlier = [:]
    }

    private mutating func read(_ form: SubmittedForm) {
        let earlier = earlier
        func text(_ field: ContactPointDraft.Field) -> String { form.text(field.rawValue).trimmingSpaces }
        func secret(_ field: ContactPointDraft.Field) -> Secret? {
            let typed = form.text(field.rawValue)
            return typed.isEmpty ? earlier[field] : Secret(typed)
        }
        func number(_ field: ContactPointDraft.Field) -> Int {
            if let number = Int(text(field)) { return number }
            typed[field] = text(field)
            // Outside of every range.
            return -1
        }
        draft.name = text(.name)
        draft.isEnabled = form.has("enabled")
        draft.language = Language(rawValue: text(.language)) ?? .english
        draft.subscription.kinds = Set(form.texts("kinds").compactMap { ConditionKind(rawValue: $0) })
        draft.subscription.connections =
            form.has("allConnections") ? nil : Set(form.texts("connections").compactMap { ConnectionID($0) })
        draft.subscription.groupingMinutes = number(.groupingMinutes)
        draft.subscription.repeatHours = text(.repeatHours).isEmpty ? nil : number(.repeatHours)
        guard draft.kind == .email else {
            draft.address = secret(.address)
            if draft.kind == .webhook { draft.signingKey = secret(.signingKey) }
            return
        }
        draft.mail = MailSettings(
            server: text(.server).lowercased(), port: number(.port), security: MailServer.Security(rawValue: text(.security)) ?? .startTLS,
            user: text(.user), sender: text(.sender),
            recipients: form.text("recipients").split { $0.isNewline || $0 == "," || $0 == ";" }.map { String($0).trimmingSpaces }
                .filter { !$0.isEmpty })
        draft.password = secret(.password)
    }
}
