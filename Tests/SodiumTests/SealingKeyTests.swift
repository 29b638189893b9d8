import Testing

@testable import Sodium

@Suite struct SealingKeyTests {
    private struct Holder {
        let name = "visible"
        let key: SealingKey
        let optional: SealingKey?
        let list: [SealingKey]
    }

    private static let bytes = Array("hunter2-hunter2-hunter2-hunter2-".utf8)
    private static let base64 = "aHVudGVyMi1odW50ZXIyLWh1bnRlcjItaHVudGVyMi0="
    private let key: SealingKey

    init() throws { key = try SealingKey(bytes: Self.bytes) }

    private func texts<Value>(_ value: Value) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ""
        print(value, to: &printed)
        debugPrint(value, to: &printed)
        return ["\(value)", String(describing: value), String(reflecting: value), dumped, printed]
    }

    @Test func theKeyIsNeverPrinted() {
        let holder = Holder(key: key, optional: key, list: [key])
        for text in texts(key) + texts(holder) + texts([key]) + texts(Optional(key)) {
            // 104, 117 are the first bytes; 0x is the start of a pointer to them.
            for secret in ["hunter", Self.base64, "104, 117", "- 104", "0x"] { #expect(!text.contains(secret)) }
            #expect(text.contains("•••••"))
        }
        #expect(Mirror(reflecting: key).children.isEmpty)
        #expect(texts(holder).allSatisfy { $0.contains("visible") })
    }

    @Test func revealReturnsTheKeyAndItCanBeParsed() throws {
        #expect(key.reveal() == Self.base64)
        for text in [Self.base64, Self.base64 + "\n", " \t\(Self.base64)\r\n"] {
            #expect(try SealingKey(base64: text).reveal() == Self.base64)
        }
        let random = try SealingKey.random()
        #expect(try SealingKey(base64: random.reveal()).reveal() == random.reveal())
    }

    @Test(arguments: [0, 1, 31, 33, 1_000])
    func anotherNumberOfBytesIsNotAKey(_ count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        #expect(throws: SealingKeyError.wrongSize(count)) { try SealingKey(bytes: bytes) }
        let base64 = Base64.encode(bytes, count: count, variant: 1)
        #expect(throws: SealingKeyError.wrongSize(count)) { try SealingKey(base64: base64) }
    }

    @Test(arguments: [
        "hunter2!", "ä", String(base64.dropLast()), base64 + "=", base64 + "A", "aHVudGVyMi1odW50ZXIyLWh1bnRlcjItaHVudGVyMi1=",
        "\0" + base64,
    ])
    func invalidBase64IsNotAKeyAndIsNotRepeated(_ text: String) {
        let error = #expect(throws: SealingKeyError.notBase64) { try SealingKey(base64: text) }
        #expect(error?.description.contains("hunter") == false)
    }

    @Test func randomKeysDiffer() throws {
        #expect(Set(try (0..<200).map { _ in try SealingKey.random().reveal() }).count == 200)
    }

    /// The vector was computed with Python's hashlib.
    @Test func aDerivedKeyIsDeterministicAndUnique() throws {
        let key = try SealingKey(bytes: Array(UInt8(0)..<32))
        let derived = try key.derived(for: "abc").reveal()
        #expect(
            try SealingKey(base64: derived).memory.withBytes { Array(UnsafeBufferPointer(start: $0, count: 32)) }
                == Hex.bytes("d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f"))
        let others = try ["", "abcd", "ABC"].map { try key.derived(for: $0).reveal() } + [self.key.derived(for: "abc").reveal()]
        #expect(Set(others + [derived, key.reveal()]).count == 6)
    }
}
