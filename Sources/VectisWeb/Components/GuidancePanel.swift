import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// A failure as an administrator reads it: what happened, why, what to do, in that order.
struct GuidancePanel: Sendable {
    let error: PSAError
    let services: HostServices
    /// Whether the settings to fix are on this page, so that a suggested value can be put into its field.
    let isBesideForm: Bool
    /// Whether the connection works nevertheless.
    var isWarning = false
    /// The fields of tickets whose inputs are on this page.
    var fieldsBeside: Set<TicketField.ID> = []
    /// The id of its title; a page with two panels needs two.
    var titleID = "guidance-title"
    /// Whether it is about a request that was answered just now, which has a correlation id.
    var hasOccurrence = true
    /// Whether its title has the focus when the page opens.
    var takesFocus = false

    private var descriptor: ConnectorDescriptor? {
        error.connector.flatMap { try? services.registry.descriptor(named: $0.rawValue) }
    }

    var html: HTML {
        let guidance = error.guidance(in: Self.renderer)
        return """
            <section class="\(isWarning ? "guidance warning" : "guidance")" aria-labelledby="\(titleID)">
            <h2 id="\(titleID)" tabindex="-1"\(flag: "autofocus", takesFocus)>\(guidance.title)</h2>
            <p class="detail">\(guidance.detail)</p>
            \(settingIssues)\(fieldIssues)
            \(causes(guidance.causes))
            <h3>What to do</h3>
            <ol class="steps">\(each: guidance.steps, { "<li>\($0)</li>" })</ol>
            \(otherSteps(guidance))
            \(suggestion(guidance))
            \(facts(guidance))
            \(vendorWords)
            \(hasOccurrence ? support : .empty)
            </section>
            """
    }

    private var support: HTML {
        let problem = try? JSONDocument(error.problem.encoded)
        let text = SupportText(problem: problem?.root, at: services.time.now(), versions: services.versions).text
        return SupportDetails(id: titleID + "-support", text: text).html
    }

    private static var renderer: TextRenderer { Viewer.current.renderer }

    private func otherSteps(_ guidance: Guidance) -> HTML {
        guard !guidance.otherSteps.isEmpty else { return .empty }
        return """
            <h3>If that was not it</h3>
            <ol class="steps" start="\(guidance.steps.count + 1)">\(each: guidance.otherSteps, { "<li>\($0)</li>" })</ol>
            """
    }

    private var fieldIssues: HTML {
        guard !error.ticketFieldIssues.isEmpty else { return .empty }
        return "<h3>Fields to correct</h3>\(TicketFieldProblems(issues: error.ticketFieldIssues, beside: fieldsBeside).list)"
    }

    private var settingIssues: HTML {
        guard error.settingIssues.count > 1 else { return .empty }
        return """
            <h3>Settings to correct</h3>
            <ul>\(each: error.settingIssues, { "<li><strong>\(label($0.field)):</strong> \(Self.renderer.text($0.localizedMessage))</li>" })</ul>
            """
    }

    private func causes(_ causes: [Cause]) -> HTML {
        guard !causes.isEmpty else { return .empty }
        let renderer = Viewer.current.renderer
        return """
            <h3>Why</h3>
            <ul class="causes">\(each: causes, { cause in """
                <li><span class="confidence \(cause.confidence.rawValue)">\(renderer.text(CoreMessage.confidence(cause.confidence)))</span>
                <span>\(cause.text)\(cause.evidence.map { " <span class=\"evidence\">Seen: \($0)</span>" as HTML })</span></li>
                """ })</ul>
            """
    }

