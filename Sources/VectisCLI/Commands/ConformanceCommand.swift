import PSACore
import PSAEngine
import PSATesting
import Synchronization
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis conformance CONNECTOR`: checks a connector against every rule, at the tenant that the settings name.
struct ConformanceCommand: Command {
    let form = CommandDefinition(
        tokens: ["conformance"], summary: "check a connector against the published rules, and grade it", arguments: ["CONNECTOR"],
        options: [.allowWrites, .rule, .type, .status, .priority, .company, .contact, .markdown] + CommandOption.connection,
        optionInPlaceOfArguments: .markdown)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        if command.has(.markdown) {
            program.console.output.write(ConformanceReference().markdown)
            return .done
        }
        guard let name = command.arguments.first else { throw UsageError.missing("CONNECTOR") }
        let rules = try rules(command.all(.rule))
        let subject = try subject(name, command, program)
        let (console, wantsJSON) = (program.console, command.has(.json))
        let count = Mutex(0)
        let report = try await ConformanceSuite.run(subject, rules: rules) { line in
            if !wantsJSON { console.line(Self.text(line, coloured: console.outputIsTerminal)) }
            let ended = count.withLock { count in
                count += 1
                return count
            }
            // A person at a terminal sees the lines themselves.
            guard wantsJSON || !console.outputIsTerminal else { return }
            console.message("\(ended) of \(rules.count): \(line.rule.id) \(line.outcome.name)")
        }
        if wantsJSON {
            console.line(report.json.encodedText)
        } else {
            console.line()
            console.line(Self.summary(report))
        }
        return report.isAccepted ? .done : .defect
    }

    /// The rules of the given ids, in the order of the reference; all without any.
    private func rules(_ ids: [String]) throws -> [ConformanceRule] {
        let all = ConformanceRule.all
        for id in ids where !all.contains(where: { $0.id.rawValue == id }) {
            throw UsageError.unknown(id, known: all.map(\.id.rawValue))
        }
        return ids.isEmpty ? all : all.filter { ids.contains($0.id.rawValue) }
    }

    private func subject(_ name: String, _ command: ParsedCommand, _ program: CommandLineProgram) throws -> ConformanceSubject {
        let entry = try program.registry.registration(named: name)
        // A placeholder connects to nothing, so it needs no settings to be checked.
        let input =
            entry.descriptor.tier == .placeholder
            ? SettingsInput()
            : try SettingsSource(environment: program.environment, console: program.console).collect(for: entry.descriptor, from: command)
        let policy = try program.addressPolicy(command)
        if entry.descriptor.tier == .complete {
            let problems = entry.descriptor.settings.validate(input, policy: policy).issues
            guard problems.isEmpty else { throw PSAError(settings: problems, descriptor: entry.descriptor) }
        }
        let draft = TicketDraft(
            summary: "Conformance check", company: try command.id(.company), contact: try command.id(.contact),
            type: try command.id(.type), status: try command.id(.status), priority: try command.id(.priority))
        let library = try GuideLibrary(registry: program.registry, found: program.connectors.guides)
        return ConformanceSubject(
            entry, settings: input, transport: command.has(.noRateLimit) ? program.transport : paced(program),
            addressPolicy: policy, profile: try program.connectors.conformanceProfile(of: entry.descriptor.id),
            mayWrite: command.has(.allowWrites),
            draft: draft, typeWithFields: draft.type, guideHeadings: library.headings(of: entry.descriptor.guide))
    }

    /// The suite limits its requests to a rate that every known vendor allows, whatever the rules do to the connector's own limit.
    private func paced(_ program: CommandLineProgram) -> any HTTPTransport {
        let budget = RateLimiter(rateLimit: RateLimit(100, per: .seconds(60)), time: program.time)
        return HTTPPipeline([SuitePace(budget: budget)], to: program.transport)
    }

    private static func text(_ line: ConformanceReport.Line, coloured: Bool) -> String {
        let word = Columns.pad(line.outcome.name, to: 21)
        let colour = line.outcome == .kept ? "32" : line.outcome.isAccepted ? "33" : "31"
        let head =
            "  \(coloured ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word)\(Columns.pad(line.rule.grade.rawValue, to: 10))\(line.rule.id): \(line.rule.title)"
        return ([head] + line.outcome.logLines.map { "      \($0.onOneLine)" }).joined(separator: "\n")
    }

    private static func counts(_ report: ConformanceReport) -> String {
        let counts = Dictionary(grouping: report.lines, by: \.outcome.name).mapValues(\.count)
        let outcomes = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(report.lines.count) \(report.lines.count == 1 ? "rule" : "rules"): \(outcomes)."
    }

    private static func summary(_ report: ConformanceReport) -> String {
        // Some rules have no grade.
        guard report.isWhole else { return "\(counts(report)) Without --rule all rules run.\n\(report.connector): \(report.gradeText)." }
        let lines: [String?] = [
            counts(report),
            report.tier == .placeholder
                ? "\(report.connector) is a placeholder: it has no grade."
                : "Grade: \(report.gradeText)\(report.claimed.map { "; the connector claims \($0.rawValue)" } ?? "").",
            report.nextStep.map { "Missing for the next grade: \($0.rule.id) (\($0.outcome.name))." },
        ]
        return lines.compactMap { $0 }.joined(separator: "\n")
    }
}

/// Delays requests to a rate, for any time: a request of the suite is never rejected by the rate limit.
private struct SuitePace: HTTPMiddleware {
    let budget: RateLimiter

    func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        try await budget.acquire()
        return try await next(request)
    }
}
