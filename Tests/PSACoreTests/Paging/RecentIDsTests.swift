import Testing

@testable import PSACore

@Suite struct RecentIDsTests {
    @Test func idsAreForgottenInTheOrderTheyCame() {
        var recent = RecentIDs<Int>(capacity: 3)
        let wasNew = [1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 1, 2].map { recent.insert($0) }
        #expect(wasNew == [true, true, true, false, false, false, true, false, false, false, true, true])
    }

    @Test func theMemoryOfIDsDoesNotGrowWithTheList() throws {
        var recent = RecentIDs<Int>(capacity: PagedSequence<Row>.rememberedIDs)
        for id in 0..<20_000 { _ = recent.insert(id) }
        let stored = Mirror(reflecting: recent).children.filter { $0.label == "members" || $0.label == "ring" }
        #expect(stored.map { Mirror(reflecting: $0.value).children.count } == [4_096, 4_096])
        let last = recent.insert(20_000 - 4_096)
        let forgotten = recent.insert(20_000 - 4_097)
        #expect(!last && forgotten)
    }
}
