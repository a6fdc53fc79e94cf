// Takes the loudspeaker out of what the microphone heard: libwebrtc's canceller (0.3, Debian's), fed with
// what was in the air at that very moment by the clocks of both cards.

#ifndef AGENT_MEDIA_SOUND_ECHO_H_
#define AGENT_MEDIA_SOUND_ECHO_H_

#include <algorithm>
#include <memory>

#include "alignment.h"
#include "webrtc/modules/audio_processing/include/audio_processing.h"

constexpr int kRate = 48000, kFrame = kRate / 100;

struct Frame {
  int16_t samples[kFrame] = {};
};

class EchoCanceller {
 public:
  EchoCanceller() {
    webrtc::Config config;
    config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
    config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
    apm_.reset(webrtc::AudioProcessing::Create(config));
    auto* echo = apm_->echo_cancellation();
    // Each level above costs a near voice 3 to 6 dB while the far one speaks.
    echo->set_suppression_level(webrtc::EchoCancellation::kLowSuppression);
    echo->enable_drift_compensation(false);
    echo->Enable(true);
    apm_->noise_suppression()->set_level(webrtc::NoiseSuppression::kModerate);
    apm_->noise_suppression()->Enable(true);
    apm_->high_pass_filter()->Enable(true);
    Forget();
  }

  // Another card, another echo.
  void Forget() {
    apm_->Initialize(webrtc::ProcessingConfig{{form_, form_, form_, form_}});
    alignment_ = Alignment();
  }

  // A card ran dry, or over: the clocks are still the same.
  void Slipped() { alignment_.Restart(); }

  void Played(const Frame& frame) { played_.Add(frame.samples, kFrame); }

  // Where both cards are at one moment, samples.
  void Saw(int64_t heard, int64_t played) { alignment_.Saw(heard, played); }

  // `first`: the microphone's position at the frame's first sample.
  void Clean(Frame* frame, int64_t first) {
    const bool is_known = alignment_.is_known();
    const double from = is_known ? alignment_.PlayedAt(first) : 0;
    const double step = is_known ? (alignment_.PlayedAt(first + kFrame) - from) / kFrame : 0;
    for (int i = 0; i < kFrame; i++) buffer_[i] = is_known ? played_.At(from + i * step) / kFull : 0;
    apm_->ProcessReverseStream(channel_, form_, form_, channel_);
    for (int i = 0; i < kFrame; i++) buffer_[i] = frame->samples[i] / kFull;
    apm_->set_stream_delay_ms(kConvertersMs);
    apm_->ProcessStream(channel_, form_, form_, channel_);
    for (int i = 0; i < kFrame; i++)
      frame->samples[i] = std::clamp(buffer_[i] * kFull, -kFull, kFull - 1);
  }

 private:
  static constexpr float kFull = 32768;
  static constexpr int kConvertersMs = 10;  // a guess: what no card tells; the filter spans 128 ms

  const webrtc::StreamConfig form_{kRate, 1, false};
  std::unique_ptr<webrtc::AudioProcessing> apm_;
  Alignment alignment_;
  History played_;
  float buffer_[kFrame];
  float* channel_[1] = {buffer_};
};

#endif  // AGENT_MEDIA_SOUND_ECHO_H_