    private func suggestion(_ guidance: Guidance) -> HTML {
        guard let suggestion = guidance.suggestion else { return .empty }
        let name = label(suggestion.field)
        guard isBesideForm else {
            return suggestion.value.isEmpty
                ? "<p>Empty the field “\(name)”.</p>" : "<p>Value for “\(name)”: <code>\(suggestion.value)</code></p>"
        }
        let words: HTML =
            suggestion.value.isEmpty ? "Empty the field “\(name)”" : "Use <code>\(suggestion.value)</code> as \(name)"
        return """
            <p><button class="suggestion" form="connection" name="suggest" value="\(suggestion.field.rawValue)=\(suggestion.value)"
            data-field="\(suggestion.field.rawValue)" data-value="\(suggestion.value)">\(words)</button></p>
            """
    }

    private func facts(_ guidance: Guidance) -> HTML {
        let renderer = Viewer.current.renderer
        let guide = guidance.guide.flatMap { services.guides.path(of: $0) }
        return """
            <dl class="facts">
            <dt>Who has to act</dt><dd>\(renderer.text(CoreMessage.responsibleParty(guidance.responsibleParty)))</dd>
            \(guidance.fields.isEmpty ? .empty : "<dt>Settings to change</dt><dd>\(HTML.joined(guidance.fields.map(label)))</dd>" as HTML)
            <dt>Next</dt><dd>\(renderer.text(CoreMessage.retry(guidance.retry)))</dd>
            <dt>Read on</dt><dd>\(guide.map { "<a href=\"\($0)\">The step in the guide</a> " as HTML })<a href="/errors/\(error.code.rawValue)">
            Error reference: <code>\(error.code.rawValue)</code></a></dd>
            \(hasOccurrence ? "<dt>Correlation id</dt><dd><code>\(error.correlationID.rawValue)</code></dd>" : .empty)
            </dl>
            """
    }

    private var vendorWords: HTML {
        var rows: [(HTML, String)] = []
        if let request = error.request { rows.append(("Request", request)) }
        if let vendor = error.vendor {
            if let status = vendor.status { rows.append(("Status", "HTTP \(status)")) }
            if let code = vendor.code { rows.append(("Code", code)) }
            if let message = vendor.message { rows.append(("Message", message)) }
            if let requestID = vendor.requestID { rows.append(("Request id", requestID)) }
        }
        guard !rows.isEmpty else { return .empty }
        return """
            <details><summary>What \(descriptor.map { HTML(text: $0.displayName) } ?? "the PSA") answered</summary>
            <dl class="facts">\(each: rows, { "<dt>\($0.0)</dt><dd><code>\($0.1)</code></dd>" })</dl>
            </details>
            """
    }

    private func label(_ key: SettingKey) -> HTML { descriptor?.settings[key].map { HTML(term: $0.label) } ?? HTML(text: key.rawValue) }
}

/// A failure that was stored as problem JSON: what happened, why, what to do, in that order.
struct StoredProblemPanel: Sendable {
    let problem: String
    /// The same in English, for those who help; nil if ``problem`` has it.
    var english: JSONView?
    let code: ErrorCode
    /// The id of the panel; that of its title is derived from it.
    let id: String
    /// What it concerns, and when.
    let occurrence: HTML
    /// When it happened last, for support; nil if that is not known.
    var at: Date?
    /// The versions of the host, for support.
    var versions = ""
    /// Whether the connection works nevertheless.
    var isWarning = false
    /// The settings to change, as links; empty for none.
    var settings: HTML = .empty

