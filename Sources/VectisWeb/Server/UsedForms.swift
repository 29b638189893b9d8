import PSACore
import PSAEngine
import Sodium
import Synchronization
import VectisCore
import WebServer

/// The forms that have created something, so that a second press, or the same form sent again, creates nothing more.
///
/// Each form has a number of its own. What was created is kept for the latest forms of this process.
package final class UsedForms: Sendable {
    /// What a form has created.
    enum Result: Sendable {
        case testTicket(ConnectionCheck)
        /// The page of it.
        case page(String)
    }

    /// The name of the hidden field with the number.
    static let field = "once"

    /// How many forms are remembered.
    private static let limit = 1_000

    private struct State {
        var results: [String: Task<Result, any Error>] = [:]
        var order: [String] = []
    }

    private let state = Mutex(State())

    /// The number of a new form.
    static func newNumber() -> String { CorrelationID().rawValue }

    /// The hidden field that gives a form its number.
    static func input(_ number: String = newNumber()) -> HTML { "<input type=\"hidden\" name=\"\(field)\" value=\"\(number)\">" }

    /// Does something for the first use of a form; a further use waits for the same result.
    ///
    /// A use that fails does not count.
    func once(
        _ number: String, in session: SignInSession, _ purpose: String, _ create: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let key = Self.key(number, session, purpose)
        let (task, isFirst) = state.withLock { state in
            if let known = state.results[key] { return (known, false) }
            let new = Task { try await create() }
            state.results[key] = new
            state.order.append(key)
            if state.order.count > Self.limit { state.results[state.order.removeFirst()] = nil }
            return (new, true)
        }
        guard isFirst else { return try await task.value }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            state.withLock { state in
                state.results[key] = nil
                state.order.removeAll { $0 == key }
            }
            throw error
        }
    }

    /// Does something whose result has a page, for the first use of a form, and leads to that page.
    ///
    /// A form that comes back with other values, such as one that was opened again and changed, is another use.
    ///
    /// - Parameters:
    ///   - context: The request with the form; one without a number counts as a form of its own.
    ///   - purpose: What the form does, so that numbers of other forms mean nothing here.
    ///   - create: Does it and returns the path of the page.
    /// - Returns: The redirect to the page, the same for each use.
    /// - Throws: What `create` throws, or ``WebError`` without a session.
    func redirect(
        _ context: RequestContext, _ purpose: String, _ create: @escaping @Sendable () async throws -> String
    ) async throws -> WebResponse {
        let number = try context.form().text(Self.field)
        guard !number.isEmpty else { return .redirect(to: try await create()) }
        let session = try context.requireSignedInUser().session
        let content = Base64URL.encode(Digest(of: context.request.body).bytes)
        let result = try await once(number, in: session, "\(purpose)/\(content)") { .page(try await create()) }
        guard case .page(let path) = result else { throw StoreError.notFound }
        return .redirect(to: path)
    }

    /// The test ticket that a form has created; nil if that is not known here.
    func testTicket(of number: String, in session: SignInSession, _ connection: ConnectionID) async throws -> ConnectionCheck? {
        let key = Self.key(number, session, "test-ticket/\(connection)")
        guard let task = state.withLock({ $0.results[key] }), case .testTicket(let check) = try await task.value else { return nil }
        return check
    }

    private static func key(_ number: String, _ session: SignInSession, _ purpose: String) -> String {
        "\(Base64URL.encode(session.tokenDigest))/\(purpose)/\(number.prefix(100))"
    }
}
