#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Appends compact JSON to a buffer, without a tree of values.
///
/// It writes what ``JSONValue/encoded`` writes. The caller keeps the order of calls: a name before each value in an object.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package var bytes: [UInt8] = []

    /// Starts with an empty buffer.
    package init() {}

    /// Begins an object as a value.
    package mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }

    /// Ends the object that was begun last.
    package mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    /// Writes the name of a member, whose value must follow.
    ///
    /// - Parameter name: A name without characters that JSON escapes.
    package mutating func name(_ name: StaticString) {
        // A value never ends with an opening brace: those of strings are followed by a quote.
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a string.
    package mutating func value(_ text: String) { JSONEscape.encode(text, into: &bytes) }

    /// Writes an id as a string.
    package mutating func value<Entity>(_ id: RecordID<Entity>) {
        guard id.isNumber else { return value(id.rawValue) }
        bytes.append(UInt8(ascii: "\""))
        id.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a moment as a string, in UTC and whole seconds.
    package mutating func value(_ date: Date) {
        bytes.append(UInt8(ascii: "\""))
        GregorianUTC.append(iso8601: date, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a tree.
    package mutating func value(_ value: JSONValue) { value.encode(into: &bytes) }

    /// Writes the vendor's row: its own bytes where they are one line of valid JSON, otherwise its value as compact JSON.
    package mutating func value(_ row: NativeRecord) {
        if row.isOneLine { bytes += row.bytes } else { value(row.value) }
    }

    /// Writes a member with a string, unless there is none.
    package mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        self.name(name)
        value(text)
    }

    /// Writes a member with a moment, unless there is none.
    package mutating func member(_ name: StaticString, _ date: Date?) {
        guard let date else { return }
        self.name(name)
        value(date)
    }

    /// Writes a member with a tree, unless there is none.
    package mutating func member(_ name: StaticString, _ value: JSONValue?) {
        guard let value else { return }
        self.name(name)
        self.value(value)
    }

    /// Writes a member with a reference, unless there is none.
    package mutating func member<Entity>(_ name: StaticString, _ reference: Reference<Entity>?) {
        guard let reference else { return }
        self.name(name)
        beginObject()
        self.name("id")
        value(reference.id)
        member("name", reference.label)
        endObject()
    }
}
