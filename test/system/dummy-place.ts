// A child place for the supervisor's tests: does what it is told, the wrong things most of all.

import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { systemClock } from '#agent/system/clock.ts';
import { joinParent } from '#agent/system/place/child.ts';
import { placeFd } from '#agent/system/place/wire.ts';
import { type Told, tells } from './dummy-messages.ts';

const raw = (text: string): void => {
  for (let at = 0; at < text.length; ) at += writeSync(placeFd, text.slice(at));
};
const beatMs = 50;
const hoard: unknown[] = [];

function obey(told: Told, say: (message: unknown) => void): void {
  switch (told.do) {
    case 'echo':
      return say({ text: told.text });
    case 'env':
      return say({ text: Object.keys(process.env).sort().join(' ') });
    case 'exit':
      console.error('no sound card');
      return process.exit(3);
    case 'abort':
      return process.abort();
    case 'hang':
      for (;;);
    case 'grow':
      for (let n = 0; n < 200; n++) hoard.push(Buffer.alloc(1024 * 1024, n));
      return;
    case 'garbage':
      return raw('\0\xff{"t":"say",\n');
    case 'long':
      return raw('x'.repeat(140_000));
    case 'flood':
      return raw('{"t":"beat"}\n'.repeat(2_000));
    case 'wrong':
      return say({ text: 7 });
    case 'offspring': {
      const { pid } = spawn('sleep', ['1000'], { stdio: 'ignore' });
      return say({ text: String(pid) });
    }
    case 'deaf':
      process.removeAllListeners('SIGTERM').on('SIGTERM', () => console.error('not now'));
      return say({ text: 'deaf' });
  }
}

if (process.argv[2] === 'mute') setInterval(() => undefined, 1000);
else {
  const parent = joinParent<Told, unknown>({
    told: tells,
    clock: systemClock(),
    hear: (told) => obey(told, (message) => parent.say(message)),
    stop: () => Promise.resolve(),
    beatMs,
  });
}
