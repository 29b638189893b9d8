internal import CCurl
internal import Glibc
internal import PSACore

/// The event loop of the transfer thread, which owns every libcurl handle and has exclusive access to them.
///
/// It is not `Sendable`: ``start(settings:maximumConnectionsPerHost:whenThreadEnds:)`` creates it and passes it to its thread, which
/// releases it.
final class TransferLoop {
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    /// Idle easy handles keep their buffers, so only a few are kept.
    private static let maximumIdleHandles = 32
    private static let maximumIdleConnections = 64
    /// Across all hosts, to stay below the usual limit of 1,024 open files.
    private static let maximumConnections = 256

    private let multi: UnsafeMutableRawPointer
    private let commands: CommandQueue
    private let settings: TransferSettings
    private let whenThreadEnds: @Sendable () -> Void
    private var transfers: [UInt64: Transfer] = [:]
    /// The earliest deadline of the transfers, or an earlier time.
    private var nextDeadline: ContinuousClock.Instant?
    private var idleHandles: [EasyHandle] = []
    private var isStopping = false
    private let sockets = OpenSockets()
    /// When the received bytes of the connections are looked at again.
    private var nextByteCheck = ContinuousClock.now

    private init(
        multi: UnsafeMutableRawPointer, commands: CommandQueue, settings: TransferSettings, whenThreadEnds: @escaping @Sendable () -> Void
    ) {
        self.multi = multi
        self.commands = commands
        self.settings = settings
        self.whenThreadEnds = whenThreadEnds
    }

    /// Starts the thread and returns its command queue, which is closed if libcurl or the thread could not be started.
    static func start(
        settings: TransferSettings, maximumConnectionsPerHost: Int, whenThreadEnds: @escaping @Sendable () -> Void
    ) -> CommandQueue {
        guard isLibraryReady, let multi = curl_multi_init() else { return CommandQueue(waking: nil) }
        psa_set_multi_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, maximumConnectionsPerHost)
        psa_set_multi_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
        psa_set_multi_long(multi, CURLMOPT_MAXCONNECTS, maximumIdleConnections)

        let commands = CommandQueue(waking: multi)
        let loop = TransferLoop(multi: multi, commands: commands, settings: settings, whenThreadEnds: whenThreadEnds)
        let retainedLoop = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, retainedLoop.toOpaque())
        guard code == 0 else {
            retainedLoop.release()
            _ = commands.close()
            curl_multi_cleanup(multi)
            return commands
        }
        pthread_detach(thread)
        return commands
    }

    private func run() {
        // With CURLOPT_NOSIGNAL libcurl does not ignore SIGPIPE, and TLS writes to a closed connection may raise it.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)

        while !isStopping {
            for command in commands.dequeueAll() { handle(command) }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collectFinished()
            endExpired()
            endTooLarge()
            // libcurl waits at most until its next timer, and a wake-up ends the wait.
            if !isStopping { curl_multi_poll(multi, nil, 0, pollMilliseconds, nil) }
        }
        end()
    }

    private func handle(_ command: Command) {
        switch command {
        case .begin(let start): begin(start)
        case .cancel(let number):
            if let transfer = transfers[number] { finish(transfer, with: .failure(transfer.cancellationError)) }
        case .stop: isStopping = true
        }
    }

    private func begin(_ start: StartCommand) {
        guard let easy = idleHandles.popLast() ?? EasyHandle() else {
            return start.continuation.resume(throwing: TransportError(.unusableRequest, delivery: .notSent, note: "out of memory"))
        }
        let transfer = Transfer(start, easy: easy, memory: settings.memory, sockets: sockets)
        transfers[start.number] = transfer
        nextDeadline = min(nextDeadline ?? transfer.deadline, transfer.deadline)
        do throws(TransportError) {
            try transfer.configure(settings)
            let code = curl_multi_add_handle(multi, easy.raw)
            guard code == CURLM_OK else {
                throw TransportError(.unusableRequest, delivery: .notSent, note: String(cString: curl_multi_strerror(code)))
            }
        } catch {
            finish(transfer, with: .failure(error))
        }
    }

    private func collectFinished() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let context = psa_get_private(message.pointee.easy_handle) else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let result = transfer.result(message.pointee.data.result)
            if !inspectCertificate(transfer, after: result) { finish(transfer, with: result) }
        }
    }

    /// Continues a transfer that failed because of the server's certificate, to find out whose certificate it is.
    private func inspectCertificate(_ transfer: Transfer, after result: Result<TransportResponse, any Error>) -> Bool {
        guard transfers[transfer.number] != nil else { return false }
        curl_multi_remove_handle(multi, transfer.easy.raw)
        guard transfer.startInspection(after: result, settings) else { return false }
        return curl_multi_add_handle(multi, transfer.easy.raw) == CURLM_OK
    }

    private var pollMilliseconds: Int32 {
        guard let nextDeadline else { return 60_000 }
        // One millisecond more, so that the deadline has passed after the wait.
        return Int32(min(max((nextDeadline - .now) / .milliseconds(1), 0) + 1, 60_000))
    }

    /// Ends transfers whose deadline has passed, because libcurl 7.88 does not enforce the timeout of one that waits for a connection.
    private func endExpired() {
        let now = ContinuousClock.now
        guard let nextDeadline, nextDeadline <= now else { return }
        for transfer in transfers.values.filter({ $0.deadline <= now }) { finish(transfer, with: .failure(transfer.timeoutError)) }
        self.nextDeadline = transfers.values.map(\.deadline).min()
    }

    /// Ends transfers whose connections have received too much, ten times a second while something is received.
    private func endTooLarge() {
        let now = ContinuousClock.now
        guard now >= nextByteCheck, !transfers.isEmpty else { return }
        nextByteCheck = now + .milliseconds(100)
        for transfer in transfers.values.filter({ $0.exceedsReceivedBytes() }) {
            finish(transfer, with: .failure(transfer.tooLargeError))
        }
    }

    /// Removes a transfer and resumes its continuation; no other function does.
    private func finish(_ transfer: Transfer, with result: Result<TransportResponse, any Error>) {
        guard transfers.removeValue(forKey: transfer.number) != nil else { return }
        curl_multi_remove_handle(multi, transfer.easy.raw)
        transfer.easy.reset()
        if idleHandles.count < Self.maximumIdleHandles { idleHandles.append(transfer.easy) }
        if let size = transfer.missingShare, transfer.request.isRepeatable {
            return transfer.continuation.resume(throwing: MissingShareError(size: size))
        }
        transfer.continuation.resume(with: result)
    }

    private func end() {
        let remaining = commands.close()
        let stopped = TransportError(.interrupted, delivery: .maybeSent, note: "the transport was shut down")
        for transfer in Array(transfers.values) { finish(transfer, with: .failure(stopped)) }
        for case .begin(let start) in remaining {
            start.continuation.resume(throwing: TransportError(.interrupted, delivery: .notSent, note: stopped.note))
        }
        idleHandles = []
        curl_multi_cleanup(multi)
        whenThreadEnds()
    }
}

