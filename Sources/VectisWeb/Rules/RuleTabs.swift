/// The pages about rules and what they work with.
struct RuleTabs: Sendable {
    let context: RequestContext
    /// The path of the present page.
    let current: String

    var html: HTML {
        var tabs = [Tabs.Tab("Rules", "/rules"), Tabs.Tab("Which rules match an event?", "/rules/match")]
        if context.user?.isOperator ?? false { tabs.append(Tabs.Tab("Companies not found", "/rules/companies")) }
        if context.user?.isAdmin ?? false {
            tabs += [Tabs.Tab("Limits of the sending queue", "/rules/limits"), Tabs.Tab("API keys", "/api-keys")]
        }
        return Tabs(label: "Pages about rules", tabs: tabs, current: current).html
    }
}
