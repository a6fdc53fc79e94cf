// A file of the clip in a real browser: does it play to its end?

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { basename } from 'node:path';
import { Chromium } from '#test/e2e/support/chromium.ts';

export interface Played {
  /** Null: it played to its end. */
  readonly error: string | null;
  /** Where it was at the end. */
  readonly seconds: number;
  readonly width: number;
  readonly pictures: number;
  /** Of sound, decoded. */
  readonly soundBytes: number;
}

const play = (url: string) => `new Promise((done) => {
  const video = document.createElement('video');
  const told = (error) => {
    const { totalVideoFrames: pictures } = video.getVideoPlaybackQuality();
    const { currentTime: seconds, videoWidth: width, webkitAudioDecodedByteCount: soundBytes } = video;
    video.remove();
    done({ error, seconds, width, pictures, soundBytes });
  };
  video.muted = true;
  video.onerror = () => told(video.error.message || 'code ' + video.error.code);
  video.onended = () => told(null);
  setTimeout(() => told('does not come to its end'), 60000);
  document.body.append(video);
  video.src = ${JSON.stringify(url)};
  video.playbackRate = 4;
  video.play();
})`;

export class Player {
  readonly #browser: Chromium;
  readonly #server: Server;
  readonly #files = new Map<string, string>();

  private constructor(browser: Chromium, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async open(): Promise<Player> {
    const server = createServer((request, response) => {
      const file = player.#files.get(request.url ?? '');
      if (!file) return void response.setHeader('Content-Type', 'text/html').end('<body></body>');
      const bytes = readFileSync(file);
      const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
      const from = Number(range?.[1] ?? 0);
      const to = Math.min(bytes.length, Number(range?.[2] || bytes.length) + 1);
      response.writeHead(range ? 206 : 200, {
        'Content-Type': 'video/mp4',
        'Accept-Ranges': 'bytes',
        'Content-Length': to - from,
        ...(range ? { 'Content-Range': `bytes ${from}-${to - 1}/${bytes.length}` } : {}),
      });
      response.end(bytes.subarray(from, to));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const player = new Player(await Chromium.open({}), server);
    await player.#browser.page.goto(player.#url('/'));
    return player;
  }

  async play(file: string): Promise<Played> {
    const path = `/${basename(file)}`;
    this.#files.set(path, file);
    return this.#browser.page.evaluate<Played>(play(this.#url(path)));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #url(path: string): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('the server is not there');
    return `http://127.0.0.1:${address.port}${path}`;
  }
}
