import FoundationEssentials
import PSACore
import Sodium

extension HostEvent {
    /// By which a repeat is told from other content under the same id: everything that was sent but source, id and time.
    var contentDigest: [UInt8] {
        let members = [type, severity.rawValue, Self.oneLine(company), companyID.trimmingSpaces, Self.oneLine(device), text]
        return Digest(of: JSONValue.array(members.map(JSONValue.string)).encoded).bytes
    }

    /// When it happened, if the sender told; otherwise nobody can hold the time against a repeat.
    var toldAt: Date? { isTimed ? at : nil }

    /// A name as it stands in one line: control characters and line ends are spaces, and blanks at the ends are none.
    static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in isControl(scalar) ? " " : scalar }
        return String(String.UnicodeScalarView(scalars)).trimmingSpaces
    }

    /// Whether a character steers a terminal or ends a line, and so belongs into no name.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
}
