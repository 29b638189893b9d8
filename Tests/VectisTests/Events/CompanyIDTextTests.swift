import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Company ids in events")
struct CompanyIDTextTests {
    @Test(
        "an integer from 1 is an id, as JSON number and as string",
        arguments: ["1", "3", "42", "2147483648", "99999999999", "9007199254740991"])
    func numbers(text: String) {
        #expect(CompanyIDText.id(number: text) == text && CompanyIDText.id(text: text) == text)
    }

    @Test(
        "other numbers are no ids",
        arguments: [
            "0", "-0", "00", "007", "-1", "+1", "3.0", "3.", ".5", "3,0", "1e3", "3E0", "1e+2", "-1.5e-7", "1,000", "1.000.000", "1 000",
            "+ 1",
            "9223372036854775808", "99999999999999999999", "\u{2212}3", "３", "٣", "３.０", "1'000", "0.0", "-",
        ])
    func otherNumbers(text: String) {
        #expect(CompanyIDText.id(number: text) == nil)
        #expect(CompanyIDText.id(text: text) == (text == "-" ? "-" : nil))
    }

    @Test func aJSONNumberIsExactInEveryLanguage() {
        #expect(CompanyIDText.id(number: "9007199254740992") == nil)
        #expect(CompanyIDText.id(text: "9007199254740992") == "9007199254740992")
        #expect(CompanyIDText.id(text: "9223372036854775807") == "9223372036854775807")
    }

    @Test(
        "a string that is not a number is used unchanged",
        arguments: [
            "abc", "0x1F", "3a", "a3", "12-34", "550e8400-e29b-41d4-a716-446655440000", "in progress", "NaN", "Infinity", "e5", "東京", "1e",
            "x.0",
        ])
    func texts(text: String) {
        #expect(CompanyIDText.id(text: text) == text)
    }

    @Test(
        "invalid ids are rejected",
        arguments: ["a\u{0}", "a\nb", "a\u{A0}b", "a\u{2028}b", "\u{7}", String(repeating: "a", count: 201)])
    func noIDs(text: String) {
        #expect(CompanyIDText.id(text: text) == nil)
    }
}
