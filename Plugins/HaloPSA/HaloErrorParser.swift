import PSACore

/// What can be said about an answer that refuses: the vendor's words made safe, what they mean, and the evidence.
struct HaloErrorParser {
    let vendor: VendorReply
    let evidence: any LocalizedMessage
    /// What stands in front of HaloPSA and answered in its place.
    let frontDoor: FrontDoor?
    /// Which refusal of the OAuth server it is, if the answer names one.
    let oauth: OpenIddictError?
    /// What the vendor's sentence says is wrong.
    let refusal: VendorRejection?
    /// The body fields the answer complains about.
    let fields: [String]

    init(_ response: HTTPResponse, redactor: Redactor) {
        let body = HaloErrorBody(response)
        let message = body.message.map { redactor.clean($0) }
        vendor = VendorReply(
            status: response.status, code: body.code.map { redactor.clean($0, maximumLength: 60) }, message: message,
            requestID: (response.headers["X-Request-Id"] ?? response.headers["Request-Id"]).map { redactor.clean($0, maximumLength: 100) })
        oauth = OpenIddictError(uri: body.uri, message: body.message)
        refusal = message.flatMap { VendorRejection($0) }
        fields = body.fields
        let door = FrontDoor(response, redactor: redactor)
        frontDoor = door
        evidence =
            door.map { FrontDoorMessage.seen($0) }
            ?? CoreMessage.answered(status: response.status, shape: BodyShape(of: response.body), code: vendor.code)
    }
}
