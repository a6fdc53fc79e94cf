// The place of the map. Its library comes with the first case that has a position, and not before.

import { useEffect, useRef } from 'preact/hooks';
import type { Desk } from '../desk/desk.ts';
import { t } from '../texts.ts';
import type { CityMap } from './city-map.ts';

interface Props {
  readonly desk: Desk;
  /** The terminal in hand; null: all of them are shown. */
  readonly terminal: string | null;
}

export function MapPlace({ desk, terminal }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<CityMap | null>(null);
  const terminals = desk.watch.terminals.value;
  const position = terminals.get(terminal ?? '')?.birth?.identity.position ?? null;
  useEffect(() => {
    let isGone = false;
    void import('./city-map.ts').then(({ CityMap }) => {
      if (isGone || !place.current) return;
      map.current = new CityMap(place.current, desk.config.map);
      map.current.show([...desk.watch.terminals.peek().values()], terminal);
    });
    return () => {
      isGone = true;
      map.current?.close();
      map.current = null;
    };
    // Once: what changes is told below.
  }, [desk]);
  useEffect(() => {
    map.current?.show([...terminals.values()], terminal);
  }, [terminals, terminal]);
  return (
    <section class="map" aria-labelledby="map-title">
      <h3 id="map-title" class={terminal === null ? 'hidden' : ''}>
        {t('map')}{' '}
        <small>{position && `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}`}</small>
      </h3>
      <div ref={place} class="map-canvas" />
    </section>
  );
}
