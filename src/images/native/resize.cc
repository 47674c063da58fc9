// Resizes an image of bytes by a triangle filter that is as wide as a pixel of the result, as Pillow's BILINEAR does, to the
// last bit: weights in fixed point with 22 bits, first across, then down, each pass rounded to bytes.
//
//   resize(pixels, width, height, resultWidth, resultHeight, scaleX, scaleY)
//
// pixels are uint8 [H, W, 3]; gives a promise of an ArrayBuffer. The scales are pixels of the image in one of the result,
// whose centre is that of the image: where a scale is not width / resultWidth, the result shows a little less than the
// image, as with Pillow's `box`, or its edge pixels are a little wider. Runs on a thread of libuv's pool; the caller checks the arguments.
//
// Source: src/libImaging/Resample.c of Pillow 13.0.0.

#include <node_api.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

namespace {

constexpr int kChannels = 3;
constexpr int kPrecision = 32 - 8 - 2;
constexpr int32_t kHalf = 1 << (kPrecision - 1);

// For each pixel of the result, the first pixel that it is made of, how many there are, and their weights.
struct Weights {
  explicit Weights(int size) : first(size), count(size) {}

  const int32_t *of(int place) const { return values.data() + static_cast<size_t>(place) * most; }

  std::vector<int> first;
  std::vector<int> count;
  std::vector<int32_t> values;
  int most = 0;
};

Weights WeightsOf(int size, int result_size, double scale) {
  const double start = (size - result_size * scale) / 2;
  const double support = std::max(scale, 1.0);
  Weights weights(result_size);
  weights.most = static_cast<int>(std::ceil(support)) * 2 + 1;
  weights.values.resize(static_cast<size_t>(result_size) * weights.most);
  std::vector<double> shares(weights.most);
  for (int place = 0; place < result_size; place++) {
    const double centre = start + (place + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int count = std::min(static_cast<int>(centre + support + 0.5), size) - first;
    double sum = 0;
    for (int at = 0; at < count; at++) {
      const double distance = std::fabs((at + first - centre + 0.5) * (1.0 / support));
      shares[at] = distance < 1.0 ? 1.0 - distance : 0.0;
      sum += shares[at];
    }
    weights.first[place] = first;
    weights.count[place] = count;
    for (int at = 0; at < count; at++) {
      const double share = sum != 0 ? shares[at] / sum : shares[at];
      weights.values[static_cast<size_t>(place) * weights.most + at] = static_cast<int32_t>(0.5 + share * (1 << kPrecision));
    }
  }
  return weights;
}

// Four numbers at once: the three of a pixel and one that nobody reads.
typedef int32_t Sums __attribute__((vector_size(16)));
typedef uint8_t Bytes __attribute__((vector_size(16)));

#define INLINE inline __attribute__((always_inline))
#ifdef __clang__
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PICK(a, b, ...) __builtin_shuffle(a, b, Bytes{__VA_ARGS__})
#endif

// Rows at once, each with the same weights.
constexpr int kRows = 4;

// `length`: the bytes that may be read.
template <int length>
INLINE Sums ReadPixel(const uint8_t *from) {
  int32_t word = 0;
  std::memcpy(&word, from, length);
  return (Sums)PICK((Bytes)(Sums{word}), Bytes{}, 0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3, 16, 16, 16);
}

INLINE void WritePixel(Sums sums, uint8_t *to) {
  sums >>= kPrecision;  // no weight is negative, and together they are 1 but for rounding
  sums = sums > 255 ? 255 : sums;
  const Bytes pixel = PICK((Bytes)sums, Bytes{}, 0, 4, 8, 12, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16);
  std::memcpy(to, &pixel, kChannels);
}

template <int rows, int length>
INLINE void ResizeRowsAcross(const uint8_t *pixels, int width, const Weights &weights, int result_width, uint8_t *result) {
  for (int column = 0; column < result_width; column++) {
    const uint8_t *from = pixels + weights.first[column] * kChannels;
    const int32_t *values = weights.of(column);
    Sums sums[rows];
    for (int row = 0; row < rows; row++) sums[row] = Sums{kHalf, kHalf, kHalf, kHalf};
    for (int at = 0; at < weights.count[column]; at++, from += kChannels) {
      for (int row = 0; row < rows; row++) {
        sums[row] += ReadPixel<length>(from + static_cast<size_t>(row) * width * kChannels) * values[at];
      }
    }
    for (int row = 0; row < rows; row++) {
      WritePixel(sums[row], result + (static_cast<size_t>(row) * result_width + column) * kChannels);
    }
  }
}

FOR_EACH_PROCESSOR
void ResizeAcross(const uint8_t *pixels, int width, int height, const Weights &weights, int result_width, uint8_t *result) {
  int row = 0;
  const auto step = [&](int rows) {
    row += rows;
    pixels += static_cast<size_t>(rows) * width * kChannels;
    result += static_cast<size_t>(rows) * result_width * kChannels;
  };
  // Four bytes are read of each pixel; after the last one there is none.
  for (; row + kRows < height; step(kRows)) ResizeRowsAcross<kRows, 4>(pixels, width, weights, result_width, result);
  for (; row < height; step(1)) ResizeRowsAcross<1, kChannels>(pixels, width, weights, result_width, result);
}

template <int length>
INLINE void ResizeBlockDown(const uint8_t *pixels, int stride, const int32_t *values, int count, uint8_t *result) {
  int32_t sums[length];
  for (int place = 0; place < length; place++) sums[place] = kHalf;
  for (int at = 0; at < count; at++, pixels += stride) {
    for (int place = 0; place < length; place++) sums[place] += pixels[place] * values[at];
  }
  for (int place = 0; place < length; place++) {
    result[place] = static_cast<uint8_t>(std::min(sums[place] >> kPrecision, 255));
  }
}

FOR_EACH_PROCESSOR
void ResizeDown(const uint8_t *pixels, int width, const Weights &weights, int result_height, uint8_t *result) {
  constexpr int kBlock = 32;
  const int stride = width * kChannels;
  for (int row = 0; row < result_height; row++, result += stride) {
    const uint8_t *from = pixels + static_cast<size_t>(weights.first[row]) * stride;
    int place = 0;
    for (; place + kBlock <= stride; place += kBlock) {
      ResizeBlockDown<kBlock>(from + place, stride, weights.of(row), weights.count[row], result + place);
    }
    for (; place < stride; place++) {
      ResizeBlockDown<1>(from + place, stride, weights.of(row), weights.count[row], result + place);
    }
  }
}

struct Work {
  napi_async_work handle = nullptr;
  napi_deferred deferred = nullptr;
  napi_ref pixels_reference = nullptr;  // keeps the pixels while another thread reads them
  napi_ref result_reference = nullptr;
  const uint8_t *pixels = nullptr;
  uint8_t *result = nullptr;
  int32_t width = 0, height = 0, result_width = 0, result_height = 0;
  double scale_x = 1, scale_y = 1;
  bool has_memory = true;
};

void Execute(napi_env, void *data) {
  Work *work = static_cast<Work *>(data);
  try {
    std::vector<uint8_t> middle(static_cast<size_t>(work->result_width) * work->height * kChannels);
    const Weights across = WeightsOf(work->width, work->result_width, work->scale_x);
    const Weights down = WeightsOf(work->height, work->result_height, work->scale_y);
    ResizeAcross(work->pixels, work->width, work->height, across, work->result_width, middle.data());
    ResizeDown(middle.data(), work->result_width, down, work->result_height, work->result);
  } catch (const std::bad_alloc &) {
    work->has_memory = false;
  }
}

void Complete(napi_env env, napi_status status, void *data) {
  Work *work = static_cast<Work *>(data);
  napi_value result;
  if (status == napi_ok && work->has_memory) {
    napi_get_reference_value(env, work->result_reference, &result);
    napi_resolve_deferred(env, work->deferred, result);
  } else {
    napi_value message;
    napi_create_string_utf8(env, "Not enough memory to resize an image.", NAPI_AUTO_LENGTH, &message);
    napi_create_error(env, nullptr, message, &result);
    napi_reject_deferred(env, work->deferred, result);
  }
  napi_delete_reference(env, work->pixels_reference);
  napi_delete_reference(env, work->result_reference);
  napi_delete_async_work(env, work->handle);
  delete work;
}

napi_value Resize(napi_env env, napi_callback_info info) {
  size_t count = 7;
  napi_value arguments[7];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  Work *work = new Work;
  void *pixels = nullptr, *bytes = nullptr;
  napi_get_typedarray_info(env, arguments[0], nullptr, nullptr, &pixels, nullptr, nullptr);
  napi_get_value_int32(env, arguments[1], &work->width);
  napi_get_value_int32(env, arguments[2], &work->height);
  napi_get_value_int32(env, arguments[3], &work->result_width);
  napi_get_value_int32(env, arguments[4], &work->result_height);
  napi_get_value_double(env, arguments[5], &work->scale_x);
  napi_get_value_double(env, arguments[6], &work->scale_y);
  napi_value result, name, promise;
  const size_t result_bytes = static_cast<size_t>(work->result_width) * work->result_height * kChannels;
  if (napi_create_arraybuffer(env, result_bytes, &bytes, &result) != napi_ok) {
    delete work;
    return nullptr;  // the exception is pending
  }
  work->pixels = static_cast<const uint8_t *>(pixels);
  work->result = static_cast<uint8_t *>(bytes);
  napi_create_reference(env, arguments[0], 1, &work->pixels_reference);
  napi_create_reference(env, result, 1, &work->result_reference);
  napi_create_promise(env, &work->deferred, &promise);
  napi_create_string_utf8(env, "resize", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, Execute, Complete, work, &work->handle);
  napi_queue_async_work(env, work->handle);
  return promise;
}

napi_value Init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "resize", NAPI_AUTO_LENGTH, Resize, nullptr, &function);
  napi_set_named_property(env, exports, "resize", function);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
