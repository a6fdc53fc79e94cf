// XML in and out. Text stays text ("1.0" is not 1), prefixes are dropped, a document type is refused,
// so there is no entity to expand. The parser is loaded by `openXml`, not with this file.

import { DomeError } from './error.ts';

/** An element: its text, or its children and attributes (`@name`). */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };
export type ParseXml = (text: string) => XmlNode;

/** Half a megabyte of nothing but tags holds the parser up for half a second, and the alarm with it. A
 * list of 300 presets has some 4,000 of these characters; 8,000 take 80 ms at the worst. */
const replyMarksMax = 8000;

function tooDense(text: string, marksMax: number): boolean {
  const marks = /[<=&]/g;
  let found = 0;
  while (found <= marksMax && marks.test(text)) found += 1;
  return found > marksMax;
}

/** `marksMax`: so many tags and attributes. */
export async function openXml(marksMax: number = replyMarksMax): Promise<ParseXml> {
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({
    removeNSPrefix: true,
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    // Numeric references (&#20013;) are decoded only with this.
    htmlEntities: true,
  });
  return (text) => {
    if (/<!(DOCTYPE|ENTITY)/i.test(text))
      throw new DomeError('malformed', 'a document type in the reply');
    if (tooDense(text, marksMax))
      throw new DomeError('too-large', `a reply of more than ${marksMax} tags and attributes`);
    try {
      return checked(parser.parse(text, true));
    } catch (error) {
      throw new DomeError('malformed', 'the reply is not XML', { cause: error });
    }
  };
}

/** The border between the parser's untyped tree and ours. */
function checked(value: unknown): XmlNode {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) throw new TypeError('not an element');
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]): [string, XmlNode | XmlNode[]] => [
      name,
      Array.isArray(inner) ? inner.map(checked) : checked(inner),
    ]),
  );
}

const isList = (value: XmlNode | readonly XmlNode[]): value is readonly XmlNode[] =>
  Array.isArray(value);

/** All elements at a path, whether the parser saw one or several. */
export function all(node: XmlNode | null, ...path: string[]): readonly XmlNode[] {
  let nodes: readonly XmlNode[] = node === null ? [] : [node];
  for (const name of path) {
    nodes = nodes.flatMap((one): readonly XmlNode[] => {
      const inner = typeof one === 'string' ? undefined : one[name];
      if (inner === undefined) return [];
      return isList(inner) ? inner : [inner];
    });
  }
  return nodes;
}

/** The first element at a path, or null. */
export const at = (node: XmlNode | null, ...path: string[]): XmlNode | null =>
  all(node, ...path)[0] ?? null;

/** Text of the first element at a path, with or without attributes beside it; null where there is none. */
export function text(node: XmlNode | null, ...path: string[]): string | null {
  const found = at(node, ...path);
  if (found === null || typeof found === 'string') return found;
  const inner = found['#text'];
  return typeof inner === 'string' ? inner : null;
}

const entities: { readonly [char: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Makes any text safe inside an element or an attribute. */
export function escapeXml(raw: string): string {
  // Nearly every token and word; the other way costs 15 us after a pause.
  if (/^[\w .:|/-]*$/.test(raw)) return raw;
  return (
    raw
      // Characters that XML 1.0 cannot hold in any spelling.
      .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
      .replace(/[&<>"']/g, (char) => entities[char] ?? char)
  );
}
