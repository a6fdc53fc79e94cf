// The parts that the patrol looks after, in order, each with the look it takes. None of them sounds, shines
// or turns: an acceptance takes the same looks, and does more.

import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { genesis, verifyChain } from '../store/chain.ts';
import { knownKeys } from '../store/known-keys.ts';
import { faultOf, type Look, type LookAt, type PatrolWorld, unwell, well } from './look.ts';
import type { PartName } from './names.ts';

export const patrolFigures = {
  /** REQUIREMENTS, Figures: press -> durable row, p99. */
  storeMs: 50,
  storeProbes: 5,
  freeMb: 256,
  certificateDays: 30,
  lineMs: 5_000,
  chainRecords: 200,
} as const;

const buttons: LookAt = (world) => {
  const { config, state } = world;
  const bad = faultOf(world, 'box.', 'modem.', 'modbus.', 'gpio.', 'input.');
  if (bad) return bad;
  const { setup, inputs } = state().live;
  const ofDome = new Set(config.dome?.inputs.map(({ id }) => id));
  const wired = Object.entries(setup.inputs).filter(([id]) => !ofDome.has(id));
  const unheard = wired.find(([id]) => !Object.hasOwn(inputs, id));
  if (unheard)
    return unwell(
      `${unheard[1].name} (${unheard[0]}) has not been heard since the start: look at its wire`,
    );
  return well(`${wired.length} inputs are heard, and their lines are whole`);
};

const lamp: LookAt = (world) => {
  const { boxes, modbus, gpio } = world.config;
  const bad = faultOf(world, 'output.', ...boxes.map(({ id }) => `box.${id}.`), 'lamp.');
  if (bad) return bad;
  const has = boxes.some(({ indicator }) => indicator) || modbus.length > 0 || gpio?.outputs.lamp;
  return well(has ? 'what carries the lamp answers' : 'none is configured');
};

const black = { mean: 10, brightest: 40 } as const;

const dome: LookAt = async (world) => {
  if (!world.eyes) return well('none is configured');
  const bad = faultOf(world, 'dome.lost', 'dome.unauthorized', 'dome.');
  if (bad) return bad;
  if (world.state().live.streams.snapshot === null)
    return unwell('it gives no snapshots, or has not answered yet: look at it by the live picture');
  const [picture] = await world.eyes.look(1);
  if (!picture && world.eyes.isBlind?.())
    return unwell('its pictures cannot be read, ffmpeg is missing: apt install ffmpeg');
  if (!picture) return unwell('it answers, and gives no picture: look at its web page');
  const mean = picture.reduce((sum, level) => sum + level, 0) / picture.length;
  const isBlack = mean < black.mean && picture.every((level) => level < black.brightest);
  return isBlack
    ? unwell('its picture is black: is the lens covered, or its infrared light broken?')
    : well('it lets us in and gives a picture');
};

const picture: LookAt = (world) =>
  faultOf(world, 'live.') ??
  well(
    world.config.media && world.config.dome ? 'the live picture is ready' : 'none is configured',
  );

const sound: LookAt = (world) =>
  faultOf(world, 'sound.', 'talk.') ??
  well(world.config.media?.sound ? 'loudspeaker and microphone are there' : 'none is configured');

const broker: LookAt = async (world) => {
  const bad = faultOf(world, 'uplink.');
  if (bad) return bad;
  const ms = await world.line.roundTrip(patrolFigures.lineMs);
  if (ms === null)
    return unwell(
      'the broker did not acknowledge a message in 5 s: look at the network and the broker',
    );
  return well(`the broker acknowledges in ${Math.round(ms)} ms`, ms);
};

const dayMs = 86_400_000;

const certificate: LookAt = ({ config, clock }) => {
  const pem = config.broker.tls?.cert ?? null;
  if (pem === null) return well('the line needs none');
  const { wallMs, clock: quality } = clock.now();
  if (quality !== 'good') return well('not judged: the clock is not set');
  const days = Math.floor((new X509Certificate(pem).validToDate.getTime() - wallMs) / dayMs);
  if (days < 0) return unwell('it has expired: have a new one issued, the link is lost without');
  return days < patrolFigures.certificateDays
    ? unwell(`it ends in ${days} days: have a new one issued`)
    : well(`it is good for ${days} days`);
};

