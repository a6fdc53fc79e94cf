// Who has a sound device open: the kernel's own word where there is one (it knows every user's
// processes), else whatever this user may see in /proc.

import { globSync, readFileSync, readlinkSync } from 'node:fs';

export type SoundDevice = 'speaker' | 'microphone';

/** Playback and capture ends of the cards. */
const ends = { speaker: 'p', microphone: 'c' } as const;

/** `name (process 4711)`, or null where nobody is found. */
export function holderOf(device: SoundDevice, nodes = nodesOf(device)): string | null {
  const pid = ownerInKernel(device) ?? ownerOfNode(nodes);
  return pid === null ? null : `${textOf(`/proc/${pid}/comm`)?.trim() ?? 'a'} (process ${pid})`;
}

const nodesOf = (device: SoundDevice): RegExp =>
  new RegExp(`^/dev/snd/pcmC\\d+D\\d+${ends[device]}$`);

function ownerInKernel(device: SoundDevice): number | null {
  for (const file of globSync(`/proc/asound/card*/pcm*${ends[device]}/sub*/status`)) {
    const owner = /^owner_pid\s*:\s*(\d+)/m.exec(textOf(file) ?? '')?.[1];
    if (owner !== undefined && Number(owner) !== process.pid) return Number(owner);
  }
  return null;
}

function ownerOfNode(nodes: RegExp): number | null {
  for (const link of globSync('/proc/[0-9]*/fd/*')) {
    const pid = Number(link.split('/')[2]);
    if (pid !== process.pid && nodes.test(linkOf(link) ?? '')) return pid;
  }
  return null;
}

const textOf = (file: string): string | null => orGone(() => readFileSync(file, 'utf8'));
const linkOf = (file: string): string | null => orGone(() => readlinkSync(file));

/** Processes end while they are looked at, and others' are not ours to see. */
function orGone<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) throw error;
    return null;
  }
}
