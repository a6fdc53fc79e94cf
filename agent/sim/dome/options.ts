// What a simulated dome can be told to be, and what it is when it is told nothing.

import type { ActuatorName } from './actuators.ts';
import type { AnalyticsOptions } from './analytics/analytics.ts';
import { realTimers, type Timers } from './events.ts';
import type { GuardOptions } from './guard.ts';
import type { HostileTimes } from './hostile.ts';
import type { IsapiOptions } from './isapi.ts';
import type { MotionOptions } from './motion.ts';
import type { RtspOptions } from './rtsp/server.ts';
import { type Abilities, paths, type StreamName } from './services.ts';
import type { StreamSettings } from './video/stream.ts';

export interface SimDomeOptions extends Partial<GuardOptions>, Partial<Abilities> {
  readonly port?: number;
  readonly password?: string;
  /** Which Type of `coaxialControlIO.cgi` switches what; empty: no such endpoint. */
  readonly coaxial?: { readonly [type: string]: ActuatorName };
  /** Which of Hikvision's own addresses there are, and what each switches. */
  readonly isapi?: IsapiOptions | null;
  /** Address it listens on; default: loopback. */
  readonly host?: string;
  /** Host told in addresses, as behind NAT. */
  readonly advertisedHost?: string;
  readonly clockOffsetMs?: number;
  /** GetSystemDateAndTime wants a password, too. */
  readonly timeNeedsPassword?: boolean;
  readonly sirenStopsMs?: number;
  readonly hostileTimes?: Partial<HostileTimes>;
  readonly motion?: Partial<MotionOptions>;
  /** Null: it has none. */
  readonly analytics?: Partial<AnalyticsOptions> | null;
  readonly rtspPort?: number;
  /** Timers of its events, for a test that brings its own time. */
  readonly after?: Timers;
  readonly video?: { readonly [name in StreamName]?: Partial<StreamSettings> };
  readonly sound?: Partial<Omit<RtspOptions, 'streams'>>;
}

const streams: RtspOptions['streams'] = {
  main: { codec: 'h264', width: 1280, height: 720, gopSeconds: 2, kbps: 2000 },
  sub: { codec: 'h264', width: 640, height: 360, gopSeconds: 2, kbps: 400 },
};

/** Of the RTSP server. */
export const rtspOptions = ({ video, sound }: SimDomeOptions): RtspOptions => ({
  streams: {
    main: { ...streams.main, ...video?.main },
    sub: { ...streams.sub, ...video?.sub },
  },
  microphone: 'PCMA',
  talk: ['PCMU', 'PCMA'],
  timeoutSeconds: 60,
  ...sound,
});

export const defaults = {
  username: 'admin',
  auth: 'both',
  algorithms: ['SHA-256', 'MD5'],
  windowMs: 5000,
  nonceLifeMs: 60_000,
  nonceOnce: true,
  relays: { Relay_1: 'strobe', Relay_2: 'siren' },
  closedRelays: [] as readonly string[],
  idleStateTold: true,
  deviceAuxiliary: [
    { name: 'tt:Strobe|On', actuator: 'strobe', on: true },
    { name: 'tt:Strobe|Off', actuator: 'strobe', on: false },
  ],
  ptzAuxiliary: [
    { name: 'AUX1on', actuator: 'strobe', on: true },
    { name: 'AUX1off', actuator: 'strobe', on: false },
    { name: 'Aux_Siren_On', actuator: 'siren', on: true },
    { name: 'Aux_Siren_Off', actuator: 'siren', on: false },
    { name: 'Tracking_On', actuator: 'tracking', on: true },
    { name: 'Tracking_Off', actuator: 'tracking', on: false },
    { name: 'tt:Wiper|On', actuator: 'wiper', on: true },
    { name: 'tt:Wiper|Off', actuator: 'wiper', on: false },
    { name: 'tt:IRLamp|On', actuator: 'light', on: true },
    { name: 'tt:IRLamp|Off', actuator: 'light', on: false },
  ],
  presets: [
    { token: '1', name: 'guard' },
    { token: '2', name: 'alarm' },
  ],
  presetSwitches: {},
  audioClips: { Clip_1: 'siren' },
  moveAndTrack: true,
  identity: {
    ...{ manufacturer: 'Rehearsal', model: 'SIM-1', firmware: '1.0' },
    ...{ serial: '0001', hardware: 'sim' },
  },
  tokens: {
    ...{ main: 'Profile_1', sub: 'Profile_2', still: 'Snapshot' },
    ...{ source: 'VideoSource_1', node: 'Node_1', ptz: 'PTZ_1' },
  },
  offers: ['device', 'media', 'media2', 'ptz', 'imaging', 'events'],
  paths,
  stillFirst: true,
  media2Broken: false,
  snapshots: true,
  dayNight: true,
  getServices: true,
  fovSpace: true,
  coaxial: { '1': 'strobe', '2': 'siren' },
  analytics: null,
  isapi: null,
  after: realTimers,
} satisfies Partial<SimDomeOptions>;
