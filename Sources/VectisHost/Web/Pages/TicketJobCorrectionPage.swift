import PSACore
import PSAEngine

/// The form with which a person corrects what the PSA refused, and sends it again.
struct TicketJobCorrectionPage: WebPage {
    let context: RequestContext
    let job: TicketJob
    let form: TicketJobCorrection
    var problems: [(field: String, message: String)] = []

    private var path: String { "/jobs/\(job.id.rawValue)/correct" }

    var document: HTML {
        Layout(context, .rules, title: "Correct and send again").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a> · <a href="/jobs">History and outbox</a></p>
            <h1>Correct and send again</h1>
            \(refusal)
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            \(row("summary", "Summary", .text(value: form.summary), isRequired: true))
            \(row("details", "Details", .lines(value: form.details)))
            \(row("company", "Company", .text(value: form.company), help: "Its name. The id below counts first."))
            \(row("companyID", "Company id in the PSA", .text(value: form.companyID)))
            \(each: TicketDefault.allCases, { row($0.rawValue, Self.label($0), .number(value: form.defaults[$0]), help: "Left empty, the connection’s ticket default.") })
            <p class="help">The rule itself stays as it is. Vectis searches the PSA for the reference once before it sends.</p>
            <div class="buttons"><button class="primary">Send again</button>
            <a class="button quiet" href="/jobs?state=failed">Cancel</a></div>
            </form>
            """)
    }

    private var refusal: HTML {
        guard case .failed(let code, let problem) = job.state else { return .empty }
        let detail = FailureCause(code: code, problem: problem).detail
        return Notice(.problem, "\(detail) <a href=\"/errors#\(code.anchor)\"><code>\(code.rawValue)</code></a>").html
    }

    private static func label(_ choice: TicketDefault) -> String {
        switch choice {
        case .type: "Ticket type id"
        case .status: "Status id"
        case .priority: "Priority id"
        }
    }

    private func row(_ name: String, _ label: String, _ input: FieldRow.Input, help: String = "", isRequired: Bool = false) -> HTML {
        let messages = problems.filter { $0.field == name }.map(\.message)
        return FieldRow(
            name: name, label: label, input: input, help: help, isRequired: isRequired,
            problem: messages.isEmpty ? nil : messages.joined(separator: " "), takesFocus: problems.first?.field == name
        ).html
    }
}

/// What a person corrects of an item.
struct TicketJobCorrection: Sendable {
    var summary: String
    var details: String
    var company: String
    var companyID: String
    var defaults = TicketDefaultsSubmission()

    init(_ order: TicketJob.Payload) {
        (summary, details, company, companyID) = (order.summary, order.details, order.company, order.companyID)
        defaults.values = [.type: order.type, .status: order.status, .priority: order.priority]
    }

    init(_ form: SubmittedForm) {
        summary = form.text("summary").trimmingSpaces
        details = form.text("details")
        company = form.text("company").trimmingSpaces
        companyID = form.text("companyID").trimmingSpaces
        for choice in TicketDefault.allCases { defaults.values[choice] = form.text(choice.rawValue).trimmingSpaces }
    }

    /// What is wrong with it, by field.
    var problems: [(field: String, message: String)] {
        var problems: [(field: String, message: String)] = []
        if !(1...RuleDefinition.maxSummaryLength).contains(summary.count) {
            problems.append(("summary", "A summary has 1 to \(RuleDefinition.maxSummaryLength) characters."))
        }
        if details.count > RuleDefinition.maxDetailsLength {
            problems.append(("details", "The text has more than \(RuleDefinition.maxDetailsLength) characters."))
        }
        if company.count > 200 { problems.append(("company", "A name has at most 200 characters.")) }
        if !companyID.isEmpty, Company.ID(companyID) == nil {
            problems.append(("companyID", "An id has at most 200 characters, and no line breaks."))
        }
        for choice in TicketDefault.allCases where !defaults[choice].isEmpty && TicketType.ID(defaults[choice]) == nil {
            problems.append((choice.rawValue, "An id has at most 200 characters, and no line breaks."))
        }
        return problems
    }

    /// An order with the corrections.
    func applied(to order: TicketJob.Payload) -> TicketJob.Payload {
        var order = order
        (order.summary, order.details, order.company, order.companyID) = (summary, details, company, companyID)
        (order.type, order.status, order.priority) = (defaults[.type], defaults[.status], defaults[.priority])
        return order
    }
}
