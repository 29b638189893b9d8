import FoundationEssentials
import PSACore
import WebServer

extension APIRoutes {
    var accountRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/accounts", .admin) { context in
                try context.allowQuery([])
                return .json(["accounts": .array(try await services.storage.accounts().map(\.json))])
            },
            Route(.post, "\(Self.root)/accounts", .admin) { context in
                var body = try APIBody(context.request)
                let (name, password, role) = (body.text("name"), body.text("password"), body.text("role"))
                try body.finish()
                let account = try await services.accounts.create(name: name, password: password, role: role, in: context)
                return .json(account.json, status: 201)
            },
            Route(.put, "\(Self.root)/accounts/{name}", .admin) { context in
                var body = try APIBody(context.request)
                let role = body.text("role")
                try body.finish()
                return .json(try await services.accounts.changeRole(of: context.parameter("name"), to: role, in: context).json)
            },
            Route(.delete, "\(Self.root)/accounts/{name}", .admin) { context in
                try await services.accounts.remove(context.parameter("name"), in: context)
                return .noContent
            },
            Route(.put, "\(Self.root)/account/password", .viewer) { context in
                let user = try context.requireVisitor()
                var body = try APIBody(context.request)
                let (current, new) = (body.text("current"), body.text("new"))
                try body.finish()
                try await services.accounts.changePassword(of: user, from: current, to: new, in: context)
                return .noContent
            },
        ]
    }
}

extension Account {
    /// The account for programs; never its password.
    fileprivate var json: JSONValue {
        ["name": .string(name.rawValue), "role": .string(role.rawValue), "createdAt": .string(createdAt.formatted(.iso8601))]
    }
}
