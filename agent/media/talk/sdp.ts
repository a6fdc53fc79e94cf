// What an offer of a call must have, and how both descriptions are narrowed: Opus alone, with forward error
// correction. In an offer stands what the caller wants to get, in an answer what we do.

/** 32 kb/s: as good as speech gets, and low enough for Opus to put the packet before into each. */
const opusWants = {
  minptime: '10',
  useinbandfec: '1',
  usedtx: '0',
  stereo: '0',
  maxaveragebitrate: '32000',
};
const packetMs = 20;

/** What is wrong with an offer, in a sentence. */
export class BadOffer extends Error {}

/** The offer as the library is given it. Throws `BadOffer`. */
export const narrowOffer = (sdp: string): string => narrow(sdp);

/** The answer as the caller gets it: with how long a packet should be, too. */
export const narrowAnswer = (sdp: string): string => narrow(sdp, [`a=ptime:${packetMs}`]);

function narrow(sdp: string, more: readonly string[] = []): string {
  const sections = sdp
    .split(/\r?\n(?=m=)/)
    .map((section) => section.split(/\r?\n/).filter((line) => line !== ''));
  const audio = sections.filter(([head]) => head?.startsWith('m=audio '));
  if (audio.length !== 1) throw new BadOffer(`it has ${audio.length} lines of sound, and not one`);
  const lines = sections.flatMap((section) =>
    section[0]?.startsWith('m=audio ') ? [...onlyOpus(section), ...more] : section,
  );
  return `${lines.join('\r\n')}\r\n`;
}

function onlyOpus([head = '', ...lines]: readonly string[]): string[] {
  const type = lines
    .map((line) => /^a=rtpmap:(\d+) opus\/48000\/2$/i.exec(line)?.[1])
    .find(Boolean);
  if (type === undefined) throw new BadOffer('it has no Opus');
  const [media, port, protocol] = head.split(' ');
  const given = lines.find((line) => line.startsWith(`a=fmtp:${type} `))?.split(' ')[1] ?? '';
  const others = lines.filter((line) => {
    const own = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1];
    return own === undefined ? !/^a=(max)?ptime:/.test(line) : own === type;
  });
  const kept = others.filter((line) => !line.startsWith(`a=fmtp:${type} `));
  return [`${media} ${port} ${protocol} ${type}`, ...kept, `a=fmtp:${type} ${parameters(given)}`];
}

function parameters(given: string): string {
  const pairs = given.split(';').flatMap((one): [string, string][] => {
    const [key = '', value = ''] = one.trim().split('=');
    return key === '' ? [] : [[key, value]];
  });
  return Object.entries({ ...Object.fromEntries(pairs), ...opusWants })
    .map(([key, value]) => `${key}=${value}`)
    .join(';');
}
