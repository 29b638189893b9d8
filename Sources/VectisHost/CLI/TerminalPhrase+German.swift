extension TerminalPhrase {
    var german: String { english }
}
