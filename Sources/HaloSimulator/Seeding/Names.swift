/// Invented names.
///
/// No firm or person is meant.
enum Names {
    private static let places = [
        "Larkmoor", "Thistlebrook", "Quillhaven", "Fenwarden", "Oakenshore", "Marrowgate", "Dunvale", "Pellbridge", "Harrowmint",
        "Silverfen",
        "Wexmere", "Tarnholt", "Birchlow", "Cindermoor", "Elmsworthy", "Gorsefield", "Hollowby", "Inglemere", "Kestrelford", "Loomcroft",
    ]
    private static let trades = [
        "Dental Group", "Logistics", "Legal", "Joinery", "Veterinary Practice", "Accountancy", "Bakery", "Architects", "Nurseries",
        "Print Works",
    ]
    private static let firstNames = [
        "Ada", "Bruno", "Cora", "Dev", "Elin", "Farid", "Greta", "Hugo", "Imani", "Jonas", "Kira", "Leo", "Mina", "Nils", "Orla", "Pavel",
        "Quinn",
        "Rosa", "Samir", "Tove", "Ugo", "Vera", "Wim", "Yara", "Zoë",
    ]
    private static let surnames = [
        "Ashdown", "Brandvik", "Castell", "Dunmore", "Eriksdal", "Fairholm", "Grünwald", "Hartmere", "Isleworthy", "Jarrow", "Kestrel",
        "Lindqvist",
        "Merrow", "Northcote", "O'Farrow", "Pennywell", "Quarrie", "Rookwood", "Sandhurst-Lee", "Tamsin", "Underhay", "Vantongeren",
        "Wetherall",
    ]

    /// The name of the n-th company; the first two hundred are all different, later ones get a number.
    static func company(_ index: Int) -> String {
        let place = places[index % places.count]
        let trade = trades[(index / places.count + index) % trades.count]
        let round = index / (places.count * trades.count)
        return round == 0 ? "\(place) \(trade)" : "\(place) \(trade) \(round + 1)"
    }

    /// A domain below `.example`, which nobody can own.
    static func domain(_ company: String) -> String { company.lowercased().filter { $0.isLetter || $0.isNumber } + ".example" }

    static func person(_ generator: inout SeededGenerator) -> (first: String, last: String) {
        (generator.pick(firstNames, or: "Ada"), generator.pick(surnames, or: "Ashdown"))
    }

    /// A short code such as `LARKDE7`.
    static func code(_ company: String, _ index: Int) -> String {
        let words = company.split(separator: " ")
        let letters = (words.first.map { String($0.prefix(4)) } ?? "") + (words.dropFirst().first.map { String($0.prefix(2)) } ?? "")
        return letters.uppercased() + String(index)
    }
}
