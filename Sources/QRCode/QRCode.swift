import CQREncode

/// A QR code as a square of dark and light modules.
public struct QRCode: Sendable, Hashable {
    /// The modules on each side.
    public let size: Int
    private let modules: [Bool]

    /// Encodes a text, with medium error correction; nil if it is empty, has a U+0000, or does not fit.
    ///
    /// - Parameter text: The text.
    public init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(0),
            let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1)
        else { return nil }
        defer { QRcode_free(code) }
        size = Int(code.pointee.width)
        guard let data = code.pointee.data else { return nil }
        modules = (0..<size * size).map { data[$0] & 1 == 1 }
    }

    /// Whether a module is dark.
    ///
    /// - Parameters:
    ///   - column: Its column, from 0.
    ///   - row: Its row, from 0.
    /// - Returns: False outside of the square, too.
    public func isDark(_ column: Int, _ row: Int) -> Bool {
        (0..<size).contains(column) && (0..<size).contains(row) && modules[row * size + column]
    }

    /// The dark modules as the path of an SVG: one rectangle for each run in a row, a module being one unit.
    public var path: String {
        var path = ""
        for row in 0..<size {
            var column = 0
            while column < size {
                guard isDark(column, row) else {
                    column += 1
                    continue
                }
                let start = column
                while isDark(column, row) { column += 1 }
                path += "M\(start) \(row)h\(column - start)v1H\(start)z"
            }
        }
        return path
    }
}
