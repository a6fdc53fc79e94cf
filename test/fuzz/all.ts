// Every parser of the house. Called inside a test: two of them need a directory or a socket.

import { bundles, timelines } from './bundle.ts';
import { controlLines } from './control.ts';
import { auxiliaryNames, discoveryAnswers } from './discovery.ts';
import { frames, payloads } from './frames.ts';
import type { Fuzz } from './harness.ts';
import { httpReplies } from './http.ts';
import { commands, receipts, topicsHeard } from './mqtt.ts';
import { answers, enrolmentAnswers, qrStrings } from './provision.ts';
import { databaseRows } from './rows.ts';
import { offers, pictures, reports } from './rtp.ts';
import { whatIsSeen } from './seen.ts';
import { addressesTold, digest, soap } from './soap.ts';
import { configuration, profile } from './texts.ts';

const makers: { readonly [name: string]: () => Fuzz | Promise<Fuzz> } = {
  'button box frames': () => frames,
  'payloads of frames': () => payloads,
  "the dome's bytes": () => httpReplies,
  "the dome's answers": () => soap,
  'what the dome sees': whatIsSeen,
  'digest challenges': () => digest,
  'addresses that a dome tells': () => addressesTold,
  'answers to discovery': discoveryAnswers,
  'names of auxiliary commands': () => auxiliaryNames,
  'dome profiles': () => profile,
  configurations: configuration,
  commands: () => commands,
  receipts: () => receipts,
  topics: () => topicsHeard,
  'control socket lines': controlLines,
  'database rows': () => databaseRows,
  'pictures in RTP': () => pictures,
  'reports of viewers': () => reports,
  offers: () => offers,
  bundles,
  timelines: () => timelines,
  'QR strings': () => qrStrings,
  'files of answers': answers,
  'answers of an enrolment server': () => enrolmentAnswers,
};

export const parsers = Object.keys(makers);

/** Runs the fuzz of one parser for a time. Throws with seed, path and the smallest input found. */
export async function fuzzOf(parser: string, ms: number): Promise<void> {
  const one = await makers[parser]?.();
  if (!one) throw new Error(`no parser is called ${parser}`);
  await one.run(ms);
}
