import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// A timestamp, readable by people and programs: “3 min ago” while it is near, with the exact time in its title; otherwise the exact time.
struct TimestampView: Sendable {
    /// How long a time is shown relative to the page's.
    static let relativeSeconds = 86_400

    private let date: Date
    private let viewer = Viewer.current

    init(_ date: Date) { self.date = date }

    /// “3 min ago”, “in 5 min” or the exact time.
    var html: HTML {
        guard let seconds = secondsSince else { return exact }
        return relative(seconds >= 0 ? Self.ago(seconds) : Self.ahead(-seconds))
    }

    /// What began then: “for 3 min” or “since 2026-11-28, 14:05”.
    var since: HTML {
        guard let seconds = secondsSince, seconds >= 0 else { return "since \(exact)" }
        return relative(Self.lasting(seconds))
    }

    /// The exact time, where a relative one makes no sentence.
    var exact: HTML { "<time datetime=\"\(iso)\" title=\"\(fullText)\" data-exact>\(text)</time>" }

    /// The exact time to the minute in the viewer's zone; if that is not known, in UTC and named so.
    var text: String {
        let local = LocalTime(date, in: viewer.timeZone)
        return local.text(in: viewer.language) + (viewer.isZoneKnown ? "" : " UTC")
    }

    private var iso: String { date.formatted(.iso8601) }

    /// The exact time to the second, with the zone.
    private var fullText: String {
        let local = LocalTime(date, in: viewer.timeZone)
        let zone =
            viewer.isZoneKnown && viewer.timeZone.identifier != "GMT" ? "\(viewer.timeZone.identifier), \(local.offset)" : local.offset
        return "\(local.text(in: viewer.language, toTheSecond: true)) (\(zone))"
    }

    private func relative(_ words: HTML) -> HTML { "<time datetime=\"\(iso)\" title=\"\(fullText)\">\(words)</time>" }

    /// The seconds since then, negative for the future; nil if it is too far away for a relative time.
    private var secondsSince: Int? {
        guard let now = viewer.now else { return nil }
        let seconds = now.timeIntervalSince(date).rounded()
        return abs(seconds) < Double(Self.relativeSeconds) ? Int(seconds) : nil
    }

    private static func ago(_ seconds: Int) -> HTML {
        switch seconds {
        case ..<5: "just now"
        case ..<60: "\(seconds) s ago"
        case ..<3_600: "\(seconds / 60) min ago"
        default: "\(seconds / 3_600) h ago"
        }
    }

    private static func ahead(_ seconds: Int) -> HTML {
        switch seconds {
        case ..<60: "in \(seconds) s"
        case ..<3_600: "in \(seconds / 60) min"
        default: "in \(seconds / 3_600) h"
        }
    }

    private static func lasting(_ seconds: Int) -> HTML {
        switch seconds {
        case ..<60: "for \(seconds) s"
        case ..<3_600: "for \(seconds / 60) min"
        default: "for \(seconds / 3_600) h"
        }
    }
}

/// A time as clocks in a zone show it.
struct LocalTime: Sendable {
    private let iso: String
    private let seconds: Int

    init(_ date: Date, in zone: TimeZone) {
        seconds = zone.secondsFromGMT(for: date)
        iso = date.addingTimeInterval(Double(seconds)).formatted(.iso8601)
    }

    /// Day and time: `2026-11-28, 14:05`, in German `28.11.2026, 14:05`.
    func text(in language: Language, toTheSecond: Bool = false) -> String {
        let day = iso.prefix(10)
        let clock = iso.dropFirst(11).prefix(toTheSecond ? 8 : 5)
        return switch language {
        case .german: "\(day.suffix(2)).\(day.dropFirst(5).prefix(2)).\(day.prefix(4)), \(clock)"
        default: "\(day), \(clock)"
        }
    }

    /// The difference from UTC: `UTC`, `UTC+1`, `UTC−3:30`.
    var offset: String {
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        let rest = minutes % 60 == 0 ? "" : minutes % 60 < 10 ? ":0\(minutes % 60)" : ":\(minutes % 60)"
        return "UTC\(seconds < 0 ? "−" : "+")\(minutes / 60)\(rest)"
    }
}
