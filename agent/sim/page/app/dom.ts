// The few helpers that the page has in place of a framework.

/** An element of the page, checked once. */
export function byId<T extends Element = HTMLElement>(
  id: string,
  type?: abstract new (...args: never[]) => T,
): T {
  const element = document.getElementById(id);
  if (!element || (type && !(element instanceof type))) throw new Error(`no #${id} on the page`);
  return element as Element as T;
}

/** Plays whatever it is given, in this place of the page. */
export function playerIn(place: Element, id: string): HTMLAudioElement {
  const player = document.createElement('audio');
  Object.assign(player, { id, autoplay: true });
  place.append(player);
  return player;
}

/** Only where it differs: what is given anew begins anew. */
export function play(player: HTMLMediaElement, stream: MediaStream | null): void {
  if (player.srcObject !== stream) player.srcObject = stream;
}

/** Written only where it differs: a status that is read aloud is read when it changes. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Why a session is as it is, in brackets. */
export const detailOf = (
  status: { readonly state: string; readonly detail?: string } | null,
): string => (status?.detail ? ` (${status.detail})` : '');

export interface KeyButton {
  readonly element: HTMLButtonElement;
  /** The key as `KeyboardEvent.key` has it. */
  readonly key: string;
  readonly text: () => string;
  readonly can: () => boolean;
  /** Down, by key or pointer. */
  readonly press: () => void;
  /** Up again. */
  readonly release?: () => void;
}

const keyNames: { readonly [key: string]: string } = {
  ' ': '␣',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

/** Buttons that a key presses as well; the key is written on the button. */
export class Keys {
  readonly #buttons: KeyButton[] = [];
  readonly #held = new Set<KeyButton>();

  constructor() {
    addEventListener('keydown', (event) => this.#down(event));
    addEventListener('keyup', ({ key }) => this.#up(key));
    addEventListener('pointerup', () => this.#letGo());
    addEventListener('blur', () => this.#letGo());
  }

  add(into: Element, button: Omit<KeyButton, 'element'>, className = ''): HTMLButtonElement {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = className;
    const word = document.createElement('span');
    const hint = document.createElement('kbd');
    hint.textContent = keyNames[button.key] ?? button.key.toUpperCase();
    element.append(word, hint);
    into.append(element);
    const whole = { ...button, element };
    this.#buttons.push(whole);
    if (button.release) element.addEventListener('pointerdown', () => this.#hold(whole));
    else element.addEventListener('click', () => this.#act(whole));
    return element;
  }

  /** Writes words and states anew. */
  draw(): void {
    for (const { element, text, can } of this.#buttons) {
      const [word] = element.children;
      if (word) say(word, text());
      element.disabled = !can();
    }
  }

  #down(event: KeyboardEvent): void {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const named = this.#buttons.filter((one) => one.key === key);
    // Two may share a key where never both can be pressed: in a drill, and in a call.
    const button = named.find((one) => one.can()) ?? named[0];
    if (!button) return;
    event.preventDefault();
    if (button.release) this.#hold(button);
    else this.#act(button);
  }

  #up(key: string): void {
    for (const button of this.#held) if (button.key === key) this.#drop(button);
  }

  #letGo(): void {
    for (const button of this.#held) this.#drop(button);
  }

  #act(button: KeyButton): void {
    if (button.can()) button.press();
  }

  #hold(button: KeyButton): void {
    if (!button.can() || this.#held.has(button)) return;
    this.#held.add(button);
    button.element.classList.add('held');
    button.press();
  }

  #drop(button: KeyButton): void {
    this.#held.delete(button);
    button.element.classList.remove('held');
    button.release?.();
  }
}
