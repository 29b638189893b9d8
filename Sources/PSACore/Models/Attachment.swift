#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A file at a ticket, as the vendor lists it.
public struct Attachment: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for an attachment.
    public typealias ID = RecordID<Attachment>

    /// The vendor's id.
    public var id: ID
    /// The name that people see.
    public var name: String
    /// The media type, such as `image/png`; nil if the vendor does not say.
    public var mediaType: String?
    /// The number of bytes; nil if the vendor does not say.
    public var byteCount: Int?
    /// When it was added.
    public var createdAt: Date?
    /// The entry of the history it belongs to; nil for the ticket itself.
    public var note: TicketNote.ID?
    /// Whether the contact can read it; nil if the vendor does not say.
    public var isVisibleToContact: Bool?
    /// The vendor's row.
    public var native: NativeRecord

    private enum CodingKeys: String, CodingKey {
        case id, name, mediaType
        case byteCount = "bytes"
        case createdAt, note
        case isVisibleToContact = "visibleToContact"
        case native
    }

    /// Makes an attachment; connectors do.
    public init(
        id: ID, name: String, mediaType: String? = nil, byteCount: Int? = nil, createdAt: Date? = nil, note: TicketNote.ID? = nil,
        isVisibleToContact: Bool? = nil, native: NativeRecord
    ) {
        self.id = id
        self.name = name
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.createdAt = createdAt
        self.note = note
        self.isVisibleToContact = isVisibleToContact
        self.native = native
    }
}

/// A file to be attached to a ticket, note or reply.
public struct AttachmentFile: Sendable, Hashable {
    /// The name that people see: 1 to 200 characters without path separators and control characters.
    public let name: String
    /// The media type, such as `application/pdf`.
    public let mediaType: String
    /// The content: 1 byte to ``maxBytes``.
    public let bytes: [UInt8]

    /// The most bytes of a file: 20 MiB.
    ///
    /// No vendor states a limit that holds everywhere.
    public static let maxBytes = 20 * 1024 * 1024
    /// The most files of one ticket, note or reply.
    public static let maxCount = 10
    private static let forbidden: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]

    /// Checks a file.
    ///
    /// - Parameters:
    ///   - name: Its name without a folder.
    ///   - mediaType: Its media type; nil derives it from the name.
    ///   - bytes: Its content.
    /// - Throws: ``AttachmentProblem`` if the name, the media type or the size is not allowed, or the content is plainly of another type.
    public init(name: String, mediaType: String? = nil, bytes: [UInt8]) throws(AttachmentProblem) {
        let shown = String(name.prefix(60))
        guard !name.trimmingSpaces.isEmpty else { throw .noName }
        guard name.count <= 200, name.utf8.count <= 800 else { throw .nameTooLong(shown) }
        // Bytes, because a separator and a combining character are one character.
        guard !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(UInt8(ascii: "\\")), name != ".", name != ".." else {
            throw .nameHasPath(shown)
        }
        guard name.unicodeScalars.allSatisfy({ !Self.forbidden.contains($0.properties.generalCategory) }) else {
            throw .nameHasControlCharacter
        }
        let type = mediaType?.lowercased() ?? MediaTypes.type(ofFileNamed: name)
        guard MediaTypes.isWellFormed(type) else { throw .mediaTypeMalformed(String(type.prefix(60))) }
        guard !bytes.isEmpty else { throw .empty(shown) }
        guard bytes.count <= Self.maxBytes else { throw .tooLarge(shown, bytes.count) }
        if let found = MediaTypes.contradiction(of: type, in: bytes) {
            throw mediaType == nil
                ? .otherContentThanNamed(shown, expected: type, found: found) : .otherContent(shown, declared: type, found: found)
        }
        self.name = name
        self.mediaType = type
        self.bytes = bytes
    }
}

extension AttachmentFile: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, mediaType, bytes
    }

    /// Reads a file, and checks it again.
    ///
    /// - Throws: `DecodingError` for another form, or with the ``AttachmentProblem`` as its underlying error.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .name)
        let mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType)
        let content = try container.decode(Data.self, forKey: .bytes)
        do {
            try self.init(name: name, mediaType: mediaType, bytes: Array(content))
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "This file can't be attached.", underlyingError: error))
        }
    }

    /// Writes the name, the media type and the content as `Data`.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(Data(bytes), forKey: .bytes)
    }
}

