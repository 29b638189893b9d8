internal import CCurl
internal import Glibc
internal import PSACore

/// The transfer thread: owns every libcurl handle and is the only one to touch them.
///
/// It is not `Sendable`. It is made by ``start(settings:maximumConnectionsPerHost:whenThreadEnds:)``, handed over to its thread once, and
/// freed there.
final class TransferLoop {
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    /// Idle easy handles keep their buffers, so a few are worth keeping and many are not.
    private static let maximumIdleHandles = 32
    private static let maximumIdleConnections = 64
    /// Across all hosts, to stay away from the usual limit of 1,024 open files.
    private static let maximumConnections = 256

    private let multi: UnsafeMutableRawPointer
    private let mailbox: Mailbox
    private let settings: TransferSettings
    private let whenThreadEnds: @Sendable () -> Void
    private var transfers: [UInt64: Transfer] = [:]
    /// Not later than the earliest deadline among the transfers.
    private var nextDeadline: ContinuousClock.Instant?
    private var idleHandles: [EasyHandle] = []
    private var isStopping = false

    private init(
        multi: UnsafeMutableRawPointer, mailbox: Mailbox, settings: TransferSettings, whenThreadEnds: @escaping @Sendable () -> Void
    ) {
        self.multi = multi
        self.mailbox = mailbox
        self.settings = settings
        self.whenThreadEnds = whenThreadEnds
    }

    /// Starts the thread and returns its mailbox, which is closed if libcurl or the system could not provide for it.
    static func start(
        settings: TransferSettings, maximumConnectionsPerHost: Int, whenThreadEnds: @escaping @Sendable () -> Void
    ) -> Mailbox {
        guard isLibraryReady, let multi = curl_multi_init() else { return Mailbox(waking: nil) }
        psa_set_multi_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, maximumConnectionsPerHost)
        psa_set_multi_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
        psa_set_multi_long(multi, CURLMOPT_MAXCONNECTS, maximumIdleConnections)

        let mailbox = Mailbox(waking: multi)
        let loop = TransferLoop(multi: multi, mailbox: mailbox, settings: settings, whenThreadEnds: whenThreadEnds)
        let handedOver = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, handedOver.toOpaque())
        guard code == 0 else {
            handedOver.release()
            _ = mailbox.close()
            curl_multi_cleanup(multi)
            return mailbox
        }
        pthread_detach(thread)
        return mailbox
    }

    private func run() {
        // CURLOPT_NOSIGNAL makes libcurl leave SIGPIPE alone, and TLS writes to a closed connection may raise it.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)

        while !isStopping {
            for command in mailbox.takeAll() { obey(command) }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collectFinished()
            expire()
            // libcurl shortens the wait to its next timer, and a wake-up ends it.
            if !isStopping { curl_multi_poll(multi, nil, 0, pollMilliseconds, nil) }
        }
        end()
    }

    private func obey(_ command: Command) {
        switch command {
        case .begin(let number, let request, let continuation): begin(number, request, continuation)
        case .cancel(let number):
            if let transfer = transfers[number] { finish(transfer, with: .failure(transfer.cancellation)) }
        case .stop: isStopping = true
        }
    }

    private func begin(_ number: UInt64, _ request: HTTPRequest, _ continuation: CheckedContinuation<HTTPResponse, any Error>) {
        guard let easy = idleHandles.popLast() ?? EasyHandle() else {
            return continuation.resume(throwing: TransportError(.unusableRequest, delivery: .notSent, note: "out of memory"))
        }
        let transfer = Transfer(number: number, request: request, easy: easy, continuation: continuation)
        transfers[number] = transfer
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
            let outcome = transfer.outcome(message.pointee.data.result)
            if !looksAtCertificate(transfer, after: outcome) { finish(transfer, with: outcome) }
        }
    }

    /// Lets a transfer go on that failed because of the server's certificate, to see whose certificate it is.
    private func looksAtCertificate(_ transfer: Transfer, after outcome: Result<HTTPResponse, any Error>) -> Bool {
        guard transfers[transfer.number] != nil else { return false }
        curl_multi_remove_handle(multi, transfer.easy.raw)
        guard transfer.beginsInspection(after: outcome, settings) else { return false }
        return curl_multi_add_handle(multi, transfer.easy.raw) == CURLM_OK
    }

    private var pollMilliseconds: Int32 {
        guard let nextDeadline else { return 60_000 }
        // One more, so that the deadline has passed when the wait is over.
        return Int32(min(max((nextDeadline - .now) / .milliseconds(1), 0) + 1, 60_000))
    }

    /// Ends what is out of time; libcurl 7.88 forgets the timeout of a transfer that waits for a connection.
    private func expire() {
        let now = ContinuousClock.now
        guard let nextDeadline, nextDeadline <= now else { return }
        for transfer in transfers.values.filter({ $0.deadline <= now }) { finish(transfer, with: .failure(transfer.timeout)) }
        self.nextDeadline = transfers.values.map(\.deadline).min()
    }

    /// The one place where a continuation that got as far as a transfer is resumed.
    private func finish(_ transfer: Transfer, with outcome: Result<HTTPResponse, any Error>) {
        guard transfers.removeValue(forKey: transfer.number) != nil else { return }
        curl_multi_remove_handle(multi, transfer.easy.raw)
        transfer.easy.reset()
        if idleHandles.count < Self.maximumIdleHandles { idleHandles.append(transfer.easy) }
        transfer.continuation.resume(with: outcome)
    }

    private func end() {
        let leftOver = mailbox.close()
        let stopped = TransportError(.interrupted, delivery: .maybeSent, note: "the transport was shut down")
        for transfer in Array(transfers.values) { finish(transfer, with: .failure(stopped)) }
        for case .begin(_, _, let continuation) in leftOver {
            continuation.resume(throwing: TransportError(.interrupted, delivery: .notSent, note: stopped.note))
        }
        idleHandles = []
        curl_multi_cleanup(multi)
        whenThreadEnds()
    }
}

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
