// Eyes, ears and mouth of the simulated dome: the scene as it is now, the RTSP server that shows it,
// and its snapshots.

import { type Actuators, monotonicMs } from './actuators.ts';
import { Analytics } from './analytics/analytics.ts';
import type { Reply } from './coaxial.ts';
import type { Motion } from './motion.ts';
import { rtspOptions, type SimDomeOptions } from './options.ts';
import type { Login } from './rtsp/digest.ts';
import { RtspServer } from './rtsp/server.ts';
import { snapshotPath } from './services/configurations.ts';
import type { StreamName } from './services.ts';
import { Microphone, Speaker } from './sound.ts';
import { Snapshots } from './video/snapshot.ts';
import type { SceneNow } from './video/stream.ts';

const strobeFlashMs = 250;

export interface MediaParts {
  readonly actuators: Actuators;
  readonly motion: Motion;
  readonly login: () => Login | null;
  /** The dome's own clock, Unix ms. */
  readonly wallMs: () => number;
}

export class DomeMedia {
  readonly microphone = new Microphone();
  readonly speaker = new Speaker();
  readonly rtsp: RtspServer;
  /** Null: it has none. */
  readonly analytics: Analytics | null;
  readonly #snapshots: { readonly [path: string]: Snapshots };

  constructor(options: SimDomeOptions, { actuators, motion, login, wallMs }: MediaParts) {
    const { motion: motors, analytics } = options;
    const ownTime = motors?.now ? { now: motors.now } : {};
    this.analytics = analytics ? new Analytics({ ...ownTime, ...analytics }, motion, wallMs) : null;
    const scene: SceneNow = () => {
      const colour = Math.floor(monotonicMs() / strobeFlashMs) % 2 ? 'red' : 'blue';
      const { strobe, siren, light } = actuators;
      const boxes = this.analytics?.boxes ?? [];
      return { strobe: strobe ? colour : 'off', siren, boxes, lit: light, ...motion.position };
    };
    const { microphone, speaker } = this;
    this.rtsp = new RtspServer(options.rtspPort ?? 0, rtspOptions(options), {
      ...{ scene, microphone, speaker, login, wallMs, analytics: this.analytics },
    });
    const shots = (name: StreamName) =>
      new Snapshots(scene, () => this.rtsp.streams[name].settings);
    this.#snapshots = {
      [snapshotPath('main')]: shots('main'),
      [snapshotPath('sub')]: shots('sub'),
    };
  }

  /** Answers a request for a snapshot; null where the path is none. */
  async snapshot(path: string): Promise<Reply | null> {
    const snapshots = this.#snapshots[path];
    if (!snapshots) return null;
    try {
      return { status: 200, body: await snapshots.take() };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { status: 503, body: `${error.message}\n` };
    }
  }

  async down({ forget }: { readonly forget: boolean }): Promise<void> {
    this.analytics?.close();
    await this.rtsp.down({ forget });
    await Promise.all(Object.values(this.#snapshots).map((one) => one.close()));
  }
}
