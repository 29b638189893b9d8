/// Contracts, recurring invoices and invoices.
struct BillingSeeding {
    private var generator: SeededGenerator
    private let now: HaloTime

    init(seed: UInt64, now: HaloTime) {
        generator = SeededGenerator(seed, record: -2)
        self.now = now
    }

    mutating func fill(_ store: inout Store, customers: [CustomerSeeding.Customer]) {
        var invoice = 9001
        for (index, customer) in customers.enumerated() where index % 3 != 2 {
            let contract = 300 + index
            let name = store[.client].name(of: customer.id)
            contractRow(contract, index, customer, name, &store)
            // HaloPSA fact: recurring invoice ids can be negative, and may refer to a contract that is not listed.
            let recurring = index % 4 == 3 ? 500 + index : -240 + index
            let linked = index % 7 == 6 ? 99_000 + index : contract
            let amount = Double(200 + generator.below(40) * 25)
            header(.recurringInvoice, recurring, index, customer, name, linked, amount, extra: recurringFields(index), &store)
            for month in 0..<2 {
                header(
                    .invoice, invoice, index + month, customer, name, linked, amount, extra: invoiceFields(invoice, recurring, month),
                    &store)
                invoice += 1
            }
        }
    }

    private mutating func contractRow(_ id: Int, _ index: Int, _ customer: CustomerSeeding.Customer, _ name: String, _ store: inout Store) {
        let ended = index % 10 == 9
        let start = now.adding(seconds: -(100 + generator.below(600)) * 86_400)
        let end = now.adding(seconds: (ended ? -1 : 1) * (20 + generator.below(300)) * 86_400)
        let style = HaloTime.Style.varied(index)
        store[.clientContract].put(
            [
                "id": .int(id), "client_id": .int(customer.id), "client_name": .string(name), "site_id": .int(customer.sites.first ?? 1),
                "site_name": "Main", "ref": .string("MSA-\(SampleNames.code(name, index))"), "start_date": .string(start.text(style)),
                "end_date": .string(end.text(style)), "started": true, "expired": .bool(ended), "active": .bool(!ended), "status": 1,
                "contract_status": .string(ended ? "Expired" : "Active"), "contracttype": 1, "contracttype_name": "Fixed",
                "billingperiod": 1, "billing_period_string": "Monthly", "periodchargeamount": .double(Double(200 + index * 15)),
                "next_invoice_date": .string(now.adding(seconds: 9 * 86_400).text(style)), "numberofunitsfree": 0.0,
                "sla_id": .int(1 + index % 2), "last_modified": .string(start.text(style)), "use": "contract", "key": .int(id),
                "contract_prepay_balance": 0.0, "prepay_periods": [], "contract_periods": [], "customfields": [], "~inactive": .bool(ended),
            ], updated: start)
    }

    private func recurringFields(_ index: Int) -> [String: JSONValue] {
        [
            "disabled": .bool(index % 9 == 8), "is_recurring_invoice": true, "period": 1, "period_type": 2, "posted": false,
            "nextcreationdate": .string(now.adding(seconds: (3 + index) * 86_400).text(.varied(index))),
            "lastcreated": .string(now.adding(seconds: -27 * 86_400).text(.varied(index))),
        ]
    }

    private func invoiceFields(_ number: Int, _ recurring: Int, _ month: Int) -> [String: JSONValue] {
        [
            "invoicenumber": .string("INV-\(number)"), "recurring_invoice_id": .int(recurring), "posted": .bool(month > 0),
            "paymentstatus": .int(month), "amountpaid": 0.0, "voided": false,
            "duedate": .string(now.adding(seconds: (14 - 30 * month) * 86_400).text(.varied(number))),
            "datepaid": .string(HaloTime.unset.text()),
        ]
    }

    private func header(
        _ resource: Resource, _ id: Int, _ index: Int, _ customer: CustomerSeeding.Customer, _ name: String, _ contract: Int,
        _ amount: Double,
        extra: [String: JSONValue], _ store: inout Store
    ) {
        let lines: [JSONValue] = (0..<(1 + index % 3)).map { line in
            let quantity = Double(1 + line * 4)
            let price = amount / Double(1 + index % 3) / quantity
            return [
                "id": .int(abs(id) * 10 + line), "ihid": .int(id), "_itemid": .int(70 + line), "item_code": .string("SVC-\(70 + line)"),
                "item_shortdescription": .string(["Managed workstation", "Cloud backup", "Mailbox protection"][line]),
                "qty_order": .double(quantity), "unit_price": .double(price), "unit_cost": .double(price * 0.6),
                "net_amount": .double(price * quantity), "tax_amount": 0.0, "contract_id": .int(contract), "isinactive": false,
            ]
        }
        let fields: [String: JSONValue] = [
            "id": .int(id), "client_id": .int(customer.id), "client_name": .string(name), "sitenumber": .int(customer.sites.first ?? 1),
            "site_name": "Main", "contract_id": .int(contract), "contract_ref": .string("MSA-\(SampleNames.code(name, index))"),
            "invoice_date": .string(now.adding(seconds: -(index % 30) * 86_400).text(.varied(index))), "total": .double(amount),
            "tax_total": 0.0, "amountdue": .double(amount), "currency": 1, "currency_code": "GBP",
            "reference": .string("Monthly services \(index)"),
            "last_modified": .string(now.adding(seconds: -index * 3600).text(.varied(index + 1))), "lines": .array(lines),
            "customfields": [],
        ]
        store[resource].put(fields.merging(extra) { _, new in new }, updated: now.adding(seconds: -index * 3600))
    }
}
