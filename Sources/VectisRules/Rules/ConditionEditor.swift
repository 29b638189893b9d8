extension Condition {
    /// How a person gives the value of a condition.
    package enum Editor: String, Sendable, CaseIterable {
        /// A text.
        case text
        /// The name of a company.
        case company
        /// One severity.
        case severity
        /// Any number of severities.
        case severities
        /// Yes or no.
        case yesOrNo
        /// Two times of day, and the zone of the clocks.
        case times

        /// The editor for a comparison of a field; nil if the field can't be compared so.
        package init?(_ field: Field, _ comparison: Comparison) {
            guard field.comparisons.contains(comparison) else { return nil }
            switch field {
            case .severity: self = comparison == .oneOf ? .severities : .severity
            case .hour: self = .times
            case .psaCompanyActive: self = .yesOrNo
            case .company, .psaCompanyName: self = .company
            case .source, .type, .companyID, .device, .text: self = .text
            }
        }
    }

    /// A kind of condition that a person adds: a field with an editor, and the comparison to begin with.
    package struct Kind: Sendable, Hashable {
        package let field: Field
        package let comparison: Comparison

        /// Creates a ``Kind`` out of its name; nil if there is none of it.
        package init?(name: String) {
            guard let kind = Self.all.first(where: { $0.name == name }) else { return nil }
            self = kind
        }

        private init(_ field: Field, _ comparison: Comparison) {
            self.field = field
            self.comparison = comparison
        }

        /// Its name in a form.
        package var name: String { "\(field.rawValue).\(comparison.rawValue)" }

        /// All kinds, in the order of the fields.
        package static let all: [Kind] = Field.allCases.flatMap { field in
            var editors: Set<Editor> = []
            return field.comparisons.filter { Editor(field, $0).map { editors.insert($0).inserted } ?? false }.map { Kind(field, $0) }
        }

        /// A condition of the kind, whose value a person completes.
        package func condition(in zone: TimeZoneID = .utc) -> Condition {
            let value =
                switch Editor(field, comparison) {
                case .severity: HostEvent.Severity.error.rawValue
                case .yesOrNo: "yes"
                case .times: "18:00-07:00"
                case .text, .company, .severities, nil: ""
                }
            return Condition(field: field, comparison: comparison, value: value, timeZone: zone)
        }
    }

    /// The comparisons that have the same editor, so that a person may change between them.
    package var alternatives: [Comparison] {
        let editor = Editor(field, comparison)
        return field.comparisons.filter { Editor(field, $0) == editor }
    }
}