/// The sockets of the connections of a transfer loop, which libcurl opens and closes on its thread.
final class OpenSockets {
    var descriptors: Set<curl_socket_t> = []
}

/// A command of a task for the transfer thread.
enum Command: Sendable {
    case begin(StartCommand)
    case cancel(UInt64)
    case stop
}

/// A request for the transfer thread.
struct StartCommand: Sendable {
    let number: UInt64
    let request: TransportRequest
    /// The share of the memory for large responses that was waited for.
    let share: ResponseMemory.Share?
    let continuation: CheckedContinuation<TransportResponse, any Error>
}

/// The response is large and no share of the memory is free; nothing of it is kept, and it can be requested again with a share.
struct MissingShareError: Error {
    let size: ResponseMemory.Class
}

/// The queue of commands from tasks to the transfer thread, which it wakes up for them.
///
/// `@unchecked Sendable` is safe: the variables are accessed only under the lock, and other threads use the handle only to call
/// `curl_multi_wakeup`, which libcurl allows from any thread, under the same lock and before ``close()`` removes the handle.
/// The lock is a pthread mutex, because the thread sanitizer does not support `Synchronization.Mutex` on Linux.
final class CommandQueue: @unchecked Sendable {
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

    /// Returns a number that is unique among the requests of this transport.
    func makeNumber() -> UInt64 {
        locked {
            lastNumber += 1
            return lastNumber
        }
    }

    /// Appends a command; after ``close()`` a request fails at once and other commands are ignored.
    func enqueue(_ command: Command) {
        let isOpen = locked {
            guard let multi else { return false }
            commands.append(command)
            // If there were commands already, the thread has been woken up.
            if commands.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
        if !isOpen, case .begin(let start) = command {
            start.continuation.resume(
                throwing: TransportError(.interrupted, delivery: .notSent, note: "the transfer thread is not running"))
        }
    }

    /// Removes and returns all commands in order.
    func dequeueAll() -> [Command] {
        locked {
            defer { commands = [] }
            return commands
        }
    }

    /// Ends the use of the multi handle by other threads, and returns the remaining commands.
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
