package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redis with three Sentinels, which promote, as {@code deploy/recipes/redis.md} has them. */
class RedisSentinelIT {
  @TempDir private Path folder;
  private final List<ProcessTree> sentinels = new ArrayList<>();
  private RedisServer one;
  private RedisServer two;
  private Recipe recipe;

  @BeforeEach
  void start() throws Exception {
    one = RedisServer.start(folder, Ports.free());
    two = RedisServer.start(folder, Ports.free(), "--replicaof", "127.0.0.1", "" + one.port());
    Await.until(
        "the replica follows", () -> two.call("INFO", "replication").contains("link_status:up"));
    int last = 0;
    for (int i = 0; i < 3; i++) {
      last = Ports.free();
      sentinels.add(sentinel(last));
    }
    int asked = last;
    Await.until("each knows the others", () -> knows(asked));
    recipe =
        Recipe.start(
            folder,
            "redis.md",
            Map.of(
                "redis-1.internal:6379", "127.0.0.1:" + one.port(),
                "redis-2.internal:6379", "127.0.0.1:" + two.port()));
    recipe.awaitServing("redis-1");
    recipe.awaitVerdict("redis-2", "DOWN", "role \"slave\"");
  }

  private ProcessTree sentinel(int port) throws IOException {
    Path settings =
        Files.writeString(
            folder.resolve("sentinel-" + port + ".conf"),
            """
            port %d
            bind 127.0.0.1
            dir %s
            sentinel monitor cache 127.0.0.1 %d 2
            sentinel down-after-milliseconds cache 2000
            sentinel failover-timeout cache 10000
            """
                .formatted(port, folder, one.port()));
    return ProcessTree.start(
        folder.resolve("sentinel-" + port + ".log"),
        List.of("redis-server", settings.toString(), "--sentinel"));
  }

  private static boolean knows(int port) {
    try (RedisClient client = new RedisClient(port)) {
      String said = client.call("INFO", "sentinel");
      return said.contains("slaves=1,sentinels=3");
    } catch (IOException e) {
      return false;
    }
  }

  private void write(String key) {
    Await.until(
        key + " is written",
        () -> {
          try (RedisClient client = new RedisClient(recipe.port())) {
            return client.call("SET", key, "x").equals("OK");
          } catch (IOException e) {
            return false;
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    sentinels.forEach(ProcessTree::kill);
    for (AutoCloseable each : new AutoCloseable[] {recipe, one, two}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void understudy_follows_whom_sentinel_promotes_and_the_thawed_master_becomes_a_replica()
      throws Exception {
    write("first");
    one.freeze();
    recipe.awaitServing("redis-2");
    write("second");
    one.thaw();
    recipe.awaitVerdict("redis-1", "DOWN", "role \"slave\"");
    assertThat(recipe.serves("redis-2")).isTrue();
    Await.until(
        "the old master has what was written meanwhile",
        () -> one.call("EXISTS", "second").equals("1"));

    two.kill();
    recipe.awaitServing("redis-1");
    write("third");
  }
}
