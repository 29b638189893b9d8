/// Scalars that form one character with what precedes or follows them, so that code that compares characters overlooks their neighbours.
public enum CombiningSamples {
    /// One scalar of each canonical combining class there is, and of the marks, joiners and formats of class 0; a conjoining Hangul vowel and
    /// final, and the second half of a line end.
    public static let scalars: [Unicode.Scalar] = {
        var byClass: [UInt8: Unicode.Scalar] = [:]
        for value in UInt32(0x300)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let combining = scalar.properties.canonicalCombiningClass.rawValue
            if combining != 0, byClass[combining] == nil { byClass[combining] = scalar }
        }
        let others: [Unicode.Scalar] = [
            "\u{200D}", "\u{FE0F}", "\u{20E0}", "\u{0903}", "\u{E0101}", "\u{034F}", "\u{1161}", "\u{11A8}", "\u{1F3FD}", "\n",
        ]
        return byClass.sorted { $0.key < $1.key }.map(\.value) + others
    }()
}
