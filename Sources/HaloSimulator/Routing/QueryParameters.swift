/// The query of a request, read with the API's own habits.
struct QueryParameters: Sendable {
    private var values: [String: String] = [:]
    /// The zone in whose local time dates are read, in seconds from UTC.
    private let zone: Int

    init(_ query: [(name: String, value: String)], zone: Int = 0) {
        self.zone = zone
        for (name, value) in query where values[name.lowercased()] == nil { values[name.lowercased()] = value }
    }

    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// HaloPSA fact: only the words `true` and `false` count; `orderdesc=1` is not true.
    func word(_ name: String) -> Bool? {
        switch values[name]?.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    func isTrue(_ name: String) -> Bool { word(name) == true }

    /// HaloPSA fact: ids and numbers are declared as 32 bits wide.
    func integer(_ name: String) throws -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int32(text) else { throw Refusal.invalidValue(name, text) }
        return Int(number)
    }

    func integers(_ name: String) throws -> Set<Int>? {
        guard let text = text(name) else { return nil }
        return Set(
            try text.split(separator: ",").map { part in
                guard let number = Int32(part.filter { $0 != " " }) else { throw Refusal.invalidValue(name, text) }
                return Int(number)
            })
    }

    func time(_ name: String) throws -> HaloTime? {
        guard let text = text(name) else { return nil }
        guard let time = HaloTime(text: text) else { throw Refusal.invalidValue(name, text) }
        return time.adding(seconds: -zone)
    }
}
