/// Which rows of a list are sent, by the API's rules.
struct Paging: Sendable, Equatable {
    /// HaloPSA fact: without `pageinate=true` page number and size are ignored and `record_count` is the number of rows sent.
    let isNumbered: Bool
    let number: Int
    /// The size asked for, as the envelope repeats it.
    let requestedSize: Int
    let size: Int
    private let repeatsLastPage: Bool
    private let sizes: PageSizes?
    private let promisedMore: Int

    /// HaloPSA fact: the page size is capped at 100 without a word, the default is 50, `count` on Tickets stops at 1000.
    init(_ query: QueryParameters, countCap: Int = .max, plan: FaultPlan) throws {
        let cap = plan.fault(.pageCap)?.number ?? 100
        isNumbered = query.isTrue("pageinate")
        let pageSize = try query.integer("page_size") ?? 0
        number = max(1, try query.integer("page_no") ?? 1)
        let count = try query.integer("count") ?? 0
        repeatsLastPage = plan.isOn(.repeatLastPage)
        sizes = plan.fault(.pageSizes)?.argument.flatMap(PageSizes.init)
        promisedMore = plan.fault(.recordCountMore)?.number ?? 0
        if isNumbered {
            requestedSize = pageSize > 0 ? pageSize : 50
            size = max(1, min(requestedSize, cap))
        } else {
            requestedSize = count > 0 ? count : 50
            size = min(requestedSize, plan.isOn(.pageCap) ? cap : countCap)
        }
    }

    func range(of total: Int) -> Range<Int> {
        guard isNumbered else { return 0..<min(size, total) }
        if let sizes { return sizes.range(ofPage: number, of: total) }
        let lastPage = max(1, (total + size - 1) / size)
        let page = repeatsLastPage ? min(number, lastPage) : number
        guard page <= lastPage else { return total..<total }
        let start = (page - 1) * size
        return start..<min(start + size, total)
    }

    func total(of total: Int, sent: Int) -> Int { isNumbered ? total + promisedMore : sent }

    /// The members that stand behind the rows of a numbered page.
    var trailer: [UInt8] {
        guard isNumbered else { return [] }
        var json = JSONBytes()
        json.member("page_no", number)
        json.member("page_size", requestedSize)
        return json.bytes
    }
}
