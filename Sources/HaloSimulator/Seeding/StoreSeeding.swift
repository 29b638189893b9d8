/// Fills a new tenant.
enum StoreSeeding {
    static func store(for configuration: HaloSimulator.Configuration, now: HaloTime) -> Store {
        var store = Store(
            tickets: TicketShelf(firstID: Tenant.firstTicket), actions: ActionShelf(seed: configuration.seed),
            ticketTypeRequired: configuration.ticketTypeRequired, rowPadding: configuration.rowPadding)
        SettingsSeeding.fill(&store, now: now.adding(seconds: -400 * 86_400))
        var customers = CustomerSeeding(seed: configuration.seed, now: now)
        let all = customers.fill(&store, companies: configuration.companyCount, contacts: configuration.contactCount)
        var billing = BillingSeeding(seed: configuration.seed, now: now)
        billing.fill(&store, customers: all)
        var tickets = TicketSeeding(seed: configuration.seed, now: now)
        tickets.fill(&store, count: configuration.ticketCount, customers: all)
        return store
    }
}
