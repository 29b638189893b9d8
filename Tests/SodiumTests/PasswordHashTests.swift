import Testing

@testable import Sodium

@Suite struct PasswordHashTests {
    /// The minimum that libsodium accepts, so that tests are fast.
    private static let minimum = PasswordHash.Cost(operations: 1, memory: 8_192)

    @Test func theRightPasswordMatchesAndNoOther() throws {
        let hash = try PasswordHash("correct horse", cost: Self.minimum)
        #expect(try hash.matches("correct horse"))
        for other in ["", "correct hors", "correct horse ", "Correct horse", "correct horse\0"] { #expect(try !hash.matches(other)) }
    }

    @Test func everyScalarOfAPasswordCounts() throws {
        for password in ["a\0b", "👩‍🔧", "e\u{301}", String(repeating: "x", count: 1_024)] {
            #expect(try PasswordHash(password, cost: Self.minimum).matches(password))
        }
        #expect(try !PasswordHash("a\0b", cost: Self.minimum).matches("a\0c"))
        #expect(try !PasswordHash("e\u{301}", cost: Self.minimum).matches("\u{e9}"))
    }

    @Test func aStoredHashIsRestored() throws {
        let hash = try PasswordHash("hunter2", cost: Self.minimum)
        #expect(hash.stored.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
        #expect(try PasswordHash(stored: hash.stored).matches("hunter2"))
    }

    @Test func theSamePasswordIsNeverHashedTheSameWay() throws {
        #expect(Set(try (0..<20).map { _ in try PasswordHash("a", cost: Self.minimum).stored }).count == 20)
    }

    @Test func aHashWithAnotherCostNeedsRehashing() throws {
        let hash = try PasswordHash("a", cost: Self.minimum)
        #expect(!hash.needsRehash(cost: Self.minimum))
        #expect(hash.needsRehash())
        #expect(hash.needsRehash(cost: PasswordHash.Cost(operations: 2, memory: 8_192)))
        #expect(hash.needsRehash(cost: PasswordHash.Cost(operations: 1, memory: 16_384)))
    }

    @Test func theDefaultCostIsTwoPassesOver64MiB() throws {
        let hash = try PasswordHash("a")
        #expect(hash.stored.hasPrefix("$argon2id$v=19$m=65536,t=2,p=1$"))
        #expect(try hash.matches("a") && !hash.matches("b"))
        #expect(!hash.needsRehash())
    }

    @Test func aPasswordThatIsEmptyOrTooLongIsRejected() throws {
        let long = String(repeating: "ü", count: 513)
        #expect(throws: PasswordHashError.emptyPassword) { try PasswordHash("", cost: Self.minimum) }
        #expect(throws: PasswordHashError.tooLong) { try PasswordHash(long, cost: Self.minimum) }
        let hash = try PasswordHash("a", cost: Self.minimum)
        let error = #expect(throws: PasswordHashError.tooLong) { try hash.matches(long) }
        #expect(error?.description.contains("1024 bytes") == true)
    }

    @Test(arguments: [
        "", "hunter2", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA",
        "$argon2i$v=19$m=8,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
        "$7$C6..../....", String(repeating: "$argon2id$", count: 20),
    ])
    func aDamagedHashIsReported(_ stored: String) {
        #expect(throws: PasswordHashError.damaged) { try PasswordHash(stored: stored) }
    }

    @Test func aTruncatedHashIsDamagedOrMatchesNothing() throws {
        let hash = try PasswordHash("a", cost: Self.minimum).stored
        var refused = 0
        for count in 0..<hash.utf8.count {
            do {
                #expect(try !PasswordHash(stored: String(hash.prefix(count))).matches("a"))
            } catch PasswordHashError.damaged {
                refused += 1
            }
        }
        #expect(refused > 50)
    }

    @Test(arguments: [(0, 8_192), (1, 8_191), (1, 0), (1, -1), (1, Int.max), (UInt64.max, 8_192)] as [(UInt64, Int)])
    func anInvalidCostIsRejected(_ operations: UInt64, _ memory: Int) {
        #expect(throws: PasswordHashError.invalidCost) {
            try PasswordHash("a", cost: PasswordHash.Cost(operations: operations, memory: memory))
        }
    }

    @Test func aHashIsNeverPrinted() throws {
        let hash = try PasswordHash("a", cost: Self.minimum)
        var text = "\(hash) \(String(reflecting: hash)) \([hash])"
        dump(hash, to: &text)
        #expect(!text.contains("argon2") && text.contains("•••••"))
    }
}
