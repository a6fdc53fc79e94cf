// ALSA as far as canceller.cc uses it: two cards on a clock that moves when somebody waits (cards.cc).

#ifndef TEST_SOUND_VIRTUAL_ALSA_ASOUNDLIB_H_
#define TEST_SOUND_VIRTUAL_ALSA_ASOUNDLIB_H_

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct snd_pcm_t;
using snd_pcm_sframes_t = long;
enum snd_pcm_stream_t { SND_PCM_STREAM_PLAYBACK, SND_PCM_STREAM_CAPTURE };
enum snd_pcm_state_t {
  SND_PCM_STATE_PREPARED,
  SND_PCM_STATE_RUNNING,
  SND_PCM_STATE_XRUN,
  SND_PCM_STATE_DISCONNECTED
};
constexpr int SND_PCM_NONBLOCK = 1, SND_PCM_FORMAT_S16_LE = 2, SND_PCM_ACCESS_RW_INTERLEAVED = 3;

int snd_pcm_open(snd_pcm_t** pcm, const char* name, snd_pcm_stream_t stream, int mode);
int snd_pcm_set_params(snd_pcm_t* pcm, int format, int access, unsigned channels, unsigned rate,
                       int resample, unsigned latency_us);
int snd_pcm_close(snd_pcm_t* pcm);
int snd_pcm_prepare(snd_pcm_t* pcm);
int snd_pcm_start(snd_pcm_t* pcm);
int snd_pcm_delay(snd_pcm_t* pcm, snd_pcm_sframes_t* delay);
snd_pcm_state_t snd_pcm_state(snd_pcm_t* pcm);
snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t* pcm, const void* samples, unsigned long count);
snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t* pcm, void* samples, unsigned long count);
int snd_pcm_wait(snd_pcm_t* pcm, int timeout_ms);
const char* snd_strerror(int error);
int snd_lib_error_set_handler(void (*handler)(const char*, int, const char*, int, const char*, ...));

#endif  // TEST_SOUND_VIRTUAL_ALSA_ASOUNDLIB_H_
