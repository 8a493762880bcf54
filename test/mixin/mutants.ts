import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { seconds } from '../../src/mixin/pace.ts';
import type { Duration } from '../../src/mixin/promql.ts';

/** One expression with one place changed, and a word on which. */
export type Mutant = { change: string; expr: string };

type Edit = { from: number; to: number; text: string };

/**
 * Every mutant of an expression: each number and comparison, window, offset, quantile, grouping label, aggregation, metric
 * name, label matcher and `label_replace` value is changed in turn, and each side of `and`, `or` and `unless` left out.
 */
export function mutantsOf(expr: string): Mutant[] {
  const text = (node: SyntaxNode) => expr.slice(node.from, node.to);
  return [...nodesOf(expr)].flatMap((node) =>
    editsOf(node, text).map(({ from, to, text: replacement }) => ({
      change: `${around(expr, from, to)} → ${replacement || 'nothing'}`,
      expr: expr.slice(0, from) + replacement + expr.slice(to),
    })),
  );
}

/** Every series selector of an expression, as it is written. */
export const selectorsOf = (expr: string): string[] =>
  [...nodesOf(expr)].filter(({ name }) => name === 'VectorSelector').map(({ from, to }) => expr.slice(from, to));

type Text = (node: SyntaxNode) => string;

function editsOf(node: SyntaxNode, text: Text): Edit[] {
  const swap = (...replacements: string[]): Edit[] =>
    replacements.map((replacement) => ({ from: node.from, to: node.to, text: replacement }));
  switch (node.name) {
    case 'NumberDurationLiteral':
      return swap(...numbers(node, text));
    case 'NumberDurationLiteralInDurationContext':
      return swap(...durations(node, text));
    case 'Gtr':
      return swap('>=', '<');
    case 'Gte':
      return swap('>', '<');
    case 'Lss':
      return swap('<=', '>');
    case 'Eql':
      return swap('!=');
    case 'Sum':
      return weightless(node, text) ? [] : swap('max');
    case 'Max':
      return swap('min');
    case 'Identifier':
      return swap('gone');
    case 'LabelName':
      return node.parent?.name === 'GroupingLabels' ? without(node, text) : [];
    case 'UnquotedLabelMatcher':
      return matchers(node, text);
    case 'StringLiteral':
      return isReplacement(node) && text(node) !== '""' ? swap('"mutant"') : [];
    case 'BinaryExpr':
      return sides(node, text);
    default:
      return [];
  }
}

/** Counts move by one, shares by a fifth; 0 becomes 2, because the first event of a counter is an increase of about 1. */
function numbers(node: SyntaxNode, text: Text): string[] {
  const value = Number(text(node));
  const call = node.parent?.parent;
  if (call && text(call).startsWith('histogram_quantile')) return ['0.9', '0.99'];
  if (value === 0) return ['2'];
  const counted = /^(>=|<)\s/.test(text(node.parent ?? node).slice(operator(node).from - (node.parent?.from ?? 0)));
  if (counted && Number.isInteger(value)) return [`${value - 1}`, `${value + 1}`];
  return [`${value * 0.8}`, `${value * 1.25}`];
}

const operator = (node: SyntaxNode): SyntaxNode => node.prevSibling ?? node;

function durations(node: SyntaxNode, text: Text): string[] {
  const s = seconds(text(node) as Duration);
  return weightless(node, text) ? [`${s / 2}s`] : [`${s / 2}s`, `${s * 2}s`];
}

/** Below `0 * …` only presence counts: a wider window, fewer matchers or another aggregation are the same expression. */
function weightless(node: SyntaxNode, text: Text): boolean {
  for (let above: SyntaxNode | null = node; above; above = above.parent)
    if (above.name === 'BinaryExpr' && text(above).startsWith('0 * ')) return true;
  return false;
}

function without(node: SyntaxNode, text: Text): Edit[] {
  const labels = node.parent;
  if (!labels) return [];
  const kept = labels
    .getChildren('LabelName')
    .filter((label) => label.from !== node.from)
    .map(text);
  return [{ from: labels.from, to: labels.to, text: `(${kept.join(', ')})` }];
}

function matchers(node: SyntaxNode, text: Text): Edit[] {
  const all = node.parent;
  if (!all) return [];
  const others = all
    .getChildren('UnquotedLabelMatcher')
    .filter((matcher) => matcher.from !== node.from)
    .map(text);
  // A selector with neither a name nor a matcher is none.
  if (others.length === 0 && !all.parent?.getChild('Identifier')) return [];
  const [, label = '', sign = '', value = ''] = text(node).match(/^(\w+)(=~|!~|!=|=)(.*)$/) ?? [];
  const negated = { '=': '!=', '!=': '=', '=~': '!~', '!~': '=~' }[sign];
  // That no selector goes without its job is seen at once, in rules.test.ts; each rule beside foreign series would take long.
  const wider = weightless(node, text) || label === 'job' ? [] : [null];
  const narrower =
    /^"[\w|-]+"$/.test(value) && value.includes('|') && !weightless(node, text)
      ? value
          .slice(1, -1)
          .split('|')
          .map((one) => `${label}="${one}"`)
      : [];
  return [...wider, `${label}${negated}${value}`, ...narrower].map((changed) => ({
    from: all.from,
    to: all.to,
    text: `{${[...others, ...(changed ? [changed] : [])].join(', ')}}`,
  }));
}

/** The third argument of label_replace, counted from its end. */
const isReplacement = (node: SyntaxNode): boolean =>
  node.nextSibling?.name === 'StringLiteral' &&
  node.nextSibling.nextSibling?.name === 'StringLiteral' &&
  !node.nextSibling.nextSibling.nextSibling;

function sides(node: SyntaxNode, text: Text): Edit[] {
  const set = node.getChild('And') ?? node.getChild('Or') ?? node.getChild('Unless');
  const [left, right] = [node.firstChild, node.lastChild];
  if (!set || !left || !right) return [];
  const kept = set.name === 'Unless' ? [left] : [left, right];
  // NOTE: the parser takes the offset of the last selector for that of the whole.
  const whole = node.parent?.name === 'OffsetExpr' ? node.parent : node;
  return kept.map((side) => ({ from: whole.from, to: whole.to, text: text(side) }));
}

function* nodesOf(expr: string): Generator<SyntaxNode> {
  const cursor = parser.parse(expr).cursor();
  do yield cursor.node;
  while (cursor.next());
}

function around(expr: string, from: number, to: number): string {
  const before = expr.slice(Math.max(0, from - 50), from);
  const changed = to - from > 90 ? `${expr.slice(from, from + 60)} … ${expr.slice(to - 25, to)}` : expr.slice(from, to);
  return `…${before}⟦${changed}⟧${expr.slice(to, to + 20)}…`;
}
