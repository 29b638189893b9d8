import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// One thing that a new host needs.
enum OnboardingStep: String, Sendable, CaseIterable {
    case connection
    case ticketDefaults
    case apiKey
    case firstEvent
    case rule
    case activeRule

    var title: HTML {
        switch self {
        case .connection: "Connect a PSA"
        case .ticketDefaults: "Choose the ticket defaults"
        case .apiKey: "Make an API key"
        case .firstEvent: "Send the first event"
        case .rule: "Make a rule"
        case .activeRule: "Promote it from dry run"
        }
    }

    var help: HTML {
        switch self {
        case .connection: "Vectis writes tickets into it."
        case .ticketDefaults: "Type, priority and status of new tickets."
        case .apiKey: "A monitoring program sends events with it."
        case .firstEvent: "The page of the API key has a ready command."
        case .rule: "It says which events become tickets."
        case .activeRule: "Until then it only records what it would do."
        }
    }
}

/// How far a host is set up, as it is now.
struct Onboarding: Sendable {
    let facts: OnboardingFacts
    let done: Set<OnboardingStep>
    /// The connection whose ticket defaults are missing.
    let connection: StoredConnection?
    /// The connector that a first connection uses.
    let connector: ConnectorID?

    init(_ facts: OnboardingFacts, connections: [StoredConnection], registry: ConnectorRegistry) {
        self.facts = facts
        let lacking = connections.filter { connection in
            guard let descriptor = try? registry.descriptor(named: connection.connector.rawValue) else { return false }
            let hasFields = descriptor.settings.fields.contains { if case .ticketDefault = $0.purpose { true } else { false } }
            return hasFields && connection.ticketDefaults(descriptor).values.values.allSatisfy(\.isEmpty)
        }
        connection = lacking.first
        connector = registry.descriptors.filter { $0.tier == .complete }.map(\.id).min { $0.rawValue < $1.rawValue }
        let all: [(OnboardingStep, Bool)] = [
            (.connection, !connections.isEmpty), (.ticketDefaults, !connections.isEmpty && lacking.count < connections.count),
            (.apiKey, facts.hasKey), (.firstEvent, facts.hasEvent), (.rule, facts.hasRule), (.activeRule, facts.hasActiveRule),
        ]
        done = Set(all.filter(\.1).map(\.0))
    }

    var isComplete: Bool { done.count == OnboardingStep.allCases.count }

    /// Where a step is done; nil while an earlier one is missing.
    func path(of step: OnboardingStep) -> String? {
        switch step {
        case .connection: connector.map { "/integrations/new/\($0.rawValue)" }
        case .ticketDefaults: connection.map { "/integrations/\($0.id)/ticket-defaults" }
        case .apiKey, .firstEvent: "/api-keys"
        case .rule: done.contains(.connection) ? "/rules/new" : nil
        case .activeRule: done.contains(.rule) ? "/rules" : nil
        }
    }
}

/// The first steps of a new host, on its start page, for administrators.
struct OnboardingChecklist: Sendable {
    let context: RequestContext
    let onboarding: Onboarding

    var html: HTML {
        guard context.user?.isAdmin ?? false, !onboarding.isComplete else { return .empty }
        guard onboarding.facts.dismissedAt == nil else { return button(isDismissed: false, "Show the first steps again") }
        return """
            <section class="checklist" aria-labelledby="first-steps"><h2 id="first-steps">First steps</h2>
            <p class="help">\(onboarding.done.count) of \(OnboardingStep.allCases.count) are done.</p>
            <ol>\(each: OnboardingStep.allCases, row)</ol>
            \(button(isDismissed: true, "Hide this list"))</section>
            """
    }

    private func row(_ step: OnboardingStep) -> HTML {
        if onboarding.done.contains(step) { return "<li>\(Badge(.good, "Done").html) \(step.title)</li>" }
        let title: HTML = onboarding.path(of: step).map { "<a href=\"\($0)\">\(step.title)</a>" } ?? step.title
        return "<li>\(Badge(.neutral, "To do").html) \(title): \(step.help)</li>"
    }

    private func button(isDismissed: Bool, _ words: HTML) -> HTML {
        """
        <form method="post" action="/onboarding" class="actions">\(FormToken(context.user).field)\
        <input type="hidden" name="dismissed" value="\(isDismissed ? "1" : "0")"><button class="quiet">\(words)</button></form>
        """
    }
}

extension HostServices {
    /// How far the host is set up.
    func onboarding(at now: Date) async throws -> Onboarding {
        Onboarding(
            try await storage.onboarding(at: now), connections: try await storage.connections(), registry: registry)
    }

    fileprivate func setOnboarding(isDismissed: Bool, by context: RequestContext) async throws {
        try await storage.setOnboardingDismissed(
            isDismissed ? context.now : nil,
            audit: context.audit(.onboardingChanged, "", .done, isDismissed ? "Dismissed." : "Shown again."))
    }
}

extension PageRoutes {
    /// Hides the checklist, or shows it again.
    var onboardingRoutes: [Route] {
        [
            Route(.post, "/onboarding", .admin) { context in
                let word = try context.form().text("dismissed")
                guard ["0", "1"].contains(word) else { throw WebError(.invalid, "“dismissed” is 0 or 1.") }
                try await services.setOnboarding(isDismissed: word == "1", by: context)
                return .redirect(to: "/integrations")
            }
        ]
    }
}

extension APIRoutes {
    /// The first steps of a host.
    var onboardingRoutes: [Route] {
        let path = "\(Self.root)/onboarding"
        return [
            Route(.get, path, .admin) { context in
                try context.allowQuery([])
                return .json(json(try await services.onboarding(at: context.now)))
            },
            Route(.put, path, .admin) { context in
                var body = try APIBody(context.request)
                let isDismissed = body.flag("dismissed")
                try body.finish()
                try await services.setOnboarding(isDismissed: isDismissed, by: context)
                return .json(json(try await services.onboarding(at: context.now)))
            },
        ]
    }

    private func json(_ onboarding: Onboarding) -> JSONValue {
        let steps = OnboardingStep.allCases.map { step in
            ["step": .string(step.rawValue), "done": .bool(onboarding.done.contains(step))] as JSONValue
        }
        return ["dismissed": .bool(onboarding.facts.dismissedAt != nil), "steps": .array(steps)]
    }
}
