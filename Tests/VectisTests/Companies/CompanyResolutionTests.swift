import FoundationEssentials
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Company resolution") struct CompanyResolutionTests {
    private static let companies: [Company] = [
        .sample(1, "Acme Ltd."), .sample(2, "Joe's Garage"), .sample(3, "Twin"), .sample(4, "TWIN"), .sample(5, "Smith & Sons GmbH"),
        .sample(6, "Smith & Sons AG"), .sample(7, "Beta"), .sample(8, "Beta GmbH"), .sample(9, "Old Ltd", isActive: false),
        .sample(10, "Old Ltd", isActive: true), .sample(11, "Gone", isActive: false), .sample(12, "GONE", isActive: false),
        .sample(13, "Ångström"), .sample(14, "Delta Ltd", isActive: false), .sample(15, "Delta Limited", isActive: true),
    ]

    @Test(arguments: [
        ("", "", CompanyResolution.notNamed), (" ", "\u{A0}\u{200B}", .notNamed),
        ("1", "", .resolved(Company.ID(1))), (" 1 ", "Beta", .unresolved(.contradictory)), ("1", "Acme GmbH", .resolved(Company.ID(1))),
        ("1", "Acme London", .resolved(Company.ID(1))), ("1", "Nobody", .unresolved(.contradictory)),
        ("8", "Beta", .unresolved(.contradictory)), ("3", "Twin", .resolved(Company.ID(3))), ("13", "Angstrom", .resolved(Company.ID(13))),
        ("", "acme ltd.", .resolved(Company.ID(1))), ("", "Acme Limited", .resolved(Company.ID(1))), ("", "ACME", .resolved(Company.ID(1))),
        ("", "Joe’s  Garage", .resolved(Company.ID(2))), ("", "Joe&#039;s\u{A0}Garage", .resolved(Company.ID(2))),
        ("", "Twin", .unresolved(.ambiguous)), ("", "Smith &amp; Sons", .unresolved(.ambiguous)),
        ("", "Smith and Sons G.m.b.H.", .resolved(Company.ID(5))), ("", "Smith und Sons Ltd", .unresolved(.ambiguous)),
        ("", "beta", .resolved(Company.ID(7))), ("", "Beta G.m.b.H.", .resolved(Company.ID(8))), ("", "Beta Inc", .unresolved(.ambiguous)),
        ("", "Old Ltd", .resolved(Company.ID(10))), ("", "old limited", .resolved(Company.ID(10))), ("", "Gone", .unresolved(.ambiguous)),
        ("", "Delta", .resolved(Company.ID(15))), ("", "Delta Ltd", .resolved(Company.ID(15))),
        ("", "Angstrom", .resolved(Company.ID(13))), ("", "Acme GmbH", .unresolved(.notFound)), ("", "Acm", .unresolved(.notFound)),
        ("abc", "Beta", .resolved(Company.ID(7))), ("99999999999", "Beta", .resolved(Company.ID(7))),
        ("0", "Beta", .resolved(Company.ID(7))),
        ("-1", "", .unresolved(.notFound)), ("3.0", "", .unresolved(.notFound)), ("77", "Nobody", .unresolved(.notFound)),
        ("77", "Twin", .unresolved(.ambiguous)),
    ])
    func aCompanyIsTheOneThatIsMeantOrInDoubt(id: String, name: String, resolution: CompanyResolution) async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        #expect(try await fixture.resolve(id, name) == resolution)
    }

    @Test func aMappingTakesPrecedence() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        try await fixture.map("1", "Acme Ltd.", to: 7)
        try await fixture.map("", "Twin", to: 4)
        #expect(try await fixture.resolve("1", "ACME  LTD.") == .resolved(Company.ID(7)))
        #expect(try await fixture.resolve("", "twin") == .resolved(Company.ID(4)))
        // The id alone was not what the person saw, and another id with that name is what it says.
        #expect(try await fixture.resolve("1", "") == .resolved(Company.ID(1)))
        #expect(try await fixture.resolve("3", "Twin") == .resolved(Company.ID(3)))
        #expect(try await fixture.resolve("77", "Twin") == .resolved(Company.ID(4)))
    }

    @Test func aMappingToARemovedCompanyNeedsReview() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        try await fixture.map("", "Nobody", to: 99)
        #expect(try await fixture.resolve("", "Nobody") == .unresolved(.notFound))
    }

    @Test func aMappingOfAnotherTenantIsIgnored() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        try await fixture.map("", "Nobody", to: 7)
        var moved = fixture.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        #expect(try await fixture.resolve("", "Nobody", of: moved) == .unresolved(.notFound))
    }

    @Test func withoutAListAValidIDIsAccepted() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.beforeListingCompanies = { throw PSAError(.permissionScopeMissing) } }
        try await fixture.map("", "Beta", to: 7)
        #expect(try await fixture.resolve("42", "") == .resolved(Company.ID(42)))
        #expect(try await fixture.resolve("", "Acme Ltd.") == .unresolved(.unreadable))
        #expect(try await fixture.resolve("", "beta") == .resolved(Company.ID(7)))
        #expect(fixture.psa.state.companyListings == 1)
    }

    @Test func anIncompleteListProvesNothing() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave {
            $0.companies = Self.companies
            $0.companiesAreCutOff = true
        }
        #expect(try await fixture.resolve("", "joe’s garage") == .resolved(Company.ID(2)))
        #expect(try await fixture.resolve("", "Acme") == .unresolved(.incomplete))
        #expect(try await fixture.resolve("", "Nobody") == .unresolved(.incomplete))
        #expect(try await fixture.resolve("77", "") == .resolved(Company.ID(77)))
        #expect(try await fixture.resolve("77", "Nobody") == .unresolved(.incomplete))
        #expect(try await fixture.resolve("77", "Joe's Garage") == .resolved(Company.ID(2)))
    }

    @Test("a list without any company proves nothing, and is read again after a minute")
    func noCompanies() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [] }
        #expect(try await fixture.resolve("", "Beta") == .unresolved(.incomplete))
        fixture.psa.behave { $0.companies = Self.companies }
        fixture.time.advance(by: 61)
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(7)))
    }

    /// Uses a copy of companies that was read some minutes ago, or will be with negative ones.
    private static func useCopy(of companies: [CompanyFacts], minutesOld: Double, _ fixture: OutboxFixture) async {
        let tenant = fixture.connection.tenant
        await fixture.companies.use { [time = fixture.time] _ in
            CompanyList(
                companies, of: tenant, readAt: time.now - minutesOld * 60, idForm: FakePSAConnector.descriptor.companyIDs, isComplete: true)
        }
    }

    @Test("a company that was found in an old copy is read again before its ticket is created", arguments: [20.0, -600])
    func renamedCompany(minutesOld: Double) async throws {
        let fixture = try await OutboxFixture()
        await Self.useCopy(of: [CompanyFacts(id: Company.ID(7), name: "Beta", isActive: true)], minutesOld: minutesOld, fixture)
        fixture.psa.behave { $0.companies = [.sample(7, "Beta (old)"), .sample(70, "Beta")] }
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(70)))
    }

    @Test func aCompanyOfARecentCopyIsNotReadAgain() async throws {
        let fixture = try await OutboxFixture()
        await Self.useCopy(of: [CompanyFacts(id: Company.ID(7), name: "Beta", isActive: true)], minutesOld: 10, fixture)
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(7)))
        #expect(fixture.psa.state.companyListings == 0)
    }

    @Test("a removed company that a copy still lists does not make a name ambiguous")
    func removedCompany() async throws {
        let fixture = try await OutboxFixture()
        let facts = [CompanyFacts(id: Company.ID(7), name: "Beta"), CompanyFacts(id: Company.ID(70), name: "Beta")]
        await Self.useCopy(of: facts, minutesOld: 0, fixture)
        fixture.psa.behave { $0.companies = [.sample(70, "Beta")] }
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(70)))
    }

    @Test func aCompanyThatThePSARefusedIsSearchedInANewList() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(7, "Beta")] }
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(7)))
        let asked = fixture.time.now + 1
        fixture.time.advance(by: 2)
        fixture.psa.behave { $0.companies = [.sample(70, "Beta")] }
        #expect(await fixture.companies.distrustList(of: fixture.connection.id, since: asked))
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(70)))
        #expect(await !fixture.companies.distrustList(of: fixture.connection.id, since: asked))
    }

    @Test func aListThatTookLongerDoesNotReplaceANewerOne() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave {
            $0.beforeListingCompanies = {
                fixture.psa.behave {
                    $0.beforeListingCompanies = {}
                    $0.companies = [.sample(70, "Beta")]
                }
                fixture.time.advance(by: 1)
                let newer = try await fixture.resolve("", "Beta")
                #expect(newer == .resolved(Company.ID(70)))
                fixture.psa.behave { $0.companies = [.sample(7, "Beta")] }
            }
        }
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(70)))
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(70)))
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func aCompanyNewerThanTheListIsFound() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(7)))
        fixture.psa.behave { $0.companies.append(.sample(50, "New")) }
        fixture.time.advance(by: 120)
        #expect(try await fixture.resolve("", "New") == .resolved(Company.ID(50)))
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func anEventOlderThanTheListNeedsNoNewList() async throws {
        let fixture = try await OutboxFixture()
        let early = fixture.time.now
        fixture.time.advance(by: 10)
        fixture.psa.behave { $0.companies = Self.companies }
        #expect(try await fixture.resolve("", "Nobody") == .unresolved(.notFound))
        fixture.time.advance(by: 120)
        #expect(try await fixture.resolve("", "Nobody", since: early) == .unresolved(.notFound))
        #expect(fixture.psa.state.companyListings == 1)
    }

    @Test func aCompanyMissingFromACopyIsSearchedAgainInTheNextList() async throws {
        let fixture = try await OutboxFixture()
        let tenant = fixture.connection.tenant
        fixture.psa.behave { $0.companies = [.sample(7, "Beta")] }
        await fixture.companies.use { [time = fixture.time] _ in
            CompanyList([], of: tenant, readAt: time.now - 1_200, idForm: FakePSAConnector.descriptor.companyIDs, isComplete: true)
        }
        #expect(try await fixture.resolve("", "New") == .unresolved(.notFound))
        fixture.psa.behave { $0.companies = [.sample(50, "New")] }
        fixture.time.advance(by: 900)
        #expect(try await fixture.resolve("", "New") == .resolved(Company.ID(50)))
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func unknownCompaniesReadTheListAtMostOnceAMinute() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        for number in 0..<120 {
            _ = try await fixture.resolve("", "Nobody \(number)")
            _ = try await fixture.resolve("", "Nobody")
            fixture.time.advance(by: 1)
        }
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func aFailedReadIsThrown() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        await #expect(throws: PSAError.self) { try await fixture.resolve("1", "Acme") }
    }

    @Test(arguments: [
        ("1", true), ("2147483647", true), ("2147483648", false), ("0", false), ("-1", false), ("abc", false), ("3.0", false),
        ("003", false),
        ("+3", false), ("", false), ("99999999999999999999", false),
    ])
    func aNumberIsAnIDOnlyWithinItsBounds(id: String, accepts: Bool) {
        #expect(IdentifierForm.wholeNumbers(1...Int(Int32.max)).accepts(id) == accepts)
    }

    @Test func withTextIDsAnyTextMayBeACompanyID() {
        #expect(IdentifierForm.text.accepts("abc"))
        #expect(!IdentifierForm.text.accepts(""))
    }
}

