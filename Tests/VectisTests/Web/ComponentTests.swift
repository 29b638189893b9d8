import FoundationEssentials
import Testing

@testable import VectisWeb

@Suite("Components of pages")
struct ComponentTests {
    @Test(
        "A meter is good below four fifths of its limit, a problem at it",
        arguments: [
            (0, 500, 0, Badge.Kind.good), (399, 500, 79, .good), (400, 500, 80, .warning), (499, 500, 99, .warning), (500, 500, 100, .bad),
            (900, 500, 100, .bad), (-3, 500, 0, .good), (3, 0, 0, .good),
        ])
    func aMeterShowsItsPart(value: Int, limit: Int, percent: Int, kind: Badge.Kind) {
        let meter = Meter(label: "Requests", value: value, limit: limit, reading: "\(value) of \(limit)")
        #expect(meter.percent == percent)
        #expect(meter.kind == kind)
        #expect(meter.html.description.contains("width=\"\(percent)\""))
        #expect(meter.html.description.contains("\(value) of \(limit)"))
    }

    @Test("Each value of a table names its column, and each part its role") func aTableNamesItsColumns() {
        let table = DataTable(
            name: .label("Files"), columns: ["Name", "State"], hasRowHeaders: true,
            rows: [.init(id: "first", ["<b>a</b>", "open"]), .init([HTML(text: "<b>"), .empty])])
        let html = table.html.description
        #expect(html.contains("<tr role=\"row\" id=\"first\"><th role=\"rowheader\" scope=\"row\"><b>a</b></th>"))
        #expect(html.contains("<td role=\"cell\" data-label=\"State\">open</td></tr>"))
        #expect(html.contains("<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">&lt;b&gt;</th>"))
        #expect(html.components(separatedBy: "role=\"columnheader\"").count - 1 == 2)
        let plain = DataTable(name: .heading("files"), columns: ["Name"], rows: [.init(["a"])]).html.description
        #expect(plain.contains("aria-labelledby=\"files\"") && plain.contains("<td role=\"cell\" data-label=\"Name\">a</td>"))
    }

    @Test("A chart has a table with the same numbers") func aChartHasATable() {
        let start = Date(timeIntervalSince1970: 1_780_000_000)
        let chart = BarChart(
            id: "jobs", title: "Jobs", intervals: (0..<3).map { start.addingTimeInterval(Double($0) * 3_600) },
            series: [.init("Created", .good, values: [1, 0, 7]), .init("Failed", .bad, values: [0, 2, 3])])
        #expect(chart.top == 10)
        let html = chart.html.description
        #expect(html.contains("<td>7</td><td>3</td>"))
        #expect(html.contains("Created") && html.contains("Failed"))
        #expect(html.components(separatedBy: "<rect").count - 1 == 4)
    }

    @Test("A chart without numbers says so, and one with too many intervals keeps the last") func boundsOfCharts() {
        let start = Date(timeIntervalSince1970: 1_780_000_000)
        let empty = BarChart(id: "a", title: "Jobs", intervals: [start], series: [.init("Created", values: [0])])
        #expect(empty.html.description.contains("None in this time"))
        let long = BarChart(
            id: "b", title: "Jobs", intervals: (0..<500).map { start.addingTimeInterval(Double($0)) },
            series: [.init("Created", values: Array(0..<500))])
        #expect(long.html.description.components(separatedBy: "<rect").count - 1 == BarChart.maxIntervals)
        #expect(long.html.description.contains("<td>499</td>"))
        #expect(!long.html.description.contains("<td>299</td>"))
    }

    @Test("A value above the line of a limit stays inside the chart") func aValueAboveTheLimit() {
        let chart = BarChart(
            id: "c", title: "Requests", intervals: [Date(timeIntervalSince1970: 0)], series: [.init("Requests", values: [900])], limit: 500)
        #expect(chart.top == 900)
        #expect(!chart.html.description.contains("y=\"-"))
    }

    @Test("What a code block copies is escaped once") func aCodeBlockIsEscaped() {
        let html = CodeBlock(id: "x", text: "curl -d '{\"a\": \"<b>\"}'").html.description
        #expect(html.contains("&lt;b&gt;"))
        #expect(!html.contains("<b>"))
    }
}
