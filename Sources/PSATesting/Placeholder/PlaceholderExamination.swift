public import PSACore
import Synchronization

/// Checks that a placeholder is an honest one: a connector whose settings can be shown and checked, and that connects to nothing.
///
/// ```swift
/// let examination = PlaceholderExamination(AcmePlaceholder.self, guide: guide)
/// for rule in PlaceholderRule.allCases {
///     let violations = try await examination.violations(of: rule)
///     #expect(violations == [], "\(rule)")
/// }
/// ```
public struct PlaceholderExamination: Sendable {
    /// The placeholder.
    public let registration: ConnectorRegistration
    /// Its guide for administrators, in Markdown.
    public let guide: String

    /// Examines a placeholder.
    ///
    /// - Parameters:
    ///   - type: The placeholder.
    ///   - guide: The text of the guide that its descriptor names, in Markdown.
    public init(_ type: any PlaceholderConnector.Type, guide: String) { self.init(ConnectorRegistration(type), guide: guide) }

    /// Examines any connector as if it were a placeholder.
    ///
    /// - Parameters:
    ///   - registration: The connector.
    ///   - guide: The text of the guide that its descriptor names, in Markdown.
    public init(_ registration: ConnectorRegistration, guide: String) {
        self.registration = registration
        self.guide = guide
    }

    /// Settings that the placeholder accepts: the example of each field, and a recognizable text for each secret.
    public var settings: SettingsInput {
        var input = SettingsInput()
        for field in descriptor.settings.fields {
            input[field.key] = Secret(field.isSecret ? "\(Self.marker)-\(field.key)" : field.example)
        }
        return input
    }

    /// Checks one rule.
    ///
    /// - Parameter rule: The rule.
    /// - Returns: Each violation as a sentence; none if the placeholder keeps the rule.
    /// - Throws: What the placeholder throws where it must not throw, such as when it is connected with ``settings``.
    public func violations(of rule: PlaceholderRule) async throws -> [String] {
        switch rule {
        case .conformance: try await conformanceViolations()
        case .noAbility: try abilityViolations()
        case .names: nameViolations()
        case .test: try await testViolations()
        case .operations: try await operationViolations()
        case .missing: missingValueViolations()
        case .malformed: malformedValueViolations()
        case .allAtOnce: violationsOfManyIssues()
        case .secrecy: try await secrecyViolations()
        case .secretProblems: violationsOfSecretIssues()
        case .guide: guideViolations()
        }
    }

    /// Part of every secret, so that one search finds any of them.
    private static let marker = "marker-7f3a91"

    private var descriptor: ConnectorDescriptor { registration.descriptor }

    private func session(
        _ settings: SettingsInput? = nil, through transport: any HTTPTransport = ForbiddenTransport { _ in }
    ) throws -> ConnectorSession {
        try registration.connect(settings: settings ?? self.settings, context: ConnectorContext(transport: transport))
    }

    private func conformanceViolations() async throws -> [String] {
        let subject = ConformanceSubject(
            registration, settings: settings, transport: ForbiddenTransport { _ in }, mayWrite: false,
            guideHeadings: GuideHeadings.anchors(of: guide))
        return try await ConformanceSuite.run(subject).complaints.flatMap { line in line.outcome.logLines.map { "\(line.rule.id): \($0)" } }
    }

    private func abilityViolations() throws -> [String] {
        let session = try session()
        return (descriptor.tier == .placeholder ? [] : ["Its tier is \(descriptor.tier.rawValue)."])
            + descriptor.capabilities.sorted().map { "It declares “\($0)”." }
            + Capability.allCases.filter(session.can).map { "It offers “\($0)”." }
    }

    private func nameViolations() -> [String] {
        ([descriptor.id.rawValue] + descriptor.aliases).flatMap { name in
            [name, " \(name.uppercased()) "].compactMap { typed in
                let found = try? ConnectorRegistry(registrations: [registration]).registration(named: typed)
                return found?.descriptor.id == descriptor.id ? nil : "“\(typed)” does not lead to it."
            }
        }
    }

    private func testViolations() async throws -> [String] {
        let recorder = RequestRecorder()
        let report = try await session(through: recorder.transport).testConnection()
        guard let failure = report.failure else { return ["The test ends without a failure."] }
        return violations(of: failure, from: "The test") + recorder.violations
            + (failure.guidance.detail.contains(descriptor.displayName)
                ? [] : ["The test's guidance does not name \(descriptor.displayName)."])
    }

    private func operationViolations() async throws -> [String] {
        let recorder = RequestRecorder()
        let outcomes = await SessionSweep().outcomes(of: try session(through: recorder.transport))
        return outcomes.flatMap { outcome in
            guard let error = outcome.error as? PSAError else { return ["\(outcome.operation) does not answer with an error."] }
            return violations(of: error, from: outcome.operation)
        } + recorder.violations
    }

    private func violations(of error: PSAError, from operation: String) -> [String] {
        (error.code == .connectorPlaceholder ? [] : ["\(operation) answers \(error.code)."])
            + (error.connector == descriptor.id ? [] : ["\(operation) does not say which connector failed."])
            + (error.guidance.retry == .never ? [] : ["\(operation) says that trying again could help."])
    }

    private static let disclaimer = "can't connect yet"

