import SQL

/// A statement in the words of PostgreSQL.
struct TranslatedStatement: Equatable {
    /// What a parameter of PostgreSQL stands for.
    enum Parameter: Hashable {
        /// A value, by its place from 0.
        case value(Int)
        /// 1 if a value is null, otherwise 0.
        case isNull(Int)
    }

    /// The text, with `$1` for the first parameter.
    var sql: String
    /// How many values it takes.
    var valueCount: Int
    /// What each parameter stands for.
    var parameters: [Parameter]
    /// The first keyword, in capitals; nil for text without one.
    var keyword: String?

    /// The values of the parameters.
    func bound(_ values: [SQLValue]) -> [SQLValue] {
        parameters.map { parameter in
            switch parameter {
            case .value(let place): values[place]
            case .isNull(let place): SQLValue(values[place] == .null)
            }
        }
    }
}

/// Translates statements from the dialect that the databases share.
enum SQLTranslation {
    /// The statements that begin or end transactions or change the connection, which are the driver's alone.
    static let reservedKeywords: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "DEALLOCATE", "DISCARD", "LISTEN",
        "UNLISTEN", "COPY",
    ]

    /// Translates `?` and `?1` to `$1`, outside of literals, quoted names and comments.
    ///
    /// `?` without a number stands for the value after the highest one so far, as in SQLite. `?1 IS NULL` becomes a parameter of its own:
    /// PostgreSQL has to know the type of each parameter, and this use says nothing of it.
    static func statement(_ sql: String) -> TranslatedStatement { statement(SQLTokenizer.tokens(sql)[...]) }

    private static func statement(_ tokens: ArraySlice<SQLToken>) -> TranslatedStatement {
        var translated = TranslatedStatement(sql: "", valueCount: 0, parameters: [], keyword: tokens.first { !$0.isBlank }?.keyword)
        var numbers: [TranslatedStatement.Parameter: Int] = [:]
        func number(_ parameter: TranslatedStatement.Parameter) -> Int {
            if let number = numbers[parameter] { return number }
            translated.parameters.append(parameter)
            numbers[parameter] = translated.parameters.count
            return translated.parameters.count
        }
        var before: SQLToken?
        var place = tokens.startIndex
        while place < tokens.endIndex {
            let token = tokens[place]
            place += 1
            defer { if !token.isBlank { before = token } }
            guard case .placeholder(let given) = token.kind else {
                translated.sql += token.text
                continue
            }
            let index = given ?? translated.valueCount + 1
            translated.valueCount = max(translated.valueCount, index)
            guard let test = nullTest(tokens[place...], after: before) else {
                translated.sql += "$\(number(.value(index - 1)))"
                continue
            }
            translated.sql += "($\(number(.isNull(index - 1))) = \(test.isNegative ? 0 : 1))"
            place = test.end
        }
        return translated
    }

    /// Whether `IS NULL` or `IS NOT NULL` follows a value that is an operand by itself.
    private static func nullTest(_ rest: ArraySlice<SQLToken>, after before: SQLToken?) -> (isNegative: Bool, end: Int)? {
        guard let before, before.kind == .word || ["(", ","].contains(before.text) else { return nil }
        var words: [String] = []
        for (place, token) in zip(rest.indices, rest) where !token.isBlank {
            guard let keyword = token.keyword else { return nil }
            words.append(keyword)
            if words == ["IS", "NULL"] { return (false, place + 1) }
            if words == ["IS", "NOT", "NULL"] { return (true, place + 1) }
            if words != ["IS"], words != ["IS", "NOT"] { return nil }
        }
        return nil
    }

    /// Splits a script at its semicolons, and translates each statement and its types of columns.
    static func script(_ script: String) -> [TranslatedStatement] {
        SQLTokenizer.tokens(script).split { $0.kind == .symbol && $0.text == ";" }.filter { !$0.allSatisfy(\.isBlank) }.map {
            statement(definition($0)[...])
        }
    }

    /// Translates the types of a `CREATE TABLE` or `ALTER TABLE … ADD`; other statements stay as they are.
    private static func definition(_ tokens: ArraySlice<SQLToken>) -> [SQLToken] {
        let words = tokens.filter { !$0.isBlank }.prefix(3).compactMap(\.keyword)
        guard let first = words.first, words.contains("TABLE") else { return Array(tokens) }
        switch first {
        case "CREATE": return createTable(tokens)
        case "ALTER": return alterTable(tokens)
        default: return Array(tokens)
        }
    }

    /// Between the outer parentheses, each definition of a column is its name, its type and its constraints.
    private static func createTable(_ tokens: ArraySlice<SQLToken>) -> [SQLToken] {
        var result: [SQLToken] = []
        var depth = 0
        var column = ColumnDefinition()
        for (place, token) in zip(tokens.indices, tokens) {
            if token.kind == .symbol, token.text == "(" { depth += 1 }
            if token.kind == .symbol, token.text == ")" { depth -= 1 }
            if depth == 1, token.kind == .symbol, token.text == "(" || token.text == "," {
                column = ColumnDefinition()
                result.append(token)
            } else if depth == 1 {
                result.append(column.translate(token, before: tokens[(place + 1)...]))
            } else if depth == 0, ["STRICT", "WITHOUT", "ROWID"].contains(token.keyword) {
                // A comma between the options goes with them.
                continue
            } else if depth == 0, token.kind == .symbol, token.text == "," {
                continue
            } else {
                result.append(token)
            }
        }
        return result
    }

    /// `ALTER TABLE name ADD [COLUMN] column type …`.
    private static func alterTable(_ tokens: ArraySlice<SQLToken>) -> [SQLToken] {
        var result: [SQLToken] = []
        var column: ColumnDefinition?
        var depth = 0
        for (place, token) in zip(tokens.indices, tokens) {
            if token.kind == .symbol, token.text == "(" { depth += 1 }
            if token.kind == .symbol, token.text == ")" { depth -= 1 }
            if depth == 0, column != nil, token.keyword != "COLUMN" {
                result.append(column?.translate(token, before: tokens[(place + 1)...]) ?? token)
            } else {
                if depth == 0, token.keyword == "ADD" { column = ColumnDefinition() }
                result.append(token)
            }
        }
        return result
    }
}

/// How far the definition of a column has been read.
private struct ColumnDefinition {
    private var significant = 0
    private var isIdentity = false

    mutating func translate(_ token: SQLToken, before rest: ArraySlice<SQLToken>) -> SQLToken {
        guard !token.isBlank else { return token }
        significant += 1
        // The first one is the name of the column, or the first word of a constraint of the table, whose second one is no type.
        if significant == 2 {
            switch token.keyword {
            case "INTEGER":
                // SQLite gives each such row a number, with AUTOINCREMENT or without.
                isIdentity = rest.lazy.filter { !$0.isBlank }.prefix(2).map(\.keyword).elementsEqual(["PRIMARY", "KEY"])
                return token.replaced(by: isIdentity ? "BIGINT GENERATED BY DEFAULT AS IDENTITY" : "BIGINT")
            case "BLOB": return token.replaced(by: "BYTEA")
            case "TEXT": return token.replaced(by: "TEXT COLLATE \"C\"")
            case "REAL": return token.replaced(by: "DOUBLE PRECISION")
            default: return token
            }
        }
        return isIdentity && token.keyword == "AUTOINCREMENT" ? token.replaced(by: "") : token
    }
}

extension SQLToken {
    fileprivate func replaced(by text: String) -> SQLToken { SQLToken(kind: kind, text: text[...]) }
}
