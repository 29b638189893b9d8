extension ErrorCode {
    /// The shared texts in German; the switch has no default, so that a new code doesn't compile without them.
    var germanWords: GuidanceWords { sharedTemplate.words }
}
