#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client.h"
#include "layout.h"

namespace millrace {
namespace {

/** Topic handles kept by a writer; more topics than this in use make it start over. */
constexpr size_t kMostTopics = 4096;
/** Neighbouring rows of one partition that are queued by one call. */
constexpr size_t kMostTogether = 1024;

/** What to write: memory that belongs to JavaScript, which keeps it alive until the callback. */
struct Rows {
  std::vector<std::string> topics;
  const char* arena;
  const double* rows;
  size_t from;
  size_t to;
  /** Whether librdkafka may point into the arena instead of copying values: its memory then stays until all is delivered. */
  bool borrow;
};

/** How far a write came: the first row not enqueued, and why (0 where all were). */
struct Progress {
  size_t next;
  int code;
};

/** Queues rows with librdkafka, keeping topic handles from one write to the next. */
class Enqueuer {
 public:
  Progress run(rd_kafka_t* rk, const Rows& rows) {
    if (handles_.size() > kMostTopics) release();
    flags_ = rows.borrow ? 0 : RD_KAFKA_MSG_F_COPY;
    std::vector<rd_kafka_topic_t*> topics(rows.topics.size(), nullptr);
    for (size_t i = rows.from; i < rows.to;) {
      const double* row = rows.rows + i * kStride;
      const size_t at = static_cast<size_t>(row[kTopic]);
      if (at >= topics.size()) return {i, RD_KAFKA_RESP_ERR__INVALID_ARG};
      if (topics[at] == nullptr) topics[at] = topic(rk, rows.topics[at]);
      if (topics[at] == nullptr) return {i, rd_kafka_last_error()};
      const size_t together = is_plain(row) ? rows_together(rows, i) : 1;
      if (together > 1) {
        const Progress progress = produce_together(topics[at], rows, {i, i + together});
        if (progress.code != RD_KAFKA_RESP_ERR_NO_ERROR) return progress;
      } else {
        const int code = is_plain(row) ? produce_plain(topics[at], rows.arena, row) : produce_full(rk, topics[at], rows.arena, row);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return {i, code};
      }
      i += together;
    }
    return {rows.to, RD_KAFKA_RESP_ERR_NO_ERROR};
  }

  /** Must come before the client is destroyed. */
  void release() {
    for (auto& entry : handles_) rd_kafka_topic_destroy(entry.second);
    handles_.clear();
  }

 private:
  rd_kafka_topic_t* topic(rd_kafka_t* rk, const std::string& name) {
    auto known = handles_.find(name);
    if (known != handles_.end()) return known->second;
    rd_kafka_topic_t* made = rd_kafka_topic_new(rk, name.c_str(), nullptr);
    if (made != nullptr) handles_.emplace(name, made);
    return made;
  }

  /** A pointer to a field's bytes: null for a null field, not null for an empty one. */
  static void* bytes(const char* arena, double start, double length) {
    return length < 0 ? nullptr : const_cast<char*>(arena + static_cast<size_t>(start));
  }

  static size_t size(double length) { return length < 0 ? 0 : static_cast<size_t>(length); }

  /** Whether the cheaper calls, which know neither headers nor timestamps, will do. */
  static bool is_plain(const double* row) { return row[kHeadersLength] <= 0 && row[kTimestamp] < 0; }

  /** How many plain rows from `first` on go to the same partition, which is chosen: 1 at least. */
  static size_t rows_together(const Rows& rows, size_t first) {
    const double* row = rows.rows + first * kStride;
    if (row[kPartition] < 0) return 1;
    const size_t end = std::min(rows.to, first + kMostTogether);
    size_t i = first + 1;
    for (; i < end; i++) {
      const double* next = rows.rows + i * kStride;
      if (next[kTopic] != row[kTopic] || next[kPartition] != row[kPartition] || !is_plain(next)) break;
    }
    return i - first;
  }

  /** One call for many rows of a partition: topic, partition, transaction and clock are looked at once. */
  Progress produce_together(rd_kafka_topic_t* topic, const Rows& rows, std::pair<size_t, size_t> range) {
    const auto [from, to] = range;
    messages_.assign(to - from, rd_kafka_message_t{});
    for (size_t i = from; i < to; i++) {
      const double* row = rows.rows + i * kStride;
      rd_kafka_message_t& message = messages_[i - from];
      message.payload = bytes(rows.arena, row[kValueStart], row[kValueLength]);
      message.len = size(row[kValueLength]);
      message.key = bytes(rows.arena, row[kKeyStart], row[kKeyLength]);
      message.key_len = size(row[kKeyLength]);
    }
    const auto partition = static_cast<int32_t>(rows.rows[from * kStride + kPartition]);
    const int count = static_cast<int>(to - from);
    if (rd_kafka_produce_batch(topic, partition, flags_, messages_.data(), count) == count) return {to, RD_KAFKA_RESP_ERR_NO_ERROR};
    // Behind a full queue none is queued; a row that can't be queued at all fails the write, whatever comes behind it.
    size_t i = from;
    while (i + 1 < to && messages_[i - from].err == RD_KAFKA_RESP_ERR_NO_ERROR) i++;
    return {i, messages_[i - from].err};
  }

