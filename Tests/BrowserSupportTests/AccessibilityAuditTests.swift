import BrowserSupport
import PSACore
import Testing

/// A page without fault, and how to spoil it.
struct DefectivePage: Sendable, CustomTestStringConvertible {
    let rule: AccessibilityRule
    let fault: String
    let original: String
    let spoiled: String
    /// Where the finding is.
    let selector: String

    init(_ rule: AccessibilityRule, _ fault: String, _ original: String, _ spoiled: String, at selector: String) {
        self.rule = rule
        self.fault = fault
        self.original = original
        self.spoiled = spoiled
        self.selector = selector
    }

    var testDescription: String { "\(rule.rawValue): \(fault)" }
    var html: String { Self.sound.replacing(original, with: spoiled) }

    static let sound = """
        <!doctype html><html lang="en"><head><title>Sound page</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>
        body { color: #222; background: #fff; font: 16px/1.5 sans-serif; }
        .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0 0 0 0); color: #eee; }
        nav a, button, summary { display: inline-block; min-width: 44px; min-height: 32px; }
        .button { background: #024; color: #fff; transition: outline-color 1s; }
        .button:focus-visible { outline: 3px solid #05c; outline-offset: 2px; }
        .veil { background: rgb(0 0 0 / 50%); color: #fff; padding: 1px; }
        .dark { background: oklch(30% 0.05 250); }
        .big { font-size: 24px; color: #888; }
        </style></head><body>
        <a class="visually-hidden" href="#main">Skip</a>
        <nav aria-label="Main"><a href="#a">Start</a> <a href="#b">Tickets</a></nav>
        <nav aria-label="Pages"><a href="#c">1</a> <a href="#d">2</a></nav>
        <main id="main"><h1>Title</h1><h2>Part</h2><h3>Detail</h3><h2>Part two</h2>
        <p id="words">Words with <a id="inline" href="#e">a link</a> inside.</p><p id="plain">Plain words</p>
        <div class="dark"><p class="veil" id="veiled">On a veil</p></div><p class="big" id="big">Large</p>
        <form><label for="one">One</label> <input id="one" placeholder="Example">
        <label>Two <select id="two"><option>A</option></select></label>
        <textarea id="three" aria-labelledby="words" aria-describedby="hint">Text</textarea><span id="hint">A hint</span>
        <label>Four <input id="four" aria-invalid="true" aria-describedby="wrong"></label> <span id="wrong">Enter a number</span>
        <button class="button" id="save" type="button">Save</button>
        <button id="icon" type="button" aria-label="Close"><svg width="24" height="24"></svg></button>
        <button id="off" type="button" disabled style="color: #ccc; width: 9px">Off</button>
        <input id="go" type="submit" style="height: 32px"></form>
        <img id="logo" alt="Logo" width="30" height="30" src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">
        <details id="more"><summary id="summary">More</summary><p style="color: #eee">Closed</p></details>
        </main></body></html>
        """

