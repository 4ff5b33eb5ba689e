/**
 * Moves whole batches of records between librdkafka and JavaScript, on node-rdkafka's own clients: group membership,
 * rebalancing, transactions and security stay node-rdkafka's. node-rdkafka makes an object per message through V8's API;
 * here a batch is one arena of bytes and one index (see src/record/batch.ts).
 *
 * A client's librdkafka handle is reached through node-rdkafka's Connection class; from there on only librdkafka's
 * public C API is used.
 */
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "client.h"

#define MILLRACE_TEXT_OF(token) #token
#define MILLRACE_TEXT(token) MILLRACE_TEXT_OF(token)

namespace millrace {

NAN_MODULE_INIT(init) {
#ifdef __GLIBC__
  // Messages are allocated on one thread and freed on another. With glibc's default of eight heaps a core, each of the
  // many threads of librdkafka and libuv keeps a heap of its own, most of it unused.
  mallopt(M_ARENA_MAX, 2);
#endif
  init_reader(target);
  init_writer(target);
  init_requests(target);
  // Which node-rdkafka the Connection class was taken from: with another one its layout may differ.
  set(target, "builtFor", text(MILLRACE_TEXT(NODE_RDKAFKA_VERSION)));
}

}  // namespace millrace

NODE_MODULE(millrace_batch, millrace::init)
