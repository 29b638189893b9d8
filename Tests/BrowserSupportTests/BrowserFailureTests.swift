import BrowserSupport
import Foundation
import PSACore
import Testing

@Suite("Browser failures and pictures", .serialized, .timeLimit(.minutes(3)))
struct BrowserFailureTests {
    private static let page = dataURL(
        """
        <title>Page</title><p>Some words</p><p>more</p><button id=b>Press</button><select><option>A<option>B</select>
        <div id=cover style="position:fixed;inset:0;display:none"></div>
        """)

    private func onPage(_ body: (Browser) async throws -> Void) async throws {
        try await TestBrowser.shared.use(BrowserOptions(width: 400, height: 300)) { browser in
            try await browser.open(Self.page)
            try await body(browser)
        }
    }

    private func failure(_ kind: BrowserError.Kind, _ body: () async throws -> Void) async -> BrowserError? {
        let error = await #expect(throws: BrowserError.self) { try await body() }
        #expect(error?.kind == kind)
        return error
    }

    @Test func aMissingElementIsReportedWithSelectorAndPage() async throws {
        try await onPage { browser in
            let error = await failure(.noSuchElement) { try await browser.click("#nowhere") }
            #expect(error?.selector == "#nowhere")
            #expect(error?.pageURL == Self.page)
            #expect(error?.description.contains("#nowhere") == true)
        }
    }

    @Test func anAmbiguousSelectorIsAnError() async throws {
        try await onPage { browser in
            let error = await failure(.severalElements) { _ = try await browser.find("p") }
            #expect(error?.message.hasPrefix("2 elements") == true)
        }
    }

    @Test func aMalformedSelectorIsReported() async throws {
        try await onPage { browser in
            let error = await failure(.refused) { _ = try await browser.findAll("p[") }
            #expect(error?.selector == "p[")
        }
    }

    @Test func aRemovedElementIsStale() async throws {
        try await onPage { browser in
            let button = try await browser.find("#b")
            try await browser.script("arguments[0].remove()", [button.argument])
            let error = await failure(.staleElement) { try await button.click() }
            #expect(error?.selector == "#b")
        }
    }

    @Test func aCoveredElementIsNotClicked() async throws {
        try await onPage { browser in
            try await browser.script("document.getElementById('cover').style.display = 'block'")
            let error = await failure(.notInteractable) { try await browser.click("#b") }
            #expect(error?.message.contains("cover") == true)
        }
    }

    @Test func anUnknownOptionListsTheKnownOnes() async throws {
        try await onPage { browser in
            let error = await failure(.noSuchElement) { try await browser.choose("C", in: "select") }
            #expect(error?.message == "No option “C”; there are “A”, “B”.")
        }
    }

    @Test func anAddressWithoutAServerIsReported() async throws {
        try await TestBrowser.shared.use { browser in
            for address in ["http://127.0.0.1:1/", "http://127.0.0.1:9999/", "http://name.invalid/"] {
                let error = await failure(.pageNotLoaded) { try await browser.open(address) }
                #expect(error?.pageURL == address)
            }
        }
    }

    @Test func waitingFindsLaterElements() async throws {
        try await onPage { browser in
            try await browser.script(
                """
                setTimeout(() => { document.body.append(Object.assign(document.createElement('i'), {id: 'late', textContent: 'first'})) }, 60);
                setTimeout(() => { document.getElementById('late').textContent = 'then second' }, 120);
                """)
            #expect(try await browser.waitFor("#late").text().isEmpty == false)
            try await browser.waitFor("#late", toContain: "second")
        }
    }

    @Test func aTimeoutReportsWhatThePageShowed() async throws {
        try await onPage { browser in
            let waits: [(String, () async throws -> Void)] = [
                ("one shown element", { try await browser.waitFor("#late", within: .milliseconds(50)) }),
                ("one shown element", { try await browser.waitFor("#cover", within: .milliseconds(50)) }),
                ("no shown element", { try await browser.waitForAbsence(of: "#b", within: .milliseconds(50)) }),
                ("the text “gone”", { try await browser.waitFor("p", toContain: "gone", within: .milliseconds(50)) }),
                ("another page to load", { try await browser.expectPageLoad(within: .milliseconds(50)) { try await browser.click("#b") } }),
                ("an address with “#x”", { try await browser.waitForURL(containing: "#x", within: .milliseconds(50)) }),
            ]
            for (what, wait) in waits {
                let error = await failure(.timedOut) { try await wait() }
                #expect(error?.message.contains(what) == true)
                #expect(error?.message.contains("Page | Some words more Press") == true)
                #expect(error?.pageURL == Self.page)
            }
        }
    }

    @Test func picturesHaveTheSizeOfViewportAndPage() async throws {
        try await onPage { browser in
            try await browser.script("document.body.style.height = '1500px'; document.body.style.margin = '0'")
            let file = NSTemporaryDirectory() + "/pictures-\(UUID().uuidString)/page.png"
            defer { try? FileManager.default.removeItem(atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path) }
            try await browser.saveScreenshot(.fullPage, to: file)
            #expect(try size(ofPNG: Array(Data(contentsOf: URL(fileURLWithPath: file)))) == [400, 1_500])
            #expect(try size(ofPNG: await browser.screenshot()) == [400, 300])
            #expect(try await browser.script("return [innerWidth, innerHeight]") == [400, 300])
        }
    }

    /// Width and height are big-endian in the first chunk.
    private func size(ofPNG bytes: [UInt8]) throws -> [Int] {
        try #require(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        return [bytes[16..<20], bytes[20..<24]].map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }
}
