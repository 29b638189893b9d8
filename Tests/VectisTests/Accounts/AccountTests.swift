import FoundationEssentials
import PSATesting
import Testing
@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Signing in")
struct SignInServiceTests {
    private static let password = "correct horse battery"
    private let ada = AccountName(literal: "ada")
    private let fixture: HostFixture
    private let service: SignInService

    init() async throws {
        fixture = try await HostFixture()
        service = try SignInService(storage: fixture.storage, time: fixture.time.source, passwords: .cheap)
        for name in ["ada", "bob"] {
            let account = Account(
                name: try #require(AccountName(name)), role: .admin, passwordHash: try await service.hash(Self.password),
                createdAt: fixture.time.now)
            try await fixture.storage.add(account, audit: .sample(.accountCreated))
        }
    }

    /// The outcome of an attempt.
    private enum Ending: Equatable {
        case signedIn, wrong, blocked(minutes: Int)
    }

    @discardableResult
    private func attempt(_ name: String, _ password: String = password, from address: String = "192.0.2.1") async throws -> Ending {
        do {
            _ = try await service.signIn(name: name, password: password, from: fixture.context(from: address).origin)
            return .signedIn
        } catch SignInError.wrong {
            return .wrong
        } catch SignInError.blocked(let minutes) {
            return .blocked(minutes: minutes)
        }
    }

    @Test func theRightPasswordOpensASessionThatItsTokenAloneFinds() async throws {
        let (token, session) = try await service.signIn(name: "ADA", password: Self.password, from: fixture.context().origin)
        #expect(session.account == ada && session.createdAt == fixture.time.now && session.lastSeenAt == fixture.time.now)
        #expect(session.tokenDigest == token.digest && !"\(token)".contains(token.cookieValue))
        let found = try await service.signedInUser(token: token, now: fixture.time.now)
        #expect(found?.session == session && found?.account.name == ada)
        #expect(try await service.signedInUser(token: SessionToken(), now: fixture.time.now) == nil)
        let entry = try #require(try await fixture.log().first)
        #expect(entry.action == .signedIn && entry.outcome == .done && entry.actor == .account(ada) && entry.address == "192.0.2.1")
    }

    @Test("a failed sign-in does not reveal the reason", arguments: ["bob", "nobody", "no name!", ""])
    func wrong(name: String) async throws {
        #expect(try await attempt(name, "wrong password") == .wrong)
        let entry = try #require(try await fixture.log().first)
        #expect(entry.action == .signInFailed && entry.outcome == .refused)
        // What was typed in place of a name may be a password.
        #expect(entry.actor == (name == "bob" ? .account(AccountName(literal: "bob")) : .unknown))
        #expect(name == "bob" ? entry.target == "bob" : entry.target.isEmpty)
    }

