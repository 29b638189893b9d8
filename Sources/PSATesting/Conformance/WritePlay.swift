import PSACore
import Synchronization

/// Plays faults in the place of the vendor's answers to writes: one fault after another for each operation that writes, and for a write of
/// several requests at each of them in turn.
///
/// The vendor gets only those of the writes whose fault is a lost answer, and the requests before the one that a fault is played at.
struct WritePlay: Sendable {
    /// What goes wrong, and at which requests of a write.
    struct Fault: Sendable {
        enum Place: Sendable {
            case first, later, always
        }

        let name: String
        let effect: TransportFault.Effect
        let place: Place

        init(_ name: String, _ effect: TransportFault.Effect, when place: Place = .first) {
            self.name = name
            self.effect = effect
            self.place = place
        }

        /// Whether the vendor gets the request all the same.
        var isLostAnswer: Bool { if case .loseAnswer = effect { true } else { false } }

        func isPlayed(at position: Int) -> Bool {
            switch place {
            case .first: position == 0
            case .later: position > 0
            case .always: true
            }
        }
    }

    /// One write with one fault.
    struct Scene {
        let operation: WriteOperation
        let fault: String
        /// How many requests that must not be repeated went through before the fault.
        let position: Int
        /// How often the write was sent.
        let sent: Int
        /// The waits meanwhile.
        let waits: [Duration]
        /// What it ended with; nil if it was taken as done.
        let error: PSAError?
        /// Whether, behind the first request, its result says that something was not stored which is stored without the fault.
        let statesLoss: Bool

        var outcome: String { error?.code.rawValue ?? "done" }
        /// What was done, to follow “when”, with the request that the fault was played at.
        var name: String { position == 0 ? operation.name : "\(operation.name), at request \(position + 1)" }
    }

    let subject: ConformanceSubject
    let faults: [Fault]

    /// Plays every fault with every operation.
    ///
    /// - Returns: What the judge finds fault with.
    /// - Throws: ``InconclusiveError`` if an operation ends before it sends anything, and what leads there throws.
    func violations(_ judge: (Scene) -> [Violation]) async throws -> [Violation] {
        let operations = WriteOperation.all(of: subject)
        let observed = try await subject.run.writes(of: subject)
        let target = try await WriteTarget.created(for: subject, operations)
        let cue = Cue()
        let stage = ConformanceStage(
            subject,
            faults: faults.enumerated().map { index, fault in
                TransportFault(fault.effect) { subject.isWrite($0) && cue.isReached(index) }
            })
        let session = try stage.session()
        var violations: [Violation] = []
        for operation in operations {
            let usual = observed.operations[operation.name] ?? ObservedWrites.Operation()
            for position in 0..<usual.requests {
                for (index, fault) in faults.enumerated() where fault.isPlayed(at: position) {
                    guard !(operation.isOfFile && fault.isLostAnswer) else { continue }
                    cue.play(index, behind: position)
                    let (before, waited) = (stage.transport.requests.count, stage.time.waits.count)
                    var stated: Set<TicketField.ID> = []
                    let error = try await failure { stated = try await operation.run(session, target) }
                    let sent = stage.transport.requests.dropFirst(before).filter(subject.isWrite)
                    if sent.isEmpty, let error {
                        throw InconclusiveError("Before anything was sent, \(operation.name) ended with \(error.code).")
                    }
                    guard position == 0 || sent.count > position else { continue }
                    violations += judge(
                        Scene(
                            operation: operation, fault: fault.name, position: position, sent: Self.attempts(sent, position),
                            waits: Array(stage.time.waits.dropFirst(waited)), error: error,
                            statesLoss: position > 0 && !stated.isSubset(of: usual.stated)))
                }
            }
        }
        return violations
    }

    /// How often a write was sent that failed at a position: behind its first request, another route is a next step or tidies up.
    private static func attempts(_ sent: [TransportRequest], _ position: Int) -> Int {
        guard position > 0 else { return sent.count }
        let earlier = sent.prefix(position + 1)
        return 1
            + sent.dropFirst(position + 1).count { request in
                earlier.contains { $0.method == request.method && $0.route == request.route }
            }
    }
}

/// Which of several faults is played, and from which request on.
final class Cue: Sendable {
    private struct State {
        var index: Int?
        var position = 0
        var seen = 0
    }

    private let state = Mutex(State())

    var index: Int? {
        get { state.withLock { $0.index } }
        set { state.withLock { $0 = State(index: newValue) } }
    }

    /// Plays a fault from a request on, counted from zero.
    func play(_ index: Int, behind position: Int) { state.withLock { $0 = State(index: index, position: position) } }

    /// Counts a request for one of the faults, and says whether it is hit.
    func isReached(_ index: Int) -> Bool {
        state.withLock { state in
            guard state.index == index else { return false }
            state.seen += 1
            return state.seen > state.position
        }
    }
}
