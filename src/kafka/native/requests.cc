#include <memory>

#include "client.h"

namespace millrace {
namespace {

/** A request to the brokers, made on a worker thread and answered by callback(failure | null, result). */
class Request : public Nan::AsyncWorker {
 public:
  Request(v8::Local<v8::Value> callback, v8::Local<v8::Value> client)
      : Nan::AsyncWorker(new Nan::Callback(callback.As<v8::Function>()), "millrace:request"), connection_(connection_of(client)) {
    SaveToPersistent("client", client);
  }

  void Execute() final {
    HandleGuard guard(connection_);
    if (guard.get() == nullptr) {
      fail(RD_KAFKA_RESP_ERR__STATE, "the client is closed");
    } else {
      ask(guard.get());
    }
  }

  void HandleOKCallback() final {
    Nan::HandleScope scope;
    v8::Local<v8::Value> arguments[] = {Nan::Null(), Nan::Undefined()};
    if (code_ == RD_KAFKA_RESP_ERR_NO_ERROR) {
      arguments[1] = result();
    } else {
      arguments[0] = failure(code_, message_);
    }
    callback->Call(2, arguments, async_resource);
  }

 protected:
  virtual void ask(rd_kafka_t* rk) = 0;
  virtual v8::Local<v8::Value> result() { return Nan::Undefined(); }

  void fail(rd_kafka_resp_err_t code, const char* message = nullptr) {
    code_ = code;
    message_ = message == nullptr ? rd_kafka_err2str(code) : message;
  }

 private:
  NodeKafka::Connection* connection_;
  int code_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string message_;
};

/** Commits a group's offsets and waits for the answer, whether or not anybody polls. */
class Commit : public Request {
 public:
  Commit(v8::Local<v8::Value> callback, v8::Local<v8::Value> client, v8::Local<v8::Array> offsets, int timeout_ms)
      : Request(callback, client), timeout_ms_(timeout_ms) {
    list_.reset(rd_kafka_topic_partition_list_new(static_cast<int>(offsets->Length())));
    for (uint32_t i = 0; i < offsets->Length(); i++) {
      v8::Local<v8::Object> entry = Nan::Get(offsets, i).ToLocalChecked().As<v8::Object>();
      Nan::Utf8String topic(Nan::Get(entry, text("topic")).ToLocalChecked());
      rd_kafka_topic_partition_t* added =
          rd_kafka_topic_partition_list_add(list_.get(), *topic, integer(Nan::Get(entry, text("partition")).ToLocalChecked()));
      added->offset = static_cast<int64_t>(Nan::To<double>(Nan::Get(entry, text("offset")).ToLocalChecked()).FromMaybe(-1));
    }
  }

 protected:
  void ask(rd_kafka_t* rk) override {
    // Not the synchronous rd_kafka_commit: that has no timeout, and a thread stuck in it keeps the process from ending.
    rd_kafka_queue_t* queue = rd_kafka_queue_new(rk);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(rk, list_.get(), queue, nullptr, nullptr);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_event_t* event = rd_kafka_queue_poll(queue, timeout_ms_);
      code = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : answer(event);
    }
    rd_kafka_queue_destroy(queue);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(code);
  }

 private:
  /** The error of the whole commit, else of the first partition that has one. */
  static rd_kafka_resp_err_t answer(rd_kafka_event_t* event) {
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(event);
    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && list != nullptr && i < list->cnt; i++) code = list->elems[i].err;
    rd_kafka_event_destroy(event);
    return code;
  }

  int timeout_ms_;
  struct Free {
    void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  };
  std::unique_ptr<rd_kafka_topic_partition_list_t, Free> list_;
};

/** An admin request about one topic: sends it, waits for its event, takes what it needs from that. */
class TopicRequest : public Request {
 public:
  TopicRequest(v8::Local<v8::Value> callback, v8::Local<v8::Value> client, const std::string& topic, int timeout_ms)
      : Request(callback, client), topic_(topic), timeout_ms_(timeout_ms) {}

 protected:
  virtual rd_kafka_admin_op_t operation() const = 0;
  virtual void send(rd_kafka_t* rk, const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) = 0;
  virtual void take(rd_kafka_event_t* event) = 0;

  void ask(rd_kafka_t* rk) final {
    char reason[256];
    rd_kafka_queue_t* queue = rd_kafka_queue_new(rk);
    rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(rk, operation());
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms_, reason, sizeof(reason));
    send(rk, options, queue);
    // librdkafka answers at the request's own timeout; the second is for its way back.
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, timeout_ms_ + 1000);
    if (event == nullptr) {
      fail(RD_KAFKA_RESP_ERR__TIMED_OUT);
    } else {
      if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
      } else {
        take(event);
      }
      rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
  }

  std::string topic_;
  int timeout_ms_;
};

