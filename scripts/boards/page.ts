import { toned } from './colours.ts';
import { firings, type Setting } from './data.ts';
import type { Board, Panel } from './grafana.ts';
import { drawn, escaped, type Scene } from './panels.ts';

/** Of the page in CSS pixels; a cell is Grafana's 30 with 8 between. */
export const PAGE_WIDTH = 1360;
const MARGIN = 28;
const CELL = 30;
const GAP = 8;
const HEAD = 72;
const FIRED = 26;
const PADDING = 12;
const TITLE = 27;
const HELP_LINE = 15;

export type Page = { html: string; height: number };

/** A board as one page that needs nothing else: no script, no font, no picture from anywhere. */
export async function pageOf(board: Board, all: Board[], setting: Setting): Promise<Page> {
  const scene = { ...setting, board, fired: await firings(board, setting) };
  const rows = Math.max(...board.panels.map(({ gridPos: { y, h } }) => y + h));
  const boxes = await Promise.all(board.panels.map((panel) => box(panel, scene)));
  const { span, prometheus } = setting;
  const clock = (s: number) => new Date(s * 1000).toISOString().slice(11, 16);
  const day = new Date(span.endS * 1000).toISOString().slice(0, 10);
  // Titles begin with the product's name; the links do not repeat it.
  const links = all.map(({ name, title }) =>
    name === board.name ? `<b>${escaped(short(title))}</b>` : `<a href="${name}.html">${escaped(short(title))}</a>`,
  );
  const fired = scene.fired.map(
    ({ name, color, fromS, toS }) =>
      `<span style="color:${toned(color)}">● ${escaped(name)} ${clock(fromS)}–${toS === span.endS ? 'now' : clock(toS)}</span>`,
  );
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(board.title)}</title><style>${STYLE}</style>
<header><h1>${escaped(board.title)}</h1><nav>${links.join('')}</nav>
<p>${escaped(board.description?.replace(/ \(Generated .*\)$/, '') ?? '')}</p><p>${day}, ${clock(span.startS)} to ${clock(span.endS)} UTC, from ${escaped(prometheus.url)}</p></header>
${fired.length > 0 ? `<div class="fired"><b>Alerts</b>${fired.join('')}</div>\n` : ''}<main>
${boxes.join('\n')}
</main></html>
`;
  return { html, height: HEAD + (fired.length > 0 ? FIRED : 0) + rows * (CELL + GAP) + 20 };
}

const short = (title: string): string => title.split(': ').at(-1) ?? title;

async function box(panel: Panel, scene: Scene): Promise<string> {
  const { x, y, w, h } = panel.gridPos;
  const place = `grid-area:${y + 1}/${x + 1}/span ${h}/span ${w}`;
  if (panel.type === 'row') return `<h2 style="${place}">${escaped(panel.title)}</h2>`;
  const column = (PAGE_WIDTH - 2 * MARGIN + GAP) / 24;
  const lines = w < 6 || h < 6 ? 0 : w < 12 ? 2 : 1;
  const size = {
    width: Math.floor(w * column - GAP - 2 * PADDING - 2),
    height: h * (CELL + GAP) - GAP - TITLE - lines * HELP_LINE - PADDING - 2,
  };
  const inside = await drawn(panel, scene, size);
  const help = escaped(panel.description ?? '');
  const links = (panel.links ?? []).map(
    ({ title, url }) => `<a href="${escaped(filled(url, scene.board))}">${escaped(title.replace('Runbook: ', ''))}</a>`,
  );
  const caption = lines > 0 ? `<p style="height:${lines * HELP_LINE}px;-webkit-line-clamp:${lines}">${help}</p>` : '';
  return `<section id="panel-${panel.id}" style="${place}" title="${help}"><h3><span>${escaped(panel.title)}</span>${lines > 0 ? links.join('') : ''}</h3>${caption}<div style="height:${size.height}px">${inside}</div></section>`;
}

/** A link with the board's constants in it. */
function filled(url: string, board: Board): string {
  return url.replace(/\$\{(\w+)\}/g, (found, name) => {
    const query = board.templating?.list?.find((variable) => variable.name === name)?.query;
    return typeof query === 'string' ? query : found;
  });
}

const STYLE = `
*{box-sizing:border-box;margin:0}
body{width:${PAGE_WIDTH}px;margin:0 auto;background:#f3f5f8;color:#1f2937;font:13px/1.4 Inter,'DejaVu Sans',system-ui,sans-serif}
header{height:${HEAD}px;padding:14px ${MARGIN}px 0;display:grid;grid-template-columns:1fr auto;gap:2px 32px;align-items:baseline;align-content:start;font-size:12px;color:#526075;white-space:nowrap}
header>*{overflow:hidden;text-overflow:ellipsis}
h1{font-size:20px;line-height:1.3;color:#111827}
nav{text-align:right;font-size:13px}
nav>*{margin-left:16px;text-decoration:none;color:#2563ab;font-weight:400}
nav b{color:#111827;font-weight:700}
header p:last-child{text-align:right}
nav a:hover,h3 a:hover{text-decoration:underline}
.fired{height:${FIRED}px;padding:0 ${MARGIN}px;display:flex;gap:18px;font-size:12px;white-space:nowrap;overflow:hidden}
main{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:${CELL}px;gap:${GAP}px;padding:0 ${MARGIN}px 20px}
h2{font-size:13px;align-self:end;padding-bottom:3px;color:#334155;letter-spacing:.02em;border-bottom:1px solid #cfd6e0}
section{background:#fff;border:1px solid #dde2ea;border-radius:7px;padding:0 ${PADDING}px ${PADDING}px;overflow:hidden;min-width:0}
h3{font-size:13px;line-height:${TITLE}px;height:${TITLE}px;font-weight:600;display:flex;gap:10px;white-space:nowrap;overflow:hidden}
h3 span{flex:1;overflow:hidden;text-overflow:ellipsis}
h3 a{font-weight:400;font-size:11px;color:#2563ab;text-decoration:none}
section>p{font-size:11px;line-height:${HELP_LINE}px;color:#7b8798;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical}
section>div{overflow:hidden}
section>div>svg{display:block}
.legend{margin-top:4px;display:flex;flex-wrap:wrap;align-content:flex-start;gap:0 14px;overflow:hidden;font-size:11px;line-height:19px;color:#526075}
.legend span{white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis}
.legend i{display:inline-block;width:10px;height:3px;border-radius:2px;vertical-align:middle;margin-right:5px}
.legend b{color:#1f2937;font-weight:600}
.stats{display:flex;height:100%;gap:6px}
.stats>div{flex:1;min-width:0;display:flex;flex-direction:column;justify-content:center;align-items:center;text-align:center;overflow:hidden}
.stats strong{font-weight:600;line-height:1.15;white-space:nowrap}
.stats em{font-style:normal;font-size:11px;color:#526075;max-width:100%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.states{padding-top:5px;display:grid;grid-template-columns:max-content 1fr;gap:6px 12px;height:100%;grid-auto-rows:1fr;font-size:12px;align-items:center}
.states div{position:relative;height:100%;max-height:34px;background:#eef1f5;border-radius:4px;overflow:hidden}
.states i{position:absolute;top:0;bottom:0;display:grid;place-items:center;font-style:normal;font-size:11px;color:#fff}
.states p{display:flex;justify-content:space-between;color:#526075}
.states p small{font-size:11px}
.empty{height:100%;display:grid;place-items:center;text-align:center;color:#7b8798;padding:0 12px}
table{margin-top:5px;width:100%;border-collapse:collapse;font-size:12px}
th{text-align:left;color:#526075;font-weight:600}
th,td{padding:3px 10px 3px 0;border-bottom:1px solid #e6eaf0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:420px}
`;
