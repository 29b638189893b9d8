import PSACore
import PSATesting
import SampleConnector
import Testing

/// A connector that breaks exactly one rule.
struct Flaw: Sendable, CustomTestStringConvertible {
    /// The rule it breaks.
    let rule: ConformanceRule.ID
    /// What is wrong with its descriptor.
    var describe: @Sendable (ConnectorDescriptor) -> ConnectorDescriptor = { $0 }
    /// What is wrong with what it makes of the context it is lent.
    var borrow: @Sendable (ConnectorContext) -> ConnectorContext = { $0 }
    /// What is wrong with its connections.
    var connect: @Sendable (SampleConnector, @escaping FlawedConnection.Remake) -> any PSAConnection = { good, _ in good }

    var testDescription: String { rule.rawValue }

    /// The broken connector.
    var entry: ConnectorRegistration {
        ConnectorRegistration(descriptor: describe(SampleConnector.descriptor)) { settings, context in
            let lent = borrow(context)
            let checked = try Self.good(settings)
            let remake: FlawedConnection.Remake = { try SampleConnector(settings: checked, context: lent) }
            return connect(try remake(), remake)
        }
    }

    /// The settings as the good connector would get them, whatever the broken descriptor let through.
    private static func good(_ settings: ConnectorSettings) throws -> ConnectorSettings {
        var input = SettingsInput()
        input["serverURL"] = Secret(SampleVendor.address)
        input["clientID"] = settings.text("clientID").map { Secret($0) }
        input["clientSecret"] = settings.secret("clientSecret")
        let validation = SampleConnector.descriptor.settings.validate(input, policy: settings.policy)
        guard let checked = validation.settings else {
            throw PSAError(settings: validation.issues, descriptor: SampleConnector.descriptor)
        }
        return checked
    }

    /// A flaw that lies in what connections do.
    static func acting(_ rule: ConformanceRule.ID, _ change: @escaping @Sendable (inout FlawedConnection) -> Void) -> Flaw {
        Flaw(
            rule: rule,
            connect: { good, remake in
                var flawed = FlawedConnection(good: good, remake: remake)
                change(&flawed)
                return flawed
            })
    }

    /// A flaw that lies between the connector and the transport.
    static func sending(_ rule: ConformanceRule.ID, _ alter: @escaping @Sendable () -> any HTTPMiddleware) -> Flaw {
        Flaw(
            rule: rule,
            borrow: { context in
                var context = context
                context.transport = HTTPPipeline([alter()], to: context.transport)
                return context
            })
    }
}
