extension UsagePhrase {
    var german: String { english }
}
