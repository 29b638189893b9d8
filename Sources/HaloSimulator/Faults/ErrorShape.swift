/// The shapes in which HaloPSA words a 400.
///
/// HaloPSA fact: which message comes in which shape was not recorded; a client must read them all.
enum ErrorShape: String, Sendable, CaseIterable {
    case string
    case exception
    case modelstate
    case older
    case html
    case empty

    func reply(_ message: String, member: String = "[0].details") -> Reply {
        switch self {
        case .string: Reply(status: 400, json: .string(message))
        case .exception: Reply(status: 400, json: Self.exceptionBody(message))
        case .modelstate: Reply(status: 400, json: [member: .array([.string(message)])])
        case .older: Reply(status: 400, json: ["resultCode": 1, "errorMessage": .string(message)])
        case .html: Reply(status: 400, content: .html(Array(Pages.badRequest.utf8)))
        case .empty: Reply(status: 400, content: .empty)
        }
    }

    /// A serialized .NET exception, member for member as the API sends it.
    private static func exceptionBody(_ message: String) -> JSONValue {
        [
            "ClassName": "System.Exception", "Message": .string(message), "Data": nil, "InnerException": nil, "HelpURL": nil,
            "StackTraceString": nil, "RemoteStackTraceString": nil, "RemoteStackIndex": 0, "ExceptionMethod": nil,
            "HResult": -2_146_233_088, "Source": nil, "WatsonBuckets": nil,
        ]
    }
}
