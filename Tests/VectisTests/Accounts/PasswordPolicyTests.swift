import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Passwords")
struct PasswordPolicyTests {
    @Test(
        "passwords that are accepted",
        arguments: [
            ("correct horse battery", "ada", true), ("twelve chars", "ada", true), ("eleven char", "ada", false), ("", "ada", false),
            ("aaaaaaaaaaaaaaaa", "ada", false), ("abcdabcdabcdabcd", "ada", false), ("abcdeabcdeabcde", "ada", true),
            // Letters count, not bytes; a family of emoji is one letter.
            ("äöüßéèâîûñçø", "ada", true), ("👩‍👩‍👧‍👧👩‍👩‍👧‍👧👩‍👩‍👧‍👧", "ada", false),
            ("the lovelace engine", "lovelace", false), ("the LOVELACE engine", "lovelace", false), ("the ada engine is", "ada", true),
            ("    spaces    count   x", "ada", true), (String(repeating: "abcde-", count: 42) + "abcd", "ada", true),
            (String(repeating: "abcde-", count: 43), "ada", false), ("éé" + String(repeating: "abcde-", count: 42), "ada", true),
            ("ééx" + String(repeating: "abcde-", count: 42), "ada", false),
        ])
    func policy(password: String, name: String, isAccepted: Bool) throws {
        let account: AccountName = try #require(AccountName(name))
        let problem = PasswordPolicy.cheap.issue(with: password, for: account)
        #expect((problem == nil) == isAccepted, "\(problem ?? "accepted")")
        if let problem { #expect(problem.hasSuffix(".") && (password.isEmpty || !problem.contains(password))) }
    }

    @Test func aPasswordIsCheckedEvenIfTheNameIsInvalid() {
        #expect(PasswordPolicy.cheap.issue(with: "short", for: nil) != nil)
        #expect(PasswordPolicy.cheap.issue(with: "correct horse battery", for: nil) == nil)
    }

    @Test func aHashFitsItsPasswordOnlyAndIsDifferentEachTime() throws {
        let policy = PasswordPolicy.cheap
        let hash = try policy.hash("correct horse")
        #expect(policy.verify("correct horse", against: hash))
        for other in ["correct horse ", "Correct horse", "correct hors", "", "correct horse\u{0}"] {
            #expect(!policy.verify(other, against: hash))
        }
        #expect(try policy.hash("correct horse") != hash)
        #expect(!hash.contains("correct"))
    }

    @Test("no password matches a damaged hash", arguments: ["", "hash", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$"])
    func damagedHash(hash: String) {
        #expect(!PasswordPolicy.cheap.verify("", against: hash))
        #expect(!PasswordPolicy.cheap.verify("correct horse", against: hash))
    }

    @Test(
        "valid account names",
        arguments: [
            ("ada", "ada"), ("Ada@Example.COM", "ada@example.com"), ("a.b_c-d", "a.b_c-d"), ("", nil), ("a b", nil), ("(system)", nil),
            ("ädä", nil), ("a/b", nil), (String(repeating: "x", count: 64), String(repeating: "x", count: 64)),
            (String(repeating: "x", count: 65), nil), ("a\n", nil),
        ])
    func names(typed: String, name: String?) {
        #expect(AccountName(typed)?.rawValue == name)
    }
}
