// The `media` group: what is taken, and what is told of every way to get it wrong.

import { describe, expect, it } from 'vitest';
import { loadConfig, setupOf } from '#agent/config.ts';
import { makeSite, refusedFields, rightText } from './support.ts';

function site(media: string) {
  const made = makeSite();
  made.write('gate-agent.yaml', `${rightText}media:\n${media}`);
  return made;
}

describe('the media group', () => {
  it('has safe defaults', () => {
    const { media } = loadConfig(site('  warm: true\n').request);
    expect(media).toEqual({
      ...{ iceServers: [], ownNetwork: 'refuse', viewers: 4, callers: 3, idleCalls: 'announce' },
      ...{ listeners: [], talkMinutes: 60, warm: true, talkThrough: 'room', sound: null },
      clips: null,
      talks: 'on',
    });
  });

  it('tells core its rules', () => {
    const config = loadConfig(
      site('  viewers: 2\n  talkMinutes: 5\n  idleCalls: refuse\n').request,
    );
    expect(setupOf(config, '1').media).toEqual({
      ...{ viewersMax: 2, talkersMax: 3, idleCalls: 'refuse', listeners: [], talkMsMax: 300_000 },
    });
  });

  it.each([
    ['iceServers: [http://a]', 'media.iceServers[0]', 'stun:host:port'],
    ['iceServers: [turn:a:1?transport=sctp]', 'media.iceServers[0]', 'stun:host:port'],
    ['viewers: 17', 'media.viewers', '1 to 16'],
    ['listeners: [guard]', 'media.listeners[0]', '110-city'],
    ['talkThrough: phone', 'media.talkThrough', 'room, dome'],
    ['sound: { speaker: "" }', 'media.sound.speaker', 'aplay -L'],
    ['clips: { days: 29 }', 'media.clips.days', '30 to 90'],
    ['clips: { dir: clips }', 'media.clips.dir', 'an absolute path'],
    ['sounds: {}', 'media.sounds', 'did you mean sound?'],
  ])('%s is refused', (line, field, hint) => {
    expect(refusedFields(site(`  ${line}\n`).request)).toContainEqual(
      expect.objectContaining({ field, hint: expect.stringContaining(hint) }),
    );
  });
});
