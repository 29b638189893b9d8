import FoundationEssentials
import PSACore
import PSAEngine
import Sodium
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis account reset-password NAME`: restores access for the owner of the machine.
///
/// A host may run meanwhile: it changes one account in one transaction, which the host reads with the next request.
struct ResetPasswordCommand: Command {
    let form = CommandDefinition(
        tokens: ["account", "reset-password"], summary: "give an account of the admin page a new password", arguments: ["NAME"],
        options: [.data, .database, .databasePasswordFile, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let typed = command.arguments.first else { throw UsageError.missing("NAME") }
        let (_, storage) = try await StoredData.open(command, program, exclusive: false)
        guard let name = AccountName(typed), try await storage.account(name) != nil else {
            await storage.close()
            throw UsageError.invalid("NAME", .noSuchAccount(String(typed.prefix(64))))
        }
        let password = GeneratedPassword.make()
        let hash = try PasswordPolicy().hash(password.reveal())
        let audit = AuditEntry(
            at: program.time.now(), actor: .system, action: .passwordChanged, target: name.rawValue, outcome: .done,
            detail: "By the command line.", correlationID: CorrelationID().rawValue)
        try await storage.setPassword(of: name, from: nil, to: hash, keeping: nil, audit: audit)
        // Who has lost the phone and the recovery codes, and is the only administrator, gets in again.
        var reset = audit
        reset.action = .secondFactorReset
        let hadSecondFactor = try await storage.removeSecondFactor(of: name, endsSessions: true, audit: reset)
        await storage.close()
        if command.has(.json) {
            let facts: JSONValue = [
                "account": .string(name.rawValue), "password": .string(password.reveal()), "secondFactorReset": .bool(hadSecondFactor),
            ]
            program.console.line(facts.encodedText)
        } else {
            program.console.line(
                "The new password of \(name) is \(password.reveal()). Its sessions have ended.\(hadSecondFactor ? " Its second factor is off." : "")"
            )
        }
        return .done
    }
}

/// The command `vectis key rotate`: seals every stored secret with a new key.
///
/// It locks the data directory: a host that ran meanwhile would know the old key only. Processes that run on a shared database keep no more
/// secrets from then on, until they start again with the new key.
struct RotateKeyCommand: Command {
    let form = CommandDefinition(
        tokens: ["key", "rotate"], summary: "seal all stored secrets with a new key (stop the admin page first)",
        options: [.data, .database, .databasePasswordFile, .keyFile, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let (folder, storage) = try await StoredData.open(command, program, exclusive: true)
        let count: Int
        do {
            count = try await rotate(folder.keyFile, storage, program.time, isShared: command.has(.database))
        } catch let error as KeyRingError {
            await storage.close()
            throw error.guided(keyFile: folder.keyFile.path)
        }
        await storage.close()
        if command.has(.json) {
            let facts: JSONValue = ["resealed": .integer(count)]
            program.console.line(facts.encodedText)
        } else {
            program.console.line("\(count) secrets are sealed with a new key. Keep a new copy of \(folder.keyFile.path).")
        }
        return .done
    }

    /// At any time the file holds a key for each stored secret: first both keys, then the secrets change together, then the new key alone.
    private func rotate(_ file: KeyFile, _ storage: any Storage, _ time: TimeSource, isShared: Bool) async throws -> Int {
        let ring = try file.read()
        let isKeyOfDatabase = try await storage.admitKeys(ring, replacing: !isShared)
        guard isKeyOfDatabase || !isShared else { throw KeyRingError.noFittingKey }
        let both = try ring.addingNewest(try SealingKey.random())
        try file.write(both)
        let vault = Vault(both, time: time)
        let audit = AuditEntry(
            at: time.now(), actor: .system, action: .keyRotated, target: "", outcome: .done, detail: "By the command line.",
            correlationID: CorrelationID().rawValue)
        let count = try await storage.reencryptSecrets(with: both, audit: audit) { sealed, connection, key in
            try vault.seal(try vault.open(sealed, of: connection, key), of: connection, key)
        }
        try file.write(try both.newestOnly())
        return count
    }
}
