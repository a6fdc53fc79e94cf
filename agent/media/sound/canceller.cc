// canceller SPEAKER MICROPHONE: loudspeaker and microphone of the gate room, echo cancelled.
// s16 mono 48 kHz both ways: stdin is played, stdout is what the microphone heard. One JSON object a
// line on stderr: {"trouble":DEVICE,"why":TEXT}, {"well":DEVICE}, and every 100 ms {"alive":{..}}.
// One thread, paced by the microphone. A device that fails is opened again; the other one goes on.
// Nothing is decided here, and nothing is kept: the parent ends it, or the end of stdin does.

#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <string>

#include "echo.h"

namespace {

constexpr int kPerMs = kRate / 1000;
constexpr unsigned kBufferUs = 40000;
constexpr int kAheadSamples = 25 * kPerMs;  // what the loudspeaker's card is kept at
constexpr int64_t kWellSamples = 200 * kPerMs;
constexpr int kWaitMs = 20, kStalledMs = 500, kRetryMs = 500, kAliveMs = 100;
constexpr int kLookWithinUs = 2000;
constexpr size_t kQueueMax = 6, kQueueKept = 2;
constexpr int kQuiet = 33;  // -60 dBFS

int64_t NowMs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

class Device {
 public:
  Device(const char* what, const char* name, snd_pcm_stream_t stream)
      : what_(what), name_(name), stream_(stream) {}

  bool is_open() const { return pcm_ != nullptr; }

  // Returns true when it has just come up.
  bool OpenWhenDue() {
    if (pcm_ || NowMs() < retry_at_ms_) return false;
    // Not blocking: a card that is taken would hold us up until it is free.
    int error = snd_pcm_open(&pcm_, name_, stream_, SND_PCM_NONBLOCK);
    if (error < 0) pcm_ = nullptr;
    if (!error) {
      error = snd_pcm_set_params(pcm_, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED, 1,
                                 kRate, 1, kBufferUs);
    }
    if (!error) error = Start();
    if (error < 0) return Fail(snd_strerror(error));
    moved_at_ms_ = NowMs();
    moved_ = 0;
    return true;
  }

  int slips = 0;  // underruns of the loudspeaker, overruns of the microphone
  int64_t done = 0;  // samples written or read

 protected:
  virtual int Start() = 0;

  bool Fail(const char* why) {
    fprintf(stderr, "{\"trouble\":\"%s\",\"why\":\"%s\"}\n", what_, why);
    if (pcm_) snd_pcm_close(pcm_);
    pcm_ = nullptr;
    retry_at_ms_ = NowMs() + kRetryMs;
    return false;
  }

  // A stalled card opens, too: it is well when it has moved on for a while.
  void Moved(int samples) {
    moved_at_ms_ = NowMs();
    const bool was_well = moved_ >= kWellSamples;
    moved_ += samples;
    if (!was_well && moved_ >= kWellSamples) fprintf(stderr, "{\"well\":\"%s\"}\n", what_);
  }
  // It was us who stood still.
  int StartAgain() {
    slips++;
    moved_at_ms_ = NowMs();
    return Start();
  }
  bool HasStalled() const { return NowMs() - moved_at_ms_ > kStalledMs; }

  int Delay() const {
    snd_pcm_sframes_t delay = 0;
    return snd_pcm_delay(pcm_, &delay) < 0 ? 0 : std::max<int>(0, delay);
  }

  snd_pcm_t* pcm_ = nullptr;

 private:
  const char* what_;
  const char* name_;
  snd_pcm_stream_t stream_;
  int64_t retry_at_ms_ = 0, moved_at_ms_ = 0, moved_ = 0;
};

// What is to be played. Late frames would stay as delay for good: quiet ones are dropped first.
class Input {
 public:
  int dropped = 0;

  // False at the end of stdin.
  bool Read() {
    char bytes[16 * sizeof(Frame)];
    ssize_t n;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0) held_.append(bytes, n);
    if (Frames() > kQueueMax) Drop(Frames() - kQueueKept);
    return n != 0;
  }

  Frame Next() {
    Frame frame;
    if (Frames() > kQueueKept && IsQuiet()) Drop(1);
    if (Frames() == 0) return frame;
    memcpy(&frame, held_.data(), sizeof frame);
    held_.erase(0, sizeof frame);
    return frame;
  }

 private:
  size_t Frames() const { return held_.size() / sizeof(Frame); }
  bool IsQuiet() const {
    Frame frame;
    memcpy(&frame, held_.data(), sizeof frame);
    return std::all_of(frame.samples, frame.samples + kFrame,
                       [](int16_t one) { return std::abs(one) < kQuiet; });
  }
  void Drop(size_t frames) {
    dropped += frames;
    held_.erase(0, frames * sizeof(Frame));
  }
  std::string held_;
};

// What was heard. A parent that is held up misses frames; it must not hold up the loudspeaker.
class Output {
 public:
  // False where nobody reads any more.
  bool Write(const Frame& frame) {
    if (rest_.empty()) rest_.assign(reinterpret_cast<const char*>(&frame), sizeof frame);
    const ssize_t n = write(STDOUT_FILENO, rest_.data(), rest_.size());
    if (n > 0) rest_.erase(0, n);
    return n >= 0 || errno == EAGAIN;
  }

 private:
  std::string rest_;
};

class Speaker : public Device {
 public:
  Speaker(const char* name, EchoCanceller* echo)
      : Device("speaker", name, SND_PCM_STREAM_PLAYBACK), echo_(echo) {}

  int64_t position() const { return done - Delay(); }