    var html: HTML {
        let root = TranslatedJSON.read(problem, in: Viewer.current.language)
        let causes = root?["causes"]?.elements ?? []
        let steps = root?["steps"]?.elements.compactMap(\.string) ?? []
        let first = causes.first?["steps"]?.elements.count ?? steps.count
        return """
            <section class="\(isWarning ? "guidance warning" : "guidance")" id="\(id)" aria-labelledby="\(id)-title">
            <h2 id="\(id)-title">\(root?["title"]?.string ?? code.rawValue)</h2>
            <p class="detail">\(root?["detail"]?.string ?? "")</p>
            <p class="help">\(occurrence)</p>
            \(causes.isEmpty ? .empty : "<h3>Why</h3><ul class=\"causes\">\(each: causes, cause)</ul>")
            \(steps.isEmpty ? .empty : "<h3>What to do</h3><ol class=\"steps\">\(each: steps.prefix(first), { "<li>\($0)</li>" })</ol>")
            \(steps.count > first ? "<h3>If that was not it</h3><ol class=\"steps\" start=\"\(first + 1)\">\(each: steps.dropFirst(first), { "<li>\($0)</li>" })</ol>" : .empty)
            <dl class="facts">\(settings.isEmpty ? .empty : "<dt>Settings to change</dt><dd>\(settings)</dd>" as HTML)
            <dt>Read on</dt><dd><a href="/errors/\(code.rawValue)">Error reference: <code>\(code.rawValue)</code></a></dd>
            \(root?["correlationID"]?.string.map { "<dt>Correlation id</dt><dd><code>\($0)</code></dd>" as HTML })</dl>
            \(vendor(root))
            \(SupportDetails(id: "\(id)-support", text: SupportText(problem: english ?? TranslatedJSON.read(problem), at: at, versions: versions).text).html)
            </section>
            """
    }

    private func cause(_ cause: JSONView) -> HTML {
        let confidence = cause["confidence"]?.string.flatMap(Confidence.init(rawValue:)) ?? .possible
        return """
            <li><span class="confidence \(confidence.rawValue)">\(Viewer.current.renderer.text(CoreMessage.confidence(confidence)))</span>
            <span>\(cause["text"]?.string ?? "")\(cause["evidence"]?.string.map { " <span class=\"evidence\">Seen: \($0)</span>" as HTML })</span></li>
            """
    }

    private func vendor(_ root: JSONView?) -> HTML {
        var rows: [(HTML, String)] = []
        if let request = root?["request"]?.string { rows.append(("Request", request)) }
        if let status = root?["vendor"]?["status"]?.text { rows.append(("Status", "HTTP \(status)")) }
        let members: [(String, HTML)] = [("code", "Code"), ("message", "Message"), ("requestID", "Request id")]
        for (name, label) in members {
            if let value = root?["vendor"]?[name]?.string { rows.append((label, value)) }
        }
        guard !rows.isEmpty else { return .empty }
        return """
            <details><summary>What the PSA answered</summary>
            <dl class="facts">\(each: rows, { "<dt>\($0.0)</dt><dd><code>\($0.1)</code></dd>" })</dl></details>
            """
    }
}

/// A failure as text to send to someone who helps; without scripts it is selected and copied by hand.
struct SupportDetails: Sendable {
    /// The id of the text; a page with two needs two.
    let id: String
    let text: String

    var html: HTML {
        "<details class=\"support\"><summary>Copy for support</summary>\(CodeBlock(id: id, text: text).html)</details>"
    }
}

extension HostServices {
    /// The versions that a person who helps has to know.
    package var versions: String { "API 1, database \(storage.schemaVersion)" }
}

/// The checks of a connection test, each with its outcome, evidence and duration.
struct CheckList: Sendable {

    /// One check as an item of the list; the streamed test sends these one by one.
    static func item(_ check: ConnectionCheck) -> HTML {
        let renderer = Viewer.current.renderer
        let took = check.duration.map { " · \($0.wholeMilliseconds) ms" } ?? ""
        return """
            <li class="check \(check.outcome.rawValue)">
            <span class="outcome">\(renderer.text(CoreMessage.outcome(check.outcome)))</span>
            <span class="subject">\(renderer.text(CoreMessage.check(check.subject)))</span>
            <span class="evidence">\(renderer.text(check.evidence))\(took)</span>
            </li>
            """
    }

    /// The whole list.
    static func list(_ checks: [ConnectionCheck]) -> HTML {
        "<ol class=\"checks\">\(each: checks, item)</ol>"
    }
}
