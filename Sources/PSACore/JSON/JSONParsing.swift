import Dispatch

extension JSONDocument {
    /// The largest text in bytes that is parsed on the thread of its task, which takes a few milliseconds.
    static let inlineBytes = 2 << 20

    /// Parses larger texts, one at a time, so that they occupy no thread of the tasks and the memory of parsing is taken once.
    private static let queue = DispatchQueue(label: "large responses", qos: .utility)

    /// Checks the body of a response; a large one on a thread of its own, so that other tasks go on meanwhile.
    ///
    /// The document keeps the response's share of the memory for large responses.
    ///
    /// - Throws: ``JSONSyntaxError``.
    package static func parse(_ response: HTTPResponse) async throws(JSONSyntaxError) -> JSONDocument {
        guard response.body.count > inlineBytes else { return try JSONDocument(response.body, memoryShare: response.memoryShare) }
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<JSONDocument, JSONSyntaxError>, Never>) in
            queue.async {
                continuation.resume(
                    returning: Result { () throws(JSONSyntaxError) in
                        try JSONDocument(response.body, memoryShare: response.memoryShare)
                    })
            }
        }
        return try result.get()
    }
}
