import PSACore
import PSAEngine

extension ConnectionDraft {
    /// One sentence for the audit log on what is saved; of secrets, only which are new.
    func sentence(about submission: SettingsSubmission, _ consent: SaveConfirmation) -> String {
        var sentence = "Leads to \(tenant?.rawValue ?? "nowhere")."
        let secrets = descriptor.settings.fields.filter { $0.isSecret && !(submission.values[$0.key]?.isEmpty ?? true) }
        if !secrets.isEmpty { sentence += " New: \(secrets.map(\.label).joined(separator: ", "))." }
        if consent.acceptsUntested { sentence += " Saved although not seen to work." }
        if changesTenant { sentence += " Led to another tenant before." }
        return sentence
    }
}
