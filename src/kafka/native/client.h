#ifndef MILLRACE_KAFKA_NATIVE_CLIENT_H_
#define MILLRACE_KAFKA_NATIVE_CLIENT_H_

#include <nan.h>

#include <cstdint>
#include <string>
#include <vector>

#include "src/connection.h"
extern "C" {
#include "rdkafka.h"
}

namespace millrace {

/** Names the members of node-rdkafka's Connection that it keeps protected. Never instantiated. */
struct ConnectionMembers : NodeKafka::Connection {
  static RdKafka::Handle* NodeKafka::Connection::* client() { return &ConnectionMembers::m_client; }
  static uv_rwlock_t NodeKafka::Connection::* lock() { return &ConnectionMembers::m_connection_lock; }
  static bool NodeKafka::Connection::* closing() { return &ConnectionMembers::m_is_closing; }
};

/** The connection behind a node-rdkafka client's `getClient()`, or null where `value` is no such object. */
inline NodeKafka::Connection* connection_of(v8::Local<v8::Value> value) {
  if (!value->IsObject()) return nullptr;
  v8::Local<v8::Object> object = value.As<v8::Object>();
  if (object->InternalFieldCount() < 1) return nullptr;
  return Nan::ObjectWrap::Unwrap<NodeKafka::Connection>(object);
}

/**
 * Holds a client's librdkafka handle open: node-rdkafka takes the same lock for writing before it destroys the handle,
 * so while one of these lives the handle does too. `get` is null when the client is closed or closing.
 */
class HandleGuard {
 public:
  explicit HandleGuard(NodeKafka::Connection* connection) : connection_(connection) {
    if (connection_ == nullptr || connection_->*ConnectionMembers::closing()) return;
    if (uv_rwlock_tryrdlock(&(connection_->*ConnectionMembers::lock())) != 0) return;
    locked_ = true;
    RdKafka::Handle* handle = connection_->*ConnectionMembers::client();
    if (handle != nullptr && !(connection_->*ConnectionMembers::closing())) handle_ = handle->c_ptr();
  }
  ~HandleGuard() {
    if (locked_) uv_rwlock_rdunlock(&(connection_->*ConnectionMembers::lock()));
  }
  HandleGuard(const HandleGuard&) = delete;
  HandleGuard& operator=(const HandleGuard&) = delete;

  rd_kafka_t* get() const { return handle_; }

 private:
  NodeKafka::Connection* connection_;
  rd_kafka_t* handle_ = nullptr;
  bool locked_ = false;
};

inline v8::Local<v8::String> text(const std::string& value) { return Nan::New(value).ToLocalChecked(); }

inline void set(v8::Local<v8::Object> object, const char* name, v8::Local<v8::Value> value) {
  Nan::Set(object, Nan::New(name).ToLocalChecked(), value);
}

inline int32_t integer(v8::Local<v8::Value> value) { return Nan::To<int32_t>(value).FromMaybe(0); }

/** A failure as JavaScript sees it: `{ code, message }`. */
inline v8::Local<v8::Object> failure(int code, const std::string& message) {
  v8::Local<v8::Object> object = Nan::New<v8::Object>();
  set(object, "code", Nan::New(code));
  set(object, "message", text(message));
  return object;
}

void init_reader(v8::Local<v8::Object> exports);
void init_writer(v8::Local<v8::Object> exports);
void init_requests(v8::Local<v8::Object> exports);

}  // namespace millrace

#endif  // MILLRACE_KAFKA_NATIVE_CLIENT_H_
