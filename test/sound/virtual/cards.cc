// canceller.cc, unchanged, for as long as a call lasts and in a fraction of the time: its cards are numbers,
// its clock moves only while it waits, its stdin and stdout are sounds with a time.
// argv as the canceller's; all else in the environment: PPM_SPEAKER, PPM_MICROPHONE, SECONDS, and PLAYED, a
// file with a byte for each 10 ms that is written to stdin: 1 is a tone, 0 silence.
// On fd 3, in doubles: kind, seconds, value. 0: a tone began at the loudspeaker, at a sample of it, 1: at
// the microphone, 2: a frame on stdout (1: loud), 3: memory of the process, MB, once a second.

#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "alsa/asoundlib.h"

namespace {

constexpr int kRate = 48000, kFrame = kRate / 100, kMs = kRate / 1000;
constexpr int kPeriod = 10 * kMs, kBuffer = 40 * kMs;
constexpr double kLoud = 1000;
// In the room somebody speaks for so long, so often, after so much.
constexpr double kSpeaksS = 1, kEveryS = 4, kFromS = 2.5;

double now_s = 0;
double Setting(const char* name) { return atof(getenv(name)); }
const double kEndS = Setting("SECONDS");

void Tell(double kind, double seconds, double value) {
  const double words[] = {kind, seconds, value};
  if (syscall(SYS_write, 3, words, sizeof words) != sizeof words) _exit(74);
}

std::vector<char> PlayedFile() {
  std::vector<char> all(1 << 20);
  const int fd = open(getenv("PLAYED"), O_RDONLY);
  all.resize(std::max<ssize_t>(0, syscall(SYS_read, fd, all.data(), all.size())));
  close(fd);
  return all;
}
const std::vector<char> kPlayed = PlayedFile();

double ResidentMb() {
  char text[64] = {};
  const int fd = open("/proc/self/statm", O_RDONLY);
  const auto got = syscall(SYS_read, fd, text, sizeof text - 1);
  close(fd);
  const char* resident = got > 0 ? strchr(text, ' ') : nullptr;
  return resident ? atol(resident) * sysconf(_SC_PAGESIZE) / 1048576.0 : 0;
}

int16_t ToneAt(int64_t n) { return 8000 * std::sin(2 * M_PI * 800 * n / kRate); }
bool IsSpoken(double seconds) {
  const double into = std::fmod(seconds, kEveryS);
  return into >= kFromS && into < kFromS + kSpeaksS;
}

}  // namespace

struct snd_pcm_t {
  snd_pcm_stream_t stream;
  double rate;
  double started_s = 0;
  int64_t application = 0;  // samples written or read since the start
  int64_t first = 0;        // position of the card's clock at the start
  bool is_running = false;
  int quiet = kRate;        // samples since the last loud one

  // By the millisecond, as cheap cards tell.
  int64_t hardware() const {
    if (!is_running) return 0;
    const int64_t moved = (now_s - started_s) * rate;
    return moved - moved % kMs;
  }
  bool is_playback() const { return stream == SND_PCM_STREAM_PLAYBACK; }
  int64_t held() const { return is_playback() ? application - hardware() : hardware() - application; }
  bool is_xrun() const {
    return is_running && (is_playback() ? held() < 0 : held() > kBuffer);
  }
  double SecondsAt(int64_t sample) const { return started_s + sample / rate; }
  void Passes(int16_t sample, int64_t n) {
    if (std::abs(sample) < kLoud) return void(quiet++);
    if (quiet > kRate / 2) Tell(is_playback() ? 0 : 1, SecondsAt(n), n);
    quiet = 0;
  }
};