extension OutboxFixture {
    fileprivate func resolve(
        _ id: String, _ name: String, since moment: Date? = nil, of other: StoredConnection? = nil
    ) async throws -> CompanyResolution {
        let connection = other ?? self.connection
        return try await companies.resolve(id: id, name: name, since: moment ?? time.now, of: connection) {
            try await connections.session(of: connection)
        }
    }

    fileprivate func map(_ id: String, _ name: String, to company: Int) async throws {
        _ = try await storage.add(
            NewCompanyMapping(
                connection: connection.id, tenant: connection.tenant, sent: SentCompany(id: id, name: name), company: Company.ID(company),
                companyName: "C", mappedBy: "ada", mappedAt: time.now), audit: .outbox(.companyMapped))
    }
}

@Suite("Company names") struct CompanyNameTests {
    @Test(arguments: [
        ("Joe\u{2019}s Café", "joe's café"), ("Joe&#8217;s Caf&eacute;", "joe's café"), ("Joe&rsquo;s Cafe\u{301}", "joe's café"),
        ("JOE\u{60}S CAFÉ", "joe's café"), ("Joe&#x2019;s Caf&#233;", "joe's café"), ("Joe&#146;s Café", "joe's café"),
        ("Smith &amp; Sons", "smith & sons"), ("Smith &AMP; Sons", "smith & sons"), ("Smith &amp;amp; Sons", "smith & sons"),
        ("Smith &amp;amp;amp;amp; Sons", "smith & sons"), ("Smith &#38; Sons", "smith & sons"), ("Smith &#x26; Sons", "smith & sons"),
        ("Smith &amp Sons", "smith & sons"), ("Smith ＆ Sons", "smith & sons"), ("AT&T", "at&t"), ("R&D; Ltd", "r&d; ltd"),
        ("&bogus; Inc", "&bogus; inc"), ("&#0; Inc", "&#0; inc"), ("&#xD800; Inc", "&#xd800; inc"),
        ("&#99999999999; X", "&#99999999999; x"),
        ("Ａｃｍｅ　Ｌｔｄ", "acme ltd"), ("ﬁrst", "first"), ("Acme\u{2122}", "acme"), ("Acme\u{AE} Ltd", "acme ltd"), ("㈱アクメ", "(株)アクメ"),
        ("ｱｸﾒ", "アクメ"), ("Acme \u{2014} West", "acme - west"), ("Acme \u{2212} West", "acme - west"), ("Acme \u{2010} West", "acme - west"),
        ("\u{201C}Acme\u{201D}", "\"acme\""), ("«Acme»", "\"acme\""), ("\u{201E}Acme\u{201F}", "\"acme\""),
        ("&quot;Acme&quot;", "\"acme\""),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"), ("Σίσυφος", "σίσυφοσ"), ("A\u{301}B", "áb"), ("&Scaron;koda", "škoda"), ("", ""), ("   ", ""),
        ("\u{200B}\u{FEFF}", ""), ("&nbsp;", ""), ("&#8203;", ""),
    ])
    func oneNameHasOneKeyHoweverItIsSpelled(name: String, key: String) { #expect(CompanyName.key(of: name) == key) }

    /// Every character that Unicode calls a space, and the ones that only look like one.
    private static let spaces: [Unicode.Scalar] =
        (0...0x3000).compactMap(Unicode.Scalar.init).filter(\.properties.isWhitespace) + ["\u{2800}"]

    @Test(arguments: spaces) func everySpaceIsASpace(space: Unicode.Scalar) {
        #expect(CompanyName.key(of: "\(space)Acme\(space)\(space)Ltd \(space)") == "acme ltd")
    }

    @Test func invisibleCharactersAreIgnored() {
        let unseen = (0...0xE0FFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init).filter { scalar in
            let isControl = [.control, .format].contains(scalar.properties.generalCategory)
            return (isControl || scalar.properties.isDefaultIgnorableCodePoint) && !scalar.properties.isWhitespace
        }
        #expect(unseen.count > 4_000)
        #expect(unseen.filter { CompanyName.key(of: "Ac\($0)me") != "acme" } == [])
    }

    @Test(
        arguments: "'\u{2018}\u{2019}\u{201A}\u{201B}\u{2032}\u{2035}\u{2B9}\u{2BB}\u{2BC}\u{B4}\u{60}\u{FF07}".unicodeScalars.map(\.self))
    func everyApostropheIsOne(sign: Unicode.Scalar) { #expect(CompanyName.key(of: "O\(sign)Brien") == "o'brien") }

    @Test func everyDashIsOne() {
        let dashes = (0...0xFFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init).filter {
            $0.properties.generalCategory == .dashPunctuation
        }
        #expect(dashes.count > 20)
        #expect(dashes.filter { CompanyName.key(of: "Acme\($0)West") != "acme-west" } == [])
    }

    @Test(arguments: [
        ["Acme Ltd.", "ACME Limited", "Acme, Ltd", "Acme (Ltd)", "Acme Co., Ltd.", "acme ltd"],
        ["Acme GmbH", "Acme G.m.b.H.", "Acme G. m. b. H.", "Acme Ges.m.b.H.", "Acme Gesellschaft mit beschränkter Haftung", "Acme mbH"],
        ["Acme GmbH & Co. KG", "Acme GmbH und Co KG", "Acme GmbH & Co. K.G.", "Acme G.m.b.H. & Co.KG"],
        ["Acme Inc", "Acme, Inc.", "ACME Incorporated"], ["Acme LLC", "Acme L.L.C.", "Acme Limited Liability Company"],
        ["Smith & Jones", "Smith and Jones", "Smith und Jones", "Smith + Jones", "Smith &amp; Jones", "SMITH&JONES"],
        ["Straße AG", "Strasse AG", "STRASSE A.G.", "Straße Aktiengesellschaft"], ["Müller KG", "Mueller KG", "MÜLLER K.G."],
        ["Café Noir", "Cafe Noir", "CAFÉ-NOIR"], ["Łódź sp. z o.o.", "Lodz Sp. z o. o.", "LODZ Spółka z o.o."],
        ["Acme S.A.R.L.", "Acme SARL", "Acme S.à r.l."], ["Joe's Garage", "Joes Garage", "Joe’s  Garage"],
        ["Acme Pty Ltd", "Acme Pty. Limited", "Acme Proprietary Limited"], ["株式会社アクメ", "アクメ株式会社", "㈱アクメ", "アクメ(株)"],
        ["A.C.M.E. Corp", "ACME Corporation"], ["Vestas A/S", "Vestas AS", "Vestas a.s."],
    ])
    func spellingsOfOneCompanyAreAlike(names: [String]) {
        let first = CompanyName(names[0])
        for name in names.map(CompanyName.init) {
            #expect(!first.cores.isDisjoint(with: name.cores), "\(name) \(first)")
            #expect(name.legalForm == first.legalForm, "\(name)")
        }
    }

    @Test(arguments: [
        ("Acme", "Acne"), ("Smith & Co", "Smith"), ("Acme UK Ltd", "Acme Ltd"), ("Acme 1", "Acme 2"), ("Limited", "Company"),
        ("Ltd", ""), ("Muller", "Mueller"), ("Kita 1.1", "Kita 11"), ("Bolig Ås", "Bolig AS"), ("Meier\u{FFFD}", "Meier"), ("が", "か"),
        ("Smith & Jones", "Smith Jones"),
    ])
    func differentCompaniesAreNotAlike(one: String, other: String) {
        #expect(CompanyName(one).cores.isDisjoint(with: CompanyName(other).cores))
    }
}

@Suite("Company directory") struct CompanyDirectoryTests {
    @Test(arguments: [
        ("Acme", Company.ID(1)), ("  aCME ", Company.ID(1)), ("Beta", nil), ("Twin", nil), ("TRIPLE", nil), ("", nil),
    ])
    func aNameLeadsToTheOneCompanyThatHasIt(name: String, id: Company.ID?) async throws {
        let fixture = try await OutboxFixture()
        let names = ["Acme", "Twin", "twin", "Triple", "triple", "Triple "]
        fixture.psa.behave { $0.companies = names.enumerated().map { .sample($0.offset + 1, $0.element) } }
        #expect(try await Self.id(name, fixture, CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)) == id)
    }

    @Test func theListIsReadOncePerQuarterHour() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(1, "Acme")] }
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        for _ in 0..<100 { _ = try await Self.id("Acme", fixture, directory) }
        #expect(fixture.psa.state.companyListings == 1)
        fixture.time.advance(by: 15 * 60)
        fixture.psa.behave { $0.companies = [.sample(2, "Acme")] }
        #expect(try await Self.id("Acme", fixture, directory) == Company.ID(2))
    }

    @Test func aClockSetBackDoesNotKeepAnOldCompanyList() async throws {
        let fixture = try await OutboxFixture()
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        _ = try await Self.id("Acme", fixture, directory)
        fixture.time.adjustWallClock(by: -86_400)
        _ = try await Self.id("Acme", fixture, directory)
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func companiesOfAnotherTenantAreNotUsed() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(1, "Acme")] }
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        _ = try await Self.id("Acme", fixture, directory)
        var moved = fixture.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        fixture.psa.behave { $0.companies = [.sample(9, "Acme")] }
        let session = try await fixture.connections.session(of: moved)
        #expect(try await directory.resolve(id: "", name: "Acme", since: .distantPast, of: moved, { session }) == .resolved(Company.ID(9)))
    }

    @Test(arguments: [ErrorCode.permissionRoleDenied, .permissionScopeMissing, .connectorUnsupported])
    func aConnectionWithoutPermissionToReadCompaniesHasNone(code: ErrorCode) async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.beforeListingCompanies = { throw PSAError(code) } }
        #expect(try await Self.id("Acme", fixture, CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)) == nil)
    }

    @Test func aFailedReadIsThrownAndNotCached() async throws {
        let fixture = try await OutboxFixture()
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        await #expect(throws: PSAError.self) { try await Self.id("Acme", fixture, directory) }
        fixture.psa.behave {
            $0.beforeListingCompanies = {}
            $0.companies = [.sample(1, "Acme")]
        }
        #expect(try await Self.id("Acme", fixture, directory) == Company.ID(1))
    }

    @Test func aTicketIsCreatedForTheNamedCompanyOrNamesItInTheText() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(7, "Acme")] }
        _ = try await fixture.rule()
        _ = try await fixture.job("1", company: "acme")
        _ = try await fixture.job("2", company: "Nobody")
        await fixture.work()
        let drafts = fixture.psa.state.drafts
        #expect(drafts.map(\.company) == [Company.ID(7), nil])
        #expect(drafts.map { $0.details?.contains("Company: ") } == [false, true])
    }

    @Test(arguments: [("42", [Company.ID(42)]), ("43", [nil])]) func theSendersIDIsUsedIfThePSAHasIt(
        id: String, companies: [Company.ID?]
    ) async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(42, "Acme")] }
        _ = try await fixture.rule()
        fixture.psa.behave { $0.companies = [.sample(42, "Acme")] }
        var event = HostEvent.sample(company: "", receivedAt: fixture.time.now)
        event.companyID = id
        _ = try await fixture.events.accept(event)
        await fixture.work()
        #expect(fixture.psa.state.drafts.map(\.company) == companies)
        let unmatched = try await fixture.storage.unmatchedCompanies(of: fixture.connection.id)
        #expect(unmatched.map(\.sent.id) == (companies == [nil] ? [id] : []))
    }

    private static func id(_ name: String, _ fixture: OutboxFixture, _ directory: CompanyDirectory) async throws -> Company.ID? {
        let session = try await fixture.connections.session(of: fixture.connection)
        guard
            case .resolved(let id) = try await directory.resolve(
                id: "", name: name, since: .distantPast, of: fixture.connection, { session })
        else { return nil }
        return id
    }
}
