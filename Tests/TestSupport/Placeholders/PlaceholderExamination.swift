public import PSACore
import PSATesting
import Synchronization

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
            entry, settings: settings, transport: ForbiddenTransport { _ in }, profile: .accessToken, mayWrite: false,
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
