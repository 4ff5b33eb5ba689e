#ifndef MILLRACE_KAFKA_NATIVE_FILLING_H_
#define MILLRACE_KAFKA_NATIVE_FILLING_H_

#include <atomic>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include "client.h"
#include "layout.h"

namespace millrace {

using Partition = std::pair<std::string, int32_t>;

inline Partition partition_of(const rd_kafka_message_t* message) {
  return {rd_kafka_topic_name(message->rkt), message->partition};
}

/**
 * The partitions that JavaScript has paused. A read on its worker thread looks at them too: between an assignment and the pause
 * that follows it in the same turn, librdkafka's threads may already have delivered records.
 */
class PausedPartitions {
 public:
  void add(const Partition& partition) {
    std::lock_guard<std::mutex> lock(mutex_);
    partitions_.insert(partition);
    version_++;
  }
  void remove(const Partition& partition) {
    std::lock_guard<std::mutex> lock(mutex_);
    partitions_.erase(partition);
    version_++;
  }
  bool contains(const Partition& partition) {
    std::lock_guard<std::mutex> lock(mutex_);
    return partitions_.count(partition) > 0;
  }
  /** Adds the paused partitions to `to`. */
  void collect(std::set<Partition>& to) {
    std::lock_guard<std::mutex> lock(mutex_);
    to.insert(partitions_.begin(), partitions_.end());
  }
  /** Changes with every change. */
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  std::set<Partition> partitions_;
  std::atomic<uint64_t> version_{1};
};

/** A read ends after so many events, so that a storm of errors can't grow the list without bound. */
constexpr size_t kMostEvents = 1000;

/** Something other than a record that a read met: an error, or the end of a partition. */
struct Event {
  int code;
  std::string message;
  std::string topic;
  int32_t partition;
  int64_t offset;
};

/** Bytes of a message's headers in the packed form of src/record/headers.ts. */
inline size_t packed_size(const rd_kafka_headers_t* headers) {
  const char* name;
  const void* value;
  size_t length;
  size_t total = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    total += 8 + strlen(name) + (value == nullptr ? 0 : length);
  }
  return total;
}

inline void pack(const rd_kafka_headers_t* headers, char* to) {
  const char* name;
  const void* value;
  size_t length;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    const uint32_t name_length = static_cast<uint32_t>(strlen(name));
    const int32_t value_length = value == nullptr ? -1 : static_cast<int32_t>(length);
    memcpy(to, &name_length, 4);
    memcpy(to + 4, name, name_length);
    to += 4 + name_length;
    memcpy(to, &value_length, 4);
    to += 4;
    if (value_length > 0) {
      memcpy(to, value, length);
      to += length;
    }
  }
}

/** Bounds and memory of one read. The memory belongs to JavaScript, which keeps it alive until the callback. */
struct Target {
  char* arena;
  size_t arena_bytes;
  double* rows;
  size_t max_records;
  size_t max_bytes;
  int timeout_ms;
};

/** Fills one batch: from what was held back first, then from librdkafka. Runs on a worker thread. */
class Filling {
 public:
  Filling(const Target& target, std::vector<rd_kafka_message_t*> first, PausedPartitions& paused)
      : target_(target), waiting_(std::move(first)), paused_(paused) {}

