import PSACore

extension Browser {
    /// Sets all options at once.
    public func apply(_ options: BrowserOptions) async throws {
        try await setViewport(width: options.width, height: options.height)
        try await setColorScheme(options.colorScheme)
        try await setRunsScripts(options.runsScripts)
        try await setLanguage(options.language)
        try await devTools("Emulation.setTimezoneOverride", ["timezoneId": .string(options.timeZone)])
    }

    /// Sets the size of the page's area in CSS pixels.
    ///
    /// The window itself can't be narrower than 500 pixels, so the area is set apart from it.
    public func setViewport(width: Int, height: Int) async throws {
        try await devTools(
            "Emulation.setDeviceMetricsOverride",
            ["width": .integer(width), "height": .integer(height), "deviceScaleFactor": 1, "mobile": false])
    }

    /// Sets the answer to `prefers-color-scheme`; the page shown changes at once.
    public func setColorScheme(_ scheme: BrowserOptions.ColorScheme) async throws {
        try await devTools(
            "Emulation.setEmulatedMedia", ["features": [["name": "prefers-color-scheme", "value": .string(scheme.rawValue)]]])
    }

    /// Says whether scripts of pages opened from now on run.
    public func setRunsScripts(_ runs: Bool) async throws {
        try await devTools("Emulation.setScriptExecutionDisabled", ["value": .bool(!runs)])
    }

    /// Sets what is sent as `Accept-Language` from now on.
    public func setLanguage(_ language: String) async throws {
        try await devTools("Network.enable")
        try await devTools("Network.setExtraHTTPHeaders", ["headers": ["Accept-Language": .string(language)]])
    }

    /// Forgets page, cookies, the origin's storage and console, and goes back to the options.
    func reset(to options: BrowserOptions) async throws {
        let origin = try await script("return location.origin").string ?? "null"
        if origin.hasPrefix("http") {
            try await devTools("Storage.clearDataForOrigin", ["origin": .string(origin), "storageTypes": "all"])
        }
        try await devTools("Network.clearBrowserCookies")
        _ = try await command(.post, "/url", body: ["url": "about:blank"])
        try await apply(options)
        _ = try await consoleMessages()
    }
}
