import PSACore

extension Agreement: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: Agreement.self), name: try object.text("name"),
            company: try object.reference("company", to: Company.self), kind: try object.optionalText("kind"),
            statusLabel: try object.optionalText("status"), isActive: try object.optionalFlag("active"),
            startsAt: try object.optionalTimestamp("startsAt"), endsAt: try object.optionalTimestamp("endsAt"), native: row.native)
    }
}

extension RecurringInvoice: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        let lines: [Line]? =
            object.view["lines"] == nil ? nil : try object.objects("lines").map { object throws(WireMismatch) in try Line(object) }
        self.init(
            id: try object.id("id", of: RecurringInvoice.self), company: try object.reference("company", to: Company.self),
            agreement: try object.reference("agreement", to: Agreement.self), reference: try object.optionalText("reference"),
            isActive: try object.optionalFlag("active"), total: try object.optionalNumber("total"),
            nextInvoiceAt: try object.optionalTimestamp("nextInvoiceAt"), lines: lines, native: row.native)
    }
}

extension RecurringInvoice.Line {
    fileprivate init(_ object: WireObject) throws(WireMismatch) {
        self.init(
            id: try object.required("id", .identifier, \.text), itemID: try object.optional("item", .identifier, \.text),
            description: try object.text("description"), quantity: try object.required("quantity", .number, \.double),
            unitPrice: try object.optionalNumber("unitPrice"), netAmount: try object.optionalNumber("netAmount"))
    }
}