  void run(rd_kafka_t* rk) {
    while (!waiting_.empty() && !stopped_ && records_ < target_.max_records) {
      if (place(waiting_.front())) waiting_.erase(waiting_.begin());
    }
    if (!waiting_.empty()) return;
    while (!stopped_ && records_ + set_aside_.size() < target_.max_records && events_.size() < kMostEvents) {
      const bool nothing_yet = records_ == 0 && events_.empty();
      rd_kafka_message_t* message = rd_kafka_consumer_poll(rk, nothing_yet ? target_.timeout_ms : 0);
      if (message == nullptr) return;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        note(rk, message);
      } else if (blocked(message)) {
        set_aside_.push_back(message);
      } else if (!place(message)) {
        waiting_.push_back(message);
      }
    }
  }

  size_t records() const { return records_; }
  size_t needed() const { return needed_; }
  const std::vector<std::string>& topics() const { return topics_; }
  const std::vector<Event>& events() const { return events_; }

  /** What was taken from librdkafka and is not in the batch. */
  std::vector<rd_kafka_message_t*> take_left() {
    waiting_.insert(waiting_.end(), set_aside_.begin(), set_aside_.end());
    set_aside_.clear();
    return std::move(waiting_);
  }

 private:
  /**
   * Whether the message's partition has been paused at any time of this read. A partition resumed meanwhile stays blocked until the
   * next one, so that its records keep their order.
   */
  bool blocked(const rd_kafka_message_t* message) {
    const uint64_t version = paused_.version();
    if (version != seen_version_) {
      paused_.collect(blocked_);
      seen_version_ = version;
      last_checked_ = nullptr;
    }
    if (blocked_.empty()) return false;
    if (message->rkt != last_checked_ || message->partition != last_partition_) {
      last_checked_ = message->rkt;
      last_partition_ = message->partition;
      last_blocked_ = blocked_.count(partition_of(message)) > 0;
    }
    return last_blocked_;
  }

  /** Copies a message into the batch and frees it. False, with the message untouched, where it doesn't fit. */
  bool place(rd_kafka_message_t* message) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) headers = nullptr;
    const size_t headers_bytes = headers == nullptr ? 0 : packed_size(headers);
    const size_t bytes = message->key_len + message->len + headers_bytes;
    if (used_ + bytes > target_.arena_bytes) {
      needed_ = bytes;
      stopped_ = true;
      return false;
    }
    if (records_ > 0 && used_ + bytes > target_.max_bytes) {
      stopped_ = true;
      return false;
    }
    double* row = target_.rows + records_ * kStride;
    row[kTopic] = static_cast<double>(topic_index(message->rkt));
    row[kPartition] = message->partition;
    row[kOffset] = static_cast<double>(message->offset);
    row[kTimestamp] = static_cast<double>(rd_kafka_message_timestamp(message, nullptr));
    put(row + kKeyStart, message->key, message->key_len);
    put(row + kValueStart, message->payload, message->len);
    row[kHeadersStart] = static_cast<double>(used_);
    row[kHeadersLength] = static_cast<double>(headers_bytes);
    if (headers_bytes > 0) pack(headers, target_.arena + used_);
    used_ += headers_bytes;
    records_ += 1;
    rd_kafka_message_destroy(message);
    return true;
  }

  /** Copies bytes and writes their start and length (-1 for null) into two neighbouring columns. */
  void put(double* columns, const void* bytes, size_t length) {
    columns[0] = static_cast<double>(used_);
    columns[1] = bytes == nullptr ? -1 : static_cast<double>(length);
    if (bytes == nullptr || length == 0) return;
    memcpy(target_.arena + used_, bytes, length);
    used_ += length;
  }

  /** Neighbouring messages are mostly of one topic, so the last one is tried first. */
  size_t topic_index(const rd_kafka_topic_t* topic) {
    if (topic == last_topic_) return last_index_;
    const std::string name = rd_kafka_topic_name(topic);
    size_t i = 0;
    while (i < topics_.size() && topics_[i] != name) i++;
    if (i == topics_.size()) topics_.push_back(name);
    last_topic_ = topic;
    last_index_ = i;
    return i;
  }

  void note(rd_kafka_t* rk, rd_kafka_message_t* message) {
    Event event{message->err, "", "", message->partition, message->offset};
    if (message->rkt != nullptr) event.topic = rd_kafka_topic_name(message->rkt);
    if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
      char reason[512];
      event.code = rd_kafka_fatal_error(rk, reason, sizeof(reason));
      event.message = reason;
    } else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      event.message = rd_kafka_message_errstr(message);
    }
    events_.push_back(std::move(event));
    rd_kafka_message_destroy(message);
  }

  Target target_;
  std::vector<rd_kafka_message_t*> waiting_;
  PausedPartitions& paused_;
  std::vector<rd_kafka_message_t*> set_aside_;
  std::set<Partition> blocked_;
  uint64_t seen_version_ = 0;
  const rd_kafka_topic_t* last_checked_ = nullptr;
  int32_t last_partition_ = 0;
  bool last_blocked_ = false;
  std::vector<std::string> topics_;
  std::vector<Event> events_;
  const rd_kafka_topic_t* last_topic_ = nullptr;
  size_t last_index_ = 0;
  size_t records_ = 0;
  size_t used_ = 0;
  size_t needed_ = 0;
  bool stopped_ = false;
};

}  // namespace millrace

#endif  // MILLRACE_KAFKA_NATIVE_FILLING_H_