  /** The call for one row. */
  int produce_plain(rd_kafka_topic_t* topic, const char* arena, const double* row) {
    const int failed = rd_kafka_produce(
        topic, static_cast<int32_t>(row[kPartition]), flags_,
        bytes(arena, row[kValueStart], row[kValueLength]), size(row[kValueLength]),
        bytes(arena, row[kKeyStart], row[kKeyLength]), size(row[kKeyLength]), nullptr);
    return failed == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }

  int produce_full(rd_kafka_t* rk, rd_kafka_topic_t* topic, const char* arena, const double* row) {
    arguments_.clear();
    add(RD_KAFKA_VTYPE_RKT).rkt = topic;
    add(RD_KAFKA_VTYPE_PARTITION).i32 = static_cast<int32_t>(row[kPartition]);
    add(RD_KAFKA_VTYPE_MSGFLAGS).i = flags_;
    auto& value = add(RD_KAFKA_VTYPE_VALUE).mem;
    value.ptr = bytes(arena, row[kValueStart], row[kValueLength]);
    value.size = size(row[kValueLength]);
    auto& key = add(RD_KAFKA_VTYPE_KEY).mem;
    key.ptr = bytes(arena, row[kKeyStart], row[kKeyLength]);
    key.size = size(row[kKeyLength]);
    if (row[kTimestamp] >= 0) add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = static_cast<int64_t>(row[kTimestamp]);
    if (row[kHeadersLength] > 0) {
      rd_kafka_headers_t* headers = unpack(arena + static_cast<size_t>(row[kHeadersStart]), size(row[kHeadersLength]));
      if (headers == nullptr) return RD_KAFKA_RESP_ERR__INVALID_ARG;
      add(RD_KAFKA_VTYPE_HEADERS).headers = headers;
      return produce(rk, headers);
    }
    return produce(rk, nullptr);
  }

  /** librdkafka owns the headers only once the message is queued. */
  int produce(rd_kafka_t* rk, rd_kafka_headers_t* headers) {
    rd_kafka_error_t* error = rd_kafka_produceva(rk, arguments_.data(), arguments_.size());
    if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
    const int code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (headers != nullptr) rd_kafka_headers_destroy(headers);
    return code;
  }

  /** librdkafka's list of the packed headers (see src/record/headers.ts), or null where they are cut short. */
  static rd_kafka_headers_t* unpack(const char* packed, size_t length) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(4);
    size_t at = 0;
    while (at < length) {
      uint32_t name_length = 0;
      int32_t value_length = 0;
      if (at + 8 > length) break;
      memcpy(&name_length, packed + at, 4);
      if (name_length > length - at - 8) break;
      const char* name = packed + at + 4;
      memcpy(&value_length, name + name_length, 4);
      const char* value = name + name_length + 4;
      at += 8 + name_length;
      if (value_length > 0 && static_cast<size_t>(value_length) > length - at) break;
      rd_kafka_header_add(headers, name, static_cast<ssize_t>(name_length), value_length < 0 ? nullptr : value,
                          value_length < 0 ? 0 : static_cast<ssize_t>(value_length));
      if (value_length > 0) at += static_cast<size_t>(value_length);
      if (at == length) return headers;
    }
    rd_kafka_headers_destroy(headers);
    return nullptr;
  }

  decltype(rd_kafka_vu_t::u)& add(rd_kafka_vtype_t type) {
    arguments_.emplace_back();
    arguments_.back().vtype = type;
    return arguments_.back().u;
  }

  std::unordered_map<std::string, rd_kafka_topic_t*> handles_;
  std::vector<rd_kafka_vu_t> arguments_;
  std::vector<rd_kafka_message_t> messages_;
  int flags_ = RD_KAFKA_MSG_F_COPY;
};

/** Writes batches with one producer. */
class Writer : public Nan::ObjectWrap {
 public:
  static void init(v8::Local<v8::Object> exports) {
    v8::Local<v8::FunctionTemplate> tpl = Nan::New<v8::FunctionTemplate>(create);
    tpl->SetClassName(text("Writer"));
    tpl->InstanceTemplate()->SetInternalFieldCount(1);
    Nan::SetPrototypeMethod(tpl, "write", write);
    Nan::SetPrototypeMethod(tpl, "close", close);
    set(exports, "Writer", Nan::GetFunction(tpl).ToLocalChecked());
  }

