import Synchronization

/// The page requests of one iterator that are under way.
final class PagesInFlight<Element: Sendable>: Sendable {
    private let fetch: @Sendable (PageCursor?) async throws -> Page<Element>
    private let tasks = Mutex<[PageCursor: Task<Page<Element>, any Error>]>([:])

    init(fetch: @escaping @Sendable (PageCursor?) async throws -> Page<Element>) { self.fetch = fetch }

    deinit { cancelAll() }

    /// Starts the requests that are not under way yet.
    func fetchAhead(_ cursors: [PageCursor]) {
        tasks.withLock { tasks in
            for cursor in cursors where tasks[cursor] == nil {
                tasks[cursor] = Task { [fetch] in try await fetch(cursor) }
            }
        }
    }

    /// The page at a cursor, from a request under way or a new one.
    ///
    /// Cancelling the caller cancels all requests.
    func page(at cursor: PageCursor?) async throws -> Page<Element> {
        guard let cursor, let task = tasks.withLock({ $0.removeValue(forKey: cursor) }) else { return try await fetch(cursor) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
            cancelAll()
        }
    }

    /// Gives up every request that is still under way.
    func cancelAll() {
        let abandoned = tasks.withLock { tasks in
            defer { tasks = [:] }
            return Array(tasks.values)
        }
        for task in abandoned { task.cancel() }
    }
}
