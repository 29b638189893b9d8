import PSACore
import PSATesting
import Synchronization

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Creates, changes and removes connections one after the other until the host does not answer any more.
struct LoadClient: Sendable {
    let browser: SignedInBrowser
    let host: ServedHost
    /// A prefix for the names of this browser's connections.
    let prefix: String
    /// Counts responses; the test kills the host after enough of them.
    let answers: AnswerCount
    /// The connections that this browser may change, and no other.
    var own: [StoredConnection]
    var generator: SeededGenerator

    /// A response other than a redirect.
    struct Refused: Error { let answer: String }

    /// Returns the requested actions; the outcome of the last one is unknown.
    mutating func run() async throws -> [ClientAction] {
        // A waiter for responses must not wait for more than there can be.
        defer { answers.noMoreAreComing() }
        var actions: [ClientAction] = []
        while true {
            let (action, path, fields) = next(number: actions.count)
            actions.append(action)
            let response: HTTPResponse
            do {
                response = try await browser.submit(path, fields, to: host)
            } catch is TransportError {
                return actions
            }
            guard response.status == 303, response.headers["Location"]?.hasPrefix("/integrations?notice=") ?? false else {
                throw Refused(answer: "\(path): \(response.status)")
            }
            actions[actions.count - 1].isAnswered = true
            answers.countOne()
        }
    }

    private mutating func next(number: Int) -> (action: ClientAction, path: String, fields: [String: String]) {
        // The fewer there are, the more are created.
        let choice = own.isEmpty ? 0 : Int.random(in: 0..<10, using: &generator)
        if choice < 3 {
            let marker = RevisionMarker(subject: "\(prefix)n\(number)", number: 0)
            return (ClientAction(subject: marker.subject, before: nil, after: marker.name), "/integrations/new/halopsa", marker.fields)
        }
        let index = Int.random(in: own.indices, using: &generator)
        let old = own[index]
        let subject = RevisionMarker.subject(of: old.name)
        if choice < 6 {
            own.remove(at: index)
            return (ClientAction(subject: subject, before: old.name, after: nil), "/integrations/\(old.id)/remove", [:])
        }
        // No two markers are the same, also if a change of an earlier round was lost.
        let marker = RevisionMarker(name: "\(subject) \(prefix) \(number)")
        own[index].name = marker.name
        own[index].revision += 1
        let fields = marker.fields.merging(["revision": String(old.revision)]) { $1 }
        return (ClientAction(subject: subject, before: old.name, after: marker.name), "/integrations/\(old.id)", fields)
    }
}

/// Counts the responses of all browsers and resumes waiters at a number.
final class AnswerCount: Sendable {
    private let state: Mutex<(left: Int, waiter: CheckedContinuation<Void, Never>?)>

    init(until count: Int) { state = Mutex((count, nil)) }

    func countOne() { lower(by: 1) }
    func noMoreAreComing() { lower(by: .max) }

    private func lower(by count: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.left -= min(count, state.left)
            guard state.left == 0 else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns once there were as many as wanted.
    func reached() async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.left == 0 { continuation.resume() } else { state.waiter = continuation }
            }
        }
    }
}
