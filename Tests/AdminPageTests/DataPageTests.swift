import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// The local copy in the admin page, read from the demo tenant.
    @Suite struct DataPageTests {
        static let host = SharedHost(syncs: true)

        @Test(arguments: InputMode.allCases) func anAdministratorReadsSearchesAndOpensRecords(by input: InputMode) async throws {
            try await AdminPageTests.signedIn(on: Self.host, input.options) { browser, host in
                let connection = try await host.connectAndRead("Acme")
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/integrations")
                try await person.follow(".connections a[href$='/data']")
                let lead = try await browser.words("#resource-companies")
                #expect(lead.contains("Companies") && lead.contains("Whole list"))
                try await person.follow("#resource-tickets th a")
                try await person.type("printer", into: "#filter-search")
                try await person.choose("All", in: "#filter-state")
                try await person.follow("form.filters .primary")
                let found = try await browser.findAll("tbody tr").count
                #expect(found > 0)
                let summary = try await browser.words("tbody tr:first-child th a")
                #expect(summary.lowercased().contains("printer"))
                try await person.follow("tbody tr:first-child th a")
                let title = try await browser.text("h1")
                #expect(title == summary)
                // The company of the ticket, and its tickets.
                try await person.follow(".facts a[href*='/data/companies/records/']")
                try await person.follow("nav[aria-label='Of this company'] a[href*='/tickets']")
                let company = try await browser.find("#filter-company").value()
                #expect(!company.isEmpty)
                let csv = try await browser.find("a[href*='export.csv']").attribute("href") ?? ""
                #expect(csv.contains("/connections/\(connection)/data/tickets/export.csv?company="))
                let file = try await host.admin.send(.get, csv.replacing("&amp;", with: "&")).text
                #expect(file.hasPrefix("sequence,state,id,number,summary,company,companyName,"))
                #expect(file.split(separator: "\r\n").dropFirst().allSatisfy { $0.contains("\"\(company)\"") })
            }
        }

        @Test func aRunShowsItsProgressAndEndsWithoutAReload() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await host.tenant.show("latency:400")
                let connection = try await host.connect("Acme", tested: false)
                try await browser.open(host.url + "/connections/\(connection)/data")
                try await browser.script("window.isTheSamePage = true")
                try await browser.wait(for: "the first page to be asked for", within: .seconds(30)) {
                    // Before the host has taken up the connection nothing moves by itself.
                    if try await browser.findAll("progress").isEmpty, try await browser.findAll("[data-refresh]").isEmpty {
                        try await browser.open(host.url + "/connections/\(connection)/data")
                        try await browser.script("window.isTheSamePage = true")
                    }
                    return try await !browser.findAll("progress").isEmpty
                }
                let audit = try await browser.auditAccessibility()
                #expect(audit.isEmpty)
                try await host.tenant.show()
                try await browser.wait(for: "the end of the first run", within: .seconds(60)) {
                    try await browser.findAll("[data-refresh]").isEmpty
                }
                #expect(try await browser.script("return window.isTheSamePage === true") == true)
                let tickets = try await browser.words("#resource-tickets")
                #expect(tickets.contains("Whole list"))
            }
        }

        @Test(arguments: InputMode.allCases) func aResourceIsPausedAndResumed(by input: InputMode) async throws {
            try await AdminPageTests.signedIn(on: Self.host, input.options) { browser, host in
                let connection = try await host.connectAndRead("Acme")
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/connections/\(connection)/data")
                try await person.follow("#resource-tickets form[action$='/sync-pause'] button")
                var row = try await browser.words("#resource-tickets")
                #expect(row.contains("Paused") && row.contains("Resume"))
                try await person.follow("#resource-tickets form[action$='/sync-pause'] button")
                row = try await browser.words("#resource-tickets")
                #expect(!row.contains("Paused") && row.contains("Sync now"))
            }
        }

        @Test(arguments: InputMode.allCases) func manyMissingRecordsAreKeptUntilAPersonAcceptsThatTheyAreGone(by input: InputMode)
            async throws
        {
            try await AdminPageTests.signedIn(on: Self.host, input.options) { browser, host in
                let connection = try await host.connectAndLoseContacts("Acme")
                let person = Operator(browser: browser, input: input)
                let path = host.url + "/connections/\(connection)/data"
                try await browser.open(path)
                let warning = try await browser.words(".notice.warning")
                #expect(warning.contains("contacts are missing from the last full reading. Nothing was removed."))
                let kept = try await browser.words("#resource-contacts td strong")
                #expect(kept != "0")
                try await person.follow("a[href$='/contacts/missing']")
                let question = try await browser.text("h1")
                #expect(question == "Accept that \(kept) contacts are gone?")
                let audit = try await browser.auditAccessibility()
                #expect(audit.isEmpty)
                try await person.follow(".danger")
                try await host.waitForData(of: connection) { $0.contains("contacts?state=unreachable\">\(kept) unreachable") }
                try await host.tenant.show()
                try await browser.open(path)
                #expect(try await browser.findAll(".notice.warning").isEmpty)
            }
        }

        @Test func aViewerReadsEverythingAndChangesNothing() async throws {
            let host = try await Self.host.clean()
            let connection = try await host.connectAndRead("Acme")
            let password = "a viewer's long password"
            try await host.admin.send(.post, "/api/v1/accounts", ["name": "vera", "password": .string(password), "role": "viewer"])
            let viewer = try await AdminHost.signedIn(at: host.url, "vera", password)
            try await AdminPageTests.browser.use { browser in
                try await browser.signIn(to: host, as: viewer)
                for path in ["", "/tickets", "/companies", "/agreements", "/contacts"] {
                    try await browser.open(host.url + "/connections/\(connection)/data" + path)
                    let controls = try await browser.findAll("main form[method=post], main .danger").count
                    #expect(controls == 0, "\(path)")
                }
                try await browser.follow("tbody tr:first-child th a")
                let controls = try await browser.findAll("main form[method=post]").count
                #expect(controls == 0)
            }
            try await host.admin.send(.delete, "/api/v1/accounts/vera")
        }
    }
}

extension AdminHost {
    /// Saves a connection and waits until everything was read once.
    ///
    /// - Returns: Its id.
    func connectAndRead(_ name: String) async throws -> String {
        let connection = try await connect(name, tested: false)
        try await waitForData(of: connection) { $0.contains("id=\"resource-tickets\"") && !$0.contains("Never read") }
        return connection
    }

    /// Reads everything, and then again while the PSA shows no contacts.
    func connectAndLoseContacts(_ name: String) async throws -> String {
        let connection = try await connectAndRead(name)
        try await tenant.show("empty:Users")
        try await admin.post(
            "/connections/\(connection)/sync", [QueryItem("resource", "contacts"), QueryItem("kind", "full")])
        try await waitForData(of: connection) { $0.contains("are missing from the last full reading") }
        return connection
    }

    /// Waits until the data page of a connection shows something, and nothing is under way.
    func waitForData(of connection: String, _ condition: (String) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var page = ""
        repeat {
            page = try await admin.send(.get, "/connections/\(connection)/data").text
            if !page.contains("data-refresh"), condition(page) { return }
            try await Task.sleep(for: .milliseconds(50))
        } while ContinuousClock.now < deadline
        throw HaloSimulatorProcess.Refused(words: "The data page does not show what is waited for: \(page)")
    }
}
