import BrowserSupport
import PSACore
import Testing

@Suite("Browser", .serialized, .timeLimit(.minutes(3)))
struct BrowserTests {
    private let pages: TestPages

    init() throws { pages = try TestPages() }

    /// Uses the browser with the form open.
    private func onForm(_ options: BrowserOptions = BrowserOptions(), _ body: (Browser) async throws -> Void) async throws {
        try await TestBrowser.shared.use(options) { browser in
            try await browser.open(pages.url("/form"))
            try await body(browser)
        }
    }

    @Test func pagesAreOpenedReadAndNavigatedBack() async throws {
        try await onForm { browser in
            #expect(try await browser.title() == "Form with scripts")
            #expect(try await browser.url() == pages.url("/form"))
            #expect(try await browser.pageSource().contains("<b>text</b>"))
            #expect(try await browser.text("#plain") == "Plain text")
            #expect(try await browser.attribute("title", of: "#plain") == "hint")
            #expect(try await browser.attribute("lang", of: "#plain") == nil)
            #expect(try await browser.findAll(".row").count == 2)
            try await browser.expectPageLoad { try await browser.click("#onward") }
            #expect(try await browser.url() == pages.url("/onward"))
            try await browser.goBack()
            #expect(try await browser.url() == pages.url("/form"))
            try await browser.script("document.title = 'changed'")
            try await browser.refresh()
            #expect(try await browser.title() == "Form with scripts")
        }
    }

    @Test func aFormIsFilledInAndSent() async throws {
        try await onForm { browser in
            try await browser.type("er", into: "#name")
            #expect(try await browser.find("#name").value() == "older")
            try await browser.fill("#name", with: "Zoë & Co")
            try await browser.choose("Blue", in: "#colour")
            try await browser.click("#agree")
            #expect(try await browser.find("#agree").property("checked") == true)
            try await browser.expectPageLoad { try await browser.submit("#name") }
            #expect(try await browser.text("#facts") == "GET /sent name=Zoë & Co&colour=b&agree=on en")
        }
    }

    @Test func submittingKeepsTheBrowsersValidation() async throws {
        try await onForm { browser in
            try await browser.clear("#name")
            try await browser.submit("form")
            #expect(try await browser.url() == pages.url("/form"))
            let error = await #expect(throws: BrowserError.self) { try await browser.submit("#plain") }
            #expect(error?.kind == .notInteractable)
        }
    }

    @Test func keysMoveTheFocusAndOperateControls() async throws {
        try await onForm { browser in
            try await browser.press(.tab)
            #expect(try await browser.isFocused("#name"))
            try await browser.press(.tab, .down)
            #expect(try await browser.find("#colour").value() == "b")
            try await browser.press(.up, .tab, .space)
            #expect(try await browser.isFocused("#agree"))
            #expect(try await browser.find("#agree").property("checked") == true)
            try await browser.press(.shiftTab)
            #expect(try await browser.activeElement().attribute("id") == "colour")
            try await browser.expectPageLoad { try await browser.press(.shiftTab, .end, Key("!"), .left, .backspace, .enter) }
            #expect(try await browser.text("#facts") == "GET /sent name=ol!&colour=r&agree=on en")
        }
    }

    @Test(arguments: [true, false]) func aReloadingPageIsWaitedFor(runsScripts: Bool) async throws {
        try await onForm(BrowserOptions(runsScripts: runsScripts)) { browser in
            for _ in 0..<3 {
                try await browser.fill("#name", with: "typed")
                try await browser.expectPageLoad { try await browser.script("location.reload()") }
                #expect(try await browser.find("#name").value() == "old")
            }
        }
    }

    @Test func escapeReachesThePage() async throws {
        try await TestBrowser.shared.use { browser in
            try await browser.open(dataURL("<dialog id=d>Sure?<button>No</button></dialog><script>d.showModal()</script>"))
            #expect(try await browser.find("#d").isDisplayed())
            try await browser.press(.escape)
            try await browser.waitForAbsence(of: "#d")
            #expect(try await !browser.find("#d").isDisplayed())
        }
    }

    @Test func theAccessibilityTreeIsReadable() async throws {
        try await onForm { browser in
            let box = try await browser.find("#agree")
            // Chromium computes the tree beside the page, so that a loaded machine shows the name a moment later.
            try await browser.wait(for: "the name of the checkbox") { try await box.accessibleName() == "Agree" }
            #expect(try await box.accessibleRole() == "checkbox")
            #expect(try await browser.find("#send").isEnabled())
        }
    }

