extension ScaffoldError {
    var english: String {
        switch self {
        case .malformedName:
            "NAME: “{name}” can't name a module. Give 2 to 40 letters and digits that begin with a capital, such as Syncro."
        case .malformedDisplayName:
            "--display-name: “{name}” can't be shown. Give 1 to 60 letters, digits, blanks and . + & ' -, beginning with a letter or digit."
        case .reservedName: "NAME: “{name}” is a name of Swift's own. Add the vendor's or product's other words to it."
        case .takenName: "NAME: “{name}” is taken: {place}. Choose another name, or remove that first."
        case .takenID: "NAME: The connector {owner} answers to “{name}” already. Choose another name."
        case .wordOfTheCore:
            "NAME: The core has the word “{name}” ({place}), and may have no word of a vendor. Choose a longer name, such as one with the product in it."
        case .notThePackage:
            "{place} is not the root of this package. Change to the folder that holds its Package.swift, or name it with --package."
        case .notUnderGit:
            "git can't tell what has changed in {place}, so nothing could be taken back. Run it in a clone; “git status” there says more."
        case .noGit: "git can't be run, so nobody knows whether something would be overwritten. Install git."
        case .uncommitted:
            "These changes are not committed: {paths}. Commit or stash them, so that what is written can be told apart and taken back."
        case .unexpectedShape:
            "{place} has no lines of the form “{missing}”. Put them back, or write the connector by hand; nothing was changed."
        case .notWritten:
            "{place} can't be written, and everything written before it was taken back. Look at the folder's permissions and space."
        case .notUndone: "{place} can't be written, and this could not be taken back: {paths}. Run “git status” and restore them."
        }
    }
}
