import BrowserSupport
import PSACore

extension PageState {
    /// The pages about local copies; their host reads them.
    static let data: [PageState] = [
        PageState("data", syncs: true) { browser, host in
            let connection = try await host.connectAndRead("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/data")
        },
        PageState("data-failed", syncs: true) { browser, host in
            try await host.tenant.show("deny:ClientContract")
            let connection = try await host.connect("Acme Managed Services", tested: false)
            try await host.waitForData(of: connection) { $0.contains("failure-agreements") && $0.components("Never read") == 1 }
            try await browser.open(host.url + "/connections/\(connection)/data")
        },
        PageState("data-missing", syncs: true) { browser, host in
            let connection = try await host.connectAndLoseContacts("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/data")
        },
        PageState("data-missing-question", syncs: true) { browser, host in
            let connection = try await host.connectAndLoseContacts("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/data/contacts/missing")
        },
        PageState("data-paused", syncs: true) { browser, host in
            let connection = try await host.connectAndRead("Acme Managed Services")
            try await host.admin.post("/connections/\(connection)/sync-pause", [QueryItem("paused", "1")])
            try await browser.open(host.url + "/connections/\(connection)/data?notice=sync-paused")
        },
        PageState("data-tickets", syncs: true) { browser, host in
            let connection = try await host.connectAndRead("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/data/tickets?state=all")
        },
        PageState("data-companies", syncs: true) { browser, host in
            let connection = try await host.connectAndRead("Acme Managed Services")
            try await browser.open(host.url + "/connections/\(connection)/data/companies?search=dental")
        },
        PageState("data-ticket", syncs: true) { browser, host in
            let connection = try await host.connectAndRead("Acme Managed Services")
            let path = "/connections/\(connection)/data/tickets"
            let page = try await host.admin.send(.get, path).text
            let record = page.part(between: path + "/records/", and: "\"") ?? ""
            try await host.admin.post("\(path)/records/\(record)/read-again", [])
            try await host.waitForRecord("\(path)/records/\(record)") { $0.contains("<ol class=\"notes\">") }
            try await browser.open(host.url + "\(path)/records/\(record)")
            try await browser.script("for (const part of document.querySelectorAll('details')) part.open = true")
        },
        PageState("data-company", syncs: true) { browser, host in
            let connection = try await host.connectAndRead("Acme Managed Services")
            let path = "/connections/\(connection)/data/companies"
            let page = try await host.admin.send(.get, path).text
            try await browser.open(host.url + "\(path)/records/\(page.part(between: path + "/records/", and: "\"") ?? "")")
        },
        PageState("data-empty") { browser, host in
            let connection = try await host.connect("Acme Managed Services", tested: false)
            try await browser.open(host.url + "/connections/\(connection)/data")
        },
        PageState("change-hook") { browser, host in
            let connection = try await host.connect("Acme Managed Services", tested: false)
            try await browser.open(host.url + "/connections/\(connection)/hook")
            try await browser.fill("#field-secret", with: "a-secret-of-this-tenant")
            try await browser.follow("form[action$='/hook'] .primary")
        },
        PageState("company-mappings") { browser, host in
            let connection = try await host.connect("Acme Managed Services")
            for (name, company) in [("Dental Larkmoor", "14"), ("Tarnholt Ltd", "15")] {
                try await host.admin.send(
                    .post, "/api/v1/company-mappings",
                    ["connection": .string(connection), "sentName": .string(name), "company": .string(company)])
            }
            try await browser.open(host.url + "/connections/\(connection)/company-mappings")
        },
    ]
}

extension AdminHost {
    /// Waits until the page of a record shows something.
    fileprivate func waitForRecord(_ path: String, _ condition: (String) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if condition(try await admin.send(.get, path).text) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw HaloSimulatorProcess.Refused(words: "The record \(path) does not show what is waited for.")
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
