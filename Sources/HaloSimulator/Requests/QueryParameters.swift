/// The query of a request, parsed by the API's rules.
struct QueryParameters: Sendable {
    private var values: [String: String] = [:]
    /// The offset from UTC, in seconds, of the time zone in which dates are read.
    private let timeZoneOffset: Int

    init(_ query: [(name: String, value: String)], timeZoneOffset: Int = 0) {
        self.timeZoneOffset = timeZoneOffset
        for (name, value) in query where values[name.lowercased()] == nil { values[name.lowercased()] = value }
    }

    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// HaloPSA fact: only the text `true` means true; `orderdesc=1` does not.
    func isTrue(_ name: String) -> Bool { values[name]?.lowercased() == "true" }

    /// HaloPSA fact: ids and numbers are 32-bit integers.
    func integer(_ name: String) throws -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int32(text) else { throw ErrorReply.invalidValue(name, text) }
        return Int(number)
    }

    func integers(_ name: String) throws -> Set<Int>? {
        guard let text = text(name) else { return nil }
        return Set(
            try text.split(separator: ",").map { part in
                guard let number = Int32(part.filter { $0 != " " }) else { throw ErrorReply.invalidValue(name, text) }
                return Int(number)
            })
    }

    func time(_ name: String) throws -> HaloTime? {
        guard let text = text(name) else { return nil }
        guard let time = HaloTime(text: text) else { throw ErrorReply.invalidValue(name, text) }
        return time.adding(seconds: -timeZoneOffset)
    }
}

/// The rows of a list to send, by the API's paging rules.
struct Paging: Sendable, Equatable {
    /// HaloPSA fact: without `pageinate=true`, page number and size are ignored and `record_count` is the number of rows sent.
    let isNumbered: Bool
    let number: Int
    /// The requested size, which the envelope repeats.
    let requestedSize: Int
    let size: Int
    private let repeatsLastPage: Bool
    /// The page that repeats the one before it, or nil.
    private let repeatedPage: Int?
    private let sizes: PageSizes?
    private let extraRecordCount: Int

    /// HaloPSA fact: the page size is silently limited to 100, the default is 50, and `count` for Tickets is limited to 1000.
    init(_ query: QueryParameters, maxCount: Int = .max, plan: FaultPlan) throws {
        let cap = plan.fault(.pageCap)?.number ?? 100
        isNumbered = query.isTrue("pageinate")
        let pageSize = try query.integer("page_size") ?? 0
        number = max(1, try query.integer("page_no") ?? 1)
        let count = try query.integer("count") ?? 0
        repeatsLastPage = plan.isOn(.repeatLastPage)
        repeatedPage = plan.fault(.repeatPage)?.number
        sizes = plan.fault(.pageSizes)?.argument.flatMap(PageSizes.init)
        extraRecordCount = plan.fault(.recordCountMore)?.number ?? 0
        if isNumbered {
            requestedSize = pageSize > 0 ? pageSize : 50
            size = max(1, min(requestedSize, cap))
        } else {
            requestedSize = count > 0 ? count : 50
            size = min(requestedSize, plan.isOn(.pageCap) ? cap : maxCount)
        }
    }

    func range(of total: Int) -> Range<Int> {
        guard isNumbered else { return 0..<min(size, total) }
        let number = number == repeatedPage ? max(1, number - 1) : number
        if let sizes { return sizes.range(ofPage: number, of: total) }
        let lastPage = max(1, (total + size - 1) / size)
        let page = repeatsLastPage ? min(number, lastPage) : number
        guard page <= lastPage else { return total..<total }
        let start = (page - 1) * size
        return start..<min(start + size, total)
    }

    func total(of total: Int, sent: Int) -> Int { isNumbered ? total + extraRecordCount : sent }

    /// The members after the rows of a numbered page.
    var trailer: [UInt8] {
        guard isNumbered else { return [] }
        var json = JSONWriter()
        json.member("page_no", number)
        json.member("page_size", requestedSize)
        return json.bytes
    }
}

/// The numbers of rows of pages with different sizes, such as `100/99/51`.
struct PageSizes: Sendable, Equatable {
    private let sizes: [Int]

    /// Parses numbers separated by slashes; nil if the text is invalid.
    init?(_ text: String) {
        let sizes = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard !sizes.isEmpty, sizes.allSatisfy({ $0 > 0 && $0 <= 1000 }) else { return nil }
        self.sizes = sizes
    }

    static func validationError(_ text: String?) -> String? {
        text.flatMap(PageSizes.init) == nil ? "needs numbers of rows after a colon, such as 100/99/51" : nil
    }

    /// Returns the rows of a page; pages beyond the last number have that number of rows.
    func range(ofPage page: Int, of total: Int) -> Range<Int> {
        let before = sizes.prefix(page - 1).reduce(0, +) + max(0, page - 1 - sizes.count) * (sizes.last ?? 1)
        let size = page <= sizes.count ? sizes[page - 1] : sizes.last ?? 1
        return min(before, total)..<min(before + size, total)
    }
}