/// What is wrong with a file that is to be attached.
@nonexhaustive
public enum AttachmentProblem: Error, LocalizedMessage, Hashable, Codable {
    /// It has no name, or one of spaces only.
    case noName
    /// The name, cut here, has more than 200 characters or 800 bytes.
    case nameTooLong(String)
    /// The name, cut here, has a separator of folders in it, or is a folder.
    case nameHasPath(String)
    /// The name has a character that can't be seen.
    case nameHasControlCharacter
    /// The media type, cut here, does not have the form of RFC 6838.
    case mediaTypeMalformed(String)
    /// The file of that name has no content.
    case empty(String)
    /// The file of that name has more bytes than ``AttachmentFile/maxBytes``.
    case tooLarge(String, Int)
    /// The first bytes of the file of that name prove another media type than the declared one.
    case otherContent(String, declared: String, found: String)
    /// The content contradicts the media type that the ending of the name stands for; none was declared.
    case otherContentThanNamed(String, expected: String, found: String)
    /// There are more files than ``AttachmentFile/maxCount``.
    case tooMany(Int)
    /// The vendor takes no file of this size.
    case refusedAsTooLarge(String, Int)

    /// The values by name.
    public var values: [String: MessageValue] {
        switch self {
        case .noName, .nameHasControlCharacter: [:]
        case .nameTooLong(let name), .nameHasPath(let name), .mediaTypeMalformed(let name), .empty(let name): ["name": .verbatim(name)]
        case .tooLarge(let name, let count):
            [
                "name": .verbatim(name), "count": .verbatim(String(count)),
                "limit": .verbatim(String(AttachmentFile.maxBytes / 1_048_576)),
            ]
        case .refusedAsTooLarge(let name, let count): ["name": .verbatim(name), "count": .verbatim(String(count))]
        case .otherContent(let name, let declared, let found), .otherContentThanNamed(let name, let declared, let found):
            ["name": .verbatim(name), "declared": .verbatim(declared), "found": .verbatim(found)]
        case .tooMany(let count): ["count": .verbatim(String(count)), "limit": .verbatim(String(AttachmentFile.maxCount))]
        }
    }

    /// The text of a language.
    public func pattern(in language: Language) -> String {
        switch (language, self) {
        case (.english, .noName): "An attachment needs a name."
        case (.english, .nameTooLong): "The name of the attachment “{name}” is longer than 200 characters."
        case (.english, .nameHasPath): "“{name}” is no name of an attachment: a name has no folder in it."
        case (.english, .nameHasControlCharacter): "The name of an attachment must not contain control characters."
        case (.english, .mediaTypeMalformed): "“{name}” is no media type; one looks like application/pdf."
        case (.english, .empty): "The attachment “{name}” is empty."
        case (.english, .tooLarge): "The attachment “{name}” has {count} bytes; at most {limit} MiB are allowed."
        case (.english, .otherContent): "The attachment “{name}” is declared as {declared}, but its content is {found}."
        case (.english, .otherContentThanNamed):
            "The name of the attachment “{name}” says {declared}, but its content is {found}; rename the file to what it is."
        case (.english, .refusedAsTooLarge): "The PSA refused the attachment “{name}” of {count} bytes as too large."
        case (.english, .tooMany): "There are {count} attachments; at most {limit} are allowed."
        case (.german, .noName): "Ein Anhang braucht einen Namen."
        case (.german, .nameTooLong): "Der Name des Anhangs „{name}“ ist länger als 200 Zeichen."
        case (.german, .nameHasPath): "„{name}“ ist kein Name eines Anhangs: Ein Name enthält keinen Ordner."
        case (.german, .nameHasControlCharacter): "Der Name eines Anhangs darf keine Steuerzeichen enthalten."
        case (.german, .mediaTypeMalformed): "„{name}“ ist kein Medientyp; einer sieht aus wie application/pdf."
        case (.german, .empty): "Der Anhang „{name}“ ist leer."
        case (.german, .tooLarge): "Der Anhang „{name}“ hat {count} Bytes; erlaubt sind höchstens {limit} MiB."
        case (.german, .otherContent): "Der Anhang „{name}“ ist als {declared} angegeben, der Inhalt ist aber {found}."
        case (.german, .otherContentThanNamed):
            "Dem Namen nach ist der Anhang „{name}“ {declared}, der Inhalt ist aber {found}; die Datei passend umbenennen."
        case (.german, .refusedAsTooLarge): "Das PSA-System hat den Anhang „{name}“ mit {count} Bytes als zu groß abgelehnt."
        case (.german, .tooMany): "Es sind {count} Anhänge; erlaubt sind höchstens {limit}."
        }
    }
}

