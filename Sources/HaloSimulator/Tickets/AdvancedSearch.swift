import FoundationEssentials

/// The `advanced_search` parameter: JSON text with a list of conditions.
enum AdvancedSearch {
    private struct Condition: Decodable {
        var filter_name: String
        var filter_type: Int
        var filter_value: String
    }

    /// HaloPSA fact: names that the server does not know are a 400; here the conditions are checked but not applied.
    static func problem(_ text: String?) -> String? {
        guard let text else { return nil }
        let known: Set<String> = ["id", "summary", "client_name", "third_party_id_string", "supplier_reference"]
        guard let conditions = try? JSONDecoder().decode([Condition].self, from: Data(text.utf8)),
            conditions.allSatisfy({ known.contains($0.filter_name) && (0...10).contains($0.filter_type) })
        else { return "Invalid advanced search parameter" }
        return nil
    }
}
