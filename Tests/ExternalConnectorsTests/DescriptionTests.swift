import ExternalConnectors
import PSACore
import PSATesting
import Testing

/// A connector's description is validated before it is used.
@Suite(.timeLimit(.minutes(2)))
struct DescriptionTests {
    /// A program that answers the question what it is with this.
    private static func describing(_ value: String) throws -> ScriptedConnector {
        try ScriptedConnector(
            program: """
                #!/usr/bin/env python3
                import json, sys
                true, false, null = True, False, None
                def say(**message): print(json.dumps(message), flush=True)
                say(type="hello", contract=1)
                for line in sys.stdin:
                    if json.loads(line)["type"] == "call": say(type="result", id=1, value=\(value))
                """)
    }

    private static func described(_ members: String) async throws -> ConnectorDescriptor {
        let connector = try describing(#"{"id": "sample", "displayName": "Sample", "capabilities": [], \#(members)}"#)
        return try await ExternalConnector.entry(at: connector.path).descriptor
    }

    private static func problem(_ members: String) async throws -> String? {
        do {
            _ = try await described(members)
            return nil
        } catch let problem as UnusableConnector {
            return problem.description
        }
    }

    @Test func everyPartOfADescriptionArrives() async throws {
        let descriptor = try await Self.described(
            """
            "aliases": ["other"], "guide": "# How", "pace": {"requests": 5, "seconds": 1},
            "settings": [
                {"key": "serverURL", "label": "Server", "help": "Where.", "kind": "serviceURL", "purpose": "tenant", "required": true},
                {"key": "size", "label": "Size", "help": "How many.", "kind": "integer", "minimum": 1, "maximum": 9, "default": "3", "purpose": "behaviour"},
                {"key": "type", "label": "Type", "help": "Which.", "purpose": "ticketType", "maximumLength": 7, "anchor": "3-types"}],
            "guidance": {"request.rejected": {"title": "No", "detail": "{host} said no.", "causes": [{"text": "It is late."},
                    {"id": "early", "text": "It is early.", "steps": ["Come later.", "Look."], "fields": ["type"], "responsibleParty": "you"}],
                "steps": ["Wait."], "fields": ["size"], "responsibleParty": "vendor"}}
            """)
        #expect(descriptor.id == ConnectorID("sample"))
        #expect(descriptor.aliases == ["other"])
        #expect(descriptor.guide == "connectors/sample/guide.md")
        #expect(descriptor.settings["serverURL"]?.isRequired == true)
        #expect(descriptor.settings["serverURL"]?.kind == .serviceURL)
        #expect(descriptor.settings["size"]?.kind == .integer(1...9))
        #expect(descriptor.settings["size"]?.defaultValue == "3")
        #expect(descriptor.settings["type"]?.kind == .text(maximumLength: 7))
        #expect(descriptor.settings["type"]?.purpose == .ticketDefault(.type))
        #expect(descriptor.settings["type"]?.guideAnchor == GuideAnchor("connectors/sample/guide.md", "3-types"))
        let template = descriptor.guidance.template(for: .requestRejected)
        #expect(template.title == "No")
        let cause = try #require(template.causes.first)
        #expect(cause.fields == ["size"] && cause.responsibleParty == .vendor && cause.confidence == .possible)
        #expect(cause.steps.map(\.text) == ["Wait."] && cause.steps.last?.isCheck == true)
        let other = try #require(template.causes.last)
        #expect(
            other.id == "early" && other.fields == ["type"] && other.responsibleParty == .you
                && other.steps.map(\.text) == ["Come later.", "Look."])
    }