    @Test("an unknown name gets the same responses as a known one, including the block", arguments: ["bob", "nobody"])
    func samePath(name: String) async throws {
        for _ in 0..<5 { #expect(try await attempt(name, "wrong password") == .wrong) }
        #expect(try await attempt(name, "wrong password") == .blocked(minutes: 15))
        #expect(try await fixture.log(.signInFailed).count == 5)
        #expect(Set(try await fixture.log(.signInFailed).map(\.detail)).count == 1)
    }

    @Test func fiveFailuresBlockTheAccountFromEverywhereForFifteenMinutes() async throws {
        for number in 0..<5 { #expect(try await attempt("ada", "wrong", from: "192.0.2.\(number)") == .wrong) }
        #expect(try await attempt("ada", from: "198.51.100.1") == .blocked(minutes: 15))
        #expect(try await attempt("bob", from: "198.51.100.1") == .signedIn)
        fixture.time.advance(by: 15 * 60)
        // At exactly fifteen minutes they still count.
        #expect(try await attempt("ada", from: "198.51.100.1") == .blocked(minutes: 15))
        fixture.time.advance(by: 0.001)
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        #expect(try await fixture.log(.signInBlocked).count == 2)
    }

    @Test func fiveFailuresBlockTheAddressForEveryAccount() async throws {
        for name in ["a", "b", "c", "d", "e"] { #expect(try await attempt(name, "wrong") == .wrong) }
        #expect(try await attempt("ada") == .blocked(minutes: 15))
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        fixture.time.advance(by: 15 * 60 + 1)
        #expect(try await attempt("ada") == .signedIn)
    }

    @Test func blockedAttemptsDoNotExtendTheBlock() async throws {
        for _ in 0..<5 { try await attempt("ada", "wrong") }
        for _ in 0..<9 {
            fixture.time.advance(by: 100)
            #expect(try await attempt("ada", "wrong") == .blocked(minutes: 15))
        }
        fixture.time.advance(by: 1)
        #expect(try await attempt("ada") == .signedIn)
    }

    @Test func aSuccessResetsTheCountOfTheAccountButNotOfTheAddress() async throws {
        for number in 0..<4 { try await attempt("ada", "wrong", from: "192.0.2.\(number)") }
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        for number in 10..<14 { #expect(try await attempt("ada", "wrong", from: "192.0.2.\(number)") == .wrong) }
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        // A user with an account can't use it to try other accounts indefinitely.
        for name in ["v", "w", "x", "y", "z"] {
            #expect(try await attempt(name, "wrong", from: "203.0.113.1") == .wrong)
            if name != "z" { #expect(try await attempt("bob", from: "203.0.113.1") == .signedIn) }
        }
        #expect(try await attempt("bob", from: "203.0.113.1") == .blocked(minutes: 15))
    }

    @Test func concurrentAttemptsAreAllCounted() async throws {
        let endings = try await withThrowingTaskGroup(of: Ending.self) { group in
            for number in 0..<40 {
                group.addTask { try await attempt("ada", "wrong \(number)", from: "192.0.2.\(number)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(endings.count { $0 == .wrong } == SignInService.tries)
        #expect(endings.count { $0 == .blocked(minutes: 15) } == 40 - SignInService.tries)
    }

    @Test func changingAPasswordAsksForTheOldOneUnderTheSameLimit() async throws {
        let account = try #require(try await fixture.storage.account(ada))
        let user = SignedInUser(account: account, session: .sample(1, of: ada), formToken: "")
        #expect(try await service.isPassword(Self.password, of: account, from: fixture.context().origin))
        for _ in 0..<5 { #expect(try await !service.isPassword("wrong", of: account, from: fixture.context(as: user).origin)) }
        await #expect(throws: SignInError.self) {
            try await service.isPassword(Self.password, of: account, from: fixture.context(from: "198.51.100.1", as: user).origin)
        }
        fixture.time.advance(by: 15 * 60 + 1)
        #expect(try await service.isPassword(Self.password, of: account, from: fixture.context().origin))
    }

    @Test func aSessionEndsAfterEightIdleHours() async throws {
        let (token, _) = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        fixture.time.advance(by: 8 * 3600 - 0.5)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        // Use has restarted the eight hours.
        fixture.time.advance(by: 8 * 3600 - 0.5)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        fixture.time.advance(by: 8 * 3600)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) == nil)
    }

    @Test func aSessionEndsAfterSevenDaysEvenIfActive() async throws {
        let (token, _) = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        for _ in 0..<(7 * 24 - 1) {
            fixture.time.advance(by: 3600)
            #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        }
        fixture.time.advance(by: 3600)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) == nil)
    }

    @Test func lastUseIsStoredOnceAMinute() async throws {
        let (token, session) = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        func lastSeen() async throws -> TimeInterval? {
            _ = try await service.signedInUser(token: token, now: fixture.time.now)
            return try await fixture.storage.session(tokenDigest: token.digest)?.session.lastSeenAt.timeIntervalSince(session.createdAt)
        }
        for (step, expected) in [(59.0, 0.0), (1, 60), (30, 60), (29, 60), (1, 120)] {
            fixture.time.advance(by: step)
            #expect(try await lastSeen() == expected)
        }
    }

    @Test("sessions end when the password or the role changes, except the one that changed it", arguments: [true, false])
    func changedAccount(keepsOne: Bool) async throws {
        let first = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        let second = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        let stranger = try await service.signIn(name: "bob", password: Self.password, from: fixture.context().origin)
        var account = try #require(try await fixture.storage.account(ada))
        if keepsOne { account.passwordHash = try await service.hash("another good password") } else { account.role = .viewer }
        try await fixture.storage.replace(account, keeping: keepsOne ? first.session : nil, audit: .sample(.accountChanged))
        #expect((try await service.signedInUser(token: first.token, now: fixture.time.now) != nil) == keepsOne)
        #expect(try await service.signedInUser(token: second.token, now: fixture.time.now) == nil)
        #expect(try await service.signedInUser(token: stranger.token, now: fixture.time.now) != nil)
        #expect(try await attempt("ada", Self.password) == (keepsOne ? .wrong : .signedIn))
    }
}

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
