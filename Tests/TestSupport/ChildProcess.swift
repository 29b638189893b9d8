import Dispatch
public import Foundation

/// Runs what blocks on a thread of its own; those of the pool are shared with the tasks of all tests.
public func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "child process").async { continuation.resume(returning: work()) }
    }
}

extension Process {
    /// Waits until the process has ended.
    ///
    /// ``waitUntilExit()`` waits in a run loop, whose limit is a timer of the pool: a test that calls it on the last free thread of the pool
    /// may wait without end. This asks every millisecond, and needs no other thread.
    public func waitForExit() {
        while isRunning { usleep(1_000) }
    }
}
