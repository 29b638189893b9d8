import Dispatch

/// Runs an actor on a separate dispatch queue, because a statement that waits for the disk must not block a shared thread.
package final class DispatchExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// Creates an executor with a queue of this name.
    package init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs a job of the actor after all jobs that were enqueued before.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs a closure after all jobs that were enqueued before.
    package func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    /// Stops the program unless it runs on this queue.
    package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
