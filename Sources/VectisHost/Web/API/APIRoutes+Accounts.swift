import FoundationEssentials
import PSACore
import WebServer

extension APIRoutes {
    var accountRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/accounts", .admin) { exchange in
                try exchange.allowQuery([])
                return .json(["accounts": .array(try await services.storage.accounts().map(\.json))])
            },
            Route(.post, "\(Self.root)/accounts", .admin) { exchange in
                var body = try APIBody(exchange.request)
                let (name, password, role) = (body.text("name"), body.text("password"), body.text("role"))
                try body.finish()
                let account = try await services.accounts.create(name: name, password: password, role: role, in: exchange)
                return .json(account.json, status: 201)
            },
            Route(.put, "\(Self.root)/accounts/{name}", .admin) { exchange in
                var body = try APIBody(exchange.request)
                let role = body.text("role")
                try body.finish()
                return .json(try await services.accounts.changeRole(of: exchange.parameter("name"), to: role, in: exchange).json)
            },
            Route(.delete, "\(Self.root)/accounts/{name}", .admin) { exchange in
                try await services.accounts.remove(exchange.parameter("name"), in: exchange)
                return .noContent
            },
            Route(.put, "\(Self.root)/account/password", .viewer) { exchange in
                let visitor = try exchange.requireVisitor()
                var body = try APIBody(exchange.request)
                let (current, new) = (body.text("current"), body.text("new"))
                try body.finish()
                try await services.accounts.changePassword(of: visitor, from: current, to: new, in: exchange)
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
