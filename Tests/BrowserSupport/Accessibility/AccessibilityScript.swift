/// The audit's JavaScript: shared parts, rules by subject, and the run at the end.
///
/// It runs synchronously and without `eval`, inline styles or inline scripts, so it works under any content security policy and where the
/// page's own scripts are switched off.
enum AccessibilityScript {
    static let text = [shared, document, names, colours, controls, run].joined(separator: "\n")

    private static let shared = #"""
        'use strict';
        const findings = [];
        const rules = {};
        const all = css => [...document.querySelectorAll(css)];
        const report = (rule, element, message) => findings.push({ rule, selector: selectorOf(element), message });

        // The shortest path from an ancestor with an id of its own, or from the root.
        function selectorOf(element) {
            const parts = [];
            for (let at = element; at; at = at.parentElement) {
                if (at.id && all('#' + CSS.escape(at.id)).length === 1) { parts.unshift('#' + CSS.escape(at.id)); break; }
                const tag = at.localName;
                const same = at.parentElement ? [...at.parentElement.children].filter(e => e.localName === tag) : [at];
                parts.unshift(same.length > 1 ? `${tag}:nth-of-type(${same.indexOf(at) + 1})` : tag);
            }
            return parts.join(' > ');
        }

        // Shown to sighted visitors: rendered, visible, and not cut down to a pixel for screen readers only.
        const isRendered = e => e.checkVisibility({ visibilityProperty: true });
        function isSeen(e) {
            if (!isRendered(e) || !e.checkVisibility({ opacityProperty: true })) return false;
            for (let at = e; at; at = at.parentElement) {
                const style = getComputedStyle(at), box = at.getBoundingClientRect();
                const isCut = style.overflow !== 'visible' && (box.width <= 1 || box.height <= 1);
                if (isCut || (style.position === 'absolute' && style.clip === 'rect(0px, 0px, 0px, 0px)')) return false;
            }
            return true;
        }
        const isDisabled = e => e.matches(':disabled') || !!e.closest('[aria-disabled="true"], fieldset:disabled')
            || (e.closest('label')?.control?.matches(':disabled') ?? false);

        const byID = text => (text ?? '').split(/\s+/).filter(Boolean).map(id => document.getElementById(id)).filter(Boolean);
        function textOf(node) {
            if (node.nodeType === Node.TEXT_NODE) return node.data;
            if (node.nodeType !== Node.ELEMENT_NODE || node.matches('[aria-hidden="true"], script, style') || !isRendered(node)) return '';
            const own = node.getAttribute('aria-label')?.trim();
            if (own) return own;
            if (node.localName === 'img') return node.getAttribute('alt') ?? '';
            if (node.localName === 'svg') return node.querySelector('title')?.textContent ?? '';
            return [...node.childNodes].map(textOf).join(' ');
        }
        function givenName(e) {
            const labelled = byID(e.getAttribute('aria-labelledby')).map(l => l.getAttribute('aria-label') || l.textContent).join(' ');
            return labelled.trim() || (e.getAttribute('aria-label') ?? '').trim();
        }
        """#

    private static let document = #"""
        rules.language = () => {
            const root = document.documentElement;
            if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(root.lang)) report('language', root, `lang is “${root.lang}”, not a language tag`);
        };
        rules.title = () => {
            if (!document.title.trim()) report('title', document.documentElement, 'the document has no title');
        };
        rules.viewport = () => {
            const meta = document.querySelector('meta[name="viewport"]'), content = meta?.content ?? '';
            const place = meta ?? document.documentElement;
            if (!/width\s*=\s*device-width/.test(content)) report('viewport', place, 'no viewport meta element with width=device-width');
            const largest = parseFloat(/maximum-scale\s*=\s*([\d.]+)/.exec(content)?.[1] ?? '10');
            if (/user-scalable\s*=\s*(no|0)/.test(content) || largest < 2) report('viewport', place, 'zooming is restricted');
        };
        rules.headings = () => {
            const level = e => Number(e.getAttribute('aria-level') ?? /^h([1-6])$/.exec(e.localName)?.[1] ?? 2);
            const headings = all('h1, h2, h3, h4, h5, h6, [role="heading"]').filter(isRendered);
            const first = headings.filter(e => level(e) === 1);
            if (first.length !== 1) report('headings', first[1] ?? document.body, `${first.length} headings of level 1 instead of one`);
            let before = 0;
            for (const heading of headings) {
                const now = level(heading);
                if (now > before + 1) report('headings', heading, before ? `level ${now} follows level ${before}` : `the first heading has level ${now}`);
                if (!textOf(heading).trim()) report('headings', heading, 'the heading is empty');
                before = now;
            }
        };
        rules.landmarks = () => {
            const mains = all('main, [role="main"]').filter(isRendered);
            if (mains.length !== 1) report('landmarks', mains[1] ?? document.body, `${mains.length} main landmarks instead of one`);
            const navigations = all('nav, [role="navigation"]').filter(isRendered);
            if (navigations.length < 2) return;
            const seen = new Set();
            for (const navigation of navigations) {
                const name = givenName(navigation);
                if (!name) report('landmarks', navigation, 'one of several navigations, and without a name');
                else if (seen.has(name)) report('landmarks', navigation, `another navigation is named “${name}” too`);
                seen.add(name);
            }
        };
        rules.uniqueID = () => {
            const seen = new Set();
            for (const element of all('[id]')) {
                if (seen.has(element.id)) report('uniqueID', element, `the id “${element.id}” occurs more than once`);
                seen.add(element.id);
            }
        };
        rules.reference = () => {
            const lists = ['describedby', 'labelledby', 'controls', 'owns', 'activedescendant', 'errormessage', 'details', 'flowto'];
            for (const name of [...lists.map(n => 'aria-' + n), 'for']) {
                for (const element of all(`[${name}]`)) {
                    const missing = element.getAttribute(name).split(/\s+/).filter(id => id && !document.getElementById(id));
                    for (const id of missing) report('reference', element, `${name} names “${id}”, which is not there`);
                }
            }
        };
        """#

    private static let run = #"""
        // Half-way through a transition neither colours nor outlines are what they will be.
        const still = new CSSStyleSheet();
        still.replaceSync('*, ::before, ::after, ::placeholder { transition: none !important; animation: none !important; }');
        const focused = document.activeElement;
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
        try {
            for (const name of arguments[0]) rules[name]();
        } finally {
            document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== still);
            if (focused && focused !== document.body) focused.focus({ preventScroll: true });
            else document.activeElement?.blur();
        }
        return findings;
        """#
}
