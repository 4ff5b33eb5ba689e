#include <cstring>
#include <set>
#include <utility>

#include "client.h"
#include "layout.h"

namespace millrace {
namespace {

using Partition = std::pair<std::string, int32_t>;

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

Partition partition_of(const rd_kafka_message_t* message) {
  return {rd_kafka_topic_name(message->rkt), message->partition};
}

/** Bytes of a message's headers in the packed form of src/record/headers.ts. */
size_t packed_size(const rd_kafka_headers_t* headers) {
  const char* name;
  const void* value;
  size_t length;
  size_t total = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    total += 8 + strlen(name) + (value == nullptr ? 0 : length);
  }
  return total;
}

void pack(const rd_kafka_headers_t* headers, char* to) {
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
  Filling(const Target& target, std::vector<rd_kafka_message_t*> first) : target_(target), waiting_(std::move(first)) {}

  void run(rd_kafka_t* rk) {
    while (!waiting_.empty() && !stopped_ && records_ < target_.max_records) {
      if (place(waiting_.front())) waiting_.erase(waiting_.begin());
    }
    if (!waiting_.empty()) return;
    while (!stopped_ && records_ < target_.max_records && events_.size() < kMostEvents) {
      const bool nothing_yet = records_ == 0 && events_.empty();
      rd_kafka_message_t* message = rd_kafka_consumer_poll(rk, nothing_yet ? target_.timeout_ms : 0);
      if (message == nullptr) return;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        note(rk, message);
      } else if (!place(message)) {
        waiting_.push_back(message);
      }
    }
  }

  size_t records() const { return records_; }
  size_t needed() const { return needed_; }
  const std::vector<std::string>& topics() const { return topics_; }
  const std::vector<Event>& events() const { return events_; }
  std::vector<rd_kafka_message_t*> take_waiting() { return std::move(waiting_); }

 private:
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
  std::vector<std::string> topics_;
  std::vector<Event> events_;
  const rd_kafka_topic_t* last_topic_ = nullptr;
  size_t last_index_ = 0;
  size_t records_ = 0;
  size_t used_ = 0;
  size_t needed_ = 0;
  bool stopped_ = false;
};

/**
 * Reads batches from one consumer. What a read takes from librdkafka but can't return (it doesn't fit, or its partition has
 * been paused meanwhile) is held back here for the next one, because librdkafka counts it as consumed.
 */
class Reader : public Nan::ObjectWrap {
 public:
  static void init(v8::Local<v8::Object> exports) {
    v8::Local<v8::FunctionTemplate> tpl = Nan::New<v8::FunctionTemplate>(create);
    tpl->SetClassName(text("Reader"));
    tpl->InstanceTemplate()->SetInternalFieldCount(1);
    Nan::SetPrototypeMethod(tpl, "read", read);
    Nan::SetPrototypeMethod(tpl, "pause", pause);
    Nan::SetPrototypeMethod(tpl, "resume", resume);
    Nan::SetPrototypeMethod(tpl, "discard", discard);
    Nan::SetPrototypeMethod(tpl, "close", close);
    set(exports, "Reader", Nan::GetFunction(tpl).ToLocalChecked());
  }

  NodeKafka::Connection* connection() const { return connection_; }

  /** Takes over what a read left, unless its partition has been given up during the read. */
  void finish(std::vector<rd_kafka_message_t*> left) {
    busy_ = false;
    for (rd_kafka_message_t* message : left) {
      if (closed_ || discarded_.count(partition_of(message)) > 0) {
        rd_kafka_message_destroy(message);
      } else {
        held_.push_back(message);
      }
    }
    discarded_.clear();
  }

 private:
  Reader(v8::Local<v8::Object> client, NodeKafka::Connection* connection) : client_(client), connection_(connection) {}
  ~Reader() override {
    drop_held();
    client_.Reset();
  }

  void drop_held() {
    for (rd_kafka_message_t* message : held_) rd_kafka_message_destroy(message);
    held_.clear();
  }

  /** Takes out what is held back and may be returned now. */
  std::vector<rd_kafka_message_t*> take_deliverable() {
    std::vector<rd_kafka_message_t*> deliverable;
    std::vector<rd_kafka_message_t*> kept;
    for (rd_kafka_message_t* message : held_) {
      (paused_.count(partition_of(message)) > 0 ? kept : deliverable).push_back(message);
    }
    held_ = std::move(kept);
    return deliverable;
  }

  static Partition partition_argument(const Nan::FunctionCallbackInfo<v8::Value>& info) {
    return {*Nan::Utf8String(info[0]), integer(info[1])};
  }