  Progress run(const Rows& rows) {
    HandleGuard guard(connection_);
    if (guard.get() == nullptr) return {rows.from, RD_KAFKA_RESP_ERR__STATE};
    return enqueuer_.run(guard.get(), rows);
  }

  void finish() { busy_ = false; }

 private:
  Writer(v8::Local<v8::Object> client, NodeKafka::Connection* connection) : client_(client), connection_(connection) {}
  ~Writer() override { client_.Reset(); }

  static NAN_METHOD(create) {
    NodeKafka::Connection* connection = info.IsConstructCall() ? connection_of(info[0]) : nullptr;
    if (connection == nullptr) return Nan::ThrowTypeError("new Writer takes a node-rdkafka client");
    (new Writer(info[0].As<v8::Object>(), connection))->Wrap(info.This());
    info.GetReturnValue().Set(info.This());
  }

  static NAN_METHOD(write);

  /** Gives the topic handles back; librdkafka must still be there, so it comes before the client's disconnect. */
  static NAN_METHOD(close) {
    Writer* writer = Unwrap<Writer>(info.This());
    if (writer->busy_) return Nan::ThrowError("a write is in flight");
    HandleGuard guard(writer->connection_);
    if (guard.get() != nullptr) writer->enqueuer_.release();
  }

  Nan::Persistent<v8::Object> client_;
  NodeKafka::Connection* connection_;
  Enqueuer enqueuer_;
  bool busy_ = false;
};

class WriteWorker : public Nan::AsyncWorker {
 public:
  WriteWorker(Nan::Callback* callback, Writer* writer, Rows rows)
      : Nan::AsyncWorker(callback, "millrace:write"), writer_(writer), rows_(std::move(rows)) {}

  void Execute() override { progress_ = writer_->run(rows_); }

  void HandleOKCallback() override {
    Nan::HandleScope scope;
    writer_->finish();
    v8::Local<v8::Value> arguments[] = {Nan::New(static_cast<double>(progress_.next)), Nan::New(progress_.code)};
    callback->Call(2, arguments, async_resource);
  }

 private:
  Writer* writer_;
  Rows rows_;
  Progress progress_{0, 0};
};

/**
 * write(topics, arena, index, from, to): at once, returning [next, code]; values are copied. With a callback(next, code)
 * as well on a worker thread, and values are borrowed: the caller keeps the arena as it is until all is delivered.
 */
NAN_METHOD(Writer::write) {
  Writer* writer = Unwrap<Writer>(info.This());
  if (writer->busy_) return Nan::ThrowError("a write is in flight");
  if (!info[0]->IsArray() || !node::Buffer::HasInstance(info[1]) || !info[2]->IsFloat64Array()) {
    return Nan::ThrowTypeError("write takes an array, a Buffer, a Float64Array and two numbers");
  }
  Nan::TypedArrayContents<double> index(info[2]);
  Rows rows;
  v8::Local<v8::Array> topics = info[0].As<v8::Array>();
  for (uint32_t i = 0; i < topics->Length(); i++) rows.topics.emplace_back(*Nan::Utf8String(Nan::Get(topics, i).ToLocalChecked()));
  rows.arena = node::Buffer::Data(info[1]);
  // An empty buffer has no memory, but an empty key or value must not become a null one.
  if (rows.arena == nullptr) rows.arena = "";
  rows.rows = *index;
  rows.from = static_cast<size_t>(Nan::To<double>(info[3]).FromJust());
  rows.to = std::min(static_cast<size_t>(Nan::To<double>(info[4]).FromJust()), index.length() / kStride);
  rows.borrow = info[5]->IsFunction();
  if (rows.borrow) {
    writer->busy_ = true;
    auto* worker = new WriteWorker(new Nan::Callback(info[5].As<v8::Function>()), writer, std::move(rows));
    worker->SaveToPersistent("writer", info.This());
    worker->SaveToPersistent("arena", info[1]);
    worker->SaveToPersistent("index", info[2]);
    Nan::AsyncQueueWorker(worker);
    return;
  }
  const Progress progress = writer->run(rows);
  v8::Local<v8::Array> result = Nan::New<v8::Array>();
  Nan::Set(result, 0, Nan::New(static_cast<double>(progress.next)));
  Nan::Set(result, 1, Nan::New(progress.code));
  info.GetReturnValue().Set(result);
}

}  // namespace

void init_writer(v8::Local<v8::Object> exports) { Writer::init(exports); }

}  // namespace millrace
