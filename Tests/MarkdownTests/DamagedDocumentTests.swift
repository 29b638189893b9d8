import Markdown
import Testing

/// Documents with random damage, the same in every run.
@Suite("Damaged documents")
struct DamagedDocumentTests {
    private static let sound = Array(
        """
        # T ![a![b](c)](d) [l](e) <i>

        | [x](http://a) | ![i](j) |
        | - | - |
        | <b onclick=x> | [q](javascript:x) |

        ```a
        <script>
        ```
        - [m](data:text/html,x) <http://y>

        > # T

        [r] <div style="x">

        [r]: <x"onclick="y> "t\\"onclick=\\"z"
        """.utf8)
    private static let damage = Array("#|-[]()!*_`<>&\\ \n\n\t:\"'~=1.aé".utf8) + [0, 0xFF, 0xC3, 0x0D]

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func onlyKnownTagsAndAttributesComeOut(seed: UInt64) throws {
        var random = Generator(state: seed)
        var tags: Set<String> = []
        for round in 0..<200 {
            var bytes = Self.sound
            if round.isMultiple(of: 2) {
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    bytes[bytes.indices.randomElement(using: &random) ?? 0] = Self.damage.randomElement(using: &random) ?? 0
                }
            } else {
                bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in Self.damage.randomElement(using: &random) ?? 0 }
            }
            let renderer = MarkdownRenderer(
                link: { $0.hasPrefix("e") ? nil : $0 }, image: { $0.hasPrefix("d") ? $0 : nil },
                headingShift: Int.random(in: -2...2, using: &random), keepsTitle: Bool.random(using: &random))
            var rest = Substring(try renderer.render(utf8: bytes).html).utf8
            while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
                let tag = rest[start...].prefix { $0 != UInt8(ascii: ">") }
                rest = rest[tag.endIndex...]
                tags.insert(String(Substring(tag)) + ">")
            }
        }
        #expect(tags.count > 50)
        for tag in tags { #expect(Self.isKnown(tag)) }
    }

    private static func isKnown(_ tag: String) -> Bool {
        tag == "<!-- raw HTML omitted -->" || tag.wholeMatch(of: #/</?(p|h[1-6]|ul|ol|li|em|strong|code|pre|div|a)>/#) != nil
            || tag.wholeMatch(of: #/</?(table|thead|tbody|tr|th|td|blockquote)>|<(hr|br) />/#) != nil
            || tag.wholeMatch(of: #/<h[1-6] id="[^"<>& ]*">|<ol start="[0-9]+">|<t[hd] align="(left|right|center)">/#) != nil
            || tag.wholeMatch(of: #/<div class="(table|code)-scroll" tabindex="0" role="(region|group)" aria-label="[^"]*">/#) != nil
            || tag.wholeMatch(of: #/<code class="language-[^"]*">|<img src="[^":]*" alt="[^"]*"( title="[^"]*")? />/#) != nil
            || tag.wholeMatch(of: #/<a rel="noreferrer noopener" href="(https?:|\/\/)[^"]*"( title="[^"]*")?>/#) != nil
            || tag.wholeMatch(of: #/<a href="(mailto:[^"]*|[^":\/?#]*([\/?#][^"]*)?)"( title="[^"]*")?>/#) != nil
    }
}

/// A generator of fixed numbers.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 32
    }
}
