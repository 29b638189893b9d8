/// One named step from a schema to the next.
///
/// Once shipped it is never changed, renamed, moved or removed.
public struct Migration: Sendable {
    /// The name under which the file remembers it.
    public let name: String
    let change: @Sendable (Database) throws -> Void

    /// Makes a step.
    ///
    /// - Parameters:
    ///   - name: A name no other step has.
    ///   - change: What it does, inside a transaction of its own. Foreign keys are checked when it is done, not before, so that
    ///     a table can be built anew.
    public init(_ name: String, _ change: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.change = change
    }
}
