import Foundation
import Glibc
import PSACore

/// A HaloPSA stand-in in a process of its own, started from this program's executable.
final class SimulatorProcess: Sendable {
    /// Where it listens.
    let address: String
    /// The id of its demo application.
    let clientID: String
    /// The secret of its demo application.
    let clientSecret: Secret
    /// Its process id.
    let processID: Int32
    /// Its standard input: it ends when this is closed, also when this program is killed.
    private let lifeline: Int32

    private init(address: String, clientID: String, clientSecret: Secret, processID: Int32, lifeline: Int32) {
        self.address = address
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.processID = processID
        self.lifeline = lifeline
    }

    /// Starts it with options of `vectis simulate` and waits until it says where it listens.
    static func start(_ options: [String] = []) async throws -> SimulatorProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["simulate", "halopsa", "--json", "--until-input-ends"] + options
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw PSAError(.connectorDefect, evidence: SimulatorMessage.notStarted)
        }
        let facts = await firstLine(of: output.fileHandleForReading)
        guard let root = try? JSONDocument(facts).root, let address = root["url"]?.string, let id = root["clientID"]?.string,
            let secret = root["clientSecret"]?.string
        else {
            throw PSAError(.connectorDefect, evidence: SimulatorMessage.silent)
        }
        // A duplicate outlives the pipe object; closing it is what ends the stand-in.
        return SimulatorProcess(
            address: address, clientID: id, clientSecret: Secret(secret), processID: process.processIdentifier,
            lifeline: dup(input.fileHandleForWriting.fileDescriptor))
    }

    /// Ends it.
    func stop() { close(lifeline) }

    private static func firstLine(of handle: FileHandle) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            // Reading blocks. A queue of its own gets a thread of its own; the global ones share theirs with the tasks.
            DispatchQueue(label: "child process").async {
                var line: [UInt8] = []
                while !line.contains(UInt8(ascii: "\n")), case let more = handle.availableData, !more.isEmpty { line += more }
                continuation.resume(returning: line)
            }
        }
    }
}

/// What went wrong with a stand-in process.
private enum SimulatorMessage: LocalizedMessage {
    case notStarted
    case silent

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.notStarted, .english): "The stand-in could not be started."
        case (.notStarted, .german): "Der Stellvertreter konnte nicht gestartet werden."
        case (.silent, .english): "The stand-in did not say where it listens."
        case (.silent, .german): "Der Stellvertreter hat nicht gesagt, wo er lauscht."
        }
    }
}
