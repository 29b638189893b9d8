import FoundationEssentials
import PSACore

extension Attachment: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: Attachment.self), name: try object.text("name"), mediaType: try object.optionalText("mediaType"),
            byteCount: try object.optionalInteger("bytes"), createdAt: try object.optionalTimestamp("createdAt"),
            note: object.view["note"] == nil ? nil : try object.id("note", of: TicketNote.self),
            isVisibleToContact: try object.optionalFlag("visibleToContact"), native: row.native)
    }
}

/// A part of a file's content.
struct AttachmentPart {
    /// The bytes from the offset that was asked for.
    let bytes: [UInt8]
    /// Whether there are more.
    let isFollowed: Bool

    /// - Throws: ``WireMismatch``; a part without bytes that others follow would be asked for again and again.
    init(_ object: WireObject) throws(WireMismatch) {
        bytes = try object.required("content", .form(.base64)) { $0.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) } }
        isFollowed = try object.optionalFlag("more") ?? false
        if bytes.isEmpty, isFollowed { throw object.mismatch("content", .form(.notEmpty)) }
    }
}
