#ifndef MILLRACE_KAFKA_NATIVE_LAYOUT_H_
#define MILLRACE_KAFKA_NATIVE_LAYOUT_H_

#include <cstddef>

namespace millrace {

/** Columns of a batch's index, one row of kStride float64 numbers a record: the same as in src/record/batch.ts. */
enum Column : size_t {
  kTopic = 0,
  kPartition = 1,
  kOffset = 2,
  kTimestamp = 3,
  kKeyStart = 4,
  kKeyLength = 5,
  kValueStart = 6,
  kValueLength = 7,
  kHeadersStart = 8,
  kHeadersLength = 9,
};
constexpr size_t kStride = 10;

}  // namespace millrace

#endif  // MILLRACE_KAFKA_NATIVE_LAYOUT_H_
