{
  "targets": [
    {
      "target_name": "millrace_batch",
      "sources": ["batch.cc", "reader.cc", "writer.cc", "requests.cc"],
      "include_dirs": [
        "<(nan_root)",
        "<(rdkafka_root)",
        "<(rdkafka_root)/deps/librdkafka/src",
        "<(rdkafka_root)/deps/librdkafka/src-cpp",
      ],
      "defines": ["NODE_RDKAFKA_VERSION=<(rdkafka_version)"],
      "cflags_cc": ["-std=c++20", "-Wno-cast-function-type", "-Wno-unused-parameter"],
      "cflags_cc!": ["-fno-rtti"],
      "conditions": [
        ["OS=='linux'", {
          "libraries": ["<(rdkafka_root)/build/deps/librdkafka.so.1", "-Wl,-rpath,'$$ORIGIN/<(rdkafka_from_output)/build/deps'"],
        }],
        ["OS=='mac'", {
          "libraries": ["<(rdkafka_root)/build/deps/librdkafka.dylib"],
          "xcode_settings": { "GCC_ENABLE_CPP_RTTI": "YES", "OTHER_CPLUSPLUSFLAGS": ["-std=c++20"] },
        }],
      ],
    },
  ],
}