    @Test(arguments: [
        (#""id": "Not A Name""#, "“id” is not lower-case words joined by hyphens"),
        (#""id": "a' onload='""#, "“id” is not lower-case words joined by hyphens"),
        (#""displayName": " ""#, "“displayName” is empty"),
        (#""capabilities": ["read.minds"]"#, "“capabilities” is none of read.companies"),
        (#""aliases": ["LOUD"]"#, "“aliases” is not lower-case words"),
        (#""settings": [{"key": "API key", "label": "x", "help": "y"}]"#, "“settings[0].key” is no setting key"),
        (#""settings": [{"key": "action", "label": "x", "help": "y"}]"#, "“settings[0].key” is no setting key"),
        (#""settings": [{"key": "a", "help": "y"}]"#, "“settings[0].label” is missing or no text"),
        (
            #""settings": [{"key": "a", "label": "x", "help": "y"}, {"key": "a", "label": "x", "help": "y"}]"#,
            "“settings.a” is there twice"
        ),
        (#""settings": [{"key": "a", "label": "x", "help": "y", "secret": true, "default": "z"}]"#, "“settings[0].secret” is no value"),
        (#""settings": [{"key": "a", "label": "x", "help": "y", "secret": true, "kind": "integer"}]"#, "“settings[0].secret” is no value"),
        (
            #""settings": [{"key": "a", "label": "x", "help": "y", "kind": "integer", "maximum": 5, "default": "9"}]"#,
            "“settings[0].default” is no value"
        ),
        (#""settings": [{"key": "a", "label": "x", "help": "y", "anchor": "a b"}]"#, "“settings[0].anchor” is no anchor"),
        (#""settings": {}"#, "“settings” is missing or no list"),
        (#""pace": {"requests": 0, "seconds": 1}"#, "“pace.requests” is missing or no whole number"),
        (#""guidance": {"made.up": {}}"#, "“guidance” is none of usage.invalid"),
        (
            #""guidance": {"connector.defect": {"title": "a", "detail": "b", "causes": [{"text": "c"}], "steps": ["d"]}}"#,
            "“guidance” is none of"
        ),
        (
            #""guidance": {"rate.limited": {"title": "a", "detail": "b", "causes": [], "steps": ["d"]}}"#,
            "“guidance.rate.limited.causes” is missing"
        ),
        (
            #""guidance": {"rate.limited": {"title": "a", "detail": "b", "causes": [{"text": "c"}], "steps": ["d"], "fields": ["x"]}}"#,
            "“guidance.rate.limited.fields” is none of"
        ),
    ])
    func anInvalidDescriptionIsRejectedByName(_ members: String, _ words: String) async throws {
        let problem = try await Self.problem(members) ?? "accepted"
        #expect(problem.contains(words), "\(problem)")
    }

    @Test(arguments: [
        ("#!/nowhere/at/all\n", "could not be started: No such file or directory"),
        ("no program at all", "could not be started: Exec format error"),
        ("#!/bin/sh\necho before >&2\nexit 7\n", "ended by itself with status 7"),
        (
            "#!/bin/sh\necho '{\"type\":\"hello\",\"contract\":2}'\nread line\n",
            "speaks version 2 of the contract, this host version 1: update the host"
        ),
        (
            "#!/bin/sh\necho '{\"type\":\"hello\",\"contract\":0}'\nread line\n",
            "speaks version 0 of the contract, this host version 1: update the connector"
        ),
        ("#!/bin/sh\necho '{\"type\":\"result\",\"id\":1,\"value\":{}}'\nread line\n", "did not say hello first"),
        ("#!/bin/sh\necho hello\nread line\n", "“the value” is not JSON"),
        ("#!/bin/sh\ntrap '' TERM\nyes '{}'\n", "“type” is none of hello"),
    ])
    func aProgramThatIsNoConnectorIsRejectedWithAClearMessage(_ program: String, _ words: String) async throws {
        let connector = try ScriptedConnector(program: program)
        let problem = try await #require(throws: UnusableConnector.self) { _ = try await ExternalConnector.entry(at: connector.path) }
        #expect(problem.description.contains(words), "\(problem.description)")
        #expect(problem.name == "scripted")
        if program.contains("before") { #expect(problem.stderrTail == ["before"]) }
    }

    @Test func aProgramWithoutHelloTimesOut() async throws {
        let limits = ExternalConnectorLimits()
        let clock = ManualClock(movesBySleeping: false, skipping: [limits.start, limits.grace])
        let connector = try ScriptedConnector(program: "#!/bin/sh\nread line\nread line\n")
        let problem = try await #require(throws: UnusableConnector.self) {
            _ = try await ExternalConnector.entry(at: connector.path, limits: limits, time: clock.source)
        }
        #expect(problem.description == "scripted: The program gave no answer for 10 seconds and was ended.")
    }
}
