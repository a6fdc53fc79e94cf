// Carries one recipe out, once: the request that switches, then a look whether it has happened, where
// this dome can be asked. Retrying, falling back and repeating are the actuator's.

import { DomeError } from './error.ts';
import {
  getIrCutFilter,
  gotoPreset,
  sendDeviceAuxiliary,
  sendPtzAuxiliary,
  setIrCutFilter,
  setRelayOutputState,
} from './operations.ts';
import type { Recipe } from './profile.ts';
import type { Ptz } from './ptz.ts';
import type { CallOptions, SoapClient } from './soap.ts';
import type { Vendor } from './vendor.ts';

export interface Means {
  readonly soap: SoapClient;
  readonly ptz: Ptz;
  readonly vendor: Vendor;
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
      return false;
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
    case 'imaging': {
      const source = await means.ptz.source(options);
      const filter = on ? recipe.on : recipe.off;
      await soap.call(setIrCutFilter, { source, filter }, options);
      const state = await soap.call(getIrCutFilter, { source }, options);
      if (state === filter) return true;
      throw new DomeError('unverified', `said yes, and then told ${state ?? 'nothing'}`);
    }
    case 'http': {
      const request = on ? recipe.on : recipe.off;
      if (!request) return false;
      await vendor.send(request, options);
      if (!recipe.verify) return false;
      const state = await vendor.read(recipe.verify, options);
      if (state === on) return true;
      throw new DomeError('unverified', `said yes, and then ${on ? 'not on' : 'not off'}`);
    }
  }
}

export async function goto(means: Means, preset: string, options: CallOptions): Promise<void> {
  const profile = await means.ptz.profile(options);
  await means.soap.call(gotoPreset, { profile, preset: means.ptz.presetToken(preset) }, options);
}
