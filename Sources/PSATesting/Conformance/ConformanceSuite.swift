import PSACore

/// Examines a connector by every rule.
public enum ConformanceSuite {
    /// Runs the rules one after another.
    ///
    /// - Parameters:
    ///   - subject: The connector and the tenant it is examined at.
    ///   - rules: The rules to run; all of them unless stated otherwise.
    ///   - progress: Called with each rule as it ends.
    /// - Returns: Every rule and how it ended.
    /// - Throws: `CancellationError`.
    public static func run(
        _ subject: ConformanceSubject, rules: [ConformanceRule] = ConformanceRule.all,
        progress: @Sendable (ConformanceReport.Line) -> Void = { _ in }
    ) async throws -> ConformanceReport {
        var lines: [ConformanceReport.Line] = []
        for rule in rules {
            try Task.checkCancellation()
            let line = ConformanceReport.Line(rule: rule, outcome: await outcome(of: rule, subject))
            progress(line)
            lines.append(line)
        }
        try Task.checkCancellation()
        return ConformanceReport(
            connector: subject.descriptor.id, tier: subject.descriptor.tier, claimed: subject.descriptor.grade, lines: lines)
    }

    private static func outcome(of rule: ConformanceRule, _ subject: ConformanceSubject) async -> ConformanceReport.Outcome {
        let standing = subject.profile.standings[rule.id]
        if case .exempt(let reason) = standing { return .exempt(reason: reason) }
        for need in rule.needs {
            guard let lack = need.lack(in: subject) else { continue }
            return need.isAboutTheRun ? .notRun(reason: lack) : .notApplicable(reason: lack)
        }
        let violations: [Violation]
        do {
            violations = try await rule.check(subject)
        } catch let reason as InconclusiveError {
            return .notRun(reason: reason.description)
        } catch {
            violations = [Violation("The check ended with an error: \(error)")]
        }
        switch (standing, violations.isEmpty) {
        case (.todo(let reason), true): return .keptUnexpectedly(reason: reason)
        case (.todo(let reason), false): return .todo(reason: reason)
        case (_, true): return .kept
        case (_, false): return .broken(violations)
        }
    }
}

/// Why a rule could not be looked at with this tenant.
struct InconclusiveError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension ConformanceNeed {
    /// Whether another run of the same connector could have what is missing.
    fileprivate var isAboutTheRun: Bool { self == .writing || self == .guide }
}