  static NAN_METHOD(create) {
    NodeKafka::Connection* connection = info.IsConstructCall() ? connection_of(info[0]) : nullptr;
    if (connection == nullptr) return Nan::ThrowTypeError("new Reader takes a node-rdkafka client");
    (new Reader(info[0].As<v8::Object>(), connection))->Wrap(info.This());
    info.GetReturnValue().Set(info.This());
  }

  static NAN_METHOD(read);

  static NAN_METHOD(pause) { Unwrap<Reader>(info.This())->paused_.insert(partition_argument(info)); }

  static NAN_METHOD(resume) { Unwrap<Reader>(info.This())->paused_.erase(partition_argument(info)); }

  static NAN_METHOD(discard) {
    Reader* reader = Unwrap<Reader>(info.This());
    const Partition partition = partition_argument(info);
    if (reader->busy_) reader->discarded_.insert(partition);
    std::vector<rd_kafka_message_t*> kept;
    for (rd_kafka_message_t* message : reader->held_) {
      if (partition_of(message) == partition) {
        rd_kafka_message_destroy(message);
      } else {
        kept.push_back(message);
      }
    }
    reader->held_ = std::move(kept);
  }

  static NAN_METHOD(close) {
    Reader* reader = Unwrap<Reader>(info.This());
    reader->closed_ = true;
    reader->drop_held();
  }

  Nan::Persistent<v8::Object> client_;
  NodeKafka::Connection* connection_;
  std::vector<rd_kafka_message_t*> held_;
  std::set<Partition> paused_;
  std::set<Partition> discarded_;
  bool busy_ = false;
  bool closed_ = false;
};

class ReadWorker : public Nan::AsyncWorker {
 public:
  ReadWorker(Nan::Callback* callback, Reader* reader, const Target& target, std::vector<rd_kafka_message_t*> first)
      : Nan::AsyncWorker(callback, "millrace:read"), reader_(reader), filling_(target, std::move(first)) {}

  void Execute() override {
    HandleGuard guard(reader_->connection());
    connected_ = guard.get() != nullptr;
    if (connected_) filling_.run(guard.get());
  }

  void HandleOKCallback() override {
    Nan::HandleScope scope;
    reader_->finish(filling_.take_waiting());
    v8::Local<v8::Array> topics = Nan::New<v8::Array>();
    for (size_t i = 0; i < filling_.topics().size(); i++) Nan::Set(topics, static_cast<uint32_t>(i), text(filling_.topics()[i]));
    v8::Local<v8::Array> events = Nan::New<v8::Array>();
    for (size_t i = 0; i < filling_.events().size(); i++) Nan::Set(events, static_cast<uint32_t>(i), event(filling_.events()[i]));
    v8::Local<v8::Value> arguments[] = {
        Nan::New(connected_), Nan::New(static_cast<double>(filling_.records())),
        Nan::New(static_cast<double>(filling_.needed())), topics, events};
    callback->Call(5, arguments, async_resource);
  }

 private:
  static v8::Local<v8::Object> event(const Event& event) {
    v8::Local<v8::Object> object = failure(event.code, event.message);
    set(object, "topic", text(event.topic));
    set(object, "partition", Nan::New(event.partition));
    set(object, "offset", Nan::New(static_cast<double>(event.offset)));
    return object;
  }

  Reader* reader_;
  Filling filling_;
  bool connected_ = false;
};

/** read(arena, index, maxRecords, maxBytes, timeoutMs, callback(connected, records, needed, topics, events)) */
NAN_METHOD(Reader::read) {
  Reader* reader = Unwrap<Reader>(info.This());
  if (reader->busy_ || reader->closed_) return Nan::ThrowError("a read is in flight, or the reader is closed");
  if (!node::Buffer::HasInstance(info[0]) || !info[1]->IsFloat64Array() || !info[5]->IsFunction()) {
    return Nan::ThrowTypeError("read takes a Buffer, a Float64Array, three numbers and a function");
  }
  Nan::TypedArrayContents<double> index(info[1]);
  Target target;
  target.arena = node::Buffer::Data(info[0]);
  target.arena_bytes = node::Buffer::Length(info[0]);
  target.rows = *index;
  target.max_records = std::min(static_cast<size_t>(Nan::To<double>(info[2]).FromJust()), index.length() / kStride);
  target.max_bytes = static_cast<size_t>(Nan::To<double>(info[3]).FromJust());
  target.timeout_ms = integer(info[4]);
  reader->busy_ = true;
  auto* worker = new ReadWorker(new Nan::Callback(info[5].As<v8::Function>()), reader, target, reader->take_deliverable());
  worker->SaveToPersistent("reader", info.This());
  worker->SaveToPersistent("arena", info[0]);
  worker->SaveToPersistent("index", info[1]);
  Nan::AsyncQueueWorker(worker);
}

}  // namespace

void init_reader(v8::Local<v8::Object> exports) { Reader::init(exports); }

}  // namespace millrace
