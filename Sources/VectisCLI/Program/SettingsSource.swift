import Glibc
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// Collects a connector's settings from environment, files, arguments and, for secrets, a prompt.
struct SettingsSource: Sendable {
    let environment: [String: String]
    let console: Console

    /// What was given, not yet checked.
    ///
    /// Arguments win over files, files over the environment.
    ///
    /// - Throws: ``PSAError`` for a malformed pair, a secret among the arguments, or a file that can't be read.
    func collect(for descriptor: ConnectorDescriptor, from command: ParsedCommand) throws -> SettingsInput {
        var input = SettingsInput()
        for field in descriptor.settings.fields {
            if let value = environment[field.key.environmentVariable(for: descriptor.id)] { input[field.key] = Secret(value) }
        }
        for pair in command.all(.settingFile) {
            let (key, path) = try Self.split(pair, of: .settingFile)
            input[key] = Secret(try Self.read(path))
        }
        for pair in command.all(.setting) {
            let (key, value) = try Self.split(pair, of: .setting)
            if let field = descriptor.settings[key], field.isSecret { throw Self.secretInArgument(field, of: descriptor) }
            input[key] = Secret(value)
        }
        for field in descriptor.settings.fields where field.isSecret && field.isRequired && input[field.key]?.isEmpty ?? true {
            if let answer = console.askSecret?(field.label) { input[field.key] = Secret(answer) }
        }
        return input
    }

    private static func split(_ pair: String, of option: CommandOption) throws -> (SettingKey, String) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            // The text is not repeated: it may be a secret.
            throw UsageError.invalid(option.rawValue, .notAPair(option.valueName ?? ""))
        }
        return (SettingKey(String(parts[0])), String(parts[1]))
    }

    private static func secretInArgument(_ field: SettingField, of descriptor: ConnectorDescriptor) -> PSAError {
        let variable = field.key.environmentVariable(for: descriptor.id)
        return PSAError(
            settings: [
                SettingIssue(
                    field: field.key, code: .configInvalidField,
                    localizedMessage: .secretAmongArguments(label: field.label, variable: variable, key: field.key.rawValue))
            ], descriptor: descriptor)
    }

    /// The content of a file, or of a pipe such as `<(command)` or `/dev/stdin`, up to a limit well above any setting.
    private static func read(_ path: String) throws -> String {
        let limit = 64 << 10
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 {
                // Repaired text would be another secret.
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw UsageError.invalid(CommandOption.settingFile.rawValue, .notUTF8(path))
                }
                return text
            }
            bytes += buffer[..<count]
        }
        throw UsageError.invalid(CommandOption.settingFile.rawValue, .tooLargeFile(path))
    }

    private static func unreadable(_ path: String, _ number: Int32) -> PSAError {
        let isAbsent = number == ENOENT || number == ENOTDIR
        return UsageError.invalid(
            CommandOption.settingFile.rawValue, isAbsent ? .noSuchFile(path) : .refusedFile(path, reason: String(cString: strerror(number)))
        )
    }
}
