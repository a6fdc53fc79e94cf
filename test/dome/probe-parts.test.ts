// What is worth a try, out of what a dome names: relays by how they rest and whether they fall back.

import { expect, test } from 'vitest';
import type { Abilities } from '#agent/dome/probe/abilities.ts';
import { candidatesFor, reversedRelays } from '#agent/dome/probe/candidates.ts';
import { getRelayOutputs } from '#agent/dome/probe/operations.ts';
import type { Recipe } from '#agent/dome/profile.ts';
import { at, openXml } from '#agent/dome/xml.ts';

const abilities = async (outputs: string): Promise<Abilities> => {
  const parse = await openXml();
  const answer = at(parse(`<R>${outputs}</R>`), 'R');
  if (answer === null) throw new Error('no answer');
  return {
    ...{ device: { manufacturer: '', model: '', firmware: '' }, login: 'digest' },
    ...{ deviceAuxiliary: [], ptzAuxiliary: [], presets: [], profiles: [], irCutFilters: [] },
    ...{ audioOutputs: 0, audioClips: [], movesAndTracks: false, moves: false, movesInView: false },
    ...{ tellsWhatItSees: false, streams: { main: null, sub: null, snapshot: null } },
    relays: getRelayOutputs.read(answer, ''),
  };
};

const output = (token: string, mode: string, delay: string, idle: string) =>
  `<RelayOutputs token="${token}"><Properties><Mode>${mode}</Mode><DelayTime>${delay}</DelayTime>` +
  `<IdleState>${idle}</IdleState></Properties></RelayOutputs>`;

const ways = (all: readonly Recipe[]) =>
  all.map((one) =>
    one.kind === 'relay' ? `${one.token} ${one.activeState} ${one.repeatEveryS}` : one.kind,
  );

test('a relay that is closed at rest comes first; an open one the other way round last', async () => {
  const known = await abilities(
    output('A', 'Bistable', 'PT0S', 'open') + output('B', 'Bistable', 'PT0S', 'closed'),
  );
  expect(ways(candidatesFor('strobe', known, null))).toEqual([
    ...['B inactive 4', 'B active 4', 'A active 4'],
  ]);
  expect(ways(reversedRelays('strobe', known))).toEqual(['A inactive 4']);
  expect(reversedRelays('wiper', known)).toEqual([]);
});

test('one that falls back is told again before it does', async () => {
  const known = await abilities(
    output('A', 'Monostable', 'PT5S', 'open') +
      output('B', 'Monostable', 'PT1M', 'open') +
      output('C', 'monostable', 'PT0.5S', 'open') +
      output('D', 'Monostable', 'soon', 'perhaps'),
  );
  expect(ways(candidatesFor('siren', known, null))).toEqual([
    ...['A active 2', 'B active 4', 'C active 1', 'D active 4'],
  ]);
  expect(known.relays.map(({ idle }) => idle)).toEqual(['open', 'open', 'open', null]);
});
