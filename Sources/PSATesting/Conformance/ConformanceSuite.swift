public import PSACore

/// Examines a connector by every rule.
///
/// ```swift
/// let subject = ConformanceSubject(
///     ConnectorRegistration(InMemoryConnector.self), settings: psa.settings, transport: psa, mayWrite: false)
/// let report = try await ConformanceSuite.run(subject) { print($0.rule.id, $0.outcome.name) }
/// for line in report.complaints { print(line.rule.id, line.outcome.logLines) }
/// ```
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
        var subject = subject
        subject.run = ConformanceRun()
        var isExplored = false
        var lines: [ConformanceReport.Line] = []
        for rule in rules {
            try Task.checkCancellation()
            var outcome = await outcome(of: rule, subject)
            // Only a rule that seems broken gives a reason to find out what the tenant forbids: it costs requests.
            if case .broken = outcome, subject.descriptor.tier == .complete, !isExplored {
                isExplored = true
                subject.denied = await TenantPermissions.denied(subject)
                if !subject.denied.isEmpty { outcome = await Self.outcome(of: rule, subject) }
            }
            let line = ConformanceReport.Line(rule: rule, outcome: outcome)
            progress(line)
            lines.append(line)
        }
        try Task.checkCancellation()
        return ConformanceReport(
            connector: subject.descriptor.id, tier: subject.descriptor.tier, claimed: subject.descriptor.grade, lines: lines,
            endedEarly: subject.run.signIns.lockedWith != nil)
    }

    private static func outcome(of rule: ConformanceRule, _ subject: ConformanceSubject) async -> ConformanceReport.Outcome {
        let standing = subject.profile.standings[rule.id]
        if case .exempt(let reason) = standing { return .exempt(reason: reason) }
        for need in rule.needs {
            guard let lack = need.lack(in: subject) else { continue }
            return need.isAboutTheRun(of: subject) ? .notRun(reason: lack) : .notApplicable(reason: lack)
        }
        guard subject.run.signIns.lockedWith == nil else { return .notRun(reason: AccountLockedError.afterwards) }
        let violations: [Violation]
        do {
            violations = try await rule.check(subject)
        } catch let reason as AccountLockedError {
            return .notRun(reason: reason.description)
        } catch let reason as InconclusiveError {
            return .notRun(reason: reason.description)
        } catch let reason as NotApplicableError {
            return .notApplicable(reason: reason.description)
        } catch let error as PSAError where error.code.area == .permission {
            return .notRun(reason: TenantPermissions.sentence(about: error))
        } catch {
            violations = [Violation("The check ended with an error: \(error)")]
        }
        let unread = subject.declaredLists.filter { subject.denied[$0.capability] != nil }.map(\.name)
        switch (standing, violations.isEmpty) {
        case (.todo(let reason), true): return .keptUnexpectedly(reason: reason)
        case (.todo(let reason), false): return .todo(reason: reason)
        case (_, true) where rule.needs.contains(.list) && !unread.isEmpty:
            return .notRun(reason: "The tenant does not let this connection read \(unread.joined(separator: ", ")).")
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

/// Why a rule does not concern the connector, as the check itself found out.
struct NotApplicableError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension ConformanceNeed {
    /// Whether another run of the same connector could have what is missing.
    fileprivate func isAboutTheRun(of subject: ConformanceSubject) -> Bool {
        switch self {
        case .writing, .guide: true
        case .list: !subject.declaredLists.isEmpty
        case .capability(let capability): subject.denied[capability] != nil
        case .connection, .accessToken: false
        }
    }
}

/// What the suite found out about a connector.
public struct ConformanceReport: Sendable {
    /// How one rule ended.
    @nonexhaustive
    public enum Outcome: Sendable, Hashable {
        /// It is kept.
        case kept
        /// It is not kept, and the profile does not say so.
        case broken([Violation])
        /// It is not kept, as its author says.
        case todo(reason: String)
        /// Its author says that it is not kept, and it is.
        case keptUnexpectedly(reason: String)
        /// It does not concern this connector, as its author says.
        case exempt(reason: String)
        /// It does not concern this connector, by what the connector declares.
        case notApplicable(reason: String)
        /// It could not be looked at in this run.
        case notRun(reason: String)

        /// The outcome in a word.
        public var name: String {
            switch self {
            case .kept: "kept"
            case .broken: "broken"
            case .todo: "todo"
            case .keptUnexpectedly: "kept although todo"
            case .exempt: "exempt"
            case .notApplicable: "not applicable"
            case .notRun: "not run"
            }
        }

        /// What there is to say beyond the word.
        public var logLines: [String] {
            switch self {
            case .kept: []
            case .broken(let violations): violations.map(\.description)
            case .keptUnexpectedly(let reason): ["It is kept now; take the todo out of the profile: \(reason)"]
            case .todo(let reason), .exempt(let reason), .notApplicable(let reason), .notRun(let reason): [reason]
            }
        }

        /// Whether the suite accepts it.
        public var isAccepted: Bool {
            switch self {
            case .broken, .keptUnexpectedly: false
            default: true
            }
        }

        /// Whether a grade can be had with it.
        var supportsGrade: Bool {
            switch self {
            case .kept, .keptUnexpectedly, .exempt, .notApplicable: true
            case .broken, .todo, .notRun: false
            }
        }
    }

    /// One rule and how it ended.
    public struct Line: Sendable {
        /// The rule.
        public let rule: ConformanceRule
        /// How it ended.
        public let outcome: Outcome
    }

    /// The connector.
    public let connector: ConnectorID
    /// Whether it is a placeholder, which has no grade.
    public let tier: ConnectorTier
    /// The grade its descriptor claims.
    public let claimed: ConnectorGrade?
    /// Every rule in order.
    public let lines: [Line]
    /// Whether the run ended before its last rule, because the tenant had locked the account.
    public let endedEarly: Bool

    /// The highest grade whose rules, and those of the grades before it, are all kept; nil for none, and if not every rule ran.
    public var grade: ConnectorGrade? {
        guard tier == .complete, isWhole else { return nil }
        let missed = lines.filter { !$0.outcome.supportsGrade }.map(\.rule.grade).min()
        return ConnectorGrade.allCases.last { grade in missed.map { grade < $0 } ?? true }
    }

    /// Whether the run was of every rule that there is; otherwise it gives no grade.
    public var isWhole: Bool { ranRules == ConformanceRule.all.count }

    /// The grade in a word, “none”, or why there is no grade.
    public var gradeText: String {
        guard isWhole else { return "not graded: only \(ranRules) of \(ConformanceRule.all.count) rules ran" }
        return grade?.rawValue ?? "none"
    }

    private var ranRules: Int { Set(ConformanceRule.all.map(\.id)).intersection(lines.map(\.rule.id)).count }

    /// Whether every rule is kept, or set aside with a reason that still holds, and the run came to its end.
    public var isAccepted: Bool { !endedEarly && lines.allSatisfy(\.outcome.isAccepted) }

    /// The rules that the suite does not accept.
    public var complaints: [Line] { lines.filter { !$0.outcome.isAccepted } }

    /// The first rule in the way of the next grade; nil if there is none.
    public var nextStep: Line? {
        guard tier == .complete else { return nil }
        let missing = lines.filter { !$0.outcome.supportsGrade }
        return missing.min { $0.rule.grade < $1.rule.grade }
    }

    /// The report as JSON.
    public var json: JSONValue {
        .init(present: [
            ("connector", .string(connector.rawValue)), ("tier", .string(tier.rawValue)),
            ("grade", grade.map { .string($0.rawValue) }), ("claimed", claimed.map { .string($0.rawValue) }),
            ("accepted", .bool(isAccepted)), ("endedEarly", endedEarly ? .bool(true) : nil),
            ("notGraded", isWhole ? nil : .string(gradeText)),
            (
                "rules",
                .array(
                    lines.map { line in
                        [
                            "rule": .string(line.rule.id.rawValue), "title": .string(line.rule.title),
                            "grade": .string(line.rule.grade.rawValue), "outcome": .string(line.outcome.name),
                            "logLines": .array(line.outcome.logLines.map(JSONValue.string)),
                        ]
                    })
            ),
        ])
    }
}