  // Keeps the card fed: silence where nothing has come.
  bool Feed(Input* input) {
    if (snd_pcm_state(pcm_) == SND_PCM_STATE_DISCONNECTED) return Fail("No such device");
    // The state, for behind plugins the delay is a stale one by now; without a start it stays mute.
    if (snd_pcm_state(pcm_) == SND_PCM_STATE_XRUN) {
      const int error = StartAgain();
      if (error < 0) return Fail(snd_strerror(error));
    }
    for (int n = 0; Delay() < kAheadSamples && n < 4; n++) {
      const int error = Put(input->Next());
      // Ran dry, for it was us who stood still: the state says so from now on.
      if (error == -EPIPE) return true;
      if (error == -EAGAIN) break;
      if (error < 0) return Fail(snd_strerror(error));
      Moved(kFrame);
    }
    return HasStalled() ? Fail("stalled") : true;
  }

 private:
  int Start() override {
    int error = snd_pcm_prepare(pcm_);
    for (int n = 0; n < 2 && error >= 0; n++) error = Put(Frame());
    if (error >= 0 && snd_pcm_state(pcm_) == SND_PCM_STATE_PREPARED) error = snd_pcm_start(pcm_);
    return std::min(error, 0);
  }
  int Put(const Frame& frame) {
    const int written = snd_pcm_writei(pcm_, frame.samples, kFrame);
    if (written > 0) done += written, echo_->Played(frame);
    return written;
  }
  EchoCanceller* echo_;
};

class Microphone : public Device {
 public:
  explicit Microphone(const char* name) : Device("microphone", name, SND_PCM_STREAM_CAPTURE) {}
  int low = INT16_MAX, high = INT16_MIN;  // since the parent was last told

  int64_t position() const { return done + Delay(); }

  // Waits 20 ms at most; true when `frame` is whole.
  bool Read(Frame* frame) {
    const int64_t until_ms = NowMs() + kWaitMs;
    while (got_ < kFrame) {
      const int n = snd_pcm_readi(pcm_, part_.samples + got_, kFrame - got_);
      if (n > 0) got_ += n, done += n, Moved(n);
      if (n == -EPIPE) {
        const int error = StartAgain();
        if (error < 0) return Fail(snd_strerror(error));
      } else if (n < 0 && n != -EAGAIN) {
        return Fail(snd_strerror(n));
      }
      if (HasStalled()) return Fail("stalled");
      const int64_t left_ms = until_ms - NowMs();
      if (got_ < kFrame && left_ms <= 0) return false;
      if (got_ < kFrame) snd_pcm_wait(pcm_, left_ms);
    }
    got_ = 0;
    *frame = part_;
    for (int16_t one : frame->samples) low = std::min<int>(low, one), high = std::max<int>(high, one);
    return true;
  }

 private:
  int Start() override {
    got_ = 0;
    const int error = snd_pcm_prepare(pcm_);
    return error < 0 ? error : snd_pcm_start(pcm_);
  }
  Frame part_;
  int got_ = 0;
};

void Pause(int us) {
  const timespec pause = {0, us * 1000};
  nanosleep(&pause, nullptr);
}

// Both positions at one moment; what lies between two looks that took long is worth nothing. Cards tell by
// the millisecond, and it is one of them that wakes us: looked at at any moment, the steps of the other
// one average out.
void Look(const Microphone& microphone, const Speaker& speaker, EchoCanceller* echo) {
  Pause(rand() % kLookWithinUs);
  const int64_t before = microphone.position(), played = speaker.position();
  if (microphone.position() == before) echo->Saw(before, played);
}

void Silent(const char*, int, const char*, int, const char*, ...) {}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  snd_lib_error_set_handler(Silent);
  // As far as we may (LimitNICE= of the unit): what comes 25 ms late is heard. It works without, too.
  for (int nice = -10; nice < 0 && setpriority(PRIO_PROCESS, 0, nice) < 0;) nice++;
  for (int fd : {STDIN_FILENO, STDOUT_FILENO}) fcntl(fd, F_SETFL, O_NONBLOCK);
  setvbuf(stderr, nullptr, _IOLBF, 0);
  EchoCanceller echo;
  Speaker speaker(argv[1], &echo);
  Microphone microphone(argv[2]);
  Input input;
  Output output;
  int slips = 0;
  for (int64_t told_at_ms = 0;;) {
    alarm(2);  // hung in a driver: even without a parent that looks
    const bool speaker_came = speaker.OpenWhenDue(), microphone_came = microphone.OpenWhenDue();
    if (speaker_came || microphone_came) echo.Forget();
    Frame frame;
    const bool heard = microphone.is_open() && microphone.Read(&frame);
    if (!microphone.is_open()) Pause(10000);
    if (!input.Read()) return 0;
    if (speaker.is_open()) speaker.Feed(&input);
    if (slips != speaker.slips + microphone.slips) echo.Slipped();
    slips = speaker.slips + microphone.slips;
    if (heard) {
      echo.Clean(&frame, microphone.done - kFrame);
      if (!output.Write(frame)) return 0;
      if (speaker.is_open()) Look(microphone, speaker, &echo);
    }
    if (NowMs() - told_at_ms < kAliveMs) continue;
    told_at_ms = NowMs();
    fprintf(stderr, "{\"alive\":{\"low\":%d,\"high\":%d,\"underruns\":%d,\"overruns\":%d,\"dropped\":%d}}\n",
            microphone.low, microphone.high, speaker.slips, microphone.slips, input.dropped);
    microphone.low = INT16_MAX, microphone.high = INT16_MIN;
  }
}
