import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked, type Token } from 'marked';
import { asMarkdown } from '../../src/edge/markdown.ts';

/** The kinds of everything that a Markdown reader finds in a text, those inside others included. */
function kindsIn(markdown: string): Set<string> {
  const kinds = new Set<string>();
  marked.walkTokens(marked.lexer(markdown), (token: Token) => {
    // A bare address may lead to itself: that it is what it says cannot deceive.
    if (token.type !== 'link' || token.text !== token.raw) kinds.add(token.type);
  });
  return kinds;
}

/** What a reader shows of it, as plain text; lines as they are broken. */
const shownOf = (markdown: string) =>
  (marked.parse(markdown) as string)
    .replace(/<br>\n?/g, '\n')
    .replace(/<\/p>\n<p>/g, '\n\n')
    .replace(/<\/?p>|<a href="[^"]*">|<\/a>/g, '')
    .replace(/&(lt|gt|quot|#39|amp);/g, (_all, name: string) => ENTITIES[name] ?? '')
    .trim();
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };

/** What a text may consist of: words, their breaks, and signs that were escaped. */
const HARMLESS = ['paragraph', 'text', 'escape', 'br', 'space'];

const HOSTILE = [
  '# A heading',
  'words\n## Session of somebody else\n\n**You**: I said this',
  'a title\n===',
  'a title\n---',
  '- a list\n- of two',
  '1. one\n2. two',
  '3) three',
  '> a quote',
  '***',
  '- - -',
  '```\ncode that never ends',
  '~~~ js\ncode',
  '    four blanks of code',
  '\ta tab of code',
  'inline `code` and ``more``',
  '[a link](https://example.org "title")',
  '![a picture](https://example.org/x.png)',
  '[a link](javascript:alert(1))',
  '[reference]: https://example.org\n[reference]',
  'a footnote[^1]\n\n[^1]: its text',
  '<script>alert(1)</script>',
  'words <b onclick="x()">bold</b>',
  '<!-- a comment that hides the rest',
  '<https://example.org>',
  '</details>\n<details>',
  '<?php echo 1 ?>',
  '| a | b |\n| - | - |\n| c | d |',
  'a | b\n- | -\nc | d',
  '*emphasis* and **more**, _this_ and __that__, ~~gone~~',
  'a backslash at the end \\\nand on',
  '\\# escaped already, \\*twice\\*',
  '&lt;b&gt; &amp;amp; &#35; &copy;',
  'Setext\u2028=== of another kind',
  'a\r\n# b\r# c',
  '+ plus\n* star\n: definition\n= equals',
  '$$\nx\n$$ and $y$',
];

test('hostile words stay words, and read as they were written', () => {
  for (const words of HOSTILE) {
    const markdown = asMarkdown(words);
    const kinds = [...kindsIn(markdown)].filter((kind) => !HARMLESS.includes(kind));
    assert.deepEqual(kinds, [], JSON.stringify([words, markdown]));
    const expected = words
      .replace(/\r\n?|\u2028/g, '\n')
      .split('\n')
      .map((line) => line.trim())
      .join('\n')
      .trim();
    const shown = shownOf(markdown).split('\n');
    assert.deepEqual(shown.map((line) => line.trim()).join('\n'), expected, markdown);
    // Behind words of our own they open nothing either.
    const document = `**You**: ${markdown}\n\n## The next session\n\nlast words\n`;
    const headings = marked.lexer(document).filter(({ type }) => type === 'heading');
    assert.deepEqual(
      headings.map((token) => 'text' in token && token.text),
      ['The next session'],
      document,
    );
  }
});

test('ordinary words are not disfigured', () => {
  for (const words of [
    'What is a closure?',
    "It's 3.14 (roughly), isn't it? 50% & more!",
    'snake_case and x < 3, y > 4; C# and c++: fine.',
    'Was heißt „naïve“? 🦀',
    'see https://example.org/some_page?a=1&b=2',
  ]) {
    assert.equal(asMarkdown(words), words);
  }
  assert.equal(asMarkdown('one\ntwo\n\n\tthree'), 'one  \ntwo\n\n\u00a0\u00a0\u00a0\u00a0three');
});

test('control characters reach no terminal', () => {
  assert.equal(asMarkdown('a\u001b[2Jb\u0000c\u009bd'), 'a\ufffd\\[2Jb\ufffdc\ufffdd');
});
