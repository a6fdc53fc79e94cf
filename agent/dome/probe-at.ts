// One probe of one dome from its address to the text of its profile, told as it goes on: for the command line
// and for provisioning.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from '../digest.ts';
import type { Clock } from '../ports.ts';
import { askAbilities } from './probe/abilities.ts';
import { makerOf } from './probe/candidates.ts';
import { probe } from './probe/probe.ts';
import { headText, outcomeText, resultText, waysText } from './probe/tell.ts';
import type { Witness } from './probe/witness.ts';
import { profileText } from './probe/write.ts';
import { type Profile, parseProfile } from './profile.ts';
import { reach } from './reach.ts';

export interface ProbeAt {
  readonly url: string;
  readonly credentials: Credentials;
  /** PEM. */
  readonly ca: string | null;
  readonly clock: Clock;
  /** Where the ready profiles may lie. */
  readonly profiles: readonly string[];
  readonly witness: Witness;
  /** For the profile's head: who tried it. */
  readonly by: string;
  /** Nothing is switched. */
  readonly asksOnly: boolean;
  /** What a person reads meanwhile. */
  readonly told: (text: string) => void;
}

/** Rejects with a `DomeError`. */
export async function probeAt(asked: ProbeAt) {
  const { url, credentials, ca, clock, profiles, witness, by, asksOnly, told } = asked;
  const there = await reach({ url, credentials, ca, clock });
  try {
    const abilities = await askAbilities(there);
    const maker = readyProfile(abilities.device.manufacturer, profiles);
    told(headText(abilities, url, maker));
    const probed = await probe(there, {
      ...{ clock, credentials, ca, abilities, maker, witness, asksOnly },
      told: (one) => told(outcomeText(one)),
      begins: (what, ways) => told(waysText(what, ways)),
    });
    const day = new Date(clock.now().wallMs).toISOString().slice(0, 10);
    const text = profileText(probed, `gate-agent dome probe, ${by}, ${day}`);
    const { cannot } = parseProfile(text, 'the profile just written');
    told(resultText(probed));
    return { cannot, preset: probed.preset, tries: probed.tries, text };
  } finally {
    there.close();
  }
}

/** Null where there is none of its make. */
function readyProfile(manufacturer: string, places: readonly string[]): Profile | null {
  const maker = makerOf(manufacturer);
  const file = maker && places.map((one) => join(one, `${maker}.yaml`)).find(existsSync);
  return file ? parseProfile(readFileSync(file, 'utf8'), file) : null;
}
