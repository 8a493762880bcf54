/** What has a meaning wherever it stands; an underscore inside a word has none, and is left to be read. */
const SIGNS = /[\\`*[\]~|$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** What makes a line a heading, a quote, a list, a rule or a definition. */
const LINE_START = /^(?:[#>+\-=:]|\d{1,9}(?=[.)](?:\s|$)))/;

/**
 * Somebody's words as Markdown paragraphs that read as they were written: nothing in them is a heading, list, code or HTML, no
 * link leads elsewhere than it says, and no control character reaches a terminal that shows them.
 */
export function asMarkdown(words: string): string {
  const lines = words
    .trim()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[^\P{Cc}\t\n]/gu, '\ufffd')
    .split('\n')
    .map(escapeLine);
  // Two blanks at a line's end keep the break; empty lines part paragraphs.
  return lines.map((line, index) => (line !== '' && lines[index + 1] ? `${line}  ` : line)).join('\n');
}

function escapeLine(line: string): string {
  const said = line.trim();
  if (said === '') return '';
  // NOTE: indented by ordinary blanks a line would be code.
  const indent = '\u00a0'.repeat(line.replaceAll('\t', '    ').search(/\S/));
  const escaped = said
    .replace(SIGNS, '\\$&')
    .replace(/&(?=#?\w+;)/g, '&amp;')
    // NOTE: not every reader of Markdown knows `\<`, and a tag must be none for all of them.
    .replace(/<(?=[a-z/!?])/gi, '&lt;');
  return indent + escaped.replace(LINE_START, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
}
