// WS-Addressing, as far as a pull point needs it: what is put before the body of a call that belongs to a
// subscription. A dome may give a subscription no address of its own, and name it by reference parameters
// instead: elements in its own words, which go back to it as headers of every call, as they are.

import { escapeXml } from './xml.ts';

const namespace = 'http://www.w3.org/2005/08/addressing';

/** Where a subscription is spoken to. */
export interface Reference {
  readonly address: string;
  /** Headers that every call there carries, as XML; empty: none. */
  readonly echoed: string;
}

/** `echoed`: of the subscription's reference. */
export const addressing = (action: string, to: string, echoed: string): string =>
  `<a:Action xmlns:a="${namespace}">${escapeXml(action)}</a:Action>` +
  `<a:To xmlns:a="${namespace}">${escapeXml(to)}</a:To>${echoed}`;

/** More than that is nobody's name of a subscription: none of it is echoed. */
const echoedMax = { elements: 8, characters: 8192 } as const;

interface Tag {
  readonly at: number;
  /** Behind its bracket. */
  readonly end: number;
  readonly name: string;
  readonly attributes: string;
  readonly kind: 'open' | 'close' | 'whole';
}

const comments = '<!--[^]*?-->|<!\\[CDATA\\[[^]*?\\]\\]>';
const attribute = '\\s+[\\w:.-]+\\s*=\\s*(?:"[^"]*"|\'[^\']*\')';
const anyTag = new RegExp(`${comments}|<(/?)([\\w:.-]+)((?:${attribute})*)\\s*(/?)>`, 'g');

/** Of a text that has been read as XML before. */
const tagsOf = (xml: string): Tag[] =>
  [...xml.matchAll(anyTag)].flatMap(
    ({ index, 0: all, 1: closing, 2: name, 3: attributes, 4: whole }) => {
      if (name === undefined) return [];
      const kind = closing ? 'close' : whole ? 'whole' : 'open';
      return { at: index, end: index + all.length, name, attributes: attributes ?? '', kind };
    },
  );

const declared = ({ attributes }: Tag): [name: string, value: string][] =>
  [...attributes.matchAll(/\s(xmlns(?::[\w.-]+)?)\s*=\s*("[^"]*"|'[^']*')/g)].map(
    ([, name = '', value = '']) => [name, value],
  );

/** Those that are still open behind the last of them. */
function openOf(tags: readonly Tag[]): Tag[] {
  const open: Tag[] = [];
  for (const tag of tags) {
    if (tag.kind === 'open') open.push(tag);
    if (tag.kind === 'close') open.pop();
  }
  return open;
}

/** Elements side by side, until the one around them ends. */
function blocksOf(tags: readonly Tag[]): { from: Tag; to: Tag }[] {
  const blocks: { from: Tag; to: Tag }[] = [];
  let depth = 0;
  let from: Tag | null = null;
  for (const tag of tags) {
    if (depth === 0 && tag.kind === 'close') break;
    if (depth === 0) from = tag;
    if (tag.kind === 'open') depth += 1;
    if (tag.kind === 'close') depth -= 1;
    if (depth === 0 && from) blocks.push({ from, to: tag });
  }
  return blocks;
}

/** Headers made of the reference parameters in an answer: each with the namespaces that are in force where it
 * stands there, since it will stand elsewhere. Empty where there are none. */
export function echoedOf(xml: string): string {
  const tags = tagsOf(xml);
  const isIt = ({ kind, name }: Tag) => kind === 'open' && /^(.*:)?ReferenceParameters$/.test(name);
  const first = tags.findIndex(isIt);
  if (first < 0) return '';
  const around = new Map(openOf(tags.slice(0, first + 1)).flatMap(declared));
  const blocks = blocksOf(tags.slice(first + 1));
  const headers = blocks.map(({ from, to }) => {
    const own = new Map(declared(from));
    const more = [...around].filter(([name]) => !own.has(name));
    const inherited = more.map(([name, value]) => ` ${name}=${value}`).join('');
    const behindName = from.at + 1 + from.name.length;
    const mark = ` xmlns:gate-a="${namespace}" gate-a:IsReferenceParameter="true"`;
    return xml.slice(from.at, behindName) + inherited + mark + xml.slice(behindName, to.end);
  });
  const echoed = headers.join('');
  const isName = blocks.length <= echoedMax.elements && echoed.length <= echoedMax.characters;
  return isName ? echoed : '';
}
