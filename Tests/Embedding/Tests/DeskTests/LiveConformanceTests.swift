import Desk
import Foundation
import PSACore
import PSACurl
import PSATesting
import Testing

/// A real tenant whose settings are in the environment, such as `DESK_SERVER_URL`.
///
/// With `DESK_ALLOW_WRITES=1` tickets are created, and stay there: use a tenant and an account made for tests.
enum LiveTenant {
    /// The settings; nil if one that is required is not in the environment.
    static var settings: SettingsInput? {
        let descriptor = DeskConnector.descriptor
        var settings = SettingsInput()
        for field in descriptor.settings.fields {
            settings[field.key] = environment[field.key.environmentVariable(for: descriptor.id)].map { Secret($0) }
        }
        return descriptor.settings.fields.allSatisfy { !$0.isRequired || settings[$0.key] != nil } ? settings : nil
    }

    static var mayWrite: Bool { environment["DESK_ALLOW_WRITES"] == "1" }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}

@Suite("Desk keeps the rules of a connector at a real tenant", .enabled(if: LiveTenant.settings != nil))
struct LiveConformanceTests {
    @Test func itKeepsEveryRule() async throws {
        let subject = ConformanceSubject(
            ConnectorRegistration(DeskConnector.self), settings: try #require(LiveTenant.settings), transport: CurlTransport(),
            mayWrite: LiveTenant.mayWrite)
        let report = try await ConformanceSuite.run(subject) { line in
            print("\(line.rule.id): \(line.outcome.name) \(line.outcome.logLines.joined(separator: " "))")
        }
        print("Grade: \(report.gradeText)")
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
    }
}
