// Sound files for a browser's microphone: mono, 16 bit, 48 kHz.

const rate = 48_000;
const headBytes = 44;

export function wavOf(samples: Int16Array): Buffer {
  const file = Buffer.alloc(headBytes + samples.length * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [n, one] of samples.entries()) file.writeInt16LE(one, headBytes + 2 * n);
  return file;
}

export const silence = (seconds: number): Int16Array => new Int16Array(Math.round(seconds * rate));
