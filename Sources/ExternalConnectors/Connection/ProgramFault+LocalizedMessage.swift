import FoundationEssentials
import Glibc
import PSACore

extension ProgramFault: LocalizedMessage {
    var values: [String: MessageValue] {
        func number(_ value: some BinaryInteger) -> MessageValue { .verbatim(String(value)) }
        return switch self {
        case .notStarted(let code): ["reason": .verbatim(String(cString: strerror(code)))]
        case .ended(.exited(let status)): ["status": number(status)]
        case .ended(.signalled(let signal)): ["signal": number(signal)]
        case .silent(let seconds): ["seconds": number(seconds)]
        case .lineTooLong(let limit): ["limit": number(limit)]
        case .tooMuch(.requestsAtOnce(let limit)), .tooMuch(.requestsInCall(let limit)), .tooMuch(.logLines(let limit)),
            .tooMuch(.unansweredCancellations(let limit)), .tooMuch(.unreadBytes(let limit)):
            ["limit": number(limit)]
        case .otherContract(let written, let current): ["written": number(written), "current": number(current)]
        case .nonsense(let mismatch): ["mismatch": .phrase(mismatch)]
        case .outOfTurn, .strayAnswer: [:]
        case .backingOff(let failures, let seconds): ["failures": number(failures), "seconds": number(seconds)]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .notStarted: "The program could not be started: {reason}."
        case .ended(.exited): "The program ended by itself with status {status}."
        case .ended(.signalled): "The program crashed with signal {signal}."
        case .silent: "The program gave no answer for {seconds} seconds and was ended."
        case .lineTooLong: "The program wrote a line of more than {limit} bytes and was ended."
        case .tooMuch(.requestsAtOnce): "The program asked for more than {limit} requests at a time and was ended."
        case .tooMuch(.requestsInCall): "The program asked for more than {limit} requests for one call and was ended."
        case .tooMuch(.logLines): "The program wrote more than {limit} logLines without an answer and was ended."
        case .tooMuch(.unansweredCancellations): "The program left more than {limit} cancelled calls without an answer and was ended."
        case .tooMuch(.unreadBytes): "The program left more than {limit} bytes of answers unread and was ended."
        case .otherContract(let written, let current) where written < current:
            "The program speaks version {written} of the contract, this host version {current}: update the connector."
        case .otherContract: "The program speaks version {written} of the contract, this host version {current}: update the host."
        case .nonsense: "The program wrote a line that is not as the contract says, and was ended. {mismatch}"
        case .outOfTurn: "The program did not say hello first, or said it twice, and was ended."
        case .strayAnswer: "The program answered something that was not asked, or answered twice, and was ended."
        case .backingOff: "The program failed {failures} times in a short time and is started again in {seconds} seconds at the earliest."
        }
    }

    private var german: String {
        switch self {
        case .notStarted: "Das Programm konnte nicht gestartet werden: {reason}."
        case .ended(.exited): "Das Programm hat sich von selbst mit Status {status} beendet."
        case .ended(.signalled): "Das Programm ist mit Signal {signal} abgestürzt."
        case .silent: "Das Programm hat {seconds} Sekunden lang nicht geantwortet und wurde beendet."
        case .lineTooLong: "Das Programm hat eine Zeile von mehr als {limit} Bytes geschrieben und wurde beendet."
        case .tooMuch(.requestsAtOnce): "Das Programm wollte mehr als {limit} Anfragen zugleich und wurde beendet."
        case .tooMuch(.requestsInCall): "Das Programm wollte mehr als {limit} Anfragen für einen Aufruf und wurde beendet."
        case .tooMuch(.logLines): "Das Programm hat mehr als {limit} Bemerkungen ohne eine Antwort geschrieben und wurde beendet."
        case .tooMuch(.unansweredCancellations):
            "Das Programm hat mehr als {limit} abgebrochene Aufrufe unbeantwortet gelassen und wurde beendet."
        case .tooMuch(.unreadBytes): "Das Programm hat mehr als {limit} Bytes an Antworten nicht gelesen und wurde beendet."
        case .otherContract(let written, let current) where written < current:
            "Das Programm spricht Version {written} des Vertrags, dieser Host Version {current}: den Connector aktualisieren."
        case .otherContract:
            "Das Programm spricht Version {written} des Vertrags, dieser Host Version {current}: den Host aktualisieren."
        case .nonsense: "Das Programm hat eine Zeile geschrieben, die nicht dem Vertrag entspricht, und wurde beendet. {mismatch}"
        case .outOfTurn: "Das Programm hat sich nicht zuerst oder zweimal gemeldet und wurde beendet."
        case .strayAnswer: "Das Programm hat etwas beantwortet, das nicht gefragt war, oder doppelt, und wurde beendet."
        case .backingOff:
            "Das Programm ist in kurzer Zeit {failures}-mal gescheitert und wird frühestens in {seconds} Sekunden wieder gestartet."
        }
    }
}
