import FoundationEssentials
import PSACore

/// The command `vectis account reset-password NAME`: the way back in for whoever owns the machine.
///
/// A host may run meanwhile: it changes one account in one transaction, which the host reads with the next request.
struct ResetPasswordCommand: Command {
    let form = CommandDefinition(
        words: ["account", "reset-password"], summary: "give an account of the admin page a new password", positions: ["NAME"],
        options: [.data, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let typed = command.positions.first else { throw UsageError.missing("NAME") }
        let (_, storage) = try await StoredData.open(command, alone: false)
        guard let name = AccountName(typed), var account = try await storage.account(name) else {
            await storage.close()
            throw UsageError.invalid("NAME", .noSuchAccount(String(typed.prefix(64))))
        }
        let password = GeneratedPassword.make()
        account.passwordHash = try PasswordPolicy().hash(password.reveal())
        let audit = AuditEntry(
            at: program.time.now(), actor: .system, action: .passwordChanged, target: name.rawValue, outcome: .done,
            detail: "By the command line.", correlationID: CorrelationID().rawValue)
        try await storage.replace(account, keeping: nil, audit: audit)
        await storage.close()
        if command.has(.json) {
            let facts: JSONValue = ["account": .string(name.rawValue), "password": .string(password.reveal())]
            program.console.line(facts.encodedText)
        } else {
            program.console.line("The new password of \(name) is \(password.reveal()). Its sessions have ended.")
        }
        return .done
    }
}
