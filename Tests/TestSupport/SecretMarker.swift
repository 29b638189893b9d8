import Foundation
import Glibc
import PSACore

/// A secret that can be recognised wherever it comes out, in every spelling it may have been planted in.
public enum SecretMarker {
    /// As a person would type it.
    public static let plain = "MARKER-5f0c-SECRET/+&=%20"

    /// As it is, percent-encoded in both cases, and in base64: the ways in which it is planted.
    public static let spellings: [String] = [
        plain, PercentEncoding.component(plain), "MARKER-5f0c-SECRET%2f%2b%26%3d%2520",
        Data(plain.utf8).base64EncodedString(), Data(("id:" + plain).utf8).base64EncodedString(),
    ]

    /// What must be found nowhere: the spellings, a good part of each, and what base64 makes of it in the middle of a longer text.
    public static let needles: [String] = {
        let cores = (0..<3).map { offset in
            let encoded = Data([UInt8](repeating: 0, count: offset) + Array(plain.utf8)).base64EncodedString()
            return String(encoded.dropFirst(4).prefix(24))
        }
        return spellings + cores + [String(plain.prefix(12))]
    }()

    /// The needles that a text holds; dumps are long and there are many, so bytes are compared.
    public static func found(in text: String) -> [String] {
        text.withCString { hay in needles.filter { strstr(hay, $0) != nil } }
    }

    /// The needles that a file holds.
    public static func found(in bytes: [UInt8]) -> [String] {
        let hay = Data(bytes)
        return needles.filter { hay.range(of: Data($0.utf8)) != nil }
    }
}
