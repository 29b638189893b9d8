import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

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
        ("Ltd", ""), ("Muller", "Mueller"), ("が", "か"), ("Smith & Jones", "Smith Jones"),
    ])
    func differentCompaniesAreNotAlike(one: String, other: String) {
        #expect(CompanyName(one).cores.isDisjoint(with: CompanyName(other).cores))
    }
}