    static let all: [DefectivePage] = [
        .init(.language, "none", #"<html lang="en">"#, "<html>", at: "html"),
        .init(.language, "no tag", #"lang="en""#, #"lang="english, I think""#, at: "html"),
        .init(.title, "none", "<title>Sound page</title>", "", at: "html"),
        .init(.title, "blank", "Sound page", " ", at: "html"),
        .init(.viewport, "none", #"name="viewport""#, #"name="other""#, at: "html"),
        .init(.viewport, "no zooming", "initial-scale=1", "user-scalable=no", at: "html > head > meta"),
        .init(.headings, "no h1", "<h1>Title</h1><h2>Part</h2><h3>Detail</h3><h2>Part two</h2>", "", at: "html > body"),
        .init(.headings, "two h1", "<h2>Part two</h2>", "<h1>Part two</h1>", at: "#main > h1:nth-of-type(2)"),
        .init(.headings, "level skipped", "<h2>Part</h2>", "", at: "#main > h3"),
        .init(.headings, "empty", "<h2>Part two</h2>", "<h2> </h2>", at: "#main > h2:nth-of-type(2)"),
        .init(.landmarks, "no main", #"<main id="main">"#, #"<div id="main">"#, at: "html > body"),
        .init(.landmarks, "nameless navigation", #" aria-label="Pages""#, "", at: "html > body > nav:nth-of-type(2)"),
        .init(.landmarks, "navigations alike", #""Pages""#, #""Main""#, at: "html > body > nav:nth-of-type(2)"),
        .init(.label, "placeholder only", #"<label for="one">One</label>"#, "", at: "#one"),
        .init(.label, "empty label", "One</label>", "</label>", at: "#one"),
        .init(.label, "select", "<label>Two ", "<label>", at: "#two"),
        .init(.label, "textarea", #" aria-labelledby="words""#, "", at: "#three"),
        .init(.name, "button with a picture", #" aria-label="Close""#, "", at: "#icon"),
        .init(.name, "link", ">Tickets</a>", "><span></span></a>", at: "html > body > nav:nth-of-type(1) > a:nth-of-type(2)"),
        .init(.name, "submit without words", #"type="submit" style=""#, #"type="submit" value="" style="width: 32px;"#, at: "#go"),
        .init(.name, "summary", ">More</summary>", "></summary>", at: "#summary"),
        .init(.image, "no alt", #" alt="Logo""#, "", at: "#logo"),
        .init(.uniqueID, "twice", #"<h2>Part two</h2>"#, #"<h2 id="twin">Part</h2><p id="twin">x</p>"#, at: "#main > p:nth-of-type(1)"),
        .init(.reference, "describedby", #"aria-describedby="hint""#, #"aria-describedby="hint gone""#, at: "#three"),
        .init(.reference, "controls", #"id="save""#, #"id="save" aria-controls="gone""#, at: "#save"),
        .init(.reference, "for", "<h2>Part two</h2>", #"<h2>Part two</h2><label for="gone">x</label>"#, at: "#main > label"),
        .init(.errorText, "not described", #" aria-describedby="wrong""#, "", at: "#four"),
        .init(.errorText, "hidden text", #"id="wrong""#, #"id="wrong" hidden"#, at: "#four"),
        .init(.errorText, "empty text", "Enter a number", "", at: "#four"),
        .init(.tabOrder, "positive", #"id="save""#, #"id="save" tabindex="2""#, at: "#save"),
        .init(.focusVisible, "none", "outline: 3px solid #05c", "outline: none", at: "#save"),
        .init(.focusVisible, "colour of the page", "3px solid #05c", "3px solid #fff", at: "#save"),
        .init(.focusVisible, "transparent", "3px solid #05c", "3px solid transparent", at: "#save"),
        .init(.focusVisible, "always there", ".button:focus-visible {", ".button {", at: "#save"),
        .init(.contrast, "grey words", #"id="plain""#, #"id="plain" style="color: #777""#, at: "#plain"),
        .init(.contrast, "faded", #"id="plain""#, #"id="plain" style="opacity: .5""#, at: "#plain"),
        .init(.contrast, "large", "color: #888", "color: #999", at: "#big"),
        .init(.contrast, "not quite large", "font-size: 24px", "font-size: 23px", at: "#big"),
        .init(.contrast, "veil on white", #"class="dark""#, #"class="white""#, at: "#veiled"),
        .init(.contrast, "picture behind", #"id="plain""#, #"id="plain" style="background: linear-gradient(#fff, #eee)""#, at: "#plain"),
        .init(.contrast, "placeholder", "</style>", "::placeholder { color: #999 }</style>", at: "#one"),
        .init(.contrast, "value", #"id="three""#, #"id="three" style="color: #999""#, at: "#three"),
        .init(.targetSize, "small button", #"id="save""#, #"id="save" style="min-height: 0; height: 20px; padding: 0""#, at: "#save"),
        .init(
            .targetSize, "link on its own", ##"Words with <a id="inline" href="#e">a link</a> inside."##,
            ##"<a id="inline" href="#e">a link</a>."##, at: "#inline"),
        .init(.horizontalScrolling, "wide", #"id="words""#, #"id="words" style="width: 500px""#, at: "#words"),
    ]
}

@Suite("Accessibility audit", .serialized, .timeLimit(.minutes(3)))
struct AccessibilityAuditTests {
    @Test(arguments: BrowserOptions.ColorScheme.allCases) func anAccessiblePageHasNoIssues(scheme: BrowserOptions.ColorScheme) async throws
    {
        try await TestBrowser.shared.use(BrowserOptions(colorScheme: scheme)) { browser in
            try await browser.open(dataURL(DefectivePage.sound))
            #expect(try await browser.auditAccessibility() == [])
        }
    }

    @Test(arguments: DefectivePage.all) func eachFaultIsFoundOnlyByItsRule(page: DefectivePage) async throws {
        try #require(page.html != DefectivePage.sound, "the fault is not on the page")
        try await TestBrowser.shared.use { browser in
            try await browser.open(dataURL(page.html))
            let findings = try await browser.auditAccessibility()
            #expect(Set(findings.map(\.rule)) == [page.rule], "\(findings)")
            #expect(findings.map(\.selector) == [page.selector], "\(findings)")
        }
    }

    @Test func everyRuleHasAFaultThatProvesIt() {
        #expect(Set(DefectivePage.all.map(\.rule)) == Set(AccessibilityRule.allCases))
    }

    @Test func contrastIsMeasuredOnTheDarkBackground() async throws {
        let page = "<style>:root { color-scheme: light dark } p { color: #888 }</style><p id=p>Words</p>"
        try await TestBrowser.shared.use(BrowserOptions(colorScheme: .dark)) { browser in
            try await browser.open(dataURL(page))
            #expect(try await browser.auditAccessibility([.contrast]) == [])
            try await browser.setColorScheme(.light)
            #expect(try await browser.auditAccessibility([.contrast]).map(\.selector) == ["#p"])
        }
    }

    @Test func onlyTheRulesAskedForAreChecked() async throws {
        try await TestBrowser.shared.use { browser in
            try await browser.open(dataURL("<img src=x><button></button>"))
            #expect(try await browser.auditAccessibility([.image]).map(\.rule) == [.image])
        }
    }

    @Test func theAuditLeavesFocusAndViewportAsTheyWere() async throws {
        try await TestBrowser.shared.use(BrowserOptions(width: 800, height: 600)) { browser in
            try await browser.open(dataURL(DefectivePage.sound))
            try await browser.script("document.getElementById('two').focus()")
            _ = try await browser.auditAccessibility()
            #expect(try await browser.isFocused("#two"))
            #expect(try await browser.script("return [innerWidth, innerHeight, document.adoptedStyleSheets.length]") == [800, 600, 0])
        }
    }
}
