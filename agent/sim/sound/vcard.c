// A virtual sound card as an ALSA plugin: a clock of its own (ppm beside the system's), a pointer that
// moves by the millisecond, real underruns and overruns; it can be busy, stall, and be unplugged.
// Its samples pass through a file (struct shared, then a ring of mono s16) that the room reads and
// writes: the sample at clock position p lies at p modulo the ring's length.
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>

enum { RING = 1 << 18, HEADER_BYTES = 4096, RATE = 48000, MS = RATE / 1000 };
static const size_t shared_bytes = HEADER_BYTES + RING * sizeof(int16_t);

// Known to card.ts, offset by offset.
struct shared {
  int64_t zero_ns; // CLOCK_MONOTONIC at position 0
  double ppm;
  int32_t gone;
  int32_t stalled;
  int64_t xruns;
  int64_t starts;
};

struct card {
  snd_pcm_ioplug_t io;
  struct shared *shared;
  int16_t *ring;
  int16_t *before_start; // playback only: what was written before the card ran
  int timer;
  int lock;
  int running;
  int xrun;
  int64_t start; // clock position of the stream's first sample
  int64_t hw;    // samples of the stream that the card is done with
  snd_pcm_uframes_t boundary;
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double rate_of(struct card *card) { return RATE * (1 + card->shared->ppm * 1e-6); }

static int64_t position_now(struct card *card) {
  return (int64_t)((now_ns() - card->shared->zero_ns) * 1e-9 * rate_of(card));
}

static int16_t *sample_at(struct card *card, int64_t n) {
  return &card->ring[(card->start + n) & (RING - 1)];
}

static int is_playback(snd_pcm_ioplug_t *io) { return io->stream == SND_PCM_STREAM_PLAYBACK; }

// Whoever polls is woken when the card has moved on by so many samples; a card that does not move
// wakes nobody, but has to look at its flags.
static void wake_after(struct card *card, int64_t samples) {
  int64_t position = card->start + card->hw + samples + 1;
  int64_t at = card->shared->zero_ns + (int64_t)(position / rate_of(card) * 1e9);
  if (!card->running || card->shared->stalled) at = now_ns() + 50000000;
  struct itimerspec when = {.it_value = {at / 1000000000LL, at % 1000000000LL}};
  timerfd_settime(card->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void forget_timer(struct card *card) {
  uint64_t ticks;
  if (read(card->timer, &ticks, sizeof ticks) < 0) return; // not due yet: nothing to forget
}

static int on_start(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  if (card->shared->gone) return -ENODEV;
  card->start = position_now(card) + MS;
  card->running = 1;
  card->hw = 0;
  card->shared->starts++;
  if (is_playback(io))
    for (int64_t n = 0; n < (int64_t)io->appl_ptr; n++) *sample_at(card, n) = card->before_start[n];
  wake_after(card, io->period_size);
  return 0;
}

static int on_stop(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card->running = 0;
  return 0;
}

static int on_prepare(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  if (card->shared->gone) return -ENODEV;
  card->running = card->xrun = 0;
  card->hw = 0;
  wake_after(card, 0);
  return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  if (card->shared->gone) {
    snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
    return card->hw % card->boundary;
  }
  if (card->xrun) return -EPIPE;
  if (!card->running) return 0;
  if (!card->shared->stalled) {
    int64_t hw = position_now(card) - card->start;
    hw -= hw % MS;
    if (hw > card->hw) card->hw = hw;
  }
  int64_t application = io->appl_ptr;
  if (is_playback(io) && card->hw > application && io->state == SND_PCM_STATE_DRAINING)
    return card->hw = application;
  int starved = is_playback(io) && card->hw > application;
  int flooded = !is_playback(io) && card->hw - application > (int64_t)io->buffer_size;
  if (starved || flooded) {
    card->shared->xruns++;
    card->running = 0;
    card->xrun = 1;
    return -EPIPE;
  }
  return card->hw % card->boundary;
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                     snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct card *card = io->private_data;
  if (card->shared->gone) return -ENODEV;
  int step = areas[0].step / 16;
  int16_t *frames = (int16_t *)((char *)areas[0].addr + areas[0].first / 8) + offset * step;
  int64_t first = io->appl_ptr;
  for (int64_t n = 0; n < (int64_t)size; n++) {
    int16_t *frame = frames + n * step;
    if (!is_playback(io))
      for (unsigned channel = 0; channel < io->channels; channel++)
        frame[channel] = *sample_at(card, first + n);
    else if (card->running)
      *sample_at(card, first + n) = frame[0];
    else if (first + n < RING)
      card->before_start[first + n] = frame[0];
  }
  return size;
}

static int on_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
  struct card *card = io->private_data;
  snd_pcm_sw_params_get_boundary(params, &card->boundary);
  return 0;
}

static int on_poll(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *events) {
  struct card *card = io->private_data;
  unsigned short ready = is_playback(io) ? POLLOUT : POLLIN;
  (void)fds, (void)count;
  *events = 0;
  if (card->shared->gone) {
    snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
    *events = POLLERR | POLLNVAL;
    return 0;
  }
  int xrun = on_pointer(io) == -EPIPE;
  if (xrun || !card->running) {
    *events = ready | (xrun ? POLLERR : 0);
    forget_timer(card);
    wake_after(card, 5 * MS);
    return 0;
  }
  int64_t held = (int64_t)io->appl_ptr - card->hw;
  int64_t available = is_playback(io) ? (int64_t)io->buffer_size - held : -held;
  if (available >= (int64_t)io->period_size) {
    *events = ready;
    return 0;
  }
  forget_timer(card);
  int64_t lacking = io->period_size - available;
  wake_after(card, lacking + MS - lacking % MS);
  return 0;
}

static int on_close(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  close(card->timer);
  close(card->lock);
  munmap(card->shared, shared_bytes);
  free(card->before_start);
  free(card);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = on_start,
    .stop = on_stop,
    .pointer = on_pointer,
    .transfer = on_transfer,
    .close = on_close,
    .prepare = on_prepare,
    .sw_params = on_sw_params,
    .poll_revents = on_poll,
};

static int constrain(snd_pcm_ioplug_t *io, unsigned channels) {
  static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
  static const unsigned format[] = {SND_PCM_FORMAT_S16_LE};
  unsigned frame = 2 * channels;
  snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
  snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
  snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, channels, channels);
  snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, RATE, RATE);
  snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, MS * frame, RATE * frame);
  snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 4 * MS * frame,
                                  4 * RATE * frame);
  return snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
}

