extension AccessibilityScript {
    /// The contrast rule, with colours as the browser computed them.
    static let colours = #"""
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        const known = new Map();
        // Red, green and blue from 0 to 255 and the share of cover from 0 to 1.
        function rgba(text) {
            const parts = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text);
            if (parts) return [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4] ?? 1)];
            if (!known.has(text)) {
                // Newer notations such as oklch(): let the browser convert them.
                canvas.clearRect(0, 0, 1, 1);
                canvas.fillStyle = text;
                canvas.fillRect(0, 0, 1, 1);
                const [red, green, blue, cover] = canvas.getImageData(0, 0, 1, 1).data;
                known.set(text, [red, green, blue, cover / 255]);
            }
            return known.get(text);
        }
        const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
        function luminance(colour) {
            const [red, green, blue] = colour.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        }
        function ratio(one, other) {
            const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
        }
        // What the page is painted on, which is dark where `color-scheme` says so.
        function paper() {
            const probe = document.createElement('div');
            probe.style.backgroundColor = 'Canvas';
            document.documentElement.append(probe);
            const colour = rgba(getComputedStyle(probe).backgroundColor);
            probe.remove();
            return colour;
        }
        // What an element's text lies on; no colour where a picture is part of it.
        function backdrop(element) {
            const layers = [];
            let opaque = false;
            for (let at = element; at && !opaque; at = at.parentElement) {
                const style = getComputedStyle(at);
                if (style.backgroundImage !== 'none') return { colour: null };
                const colour = [...rgba(style.backgroundColor)];
                opaque = colour[3] === 1;
                layers.push(colour);
            }
            if (!opaque) layers.push(paper());
            return { colour: layers.reverse().reduce((below, top) => over(top, below)) };
        }
        function opacityOf(element) {
            let opacity = 1;
            for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
            return opacity;
        }
        function checkText(element, style, words, what) {
            const behind = backdrop(element).colour;
            if (!behind) { report('contrast', element, `${what} lies on a picture or gradient, where contrast is not known`); return; }
            const ink = [...rgba(style.color)];
            ink[3] *= opacityOf(element) * (what === 'the placeholder' ? Number(style.opacity) : 1);
            const found = ratio(over(ink, behind), behind);
            const size = parseFloat(style.fontSize), isBold = Number(style.fontWeight) >= 700;
            const needed = size >= 24 || (size >= 18.66 && isBold) ? 3 : 4.5;
            const list = colour => `rgb(${colour.slice(0, 3).map(Math.round).join(' ')})`;
            if (found < needed) {
                report('contrast', element,
                    `${what} “${words.trim().slice(0, 40)}” has ${found.toFixed(2)} to 1 instead of ${needed}: ${list(over(ink, behind))} on ${list(behind)}`);
            }
        }
        rules.contrast = () => {
            for (const element of all('body, body *')) {
                if (element.matches('script, style, option, optgroup')) continue;
                if (!isSeen(element) || isDisabled(element)) continue;
                const style = getComputedStyle(element);
                if (element.matches('input, textarea, select')) {
                    if (['checkbox', 'radio', 'range', 'color', 'file', 'image', 'hidden'].includes(element.type)) continue;
                    const words = element.localName === 'select' ? element.selectedOptions[0]?.text ?? '' : element.value;
                    if (words.trim()) checkText(element, style, words, 'the value');
                    else if (element.placeholder?.trim())
                        checkText(element, getComputedStyle(element, '::placeholder'), element.placeholder, 'the placeholder');
                    continue;
                }
                const words = [...element.childNodes].filter(n => n.nodeType === Node.TEXT_NODE).map(n => n.data).join(' ');
                if (words.trim()) checkText(element, style, words, 'the text');
            }
        };
        """#
}
