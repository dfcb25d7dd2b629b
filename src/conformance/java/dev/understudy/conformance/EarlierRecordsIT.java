package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@link EarlierRelease} leaves behind, in a state file, in etcd and in Leases, is where this
 * version goes on; and the other way round, for the way back. With {@code
 * -Dunderstudy.generate=true} it writes what the release wrote for the tests of the gate.
 */
@Tag("timed")
class EarlierRecordsIT {
  private static final String NAMESPACE = "earlier";
  private static final String LEASES =
      "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** The pools, each called after what happened to it. */
  private static final List<String> POOLS =
      List.of(
          "untouched",
          "failed-over",
          "pinned",
          "moved",
          "drained",
          "in-maintenance",
          "closed",
          "scheduled",
          "switched",
          "owed");

  /** Its planned switch goes on in the next process. */
  private static final String UNDER_WAY = "under-way";

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T opened) {
    open.add(opened);
    return opened;
  }

  /** Where the records are: its settings, and what is in it as the text of a file. */
  private interface Store {
    String[] settings();

    String content() throws Exception;
  }

  @Test
  void a_state_file() throws Exception {
    Path file = folder.resolve("state");
    check(
        "state",
        new Store() {
          @Override
          public String[] settings() {
            return new String[] {"--understudy.state-file=" + file};
          }

          @Override
          public String content() throws Exception {
            if (generates()) {
              Path journal = folder.resolve("state.events");
              Path kept = EarlierRelease.KEPT.resolve("state.events");
              Files.copy(journal, kept, StandardCopyOption.REPLACE_EXISTING);
            }
            return Files.readString(file);
          }
        });
  }

  @Test
  void etcd() throws Exception {
    EtcdServer etcd = closing(EtcdServer.start(folder));
    check(
        "etcd",
        new Store() {
          @Override
          public String[] settings() {
            return new String[] {
              "--understudy.agreement.mode=etcd",
              "--understudy.agreement.replica=r1",
              "--understudy.agreement.etcd.urls=" + etcd.url()
            };
          }

          @Override
          public String content() throws Exception {
            ObjectNode values = JSON.createObjectNode();
            for (JsonNode each :
                JSON.readTree(etcd.ctl("get", "--prefix", "/", "-w", "json")).path("kvs")) {
              values.put(text(each.path("key")), text(each.path("value")));
            }
            return JSON.writeValueAsString(values);
          }
        });
  }

  private static String text(JsonNode base64) {
    byte[] bytes = Base64.getDecoder().decode(base64.asString());
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void leases() throws Exception {
    KubernetesApi api = closing(KubernetesApi.start(folder.resolve("api")));
    api.createNamespace(NAMESPACE);
    api.grant(NAMESPACE);
    check(
        "leases",
        new Store() {
          @Override
          public String[] settings() {
            return new String[] {
              "--understudy.agreement.mode=kubernetes",
              "--understudy.agreement.kubernetes.url=" + api.url(),
              "--understudy.agreement.kubernetes.namespace=" + NAMESPACE,
              "--understudy.agreement.kubernetes.token-file=" + api.tokenFile(KubernetesApi.PROXY),
              "--understudy.agreement.kubernetes.ca-file=" + api.caFile(),
              "--understudy.agreement.replica=r1"
            };
          }

          @Override
          public String content() throws Exception {
            JsonNode leases = JSON.readTree(api.admin("GET", LEASES, ""));
            for (JsonNode lease : leases.path("items")) {
              ((ObjectNode) lease.path("metadata")).remove("managedFields");
            }
            return JSON.writeValueAsString(leases);
          }
        });
  }

  private void check(String name, Store store) throws Exception {
    TwoServers servers = closing(new TwoServers());
    // Without its folder, which is in what is kept.
    Path config = Files.writeString(folder.resolve("gateway.yaml"), file(servers)).getFileName();
    EarlierRelease release = EarlierRelease.unpack(folder);
    ObjectNode left;
    try (Operated earlier = earlier(release, config, store)) {
      bringAbout(earlier, servers);
      left = earlier.facts(POOLS);
      String content = store.content();
      if (generates()) {
        Files.writeString(EarlierRelease.KEPT.resolve(name + ".json"), content);
        Files.writeString(
            EarlierRelease.KEPT.resolve("facts.json"), JSON.writeValueAsString(left) + "\n");
      }
    }
    ObjectNode next;
    try (Operated now = now(config, store)) {
      assertGoesOn(now, left);
      now.switchTo("moved", "backup");
      now.state("drained", "backup", "ready");
      now.state("untouched", "backup", "maintenance");
      now.open("closed");
      now.close("untouched");
      await(now, "moved", "/pinned", "backup");
      await(now, "drained", "/servers/1/state", "ready");
      await(now, "untouched", "/servers/1/state", "maintenance");
      await(now, "untouched", "/state", "maintenance");
      await(now, "closed", "/state", "ready");
      next = now.facts(POOLS);
    }
    try (Operated back = earlier(release, config, store)) {
      assertGoesOn(back, next);
      assertThat(back.pool("moved").at("/epoch").asLong())
          .isGreaterThan(left.at("/moved/epoch").asLong());
    }
  }

  private static boolean generates() {
    return Boolean.getBoolean("understudy.generate");
  }

  private Operated earlier(EarlierRelease release, Path config, Store store) throws IOException {
    return new Operated(release.start(folder, config, settings(store)), true);
  }

  private Operated now(Path config, Store store) throws IOException, InterruptedException {
    return new Operated(ProxyProcess.start(folder, config, settings(store)), false);
  }

  private static String[] settings(Store store) {
    List<String> all = new ArrayList<>(List.of(store.settings()));
    all.add("--understudy.admin.token=" + Operated.TOKEN);
    return all.toArray(String[]::new);
  }

  private static String file(TwoServers servers) {
    StringBuilder file = new StringBuilder("pools:\n");
    for (String pool : POOLS) {
      String hooks =
          pool.equals("owed")
              ? ", hooks: { " + TwoServers.hook(pool, "demote", "refuse") + " }"
              : "";
      file.append(servers.pool(pool, ", failback: { policy: manual }" + hooks));
    }
    file.append(
        servers.pool(
            UNDER_WAY, ", hooks: { " + TwoServers.hook(UNDER_WAY, "demote", "hang") + " }"));
    file.append("routes:\n  - { id: all, uri: \"pool://moved\", predicates: [\"Path=/**\"] }\n");
    return file.toString();
  }

  private static void bringAbout(Operated earlier, TwoServers servers) throws Exception {
    for (String pool : POOLS) {
      await(earlier, pool, "/serving", "master");
    }
    servers.sick.add("failed-over/master");
    servers.sick.add("owed/master");
    earlier.switchTo("pinned", "backup");
    for (String to : List.of("backup", "master", "backup", "master", "auto")) {
      earlier.switchTo("moved", to);
    }
    earlier.state("drained", "backup", "drain");
    earlier.state("in-maintenance", "master", "maintenance");
    earlier.close("closed", "10.0.0.0/8");
    earlier.plan("switched", "backup", Map.of("reason", "a new kernel"));
    earlier.plan(
        "scheduled", "backup", Map.of("at", Instant.now().plus(Duration.ofDays(20)).toString()));
    earlier.plan(UNDER_WAY, "backup", Map.of("pause", "5m"));
    for (String pool : List.of("failed-over", "in-maintenance", "owed", "switched")) {
      await(earlier, pool, "/serving", "backup");
    }
    await(earlier, "pinned", "/pinned", "backup");
    await(earlier, "moved", "/pinned", "");
    await(earlier, "drained", "/servers/1/state", "drain");
    await(earlier, "closed", "/state", "maintenance");
    await(earlier, "scheduled", "/planned/phase", "SCHEDULED");
    await(earlier, "switched", "/planned/phase", "MOVED");
    await(earlier, UNDER_WAY, "/planned/phase", "FENCING");
  }

  /** A state is published soon after the response to the command. */
  private static void await(Operated at, String pool, String pointer, String value) {
    Await.until(
        pool + ": " + pointer + " is " + value,
        () -> at.pool(pool).at(pointer).asString("").equals(value));
  }

  /** What was left is there, and stays so: nothing is decided anew. */
  private static void assertGoesOn(Operated next, ObjectNode left) {
    try {
      Await.until("all is as it was left", () -> next.facts(POOLS).equals(left));
    } catch (AssertionError never) {
      assertThat(next.facts(POOLS)).isEqualTo(left);
      throw never;
    }
    Await.until(
        "the hook that failed is owed",
        () -> next.pool("owed").at("/cause").asString("").contains("has not been fenced"));
    await(next, UNDER_WAY, "/planned/phase", "FENCING");
    assertThat(next.facts(POOLS)).isEqualTo(left);
  }
}
