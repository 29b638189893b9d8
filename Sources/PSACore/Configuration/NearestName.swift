/// Finds the known name a person most likely meant.
package enum NearestName {
    /// The candidate with the fewest edits, if they are few enough to be a slip: a third of the length, at least one.
    package static func of(_ typed: String, in candidates: [String]) -> String? {
        let wanted = Array(typed.lowercased().prefix(64))
        let ranked = candidates.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.name.count / 3) ? best.name : nil
    }

    /// The candidate with the fewest edits, if they are no more than so many.
    package static func of(_ typed: String, in candidates: [String], edits: Int) -> String? {
        let wanted = Array(typed.lowercased().prefix(64))
        let ranked = candidates.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
        return ranked.min { $0.distance < $1.distance }.flatMap { $0.distance <= edits ? $0.name : nil }
    }

    private static func distance(_ lhs: [Character], _ rhs: [Character]) -> Int {
        var previous = Array(0...rhs.count)
        for (row, character) in lhs.enumerated() {
            var current = [row + 1]
            for (column, other) in rhs.enumerated() {
                let substitution = previous[column] + (character == other ? 0 : 1)
                current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[rhs.count]
    }
}
