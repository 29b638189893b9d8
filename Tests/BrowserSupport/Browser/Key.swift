/// A key as a person presses it, with Shift held where that is part of it.
public struct Key: Sendable, Equatable {
    /// The character, or the standard's code point for a key without one.
    let value: Character
    let shift: Bool

    /// The key of a character.
    public init(_ character: Character, shift: Bool = false) {
        value = character
        self.shift = shift
    }

    /// To the next control.
    public static let tab = Key("\u{E004}")
    /// To the control before.
    public static let shiftTab = Key("\u{E004}", shift: true)
    /// Enter.
    public static let enter = Key("\u{E007}")
    /// Space.
    public static let space = Key(" ")
    /// Escape.
    public static let escape = Key("\u{E00C}")
    /// Backspace.
    public static let backspace = Key("\u{E003}")
    /// Arrow left.
    public static let left = Key("\u{E012}")
    /// Arrow up.
    public static let up = Key("\u{E013}")
    /// Arrow right.
    public static let right = Key("\u{E014}")
    /// Arrow down.
    public static let down = Key("\u{E015}")
    /// Home.
    public static let home = Key("\u{E011}")
    /// End.
    public static let end = Key("\u{E010}")

    static let shiftValue: Character = "\u{E008}"
}
