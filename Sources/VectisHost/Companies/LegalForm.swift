/// How companies state their legal form, behind their name or before it.
enum LegalForm {
    /// The words of a name without its legal form, and the form in one spelling; a name that consists of nothing else keeps its words.
    static func split(_ words: [String]) -> (core: [String], form: String) {
        var words = words
        for (spelling, form) in eastern {
            guard let word = [words.indices.first, words.indices.last].compactMap({ $0 }).first(where: { words[$0].contains(spelling) })
            else { continue }
            let rest = words[word].split(separator: spelling).map { String($0) }
            var without = words
            without.replaceSubrange(word...word, with: rest)
            if !without.isEmpty { return (without, form) }
        }
        if words.count > 1, let form = short[words[0]] { return (Array(words.dropFirst()), form) }
        if words.count > 1, let last = words.last, let form = short[last] { return (words.dropLast(), form) }
        for length in stride(from: min(longest, words.count - 1), through: 1, by: -1) {
            guard let form = forms[words.suffix(length).joined(separator: " ")] else { continue }
            // “Smith & Co” is no Smith.
            guard form != "co" || words.dropLast(length).last != "and" else { continue }
            words.removeLast(length)
            return (words, form)
        }
        return (words, "")
    }

    /// Forms that are written without a space, before or behind the name.
    private static let eastern = [
        ("株式会社", "kk"), ("有限会社", "yk"), ("合同会社", "gk"), ("有限责任公司", "ltd"), ("有限公司", "ltd"), ("주식회사", "jusik"),
    ]

    /// The same in one sign in parentheses.
    private static let short = ["株": "kk", "有": "yk"]

    private static let spellings: [(form: String, spellings: String)] = [
        ("ltd", "ltd|limited|co ltd|co limited|ltd co"),
        ("plc", "plc|p l c|public limited co"),
        ("inc", "inc|incorporated|co inc"),
        ("corp", "corp|corporation"),
        ("co", "co"),
        ("llc", "llc|l l c|limited liability co|ltd liability co"),
        ("llp", "llp|l l p|limited liability partnership"),
        ("lp", "lp|l p|limited partnership"),
        (
            "gmbh",
            "gmbh|mbh|g m b h|m b h|ges mbh|ges m b h|gesmbh|gesellschaft mbh|gesellschaft m b h"
                + "|gesellschaft mit beschrankter haftung|gesellschaft mit beschraenkter haftung"
        ),
        ("ggmbh", "ggmbh"),
        ("gmbhcokg", "gmbh and co kg|gmbh co kg|gmbh and cokg|gmbh cokg|gmbh and co"),
        ("cokg", "and co kg|and cokg"),
        (
            "ug",
            "ug|unternehmergesellschaft|ug haftungsbeschrankt|ug haftungsbeschraenkt"
                + "|unternehmergesellschaft haftungsbeschrankt|unternehmergesellschaft haftungsbeschraenkt"
        ),
        ("ag", "ag|a g|aktiengesellschaft"),
        ("se", "se"),
        ("kg", "kg|k g|kommanditgesellschaft"),
        ("kgaa", "kgaa|ag and co kgaa|gmbh and co kgaa|se and co kgaa"),
        ("ohg", "ohg|offene handelsgesellschaft"),
        ("gbr", "gbr|gesellschaft burgerlichen rechts|gesellschaft buergerlichen rechts"),
        ("ek", "ek|e k|ekfm|e kfm|ekfr|e kfr"),
        ("ev", "ev|e v|eingetragener verein"),
        ("eg", "eg|e g|eingetragene genossenschaft"),
        ("sa", "sa|s a|societe anonyme"),
        ("sas", "sas|s a s|sasu"),
        ("sarl", "sarl|sa rl|s a r l|sa r l"),
        ("srl", "srl|s r l"),
        ("spa", "spa|s p a"),
        ("sl", "sl|s l|slu|s l u"),
        ("bv", "bv|b v|besloten vennootschap"),
        ("nv", "nv|n v"),
        ("ab", "ab|aktiebolag"),
        ("as", "as|a s|aksjeselskap|aktieselskab"),
        ("aps", "aps|anpartsselskab"),
        ("oy", "oy|o y|osakeyhtio"),
        ("pty", "pty ltd|pty limited|proprietary limited|pty"),
        ("pte", "pte ltd|pte limited|pte"),
        ("pvt", "pvt ltd|pvt limited|private limited|private ltd|pvt"),
        ("sro", "sro|s r o|spol sro|spol s r o"),
        ("doo", "doo|d o o"),
        ("spzoo", "sp z oo|sp z o o|spzoo|spolka z oo|spolka z o o"),
        ("kft", "kft"),
        ("ltda", "ltda|limitada|lda"),
        ("cv", "sa de cv|s a de c v|s de rl de cv"),
        ("kk", "kk|k k|kabushiki kaisha"),
        ("ooo", "ооо"),
    ]

    private static let forms: [String: String] = {
        var forms: [String: String] = [:]
        for (form, names) in spellings { for name in names.split(separator: "|") { forms[String(name)] = form } }
        return forms
    }()

    private static let longest = forms.keys.map { $0.split(separator: " ").count }.max() ?? 0
}
