import CMicroHTTPD

/// A response in the library's representation.
struct OutgoingResponse: ~Copyable {
    private static let blockSize = 64 * 1024

    private let pointer: OpaquePointer
    private let status: UInt32

    /// Creates a response; returns nil if the status or a header field cannot be sent.
    static func make(_ response: WebResponse, stream: StreamBody?, closesConnection: Bool) -> OutgoingResponse? {
        // A 1xx status does not complete the request, so the connection is closed after a deliberate one.
        var isInterim = false
        if case .interim = response.body { isInterim = true }
        guard (isInterim ? 100...199 : 200...999).contains(response.status), let pointer = makeBody(response.body, stream) else {
            return nil
        }
        let outgoing = OutgoingResponse(pointer: pointer, status: UInt32(response.status))
        guard outgoing.add(response.headers) else { return nil }
        if closesConnection || isInterim { _ = MHD_add_response_header(pointer, "Connection", "close") }
        return outgoing
    }

    private init(pointer: OpaquePointer, status: UInt32) {
        self.pointer = pointer
        self.status = status
    }

    private func add(_ headers: WebHeaders) -> Bool {
        for (name, value) in headers.fields where !Self.isSetByServer(name) && !value.isEmpty {
            // A zero byte would end the C string early and hide the rest from the library's validation.
            guard !name.utf8.contains(0), !value.utf8.contains(0), MHD_add_response_header(pointer, name, value) == .YES else {
                return false
            }
        }
        return true
    }

    func queue(on connection: OpaquePointer) -> Bool {
        MHD_queue_response(connection, status, pointer) == .YES
    }

    deinit {
        MHD_destroy_response(pointer)
    }

    private static func isSetByServer(_ name: String) -> Bool {
        WebHeaders.isSameName(name, "Content-Length") || WebHeaders.isSameName(name, "Transfer-Encoding")
    }

    private static func makeBody(_ body: WebResponse.Body, _ stream: StreamBody?) -> OpaquePointer? {
        switch body {
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bytes in
                MHD_create_response_from_buffer(bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .stream:
            stream.flatMap { makeBody($0) }
        case .truncated(let bytes, let declaredLength):
            makeBody(TruncatedBody(bytes), declaredLength: max(declaredLength, bytes.count + 1))
        case .interim:
            MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        case .hangUp:
            nil
        }
    }

    private static func makeBody(_ stream: StreamBody) -> OpaquePointer? {
        let owner = Unmanaged.passRetained(stream)
        let pointer = MHD_create_response_from_callback(
            cmhd_unknown_size, blockSize,
            { context, _, buffer, size in
                guard let context, let buffer else { return cmhd_end_with_error }
                return Unmanaged<StreamBody>.fromOpaque(context).takeUnretainedValue()
                    .read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
            }, owner.toOpaque(), { $0.map { Unmanaged<StreamBody>.fromOpaque($0).takeRetainedValue().abort() } })
        if pointer == nil { owner.release() }
        return pointer
    }

    private static func makeBody(_ body: TruncatedBody, declaredLength: Int) -> OpaquePointer? {
        let owner = Unmanaged.passRetained(body)
        let pointer = MHD_create_response_from_callback(
            UInt64(declaredLength), blockSize,
            { context, position, buffer, size in
                guard let context, let buffer else { return cmhd_end_with_error }
                return Unmanaged<TruncatedBody>.fromOpaque(context).takeUnretainedValue()
                    .read(from: Int(position), into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
            }, owner.toOpaque(), { $0.map { Unmanaged<TruncatedBody>.fromOpaque($0).release() } })
        if pointer == nil { owner.release() }
        return pointer
    }
}

/// A body that ends before the declared length, for fault tests.
final class TruncatedBody: Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        guard count > 0 else { return cmhd_end_with_error }
        buffer.copyBytes(from: bytes[position..<position + count])
        return count
    }
}
