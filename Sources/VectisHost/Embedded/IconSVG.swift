// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let iconSVG = EmbeddedFile(
        path: "Sources/VectisHost/Web/Assets/icon.svg",
        text: ##"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="7" y="7" width="18" height="18" rx="5" fill="#0b5cad" transform="rotate(45 16 16)"/></svg>

"""##)
}
