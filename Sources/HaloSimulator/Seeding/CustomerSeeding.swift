/// Companies, their sites and their contacts.
struct CustomerSeeding {
    /// The ids that seeded tickets refer to.
    struct Customer: Sendable {
        var id: Int
        var sites: [Int]
        /// The contacts, each with its site.
        var contacts: [(user: Int, site: Int)]
    }

    private var generator: SeededGenerator
    private let now: HaloTime
    private var nextSite = SeedID.firstSite
    private var nextUser = SeedID.firstUser

    init(seed: UInt64, now: HaloTime) {
        generator = SeededGenerator(seed, record: -1)
        self.now = now
    }

    mutating func fill(_ store: inout Store, companies: Int, contacts: Int) -> [Customer] {
        store[.client].put(
            [
                "id": 1, "name": "Unassigned", "toplevel_id": 1, "toplevel_name": "Customers", "inactive": false, "main_site_id": 1,
                "customertype": 0,
            ], updated: now)
        store[.site].put(
            [
                "id": 1, "name": "Unassigned", "client_id": 1.0, "client_name": "Unassigned", "clientsite_name": "Unassigned/Unassigned",
                "sla_id": 1,
            ], updated: now)
        var customers: [Customer] = []
        for index in 0..<max(companies, 0) { customers.append(company(index, &store)) }
        for index in 0..<max(contacts, 0) where !customers.isEmpty {
            let position = index % customers.count
            let customer = customers[position]
            let site = generator.pick(customer.sites, or: 1)
            let (first, last) = SampleNames.person(&generator)
            let user = person(first, last, site: site, client: customer.id, inactive: index % 40 == 39, &store)
            if index % 40 != 39 { customers[position].contacts.append((user, site)) }
        }
        return customers
    }

    private mutating func company(_ index: Int, _ store: inout Store) -> Customer {
        let id = SeedID.firstClient + index
        let name = SampleNames.company(index)
        let updated = now.adding(seconds: -generator.below(200 * 86_400))
        let sites = (0..<(index % 4 == 0 ? 2 : 1)).map { nextSite + $0 }
        nextSite += sites.count
        let created = updated.adding(seconds: -300 * 86_400)
        store[.client].put(
            [
                "id": .int(id), "name": .string(name), "toplevel_id": 1, "toplevel_name": "Customers", "inactive": .bool(index % 12 == 11),
                "ref": .string(SampleNames.code(name, index)), "main_site_id": .int(sites[0]), "main_site_name": "Main",
                "accountsid": .string("C\(4000 + id)"), "main_phonenumber": .string("01632 960\(100 + index % 900)"),
                "customertype": .int(1 + index % 2), "accountmanagertech": 3,
                "pritech": 4, "is_vip": .bool(index % 9 == 0), "website": .string("https://\(SampleNames.domain(name))"),
                "domain": .string(SampleNames.domain(name)), "colour": "#1d3557", "default_currency_code": 1,
                "notes": "Call before a visit.", "datecreated": .string(created.text(.varied(index))),
                "alastupdate": .string(updated.text(.varied(index + 3))), "customfields": [],
            ], updated: updated)
        for (position, site) in sites.enumerated() {
            store[.site].put(
                [
                    "id": .int(site), "name": position == 0 ? "Main" : "Warehouse", "client_id": .double(Double(id)),
                    "client_name": .string(name), "clientsite_name": .string("\(name)/\(position == 0 ? "Main" : "Warehouse")"),
                    "inactive": .bool(index % 12 == 11), "phonenumber": .string("01632 960\(100 + index % 900)"), "sla_id": 1,
                    "timezone": "GMT Standard Time", "maincontact_id": 0,
                ], updated: updated)
            _ = person("General", "User", site: site, client: id, inactive: false, &store)
        }
        return Customer(id: id, sites: sites, contacts: [])
    }

