import Testing

@testable import HaloSimulator

@Suite("Fault catalogue")
struct FaultCatalogueTests {
    @Test func everyFaultHasOneLine() {
        #expect(HaloFault.catalogue.map(\.name).sorted() == HaloFault.Kind.allCases.map(\.rawValue).sorted())
        for line in HaloFault.catalogue {
            #expect(line.summary.hasSuffix(".") && line.summary.count < 110 && !line.summary.contains("\n"), "\(line.name)")
            #expect(line.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
        }
    }

    @Test(arguments: [
        "server-error", "deny:contracts", "latency:500", "rate-limit", "rate-limit:30", "error-shape:html", "create-lost-reply:actions",
    ])
    func aFaultIsReadFromItsText(_ text: String) throws {
        #expect(try HaloFault(parsing: text).description == text)
    }

    @Test(arguments: [
        ("nonsense", "There is no fault named 'nonsense'"), ("", "There is no fault named ''"), ("deny", "needs the name of a resource"),
        ("deny:sheep", "does not know the resource 'sheep'"), ("latency", "needs a number"), ("latency:soon", "not 'soon'"),
        ("flaky:-1", "not '-1'"), ("server-error:5", "takes no argument"), ("error-shape:round", "needs one of string"),
    ])
    func whatIsNoFaultIsRefusedWithASentence(_ text: String, _ sentence: String) {
        let error = #expect(throws: HaloFaultError.self) { try HaloFault(parsing: text) }
        #expect(error?.message.contains(sentence) == true)
    }

    @Test func aWordMeansARouteAScopeOrAPlural() {
        #expect(Resource.named("tickets") == [.tickets])
        #expect(Resource.named("Contracts") == [.clientContract])
        #expect(Resource.named("customers") == [.client, .site, .users])
        #expect(Resource.named("recurring-invoices") == [.recurringInvoice])
        #expect(Resource.named("sheep").isEmpty)
    }
}
