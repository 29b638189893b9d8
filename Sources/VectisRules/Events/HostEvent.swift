package import FoundationEssentials
package import PSACore
package import PSAEngine

/// Something that another system reported: a disk is full, a backup failed, a contract ends.
package struct HostEvent: Sendable, Equatable {
    /// The position in the order of arrival; assigned by the storage.
    package struct ID: Sendable, Hashable, Comparable {
        package let rawValue: Int64

        /// Creates an ``ID``.
        package init(rawValue: Int64) {
            self.rawValue = rawValue
        }

        package static func < (lhs: ID, rhs: ID) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// How bad it is.
    package enum Severity: String, Sendable, CaseIterable, Comparable {
        case info, warning, error, critical

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        package static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rank < rhs.rank }
    }

    /// The system that reported it, such as `backup-monitor`.
    package var source: String
    /// The sender's own name for it; the same name from the same source in the same namespace is the same event.
    package var senderID: String
    /// What kind of thing happened, such as `backup.failed`.
    package var type: String
    package var severity: Severity
    /// The company it concerns, by name; empty if none.
    package var company: String
    /// The company's id in the PSA, if the sender knows it; empty if not.
    package var companyID: String
    /// The device it concerns; empty if none.
    package var device: String
    /// The description of what happened.
    package var text: String
    /// When it happened, by the sender's clock.
    package var at: Date
    /// When it arrived here.
    package var receivedAt: Date
    /// Whether the sender gave the time of the event; otherwise the time of arrival is used.
    package var isTimed = true
    /// The files that the ticket gets.
    ///
    /// An event that is read from the storage has none: their content belongs to its jobs.
    package var attachments: [AttachmentFile] = []
    /// The connection whose local copy it was found in; nil for an event that a program sent.
    ///
    /// Only rules of this connection see it, so that no finding about one tenant becomes a ticket of another.
    package var connection: ConnectionID?

    /// Creates a ``HostEvent``.
    package init(
        source: String, senderID: String, type: String, severity: Severity, company: String, companyID: String, device: String,
        text: String, at: Date, receivedAt: Date, isTimed: Bool = true, attachments: [AttachmentFile] = [],
        connection: ConnectionID? = nil
    ) {
        self.source = source
        self.senderID = senderID
        self.type = type
        self.severity = severity
        self.company = company
        self.companyID = companyID
        self.device = device
        self.text = text
        self.at = at
        self.receivedAt = receivedAt
        self.isTimed = isTimed
        self.attachments = attachments
        self.connection = connection
    }

}

/// A stored event with its position.
package struct StoredEvent: Sendable, Equatable {
    package let id: HostEvent.ID
    package let event: HostEvent
    /// How many rules created a job from it when it arrived.
    package var matchedRules = 0

    /// Creates a ``StoredEvent``.
    package init(id: HostEvent.ID, event: HostEvent, matchedRules: Int = 0) {
        self.id = id
        self.event = event
        self.matchedRules = matchedRules
    }

}

extension HostEvent {
    /// When it happened, if the sender gave the time; without it, a repeat is compared without its time.
    package var toldAt: Date? { isTimed ? at : nil }

    /// A name on one line: control characters and line ends become spaces, and spaces at the ends are removed.
    package static func oneLine(_ text: String) -> String {
        // Most names have nothing to replace.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text.trimmingSpaces }
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in isControl(scalar) ? " " : scalar }
        return String(String.UnicodeScalarView(scalars)).trimmingSpaces
    }

    /// Whether an event can have a type: one line that is not empty, without spaces at its ends.
    package static func canHave(type: String) -> Bool {
        !type.isEmpty && type == type.trimmingSpaces && !type.unicodeScalars.contains(where: isControl)
    }

    /// Whether a character steers a terminal or ends a line, and so belongs into no name.
    package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
}
