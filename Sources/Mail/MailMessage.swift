package import FoundationEssentials

/// A mail of plain text, in the form of RFC 5322.
package struct MailMessage: Sendable {
    /// Who sends it; also the return path.
    package var sender: MailAddress
    /// Who receives it.
    package var recipients: [MailAddress]
    /// The subject; line ends and control characters become spaces.
    package var subject: String
    /// The text.
    package var text: String
    /// When it was written.
    package var date: Date
    /// The part of the `Message-ID` before the sign @: letters, digits and `-`; the same for each delivery of one message.
    package var id: String

    /// Creates a ``MailMessage``.
    package init(sender: MailAddress, recipients: [MailAddress], subject: String, text: String, date: Date, id: String) {
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
        self.text = text
        self.date = date
        self.id = id
    }

    /// The longest subject, in bytes; the rest is cut off.
    package static let maxSubject = 300

    /// The message with lines that end in CR LF; only ASCII, and no line longer than 78 characters but those of long addresses.
    package var bytes: [UInt8] {
        let host = sender.domain.hasPrefix("[") ? "mail.invalid" : sender.domain
        let identifier = id.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        let head = [
            "Date: \(Self.text(of: date))", "From: \(sender)",
            "To: " + recipients.map(\.description).joined(separator: ",\r\n "), "Subject: \(Self.encoded(subject))",
            "Message-ID: <\(identifier)@\(host)>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated",
        ]
        // In a text the line end is CR LF, also before it is encoded.
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\n", with: "\r\n")
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + Self.wrapped(Data(lines.utf8).base64EncodedString())).utf8)
    }

    /// A header value: as it is if it is short ASCII, otherwise in encoded words of RFC 2047, one a line.
    static func encoded(_ value: String) -> String {
        let cleaned = clean(value)
        if cleaned.utf8.count <= 60, !cleaned.contains("=?"), cleaned.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return cleaned }
        var words: [String] = []
        var word = ""
        for character in cleaned {
            // 39 bytes are 52 characters of Base64: with its frame and the name of the header, a line stays short.
            if word.utf8.count + character.utf8.count > 39, !word.isEmpty {
                words.append(word)
                word = ""
            }
            guard character.utf8.count <= 39 else {
                // A letter with dozens of marks is split between its scalars.
                for scalar in character.unicodeScalars {
                    if word.utf8.count + 4 > 39 {
                        words.append(word)
                        word = ""
                    }
                    word.unicodeScalars.append(scalar)
                }
                continue
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// Without line ends and control characters, and not longer than ``maxSubject``.
    private static func clean(_ value: String) -> String {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        for scalar in value.unicodeScalars {
            count += UTF8.width(scalar)
            if count > maxSubject { break }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || [0x2028, 0x2029].contains(scalar.value)
            cleaned.append(isControl ? " " : scalar)
        }
        return String(cleaned)
    }

    private static func wrapped(_ base64: String) -> String {
        var lines = ""
        var rest = base64.utf8[...]
        while !rest.isEmpty {
            lines += String(decoding: rest.prefix(76), as: UTF8.self) + "\r\n"
            rest = rest.dropFirst(76)
        }
        return lines
    }

    /// Such as `Sun, 29 Nov 2026 13:14:15 +0000`.
    private static func text(of date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let (day, month) = (days[((parts.weekday ?? 1) - 1) % 7], months[((parts.month ?? 1) - 1) % 12])
        return "\(day), \(two(parts.day)) \(month) \(parts.year ?? 0) \(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }
}
