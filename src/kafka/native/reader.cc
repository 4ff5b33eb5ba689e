#include <set>
#include <utility>

#include "client.h"
#include "filling.h"
#include "layout.h"

namespace millrace {
namespace {

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
  PausedPartitions& paused() { return paused_; }

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
      (paused_.contains(partition_of(message)) ? kept : deliverable).push_back(message);
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

  static NAN_METHOD(pause) { Unwrap<Reader>(info.This())->paused_.add(partition_argument(info)); }

  static NAN_METHOD(resume) { Unwrap<Reader>(info.This())->paused_.remove(partition_argument(info)); }

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
  PausedPartitions paused_;
  std::set<Partition> discarded_;
  bool busy_ = false;
  bool closed_ = false;
};

class ReadWorker : public Nan::AsyncWorker {
 public:
  ReadWorker(Nan::Callback* callback, Reader* reader, const Target& target, std::vector<rd_kafka_message_t*> first)
      : Nan::AsyncWorker(callback, "millrace:read"), reader_(reader), filling_(target, std::move(first), reader->paused()) {}

  void Execute() override {
    HandleGuard guard(reader_->connection());
    connected_ = guard.get() != nullptr;
    if (connected_) filling_.run(guard.get());
  }

  void HandleOKCallback() override {
    Nan::HandleScope scope;
    reader_->finish(filling_.take_left());
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
