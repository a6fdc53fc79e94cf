// A process with callers in it, as the test holds it. What they say to the terminal passes through here.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { IceServer } from '#agent/media/wire.ts';
import { until } from '#test/support/wait.ts';

export type PeerOrder =
  | {
      readonly t: 'call';
      readonly id: string;
      readonly heard: string;
      readonly file: string;
      readonly iceServers: readonly IceServer[];
      readonly iceTransportPolicy: 'all' | 'relay';
    }
  | { readonly t: 'answer'; readonly id: string; readonly sdp: string }
  | {
      readonly t: 'candidate';
      readonly id: string;
      readonly candidate: string;
      readonly mid: string;
    }
  | { readonly t: 'text'; readonly id: string; readonly text: string }
  | { readonly t: 'stats' | 'close'; readonly id: string };

export type PeerSaid =
  | { readonly t: 'ready' }
  | { readonly t: 'open'; readonly id: string }
  | { readonly t: 'offer'; readonly id: string; readonly sdp: string }
  | {
      readonly t: 'candidate';
      readonly id: string;
      readonly candidate: string;
      readonly mid: string;
    }
  | { readonly t: 'text'; readonly id: string; readonly text: string }
  | { readonly t: 'part'; readonly id: string; readonly base64: string }
  /** Of 1: what his side made up of what it heard. */
  | { readonly t: 'stats'; readonly id: string; readonly concealed: number }
  | { readonly t: 'state'; readonly id: string; readonly state: string };

export class Peers {
  readonly said: PeerSaid[] = [];
  readonly #child: ChildProcess;
  readonly #hear: (said: PeerSaid) => void;

  constructor(hear: (said: PeerSaid) => void) {
    this.#hear = hear;
    this.#child = fork(join(import.meta.dirname, 'peer-child.ts'), { stdio: 'inherit' });
    this.#child.on('message', (message: PeerSaid) => {
      this.said.push(message);
      this.#hear(message);
    });
  }

  async open(): Promise<void> {
    await until(() => this.said.some(({ t }) => t === 'ready'), {
      withinMs: 20_000,
      what: "the callers' process",
    });
  }

  tell(order: PeerOrder): void {
    this.#child.send(order);
  }

  /** What one of them said, of one kind. */
  of<T extends PeerSaid['t']>(t: T, id: string): Extract<PeerSaid, { t: T }>[] {
    return this.said.filter(
      (one): one is Extract<PeerSaid, { t: T }> => one.t === t && 'id' in one && one.id === id,
    );
  }

  /** As when the power of the caller's machine fails. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
