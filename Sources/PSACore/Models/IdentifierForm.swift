/// How the ids of a vendor look, so that a host can tell what can be none before it asks the vendor.
public struct IdentifierForm: Sendable, Hashable {
    private let numbers: ClosedRange<Int>?

    /// Any text that ``RecordID`` takes.
    public static let text = IdentifierForm(numbers: nil)

    /// Whole numbers within bounds, written with digits only and without leading zeros.
    public static func wholeNumbers(_ bounds: ClosedRange<Int>) -> IdentifierForm { IdentifierForm(numbers: bounds) }

    /// Whether a text may be such an id; whether the vendor has a record of it is another question.
    public func accepts(_ text: String) -> Bool {
        guard let numbers else { return RecordID<Self>(text) != nil }
        guard let number = Int(text), String(number) == text else { return false }
        return numbers.contains(number)
    }
}
