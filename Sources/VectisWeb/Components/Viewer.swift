import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// For whom a page is made: in which language and time zone.
///
/// ``WebApplication`` sets it around each handler. Without one, pages are English and times are in UTC.
final class Viewer: Sendable {
    @TaskLocal static var current = Viewer()

    let language: Language
    /// The zone of the times on the page.
    let timeZone: TimeZone
    /// Whether the viewer's zone is known; otherwise times are in UTC and say so.
    let isZoneKnown: Bool
    /// When the page is made; without it, no time is relative.
    let now: Date?
    /// Whether it is a program, which reads English.
    let isProgram: Bool
    /// What turns the words of literals into the viewer's language; nil for English.
    let translation: Translation?

    /// Creates a ``Viewer``.
    ///
    /// - Parameters:
    ///   - language: The language of the page.
    ///   - timeZone: The viewer's zone; nil if it is not known.
    ///   - now: When the page is made.
    ///   - isProgram: Whether it is a program.
    convenience init(language: Language = .english, timeZone: TimeZone? = nil, now: Date? = nil, isProgram: Bool = false) {
        self.init(language: language, timeZone: timeZone, now: now, isProgram: isProgram, translation: Translation.to(language))
    }

    /// Creates a ``Viewer`` with a translation of its own, which a test uses.
    init(language: Language, timeZone: TimeZone?, now: Date?, isProgram: Bool = false, translation: Translation?) {
        self.language = language
        self.timeZone = timeZone ?? .gmt
        isZoneKnown = timeZone != nil
        self.now = now
        self.isProgram = isProgram
        self.translation = translation
    }

    /// Renders messages of the core for the page.
    var renderer: TextRenderer { TextRenderer(language, surface: .page, timeZone: timeZone) }
}

extension Viewer {
    /// For whom a request's page is made.
    ///
    /// The language is that of the account, else the one that the browser prefers; the zone is that of the account, else the one that
    /// the script left in the cookie. Programs read English.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - now: Its arrival.
    convenience init(_ request: WebRequest, now: Date) {
        let isProgram = request.segments.first == "api"
        self.init(
            language: isProgram ? .english : AcceptedLanguages(request.headers["Accept-Language"] ?? "").preferred,
            timeZone: ZoneCookie.zone(in: request), now: now, isProgram: isProgram)
    }
}

extension Viewer {
    /// The same viewer as a signed-in account: what it chose replaces what the browser says.
    func signedIn(_ account: Account?) -> Viewer {
        guard let chosen = account?.preferences, chosen != AccountPreferences() else { return self }
        let zone = chosen.timeZone.flatMap { TimeZone(named: $0) } ?? (isZoneKnown ? timeZone : nil)
        return Viewer(language: isProgram ? language : chosen.language ?? language, timeZone: zone, now: now, isProgram: isProgram)
    }
}

/// The languages that a browser asks for, RFC 9110.
struct AcceptedLanguages: Sendable {
    /// The header field is read up to here.
    static let maxBytes = 512

    private let field: Substring

    init(_ field: String) { self.field = field.prefix(Self.maxBytes) }

    /// The first of the preferred languages that pages are written in, or English.
    var preferred: Language {
        let ranges = field.split(separator: ",").compactMap { range -> (language: Language, weight: Double)? in
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let tag = parts.first?.lowercased() else { return nil }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            guard weight > 0, let language = Language(rawValue: String(tag.prefix { $0 != "-" })) else { return nil }
            return (language, weight)
        }
        let best = ranges.map(\.weight).max()
        return ranges.first { $0.weight == best }?.language ?? .english
    }
}

/// The cookie in which the script leaves the browser's time zone.
enum ZoneCookie {
    static let name = "vectis_zone"

    /// The zone in a request, if the cookie names one that is known.
    static func zone(in request: WebRequest) -> TimeZone? { request.cookie(name).flatMap { TimeZone(named: $0) } }
}
