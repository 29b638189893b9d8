import PSACore

extension AdminHost {
    /// Makes an API key for a program that sends events.
    ///
    /// - Returns: A face that shows it with every request.
    func programFace() async throws -> HTTPFace {
        let page = try await admin.post("/api-keys", [QueryItem("name", "Backup monitor"), QueryItem("scope", "events:send")]).text
        guard let token = page.part(between: "<code id=\"token\">", and: "<") else { throw HaloSimulatorProcess.Refused(words: page) }
        return HTTPFace(origin: url, headers: ["Authorization": "Bearer \(token)"])
    }

    /// Saves a connection with what its tickets need.
    ///
    /// - Returns: Its id.
    func connectForTickets(_ name: String = "Acme") async throws -> String { try await connect(name, changing: ["ticketTypeID": "1"]) }

    /// Saves a rule for events of one type with the form for rules; it is in dry run.
    ///
    /// A rule that could not create a ticket, or can't be checked, is saved in spite of that: tests are about what happens to it.
    ///
    /// - Returns: Its id.
    func addRule(_ name: String, on type: String, through connection: String, _ more: [QueryItem] = []) async throws -> String {
        let defaults = [
            QueryItem("name", name), QueryItem("eventTypes", type), QueryItem("connection", connection),
            QueryItem("summary", "\(name) on {device}"), QueryItem("appendMinutes", "0"), QueryItem("limitCount", "30"),
            QueryItem("limitMinutes", "10"), QueryItem("action", "save"),
        ]
        // Of two fields of one name the form reads the first.
        var answer = try await admin.post("/rules/new", more + defaults)
        if answer.status == 409 {
            let consent = answer.text.contains("save-anyway") ? "save-anyway" : "save-unverified"
            answer = try await admin.post("/rules/new", [QueryItem("action", consent)] + more + defaults)
        }
        guard let id = answer.headers["Location"]?.part(between: "/rules/", and: "?") else {
            throw HaloSimulatorProcess.Refused(words: answer.text)
        }
        return id
    }

    /// Presses a rule's button for a mode.
    func setMode(_ mode: String, of rule: String) async throws {
        let answer = try await admin.post("/rules/\(rule)/mode", try await revision(of: rule) + [QueryItem("mode", mode)])
        guard answer.status == 303 else { throw HaloSimulatorProcess.Refused(words: answer.text) }
    }

    /// A rule that creates tickets.
    func addActiveRule(_ name: String, on type: String, through connection: String, _ more: [QueryItem] = []) async throws -> String {
        let id = try await addRule(name, on: type, through: connection, more)
        try await setMode("active", of: id)
        return id
    }

    /// The hidden field that says which version of a rule is meant.
    func revision(of rule: String) async throws -> [QueryItem] {
        let page = try await admin.send(.get, "/rules/\(rule)/edit").text
        return [QueryItem("revision", page.part(between: "name=\"revision\" value=\"", and: "\"") ?? "")]
    }

    /// Removes every rule; histories stay.
    func removeRules() async throws {
        let page = try await admin.send(.get, "/rules").text
        for piece in page.split(separator: "<h2><a href=\"/rules/").dropFirst() {
            let rule = String(piece.prefix { $0 != "\"" })
            try await admin.post("/rules/\(rule)/remove", try await revision(of: rule))
        }
    }

    /// Waits until a rule's history has so many jobs in a state, as its page shows them.
    func waitForJobs(_ count: Int, _ state: String, of rule: String) async throws {
        let deadline = ContinuousClock.now + .seconds(15)
        var page = ""
        repeat {
            page = try await admin.send(.get, "/rules/\(rule)").text
            if page.split(separator: "<li class=\"\(state)\"").count == count + 1 { return }
            try await Task.sleep(for: .milliseconds(30))
        } while ContinuousClock.now < deadline
        throw HaloSimulatorProcess.Refused(words: "Not \(count) jobs are \(state): \(page)")
    }
}

extension HTTPFace {
    /// Sends an event.
    ///
    /// - Returns: What the host answered.
    @discardableResult
    func sendEvent(
        _ type: String, _ id: String, device: String = "SRV-02", company: String = "", severity: String = "error"
    ) async throws -> TransportResponse {
        try await send(
            .post, "/api/v1/events",
            [
                "source": "backup-monitor", "id": .string("\(type)/\(id)"), "type": .string(type), "severity": .string(severity),
                "device": .string(device), "company": .string(company), "text": "The disk is full.",
            ])
    }
}

extension String {
    /// The text between the first occurrences of two strings.
    func part(between start: String, and end: String) -> String? {
        guard let from = firstRange(of: start)?.upperBound, let to = self[from...].firstRange(of: end)?.lowerBound else { return nil }
        return String(self[from..<to])
    }
}
