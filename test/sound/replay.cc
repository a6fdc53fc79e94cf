// replay PPM FAR RAW: what the canceller makes of a scene without cards and without waiting. FAR is what
// was played, RAW what the microphone heard by a clock that is PPM faster; stdout: the cleaned sound.
// Both cards tell their positions by the millisecond, and are asked some time within two.

#include <cstdio>
#include <cstdlib>

#include "../../agent/media/sound/echo.h"

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  const double rate = 1 / (1 + atof(argv[1]) * 1e-6);
  FILE *far = fopen(argv[2], "rb"), *raw = fopen(argv[3], "rb");
  if (!far || !raw) return 66;
  constexpr int kMs = kRate / 1000, kAhead = 25 * kMs;
  EchoCanceller echo;
  Frame frame;
  int64_t heard = 0, written = 0;
  srand(1);
  while (fread(&frame, sizeof frame, 1, raw) == 1) {
    heard += kFrame;
    const int64_t now = heard + rand() % (2 * kMs), played = now * rate;
    for (Frame next; written < played + kAhead; written += kFrame) {
      if (fread(&next, sizeof next, 1, far) != 1) next = Frame();
      echo.Played(next);
    }
    echo.Saw(now - now % kMs, played - played % kMs);
    echo.Clean(&frame, heard - kFrame);
    fwrite(&frame, sizeof frame, 1, stdout);
  }
}
