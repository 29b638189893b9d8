// Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
// swift-format-ignore-file

extension EmbeddedFile {
    static let vectisCSS = EmbeddedFile(
        path: "Sources/VectisHost/Web/Assets/vectis.css",
        text: ##"""
/* One accent colour, one scale of distances, light and dark. Contrast is checked in a browser by the tests. */
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b2430; --faint: #56616f; --line: #d5dae1; --field: #ffffff; --edge: #7b8694;
  --accent: #0b5cad; --on-accent: #ffffff; --accent-deep: #084985;
  --good: #14683c; --good-paper: #e8f5ed; --warn: #7a4a00; --warn-paper: #fdf3df; --bad: #a51d24; --bad-paper: #fdecec;
  --note-paper: #e8f0f9; --code: #eef1f4;
  --s: .25rem; --m: .75rem; --l: 1.25rem; --xl: 2rem; --round: .5rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12171d; --card: #1a212a; --ink: #e7ecf2; --faint: #a6b1be; --line: #313b47; --field: #12171d; --edge: #7d8a99;
    --accent: #79b8ff; --on-accent: #0b1a2b; --accent-deep: #a5cfff;
    --good: #6fd19b; --good-paper: #12291d; --warn: #f0bd62; --warn-paper: #2c2210; --bad: #ff9a9a; --bad-paper: #331718;
    --note-paper: #14263a; --code: #242d38;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 74rem; margin: 0 auto; padding: var(--xl) var(--l) 4rem; outline: none; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 var(--m); overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: var(--xl) 0 var(--m); }
h3 { font-size: 1.05rem; margin: var(--l) 0 var(--s); }
p { margin: 0 0 var(--m); }
a { color: var(--accent); }
a:hover { color: var(--accent-deep); }
code { background: var(--code); border-radius: .25rem; padding: .05em .35em; font: .9em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { background: var(--code); padding: var(--m); border-radius: var(--round); overflow-x: auto; }
pre code { padding: 0; background: none; overflow-wrap: normal; }
.lead { color: var(--faint); max-width: 46rem; text-wrap: pretty; }
.help, .kept { color: var(--faint); font-size: .875rem; margin: var(--s) 0 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: var(--m); top: -4rem; background: var(--card); padding: var(--m); z-index: 2; }
.skip:focus { top: var(--m); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }

/* The bar at the top */
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s) var(--l); padding: var(--s) var(--l); background: var(--card); border-bottom: 1px solid var(--line); }
.brand { display: inline-flex; align-items: center; gap: .5rem; min-height: 2.75rem; font-weight: 700; color: var(--ink); text-decoration: none; }
.mark { width: 1.1rem; height: 1.1rem; border-radius: .3rem; background: var(--accent); transform: rotate(45deg) scale(.8); }
.bar ul { display: flex; flex-wrap: wrap; gap: var(--s); list-style: none; margin: 0; padding: 0; }
.bar nav a { display: inline-block; padding: .5rem .75rem; border-radius: var(--round); color: var(--ink); text-decoration: none; }
.bar nav a:hover { background: var(--paper); }
.bar nav a[aria-current] { background: var(--note-paper); color: var(--accent); font-weight: 600; box-shadow: inset 0 -2px var(--accent); }
.who { display: flex; flex-wrap: wrap; align-items: center; gap: var(--m); margin-left: auto; }
.who a { display: inline-block; padding: .4rem 0; color: var(--ink); }
.role { margin-left: .4rem; padding: .1rem .4rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .8rem; color: var(--faint); }
.who .role { display: inline-block; }
.status .role { margin: 0 .4rem 0 0; }
.lead + :is(.field, form, .cards, .notice) { margin-top: var(--l); }
.narrow form + .help { margin-top: var(--l); }
.crumbs { margin: 0 0 var(--s); font-size: .9rem; }
.crumbs a { display: inline-block; padding: .2rem 0; }

/* Buttons */
button, .button { display: inline-block; min-height: 2.5rem; padding: .45rem 1rem; border: 1px solid var(--edge); border-radius: var(--round); background: var(--card); color: var(--ink); font: inherit; font-weight: 600; line-height: 1.5; text-align: center; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { border-color: var(--accent); color: var(--accent); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent-deep); border-color: var(--accent-deep); color: var(--on-accent); }
.quiet { background: none; border-color: transparent; color: var(--accent); font-weight: 500; }
.danger { background: none; border-color: var(--bad); color: var(--bad); }
.danger:hover { background: var(--bad-paper); border-color: var(--bad); color: var(--bad); }
button[disabled], button[aria-disabled="true"] { opacity: .6; cursor: default; }
.buttons, .actions { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: var(--l) 0 0; }
.actions { margin-top: var(--m); }
.actions form { display: flex; margin: 0; }
.connections .actions :is(button, .button) { min-height: 2.25rem; padding: .3rem .7rem; font-size: .95rem; }

/* Cards */
.cards { display: grid; align-items: start; gap: var(--l); grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: calc(var(--round) * 1.5); padding: var(--l); }
.card-head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: var(--s) var(--m); margin-bottom: var(--m); }
.card h2 { margin: 0; }
.tier { font-size: .85rem; color: var(--faint); }
.connections { list-style: none; margin: 0; padding: 0; }
.connections > li { padding: var(--m) 0; border-top: 1px solid var(--line); }
.connections > li:first-child { border-top: 0; padding-top: 0; }
.connections h3 { margin: 0 0 var(--s); overflow-wrap: anywhere; }
.status { margin: 0; }
.issues { margin: var(--s) 0 0; padding-left: 1.2rem; color: var(--bad); }
.state { display: inline-block; margin-right: .4rem; padding: .1rem .6rem; border-radius: 1rem; font-size: .85rem; font-weight: 600; background: var(--code); color: var(--ink); }
.state::before { content: "○ "; }
.connected .state { background: var(--good-paper); color: var(--good); }
.connected .state::before { content: "● "; }
.limited .state { background: var(--warn-paper); color: var(--warn); }
.limited .state::before { content: "◐ "; }
.needs_attention .state { background: var(--bad-paper); color: var(--bad); }
.needs_attention .state::before { content: "▲ "; }