    private mutating func person(_ first: String, _ last: String, site: Int, client: Int, inactive: Bool, _ store: inout Store) -> Int {
        let id = nextUser
        nextUser += 1
        let isGeneral = first == "General"
        let clientFields = store[.client].row(client)?.fields
        let domain = clientFields?["domain"]?.text ?? "unknown.example"
        let local = "\(first).\(last)\(id)".lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }
        store[.users].put(
            [
                "id": .int(id), "name": .string("\(first) \(last)"), "firstname": .string(first), "surname": .string(last),
                "initials": .string(String(first.prefix(1) + last.prefix(1))),
                "emailaddress": .string(isGeneral ? "" : "\(local)@\(domain)"), "login": "",
                "phonenumber": .string(isGeneral ? "" : "07700 900\(100 + id % 900)"), "client_id": .int(client),
                "client_name": clientFields?["name"] ?? "", "site_id": .double(Double(site)), "site_id_int": .int(site),
                "site_name": .string(store[.site].name(of: site)), "inactive": .bool(inactive), "isimportantcontact": .bool(id % 17 == 0),
                "isgeneraluser": .bool(isGeneral), "linked_agent_id": 0, "use": "user", "key": .int(id), "notes": "", "customfields": [],
            ], updated: now.adding(seconds: -generator.below(150 * 86_400)))
        return id
    }
}

/// Invented names of companies and people.
enum SampleNames {
    private static let places = [
        "Larkmoor", "Thistlebrook", "Quillhaven", "Fenwarden", "Oakenshore", "Marrowgate", "Dunvale", "Pellbridge", "Harrowmint",
        "Silverfen", "Wexmere", "Tarnholt", "Birchlow", "Cindermoor", "Elmsworthy", "Gorsefield", "Hollowby", "Inglemere", "Kestrelford",
        "Loomcroft",
    ]
    private static let trades = [
        "Dental Group", "Logistics", "Legal", "Joinery", "Veterinary Practice", "Accountancy", "Bakery", "Architects", "Nurseries",
        "Print Works",
    ]
    private static let firstNames = [
        "Ada", "Bruno", "Cora", "Dev", "Elin", "Farid", "Greta", "Hugo", "Imani", "Jonas", "Kira", "Leo", "Mina", "Nils", "Orla", "Pavel",
        "Quinn", "Rosa", "Samir", "Tove", "Ugo", "Vera", "Wim", "Yara", "Zoë",
    ]
    private static let surnames = [
        "Ashdown", "Brandvik", "Castell", "Dunmore", "Eriksdal", "Fairholm", "Grünwald", "Hartmere", "Isleworthy", "Jarrow", "Kestrel",
        "Lindqvist", "Merrow", "Northcote", "O'Farrow", "Pennywell", "Quarrie", "Rookwood", "Sandhurst-Lee", "Tamsin", "Underhay",
        "Vantongeren", "Wetherall",
    ]

    /// Returns the name of the n-th company; the first 200 are different, later ones have a number.
    static func company(_ index: Int) -> String {
        let place = places[index % places.count]
        let trade = trades[(index / places.count + index) % trades.count]
        let round = index / (places.count * trades.count)
        return round == 0 ? "\(place) \(trade)" : "\(place) \(trade) \(round + 1)"
    }

    /// Returns a domain below `.example`, which cannot be registered.
    static func domain(_ company: String) -> String { company.lowercased().filter { $0.isLetter || $0.isNumber } + ".example" }

    static func person(_ generator: inout SeededGenerator) -> (first: String, last: String) {
        (generator.pick(firstNames, or: "Ada"), generator.pick(surnames, or: "Ashdown"))
    }

    /// Returns a short code such as `LARKDE7`.
    static func code(_ company: String, _ index: Int) -> String {
        let words = company.split(separator: " ")
        let letters = (words.first.map { String($0.prefix(4)) } ?? "") + (words.dropFirst().first.map { String($0.prefix(2)) } ?? "")
        return letters.uppercased() + String(index)
    }
}
