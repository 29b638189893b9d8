import PSACore
import Testing

@Suite("Secrets in text from outside")
struct RedactedSpellingTests {
    private static let first = "de300000-0000-4abc-8000-000000000001"
    private static let second = "de300000-0000-4def-8000-000000000002"
    private let redactor = Redactor([Secret("\(first)-\(second)"), Secret("N0t-Hexadecimal")])

    @Test(
        arguments: [
            "\(first)-\(second)", "\(first)-\(second)".uppercased(), first, second.uppercased(),
            (first + second).filter { $0 != "-" }, first.filter { $0 != "-" }.uppercased(), "n0T-HEXADECIMAL",
        ])
    func aSecretIsFoundInCapitalsWithoutHyphensAndByItsGUIDs(spelling: String) {
        #expect(redactor.clean("Application <\(spelling)> is blocked") == "Application <•••••> is blocked")
    }

    @Test func anotherGUIDIsKept() {
        let other = "11111111-2222-4333-8444-555555555555"
        #expect(redactor.clean("Application \(other) is blocked") == "Application \(other) is blocked")
    }

    @Test func charactersThatTurnTheDirectionOrLeaveNoInkAreRemoved() {
        #expect(redactor.clean("agent\u{202E} evil\u{200B}, \u{1B}[31mred\r\nline") == "agent evil,  [31mred  line")
        #expect(redactor.clean("de30\u{200B}\(Self.first.dropFirst(4))-\(Self.second)") == "•••••")
    }
}