/* Forms */
.narrow { max-width: 26rem; margin: 0 auto; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
.field { margin: 0 0 var(--l); max-width: 38rem; }
.field label { display: block; font-weight: 600; margin-bottom: var(--s); }
.optional { font-weight: 400; color: var(--faint); font-size: .85rem; }
input[type="text"], input[type="password"], input[type="date"], select, textarea { width: 100%; height: 2.65rem; padding: .45rem .65rem; border: 1px solid var(--edge); border-radius: var(--round); background: var(--field); color: var(--ink); font: inherit; }
textarea { height: auto; }
fieldset[disabled] input, fieldset[disabled] select { opacity: .75; }
.wrong input, .wrong select, .wrong textarea { border: 2px solid var(--bad); }
.field .problem { margin: var(--s) 0 0; color: var(--bad); }
.field .problem a { white-space: nowrap; }
.kept::before { content: "✓ "; }
.group { border: 1px solid var(--line); border-radius: var(--round); padding: var(--m) var(--l); margin: 0 0 var(--m); background: var(--card); }
.group legend { padding: 0 var(--s); font-weight: 600; }
.group + .actions { margin: 0; }
.test { display: grid; gap: var(--s) var(--m); grid-template-columns: 1fr 1.4fr 1fr; padding: var(--s) 0; }
.test .problem { grid-column: 1 / -1; margin: 0; color: var(--bad); }
.rules { list-style: none; margin: var(--l) 0 0; padding: 0; }
.rules > li { background: var(--card); border: 1px solid var(--line); border-radius: var(--round); padding: var(--m) var(--l); margin: 0 0 var(--m); }
.rules h2 { margin: 0 0 var(--s); font-size: 1.1rem; overflow-wrap: anywhere; }
.rules h2 a { display: inline-block; padding: .1rem 0; }
.status + .notice { margin-top: var(--l); }
.states [aria-current] { background: var(--note-paper); font-weight: 600; }
.states { margin-bottom: var(--l); }
.jobs { list-style: none; margin: 0; padding: 0; }
.jobs > li { background: var(--card); border: 1px solid var(--line); border-radius: var(--round); padding: var(--m) var(--l); margin: 0 0 var(--m); }
.jobs p { margin: 0 0 var(--s); overflow-wrap: anywhere; }
.created .state, .appended .state { background: var(--good-paper); color: var(--good); }
.failed .state { background: var(--bad-paper); color: var(--bad); }
.unknown .state, .needs_review .state { background: var(--warn-paper); color: var(--warn); }
.tick { display: flex; gap: .6rem; align-items: flex-start; max-width: 38rem; }
.tick input { width: 1.5rem; height: 1.5rem; flex: none; margin: 0; accent-color: var(--accent); }
details { margin: 0 0 var(--l); }
summary { padding: .35rem 0; cursor: pointer; font-weight: 600; }
.filters { display: grid; gap: 0 var(--m); grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); align-items: end; }
.filters .field { margin-bottom: var(--m); }
.filters .buttons { grid-column: 1 / -1; margin: 0 0 var(--l); }
.filters .aside { display: flex; flex-wrap: wrap; gap: .5rem; margin-left: auto; }
.filters + .table-scroll table { min-width: 58rem; }
[aria-labelledby="open-issues"] table { min-width: 46rem; }
.help + .table-scroll { margin-top: var(--s); }

/* Messages */
.notice { margin: 0 0 var(--l); padding: var(--m) var(--l); border: 1px solid var(--line); border-left: .35rem solid var(--accent); border-radius: var(--round); background: var(--note-paper); }
.notice ul { margin: var(--s) 0 0; padding-left: 1.2rem; }
.notice.done { border-left-color: var(--good); background: var(--good-paper); }
.notice.warning { border-left-color: var(--warn); background: var(--warn-paper); }
.notice.problem { border-left-color: var(--bad); background: var(--bad-paper); }
.notice.done > strong { color: var(--good); }
.notice.warning > strong { color: var(--warn); }
.notice.problem > strong { color: var(--bad); }
.headline { font-weight: 700; font-size: 1.1rem; }

