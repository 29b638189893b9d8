extension ConnectorSession {
    /// Whether the host may send requests of its own; see ``vendorRequest(_:path:query:body:)``.
    public var takesVendorRequests: Bool { connection is any VendorRequesting }

    /// Sends a request to the vendor's API, for what this library does not model.
    ///
    /// ```swift
    /// let answer = try await session.vendorRequest(.get, path: "/Asset/5", query: [QueryItem("includedetails", "true")])
    /// print(answer.json?["inventory_number"]?.string ?? "none")
    /// ```
    ///
    /// The request has the connection's credentials, waits for its place in the tenant's rate limit, and fails with the same errors as any other.
    /// It goes to the tenant's API and nowhere else. A GET or HEAD is repeated like any read. Everything else is a write: one at a time for each
    /// tenant, together with new tickets, and sent once.
    ///
    /// What the vendor does with it is between the host and the vendor: nothing is checked, and no reference is left by which it could be found.
    ///
    /// - Parameters:
    ///   - method: What is done to the resource.
    ///   - path: The path below the root of the tenant's API, in clear.
    ///   - query: Query parameters in clear.
    ///   - body: What is sent as JSON; nothing for GET and HEAD.
    /// - Returns: The vendor's answer.
    /// - Throws: ``PSAError``: `request.invalid` for a path that leaves the API, `connector.unsupported` where
    ///   ``takesVendorRequests`` is false; for a write, ``PSAError/mayHaveBeenExecuted`` says whether it may have happened. `CancellationError`
    ///   only if nothing was written.
    public func vendorRequest(
        _ method: TransportMethod, path: String, query: [QueryItem] = [], body: JSONValue? = nil
    ) async throws -> VendorAnswer {
        let object = VendorRequestMessage.request
        let able = try ability((any VendorRequesting).self, about: object)
        let request: VendorRequest
        do throws(VendorRequestIssue) {
            request = try VendorRequest(method, path: path, query: query, body: body)
        } catch {
            throw invalid(object, error)
        }
        guard !method.isSafe else { return try await attributed(object) { try await able.vendorRequest(request) } }
        return try await judged(about: object) { try await attributed(object) { try await able.vendorRequest(request) } }
    }
}

/// What a request of the host is called.
enum VendorRequestMessage: LocalizedMessage, Hashable {
    case request

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "requests of your own"
        case .german: "eigene Anfragen"
        }
    }
}
