// Carries one recipe out, once: the request that switches, then a look whether it has happened, where
// this dome can be asked. Retrying, falling back and repeating are the actuator's.

import { getPlayingAudioClips, moveAndStartTracking, playAudioClip } from './alarm-operations.ts';
import { asDomeError, DomeError } from './error.ts';
import { stop } from './motion-operations.ts';
import {
  getIrCutFilter,
  gotoPreset,
  sendDeviceAuxiliary,
  sendPtzAuxiliary,
  setIrCutFilter,
  setRelayOutputState,
} from './operations.ts';
import type { Following, Recipe } from './profile.ts';
import type { Ptz } from './ptz.ts';
import type { Relays } from './relays.ts';
import type { CallOptions, SoapClient } from './soap.ts';
import type { Vendor } from './vendor.ts';

export interface Means {
  readonly soap: SoapClient;
  readonly ptz: Ptz;
  readonly vendor: Vendor;
  /** Absent: nothing is heard of them. */
  readonly relays?: Relays;
}

/** Resolves to whether the dome was seen to be as wanted; rejects with a `DomeError`. */
export async function perform(
  means: Means,
  recipe: Recipe,
  on: boolean,
  options: CallOptions,
): Promise<boolean> {
  const { soap, vendor } = means;
  switch (recipe.kind) {
    case 'relay': {
      const idle = recipe.activeState === 'active' ? 'inactive' : 'active';
      const state = on ? recipe.activeState : idle;
      await soap.call(setRelayOutputState, { token: recipe.token, state }, options);
      const told = await means.relays?.becomes(recipe.token, state === 'active', options.signal);
      if (told === false) throw notDone(on);
      return told ?? false;
    }
    case 'auxiliary': {
      const command = on ? recipe.on : recipe.off;
      if (recipe.via === 'device') await soap.call(sendDeviceAuxiliary, { command }, options);
      else {
        const profile = await means.ptz.profile(options);
        await soap.call(sendPtzAuxiliary, { profile, command }, options);
      }
      return false;
    }
    case 'preset':
      await goto(means, on ? recipe.on : recipe.off, options);
      return false;
    case 'imaging':
      return await setFilter(means, on ? recipe.on : recipe.off, options);
    case 'http': {
      const request = on ? recipe.on : recipe.off;
      if (!request) return false;
      await vendor.send(request, options);
      if (!recipe.verify) return false;
      const state = await vendor.read(recipe.verify, options);
      if (state === on) return true;
      throw notDone(on);
    }
    case 'audioClip':
      return await playClip(means, recipe, on, options);
    case 'track':
      await follow(means, recipe, on, options);
      return false;
  }
}

const notDone = (on: boolean): DomeError =>
  new DomeError('unverified', `said yes, and then ${on ? 'not on' : 'not off'}`);

type Of<K extends Recipe['kind']> = Extract<Recipe, { kind: K }>;

/** A list of what plays in which the clip is missing proves nothing: makes differ in how they tell it. */
async function playClip(
  { soap, ptz }: Means,
  { token, output }: Of<'audioClip'>,
  on: boolean,
  options: CallOptions,
): Promise<boolean> {
  if (!soap.knows('media2')) await ptz.learn(options.deadlineMs);
  await soap.call(playAudioClip, { token, output, play: on }, options);
  let plays: boolean;
  try {
    plays = (await soap.call(getPlayingAudioClips, null, options)).includes(token);
  } catch (error) {
    const { kind } = asDomeError(error);
    if (kind !== 'fault' && kind !== 'wrong-reply' && kind !== 'http') throw error;
    return false;
  }
  if (plays && !on) throw notDone(on);
  return plays && on;
}

/** Written only where it is not so already: a dome's flash wears, too. */
async function setFilter({ soap, ptz }: Means, to: string, options: CallOptions): Promise<boolean> {
  const source = await ptz.source(options);
  if ((await soap.call(getIrCutFilter, { source }, options)) === to) return true;
  await soap.call(setIrCutFilter, { source, filter: to }, options);
  const state = await soap.call(getIrCutFilter, { source }, options);
  if (state === to || state === null) return state !== null;
  throw new DomeError('unverified', `said yes, and then told ${state}`);
}

async function follow(
  { soap, ptz }: Means,
  { preset: from }: Of<'track'>,
  on: boolean,
  options: CallOptions,
): Promise<void> {
  const profile = await ptz.profile(options);
  const preset = from === null ? null : ptz.presetToken(from);
  if (on) await soap.call(moveAndStartTracking, { profile, preset }, options);
  else await soap.call(stop, { profile, bare: false }, options);
}

export async function goto(means: Means, preset: string, options: CallOptions): Promise<void> {
  const profile = await means.ptz.profile(options);
  await means.soap.call(gotoPreset, { profile, preset: means.ptz.presetToken(preset) }, options);
}

/** A digest nonce ages; reading the state keeps it fresh, so that the alarm's request is the only one. */
export async function keepWarm(
  { vendor }: Means,
  recipes: readonly (Following | null)[],
  options: CallOptions,
): Promise<void> {
  for (const recipe of recipes) {
    if (recipe?.kind !== 'http' || !recipe.verify) continue;
    try {
      await vendor.read(recipe.verify, options);
    } catch (error) {
      // The recipe's own trouble, told when it is used; the link has just been seen to be good.
      asDomeError(error);
    }
  }
}
