extension CorePhrase {
    var german: String { english }
}
