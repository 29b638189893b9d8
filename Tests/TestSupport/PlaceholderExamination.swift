public import PSACore
import PSATesting
import Synchronization
public import Testing

/// Looks whether a placeholder keeps to what a placeholder promises.
///
/// Each look returns what fell short, in sentences, so that the tests of every placeholder share it and it can be tried on bad ones.
public struct PlaceholderExamination: Sendable {
    /// The placeholder.
    public let entry: ConnectorRegistration
    let guide: RepositoryFile

    /// Takes a placeholder and reads its guide.
    ///
    /// - Throws: What reading the guide throws.
    public init(_ type: any PlaceholderConnector.Type) throws {
        try self.init(ConnectorRegistration(type), guide: RepositoryFile(type.descriptor.guide))
    }

    /// Takes any connector with a guide.
    public init(_ entry: ConnectorRegistration, guide: RepositoryFile) {
        self.entry = entry
        self.guide = guide
    }

    /// Settings that pass: the examples, with a mark in every secret.
    public var settings: SettingsInput {
        var input = SettingsInput()
        for field in descriptor.settings.fields {
            input[field.key] = Secret(field.isSecret ? "\(Self.mark)-\(field.key)" : field.example)
        }
        return input
    }

    /// What falls short of a rule; nothing if it is kept.
    ///
    /// - Throws: What the placeholder throws where it should not throw at all.
    public func violations(_ rule: PlaceholderRule) async throws -> [String] {
        switch rule {
        case .conformance: try await conformance()
        case .noAbility: try noAbility()
        case .names: names()
        case .test: try await test()
        case .operations: try await operations()
        case .missing: missing()
        case .malformed: malformed()
        case .allAtOnce: allAtOnce()
        case .secrecy: try await secrecy()
        case .secretProblems: secretProblems()
        case .guide: guideFindings()
        }
    }

    /// Stands in every secret, so that one search finds any of them.
    static let mark = "marker-7f3a91"

    var descriptor: ConnectorDescriptor { entry.descriptor }

    func session(_ settings: SettingsInput? = nil, through transport: any HTTPTransport = ForbiddenTransport { _ in }) throws
        -> ConnectorSession
    {
        try entry.connect(settings: settings ?? self.settings, context: ConnectorContext(transport: transport))
    }

    private func conformance() async throws -> [String] {
        let subject = ConformanceSubject(
            entry, settings: settings, transport: ForbiddenTransport { _ in }, mayWrite: false,
            guideHeadings: guide.anchors)
        return try await ConformanceSuite.run(subject).complaints.flatMap { line in line.outcome.logLines.map { "\(line.rule.id): \($0)" } }
    }

    private func noAbility() throws -> [String] {
        let session = try session()
        return (descriptor.tier == .placeholder ? [] : ["Its tier is \(descriptor.tier.rawValue)."])
            + descriptor.capabilities.sorted().map { "It declares “\($0)”." }
            + Capability.allCases.filter(session.can).map { "It offers “\($0)”." }
    }

    private func names() -> [String] {
        ([descriptor.id.rawValue] + descriptor.aliases).flatMap { name in
            [name, " \(name.uppercased()) "].compactMap { typed in
                let found = try? ConnectorRegistry(registrations: [entry]).registration(named: typed)
                return found?.descriptor.id == descriptor.id ? nil : "“\(typed)” does not lead to it."
            }
        }
    }

    private func test() async throws -> [String] {
        let journal = Journal()
        let report = try await session(through: journal.transport).testConnection()
        guard let failure = report.failure else { return ["The test ends without a failure."] }
        return told(failure, by: "The test") + journal.violations
            + (failure.guidance.detail.contains(descriptor.displayName)
                ? [] : ["The test's guidance does not name \(descriptor.displayName)."])
    }

    private func operations() async throws -> [String] {
        let journal = Journal()
        let answers = await SessionSweep().answers(of: try session(through: journal.transport))
        return answers.flatMap { answer in
            guard let error = answer.error as? PSAError else { return ["\(answer.operation) does not answer with an error."] }
            return told(error, by: answer.operation)
        } + journal.violations
    }

    private func told(_ error: PSAError, by operation: String) -> [String] {
        (error.code == .connectorPlaceholder ? [] : ["\(operation) answers \(error.code)."])
            + (error.connector == descriptor.id ? [] : ["\(operation) does not say which connector failed."])
            + (error.guidance.retry == .never ? [] : ["\(operation) says that trying again could help."])
    }

    private func guideFindings() -> [String] {
        let names = descriptor.settings.fields.flatMap { field in
            [field.label, "`\(field.key)`", "`\(field.key.environmentVariable(for: descriptor.id))`"]
        }
        return names.filter { !guide.mentions($0) }.map { "The guide does not name \($0)." }
            + (guide.lines.prefix(5).contains { $0.contains("can't connect yet") }
                ? [] : ["The guide does not begin with what is missing."])
            + guide.ownLinks.subtracting(guide.anchors).sorted().map { "The guide's link to “\($0)” leads nowhere." }
    }
}

/// The requests that should not have been made.
private final class Journal: Sendable {
    private let requests = Mutex<[String]>([])

