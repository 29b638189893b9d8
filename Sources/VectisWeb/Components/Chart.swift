import FoundationEssentials

/// Counts over time as bars; behind it is a table with the same numbers.
///
/// Series differ by their pattern and their place in the stack, not by colour alone.
struct BarChart: Sendable {
    struct Series: Sendable {
        enum Kind: String, Sendable, CaseIterable {
            case plain
            case good
            case bad
        }

        let name: HTML
        let kind: Kind
        /// One number for each interval.
        let values: [Int]

        init(_ name: HTML, _ kind: Kind = .plain, values: [Int]) {
            self.name = name
            self.kind = kind
            self.values = values
        }
    }

    /// The id of the chart; a page with two charts needs two.
    let id: String
    let title: HTML
    /// When each interval begins; the last one goes on.
    let intervals: [Date]
    /// Stacked from the bottom up.
    let series: [Series]
    /// A line across the chart, such as a limit; nil for none.
    var limit: Int?

    /// The most intervals that are drawn; the last ones are kept.
    static let maxIntervals = 200
    private static let height = 100

    private var count: Int { min(intervals.count, Self.maxIntervals) }
    private var first: Int { intervals.count - count }

    /// The number at the top of the chart, at least 1.
    var top: Int { max(1, limit ?? 0, (0..<count).map { place in series.reduce(0) { $0 + value($1, place) } }.max() ?? 0) }

    private func value(_ series: Series, _ place: Int) -> Int {
        let place = first + place
        return series.values.indices.contains(place) ? max(0, series.values[place]) : 0
    }

    var html: HTML {
        let total = series.reduce(0) { sum, series in sum + (0..<count).reduce(0) { $0 + value(series, $1) } }
        return """
            <figure class="chart" aria-labelledby="\(id)-title">
            <figcaption id="\(id)-title">\(title)</figcaption>
            <svg viewBox="0 0 \(count * 10) \(Self.height)" preserveAspectRatio="none" role="img" aria-labelledby="\(id)-title" aria-describedby="\(id)-table">
            \(each: 0..<count, bars)\(line)</svg>
            <p class="help axis"><span>\(intervals.isEmpty ? .empty : TimestampView(intervals[first]).html)</span><span>\(total == 0 ? "None in this time" : "Highest: \(top)" as HTML)</span>\
            <span>\(intervals.isEmpty ? .empty : "now" as HTML)</span></p>
            \(legend)
            <details id="\(id)-table"><summary>The numbers as a table</summary>\(table)</details>
            </figure>
            """
    }

    private var legend: HTML {
        guard series.count > 1 else { return .empty }
        return "<ul class=\"legend\">\(each: series, { "<li class=\"\($0.kind.rawValue)\">\($0.name)</li>" })</ul>"
    }

    private func bars(_ place: Int) -> HTML {
        var base = 0
        var bars: [HTML] = []
        for series in series {
            let number = value(series, place)
            guard number > 0 else { continue }
            let bottom = base * Self.height / top
            base += number
            // What is not nothing is seen, however small.
            let size = max(1, base * Self.height / top - bottom)
            bars.append(
                "<rect class=\"\(series.kind.rawValue)\" x=\"\(place * 10 + 1)\" y=\"\(max(0, Self.height - bottom - size))\" width=\"8\" height=\"\(size)\"/>"
            )
        }
        return .all(bars)
    }

    private var line: HTML {
        guard let limit, limit > 0 else { return .empty }
        let y = Self.height - limit * Self.height / top
        return "<line class=\"limit\" x1=\"0\" x2=\"\(count * 10)\" y1=\"\(y)\" y2=\"\(y)\"/>"
    }

    private var table: HTML {
        """
        <div class="table-scroll" tabindex="0" role="group" aria-labelledby="\(id)-title"><table>
        <thead><tr><th scope="col">From</th>\(each: series, { "<th scope=\"col\">\($0.name)</th>" })</tr></thead>
        <tbody>\(each: 0..<count, { place in
            "<tr><th scope=\"row\">\(TimestampView(intervals[first + place]).html)</th>\(each: series, { "<td>\(value($0, place))</td>" })</tr>"
        })</tbody></table></div>
        """
    }
}

/// The course of a number in the height of a line of text; its sentence says the same to screen readers.
struct Sparkline: Sendable {
    /// One number for each interval.
    let values: [Int]
    /// What is shown, with numbers, such as “14 tickets in the last 24 hours”.
    let sentence: HTML

    var html: HTML {
        let values = values.suffix(BarChart.maxIntervals)
        let top = max(1, values.max() ?? 0)
        // One path, because a list has many of them.
        let bars = values.enumerated().filter { $0.element > 0 }.map { place, value in
            let size = max(2, value * 20 / top)
            return "M\(place * 4) 20v-\(size)h3v\(size)z"
        }
        return """
            <span class="sparkline"><svg viewBox="0 0 \(values.count * 4) 20" preserveAspectRatio="none" aria-hidden="true" focusable="false">\
            <path d="\(bars.joined())"/></svg> <span>\(sentence)</span></span>
            """
    }
}
