/// Ids that the parts of the stand-in and its tests agree on.
enum Tenant {
    /// HaloPSA fact: agent 1 is "Unassigned", client 1 the built-in unknown customer.
    static let unassigned = 1
    static let apiAgent = 10
    static let firstTicket = 1001
    static let firstClient = 12
    static let firstSite = 18
    static let firstUser = 30

    /// A GUID that is always the same for a number.
    static func guid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "5b1f0c2e-7a44-4d3b-9e61-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}
