import Testing

@testable import Sodium

@Suite struct SealedBoxTests {
    private let key: SealingKey
    private let place = Array("connections/7/clientSecret".utf8)
    private let plain = Array("hunter2".utf8)

    init() throws { key = try .random() }

    @Test(arguments: [0, 1, 15, 16, 17, 64, 1_000_000])
    func sealedBytesOpenUnchanged(_ count: Int) throws {
        let plain = try RandomBytes.make(count)
        for place in [[], place] {
            let box = try SealedBox.seal(plain, associatedData: place, with: key)
            #expect(box.count == count + SealedBox.overhead && box.first == 1)
            #expect(try SealedBox.open(box, associatedData: place, with: key) == plain)
        }
    }

    @Test func aChangeOfAnyBitIsDetected() throws {
        let box = try SealedBox.seal(plain, associatedData: place, with: key)
        for index in box.indices {
            for bit in 0..<8 {
                var changed = box
                changed[index] ^= 1 << UInt8(bit)
                let expected: SealError = index == 0 ? .unknownVersion(changed[0]) : .wrongKeyOrDamaged
                #expect(throws: expected) { try SealedBox.open(changed, associatedData: place, with: key) }
            }
        }
    }

    @Test func aBoxDoesNotOpenAtAnotherPlaceOrWithAnotherKey() throws {
        let box = try SealedBox.seal(plain, associatedData: place, with: key)
        for other in [[], place + [0], Array(place.dropLast()), Array("connections/8/clientSecret".utf8)] {
            #expect(throws: SealError.wrongKeyOrDamaged) { try SealedBox.open(box, associatedData: other, with: key) }
        }
        let otherKey = try SealingKey.random()
        #expect(throws: SealError.wrongKeyOrDamaged) { try SealedBox.open(box, associatedData: place, with: otherKey) }
    }

    @Test func aTruncatedBoxIsRejected() throws {
        let box = try SealedBox.seal(plain, associatedData: place, with: key)
        for count in 0..<box.count {
            let expected: SealError = count < SealedBox.overhead ? .malformed : .wrongKeyOrDamaged
            #expect(throws: expected) { try SealedBox.open(Array(box.prefix(count)), associatedData: place, with: key) }
        }
        #expect(throws: SealError.wrongKeyOrDamaged) { try SealedBox.open(box + [0], associatedData: place, with: key) }
    }

    @Test func theVersionIsAuthenticated() throws {
        let nonce = try RandomBytes.make(24)
        let box = [1] + nonce + SealedBox.encrypt(plain, nonce: nonce, associatedData: [2] + place, key: key)
        #expect(throws: SealError.wrongKeyOrDamaged) { try SealedBox.open(box, associatedData: place, with: key) }
        let right = [1] + nonce + SealedBox.encrypt(plain, nonce: nonce, associatedData: [1] + place, key: key)
        #expect(try SealedBox.open(right, associatedData: place, with: key) == plain)
    }

    @Test func theSameBytesAreNeverSealedTheSameWay() throws {
        let boxes = try (0..<500).map { _ in try SealedBox.seal(plain, associatedData: place, with: key) }
        #expect(Set(boxes.map { Array($0[1..<25]) }).count == 500)
        #expect(Set(boxes.map { Array($0[25...]) }).count == 500)
    }

    /// The vector of draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    @Test func theCiphertextMatchesTheVectorOfTheDraft() throws {
        let plain = Array(
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.".utf8)
        let nonce = Array(UInt8(0x40)...0x57)
        let data = Hex.bytes("50515253c0c1c2c3c4c5c6c7")
        let key = try SealingKey(bytes: Array(UInt8(0x80)...0x9f))
        let ciphertext = Hex.bytes(
            """
            bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb
            731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452
            2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
            21f9664c97637da9768812f615c68b13b52e c0875924c1c7987947deafd8780acf49
            """)
        #expect(SealedBox.encrypt(plain, nonce: nonce, associatedData: data, key: key) == ciphertext)
        #expect(SealedBox.decrypt(ciphertext, nonce: nonce, associatedData: data, key: key) == plain)
    }

    @Test(arguments: [SealError.wrongKeyOrDamaged, .malformed, .unknownVersion(9)])
    func eachErrorHasARecommendation(_ error: SealError) {
        #expect(error.description.contains("it again") || error.description.contains("the secret again"))
    }
}
