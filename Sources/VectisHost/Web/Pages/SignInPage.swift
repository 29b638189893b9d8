/// Where a person signs in.
struct SignInPage: WebPage {
    let context: RequestContext
    /// Where to go afterwards.
    let next: String
    /// The name that was typed before.
    var name = ""
    var refusal: SignInService.Refusal?

    /// Its address, with the page to come back to afterwards.
    static func path(leadingTo next: String) -> String { "/sign-in?next=" + WebPath.encoded(next) }

    private var notice: HTML {
        switch refusal {
        case nil: .empty
        case .wrong: Notice(.problem, "The name or the password is wrong.").html
        case .blocked(let minutes):
            Notice(
                .problem,
                """
                There were too many failed tries. Wait \(minutes) minutes; until then no password is accepted.
                """
            ).html
        }
    }

    var document: HTML {
        Layout(context, .none, title: "Sign in").document(
            """
            <div class="narrow">
            <h1>Sign in</h1>
            \(notice)
            <form method="post" action="/sign-in">
            <input type="hidden" name="next" value="\(next)">
            <div class="field"><label for="name">Name</label>
            <input id="name" name="name" type="text" value="\(name)" autocomplete="username" autocapitalize="off" spellcheck="false" required\(flag: "autofocus", name.isEmpty)></div>
            <div class="field"><label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required\(flag: "autofocus", !name.isEmpty)></div>
            <button class="primary">Sign in</button>
            </form>
            <p class="help">The first password was printed when Vectis was started for the first time.</p>
            </div>
            """)
    }
}
