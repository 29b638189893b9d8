/// What the audit checks; the WCAG 2.2 criterion is named where there is one.
public enum AccessibilityRule: String, Sendable, CaseIterable {
    /// The document says its language (3.1.1).
    case language
    /// The document has a title (2.4.2).
    case title
    /// Pages fit the screen's width and may be zoomed (1.4.4).
    case viewport
    /// One h1, and no level is skipped (1.3.1).
    case headings
    /// One main landmark; several navigations have names that differ (1.3.1).
    case landmarks
    /// Every field has a label: a placeholder or title is none (3.3.2).
    case label
    /// Every button and link has a name (4.1.2).
    case name
    /// Every image has an alternative text, empty if it is for show (1.1.1).
    case image
    /// An id is unique.
    case uniqueID
    /// Attributes that name other elements by id name existing ones (1.3.1).
    case reference
    /// A field marked as wrong is described by a shown text (3.3.1).
    case errorText
    /// The order of focus is the page's (2.4.3).
    case tabOrder
    /// The control with the keyboard's focus is seen to have it (2.4.7).
    case focusVisible
    /// Text has a contrast to its background of 4.5 to 1, or 3 to 1 if large (1.4.3).
    case contrast
    /// Buttons and links are 24 by 24 pixels at least, unless inside a sentence (2.5.8).
    case targetSize
    /// Nothing needs scrolling sideways on a screen 360 pixels wide (1.4.10).
    case horizontalScrolling
}
