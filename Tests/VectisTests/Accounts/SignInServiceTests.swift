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
    private let bed: HostFixture
    private let service: SignInService

    init() async throws {
        bed = try await HostFixture()
        service = try SignInService(storage: bed.storage, time: bed.time.source, passwords: .cheap)
        for name in ["ada", "bob"] {
            let account = Account(
                name: try #require(AccountName(name)), role: .admin, passwordHash: try await service.hash(Self.password),
                createdAt: bed.time.now)
            try await bed.storage.add(account, audit: .sample(.accountCreated))
        }
    }

    /// How a try ended, in one word.
    private enum Ending: Equatable {
        case signedIn, wrong, blocked(minutes: Int)
    }

    @discardableResult
    private func attempt(_ name: String, _ password: String = password, from address: String = "192.0.2.1") async throws -> Ending {
        do {
            _ = try await service.signIn(name: name, password: password, from: bed.context(from: address).origin)
            return .signedIn
        } catch SignInError.wrong {
            return .wrong
        } catch SignInError.blocked(let minutes) {
            return .blocked(minutes: minutes)
        }
    }

    @Test func theRightPasswordOpensASessionThatItsTokenAloneFinds() async throws {
        let (token, session) = try await service.signIn(name: "ADA", password: Self.password, from: bed.context().origin)
        #expect(session.account == ada && session.createdAt == bed.time.now && session.lastSeenAt == bed.time.now)
        #expect(session.tokenDigest == token.digest && !"\(token)".contains(token.cookieValue))
        let found = try await service.signedInUser(token: token, now: bed.time.now)
        #expect(found?.session == session && found?.account.name == ada)
        #expect(try await service.signedInUser(token: SessionToken(), now: bed.time.now) == nil)
        let entry = try #require(try await bed.log().first)
        #expect(entry.action == .signedIn && entry.outcome == .done && entry.actor == .account(ada) && entry.address == "192.0.2.1")
    }

    @Test("what is wrong is not told", arguments: ["bob", "nobody", "no name!", ""])
    func wrong(name: String) async throws {
        #expect(try await attempt(name, "wrong password") == .wrong)
        let entry = try #require(try await bed.log().first)
        #expect(entry.action == .signInFailed && entry.outcome == .refused)
        // What somebody typed in place of a name may be a password.
        #expect(entry.actor == (name == "bob" ? .account(AccountName(literal: "bob")) : .unknown))
        #expect(name == "bob" ? entry.target == "bob" : entry.target.isEmpty)
    }

    @Test("an unknown name is answered like a known one, up to the block", arguments: ["bob", "nobody"])
    func samePath(name: String) async throws {
        for _ in 0..<5 { #expect(try await attempt(name, "wrong password") == .wrong) }
        #expect(try await attempt(name, "wrong password") == .blocked(minutes: 15))
        #expect(try await bed.log(.signInFailed).count == 5)
        #expect(Set(try await bed.log(.signInFailed).map(\.detail)).count == 1)
    }

    @Test func fiveFailuresBlockTheAccountFromEverywhereForFifteenMinutes() async throws {
        for number in 0..<5 { #expect(try await attempt("ada", "wrong", from: "192.0.2.\(number)") == .wrong) }
        #expect(try await attempt("ada", from: "198.51.100.1") == .blocked(minutes: 15))
        #expect(try await attempt("bob", from: "198.51.100.1") == .signedIn)
        bed.time.advance(by: 15 * 60)
        // At exactly fifteen minutes they still count.
        #expect(try await attempt("ada", from: "198.51.100.1") == .blocked(minutes: 15))
        bed.time.advance(by: 0.001)
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        #expect(try await bed.log(.signInBlocked).count == 2)
    }

    @Test func fiveFailuresBlockTheAddressForEveryAccount() async throws {
        for name in ["a", "b", "c", "d", "e"] { #expect(try await attempt(name, "wrong") == .wrong) }
        #expect(try await attempt("ada") == .blocked(minutes: 15))
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        bed.time.advance(by: 15 * 60 + 1)
        #expect(try await attempt("ada") == .signedIn)
    }

    @Test func blockedTriesDoNotProlongTheBlock() async throws {
        for _ in 0..<5 { try await attempt("ada", "wrong") }
        for _ in 0..<9 {
            bed.time.advance(by: 100)
            #expect(try await attempt("ada", "wrong") == .blocked(minutes: 15))
        }
        bed.time.advance(by: 1)
        #expect(try await attempt("ada") == .signedIn)
    }

    @Test func aSuccessSetsTheAccountsCountBackButNotTheAddresss() async throws {
        for number in 0..<4 { try await attempt("ada", "wrong", from: "192.0.2.\(number)") }
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        for number in 10..<14 { #expect(try await attempt("ada", "wrong", from: "192.0.2.\(number)") == .wrong) }
        #expect(try await attempt("ada", from: "198.51.100.1") == .signedIn)
        // Somebody who has an account here can't use it to try other accounts for ever.
        for name in ["v", "w", "x", "y", "z"] {
            #expect(try await attempt(name, "wrong", from: "203.0.113.1") == .wrong)
            if name != "z" { #expect(try await attempt("bob", from: "203.0.113.1") == .signedIn) }
        }
        #expect(try await attempt("bob", from: "203.0.113.1") == .blocked(minutes: 15))
    }

    @Test func triesThatArriveTogetherAreCountedAllTheSame() async throws {
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
        let account = try #require(try await bed.storage.account(ada))
        let user = SignedInUser(account: account, session: .sample(1, of: ada), formToken: "")
        #expect(try await service.isPassword(Self.password, of: account, from: bed.context().origin))
        for _ in 0..<5 { #expect(try await !service.isPassword("wrong", of: account, from: bed.context(as: user).origin)) }
        await #expect(throws: SignInError.self) {
            try await service.isPassword(Self.password, of: account, from: bed.context(from: "198.51.100.1", as: user).origin)
        }
        bed.time.advance(by: 15 * 60 + 1)
        #expect(try await service.isPassword(Self.password, of: account, from: bed.context().origin))
    }

    @Test func aSessionEndsAfterEightIdleHours() async throws {
        let (token, _) = try await service.signIn(name: "ada", password: Self.password, from: bed.context().origin)
        bed.time.advance(by: 8 * 3600 - 0.5)
        #expect(try await service.signedInUser(token: token, now: bed.time.now) != nil)
        // Being used has started the eight hours anew.
        bed.time.advance(by: 8 * 3600 - 0.5)
        #expect(try await service.signedInUser(token: token, now: bed.time.now) != nil)
        bed.time.advance(by: 8 * 3600)
        #expect(try await service.signedInUser(token: token, now: bed.time.now) == nil)
    }

    @Test func aSessionEndsAfterSevenDaysHoweverBusy() async throws {
        let (token, _) = try await service.signIn(name: "ada", password: Self.password, from: bed.context().origin)
        for _ in 0..<(7 * 24 - 1) {
            bed.time.advance(by: 3600)
            #expect(try await service.signedInUser(token: token, now: bed.time.now) != nil)
        }
        bed.time.advance(by: 3600)
        #expect(try await service.signedInUser(token: token, now: bed.time.now) == nil)
    }

    @Test func beingSeenIsWrittenDownOnceAMinute() async throws {
        let (token, session) = try await service.signIn(name: "ada", password: Self.password, from: bed.context().origin)
        func lastSeen() async throws -> TimeInterval? {
            _ = try await service.signedInUser(token: token, now: bed.time.now)
            return try await bed.storage.session(tokenDigest: token.digest)?.session.lastSeenAt.timeIntervalSince(session.createdAt)
        }
        for (step, expected) in [(59.0, 0.0), (1, 60), (30, 60), (29, 60), (1, 120)] {
            bed.time.advance(by: step)
            #expect(try await lastSeen() == expected)
        }
    }

    @Test("sessions end when the password or the role changes, except the one that changed it", arguments: [true, false])
    func changedAccount(keepsOne: Bool) async throws {
        let first = try await service.signIn(name: "ada", password: Self.password, from: bed.context().origin)
        let second = try await service.signIn(name: "ada", password: Self.password, from: bed.context().origin)
        let stranger = try await service.signIn(name: "bob", password: Self.password, from: bed.context().origin)
        var account = try #require(try await bed.storage.account(ada))
        if keepsOne { account.passwordHash = try await service.hash("another good password") } else { account.role = .viewer }
        try await bed.storage.replace(account, keeping: keepsOne ? first.session : nil, audit: .sample(.accountChanged))
        #expect((try await service.signedInUser(token: first.token, now: bed.time.now) != nil) == keepsOne)
        #expect(try await service.signedInUser(token: second.token, now: bed.time.now) == nil)
        #expect(try await service.signedInUser(token: stranger.token, now: bed.time.now) != nil)
        #expect(try await attempt("ada", Self.password) == (keepsOne ? .wrong : .signedIn))
    }
}
