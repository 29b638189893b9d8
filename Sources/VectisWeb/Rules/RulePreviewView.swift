import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// What a rule would have made of the latest events, and its ticket for one of them.
struct RulePreviewView: Sendable {
    let preview: RulePreview
    /// Whether an event type or a condition has to be corrected, so that less matches than is meant.
    var isIncomplete = false

    /// The part that is replaced when the form changes.
    var html: HTML {
        """
        <div id="preview-result" role="status">
        <p class="matched"><strong>\(Self.count(preview))</strong>\(held)\(open)\(isIncomplete ? " A condition has to be corrected first; until then it matches nothing." as HTML : .empty)</p>
        <p class="help">\(origin)</p>
        <div class="ticket-preview"><p class="summary"><strong>\(preview.ticket.summary)</strong></p>
        <p class="vendor-text">\(preview.ticket.details)</p></div>
        \(preview.explanation.groups.isEmpty ? .empty : "<details><summary>Which conditions hold for this event</summary>\(RuleExplanationView(explanation: preview.explanation, event: preview.event?.event).html)</details>" as HTML)
        </div>
        """
    }

    /// How many of the latest events would have matched.
    static func count(_ preview: RulePreview) -> HTML {
        switch (preview.matched, preview.events) {
        case (_, 0): "There is no event yet to try it with."
        case (1, 1): "Would have matched the only event there is."
        case (let matched, let events): "Would have matched \(matched) of the last \(events) events."
        }
    }

    private var held: HTML {
        switch preview.held {
        case 0: .empty
        case 1: " 1 of them would have been on hold, because of the limit."
        default: " \(preview.held) of them would have been on hold, because of the limit."
        }
    }

    private var open: HTML {
        switch preview.open {
        case 0: .empty
        case 1: " Whether 1 more matches depends on the company in the PSA."
        default: " Whether \(preview.open) more match depends on the company in the PSA."
        }
    }

    private var origin: HTML {
        guard let stored = preview.event else { return "The ticket for a sample event:" }
        return
            "The ticket for the event “\(stored.event.type)” from \(stored.event.source), \(TimestampView(stored.event.receivedAt).html):"
    }
}
