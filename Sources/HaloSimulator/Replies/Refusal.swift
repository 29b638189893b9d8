import WebServer

/// Leaves a handler early with an answer that is not a success.
struct Refusal: Error {
    let reply: Reply

    init(_ reply: Reply) { self.reply = reply }

    /// HaloPSA fact: 401, 403, 404 and 500 come with an empty body.
    static func empty(_ status: Int) -> Refusal { Refusal(Reply(status: status, content: .empty)) }

    /// A 400 whose body is one JSON string.
    static func text(_ message: String) -> Refusal { Refusal(ErrorShape.string.reply(message)) }

    /// A 400 whose body is a serialized .NET exception.
    static func exception(_ message: String) -> Refusal { Refusal(ErrorShape.exception.reply(message)) }

    /// A 400 whose body maps a path in the request to messages.
    static func modelState(_ member: String, _ message: String) -> Refusal {
        Refusal(ErrorShape.modelstate.reply(message, member: member))
    }

    /// HaloPSA fact: a path or query value of the wrong type is named in these words.
    static func invalidValue(_ name: String, _ value: String) -> Refusal { .modelState(name, "The value '\(value)' is not valid.") }

    static func unauthorized(_ challenge: String) -> Refusal {
        var reply = Reply(status: 401, content: .empty)
        reply.headers["WWW-Authenticate"] = challenge
        return Refusal(reply)
    }
}
