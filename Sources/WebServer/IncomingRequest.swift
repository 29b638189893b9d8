/// A request while its bytes arrive.
struct IncomingRequest: Sendable {
    /// What may arrive beyond the limit and still be answered with a 413 instead of a cut connection.
    static let leastAllowance = 1024 * 1024

    /// The raw target; nil where the request line has none.
    let target: [UInt8]?
    /// The request with the body so far, once its head is read.
    private(set) var request: WebRequest?
    private(set) var isTooLarge = false
    private var excess = 0

    init(target: [UInt8]?) {
        self.target = target
    }

    mutating func adopt(_ head: RequestHead, limit: Int) {
        request = head.request
        isTooLarge = (head.declaredLength ?? 0) > limit
        // No more than this on the client's word alone.
        request?.body.reserveCapacity(isTooLarge ? 0 : min(head.declaredLength ?? 0, 256 * 1024))
    }

    /// Takes a piece of the body; false means that the client is beyond patience and has to be dropped.
    mutating func append(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        if !isTooLarge, (request?.body.count ?? 0) + bytes.count <= limit {
            request?.body.append(contentsOf: bytes)
            return true
        }
        isTooLarge = true
        request?.body = []
        excess += bytes.count
        return excess <= limit + max(limit, Self.leastAllowance)
    }
}
