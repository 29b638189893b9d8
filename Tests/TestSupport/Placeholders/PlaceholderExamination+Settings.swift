import PSACore

extension PlaceholderExamination {
    private var fields: [SettingField] { descriptor.settings.fields }

    private func problems(_ key: SettingKey, _ value: String?) -> [SettingIssue] {
        var input = settings
        input[key] = value.map { Secret($0) }
        return descriptor.settings.validate(input).issues
    }

    func missing() -> [String] {
        fields.flatMap { field in
            ([nil, "", " \n"] as [String?]).flatMap { value in
                let problems = problems(field.key, value)
                return differences(
                    problems, from: field.isRequired ? [(field.key, .configMissingField)] : [], "“\(field.key)” without a value")
                    + problems.filter { !$0.message.contains(field.label) }.map { "“\($0.message)” does not name \(field.label)." }
            }
        }
    }

    func malformed() -> [String] {
        fields.flatMap { field in
            Self.unusable(field.kind).flatMap { value, code in
                differences(
                    problems(field.key, value), from: [(field.key, code)], "“\(field.key)” with a value of \(value.count) characters")
            }
        }
    }

    private static func unusable(_ kind: SettingField.Kind) -> [(value: String, code: ErrorCode)] {
        switch kind {
        case .text(let limit): [("two\nlines", .configInvalidField), (String(repeating: "x", count: limit + 1), .configInvalidField)]
        case .integer(let range):
            [("one", .configInvalidField), (String(range.upperBound) + "0", .configInvalidField)]
        case .serviceURL:
            [
                ("http://acme.example.com", .urlInsecure), ("https://127.0.0.1", .urlForbiddenAddress),
                ("https://user:password@acme.example.com", .urlMalformed), ("ftp://acme.example.com", .urlMalformed),
            ]
        }
    }

    func allAtOnce() -> [String] {
        var input: SettingsInput = ["colour": "blue"]
        var expected: [SettingKey] = []
        for field in fields {
            input[field.key] = field.isRequired ? nil : Self.unusable(field.kind).first.map { Secret($0.value) }
            expected.append(field.key)
        }
        expected.append("colour")
        do {
            _ = try session(input)
            return ["Settings without any good value are taken."]
        } catch let error as PSAError {
            let named = error.settingIssues.map(\.field)
            return (named == expected ? [] : ["The problems are of \(named), not of \(expected)."])
                + (error.guidance.fields == expected ? [] : ["The guidance is about \(error.guidance.fields), not about \(expected)."])
                + (error.connector == descriptor.id ? [] : ["The error does not say which connector failed."])
        } catch {
            return ["Bad settings end in \(type(of: error))."]
        }
    }

    private func differences(_ problems: [SettingIssue], from expected: [(SettingKey, ErrorCode)], _ what: String) -> [String] {
        let isExpected = problems.map(\.field) == expected.map(\.0) && problems.map(\.code) == expected.map(\.1)
        return isExpected ? [] : ["\(what) gives \(problems.map { "\($0.code) of \($0.field)" })."]
    }
}
