import FoundationEssentials
import PSATesting
import Synchronization
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
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
        service = try SignInService(storage: fixture.storage, vault: fixture.vault, time: fixture.time.source, passwords: .cheap)
        for name in ["ada", "bob"] {
            let account = Account(
                name: try #require(AccountName(name)), role: .admin, passwordHash: try await service.hash(Self.password),
                createdAt: fixture.time.now)
            try await fixture.storage.add(account, audit: .sample(.accountCreated))
        }
    }

    /// The outcome of an attempt.
    private enum Ending: Equatable {
        case signedIn, wrong, blocked(minutes: Int), busy(seconds: Int)
    }

    @discardableResult
    private func attempt(
        _ name: String, _ password: String = password, from address: String = "192.0.2.1", device: SessionToken? = nil,
        _ other: SignInService? = nil
    ) async throws -> Ending {
        do {
            _ = try await (other ?? service).signIn(
                name: name, password: password, device: device, from: fixture.context(from: address).origin)
            return .signedIn
        } catch SignInError.wrong {
            return .wrong
        } catch SignInError.blocked(let minutes) {
            return .blocked(minutes: minutes)
        } catch SignInError.busy(let seconds) {
            return .busy(seconds: seconds)
        }
    }

    @Test func theRightPasswordOpensASessionThatItsTokenAloneFinds() async throws {
        let signedIn = try await service.signIn(name: "ADA", password: Self.password, from: fixture.context().origin)
        let (token, session) = (signedIn.token, signedIn.session)
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
        await service.finish()
        #expect(try await fixture.log(.signInFailed).map(\.detail) == ["Name or password was wrong."])
        let counted = try #require(try await fixture.log(.refusedSignInsCounted).first)
        #expect(counted.actor == .unknown && counted.target.isEmpty && counted.address == "192.0.2.1")
        #expect(counted.detail.hasPrefix("6 sign-ins from 192.0.2.1 were refused between "))
        #expect(counted.detail.hasSuffix(", 5 for a wrong name or password, 1 because of too many failures; names tried: 1."))
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
        let patient = try SignInService(
            storage: fixture.storage, vault: fixture.vault, time: fixture.time.source, passwords: .cheap, queueLength: 40)
        let endings = try await withThrowingTaskGroup(of: Ending.self) { group in
            for number in 0..<40 {
                group.addTask { try await attempt("ada", "wrong \(number)", from: "192.0.2.\(number)", patient) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(endings.count { $0 == .wrong } == SignInService.tries)
        #expect(endings.count { $0 == .blocked(minutes: 15) } == 40 - SignInService.tries)
    }

    @Test func addressesOfOneIPv6NetworkShareALimit() async throws {
        for number in 0..<5 { #expect(try await attempt("nobody", "wrong", from: "2001:db8:0:1::\(number)") == .wrong) }
        #expect(try await attempt("ada", from: "2001:db8:0:1:ffff::1") == .blocked(minutes: 15))
        #expect(try await attempt("ada", from: "2001:db8:0:2::1") == .signedIn)
        #expect(ClientNetwork("::ffff:192.0.2.1") == ClientNetwork("192.0.2.1"))
    }

    @Test func aKnownDeviceSignsInWhileItsAccountAndItsAddressAreBlocked() async throws {
        let device = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin).device
        #expect(!"\(device)".contains(device.cookieValue))
        for number in 0..<5 { try await attempt("ada", "wrong", from: "198.51.100.\(number)") }
        for name in ["a", "b", "c", "d", "e"] { try await attempt(name, "wrong") }
        #expect(try await attempt("ada") == .blocked(minutes: 15))
        #expect(try await attempt("ada", device: device) == .signedIn)
        #expect(try await attempt("ada", "wrong", device: device) == .wrong)
        // It is known for its account alone, and another token is not known.
        #expect(try await attempt("bob", device: device) == .blocked(minutes: 15))
        for number in 0..<5 { try await attempt("ada", "wrong", from: "203.0.113.\(number)") }
        #expect(try await attempt("ada", from: "203.0.113.9", device: SessionToken()) == .blocked(minutes: 15))
    }

    @Test func aKnownDeviceHasALimitOfItsOwn() async throws {
        let device = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin).device
        for number in 0..<5 { #expect(try await attempt("ada", "wrong", from: "198.51.100.\(number)", device: device) == .wrong) }
        // Its failures do not count for the account, so that another browser is not kept out; now it is as unknown as that one.
        #expect(try await attempt("ada", from: "203.0.113.1") == .signedIn)
        for number in 0..<5 { #expect(try await attempt("ada", "wrong", from: "203.0.113.\(number)", device: device) == .wrong) }
        #expect(try await attempt("ada", from: "203.0.113.9", device: device) == .blocked(minutes: 15))
        fixture.time.advance(by: 15 * 60 + 1)
        #expect(try await attempt("ada", device: device) == .signedIn)
    }

    @Test func aDeviceIsForgottenWithThePasswordAfterNinetyDaysAndBeyondTen() async throws {
        func signIn() async throws -> SessionToken {
            try await service.signIn(name: "ada", password: Self.password, from: fixture.context(from: "203.0.113.1").origin).device
        }
        /// Whether the device is known; the account is blocked meanwhile.
        func isKnown(_ device: SessionToken) async throws -> Bool {
            for number in 0..<5 { try await attempt("ada", "wrong", from: "198.51.100.\(number)") }
            return try await attempt("ada", from: "198.51.100.9", device: device) == .signedIn
        }
        let first = try await signIn()
        #expect(try await isKnown(first))
        fixture.time.advance(by: 89 * 86_400)
        #expect(try await isKnown(first))
        fixture.time.advance(by: 91 * 86_400)
        #expect(try await !isKnown(first))
        fixture.time.advance(by: 3_600)
        var devices: [SessionToken] = []
        for _ in 0..<11 {
            fixture.time.advance(by: 1)
            devices.append(try await signIn())
        }
        #expect(try await !isKnown(devices[0]))
        fixture.time.advance(by: 3_600)
        #expect(try await isKnown(devices[1]))
        try await fixture.storage.setRole(of: ada, to: .viewer, audit: .sample(.accountChanged))
        #expect(try await isKnown(devices[1]))
        for password in [Self.password + "!", Self.password] {
            let hash = try await service.hash(password)
            try await fixture.storage.setPassword(of: ada, from: nil, to: hash, keeping: nil, audit: .sample(.passwordChanged))
        }
        #expect(try await !isKnown(devices[1]))
    }

    @Test func anotherPasswordLiftsTheBlockOfTheAccount() async throws {
        for number in 0..<5 { try await attempt("ada", "wrong", from: "198.51.100.\(number)") }
        #expect(try await attempt("ada") == .blocked(minutes: 15))
        let hash = try await service.hash("another good password")
        try await fixture.storage.setPassword(of: ada, from: nil, to: hash, keeping: nil, audit: .sample(.passwordChanged))
        #expect(try await attempt("ada", "another good password") == .signedIn)
    }

    @Test func changingThePasswordOfAnAccountThatWasReadBeforeKeepsItsRole() async throws {
        let before = try #require(try await fixture.storage.account(ada))
        try await fixture.storage.setRole(of: ada, to: .viewer, audit: .sample(.accountChanged))
        let session = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin).session
        let accounts = AccountService(storage: fixture.storage, signIn: service)
        try await accounts.changePassword(
            of: before, keeping: session, from: Self.password, to: "another good password", by: fixture.context().origin)
        #expect(try await fixture.storage.account(ada)?.role == .viewer)
        #expect(try await attempt("ada", "another good password") == .signedIn)
    }

    @Test func aPasswordThatWasChangedMeanwhileIsNotReplaced() async throws {
        let before = try #require(try await fixture.storage.account(ada))
        let session = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin).session
        let hash = try await service.hash("another good password")
        try await fixture.storage.setPassword(of: ada, from: nil, to: hash, keeping: nil, audit: .sample(.passwordChanged))
        let accounts = AccountService(storage: fixture.storage, signIn: service)
        await #expect(throws: AccountChangeError.invalid([.current: "This is not your current password."])) {
            try await accounts.changePassword(
                of: before, keeping: session, from: Self.password, to: "a third good password", by: fixture.context().origin)
        }
        #expect(try await attempt("ada", "another good password") == .signedIn)
    }

    @Test func aSessionIsNotOpenedWithAPasswordThatWasChangedWhileItWasChecked() async throws {
        let session = SignInSession(
            tokenDigest: [1], account: ada, createdAt: fixture.time.now, lastSeenAt: fixture.time.now, device: "", address: "")
        let device = KnownDevice(digest: [2], account: ada, lastUsedAt: fixture.time.now)
        await #expect(throws: StoreError.stale) {
            try await fixture.storage.add(
                session, from: device, password: "an earlier hash", takingBack: nil, replacing: nil,
                forgettingThoseSeenBefore: fixture.time.now, audit: .sample(.signedIn))
        }
        #expect(try await fixture.storage.session(tokenDigest: [1]) == nil)
    }

    @Test func guessersDoNotKeepASignedInPersonFromChangingThePassword() async throws {
        let account = try #require(try await fixture.storage.account(ada))
        for number in 0..<5 { try await attempt("ada", "wrong", from: "198.51.100.\(number)") }
        for _ in 0..<5 { try await attempt("nobody", "wrong") }
        #expect(try await service.isPassword(Self.password, of: account, from: fixture.context().origin))
    }

    @Test func failuresAndSessionsOfTheFutureCountNowhere() async throws {
        let days = 400 * 86_400.0
        fixture.time.adjustWallClock(by: days)
        for number in 0..<5 { try await attempt("ada", "wrong", from: "198.51.100.\(number)") }
        for _ in 0..<5 { try await attempt("nobody", "wrong") }
        let future = try await service.signIn(name: "bob", password: Self.password, from: fixture.context(from: "203.0.113.1").origin)
        #expect(try await attempt("ada") == .blocked(minutes: 15))
        fixture.time.adjustWallClock(by: -days)
        #expect(try await attempt("ada") == .signedIn)
        // It would last for more than a year.
        #expect(try await service.signedInUser(token: future.token, now: fixture.time.now) == nil)
        #expect(try await fixture.storage.session(tokenDigest: future.token.digest) == nil)
        for number in 0..<5 { #expect(try await attempt("bob", "wrong", from: "198.51.100.\(number)") == .wrong) }
        #expect(try await attempt("bob", from: "203.0.113.1", device: future.device) == .blocked(minutes: 15))
    }

    @Test func aUseInTheFutureDoesNotProlongASession() async throws {
        let token = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin).token
        fixture.time.adjustWallClock(by: 3 * 86_400)
        try await fixture.storage.touchSession(tokenDigest: token.digest, at: fixture.time.now)
        fixture.time.adjustWallClock(by: -3 * 86_400 + 3_600)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        fixture.time.advance(by: 8 * 3_600 + 1)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) == nil)
    }

    @Test func refusedSignInsOfAStrangerLeaveTwoEntriesAWindow() async throws {
        let before = try await fixture.log().count
        for number in 0..<300 { try await attempt(number.isMultiple(of: 2) ? "ada" : "name \(number)", "wrong") }
        #expect(try await fixture.log().count == before + 1)
        fixture.time.advance(by: 16 * 60)
        try await attempt("ada", "wrong")
        let entries = try await fixture.log().prefix(3)
        #expect(Set(entries.map(\.action)) == [.signInFailed, .refusedSignInsCounted])
        #expect(try await fixture.log().count == before + 3)
        let detail = try #require(try await fixture.log(.refusedSignInsCounted).first?.detail)
        #expect(detail.hasPrefix("300 sign-ins from 192.0.2.1 "), "\(detail)")
        #expect(
            detail.contains("5 for a wrong name or password, 295 because of too many failures") && detail.hasSuffix("names tried: 151."))
        // One refusal alone is not counted again.
        fixture.time.advance(by: 16 * 60)
        await service.finish()
        #expect(try await fixture.log().count == before + 3)
    }

    @Test func refusedSignInsOfManyAddressesShareAnEntry() async throws {
        let before = try await fixture.log().count
        for number in 0..<200 {
            for _ in 0..<2 { try await attempt("name", "wrong", from: "2001:db8:0:\(String(number, radix: 16))::1") }
        }
        #expect(try await fixture.log().count == before + SignInLimits.maxNetworks)
        await service.finish()
        #expect(try await fixture.log().count == before + 2 * SignInLimits.maxNetworks + 1)
        let collective = try await fixture.log(.refusedSignInsCounted).filter { $0.address == nil }
        #expect(collective.count == 1)
        #expect(collective.first?.detail.hasPrefix("300 sign-ins from 150 other addresses ") == true)
    }

    @Test func countsAreWrittenOnceTheStorageWorksAgain() async throws {
        for _ in 0..<3 { try await attempt("ada", "wrong") }
        await service.finish()
        await service.finish()
        #expect(try await fixture.log(.refusedSignInsCounted).count == 1)
    }

    /// In which order attempts ended.
    private final class Order: Sendable {
        let names = Mutex<[String]>([])
    }

    @Test func aFullQueueRefusesAtOnceAndKnownDevicesGoFirst() async throws {
        let device = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin).device
        let (started, release) = (Signal(), Signal())
        async let first: Void = service.queue.run(.known) {
            started.fire()
            await release.wait(ignoringCancellation: true)
        }
        await started.wait()
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<PasswordQueue.defaultLength {
                group.addTask {
                    _ = try await attempt("bob", "wrong", from: "198.51.100.\(number)")
                    order.names.withLock { $0.append("guess") }
                }
            }
            while service.queue.waitingCount < PasswordQueue.defaultLength { await Task.yield() }
            // Of one address only one waits, and beyond the length no other does.
            #expect(try await attempt("bob", "wrong", from: "198.51.100.1") == .busy(seconds: 2))
            #expect(try await attempt("bob", from: "203.0.113.1") == .busy(seconds: 2))
            group.addTask {
                let ending = try await attempt("ada", device: device)
                #expect(ending == .signedIn)
                order.names.withLock { $0.append("known") }
            }
            while service.queue.waitingCount <= PasswordQueue.defaultLength { await Task.yield() }
            release.fire()
            try await group.waitForAll()
        }
        try await first
        #expect(order.names.withLock { $0.firstIndex(of: "known") }.map { $0 <= 1 } == true)
        #expect(service.queue.waitingCount == 0)
    }

    @Test func whoEndsWaitingLeavesTheQueue() async throws {
        let (started, release) = (Signal(), Signal())
        async let first: Void = service.queue.run(.known) {
            started.fire()
            await release.wait(ignoringCancellation: true)
        }
        await started.wait()
        let waiting = Task { try await service.queue.run(.unknown(ClientNetwork("192.0.2.1"))) {} }
        while service.queue.waitingCount == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(service.queue.waitingCount == 0)
        release.fire()
        try await first
        #expect(try await service.queue.run(.known) { 1 } == 1)
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
        let signedIn = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        let token = signedIn.token
        fixture.time.advance(by: 8 * 3600 - 0.5)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        // Use has restarted the eight hours.
        fixture.time.advance(by: 8 * 3600 - 0.5)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        fixture.time.advance(by: 8 * 3600)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) == nil)
    }

    @Test func aSessionEndsAfterSevenDaysEvenIfActive() async throws {
        let signedIn = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        let token = signedIn.token
        for _ in 0..<(7 * 24 - 1) {
            fixture.time.advance(by: 3600)
            #expect(try await service.signedInUser(token: token, now: fixture.time.now) != nil)
        }
        fixture.time.advance(by: 3600)
        #expect(try await service.signedInUser(token: token, now: fixture.time.now) == nil)
    }

    @Test func lastUseIsStoredOnceAMinute() async throws {
        let signedIn = try await service.signIn(name: "ada", password: Self.password, from: fixture.context().origin)
        let (token, session) = (signedIn.token, signedIn.session)
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
        if keepsOne {
            let hash = try await service.hash("another good password")
            try await fixture.storage.setPassword(
                of: ada, from: nil, to: hash, keeping: first.session, audit: .sample(.passwordChanged))
        } else {
            try await fixture.storage.setRole(of: ada, to: .viewer, audit: .sample(.accountChanged))
        }
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
