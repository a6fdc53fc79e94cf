// Two cards, two clocks: what the loudspeaker gave to the air while the microphone took a sample of its own.
// A canceller that is fed just that never sees the clocks drift apart. Without, 200 ppm cost it 15 to 25 dB.

#ifndef AGENT_MEDIA_SOUND_ALIGNMENT_H_
#define AGENT_MEDIA_SOUND_ALIGNMENT_H_

#include <cmath>
#include <cstdint>
#include <vector>

// A straight line through what both cards tell of their positions; what is long ago counts less. Cards tell
// by the millisecond at best, so it takes some seconds until the line is straight enough to be of use.
class Alignment {
 public:
  // A card began anew: the clocks are the same, and one offset is as good as another if only it stays.
  void Restart() { is_new_ = true; }

  // Positions of both cards at one moment, samples.
  void Saw(int64_t heard, int64_t played) {
    if (is_new_) base_ = played - heard - (weight_ > 0 ? LineAt(heard) : 0);
    if (weight_ == 0) last_ = heard;
    is_new_ = false;
    const double step = heard - last_, y = played - heard - base_;
    // The newest is where x is 0.
    xx_ += step * (step * weight_ - 2 * x_);
    xy_ -= step * y_;
    x_ -= step * weight_;
    const double kept = std::exp(-step / kMemory);
    for (double* sum : {&weight_, &x_, &y_, &xx_, &xy_}) *sum *= kept;
    weight_ += 1;
    y_ += y;
    last_ = heard;
    age_ += step;
  }

  bool is_known() const { return weight_ > 0 && !is_new_; }

  // Position of the loudspeaker when the microphone was at `heard`.
  double PlayedAt(int64_t heard) const { return heard + base_ + LineAt(heard); }

 private:
  static constexpr double kRate = 48000, kMemory = 300 * kRate, kEnough = 2 * kRate;

  double LineAt(int64_t heard) const {
    const double spread = weight_ * xx_ - x_ * x_;
    const double slope = age_ > kEnough && spread > 0 ? (weight_ * xy_ - x_ * y_) / spread : 0;
    return (y_ - slope * x_) / weight_ + slope * (heard - last_);
  }

  double weight_ = 0, x_ = 0, y_ = 0, xx_ = 0, xy_ = 0, age_ = 0;
  double base_ = 0;
  int64_t last_ = 0;
  bool is_new_ = true;
};

// The last second and a half of what was played, to be read between its samples.
class History {
 public:
  void Add(const int16_t* samples, int count) {
    for (int i = 0; i < count; i++) ring_[end_++ % kSize] = samples[i];
  }

  // Cubic Hermite; silence where nothing was played.
  float At(double position) const {
    const int64_t whole = std::floor(position);
    const float part = position - whole;
    const float a = Sample(whole - 1), b = Sample(whole), c = Sample(whole + 1), d = Sample(whole + 2);
    const float bend = 2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a);
    return b + 0.5f * part * (c - a + part * bend);
  }

 private:
  static constexpr int64_t kSize = 1 << 16;
  float Sample(int64_t n) const {
    return n < 0 || n >= end_ || n < end_ - kSize ? 0 : ring_[n % kSize];
  }
  std::vector<int16_t> ring_ = std::vector<int16_t>(kSize);
  int64_t end_ = 0;
};

#endif  // AGENT_MEDIA_SOUND_ALIGNMENT_H_
