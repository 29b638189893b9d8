import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// The limits of the outbox.
    @Suite struct OutboxLimitsTests {
        /// A host of its own: what is saved here holds for all its rules.
        private static let host = SharedHost()

        @Test(arguments: [InputMode.mouse, .keyboard]) func theAgeIsCorrectedSavedAndThereAfterwards(by input: InputMode) async throws {
            try await AdminPageTests.signedIn(on: Self.host, input.options) { browser, host in
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/rules")
                try await person.follow("a[href='/rules/limits']")
                try await person.type("many", into: "#field-maxAgeHours")
                try await person.follow("main form .primary")
                let isFocused = try await browser.isFocused(".form-problems")
                #expect(isFocused)
                let problem = try await browser.words("#field-maxAgeHours-problem")
                #expect(problem == "Problem: Enter a whole number from 1 to 720.")
                let hours = input == .mouse ? "72" : "24"
                try await person.type(hours, into: "#field-maxAgeHours")
                try await person.follow("main form .primary")
                let said = try await browser.words(".notice.done")
                #expect(said.contains("The limits are saved."))
                try await browser.open(host.url + "/rules/limits")
                let shownValue = try await browser.find("#field-maxAgeHours").value()
                #expect(shownValue == hours)
                try await browser.open(host.url + "/audit?action=outbox.limits_changed")
                let entry = try await browser.words("main tbody tr")
                #expect(entry.contains("Oldest: \(hours) hours."))
            }
        }
    }
}
