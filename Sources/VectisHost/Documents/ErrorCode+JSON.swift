import PSACore

extension ErrorCode {
    /// The entry of the catalogue, for programs: a problem without what only an occurrence has.
    func catalogueEntry(in renderer: TextRenderer) -> JSONValue {
        guard case .object(let members) = PSAError(self).problem(in: renderer) else { return nil }
        return .object(members.filter { $0.name != "correlationID" })
    }
}