// One holder at a time, as with a card that has one stream; the lock tells who (/proc/PID/fd).
static int plug_in(struct card *card, const char *file) {
  char lock_file[512];
  snprintf(lock_file, sizeof lock_file, "%s.lock", file);
  int fd = open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return -ENODEV;
  card->shared = mmap(NULL, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (card->shared == MAP_FAILED) return -ENODEV;
  card->ring = (int16_t *)((char *)card->shared + HEADER_BYTES);
  if (card->shared->gone) return -ENODEV;
  card->lock = open(lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (card->lock < 0 || flock(card->lock, LOCK_EX | LOCK_NB) < 0) {
    if (card->lock >= 0) close(card->lock);
    return -EBUSY;
  }
  card->before_start = calloc(RING, sizeof(int16_t));
  card->boundary = 1 << 30;
  card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  return 0;
}

SND_PCM_PLUGIN_DEFINE_FUNC(vcard) {
  const char *file = "", *direction = "", *id;
  long channels = 1;
  snd_config_iterator_t i, next;
  (void)root;
  snd_config_for_each(i, next, conf) {
    snd_config_t *node = snd_config_iterator_entry(i);
    if (snd_config_get_id(node, &id) < 0) continue;
    if (!strcmp(id, "file")) snd_config_get_string(node, &file);
    if (!strcmp(id, "direction")) snd_config_get_string(node, &direction);
    if (!strcmp(id, "channels")) snd_config_get_integer(node, &channels);
  }
  // As the kernel answers for a card that has no such stream.
  if (strcmp(direction, stream == SND_PCM_STREAM_PLAYBACK ? "playback" : "capture")) return -ENOENT;
  struct card *card = calloc(1, sizeof *card);
  int error = plug_in(card, file);
  if (error < 0) {
    free(card);
    return error;
  }
  card->io = (snd_pcm_ioplug_t){
      .version = SND_PCM_IOPLUG_VERSION,
      .name = "virtual card",
      .flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA,
      .poll_fd = card->timer,
      .poll_events = POLLIN,
      .callback = &callbacks,
      .private_data = card,
  };
  error = snd_pcm_ioplug_create(&card->io, name, stream, mode);
  if (error < 0) return error;
  error = constrain(&card->io, channels);
  *pcmp = card->io.pcm;
  return error;
}
SND_PCM_PLUGIN_SYMBOL(vcard);
