import PSACore

extension ConformanceRule {
    /// The bounds that every request keeps.
    static let bounds: [ConformanceRule] = [
        ConformanceRule(
            "bounds.requests", .platinum, "Every request has bounds: five minutes, 64 MiB, and the addresses that the host allows",
            because: "One answer could fill the host's memory, or a redirect lead it into its own network.", needs: [.connection, .list]
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            for list in subject.lists { _ = try await list.rows(session, 1) }
            return stage.transport.requests.flatMap { request in
                Violations.unless(request.timeout <= .seconds(300), "\(request) may take \(request.timeout).")
                    + .unless(
                        request.maximumResponseBytes <= 64 << 20, "\(request) takes answers of \(request.maximumResponseBytes) bytes.")
                    + .unless(
                        request.addressPolicy == subject.addressPolicy, "\(request) may reach addresses that the host does not allow.")
            }
        },
        ConformanceRule(
            "bounds.pace", .platinum, "Every request keeps the tenant's pace",
            because: "The vendor would lock the tenant out, and with it everybody who works there.", needs: [.connection, .list]
        ) { subject in
            let stage = ConformanceStage(subject, pace: .some(RateLimit(2, per: .seconds(600))))
            let session = try stage.session()
            for list in subject.lists.prefix(3) + subject.lists.prefix(3) {
                // Running out of patience is as good as waiting: either way nothing more is sent.
                _ = try? await list.rows(session, 1)
            }
            let held = stage.time.waits.count { $0 > .seconds(60) }
            return .unless(
                held > 0 || stage.transport.requests.count <= 2,
                "Of \(stage.transport.requests.count) requests at a pace of two in ten minutes, none was held back.")
        },
    ]

    /// How tokens are spent.
    static let tokens: [ConformanceRule] = [
        ConformanceRule(
            "tokens.shared", .platinum, "Twenty callers at once cause one token request",
            because: "Vendors throttle their token endpoint hardest of all.", needs: [.connection, .list, .accessToken]
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await subject.lists[0].rows(session, 1) } }
                try await group.waitForAll()
            }
            return .unless(stage.requestsWithSecret.count == 1, "\(stage.requestsWithSecret.count) tokens were fetched.")
        },
        ConformanceRule(
            "tokens.refreshed", .platinum, "A token that is refused once is fetched again, and the work goes on",
            because: "A token that was revoked would stop everything until the host is restarted.",
            needs: [.connection, .list, .accessToken]
        ) { subject in
            let refusal = TransportFault(.answer(HTTPResponse(status: 401)), times: 1) { !subject.isTokenRequest($0) }
            let stage = ConformanceStage(subject, faults: [refusal])
            let session = try stage.session()
            let error = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            return .unless(error == nil, "After one 401 reading ends with \(error?.code.rawValue ?? "").")
        },
        ConformanceRule(
            "tokens.given-up", .platinum, "A fresh token that is refused too is reported after one try, not fetched again and again",
            because: "The account would be locked.", needs: [.connection, .list, .accessToken]
        ) { subject in
            let stage = ConformanceStage(
                subject, faults: [TransportFault(.answer(HTTPResponse(status: 401))) { !subject.isTokenRequest($0) }])
            let session = try stage.session()
            _ = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            return .unless((1...2).contains(stage.requestsWithSecret.count), "\(stage.requestsWithSecret.count) tokens were fetched.")
        },
        ConformanceRule(
            "tokens.forgiving", .platinum, "A token that could not be fetched once is asked for again after a pause",
            because: "One bad minute of the vendor would stop everything until the host is restarted.",
            needs: [.connection, .list, .accessToken]
        ) { subject in
            let fault = TransportFault(.answer(HTTPResponse(status: 400, body: Array("{}".utf8))), times: 1) { subject.isTokenRequest($0) }
            let stage = ConformanceStage(subject, faults: [fault])
            let session = try stage.session()
            _ = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            try await stage.time.source.sleep(.seconds(900))
            let error = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            return .unless(error == nil, "A quarter of an hour later reading still ends with \(error?.code.rawValue ?? "").")
        },
    ]
}