const nothing = { entities: [], audit: [], enqueue: [], settle: [] } as const;

/** Each is one row overwritten, and an fsync. */
const store: LookAt = async (world) => {
  const bad = faultOf(world, 'storage.');
  if (bad) return bad;
  const took: number[] = [];
  for (let n = 0; n < patrolFigures.storeProbes; n += 1) {
    const fromMs = world.clock.now().monoMs;
    const { durable, reason } = world.store.commit(nothing);
    if (!durable) return unwell(`the disk did not take a row (${reason}): replace it soon`);
    took.push(world.clock.now().monoMs - fromMs);
    // The loop is not held for all of them at once.
    await new Promise<void>((next) => void world.clock.after(50, next));
  }
  const ms = took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? 0;
  const told = `a row is on the disk in ${ms.toFixed(1)} ms`;
  return ms > patrolFigures.storeMs
    ? unwell(`${told}, and ${patrolFigures.storeMs} ms are allowed: the disk is worn or busy`, ms)
    : well(told, ms);
};

const space: LookAt = async ({ config }) => {
  const { bavail, bsize } = await statfs(config.data.dir);
  const mb = Math.floor((bavail * bsize) / 2 ** 20);
  return mb < patrolFigures.freeMb
    ? unwell(
        `${mb} MB are free where the records are, and ${patrolFigures.freeMb} must be: make room`,
      )
    : well(`${mb} MB are free`);
};

const clock: LookAt = (world) => {
  const bad = faultOf(world, 'clock.');
  if (bad) return bad;
  return world.clock.now().clock === 'good'
    ? well('set by a time server')
    : unwell('nobody sets it: look at the time service (chrony or timesyncd) and the network');
};

const key: LookAt = (world) => {
  const bad = faultOf(world, 'storage.key');
  if (bad) return bad;
  const { keyId, publicKey } = world.store.evidence;
  const text = `gate-patrol:v1:${world.terminal}`;
  const spki = createPublicKey({
    key: Buffer.from(publicKey, 'base64'),
    format: 'der',
    type: 'spki',
  });
  const isSigned = verify(
    null,
    Buffer.from(text),
    spki,
    Buffer.from(world.store.sign(text), 'base64'),
  );
  return isSigned
    ? well(`${keyId} signs`)
    : unwell('what it signs cannot be checked: restart the daemon');
};

/** The last records, from the first of them on, and that they end at the head that goes out. */
const chain: LookAt = async ({ store: kept, terminal, config }) => {
  const head = kept.figures();
  const { rows: found, checkpoints } = await kept.records(null, patrolFigures.chainRecords);
  const all = found.toSorted((a, b) => a.seq - b.seq);
  const [first] = all;
  if (!first) return well('it has no records yet');
  const { publicKey } = kept.evidence;
  const earlier = knownKeys(config.data.dir).map((one) => one.publicKey);
  const signed = { terminal, publicKey, earlier, heads: [] };
  const since = checkpoints.filter(({ seq }) => seq >= first.seq);
  const [start, rows] = first.seq === 1 ? [genesis, all] : [first, all.slice(1)];
  const verdict = verifyChain(rows, signed, since, { seq: start.seq, hash: start.hash });
  if (!verdict.ok) return unwell(`record ${verdict.seq} of it was changed: ${verdict.problem}`);
  if (
    verdict.seq >= head.chainSeq &&
    all.find(({ seq }) => seq === head.chainSeq)?.hash !== head.chainHash
  )
    return unwell('its end on the disk is not the one that is told: look at the disk');
  return well(`its last ${all.length} records hold, up to ${verdict.seq}`);
};

const looks: { readonly [P in PartName]: LookAt } = {
  ...{ buttons, lamp, dome, picture, sound, broker, certificate, store, space, clock, key, chain },
};

/** Never rejects: what goes wrong with a look is what it has found. */
export async function lookAt(part: PartName, world: PatrolWorld): Promise<Look> {
  try {
    return await looks[part](world);
  } catch (error) {
    // A bug in a look must not end the daemon, every night at the same time.
    return unwell(`it could not be looked at: ${error instanceof Error ? error.message : error}`);
  }
}
