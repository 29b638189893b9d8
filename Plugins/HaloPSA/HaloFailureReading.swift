import PSACore

/// What can be said about an answer that refuses: the vendor's words made safe, the evidence, and the ticket defaults it concerns.
struct HaloFailureReading {
    let vendor: VendorReply
    let evidence: any Phrase
    /// What stands in front of HaloPSA and answered in its place.
    let frontDoor: FrontDoor?
    /// The ticket defaults the answer complains about.
    let settings: [SettingKey]

    init(_ response: HTTPResponse, redactor: Redactor) {
        let body = HaloErrorBody(response)
        let message = body.message.map { redactor.clean($0) }
        vendor = VendorReply(
            status: response.status, code: body.code.map { redactor.clean($0, maximumLength: 60) }, message: message,
            requestID: (response.headers["X-Request-Id"] ?? response.headers["Request-Id"]).map { redactor.clean($0, maximumLength: 100) })
        settings = Self.ticketDefaults(fields: body.fields, message: message ?? "")
        let door = FrontDoor(response, redactor: redactor)
        frontDoor = door
        evidence =
            door.map { FrontDoorPhrase.seen($0) }
            ?? CorePhrase.answered(status: response.status, shape: BodyShape(of: response.body), code: vendor.code)
    }

    /// The labels of ``settings`` for a sentence, or nil if none is concerned.
    var fieldLabels: PhraseValue? {
        let labels = settings.compactMap { HaloConnector.descriptor.settings[$0]?.label }
        return labels.isEmpty ? nil : .list(labels.map(PhraseValue.verbatim))
    }

    private static func ticketDefaults(fields: [String], message: String) -> [SettingKey] {
        let text = (fields + [message]).joined(separator: " ").lowercased()
        return [
            (SettingKey.ticketTypeID, ["tickettype", "ticket type"]), (.ticketStatusID, ["status"]), (.ticketPriorityID, ["priority"]),
        ]
        .filter { $0.1.contains { text.contains($0) } }
        .map(\.0)
    }
}