int snd_pcm_open(snd_pcm_t** pcm, const char*, snd_pcm_stream_t stream, int) {
  const char* ppm = stream == SND_PCM_STREAM_PLAYBACK ? "PPM_SPEAKER" : "PPM_MICROPHONE";
  *pcm = new snd_pcm_t{stream, kRate * (1 + Setting(ppm) * 1e-6)};
  return 0;
}
int snd_pcm_set_params(snd_pcm_t*, int, int, unsigned, unsigned, int, unsigned) { return 0; }
int snd_pcm_close(snd_pcm_t* pcm) { return delete pcm, 0; }
int snd_pcm_prepare(snd_pcm_t* pcm) {
  pcm->is_running = false;
  pcm->application = 0;
  return 0;
}
int snd_pcm_start(snd_pcm_t* pcm) {
  pcm->is_running = true;
  pcm->started_s = now_s;
  return 0;
}
int snd_pcm_delay(snd_pcm_t* pcm, snd_pcm_sframes_t* delay) {
  *delay = pcm->held();
  return pcm->is_xrun() ? -EPIPE : 0;
}
snd_pcm_state_t snd_pcm_state(snd_pcm_t* pcm) {
  if (pcm->is_xrun()) return SND_PCM_STATE_XRUN;
  return pcm->is_running ? SND_PCM_STATE_RUNNING : SND_PCM_STATE_PREPARED;
}
snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t* pcm, const void* samples, unsigned long count) {
  if (pcm->is_xrun()) return -EPIPE;
  if (pcm->held() + static_cast<int64_t>(count) > kBuffer) return -EAGAIN;
  const int16_t* sample = static_cast<const int16_t*>(samples);
  for (unsigned long n = 0; n < count; n++) pcm->Passes(sample[n], pcm->application + n);
  pcm->application += count;
  return count;
}
snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t* pcm, void* samples, unsigned long count) {
  if (pcm->is_xrun()) return -EPIPE;
  const int64_t n = std::min<int64_t>(count, pcm->held());
  if (n == 0) return -EAGAIN;
  int16_t* sample = static_cast<int16_t*>(samples);
  for (int64_t k = 0; k < n; k++) {
    const int64_t at = pcm->application + k;
    sample[k] = IsSpoken(pcm->SecondsAt(at)) ? ToneAt(at) : rand() % 8;
    pcm->Passes(sample[k], at);
  }
  pcm->application += n;
  return n;
}
int snd_pcm_wait(snd_pcm_t* pcm, int timeout_ms) {
  const double until_s = now_s + timeout_ms / 1000.0;
  while (now_s < until_s && pcm->held() < kPeriod) now_s += 0.0002;
  return pcm->held() >= kPeriod;
}
const char* snd_strerror(int error) { return strerror(-error); }
int snd_lib_error_set_handler(void (*)(const char*, int, const char*, int, const char*, ...)) {
  return 0;
}

// What the canceller asks of the system, by our clock.
extern "C" {

int clock_gettime(clockid_t, timespec* t) noexcept {
  now_s += 1e-7;
  t->tv_sec = now_s;
  t->tv_nsec = (now_s - t->tv_sec) * 1e9;
  return 0;
}
int nanosleep(const timespec* pause, timespec*) {
  now_s += pause->tv_sec + pause->tv_nsec * 1e-9;
  return 0;
}
unsigned alarm(unsigned) noexcept { return 0; }

// Frames at the pace of our clock, up to 5 ms late, as a process that has other things to do writes them.
ssize_t read(int fd, void* into, size_t count) {
  static size_t given = 0;
  static double told_s = 0;
  static double late_s = 0;
  if (fd != STDIN_FILENO) return syscall(SYS_read, fd, into, count);
  if (now_s >= kEndS) return 0;
  if (now_s - told_s >= 1) {
    Tell(3, told_s = now_s, ResidentMb());
  }
  if (now_s < given * 0.01 + late_s || count < 2 * kFrame) return errno = EAGAIN, -1;
  const bool is_loud = given < kPlayed.size() && kPlayed[given];
  int16_t* samples = static_cast<int16_t*>(into);
  for (int n = 0; n < kFrame; n++) samples[n] = is_loud ? ToneAt(given * kFrame + n) : 0;
  given++;
  late_s = rand() % 5000 * 1e-6;
  return 2 * kFrame;
}

ssize_t write(int fd, const void* from, size_t count) {
  if (fd != STDOUT_FILENO) return syscall(SYS_write, fd, from, count);
  const int16_t* samples = static_cast<const int16_t*>(from);
  const bool is_loud = std::any_of(samples, samples + count / 2,
                                   [](int16_t one) { return std::abs(one) >= kLoud; });
  Tell(2, now_s, is_loud);
  return count;
}
}
