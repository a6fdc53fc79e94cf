// What a configuration may say and its author may not have meant: taken as it is, and told.

import type { Config } from './load.ts';

export interface Note {
  readonly field: string;
  readonly note: string;
}

/** One sentence each. */
export function notesOn({ media, dome }: Pick<Config, 'media' | 'dome'>): Note[] {
  const turns = media?.iceServers.filter((url) => /^turns?:/.test(url)) ?? [];
  if (dome === null || turns.length === 0 || turns.some(isForPictures)) return [];
  return [
    {
      field: 'media.iceServers',
      note:
        'none of these TURN servers is over UDP, which alone carries the live picture: where no direct way ' +
        'leads here a dispatcher sees two snapshots a second; add turn:host:port',
    },
  ];
}

/** node-datachannel relays over UDP alone (libdatachannel#1484). */
const isForPictures = (url: string): boolean => /^turn:[^?]+(\?transport=udp)?$/.test(url);
