// What a person in the room can see: the lamp at the guard's desk, the dome at the gate, which parts run.
// Looks twenty times a second and tells of changes only.

import { fieldOfView, optics } from '../dome/scene/optics.ts';
import { LampReader } from '../lamp-reader.ts';
import { type Room, terminalId } from '../room.ts';

export interface Sight {
  readonly terminal: string;
  readonly buttons: readonly {
    readonly number: number;
    readonly name: string;
    /** `emergency`, `silent` .., or what else the input is for. */
    readonly what: string;
  }[];
  readonly lamp: {
    /** A word of the ladder, or `dead`. */
    readonly word: string;
    readonly zh: string;
    readonly en: string;
    /** R, Y, G, B, W, or `-`: what is lit at this moment. */
    readonly colour: string;
    readonly linkDown: boolean;
    readonly fault: boolean;
    readonly mark: 'drill' | 'service' | null;
  };
  readonly dome: {
    readonly strobe: boolean;
    readonly siren: boolean;
    readonly preset: string;
    /** Degrees from straight ahead, right and up positive; rounded, for the eye. */
    readonly pan: number;
    readonly tilt: number;
    /** Of the field of view, degrees. */
    readonly view: number;
  };
  readonly runs: { readonly agent: boolean; readonly broker: boolean };
}

const everyMs = 50;

export class Looker {
  readonly #room: Room;
  readonly #changed: (sight: Sight) => void;
  readonly #reader = new LampReader();
  #timer: NodeJS.Timeout | null = null;
  #told = '';

  constructor(room: Room, changed: (sight: Sight) => void) {
    this.#room = room;
    this.#changed = changed;
  }

  open(): void {
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  get sight(): Sight {
    const { box, dome, daemon, broker, inputs } = this.#room;
    const { word, linkDown, fault, mark } = this.#reader.read(box.lamp);
    const { strobe, siren, preset } = dome.actuators;
    const { pan, tilt, zoom } = dome.motion.position;
    const looks = {
      pan: Math.round(pan * optics.panDegrees),
      tilt: Math.round(tilt * optics.tiltDegrees),
      view: Math.round(fieldOfView(zoom)),
    };
    return {
      terminal: terminalId,
      buttons: inputs.map(({ name, kind, role }, n) => ({
        number: n + 1,
        name,
        what: kind ?? role ?? 'button',
      })),
      lamp: { word, ...this.#reader.words(word), colour: box.colour, linkDown, fault, mark },
      dome: { strobe, siren, preset, ...looks },
      runs: { agent: daemon.running, broker: broker.running },
    };
  }

  #look(): void {
    const { sight } = this;
    const told = JSON.stringify(sight);
    if (told === this.#told) return;
    this.#told = told;
    this.#changed(sight);
  }
}
