package import PSACore
import PSAEngine
import VectisRules

/// What the host itself observed about a connector.
package enum HostMessage: LocalizedMessage, Hashable {
    case noAnswerWithin(Duration)
    case testNotFinished
    /// What the tickets of rules lack; a sentence for each ticket type.
    case unmetDemands(String)

    package var values: [String: MessageValue] {
        switch self {
        case .noAnswerWithin(let limit): ["seconds": .verbatim(String(limit.components.seconds))]
        case .testNotFinished: [:]
        case .unmetDemands(let sentences): ["sentences": .verbatim(sentences)]
        }
    }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.noAnswerWithin, .english): "no answer from the connector within {seconds} s; the host stopped waiting"
        case (.noAnswerWithin, .german): "keine Antwort des Connectors innerhalb von {seconds} s; der Host wartet nicht länger"
        case (.testNotFinished, .english): "the test could not be run to its end"
        case (.unmetDemands, .english): "Rules are paused, because their tickets lack what the PSA demands. {sentences}"
        case (.unmetDemands, .german): "Regeln pausieren, weil ihren Tickets fehlt, was das PSA-System verlangt. {sentences}"
        case (.testNotFinished, .german): "die Prüfung konnte nicht zu Ende geführt werden"
        }
    }
}