    @Test func scriptsTakeAndReturnJSON() async throws {
        try await onForm { browser in
            let answer = try await browser.script(
                "return {sum: arguments[0] + 1, of: [arguments[1].id, null, true, 1.5]}", [41, try await browser.find("#name").argument])
            #expect(answer == ["of": ["name", nil, true, .double(1.5)], "sum": 42])
            #expect(try await browser.script("return new Promise(r => setTimeout(() => r('late'), 5))") == "late")
            let error = await #expect(throws: BrowserError.self) { try await browser.script("throw new Error('boom')") }
            #expect(error?.kind == .scriptFailed)
            #expect(error?.description.contains("boom") == true)
        }
    }

    @Test(arguments: [360, 768, 1_400]) func theViewportHasTheWidthAskedFor(width: Int) async throws {
        try await onForm(BrowserOptions(width: width, height: 640)) { browser in
            let size = try await browser.script("return [innerWidth, innerHeight]")
            #expect(size == [.integer(width), 640])
        }
    }

    @Test(arguments: BrowserOptions.ColorScheme.allCases)
    func theColorSchemeIsTheOneAskedFor(scheme: BrowserOptions.ColorScheme) async throws {
        try await onForm(BrowserOptions(colorScheme: scheme)) { browser in
            let query = "return matchMedia('(prefers-color-scheme: dark)').matches"
            #expect(try await browser.script(query) == .bool(scheme == .dark))
            try await browser.setColorScheme(.light)
            #expect(try await browser.script(query) == false)
        }
    }

    @Test func withoutScriptsAPageStillWorksAndCanBeAudited() async throws {
        try await onForm(BrowserOptions(runsScripts: false)) { browser in
            #expect(try await browser.title() == "Form")
            #expect(try await browser.auditAccessibility([.label]).isEmpty)
            try await browser.fill("#name", with: "n")
            try await browser.expectPageLoad { try await browser.click("#send") }
            #expect(try await browser.text("#facts").hasPrefix("GET /sent name=n&colour=r"))
        }
        try await onForm { browser in
            let title = try await browser.title()
            #expect(title == "Form with scripts")
        }
    }

    @Test func theLanguageIsSentWithEveryRequest() async throws {
        try await TestBrowser.shared.use(BrowserOptions(language: "de")) { browser in
            try await browser.open(pages.url("/echo"))
            #expect(try await browser.text("#facts") == "GET /echo de")
        }
    }

    @Test func theConsoleIsKept() async throws {
        try await onForm { browser in
            #expect(try await browser.consoleErrors() == [])
            try await browser.script("console.warn('careful'); setTimeout(() => { throw new Error('thrown') }); fetch('/missing')")
            var messages: [ConsoleMessage] = []
            try await browser.wait(for: "three messages") {
                messages += try await browser.consoleMessages()
                return messages.count >= 3
            }
            #expect(messages.filter(\.isError).map(\.source).sorted() == ["javascript", "network"])
            #expect(messages.contains { $0.level == "WARNING" && $0.text.contains("careful") })
            #expect(try await browser.consoleMessages() == [])
        }
    }

    @Test func anAddressThatChangesLaterIsWaitedFor() async throws {
        try await onForm { browser in
            try await browser.script("setTimeout(() => { location.hash = 'later' }, 60)")
            try await browser.waitForURL(containing: "/form#later")
        }
    }

    @Test func cookiesAreReadSetAndClearedForTheNextUse() async throws {
        try await onForm { browser in
            let cookie = try #require(try await browser.cookies().first)
            #expect(cookie.name == "session" && cookie.value == "s1" && cookie.sameSite == "Strict" && cookie.expiry == nil)
            #expect(cookie.isHTTPOnly && !cookie.isSecure)
            try await browser.setCookie("theme", "dark")
            #expect(try await browser.cookies().map(\.name).sorted() == ["session", "theme"])
            try await browser.deleteCookies()
            #expect(try await browser.cookies() == [])
            try await browser.setCookie("left", "behind")
            try await browser.script("localStorage.setItem('left', 'behind')")
        }
        try await onForm { browser in
            let names = try await browser.cookies().map(\.name)
            #expect(names == ["session"])
            #expect(try await browser.script("return localStorage.length") == 0)
        }
    }
}