    private func guideViolations() -> [String] {
        let names = descriptor.settings.fields.flatMap { field in
            [field.label, "`\(field.key)`", "`\(field.key.environmentVariable(for: descriptor.id))`"]
        }
        return names.filter { !guide.contains($0) }.map { "The guide does not name \($0)." }
            + (guide.split(separator: "\n", omittingEmptySubsequences: false).prefix(5).contains { $0.contains(Self.disclaimer) }
                ? [] : ["The first five lines of the guide do not say “\(Self.disclaimer)”."])
            + GuideHeadings.linkedAnchors(of: guide).subtracting(GuideHeadings.anchors(of: guide)).sorted().map {
                "The guide's link to “\($0)” leads nowhere."
            }
    }
}

/// Records requests that a placeholder must not make.
private final class RequestRecorder: Sendable {
    private let requests = Mutex<[String]>([])

    var transport: ForbiddenTransport {
        ForbiddenTransport { [self] request in requests.withLock { $0.append(request.description) } }
    }

    var violations: [String] { requests.withLock { $0 }.map { "It made the request \($0)." } }
}

extension PlaceholderExamination {
    private var fields: [SettingField] { descriptor.settings.fields }

    private func issues(of key: SettingKey, with value: String?) -> [SettingIssue] {
        var input = settings
        input[key] = value.map { Secret($0) }
        return descriptor.settings.validate(input).issues
    }

    private func missingValueViolations() -> [String] {
        fields.flatMap { field in
            ([nil, "", " \n"] as [String?]).flatMap { value in
                let issues = issues(of: field.key, with: value)
                return differences(
                    of: issues, from: field.isRequired ? [(field.key, .configMissingField)] : [], for: "“\(field.key)” without a value")
                    + issues.filter { !$0.message.contains(field.label) }.map { "“\($0.message)” does not name \(field.label)." }
            }
        }
    }

    private func malformedValueViolations() -> [String] {
        fields.flatMap { field in
            Self.malformedValues(for: field.kind).flatMap { value, code in
                differences(
                    of: issues(of: field.key, with: value), from: [(field.key, code)],
                    for: "“\(field.key)” with a value of \(value.count) characters")
            }
        }
    }

    private static func malformedValues(for kind: SettingField.Kind) -> [(value: String, code: ErrorCode)] {
        switch kind {
        case .text(let limit): [("two\nlines", .configInvalidField), (String(repeating: "x", count: limit + 1), .configInvalidField)]
        case .integer(let range):
            [("one", .configInvalidField), (String(range.upperBound) + "0", .configInvalidField)]
        case .flag: [("maybe", .configInvalidField)]
        case .serviceURL:
            [
                ("http://acme.example.com", .urlInsecure), ("https://127.0.0.1", .urlForbiddenAddress),
                ("https://user:password@acme.example.com", .urlMalformed), ("ftp://acme.example.com", .urlMalformed),
            ]
        }
    }

    private func violationsOfManyIssues() -> [String] {
        var input: SettingsInput = ["colour": "blue"]
        var expected: [SettingKey] = []
        for field in fields {
            input[field.key] = field.isRequired ? nil : Self.malformedValues(for: field.kind).first.map { Secret($0.value) }
            expected.append(field.key)
        }
        expected.append("colour")
        do {
            _ = try session(input)
            return ["Settings without any good value are accepted."]
        } catch let error as PSAError {
            let named = error.settingIssues.map(\.field)
            return (named == expected ? [] : ["The problems are of \(named), not of \(expected)."])
                + (error.guidance.fields == expected ? [] : ["The guidance is about \(error.guidance.fields), not about \(expected)."])
                + (error.connector == descriptor.id ? [] : ["The error does not say which connector failed."])
        } catch {
            return ["Bad settings end in \(type(of: error))."]
        }
    }

    private func differences(of issues: [SettingIssue], from expected: [(SettingKey, ErrorCode)], for input: String) -> [String] {
        let isExpected = issues.map(\.field) == expected.map(\.0) && issues.map(\.code) == expected.map(\.1)
        return isExpected ? [] : ["\(input) gives \(issues.map { "\($0.code) of \($0.field)" })."]
    }
}

extension PlaceholderExamination {
    private func secrecyViolations() async throws -> [String] {
        let session = try session()
        var outputs = descriptions(of: session) + descriptions(of: descriptor.settings.validate(settings)) + descriptions(of: settings)
        let report = try await session.testConnection()
        outputs += report.checks.flatMap { descriptions(of: $0) } + descriptions(of: report) + [report.json(in: TextRenderer()).encodedText]
        for outcome in await SessionSweep().outcomes(of: session) {
            guard let error = outcome.error as? PSAError else { continue }
            outputs += descriptions(of: error) + [error.problem.encodedText]
        }
        return leaks(in: outputs)
    }

    private func violationsOfSecretIssues() -> [String] {
        descriptor.settings.fields.filter(\.isSecret).flatMap { field in
            ["\n", String(repeating: "x", count: 300)].flatMap { middle -> [String] in
                var input = settings
                input[field.key] = Secret(Self.marker + middle + Self.marker)
                do {
                    _ = try session(input)
                    return ["A value of “\(field.key)” that can't be right is accepted."]
                } catch let error as PSAError {
                    return leaks(in: descriptions(of: error) + [error.problem.encodedText])
                        + (error.settingIssues.map(\.field) == [field.key] ? [] : ["The problem is not one of “\(field.key)”."])
                } catch {
                    return ["A bad secret ends in \(type(of: error))."]
                }
            }
        }
    }

    private func leaks(in outputs: [String]) -> [String] {
        outputs.filter { $0.contains(Self.marker) }.map { "A secret is in “\($0.prefix(200))”." }
    }

    /// A value as it prints, as a debugger prints it, and with everything that a mirror reaches.
    private func descriptions(of value: some Sendable) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), dumped]
    }
}
