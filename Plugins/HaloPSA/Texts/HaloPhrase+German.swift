extension HaloPhrase {
    var german: String { english }
}

extension HaloResource {
    var german: String { english }
}