/* Guidance and checks */
.split { display: grid; gap: 0 3rem; grid-template-columns: minmax(0, 1fr); }
#result { margin-top: var(--xl); min-width: 0; }
#result:empty { display: none; }
.guidance { background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--bad); border-radius: var(--round); padding: var(--l); margin: 0 0 var(--l); }
.guidance.warning { border-left-color: var(--warn); }
.guidance h2 { margin: 0 0 var(--s); }
.guidance > :last-child { margin-bottom: 0; }
.detail { overflow-wrap: anywhere; }
.steps li, .causes li { margin-bottom: .4rem; }
.causes { list-style: none; padding: 0; }
.causes li { display: grid; grid-template-columns: 6.5rem 1fr; gap: var(--m); }
.confidence { align-self: start; text-align: center; font-size: .85rem; font-weight: 600; border: 1px solid var(--edge); border-radius: 1rem; padding: .05rem .5rem; }
.confidence.certain { background: var(--bad-paper); border-color: var(--bad); color: var(--bad); }
.confidence.likely { background: var(--warn-paper); border-color: var(--warn); color: var(--warn); }
.evidence { color: var(--faint); overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: var(--s) var(--l); margin: var(--l) 0 var(--m); }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts a { display: inline-block; padding: .1rem 0; margin-right: var(--m); }
.checks { list-style: none; margin: 0 0 var(--l); padding: 0; border: 1px solid var(--line); border-radius: var(--round); background: var(--card); }
form + .checks { margin-top: var(--l); }
.checks li { display: grid; grid-template-columns: 7rem 15rem 1fr; gap: 0 var(--m); padding: .5rem var(--m); border-top: 1px solid var(--line); }
.checks li:first-child { border-top: 0; }
.checks .outcome { font-weight: 600; }
.checks .passed .outcome { color: var(--good); }
.checks .passed .outcome::before { content: "✓ "; }
.checks .warning .outcome { color: var(--warn); }
.checks .warning .outcome::before { content: "! "; }
.checks .failed .outcome { color: var(--bad); }
.checks .failed .outcome::before { content: "✗ "; }
.checks .skipped .outcome { color: var(--faint); }
.checks .skipped .outcome::before { content: "– "; }

/* Tables and documents */
.table-scroll { position: relative; overflow-x: auto; margin: 0 0 var(--l); border: 1px solid var(--line); border-radius: var(--round); background: var(--card); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem var(--m); border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--faint); font-size: .85rem; white-space: nowrap; }
td time { white-space: nowrap; }
td a { display: inline-block; padding: .15rem 0; margin: -.15rem 0; }
.outcome-word { font-weight: 600; }
.outcome-word.done { color: var(--good); }
.outcome-word.refused, .outcome-word.failed { color: var(--bad); }
.outcome-word.unknown { color: var(--warn); }
.empty { padding: var(--l); border: 1px dashed var(--edge); border-radius: var(--round); }
.links { padding-left: 1.2rem; }
.links a { display: inline-block; padding: .25rem 0; }
.contents ul { columns: 2 16rem; }
.contents a { display: inline-block; padding: .1rem 0; }
.document { max-width: 48rem; overflow-wrap: anywhere; }
.document li { margin-bottom: .25rem; }
:target { scroll-margin-top: 1rem; }
@media (min-width: 70rem) {
  .split { grid-template-columns: minmax(0, 30rem) minmax(0, 1fr); align-items: start; }
  .split #result { margin-top: 0; position: sticky; top: var(--l); }
  .split .checks li { grid-template-columns: 6.5rem 1fr; }
  .split .checks .evidence { grid-column: 2; }
}
@media (min-width: 60rem) {
  /* What can be connected gets the first column to itself, however many connections it has. */
  .cards { grid-template-rows: auto 1fr; }
  .cards > :first-child:nth-last-child(3) { grid-row: span 2; }
}
@media (max-width: 40rem) {
  main { padding: var(--l) var(--m) 3rem; }
  .bar { padding: var(--s) var(--m); }
  .bar nav a { padding: .4rem .5rem; font-size: .95rem; }
  .bar ul { gap: 0; margin: 0 -.5rem; }
  .who { margin-left: 0; width: 100%; justify-content: space-between; }
  .who .quiet { padding-right: 0; }
  .filters .aside { margin-left: 0; }
  .checks li, .causes li, .facts, .test { grid-template-columns: 1fr; gap: 0; }
  .test { gap: var(--s); }
  .test + .test { border-top: 1px solid var(--line); margin-top: var(--m); padding-top: var(--m); }
  .confidence { justify-self: start; }
  .facts dd { margin-bottom: var(--s); }
}
@media (prefers-reduced-motion: no-preference) { button, .button { transition: background-color .12s, border-color .12s; } }

"""##)
}
