/** The look of the runbook's page: light or dark as the reader's system is, and readable on a phone at night. */
export const RUNBOOK_STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5a6675; --page: #fbfbf9; --code: #f0efeb; --line: #dcdad3; --link: #14598f; --alarm: #a3262a; --alarm-ink: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6ea; --quiet: #9aa5b3; --page: #16191e; --code: #20252c; --line: #333a44; --link: #86bdf0; --alarm: #d5595c; --alarm-ink: #16191e; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 6rem; max-width: 50rem; background: var(--page); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
a { color: var(--link); }
h1 { line-height: 1.2; }
h2 { margin: 3rem 0 0; padding-top: 1.25rem; border-top: 1px solid var(--line); scroll-margin-top: 1rem; overflow-wrap: anywhere; }
h2:target { color: var(--alarm); }
code { padding: .1em .3em; border-radius: 4px; background: var(--code); font: .88em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { padding: .75rem 1rem; border-radius: 6px; background: var(--code); }
pre code { padding: 0; white-space: pre-wrap; }
li { margin: .35rem 0; }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.contents { columns: 14rem; padding: 0; list-style: none; }
.contents li { margin: .1rem 0; }
.rule { margin: .25rem 0 1rem; color: var(--quiet); font-size: .9em; }
.rule summary { cursor: pointer; }
.firing { padding: .6rem 1rem; border-radius: 6px; background: var(--alarm); color: var(--alarm-ink); }
.firing a { margin-left: .75rem; color: inherit; font-weight: 600; }
`;
