// Pages that are printed: no script, nothing from outside, and whatever comes from elsewhere goes through
// `text`.

export type Html = { readonly html: string };
const raw = (html: string): Html => ({ html });

/** Cut to what a cell holds, and escaped. */
export function text(value: string, charsMax = 160): Html {
  const cut = value.length <= charsMax ? value : `${[...value].slice(0, charsMax - 1).join('')}…`;
  const escapes: { readonly [c: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return raw(cut.replace(/[&<>"']/g, (c) => escapes[c] ?? '&#39;'));
}

export const join = (parts: readonly (Html | string)[]): Html =>
  raw(parts.map((part) => (typeof part === 'string' ? text(part) : part).html).join(''));

export const tag = (name: string, inner: Html | string, attributes = ''): Html =>
  raw(`<${name}${attributes}>${join([inner]).html}</${name.split(' ')[0]}>`);

export interface Document {
  readonly language: 'zh' | 'en';
  readonly title: string;
  readonly css: string;
  readonly body: Html;
}

/** A whole page. */
export function documentOf({ language, title, css, body }: Document): string {
  const csp = `default-src 'none'; style-src 'unsafe-inline'`;
  return [
    `<!DOCTYPE html>`,
    `<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${csp}">`,
    `<title>${text(title).html}</title><style>${css}</style></head><body>`,
    body.html,
    `</body></html>\n`,
  ].join('\n');
}
