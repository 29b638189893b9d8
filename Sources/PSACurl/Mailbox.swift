internal import CCurl
internal import Glibc
internal import PSACore

/// What tasks ask of the transfer thread.
enum Command: Sendable {
    case begin(UInt64, HTTPRequest, CheckedContinuation<HTTPResponse, any Error>)
    case cancel(UInt64)
    case stop
}

/// The one thing tasks and the transfer thread share: a list of commands, and the means to wake the thread for them.
///
/// Unchecked, yet sound: every access to the variables happens under the lock, and with the handle other threads only call
/// `curl_multi_wakeup`, which libcurl allows from any thread, under the same lock and before ``close()`` takes the handle away.
/// The lock is a pthread mutex rather than `Synchronization.Mutex` because the thread sanitizer does not see the latter on Linux.
final class Mailbox: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var multi: UnsafeMutableRawPointer?
    private var commands: [Command] = []
    private var lastNumber: UInt64 = 0

    init(waking multi: UnsafeMutableRawPointer?) {
        self.multi = multi
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// A number no other request of this transport has.
    func makeNumber() -> UInt64 {
        locked {
            lastNumber += 1
            return lastNumber
        }
    }

    /// Leaves a command; after ``close()`` a request fails at once and anything else is moot.
    func post(_ command: Command) {
        let isOpen = locked {
            guard let multi else { return false }
            commands.append(command)
            // A longer list has a wake-up under way already.
            if commands.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
        if !isOpen, case .begin(_, _, let continuation) = command {
            continuation.resume(throwing: TransportError(.interrupted, delivery: .notSent, note: "the transfer thread is not running"))
        }
    }

    /// Takes every command, in order.
    func takeAll() -> [Command] {
        locked {
            defer { commands = [] }
            return commands
        }
    }

    /// Ends the use of the multi handle by other threads and returns what was left over.
    func close() -> [Command] {
        locked {
            multi = nil
            defer { commands = [] }
            return commands
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
