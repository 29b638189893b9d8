import FoundationEssentials
import PSACore

/// `vectis tour`: the commands of this program, run one after the other against a stand-in in a process of its own.
struct TourCommand: Command {
    let form = CommandDefinition(words: ["tour"], summary: "show the main commands once, against a HaloPSA stand-in")

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let stage = try await DemoTour.open(program)
        defer { stage.close() }
        let failures = try await Self.reading(stage) + Self.writing(stage) + Self.signals(stage, program)
        program.console.line()
        guard failures.isEmpty else {
            program.console.line("The tour did not go as it should:")
            failures.forEach { program.console.line("  \($0)") }
            return .defect
        }
        program.console.line("The tour is over: every step ended as it should. “vectis help” lists the commands.")
        return .done
    }

    private static func reading(_ stage: DemoTour) async throws -> [String] {
        stage.chapter("What there is, and a connection by name")
        var failures: [String] = []
        failures += await stage.run("connectors", expecting: .done)
        failures += await stage.run("test", "halopsa", expecting: .done)
        failures += await stage.run("list", "companies", "--connector", "halopsa", "--limit", "5", expecting: .done)
        failures += await stage.run("list", "tickets", "--connector", "halopsa", "--limit", "8", expecting: .done)
        failures += await stage.run("list", "ticket-types", "--connector", "halopsa", expecting: .done)
        failures += await stage.run("list", "priorities", "--connector", "halopsa", "--type", DemoTour.ticketType, expecting: .done)
        return failures
    }

    private static func writing(_ stage: DemoTour) async throws -> [String] {
        stage.chapter("A ticket from the ticket defaults, a private note, a reply, another status")
        var failures = await stage.run(
            "ticket", "create", "--connector", "halopsa", "--summary", "Backup of SRV-02 failed", "--details", "Third night in a row.",
            "--contact", DemoTour.contact, "--external-reference", "tour-1", "--json", expecting: .done)
        guard let ticket = stage.lastRecordID else { return failures + ["ticket create printed no id"] }
        for words in [
            ["note", "--text", "The disk of the backup server is full."], ["reply", "--text", "We are making room and will run it again."],
            ["status", "--status", DemoTour.status], ["show"],
        ] {
            failures += await stage.run(
                ["ticket", words[0], "--connector", "halopsa", "--ticket", ticket] + words.dropFirst(), expecting: .done)
        }
        failures += await stage.run("list", "notes", "--connector", "halopsa", "--ticket", ticket, expecting: .done)
        return failures
    }

    private static func signals(_ stage: DemoTour, _ program: CommandLineProgram) async throws -> [String] {
        stage.chapter("400 or 401 when a token is requested: the secret is wrong")
        var failures = await stage.run(
            "test", "halopsa", changing: ["HALOPSA_CLIENT_SECRET": "not-the-secret-of-this-application"], expecting: .refused)
        stage.chapter("403 on data: the application was not granted contracts")
        let narrow = try await DemoTour.open(program, options: ["--application-scopes", "read:tickets edit:tickets read:customers"])
        failures += await narrow.run("test", "halopsa", expecting: .refused)
        narrow.close()
        stage.chapter("404 on /auth/token: the tenant URL is wrong")
        try await stage.setFaults(["token-not-found"])
        failures += await stage.run("test", "halopsa", expecting: .refused)
        stage.chapter("400 on a new ticket: its type does not exist")
        try await stage.setFaults([])
        failures += await stage.run(
            "ticket", "create", "--connector", "halopsa", "--summary", "Printer is jammed", "--type", "999", expecting: .refused)
        return failures
    }
}
