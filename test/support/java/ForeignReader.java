import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Looks at Kafka with its own client, which shares no code with Millrace's: what a test believes about a topic must not come from
 * the code under test. Run as a single source file: {@code java -cp 'jars/*' ForeignReader.java read|ends|committed|watch|config|delete|coordinator
 * brokers name...}.
 *
 * <p>{@code read} writes each record of a topic as binary: partition (int), offset (long), timestamp (long), key, value, the number
 * of headers (int) and each header's name and value; bytes are a length (int, -1 for null) and themselves. It reads committed up to
 * the end offsets of the moment it starts and waits for transactions that are open then. {@code ends} and {@code committed} print
 * lines of {@code topic partition offset}; the others say below what they do.
 */
public final class ForeignReader {
  private static final long PATIENCE_MS = 120_000;
  private static final int WATCH_PATIENCE_MS = 5_000;

  public static void main(String[] args) throws Exception {
    // The consumer's and the admin client's threads are no reason to stay.
    switch (args[0]) {
      case "read" -> read(args[1], args[2], args.length > 3 ? args[3] : "read_committed");
      case "ends" -> printEnds(args[1], args[2]);
      case "committed" -> printCommitted(args[1], args[2]);
      case "watch" -> watchCommitted(args[1], List.of(args).subList(2, args.length));
      case "config" -> printConfig(args[1], args[2]);
      case "coordinator" -> printCoordinator(args[1], args[2]);
      case "delete" -> deleteTopics(args[1], List.of(args).subList(2, args.length));
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.exit(0);
  }

  private static void read(String brokers, String topic, String isolation) throws Exception {
    Map<TopicPartition, Long> ends = endOffsets(brokers, topic);
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", brokers);
    settings.put("isolation.level", isolation);
    settings.put("enable.auto.commit", "false");
    settings.put("max.poll.records", "10000");
    settings.put("fetch.max.wait.ms", "100");
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var output = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 18))) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long deadline = System.currentTimeMillis() + PATIENCE_MS;
      List<TopicPartition> open = new ArrayList<>(ends.keySet());
      while (true) {
        // The position also moves over control and aborted records, so that it reaches the end where records do not.
        open.removeIf(partition -> consumer.position(partition) >= ends.get(partition));
        if (open.isEmpty()) break;
        var records = consumer.poll(Duration.ofMillis(200));
        for (var record : records) {
          // Records that came after the end was asked for would make two looks at one topic differ.
          if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) write(output, record);
        }
        if (!records.isEmpty()) deadline = System.currentTimeMillis() + PATIENCE_MS;
        if (System.currentTimeMillis() > deadline) {
          output.flush();
          throw new IOException("no record for " + PATIENCE_MS + " ms before the end of " + open + ", ends " + ends);
        }
      }
    }
  }

  private static void write(DataOutputStream output, ConsumerRecord<byte[], byte[]> record) throws IOException {
    output.writeInt(record.partition());
    output.writeLong(record.offset());
    output.writeLong(record.timestamp());
    writeBytes(output, record.key());
    writeBytes(output, record.value());
    Header[] headers = record.headers().toArray();
    output.writeInt(headers.length);
    for (Header header : headers) {
      writeBytes(output, header.key().getBytes("UTF-8"));
      writeBytes(output, header.value());
    }
  }

  private static void writeBytes(DataOutputStream output, byte[] bytes) throws IOException {
    output.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) output.write(bytes);
  }

  private static void printEnds(String brokers, String topic) throws Exception {
    print(new TreeMap<>(byName(endOffsets(brokers, topic))));
  }

  private static void printCommitted(String brokers, String group) throws Exception {
    try (Admin admin = admin(brokers)) {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(60, TimeUnit.SECONDS);
      committed.forEach((partition, offset) -> offsets.put(partition, offset.offset()));
      print(new TreeMap<>(byName(offsets)));
    }
  }

  /** A line "group sum-of-committed-offsets" for each group, again and again until this process is killed. */
  private static void watchCommitted(String brokers, List<String> groups) throws Exception {
    while (true) {
      // A client that has asked a coordinator which then died can wait for it in vain, so a new one is made.
      Map<String, Object> impatient =
          Map.of("bootstrap.servers", brokers, "request.timeout.ms", WATCH_PATIENCE_MS, "default.api.timeout.ms", WATCH_PATIENCE_MS);
      try (Admin admin = Admin.create(impatient)) {
        watchCommitted(admin, groups);
      } catch (java.util.concurrent.ExecutionException notNow) {
        System.err.println(notNow);
      }
    }
  }

  private static void watchCommitted(Admin admin, List<String> groups) throws Exception {
    while (true) {
      for (String group : groups) {
        var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        System.out.println(group + " " + committed.values().stream().mapToLong(OffsetAndMetadata::offset).sum());
      }
      Thread.sleep(200);
    }
  }

  /** A line "setting value" for each setting of a topic. */
  private static void printConfig(String brokers, String topic) throws Exception {
    try (Admin admin = admin(brokers)) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      var config = admin.describeConfigs(List.of(resource)).all().get(60, TimeUnit.SECONDS).get(resource);
      config.entries().forEach(entry -> System.out.println(entry.name() + " " + entry.value()));
    }
  }

  /** The number of the broker that coordinates a group. */
  private static void printCoordinator(String brokers, String group) throws Exception {
    try (Admin admin = admin(brokers)) {
      var described = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get(60, TimeUnit.SECONDS);
      System.out.println(described.coordinator().id());
    }
  }

  /** Deletes topics and waits until they are gone. */
  private static void deleteTopics(String brokers, List<String> topics) throws Exception {
    try (Admin admin = admin(brokers)) {
      admin.deleteTopics(topics).all().get(60, TimeUnit.SECONDS);
      while (admin.listTopics().names().get(60, TimeUnit.SECONDS).stream().anyMatch(topics::contains)) Thread.sleep(100);
    }
  }

  private static Map<String, Long> byName(Map<TopicPartition, Long> offsets) {
    Map<String, Long> named = new HashMap<>();
    offsets.forEach((partition, offset) -> named.put(partition.topic() + " " + partition.partition(), offset));
    return named;
  }

  private static void print(Map<String, Long> offsets) {
    offsets.forEach((name, offset) -> System.out.println(name + " " + offset));
  }

  /** The high watermarks: asked uncommitted, since a committed look ends before the oldest open transaction. */
  private static Map<TopicPartition, Long> endOffsets(String brokers, String topic) throws Exception {
    try (Admin admin = admin(brokers)) {
      var description = admin.describeTopics(List.of(topic)).allTopicNames().get(60, TimeUnit.SECONDS).get(topic);
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      description.partitions().forEach(info -> wanted.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest()));
      var answers = admin.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED)).all().get(60, TimeUnit.SECONDS);
      Map<TopicPartition, Long> ends = new HashMap<>();
      answers.forEach((partition, answer) -> ends.put(partition, answer.offset()));
      return ends;
    }
  }

  private static Admin admin(String brokers) {
    return Admin.create(Map.of("bootstrap.servers", brokers));
  }
}
