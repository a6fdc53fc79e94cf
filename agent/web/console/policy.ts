// The page's own Content-Security-Policy, made from console.json: the page is served with one that lets any
// https: and wss: address through, because nobody knows a city's broker when it is built; before anybody logs
// in it is narrowed to what the configuration names. A web server's header may be narrower still.

import { brokerUrl, type ConsoleConfig } from './config.ts';

/** What the page may ask and show from here on, narrower than what it was served with: its own server and the
 * addresses of its configuration. Where several policies are in force, what they all allow is allowed. */
export function policyOf(config: ConsoleConfig, page: string): string {
  const { broker, ice, login, map } = config;
  const asked = [
    brokerUrl(broker, page),
    ice,
    login.how === 'token' ? login.url : null,
    map.sketch,
  ];
  const connect = sourcesOf(asked, page);
  const pictures = ['blob:', 'data:', ...sourcesOf([map.tiles], page)];
  return `connect-src 'self'${wordsOf(connect)}; img-src 'self'${wordsOf(pictures)}`;
}

const wordsOf = (sources: readonly string[]): string => sources.map((one) => ` ${one}`).join('');

/** Origins other than the page's own. A tile server may have names by the letter: `https://{a-c}.tile..`. */
function sourcesOf(urls: readonly (string | null)[], page: string): string[] {
  const own = new URL(page);
  const origins = urls.flatMap((url) => {
    if (url === null) return [];
    const { protocol, host } = new URL(url.replace(/\{[^}]*\}/g, 'any'), page);
    const isOwn = host === own.host && protocol.endsWith('s:') === own.protocol.endsWith('s:');
    return isOwn
      ? []
      : [`${protocol}//${/\/\/[^/]*\{/.test(url) ? host.replace(/^[^.]*/, '*') : host}`];
  });
  return [...new Set(origins)];
}

/** Puts the policy in force; what is loaded from then on is judged by it. */
export function narrow(config: ConsoleConfig): void {
  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = policyOf(config, location.href);
  document.head.append(meta);
}
