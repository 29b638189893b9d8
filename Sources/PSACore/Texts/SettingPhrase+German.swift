extension SettingPhrase {
    var german: String { english }
}
