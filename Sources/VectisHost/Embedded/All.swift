// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let all: [EmbeddedFile] = [
        .connectAutotaskPSA,
        .connectConnectWisePSA,
        .connectHaloPSA,
        .openAPI,
        .iconSVG,
        .vectisCSS,
        .vectisJS,
    ]
}
