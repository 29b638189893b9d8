package import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
import VectisRules

extension DatabaseStorage {
    package func onboarding(at now: Date) async throws -> OnboardingFacts {
        try await queue.read { database in
            func exists(_ sql: String, _ values: [SQLValue] = []) throws -> Bool { try database.first(sql, values) != nil }
            var facts = OnboardingFacts()
            facts.hasKey = try exists(
                "SELECT 1 AS found FROM api_token WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) LIMIT 1",
                [now.storedMilliseconds])
            facts.hasEvent = try exists("SELECT id FROM event WHERE id > 0 LIMIT 1")
            facts.hasRule = try exists("SELECT id FROM rule ORDER BY id LIMIT 1")
            facts.hasActiveRule = try exists("SELECT id FROM rule WHERE mode = 'active' ORDER BY id LIMIT 1")
            facts.dismissedAt = try database.first("SELECT dismissed_at FROM onboarding_dismissal WHERE place = 1")
                .map { Date(storedMilliseconds: try $0.integer("dismissed_at")) }
            return facts
        }
    }

    package func setOnboardingDismissed(_ time: Date?, audit: AuditEntry) async throws {
        try await write(audit) { database in
            try database.run("DELETE FROM onboarding_dismissal WHERE place = 1")
            guard let time else { return }
            try database.run(
                "INSERT INTO onboarding_dismissal (place, dismissed_at) VALUES (1, ?)", [time.storedMilliseconds])
        }
    }
}
