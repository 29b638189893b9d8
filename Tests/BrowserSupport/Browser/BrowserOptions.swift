/// What a browser pretends to be; all of it can be changed while it runs.
public struct BrowserOptions: Sendable, Equatable {
    /// What the visitor's system asks for.
    public enum ColorScheme: String, Sendable, CaseIterable {
        case light, dark
    }

    /// The width of the page's area in CSS pixels.
    public var width: Int
    /// The height of the page's area in CSS pixels.
    public var height: Int
    /// The answer to `prefers-color-scheme`.
    public var colorScheme: ColorScheme
    /// Whether the page's own scripts run; the kit's scripts run anyway.
    public var runsScripts: Bool
    /// What is sent as `Accept-Language`.
    public var language: String
    /// The time zone of the visitor’s system, by its identifier.
    public var timeZone: String

    /// Chooses the options.
    public init(
        width: Int = 1280, height: Int = 900, colorScheme: ColorScheme = .light, runsScripts: Bool = true, language: String = "en",
        timeZone: String = "UTC"
    ) {
        self.width = width
        self.height = height
        self.colorScheme = colorScheme
        self.runsScripts = runsScripts
        self.language = language
        self.timeZone = timeZone
    }
}
