import Testing

@testable import QRCode

@Suite("QR codes") struct QRCodeTests {
    @Test("the three finder patterns are in their corners, and the fourth corner has none")
    func finders() throws {
        let code = try #require(QRCode("otpauth://totp/Vectis:admin?secret=ABC"))
        #expect((21...177).contains(code.size) && code.size % 4 == 1)
        func isFinder(_ left: Int, _ top: Int) -> Bool {
            (0..<7).allSatisfy { row in
                (0..<7).allSatisfy { column in
                    let ring = max(abs(row - 3), abs(column - 3))
                    return code.isDark(left + column, top + row) == (ring != 2)
                }
            }
        }
        let far = code.size - 7
        #expect(isFinder(0, 0) && isFinder(far, 0) && isFinder(0, far))
        #expect(!isFinder(far, far))
    }

    @Test("the path draws each dark module once")
    func path() throws {
        let code = try #require(QRCode("otpauth://totp/Vectis:admin?secret=ABCDEFGHIJKLMNOP"))
        let dark = (0..<code.size).reduce(0) { sum, row in sum + (0..<code.size).count { code.isDark($0, row) } }
        let drawn = code.path.matches(of: /h(\d+)v1/).reduce(0) { $0 + (Int($1.1) ?? 0) }
        #expect(drawn == dark && dark > 100)
    }

    @Test("a text that is empty or too long has no code", arguments: [0, 3_000])
    func noCode(length: Int) {
        #expect(QRCode(String(repeating: "a", count: length)) == nil)
    }

    @Test("a text with the character U+0000 has no code")
    func zero() {
        #expect(QRCode("a\u{0}b") == nil)
    }
}
