// What outlives the page in this browser: language, theme, the case in hand. A browser that keeps nothing
// (a private window, a full disk) costs only that.

const prefix = 'gate/';

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
