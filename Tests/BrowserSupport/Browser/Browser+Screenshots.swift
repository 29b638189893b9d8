import Foundation
import PSACore

extension Browser {
    /// How much of a page a picture shows.
    public enum ScreenshotArea: Sendable {
        /// What the viewport shows.
        case viewport
        /// The page from top to bottom.
        case fullPage
    }

    /// The page as a PNG.
    ///
    /// - Throws: ``BrowserError``.
    public func screenshot(_ area: ScreenshotArea = .viewport) async throws -> [UInt8] {
        var parameters: JSONValue = ["format": "png"]
        if area == .fullPage {
            let metrics = try await devTools("Page.getLayoutMetrics")
            guard let size = metrics["cssContentSize"], let width = size["width"], let height = size["height"] else {
                throw BrowserError(.refused, "The browser did not tell the size of the page.")
            }
            let clip: JSONValue = ["x": 0, "y": 0, "width": width, "height": height, "scale": 1]
            parameters = ["format": "png", "captureBeyondViewport": true, "clip": clip]
        }
        let answer = try await devTools("Page.captureScreenshot", parameters)
        guard let picture = answer["data"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
            throw BrowserError(.refused, "The browser gave no picture.", pageURL: try? await url())
        }
        return Array(picture)
    }

    /// Writes the page as a PNG to a file, making its folder if need be.
    ///
    /// - Throws: ``BrowserError``, or what writing a file throws.
    public func saveScreenshot(_ area: ScreenshotArea = .viewport, to path: String) async throws {
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(await screenshot(area)).write(to: file, options: .atomic)
    }
}