/// A file that the vendor has and that no ticket refers to yet.
///
/// Only vendors that take files before the ticket have such uploads.
public struct UploadedAttachment: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for an upload.
    public typealias ID = RecordID<UploadedAttachment>

    /// The vendor's id.
    public var id: ID
    /// The name that people see.
    public var name: String
    /// The media type.
    public var mediaType: String
    /// The number of bytes.
    public var byteCount: Int

    /// States an upload; connectors do.
    public init(id: ID, name: String, mediaType: String, byteCount: Int) {
        self.id = id
        self.name = name
        self.mediaType = mediaType
        self.byteCount = byteCount
    }
}

/// A file of a new ticket, note or reply.
public enum DraftAttachment: Sendable, Hashable, Codable {
    /// A file that the connector sends along.
    case file(AttachmentFile)
    /// A file that was uploaded before with ``ConnectorSession/upload(_:)``.
    case uploaded(UploadedAttachment)

    /// The name that people see.
    public var name: String {
        switch self {
        case .file(let file): file.name
        case .uploaded(let upload): upload.name
        }
    }

    /// The file, if the connector sends it along.
    public var file: AttachmentFile? {
        if case .file(let file) = self { file } else { nil }
    }

    /// The upload, if the file was uploaded before.
    public var upload: UploadedAttachment? {
        if case .uploaded(let upload) = self { upload } else { nil }
    }

    /// Whether the connector sends the file along.
    var isFile: Bool { file != nil }
}

/// What is known about the types of files.
enum MediaTypes {
    /// The type that a name suggests; `application/octet-stream` for an unknown ending.
    static func type(ofFileNamed name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return unknown }
        return byEnding[name[name.index(after: dot)...].lowercased()] ?? unknown
    }

    /// Whether a text has the form of RFC 6838: two names with a slash between them, at most 127 characters each.
    static func isWellFormed(_ type: String) -> Bool {
        let parts = type.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...127).contains(part.utf8.count)
                    && part.utf8.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "!#$&-^_.+".utf8.contains($0)
                    }
            }
    }

    /// The type that the first bytes prove, if it is not the declared one.
    ///
    /// Only types with a signature are compared, so a text declared as anything else passes.
    static func contradiction(of declared: String, in bytes: [UInt8]) -> String? {
        guard let expected = signatures.first(where: { $0.type == declared }) else { return nil }
        if bytes.starts(with: expected.bytes) { return nil }
        if let known = signatures.first(where: { bytes.starts(with: $0.bytes) }) { return known.type }
        return String(validating: bytes, as: UTF8.self) == nil ? unknown : "text/plain"
    }

    private static let unknown = "application/octet-stream"

    private static let signatures: [(type: String, bytes: [UInt8])] = [
        ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), ("image/jpeg", [0xFF, 0xD8, 0xFF]),
        ("image/gif", Array("GIF8".utf8)), ("application/pdf", Array("%PDF-".utf8)), ("application/zip", [0x50, 0x4B]),
        ("application/gzip", [0x1F, 0x8B]),
    ]

    private static let byEnding = [
        "txt": "text/plain", "log": "text/plain", "csv": "text/csv", "html": "text/html", "htm": "text/html", "xml": "application/xml",
        "json": "application/json", "pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
        "gif": "image/gif", "svg": "image/svg+xml", "webp": "image/webp", "bmp": "image/bmp", "zip": "application/zip",
        "gz": "application/gzip", "7z": "application/x-7z-compressed", "eml": "message/rfc822",
        "msg": "application/vnd.ms-outlook", "doc": "application/msword", "xls": "application/vnd.ms-excel",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "mp4": "video/mp4", "wav": "audio/wav",
        "mp3": "audio/mpeg",
    ]
}
