import CMicroHTTPD
import Glibc

extension HTTPDaemon {
    /// Starts the library's thread; nil means that it failed and has closed the socket.
    ///
    /// The context of the callbacks is this object, unretained: the watch thread outlives them. A connection's context is its
    /// ``Connection``, retained from the first to the last callback about it, and a request's context is the same, unretained.
    func startLibrary(on socket: Int32) -> OpaquePointer? {
        let seconds = configuration.idleTimeout.components
        let settings = cmhd_settings(
            idle_seconds: UInt32(clamping: seconds.seconds + (seconds.attoseconds > 0 ? 1 : 0)),
            connection_limit: UInt32(clamping: configuration.connectionLimit),
            connections_per_address: UInt32(clamping: configuration.connectionsPerAddress),
            // The library reads into half of it and builds the answer's head in the rest.
            memory_per_connection: 2 * configuration.maximumHeaderBytes + 16 * 1024)
        return cmhd_start(
            socket, settings,
            { _, target, handle in
                guard let handle, let context = cmhd_socket_context(handle) else { return nil }
                let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
                Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().requestBegan(bytes)
                return context
            },
            { _, _, url, method, version, upload, uploadSize, context in
                guard let context = context?.pointee, let url, let method, let version, let uploadSize else { return .NO }
                let bytes = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
                // All three words stand in one buffer, a zero byte between them.
                let access = Connection.Access(method: method, version: version, wireLength: version - url - 1, upload: bytes)
                uploadSize.pointee = 0
                return Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().access(access) ? .YES : .NO
            },
            { _, _, context, _ in
                guard let context = context?.pointee else { return }
                Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().requestEnded()
            },
            { owner, handle, context, change in
                guard let owner, let handle, let context else { return }
                let daemon = Unmanaged<HTTPDaemon>.fromOpaque(owner).takeUnretainedValue()
                switch change {
                case .CONNECTION_NOTIFY_STARTED:
                    let connection = Connection(handle, of: daemon)
                    context.pointee = Unmanaged.passRetained(connection).toOpaque()
                    daemon.opened(connection)
                case .CONNECTION_NOTIFY_CLOSED:
                    guard let pointer = context.pointee else { return }
                    context.pointee = nil
                    daemon.closed(Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
                }
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
