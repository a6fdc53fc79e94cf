// The map behind the case in hand: terminals as points over a sketch of the city, over tiles, or over a plain
// grid with a scale; nothing of it needs a network unless tiles are configured.

import ScaleLine from 'ol/control/ScaleLine.js';
import type Feature from 'ol/Feature.js';
import { default as FeatureOf } from 'ol/Feature.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import Point from 'ol/geom/Point.js';
import Graticule from 'ol/layer/Graticule.js';
import TileLayer from 'ol/layer/Tile.js';
import VectorLayer from 'ol/layer/Vector.js';
import OlMap from 'ol/Map.js';
import { fromLonLat } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import XYZ from 'ol/source/XYZ.js';
import Fill from 'ol/style/Fill.js';
import RegularShape from 'ol/style/RegularShape.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';
import View from 'ol/View.js';
import type { Identity } from '../../../contract.ts';
import type { TerminalView } from '../../client/terminals.ts';
import type { ConsoleConfig } from '../config.ts';

const closeZoom = 15;

type Position = NonNullable<Identity['position']>;

/** Colours of the page as it is now, light or dark. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export class CityMap {
  readonly #map: OlMap;
  readonly #points = new VectorSource<Feature<Point>>();
  readonly #watched: MutationObserver;
  readonly #light = matchMedia('(prefers-color-scheme: light)');
  readonly #recoloured = () => this.#recolour();
  readonly #known = new Map<string, Feature<Point>>();
  /** By what they look like: to make one is dear, and hundreds look alike. */
  readonly #shapes = new Map<string, RegularShape>();
  #inHand: string | null = null;
  #isPlaced = false;

  constructor(place: HTMLElement, config: ConsoleConfig['map']) {
    const points = new VectorLayer({
      source: this.#points,
      style: (feature) => this.#style(feature as Feature),
    });
    this.#map = new OlMap({
      target: place,
      layers: [...groundOf(config), points],
      controls: [new ScaleLine()],
      view: new View({ center: [0, 0], zoom: closeZoom, maxZoom: 19 }),
    });
    this.#watched = new MutationObserver(() => this.#recolour());
    this.#light.addEventListener('change', this.#recoloured);
    this.#watched.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  }

  close(): void {
    this.#watched.disconnect();
    this.#light.removeEventListener('change', this.#recoloured);
    this.#map.setTarget(undefined);
    this.#map.dispose();
  }

  show(views: readonly TerminalView[], inHand: string | null): void {
    const fresh: Feature<Point>[] = [];
    for (const view of views) {
      const position = view.birth?.identity.position;
      if (!position) continue;
      const known = this.#known.get(view.id);
      const feature = known ?? new FeatureOf(new Point(placeOf(position)));
      if (!known) {
        feature.setId(view.id);
        this.#known.set(view.id, feature);
        fresh.push(feature);
      } else if (positionIn(known) !== position) {
        known.getGeometry()?.setCoordinates(placeOf(position));
      }
      feature.set('view', view, true);
    }
    this.#points.addFeatures(fresh);
    this.#points.changed();
    const isNone = this.#known.size === 0;
    if ((this.#isPlaced && this.#inHand === inHand) || isNone) return;
    this.#isPlaced = true;
    this.#inHand = inHand;
    this.#place(inHand);
  }

  #recolour(): void {
    this.#shapes.clear();
    for (const layer of this.#map.getAllLayers()) layer.changed();
  }

  /** Moved by nobody but the dispatcher once it is placed. */
  #place(inHand: string | null): void {
    const view = this.#map.getView();
    const all = this.#points.getExtent();
    if (inHand === null && all)
      return view.fit(all, { padding: [40, 40, 40, 40], maxZoom: closeZoom });
    const at = this.#points.getFeatureById(inHand ?? '');
    const geometry = at && !Array.isArray(at) ? at.getGeometry() : null;
    if (geometry) view.setCenter(geometry.getCoordinates());
    view.setZoom(closeZoom);
  }

  /** Told apart by shape as well: a star in hand, an octagon with a case, a cross gone, a dot else. */
  #style(feature: Feature): Style {
    const view = feature.get('view') as TerminalView;
    const isInHand = view.id === this.#inHand;
    const isOpen = view.incidents.length > 0;
    const shape = this.#shape(isInHand, isOpen, view.online);
    if (!isInHand) return new Style({ image: shape, zIndex: isOpen ? 1 : 0 });
    return new Style({
      image: shape,
      zIndex: 2,
      text: new Text({
        text: view.birth?.identity.school ?? view.id,
        offsetY: 24,
        font: '600 14px sans-serif',
        fill: new Fill({ color: colour('text') }),
        stroke: new Stroke({ color: colour('panel'), width: 4 }),
      }),
    });
  }

  #shape(isInHand: boolean, isOpen: boolean, isOnline: boolean): RegularShape {
    const key = `${isInHand} ${isOpen} ${isOnline}`;
    const known = this.#shapes.get(key);
    if (known) return known;
    const shape = new RegularShape({
      points: isOpen ? 8 : isOnline ? 12 : 4,
      radius: isInHand ? 12 : isOpen ? 9 : 6,
      angle: Math.PI / 8,
      fill: new Fill({ color: colour(isOpen ? 'danger-fill' : isOnline ? 'ok' : 'warn') }),
      stroke: new Stroke({ color: colour('text'), width: isInHand ? 3 : 1 }),
    });
    this.#shapes.set(key, shape);
    return shape;
  }
}

const placeOf = ({ lat, lon }: Position): number[] => fromLonLat([lon, lat]);

const positionIn = (feature: Feature<Point>): Position | null =>
  (feature.get('view') as TerminalView).birth?.identity.position ?? null;

function groundOf({ sketch, tiles }: ConsoleConfig['map']) {
  const stroke = () => new Stroke({ color: colour('line'), width: 1 });
  if (tiles !== null) return [new TileLayer({ source: new XYZ({ url: tiles }) })];
  if (sketch === null)
    return [
      new Graticule({ strokeStyle: new Stroke({ color: '#7f8c99', width: 1 }), wrapX: false }),
    ];
  const source = new VectorSource({ url: sketch, format: new GeoJSON() });
  return [
    new VectorLayer({
      source,
      style: (feature) =>
        new Style({
          stroke: stroke(),
          fill: new Fill({ color: colour('raised') }),
          text: new Text({
            // A street's name lies along it.
            placement: feature.getGeometry()?.getType() === 'LineString' ? 'line' : 'point',
            text: String(feature.get('name') ?? ''),
            font: '12px sans-serif',
            fill: new Fill({ color: colour('muted') }),
          }),
        }),
    }),
  ];
}
