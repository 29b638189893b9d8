import BrowserSupport
import PSACore

extension PageState {
    /// The pages about rules.
    static let rules: [PageState] = lists + forms + histories

    private static let lists = [
        PageState("rules-without-connection", path: "/rules"),
        PageState("rules-empty") { browser, host in
            try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/rules")
        },
        PageState("rules") { browser, host in
            let connection = try await host.connectForTickets("Acme Managed Services")
            _ = try await host.addRule("Backup failed", on: "backup.failed", through: connection)
            let off = try await host.addRule("Device is too old", on: "device.aged", through: connection)
            try await host.setMode("off", of: off)
            let limitedRule = try await host.addActiveRule(
                "Critical alert", on: "list.rateLimited", through: connection, [QueryItem("limitCount", "1")])
            try await host.sendEvent("list.rateLimited", times: 2, until: "needs_review", 1, of: limitedRule)
            try await browser.open(host.url + "/rules")
        },
        PageState("integrations-rate-limited") { browser, host in
            let limitedRule = try await host.addActiveRule(
                "Critical alert", on: "overview.rateLimited", through: host.connectForTickets("Acme Managed Services"),
                [QueryItem("limitCount", "1")])
            try await host.sendEvent("overview.rateLimited", times: 3, until: "needs_review", 2, of: limitedRule)
            try await browser.open(host.url + "/integrations")
        },
        PageState("api-keys", path: "/api-keys"),
        PageState("api-key-made") { browser, host in
            try await browser.open(host.url + "/api-keys")
            try await browser.fill("#field-name", with: "Backup monitor")
            try await browser.follow("main form[action='/api-keys'] .primary")
        },
        PageState("api-key-revoke") { browser, host in
            let made = try await host.admin.send(.post, "/api/v1/api-keys", ["name": "Backup monitor", "scopes": ["events:send"]]).text
            try await browser.open(host.url + "/api-keys/\(made.part(between: "\"id\":\"", and: "\"") ?? "")/revoke")
        },
        PageState("api-keys-problem") { browser, host in
            try await browser.open(host.url + "/api-keys")
            try await browser.follow("main form[action='/api-keys'] .primary")
        },
    ]

    private static let forms = [
        PageState("outbox-limits", path: "/rules/limits?notice=limits"),
        PageState("outbox-limits-problem") { browser, host in
            try await browser.open(host.url + "/rules/limits")
            try await browser.fill("#field-maxAgeHours", with: "1000")
            try await browser.follow("main form .primary")
        },
        PageState("retention", path: "/retention?notice=retention"),
        PageState("retention-problem") { browser, host in
            try await browser.open(host.url + "/retention")
            try await browser.fill("#field-eventDays", with: "0")
            try await browser.follow("main form .primary")
        },
        PageState("detectors") { browser, host in
            let connection = try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/detectors?notice=detectors")
        },
        PageState("detectors-problem") { browser, host in
            let connection = try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/detectors")
            try await browser.fill("[name='ticket.waiting.days']", with: "1000")
            try await browser.follow("main form .primary")
        },
        PageState("rule-form") { browser, host in
            try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/rules/new?template=night-alert")
        },
        PageState("rule-form-obstacles") { browser, host in
            try await host.connect("Acme Managed Services", changing: ["ticketTypeID": "40"])
            try await browser.open(host.url + "/rules/new?template=critical-alert")
            try await browser.follow(".buttons .primary")
        },
        PageState("rule-form-problems") { browser, host in
            try await host.connect("Acme Managed Services")
            try await browser.open(host.url + "/rules/new?template=critical-alert")
            try await browser.fill("#field-summary", with: "{nope} happened")
            try await browser.script("document.querySelector('#field-connection').value = ''")
            try await browser.openAdvanced()
            try await browser.fill("#field-limitCount", with: "many")
            try await browser.follow(".buttons .primary")
        },
    ]

    private static let histories = [
        PageState("rule-dry-run") { browser, host in
            let rule = try await host.addRule("Backup failed", on: "dry.shown", through: host.connectForTickets("Acme Managed Services"))
            try await host.sendEvent("dry.shown", times: 2, until: "would_create", 2, of: rule)
            try await browser.open(host.url + "/rules/\(rule)?notice=rule")
        },
        PageState("rule-active") { browser, host in
            let notes = [QueryItem("appendMinutes", "60")]
            let rule = try await host.addActiveRule(
                "Backup failed", on: "active.shown", through: host.connectForTickets("Acme Managed Services"), notes)
            try await host.sendEvent("active.shown", times: 2, until: "appended", 1, of: rule)
            try await browser.open(host.url + "/rules/\(rule)")
        },
        PageState("rule-rate-limited") { browser, host in
            let rule = try await host.addActiveRule(
                "Critical alert", on: "limit.shown", through: host.connectForTickets("Acme Managed Services"),
                [QueryItem("limitCount", "1")])
            try await host.sendEvent("limit.shown", times: 3, until: "created", 1, of: rule)
            try await browser.open(host.url + "/rules/\(rule)")
        },
        PageState("rule-refused") { browser, host in
            let rule = try await host.addActiveRule(
                "Critical alert", on: "refused.shown", through: host.connectForTickets("Acme Managed Services"))
            try await host.tenant.show("poison:PC-1")
            try await host.sendEvent("refused.shown", times: 2, until: "failed", 1, of: rule)
            try await browser.open(host.url + "/rules/\(rule)")
            try await browser.click(".jobs li.failed summary")
        },
        PageState("job-correct") { browser, host in
            let rule = try await host.addActiveRule(
                "Critical alert", on: "refused.shown", through: host.connectForTickets("Acme Managed Services"))
            try await host.tenant.show("poison:PC-1")
            try await host.sendEvent("refused.shown", times: 1, until: "failed", 1, of: rule)
            try await browser.open(host.url + "/rules/\(rule)")
            try await browser.follow(".jobs li.failed a[href$='/correct']")
        },
        PageState("companies-not-found") { browser, host in
            let rule = try await host.addActiveRule(
                "Backup failed", on: "unknown.shown", through: host.connectForTickets("Acme Managed Services"))
            try await host.programFace().sendEvent("unknown.shown", "1", company: "Nowhere Ltd")
            try await host.waitForJobs(1, "created", of: rule)
            try await browser.open(host.url + "/rules/companies")
        },
        PageState("rule-company") { browser, host in
            let asks = [
                QueryItem("group0.test0.field", "psa_company_active"), QueryItem("group0.test0.comparison", "equals"),
                QueryItem("group0.test0.value", "yes"),
            ]
            let rule = try await host.addActiveRule(
                "Backup failed", on: "company.shown", through: host.connectForTickets("Acme Managed Services"), asks)
            let program = try await host.programFace()
            for (number, company) in ["Nobody & Sons", "Tarnholt Logistics", "Larkmoor Dental Group", "A new company"].enumerated() {
                try await program.sendEvent("company.shown", "\(rule)/\(number)", device: "PC-\(number)", company: company)
                if number == 0 { try await host.waitForJobs(1, "needs_review", of: rule) }
            }
            try await host.waitForJobs(1, "created", of: rule)
            try await browser.open(host.url + "/rules/\(rule)")
        },
        PageState("rule-undecided") { browser, host in
            let connection = try await host.connectForTickets("Acme Managed Services")
            let rule = try await host.addActiveRule("Critical alert", on: "undecided.shown", through: connection)
            try await host.tenant.show("create-lost-request", "latency:500")
            try await host.sendEvent("undecided.shown", times: 1, until: "unknown", 1, of: rule)
            // Without its connection it can't be looked for.
            try await host.admin.send(.delete, "/api/v1/connections/\(connection)?acceptActiveRules=true")
            try await host.waitForJobs(1, "needs_review", of: rule)
            try await browser.open(host.url + "/rules/\(rule)")
        },
        PageState("history", path: "/jobs"),
        PageState("history-filtered", path: "/jobs?state=needs_review"),
        PageState("events") { browser, host in
            try await host.showEvents()
            try await browser.open(host.url + "/events")
        },
        PageState("event-unmatched") { browser, host in
            try await host.showEvents()
            try await browser.open(host.url + "/events?outcome=unmatched")
            try await browser.follow("tbody tr:first-child a[href^='/events/']")
        },
        PageState("job-failed") { browser, host in
            try await host.showEvents()
            try await browser.open(host.url + "/jobs?state=failed")
            try await browser.follow(".jobs > li:first-child strong a")
        },
        PageState("jobs-bulk") { browser, host in
            try await host.showEvents()
            try await browser.open(host.url + "/jobs?state=failed")
            try await browser.click("#bulk summary")
            try await browser.follow("#bulk button[value=resend-all]")
        },
    ]
}

extension AdminHost {
    /// An event that no rule wants, and one whose ticket the PSA refuses.
    fileprivate func showEvents() async throws {
        let rule = try await addActiveRule(
            "Critical alert", on: "refused.shown", through: connectForTickets("Acme Managed Services"))
        try await tenant.show("poison:PC-1")
        try await sendEvent("refused.shown", times: 1, until: "failed", 1, of: rule)
        try await programFace().sendEvent("unwanted.shown", rule)
    }

    /// Sends events of different devices, or of one to append notes, and waits for their state.
    fileprivate func sendEvent(_ type: String, times: Int, until state: String, _ count: Int, of rule: String) async throws {
        let program = try await programFace()
        for number in 1...times {
            // Pictures and audits use the same host one after the other; each event is a new one.
            let id = "\(rule)/\(number)"
            try await program.sendEvent(type, id, device: state == "appended" ? "SRV-02" : "PC-\(number)")
        }
        try await waitForJobs(count, state, of: rule)
    }
}
