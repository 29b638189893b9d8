extension APIMessage {
    var english: String {
        switch self {
        case .sentence: "{text}"
        case .notJSON(.text, _, _): "The body holds what is no text; line {line}, column {column}: {reason}."
        case .notJSON: "The body is not JSON; line {line}, column {column}: {reason}."
        case .noObject: "The body has to be a JSON object."
        case .noJSONType: "The body has to be JSON. Send it with “Content-Type: application/json”."
        case .problems(let count): count == 1 ? "One value has to be corrected." : "{count} values have to be corrected."
        case .wrongCredentials: "The name or the password is wrong."
        case .tooManyTries: "There were too many failed tries. Wait {minutes} minutes; until then no password is accepted."
        case .untested:
            "These settings were not seen to work. Test them and send the receipt, or set “acceptUntested” to save them as they are."
        case .otherTenant:
            "The connection leads to {old}, these settings lead to {new}. Set “acceptOtherTenant” if that is meant; its secrets have to be sent again."
        case .duplicate: "The connection “{name}” leads to this tenant already; a second one would do everything twice. Change that one."
        case .stale: "Somebody else has changed it since you read it. Read it again and repeat your change."
        case .otherContent:
            "An event with this source and id is stored already, and it says something else. Send a new event under an id of its own."
        case .unverified:
            "Nobody could check whether these ids exist. Try again later, or set “acceptUnverified” to save them as they are."
        }
    }
}