    var transport: ForbiddenTransport {
        ForbiddenTransport { [self] request in requests.withLock { $0.append(request.description) } }
    }

    var violations: [String] { requests.withLock { $0 }.map { "It made the request \($0)." } }
}

extension PlaceholderExamination {
    private var fields: [SettingField] { descriptor.settings.fields }

    private func problems(_ key: SettingKey, _ value: String?) -> [SettingIssue] {
        var input = settings
        input[key] = value.map { Secret($0) }
        return descriptor.settings.validate(input).issues
    }

    func missing() -> [String] {
        fields.flatMap { field in
            ([nil, "", " \n"] as [String?]).flatMap { value in
                let problems = problems(field.key, value)
                return differences(
                    problems, from: field.isRequired ? [(field.key, .configMissingField)] : [], "“\(field.key)” without a value")
                    + problems.filter { !$0.message.contains(field.label) }.map { "“\($0.message)” does not name \(field.label)." }
            }
        }
    }

    func malformed() -> [String] {
        fields.flatMap { field in
            Self.unusable(field.kind).flatMap { value, code in
                differences(
                    problems(field.key, value), from: [(field.key, code)], "“\(field.key)” with a value of \(value.count) characters")
            }
        }
    }

    private static func unusable(_ kind: SettingField.Kind) -> [(value: String, code: ErrorCode)] {
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

    func allAtOnce() -> [String] {
        var input: SettingsInput = ["colour": "blue"]
        var expected: [SettingKey] = []
        for field in fields {
            input[field.key] = field.isRequired ? nil : Self.unusable(field.kind).first.map { Secret($0.value) }
            expected.append(field.key)
        }
        expected.append("colour")
        do {
            _ = try session(input)
            return ["Settings without any good value are taken."]
        } catch let error as PSAError {
            let named = error.settingIssues.map(\.field)
            return (named == expected ? [] : ["The problems are of \(named), not of \(expected)."])
                + (error.guidance.fields == expected ? [] : ["The guidance is about \(error.guidance.fields), not about \(expected)."])
                + (error.connector == descriptor.id ? [] : ["The error does not say which connector failed."])
        } catch {
            return ["Bad settings end in \(type(of: error))."]
        }
    }

    private func differences(_ problems: [SettingIssue], from expected: [(SettingKey, ErrorCode)], _ what: String) -> [String] {
        let isExpected = problems.map(\.field) == expected.map(\.0) && problems.map(\.code) == expected.map(\.1)
        return isExpected ? [] : ["\(what) gives \(problems.map { "\($0.code) of \($0.field)" })."]
    }
}

extension PlaceholderExamination {
    func secrecy() async throws -> [String] {
        let session = try session()
        var outputs = shown(session) + shown(descriptor.settings.validate(settings)) + shown(settings)
        let report = try await session.testConnection()
        outputs += report.checks.flatMap(shown) + shown(report) + [report.json(in: TextRenderer()).encodedText]
        for answer in await SessionSweep().answers(of: session) {
            guard let error = answer.error as? PSAError else { continue }
            outputs += shown(error) + [error.problem.encodedText]
        }
        return leaks(in: outputs)
    }

    func secretProblems() -> [String] {
        descriptor.settings.fields.filter(\.isSecret).flatMap { field in
            ["\n", String(repeating: "x", count: 300)].flatMap { spoiler -> [String] in
                var input = settings
                input[field.key] = Secret(Self.mark + spoiler + Self.mark)
                do {
                    _ = try session(input)
                    return ["A value of “\(field.key)” that can't be right is taken."]
                } catch let error as PSAError {
                    return leaks(in: shown(error) + [error.problem.encodedText])
                        + (error.settingIssues.map(\.field) == [field.key] ? [] : ["The problem is not that of “\(field.key)”."])
                } catch {
                    return ["A bad secret ends in \(type(of: error))."]
                }
            }
        }
    }

    private func leaks(in outputs: [String]) -> [String] {
        outputs.filter { $0.contains(Self.mark) }.map { "A secret is in “\($0.prefix(200))”." }
    }

    /// A value as it prints, as a debugger prints it, and with everything a mirror reaches.
    private func shown(_ value: some Sendable) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), dumped]
    }
}

/// What makes a placeholder an honest one; each is looked at by ``PlaceholderExamination``.
public enum PlaceholderRule: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case conformance = "the conformance suite accepts it"
    case noAbility = "it is listed as a placeholder and offers no ability"
    case names = "it connects under its name and its aliases, however they are typed"
    case test = "testing it reports the placeholder and contacts no server"
    case operations = "every operation answers that it is a placeholder, and contacts no server"
    case missing = "a setting without a value is missing exactly if it is required"
    case malformed = "a value that can't be right is refused with the code for it"
    case allAtOnce = "all problems of the settings come at once, in the order of the form"
    case secrecy = "no secret is in what a connection shows"
    case secretProblems = "no secret is in the problem that it causes"
    case guide = "its guide says at the top that it can't connect, and names every setting as form and environment do"

    /// The rule as a sentence.
    public var testDescription: String { rawValue }
}
