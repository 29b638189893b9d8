/// Three assets of every company.
enum AssetSeeding {
    static let firstAsset = 3001

    static func fill(_ store: inout Store, customers: [CustomerSeeding.Customer], now: HaloTime) {
        let types = [(1, "Laptop", "Vireo 14"), (2, "Printer", "Halcyon 400"), (3, "Server", "Basalt R2")]
        for (index, customer) in customers.enumerated() {
            for (position, type) in types.enumerated() {
                let id = firstAsset + index * types.count + position
                store[.asset].put(
                    [
                        "id": .int(id), "guid": .string(SeedID.guid(0x1_0000 + id)), "inventory_number": .string("INV-\(id)"),
                        "key_field": .string("\(type.1.uppercased().prefix(3))-\(id)"), "key_field2": .string("SN\(id * 7)"),
                        "key_field3": .string(type.2), "client_id": .int(customer.id),
                        "client_name": .string(store[.client].name(of: customer.id)), "site_id": .int(customer.sites.first ?? 1),
                        "site_name": .string(store[.site].name(of: customer.sites.first ?? 1)), "assettype_id": .int(type.0),
                        "assettype_name": .string(type.1), "status_id": 1, "inactive": .bool(position == 2 && index % 5 == 4),
                        "third_party_id": .int(id * 10), "third_party_id_string": .string("rmm:\(id)"),
                        "ninjarmm_id": .int(50_000 + id), "datto_id": .string(SeedID.guid(0x2_0000 + id)), "fields": [], "customfields": [],
                        "dlastupdate": .string(now.text(.saved)),
                    ], updated: now)
            }
        }
    }
}