class TopicConfig : public TopicRequest {
 public:
  using TopicRequest::TopicRequest;

 protected:
  rd_kafka_admin_op_t operation() const override { return RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS; }

  void send(rd_kafka_t* rk, const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) override {
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_.c_str());
    rd_kafka_DescribeConfigs(rk, &resource, 1, options, queue);
    rd_kafka_ConfigResource_destroy(resource);
  }

  void take(rd_kafka_event_t* event) override {
    size_t resources_count = 0;
    const rd_kafka_ConfigResource_t** resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &resources_count);
    if (resources_count == 0) return fail(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
    if (rd_kafka_ConfigResource_error(resources[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail(rd_kafka_ConfigResource_error(resources[0]), rd_kafka_ConfigResource_error_string(resources[0]));
    }
    size_t count = 0;
    const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    for (size_t i = 0; i < count; i++) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      if (value != nullptr) entries_.emplace_back(rd_kafka_ConfigEntry_name(entries[i]), value);
    }
  }

  v8::Local<v8::Value> result() override {
    v8::Local<v8::Object> object = Nan::New<v8::Object>();
    for (const auto& entry : entries_) set(object, entry.first.c_str(), text(entry.second));
    return object;
  }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

class TopicId : public TopicRequest {
 public:
  using TopicRequest::TopicRequest;

 protected:
  rd_kafka_admin_op_t operation() const override { return RD_KAFKA_ADMIN_OP_DESCRIBETOPICS; }

  void send(rd_kafka_t* rk, const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) override {
    const char* names[] = {topic_.c_str()};
    rd_kafka_TopicCollection_t* topics = rd_kafka_TopicCollection_of_topic_names(names, 1);
    rd_kafka_DescribeTopics(rk, topics, options, queue);
    rd_kafka_TopicCollection_destroy(topics);
  }

  void take(rd_kafka_event_t* event) override {
    size_t count = 0;
    const rd_kafka_TopicDescription_t** topics =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
    if (count == 0) return fail(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
    const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topics[0]);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail(rd_kafka_error_code(error), rd_kafka_error_string(error));
    }
    id_ = rd_kafka_Uuid_base64str(rd_kafka_TopicDescription_topic_id(topics[0]));
  }

  v8::Local<v8::Value> result() override { return text(id_); }

 private:
  std::string id_;
};

/** Answers whether `info` names a client and ends with a callback; throws otherwise. */
bool checked(const Nan::FunctionCallbackInfo<v8::Value>& info, int callback_at) {
  if (connection_of(info[0]) != nullptr && info[callback_at]->IsFunction()) return true;
  Nan::ThrowTypeError("a node-rdkafka client and a callback are needed");
  return false;
}

/** commit(client, offsets, timeoutMs, callback) */
NAN_METHOD(commit) {
  if (!checked(info, 3)) return;
  if (!info[1]->IsArray()) return Nan::ThrowTypeError("commit takes an array of offsets");
  Nan::AsyncQueueWorker(new Commit(info[3], info[0], info[1].As<v8::Array>(), integer(info[2])));
}

/** topicConfig(client, topic, timeoutMs, callback) */
NAN_METHOD(topic_config) {
  if (checked(info, 3)) Nan::AsyncQueueWorker(new TopicConfig(info[3], info[0], *Nan::Utf8String(info[1]), integer(info[2])));
}

/** topicId(client, topic, timeoutMs, callback) */
NAN_METHOD(topic_id) {
  if (checked(info, 3)) Nan::AsyncQueueWorker(new TopicId(info[3], info[0], *Nan::Utf8String(info[1]), integer(info[2])));
}

/** clientName(client): librdkafka's name of the client, or undefined where it is closed. */
NAN_METHOD(client_name) {
  HandleGuard guard(connection_of(info[0]));
  if (guard.get() != nullptr) info.GetReturnValue().Set(text(rd_kafka_name(guard.get())));
}

/** assignmentLost(client): whether the group has given the consumer's partitions away already. */
NAN_METHOD(assignment_lost) {
  HandleGuard guard(connection_of(info[0]));
  info.GetReturnValue().Set(guard.get() != nullptr && rd_kafka_assignment_lost(guard.get()) != 0);
}

}  // namespace

void init_requests(v8::Local<v8::Object> exports) {
  Nan::SetMethod(exports, "commit", commit);
  Nan::SetMethod(exports, "topicConfig", topic_config);
  Nan::SetMethod(exports, "topicId", topic_id);
  Nan::SetMethod(exports, "clientName", client_name);
  Nan::SetMethod(exports, "assignmentLost", assignment_lost);
}

}  // namespace millrace
