extension AccessibilityScript {
    /// Rules about what is read out: labels, names, alternative and error texts.
    static let names = #"""
        rules.label = () => {
            const unlabelled = ['hidden', 'submit', 'button', 'reset', 'image'];
            for (const field of all('input, select, textarea')) {
                if (unlabelled.includes(field.type) || !isRendered(field)) continue;
                const labels = [...field.labels].map(textOf).join(' ').trim();
                if (!labels && !givenName(field)) report('label', field, 'the field has no label');
            }
        };
        rules.name = () => {
            const buttons = 'button, [role="button"], summary, input[type="submit"], input[type="button"], input[type="reset"], input[type="image"]';
            for (const control of all(`${buttons}, a[href], [role="link"]`)) {
                if (!isRendered(control)) continue;
                let name = givenName(control) || textOf(control).trim() || (control.getAttribute('title') ?? '').trim();
                if (control.localName === 'input') {
                    // Without a value the browser writes “Submit” and “Reset” itself; an image has its alternative text.
                    const preset = ['submit', 'reset'].includes(control.type) && !control.hasAttribute('value');
                    name ||= preset ? control.type : control.type === 'image' ? control.alt.trim() : control.value.trim();
                }
                if (!name) report('name', control, 'nothing says what it does: no text, no label');
            }
        };
        rules.image = () => {
            for (const image of all('img, [role="img"]')) {
                if (!isRendered(image) || image.closest('[aria-hidden="true"]')) continue;
                if (image.localName === 'img' ? !image.hasAttribute('alt') && !givenName(image) : !givenName(image) && !textOf(image).trim())
                    report('image', image, 'no alternative text');
            }
        };
        rules.errorText = () => {
            for (const field of all('[aria-invalid]:not([aria-invalid="false"], [aria-invalid=""])')) {
                if (!isRendered(field)) continue;
                const texts = [...byID(field.getAttribute('aria-describedby')), ...byID(field.getAttribute('aria-errormessage'))];
                if (!texts.some(e => isSeen(e) && e.textContent.trim())) report('errorText', field, 'marked as invalid, and no shown text describes why');
            }
        };
        """#

    /// Rules about using it: order and sight of focus, sizes.
    static let controls = #"""
        rules.tabOrder = () => {
            for (const element of all('[tabindex]')) {
                if (element.tabIndex > 0) report('tabOrder', element, `tabindex ${element.tabIndex} jumps ahead of the page's order`);
            }
        };
        rules.focusVisible = () => {
            const focusable = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [contenteditable], [tabindex]:not([tabindex^="-"])';
            const isDrawn = look => look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0 && rgba(look.outlineColor)[3] > 0;
            const look = e => {
                const { outlineStyle, outlineWidth, outlineColor, outlineOffset, boxShadow } = getComputedStyle(e);
                return { outlineStyle, outlineWidth, outlineColor, outlineOffset, boxShadow };
            };
            // A line in the colour of what is around it is none. The browser's own ring has two tones and is always seen.
            const standsOut = (e, now) => {
                if (now.outlineStyle === 'auto') return true;
                const around = backdrop(parseFloat(now.outlineOffset) < 0 ? e : e.parentElement ?? e).colour;
                return !around || ratio(over(rgba(now.outlineColor), around), around) >= 3;
            };
            for (const element of all(focusable)) {
                if (!isRendered(element) || isDisabled(element)) continue;
                // The sign may be drawn around the control, such as on the label of a hidden radio button.
                const places = [element, element.parentElement, element.nextElementSibling, ...(element.labels ?? [])].filter(Boolean);
                document.activeElement?.blur();
                const before = places.map(look);
                element.focus({ focusVisible: true, preventScroll: true });
                if (document.activeElement !== element) continue;
                const isShown = places.some((place, index) => {
                    const now = look(place), was = before[index];
                    const isOutlined = isDrawn(now) && ['outlineStyle', 'outlineWidth', 'outlineColor', 'outlineOffset'].some(p => now[p] !== was[p]);
                    return (isOutlined && standsOut(place, now)) || (now.boxShadow !== 'none' && now.boxShadow !== was.boxShadow);
                });
                if (!isShown) report('focusVisible', element, 'the focus is not seen: no outline or shadow appears that stands out');
            }
        };
        rules.targetSize = () => {
            const targets = 'a[href], button, summary, [role="button"], [role="link"], input[type="submit"], input[type="button"], input[type="reset"], input[type="image"]';
            // Inside a sentence: inline, and the block around it has text beside its targets.
            const isInSentence = e => {
                if (getComputedStyle(e).display !== 'inline') return false;
                let block = e.parentElement;
                while (block && getComputedStyle(block).display.startsWith('inline')) block = block.parentElement;
                const walker = document.createTreeWalker(block ?? document.body, NodeFilter.SHOW_TEXT);
                while (walker.nextNode()) {
                    if (/[\p{L}\p{N}]/u.test(walker.currentNode.data) && !walker.currentNode.parentElement.closest(targets)) return true;
                }
                return false;
            };
            for (const target of all(targets)) {
                if (!isSeen(target) || isDisabled(target) || isInSentence(target)) continue;
                const box = target.getBoundingClientRect();
                if (box.width < 23.99 || box.height < 23.99)
                    report('targetSize', target, `${box.width.toFixed(1)} by ${box.height.toFixed(1)} pixels instead of 24 by 24`);
            }
        };
        rules.horizontalScrolling = () => {
            const width = document.scrollingElement.scrollWidth;
            if (width <= innerWidth) return;
            // The innermost overflowing element is the one to fix.
            const wide = all('body *').filter(e => isRendered(e) && e.getBoundingClientRect().right > innerWidth + 0.5);
            const inner = wide.filter(e => !wide.some(other => other !== e && e.contains(other)));
            report('horizontalScrolling', inner[0] ?? document.body, `the page is ${width} pixels wide on a screen of ${innerWidth}`);
        };
        """#
}
